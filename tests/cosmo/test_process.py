"""A whole process: commit to effect through each broker, a broker that is down, kill and restart."""

import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from cosmo import clock, lifecycle
from cosmo.clock import Now
from cosmo.db import Database
from cosmo.events import Event
from cosmo.outbox import Delivery, DeliveryState
from cosmo.payloads import HeldPayload
from cosmo.process import Runtime
from cosmo.registry import Handler, Module, Parts, Registry
from cosmo.relay import Relay, end_leases, lease_due
from cosmo.settings import Settings, read_settings
from cosmo.stages import Stage
from tests.factories import NOW, make_order, make_plant, walk
from tests.servers import redis_program


class Seen:
    """Effects of the one handler, by order."""

    def __init__(self) -> None:
        self.orders: list[str] = []
        self.changed = threading.Condition()

    def __call__(self, session: Session, event: Event, now: Now) -> None:
        with self.changed:
            self.orders.append(event.order_id)
            self.changed.notify_all()

    def wait(self, count: int, seconds: float = 20) -> float:
        """Seconds until `count` effects were seen."""
        began = time.monotonic()
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.orders) >= count, seconds), self.orders
        return time.monotonic() - began


@pytest.fixture
def seen(modules: Callable[..., Registry]) -> Seen:
    seen = Seen()
    parts = Parts(handlers=(Handler("one.hold", "hold-set", seen),))
    modules(Module("one", {"en": "One"}, lambda: parts))
    return seen


def settings_for(home: Path, **env: str) -> Settings:
    return read_settings({"COSMO_HOME": str(home), **env})


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Runtime]]:
    """Start a runtime in `tmp_path`; all are stopped at the end."""
    running: list[Runtime] = []

    def begin(works: bool = False, **env: str) -> Runtime:
        runtime = Runtime(settings_for(tmp_path, **env), works=works)
        running.append(runtime)
        runtime.start()
        return runtime

    yield begin
    for runtime in running:
        runtime.stop()


def hold_orders(database: Database, count: int = 1) -> list[str]:
    """That many orders, each put on hold once, each in its own transaction."""
    made = []
    for _ in range(count):
        with database.write() as session:
            order = make_order(session, make_plant(session))
            lifecycle.emit(session, order.id, HeldPayload(reason="plant"), now=NOW, actor="test")
            made.append(order.id)
    return made


def states(database: Database) -> set[str]:
    with database.read() as session:
        return set(session.exec(select(Delivery.state)))


