"""Live streams: from the first event or after the last one seen, from this process or another, to many."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx2
import pytest
from fastapi import FastAPI

import web.streams
from cosmo import lifecycle
from cosmo.clock import Now, wall_time
from cosmo.db import Database
from cosmo.identity import new_api_key
from cosmo.orders import Order
from cosmo.parties import Party, PartyKind, Plant, Role
from cosmo.payloads import HeldPayload, Unheld
from cosmo.registry import Module, Parts, Registry, Slot
from cosmo.stages import Stage
from cosmo.touches import touch
from tests import loops
from tests.factories import make_account, make_order, make_party, walk
from tests.web.servers import serving
from tests.web_fixtures import Visitor
from web.app import create_app

Block = dict[str, str]
pytestmark = pytest.mark.usefixtures("modules")


@pytest.fixture
def served(app: FastAPI) -> Iterator[str]:
    """The app behind a real server on a free port; its address."""
    with serving(app) as address:
        yield address


@pytest.fixture
def elsewhere(database: Database) -> Iterator[Database]:
    """The same database as another process holds it: no commit of it is heard of, only seen."""
    other = Database(database.url)
    yield other
    other.dispose()


@pytest.fixture
def order(database: Database, plant: Plant) -> Order:
    with database.write() as session:
        return walk(session, make_order(session, plant).id, Stage.PLACED)


def happen(database: Database, order: Order, times: int = 1) -> None:
    now = Now(wall_time(), wall_time())
    for n in range(times):
        with database.write() as session:
            payload = HeldPayload(reason="plant") if n % 2 == 0 else Unheld(reason="plant")
            lifecycle.emit(session, order.id, payload, now=now, actor="test")


def blocks(response: httpx2.Response) -> Iterator[Block]:
    """Messages of a stream, comments included (as `comment`)."""
    block: Block = {}
    for line in response.iter_lines():
        if not line:
            if block:
                yield block
            block = {}
            continue
        name, _, value = line.partition(":")
        block[name or "comment"] = block.get(name, "") + value.strip()


@contextmanager
def stream(address: str, **headers: str) -> Iterator[Iterator[Block]]:
    with httpx2.stream("GET", address, headers=headers, timeout=30) as response:
        assert response.status_code == 200
        assert response.headers["Content-Type"].startswith("text/event-stream")
        assert "Content-Encoding" not in response.headers
        yield blocks(response)


def take(messages: Iterator[Block], n: int) -> list[Block]:
    return [next(messages) for _ in range(n)]


def test_the_track_stream_begins_at_one_and_goes_on_live(
    served: str, database: Database, order: Order
) -> None:
    with stream(f"{served}/track/{order.tracking_token}/events") as messages:
        first = take(messages, 2)
        assert [m["id"] for m in first] == ["1", "2"]
        assert "event" not in first[1], "unnamed, so that it swaps"
        assert "Ordered. We promise Friday 26 June." in first[1]["data"]
        happen(database, order)
        assert next(messages)["id"] == "3"


def test_it_resumes_without_a_gap(served: str, database: Database, order: Order) -> None:
    address = f"{served}/track/{order.tracking_token}/events"
    with stream(address) as messages:
        last = take(messages, 2)[-1]["id"]
    happen(database, order, 3)
    with stream(address, **{"Last-Event-ID": last}) as messages:
        assert [m["id"] for m in take(messages, 3)] == ["3", "4", "5"]
    with stream(f"{address}?after=4") as messages:
        assert next(messages)["id"] == "5"
    with stream(f"{address}?after=1", **{"Last-Event-ID": "junk"}) as messages:
        assert next(messages)["id"] == "2"


def test_nothing_is_lost_between_replay_and_live(served: str, database: Database, order: Order) -> None:
    writer = threading.Thread(target=happen, args=(database, order, 40))
    writer.start()
    with stream(f"{served}/track/{order.tracking_token}/events") as messages:
        assert [m["id"] for m in take(messages, 42)] == [str(n) for n in range(1, 43)]
    writer.join()


def test_another_process_is_heard_within_a_second(served: str, elsewhere: Database, order: Order) -> None:
    with stream(f"{served}/track/{order.tracking_token}/events?after=2") as messages:
        time.sleep(0.3)
        happen(elsewhere, order)
        began = time.monotonic()
        assert next(messages)["id"] == "3"
        assert time.monotonic() - began < 1


def test_heartbeats_carry_no_id(served: str, order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web.streams, "PING_SECONDS", 0.1)
    with stream(f"{served}/track/{order.tracking_token}/events?after=2") as messages:
        assert next(messages) == {"event": "heartbeat"}, "a page hears no comments"
    told = f"{served}/api/v1/orders/{order.id}/stream?after=2&token={order.tracking_token}"
    with stream(told) as messages:
        assert next(messages) == {"comment": "heartbeat"}


def test_what_is_not_for_the_customer_moves_only_the_id(
    served: str, database: Database, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HeldPayload, "audiences", frozenset({"plant"}))
    happen(database, order)
    with stream(f"{served}/track/{order.tracking_token}/events?after=2") as messages:
        assert next(messages) == {"id": "3"}


def test_the_api_stream_speaks_json_to_whom_it_may(
    served: str, database: Database, order: Order, plant: Plant
) -> None:
    with database.write() as session:
        owner, stranger = (
            session.get_one(Party, plant.manufacturer_id),
            make_party(session, PartyKind.MANUFACTURER),
        )
        keys = [
            new_api_key(session, make_account(session, p, Role.PLANNER).id, "t", wall=wall_time())
            for p in (owner, stranger)
        ]
    address = f"{served}/api/v1/orders/{order.id}/stream"
    with stream(address, Authorization=f"Bearer {keys[0]}") as messages:
        told = json.loads(take(messages, 2)[1]["data"])
    assert (told["seq"], told["type"], told["payload"]["promised_date"]) == (2, "placed", "2026-06-26")
    assert httpx2.get(address, headers={"Authorization": f"Bearer {keys[1]}"}).status_code == 404
    assert httpx2.get(address).status_code == 404
    with stream(f"{address}?token={order.tracking_token}") as messages:
        assert next(messages)["id"] == "1"


def test_modules_draw_the_customers_fragment(
    modules: Callable[..., Registry], settings: object, database: Database, order: Order
) -> None:
    slot = Slot("track.event", lambda c: f"<p lang={c.locale}>{c.event.type}</p>")
    modules(Module("telling", {"en": "Telling"}, lambda: Parts(slots=(slot,))))
    with (
        serving(create_app(settings, database)) as address,  # type: ignore[arg-type]
        stream(f"{address}/track/{order.tracking_token}/events?lang=de") as messages,
    ):
        assert next(messages)["data"] == "<p lang=de>quoted</p>"


def test_a_board_looks_again(
    served: str, elsewhere: Database, order: Order, plant: Plant, people: Callable[..., Visitor]
) -> None:
    visitor = people(Role.PLANNER, plant, bearer=True)
    key = {"Authorization": visitor.headers["Authorization"]}
    with stream(f"{served}/plant/{plant.slug}/live", **key) as messages:
        time.sleep(0.3)
        happen(elsewhere, order)
        assert next(messages) == {"event": "changed", "data": "look again"}
        with elsewhere.write() as session:
            touch(session, f"plant:{plant.id}", Now(wall_time(), wall_time()))
        assert next(messages)["event"] == "changed"
    other = people(Role.PLANNER, bearer=True)
    refused = httpx2.get(
        f"{served}/plant/{plant.slug}/live", headers={"Authorization": other.headers["Authorization"]}
    )
    assert refused.status_code == 404


def _counted(monkeypatch: pytest.MonkeyPatch, name: str) -> list[str]:
    """One entry for each finished call of the streams' function `name`, from now on."""
    calls: list[str] = []
    original = getattr(web.streams, name)

    def counted(*args: object) -> object:
        made = original(*args)
        calls.append(name)
        return made

    monkeypatch.setattr(web.streams, name, counted)
    return calls


