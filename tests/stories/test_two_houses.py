"""Two web processes and two workers on one PostgreSQL and one RabbitMQ carry an order from mind to door."""

import io
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import httpx2
import pytest
from PIL import Image, ImageDraw
from sqlmodel import col, select

from cosmo.db import Database
from cosmo.events import Event
from cosmo.orders import Order
from tests.browser.houses import MUG_TO, House, MakeHouse, free_port
from tests.browser.watching import in_order, seen, shown_at, stream_of, watch
from tests.stories.staff import Everybody, carry_on
from tests.web.test_streams import blocks

PATIENCE = 120.0
"""Seconds; how long it really takes is measured and told, since a busy machine is slow."""
ADA = {"name": "Ada Gast", "email": "ada@example.test"}


@dataclass(slots=True)
class Installation:
    """`a` and `b` are the addresses of the two web processes."""

    house: House
    a: str
    b: str
    database: Database


@pytest.fixture
def installation(make_house: MakeHouse, postgres_url: str, rabbitmq_url: str) -> Iterator[Installation]:
    house = make_house(COSMO_DATABASE_URL=postgres_url, COSMO_BROKER_URL=rabbitmq_url)
    house.home.mkdir(parents=True)
    house.run("seed", "--small")
    ports = free_port(), free_port()
    webs = [house.start("serve", COSMO_PORT=str(port)) for port in ports]
    for _ in range(2):
        house.start("worker")
    one, two = (f"http://127.0.0.1:{port}" for port in ports)
    house.port = ports[0]
    for web, address in zip(webs, (one, two), strict=True):
        house.until_ready(web, address)
    database = Database(postgres_url)
    yield Installation(house, one, two, database)
    house.stop()
    database.dispose()


@dataclass(slots=True)
class Stopwatch:
    """When each event of one order was there in the database, and when a stream brought it."""

    database: Database
    order_id: str
    stream: str
    committed: dict[int, float] = field(default_factory=dict)
    arrived: dict[int, float] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        for what in (self._look, self._listen):
            self.threads.append(threading.Thread(target=what, daemon=True))
            self.threads[-1].start()

    def _look(self) -> None:
        while not self.over.is_set():
            with self.database.read() as session:
                events = select(Event.seq).where(Event.order_id == self.order_id)
                for seq in session.exec(events.where(col(Event.seq) > max(self.committed, default=0))):
                    self.committed.setdefault(seq, time.time())
            time.sleep(0.01)

    def _listen(self) -> None:
        with suppress(httpx2.TransportError), httpx2.stream("GET", self.stream, timeout=PATIENCE) as response:
            for block in blocks(response):
                if "data" in block:
                    self.arrived.setdefault(int(block["id"]), time.time())
                if self.over.is_set():
                    return

    def caught_up(self) -> bool:
        return bool(self.committed) and self.arrived.keys() >= self.committed.keys()

    def latencies(self, shown: dict[int, float], since: int) -> list[float]:
        """Seconds from commit to `shown`, of the events after `since`."""
        return [max(0.0, at - self.committed[seq]) for seq, at in shown.items() if seq > since]


def until(done: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def told(values: list[float]) -> str:
    """p50 and the slowest."""
    return f"{len(values)} events, p50 {median(values) * 1000:.0f} ms, max {max(values) * 1000:.0f} ms"


def drop() -> bytes:
    """A picture with enough pixels for the front of a mug, that does not run to the edge."""
    image, out = Image.new("RGBA", (1000, 920)), io.BytesIO()
    ImageDraw.Draw(image).ellipse((125, 115, 875, 805), "#22408a")
    image.save(out, "PNG")
    return out.getvalue()


def order_mugs_with_artwork(people: Everybody) -> dict[str, Any]:
    """Configured at one process, quoted at the other, and so on, as behind a proxy."""
    family = people.send("GET", "/families/mug")
    files = {"file": ("drop.png", drop(), "image/png")}
    artwork = people.send("POST", "/attachments", files=files)["id"]
    wish = {
        "selections": {**family["defaults"], "decoration": "decal", "artwork": artwork},
        "quantity": 48,
        "ship_to": MUG_TO,
    }
    configured = people.send("POST", "/families/mug/configure", json=wish)
    assert (configured["complete"], configured["conflicts"]) == (True, [])
    quote = people.send("POST", "/quotes", json={"family": "mug", **wish})
    order = {"quote_id": quote["id"], "customer": ADA}
    placed: dict[str, Any] = people.send("POST", "/orders", json=order, headers={"Idempotency-Key": "one"})
    again = people.send("POST", "/orders", json=order, headers={"Idempotency-Key": "one"})
    assert placed == {**again, "tracking_url": placed["tracking_url"]}, "asked again at the other process"
    return placed


def stage_of(database: Database, order_id: str) -> str:
    with database.read() as session:
        return session.get_one(Order, order_id).stage


def has_proof(people: Everybody, order_id: str, token: str) -> bool:
    return people.send("GET", f"/orders/{order_id}/proof", params={"token": token}) is not None


def until_shown(page: Any, stage: str) -> None:
    """The page comes to show the stage by itself."""
    end = time.monotonic() + PATIENCE
    while seen(page)[-1][0] != stage:
        assert time.monotonic() < end, f"the page stopped at {seen(page)}: {stream_of(page)}"
        page.wait_for_timeout(100)


def test_an_order_from_mind_to_door(installation: Installation, visit: Callable[..., Any]) -> None:
    house, database = installation.house, installation.database
    people = Everybody(house, (installation.a, installation.b), house.now())
    placed = order_mugs_with_artwork(people)
    order_id, token = placed["id"], placed["tracking_url"].rpartition("/")[2]
    page = visit(f"{installation.b}/track/{token}")
    watch(page)
    watching = Stopwatch(database, order_id, f"{installation.b}/track/{token}/events")
    watching.start()
    until(lambda: has_proof(people, order_id, token), "no proof")
    until(watching.caught_up, "the stream did not begin")
    since = max(watching.committed)
    people.send(
        "POST", f"/orders/{order_id}/proof/approval", params={"token": token}, json={"approved": True}
    )
    carry_on(people, lambda: stage_of(database, order_id) == "delivered")
    people.send("POST", f"/orders/{order_id}/rating", params={"token": token}, json={"stars": 5})
    until(lambda: stage_of(database, order_id) == "closed", "not closed")
    until(watching.caught_up, "an event did not arrive")
    until_shown(page, "closed")
    watching.over.set()
    print(f"stream on the other process: {told(watching.latencies(watching.arrived, since))}")
    print(f"page on the other process: {told(watching.latencies(shown_at(page), since))}")
    page_saw = [stage for stage, _ in seen(page)]
    assert (in_order(page_saw[:-1]), page_saw[-1]) == (True, "closed"), page_saw
    assert [*watching.arrived] == sorted(watching.arrived) == [*range(1, len(watching.arrived) + 1)]
    assert "no difference" in house.run("audit")
    assert not [p.log for p in house.processes if " INFO pika" in p.said() or " INFO alembic" in p.said()]