def eventually(check: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def test_embedded_an_effect_follows_its_commit_at_once(start: Callable[..., Runtime], seen: Seen) -> None:
    runtime = start()
    hold_orders(runtime.database)
    seen.wait(1)
    made = hold_orders(runtime.database, 20)
    assert seen.wait(21) < 10
    assert sorted(seen.orders[1:]) == sorted(made)
    eventually(lambda: states(runtime.database) == {DeliveryState.DONE})


def test_starting_and_stopping_is_quiet(tmp_path: Path, seen: Seen, caplog: pytest.LogCaptureFixture) -> None:
    runtime = Runtime(settings_for(tmp_path))
    runtime.start()
    hold_orders(runtime.database)
    seen.wait(1)
    runtime.stop()
    assert [record.message for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")] == []


@pytest.mark.parametrize("service", ["rabbitmq_url", "redis_url"])
def test_through_a_broker_another_process_works(
    start: Callable[..., Runtime], seen: Seen, service: str, request: pytest.FixtureRequest, postgres_url: str
) -> None:
    """Two runtimes, as `cosmo serve` and `cosmo worker` make them: the first one only sends."""
    env = {"COSMO_BROKER_URL": request.getfixturevalue(service), "COSMO_DATABASE_URL": postgres_url}
    web = start(**env)
    made = hold_orders(web.database, 5)
    time.sleep(0.5)
    assert seen.orders == []
    start(works=True, **env)
    seen.wait(5)
    assert sorted(seen.orders) == sorted(made)
    eventually(lambda: states(web.database) == {DeliveryState.DONE})


def test_orders_pass_modules_that_are_off_to_the_end(
    start: Callable[..., Runtime], modules: Callable[..., Registry]
) -> None:
    modules()
    runtime = start()
    with runtime.database.write() as session:
        order = make_order(session, make_plant(session))
        walk(session, order.id, Stage.PLACED)

    def stage() -> str:
        with runtime.database.read() as session:
            return lifecycle.lock(session, order.id).stage

    eventually(lambda: stage() == Stage.CLOSED)
    with runtime.database.read() as session:
        payloads = session.exec(select(Event.payload).where(Event.order_id == order.id)).all()
    assert all(payload["skipped"] for payload in payloads)


def test_a_broker_that_is_down_only_delays(
    database: Database, seen: Seen, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    down = [True]

    def send(delivery_id: str) -> None:
        if down[0]:
            raise ConnectionError("no broker here")
        sent.append(delivery_id)

    hold_orders(database, 3)
    relay = Relay(database, send)
    assert [relay.step() for _ in range(3)] == [0, 0, 0]
    assert states(database) == {DeliveryState.PENDING}
    down[0] = False
    while relay.step():
        pass
    assert len(sent) == len(set(sent)) == 3
    with database.read() as session:
        assert set(session.exec(select(Delivery.attempts))) == {0}
    told = [record.message for record in caplog.records if record.name == "cosmo.relay"]
    assert len(told) == 2, "once when it goes, once when it is back"


def test_a_real_broker_that_is_not_there_does_not_stop_the_process(
    start: Callable[..., Runtime], seen: Seen
) -> None:
    runtime = start(COSMO_BROKER_URL="redis://127.0.0.1:1/0")
    hold_orders(runtime.database)
    time.sleep(0.5)
    assert states(runtime.database) <= {DeliveryState.PENDING, DeliveryState.LEASED}


def test_a_real_broker_that_comes_up_later_only_delayed(
    start: Callable[..., Runtime], seen: Seen, tmp_path: Path, redis_url: str
) -> None:
    """The worker is there, the order is placed, then a Redis of our own starts."""
    program = redis_program()
    assert program is not None
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    runtime = start(works=True, COSMO_BROKER_URL=f"redis://127.0.0.1:{port}/0")
    hold_orders(runtime.database, 3)
    time.sleep(1)
    assert seen.orders == []
    command = [program, "--port", port, "--bind", "127.0.0.1", "--dir", str(tmp_path), "--save", ""]
    redis = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        seen.wait(3)
        eventually(lambda: states(runtime.database) == {DeliveryState.DONE})
        with runtime.database.read() as session:
            assert set(session.exec(select(Delivery.attempts))) == {0}
    finally:
        redis.kill()
        redis.wait()


def test_what_a_killed_process_held_goes_out_again(database: Database, seen: Seen) -> None:
    hold_orders(database)
    wall = clock.wall_time()
    with database.write() as session:
        assert len(lease_due(session, wall)) == 1
    with database.write() as session:
        assert lease_due(session, wall + timedelta(seconds=59)) == [], "it may still be at work"
    with database.write() as session:
        assert len(lease_due(session, wall + timedelta(seconds=61))) == 1
        end_leases(session, wall)
    with database.write() as session:
        assert len(lease_due(session, wall)) == 1, "a process that starts alone need not wait"


def test_two_relays_never_send_the_same(either_database: Database, seen: Seen) -> None:
    database = either_database
    hold_orders(database, 30)
    sent: list[str] = []
    relays = [Relay(Database(database.url), sent.append) for _ in range(2)]
    for relay in relays:
        relay.start()
    eventually(lambda: len(sent) >= 30)
    time.sleep(0.5)
    for relay in relays:
        relay.stop()
    assert len(sent) == len(set(sent)) == 30


def test_a_handler_that_hangs_is_stopped(
    start: Callable[..., Runtime], modules: Callable[..., Registry], monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang(session: Session, event: Event, now: Now) -> None:
        while True:
            time.sleep(0.01)

    modules(Module("one", {"en": "One"}, lambda: Parts(handlers=(Handler("one.hold", "hold-set", hang),))))
    monkeypatch.setattr("cosmo.actors._LIMIT", 300)
    runtime = start()
    hold_orders(runtime.database)

    def error() -> str:
        with runtime.database.read() as session:
            return session.exec(select(Delivery.error)).one() or ""

    eventually(lambda: "took longer" in error())


def test_simulated_time_stands_still_while_no_process_runs(database: Database) -> None:
    with database.write() as session:
        assert clock.wake_up(session, "real") is None
    with database.write() as session:
        clock.wake_up(session, "60")
    with database.write() as session:
        row = session.get_one(clock.ClockRow, 1)
        row.seen_wall = clock.wall_time() - timedelta(hours=2)
        row.anchor_wall = row.seen_wall - timedelta(hours=1)
        row.anchor_business = row.anchor_wall
        session.add(row)
        asleep = row.anchor_business + timedelta(hours=60)
    with database.write() as session:
        clock.wake_up(session, "1")
    with database.read() as session:
        now, row = clock.read_now(session), session.get_one(clock.ClockRow, 1)
    assert timedelta(0) <= now.business - asleep < timedelta(minutes=10)
    assert row.speed == 60, "the bar's speed stays"
    with database.write() as session:
        clock.wake_up(session, "real")
    with database.read() as session:
        assert clock.read_now(session).business - now.business < timedelta(minutes=10)
