"""The outbox: applied once with its effect, retried, in order, dead for a person, undone on cancelling."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from sqlalchemy import update
from sqlmodel import Session, col, select

from cosmo import delivering, lifecycle, relay
from cosmo.clock import Now, read_now
from cosmo.db import Database
from cosmo.delivering import MOST_ATTEMPTS, backoff, deliver, drop, retry, stuck, undo_all
from cosmo.errors import Conflict, NotFound
from cosmo.events import Event
from cosmo.outbox import Delivery, DeliveryState
from cosmo.parties import Plant
from cosmo.payloads import Cancelled, HeldPayload, Unheld
from cosmo.registry import Handler, Module, Parts, Registry
from cosmo.relay import drain, lease_due
from cosmo.stages import Stage
from cosmo.tasks import DELIVERY_DEAD, UNDO_FAILED, Task, finish_task, open_tasks
from tests.factories import NOW, make_order, walk


@dataclass
class Log:
    """What the test module's handlers did, and what they are told to do."""

    applied: list[str] = field(default_factory=list)
    fails: set[str] = field(default_factory=set)

    def handler(self, name: str, event: str, undo: bool = False) -> Handler:
        def apply(session: Session, happened: Event, now: Now) -> None:
            self._do(f"{name}@{happened.seq}", name)

        def take_back(session: Session, happened: Event, now: Now) -> None:
            self._do(f"undo {name}@{happened.seq}", f"undo {name}")

        return Handler(name, event, apply, take_back if undo else None)

    def _do(self, what: str, name: str) -> None:
        if name in self.fails:
            raise RuntimeError(f"{name} says no")
        self.applied.append(what)


@pytest.fixture
def log(modules: Callable[..., Registry]) -> Log:
    """Modules `one` and `two`: `one` answers holds and their end, `two` only holds."""
    log = Log()
    one = Parts(
        handlers=(log.handler("one.hold", "hold-set", undo=True), log.handler("one.free", "hold-cleared"))
    )
    two = Parts(handlers=(log.handler("two.hold", "hold-set", undo=True),))
    title = {"en": "Test"}
    modules(Module("one", title, lambda: one), Module("two", title, lambda: two))
    return log


@pytest.fixture
def order_id(database: Database, plant: Plant, log: Log) -> str:
    """An order that was held and freed: events 3 and 4, three deliveries."""
    with database.write() as session:
        order = make_order(session, plant)
        walk(session, order.id, Stage.PLACED)
        lifecycle.emit(session, order.id, HeldPayload(reason="plant"), now=NOW, actor="test")
        lifecycle.emit(session, order.id, Unheld(reason="plant"), now=NOW, actor="test")
        session.execute(
            update(Delivery).where(col(Delivery.lane).startswith("kernel.")).values(state="dropped")
        )
        return order.id


def deliveries(database: Database, order_id: str) -> dict[str, Delivery]:
    with database.read() as session:
        rows = session.exec(select(Delivery).where(Delivery.order_id == order_id))
        return {d.handler: d for d in rows if not d.lane.startswith("kernel.")}


def lease(database: Database) -> list[str]:
    with database.write() as session:
        return lease_due(session, read_now(session).wall)


def make_due(database: Database) -> None:
    """As if every backoff were over."""
    with database.write() as session:
        session.execute(update(Delivery).values(next_at=NOW.wall))


def wear_out(database: Database) -> None:
    """Let everything fail as often as it may."""
    for _ in range(MOST_ATTEMPTS):
        drain(database)
        make_due(database)


def test_each_delivery_is_applied_once_in_the_order_of_its_events(
    database: Database, order_id: str, log: Log
) -> None:
    assert drain(database) == 3
    assert drain(database) == 0
    assert sorted(log.applied) == ["one.free@4", "one.hold@3", "two.hold@3"]
    assert log.applied.index("one.hold@3") < log.applied.index("one.free@4")
    states = {d.state for d in deliveries(database, order_id).values()}
    assert states == {DeliveryState.DONE}


def test_a_later_event_of_the_lane_is_not_sent_before_the_earlier_is_done(
    database: Database, order_id: str, log: Log
) -> None:
    first = lease(database)
    named = {d.id: name for name, d in deliveries(database, order_id).items()}
    assert sorted(named[i] for i in first) == ["one.hold", "two.hold"]
    assert lease(database) == []
    deliver(database, next(i for i in first if named[i] == "two.hold"))
    assert lease(database) == []
    deliver(database, next(i for i in first if named[i] == "one.hold"))
    assert [named[i] for i in lease(database)] == ["one.free"]