def test_many_watchers_get_every_event_and_one_making(
    served: str, database: Database, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, replayed = (_counted(monkeypatch, name) for name in ("track_fragment", "_replay"))
    got: list[str] = []
    watchers = 50

    def watch() -> None:
        with stream(f"{served}/track/{order.tracking_token}/events?after=2") as messages:
            got.append(next(messages)["id"])

    threads = [threading.Thread(target=watch) for _ in range(watchers)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 30
    while len(replayed) < watchers and time.monotonic() < deadline:
        time.sleep(0.02)
    happen(database, order)
    for thread in threads:
        thread.join(timeout=30)
    assert got == ["3"] * watchers
    assert len(made) == 1


def test_a_slow_watcher_is_dropped_and_resumes(
    served: str, app: FastAPI, database: Database, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:

    from web.hub import Hub, Message, View

    async def fill() -> list[object]:
        hub = Hub(database)
        watcher = hub.watch("order:x", View(("track", "en")))
        for n in range(300):
            watcher.offer(Message(n, b""))
        hub.leave(watcher)
        hub.close()
        return [watcher.queue.get_nowait() for _ in range(watcher.queue.qsize())]

    told = loops.run(fill())
    assert len(told) == 200
    assert told[-1] is None


def test_late_commits_are_found(either_database: Database) -> None:
    """A position that is committed after a higher one is still told."""
    from cosmo.touches import Touch
    from web.hub import _Cursor

    with either_database.read() as session:
        cursor = _Cursor(Touch, "id", session)
    wall = wall_time()
    with either_database.write() as session:
        session.add(Touch(id=12, topic="b", at=wall))
    with either_database.read() as session:
        assert [row.topic for row in cursor.new(session)] == ["b"]  # type: ignore[attr-defined]
    with either_database.write() as session:
        session.add(Touch(id=11, topic="a", at=wall))
    with either_database.read() as session:
        assert [row.topic for row in cursor.new(session)] == ["a"]  # type: ignore[attr-defined]
        assert cursor.new(session) == []