def test_without_the_lane_guard_it_would_be_sent_too_early(
    database: Database, order_id: str, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy import false

    monkeypatch.setattr(delivering, "blocked", false)
    monkeypatch.setattr(relay, "_DUE", relay._due_in_order())
    assert len(lease(database)) == 3


def test_the_same_message_twice_changes_nothing(database: Database, order_id: str, log: Log) -> None:
    for delivery_id in lease(database) * 2:
        deliver(database, delivery_id)
    assert sorted(log.applied) == ["one.hold@3", "two.hold@3"]
    deliver(database, "no-such-delivery")


def test_an_effect_that_fails_leaves_nothing_behind_and_is_tried_again(
    database: Database, plant: Plant, modules: Callable[..., Registry]
) -> None:
    fail = [True]

    def write_then_fail(session: Session, event: Event, now: Now) -> None:
        lifecycle.emit(session, event.order_id, Unheld(reason="plant"), now=now, actor="module:one")
        if fail.pop():
            raise RuntimeError("half way")

    modules(
        Module("one", {"en": "One"}, lambda: Parts(handlers=(Handler("one.x", "hold-set", write_then_fail),)))
    )
    with database.write() as session:
        order = make_order(session, plant)
        lifecycle.emit(session, order.id, HeldPayload(reason="plant"), now=NOW, actor="test")
    drain(database)
    failed = deliveries(database, order.id)["one.x"]
    assert (failed.state, failed.attempts, failed.error) == ("pending", 1, "RuntimeError: half way")
    assert failed.next_at > NOW.wall
    with database.read() as session:
        assert lifecycle.lock(session, order.id).seq == 1
    fail.append(False)
    make_due(database)
    drain(database)
    assert deliveries(database, order.id)["one.x"].state == "done"
    with database.read() as session:
        assert lifecycle.lock(session, order.id).seq == 2


def test_backoff_grows_and_is_spread() -> None:
    waits = {attempt: {backoff(attempt).total_seconds() for _ in range(50)} for attempt in (1, 5, 20)}
    assert all(0.5 <= w <= 1.5 for w in waits[1])
    assert all(8 <= w <= 24 for w in waits[5])
    assert all(60 <= w <= 180 for w in waits[20])
    assert len(waits[5]) > 10


def test_what_fails_too_often_is_dead_asks_a_person_and_holds_only_its_lane(
    database: Database, order_id: str, log: Log, plant: Plant
) -> None:
    log.fails.add("one.hold")
    wear_out(database)
    found = deliveries(database, order_id)
    assert {name: d.state for name, d in found.items()} == {
        "one.hold": "dead",
        "one.free": "pending",
        "two.hold": "done",
    }
    with database.read() as session:
        (listed,) = stuck(session, read_now(session), plant.manufacturer_id)
        assert (listed.delivery.handler, listed.behind, listed.event.seq) == ("one.hold", 1, 3)
        (task,) = open_tasks(session, plant.manufacturer_id)
        assert task.kind == DELIVERY_DEAD
        assert task.text("en").endswith("RuntimeError: one.hold says no")
        assert stuck(session, read_now(session), "somebody-else") == []


def test_a_person_retries_and_the_lane_goes_on(
    database: Database, order_id: str, log: Log, plant: Plant
) -> None:
    log.fails.add("one.hold")
    wear_out(database)
    log.fails.clear()
    with database.write() as session:
        retry(session, deliveries(database, order_id)["one.hold"].id, NOW)
    drain(database)
    assert log.applied[-2:] == ["one.hold@3", "one.free@4"]
    with database.read() as session:
        assert open_tasks(session, plant.manufacturer_id) == []
        assert stuck(session, read_now(session)) == []


def test_a_person_does_without_and_the_lane_goes_on(
    database: Database, order_id: str, log: Log, plant: Plant
) -> None:
    log.fails.add("one.hold")
    wear_out(database)
    dead = deliveries(database, order_id)["one.hold"]
    with database.write() as session:
        drop(session, dead.id, NOW)
        assert open_tasks(session, plant.manufacturer_id) == []
    drain(database)
    assert log.applied == ["two.hold@3", "one.free@4"]
    with database.write() as session:
        with pytest.raises(Conflict):
            retry(session, dead.id, NOW)
        with pytest.raises(NotFound):
            drop(session, "no-such-delivery", NOW)


def test_an_uninstalled_module_is_named_and_costs_no_attempt(
    database: Database, order_id: str, log: Log, modules: Callable[..., Registry]
) -> None:
    modules()
    drain(database)
    found = deliveries(database, order_id)["one.hold"]
    assert (found.state, found.attempts) == ("pending", 0)
    assert found.error is not None
    assert "Install 'one' again" in found.error
    with database.read() as session:
        assert len(stuck(session, read_now(session))) == 2


def test_cancelling_undoes_in_reverse_and_keeps_what_is_pending_from_happening(
    database: Database, order_id: str, log: Log
) -> None:
    first = lease(database)
    named = {d.id: name for name, d in deliveries(database, order_id).items()}
    deliver(database, next(i for i in first if named[i] == "one.hold"))
    with database.write() as session:
        lifecycle.emit(session, order_id, HeldPayload(reason="plant"), now=NOW, actor="test")
    drain(database)
    assert log.applied == ["one.hold@3", "one.free@4", "one.hold@5"], "two.hold@5 waits behind two.hold@3"
    with database.write() as session:
        lifecycle.fire(session, order_id, "cancel", Cancelled(reason="customer"), now=NOW, actor="test")
        undo_all(session, order_id, NOW)
    assert log.applied[3:] == ["undo one.hold@5", "undo one.hold@3"]
    drain(database)
    deliver(database, next(i for i in first if named[i] == "two.hold"))
    assert log.applied[5:] == []


def test_a_message_in_flight_finds_its_delivery_undone(database: Database, order_id: str, log: Log) -> None:
    in_flight = lease(database)
    with database.write() as session:
        lifecycle.fire(session, order_id, "cancel", Cancelled(reason="customer"), now=NOW, actor="test")
        undo_all(session, order_id, NOW)
    for delivery_id in in_flight:
        deliver(database, delivery_id)
    assert log.applied == []
    drain(database)
    assert log.applied == ["one.free@4"], "what cannot be undone is still told"


def test_an_undo_that_fails_becomes_a_task_and_the_others_go_on(
    database: Database, order_id: str, log: Log, plant: Plant
) -> None:
    drain(database)
    log.fails.add("undo two.hold")
    with database.write() as session:
        lifecycle.fire(session, order_id, "cancel", Cancelled(reason="customer"), now=NOW, actor="test")
        undo_all(session, order_id, NOW)
    assert log.applied[-1] == "undo one.hold@3"
    with database.write() as session:
        (task,) = open_tasks(session, plant.manufacturer_id)
        assert task.kind == UNDO_FAILED
        finish_task(session, plant.manufacturer_id, task.id, now=NOW, actor="ada")
        with pytest.raises(Conflict):
            finish_task(session, plant.manufacturer_id, task.id, now=NOW, actor="ada")
        with pytest.raises(NotFound):
            finish_task(session, "somebody-else", task.id, now=NOW, actor="ada")
    with database.read() as session:
        assert session.exec(select(Task.done_by)).all() == ["ada"]


def test_what_is_dead_when_cancelled_is_settled(
    database: Database, order_id: str, log: Log, plant: Plant
) -> None:
    log.fails.add("one.hold")
    wear_out(database)
    with database.write() as session:
        lifecycle.fire(session, order_id, "cancel", Cancelled(reason="customer"), now=NOW, actor="test")
        undo_all(session, order_id, NOW)
        assert open_tasks(session, plant.manufacturer_id) == []
    assert deliveries(database, order_id)["one.hold"].state == "undone"
    drain(database)
    assert "one.free@4" in log.applied


def test_a_busy_database_costs_no_attempt(database: Database, order_id: str, log: Log) -> None:
    import sqlite3

    from sqlalchemy.exc import OperationalError

    (delivery_id, *_rest) = lease(database)
    busy = OperationalError("UPDATE", {}, sqlite3.OperationalError("database is locked"))
    with database.write() as session:
        delivering.note_failure(session, delivery_id, busy, NOW)
    with database.read() as session:
        row = session.get_one(Delivery, delivery_id)
        assert (row.state, row.attempts) == ("pending", 0)
