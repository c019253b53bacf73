"""The lifecycle: what each verb may do, one event a move, skips recorded, the state a function of the log."""

import threading
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from cosmo import lifecycle
from cosmo.clock import Now
from cosmo.db import Database
from cosmo.errors import NotFound
from cosmo.events import Event, events_after, payload_of
from cosmo.lifecycle import PASS_ON, WrongStage, differences, emit, fire, fold, state_of
from cosmo.orders import Order
from cosmo.outbox import Delivery
from cosmo.parties import Plant
from cosmo.payloads import (
    Cancelled,
    HeldPayload,
    Lapsed,
    Placed,
    PromiseMoved,
    Quoted,
    StagePayload,
    Unheld,
)
from cosmo.registry import Handler, Module, Parts, Registry, on_for
from cosmo.relay import drain
from cosmo.stages import ENDED, KERNEL, NEXT, OPEN_STAGES, VERBS, Stage
from tests.factories import MONDAY, NOW, PROMISED, STEPS, at, make_order, make_plant, walk

PAYLOADS: dict[str, StagePayload] = STEPS | {"lapse": Lapsed(), "cancel": Cancelled(reason="customer")}


def set_stage(session: Session, order: Order, stage: Stage) -> None:
    """Only tests may do this."""
    order.stage = stage.value
    session.add(order)
    session.flush()


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("verb", list(VERBS))
def test_each_verb_leads_from_its_stages_and_from_no_other(
    session: Session, plant: Plant, verb: str, stage: Stage
) -> None:
    order = make_order(session, plant)
    set_stage(session, order, stage)
    if stage in VERBS[verb].sources:
        event = fire(session, order.id, verb, PAYLOADS[verb], now=NOW, actor="ada")
        assert (order.stage, event.type, event.actor) == (VERBS[verb].target, VERBS[verb].event, "ada")
    else:
        with pytest.raises(WrongStage, match=stage.value):
            fire(session, order.id, verb, PAYLOADS[verb], now=NOW, actor="ada")
        assert (order.stage, order.seq) == (stage, 0)


def test_a_chain_of_verbs_leads_from_placed_to_closed() -> None:
    stage = Stage.PLACED
    while stage in NEXT:
        stage = NEXT[stage].target
    assert stage == Stage.CLOSED
    assert {Stage.PLACED, Stage.SHIPPED} <= OPEN_STAGES
    assert not OPEN_STAGES & ENDED


def test_a_verb_takes_only_its_own_payload(session: Session, plant: Plant) -> None:
    order = make_order(session, plant)
    with pytest.raises(ValueError, match="needs a payload of type 'quoted'"):
        fire(session, order.id, "quote", Lapsed(), now=NOW, actor="ada")
    with pytest.raises(ValueError, match=r"by fire\(\)"):
        emit(session, order.id, Lapsed(), now=NOW, actor="ada")
    with pytest.raises(NotFound):
        fire(session, "nothing", "quote", STEPS["quote"], now=NOW, actor="ada")


def test_an_event_has_both_times(session: Session, plant: Plant) -> None:
    order, now = make_order(session, plant), at(hours=3)
    event = fire(session, order.id, "quote", STEPS["quote"], now=now, actor="ada", event_time=MONDAY)
    assert (event.event_time, event.record_time) == (MONDAY, now.wall)
    event = emit(session, order.id, HeldPayload(reason="plant"), now=now, actor="ada")
    assert (event.event_time, event.record_time) == (now.business, now.wall)


def test_the_first_promise_never_moves(session: Session, plant: Plant) -> None:
    order = make_order(session, plant)
    walk(session, order.id, Stage.PLACED)
    later = date(2026, 6, 29)
    moved = PromiseMoved(old=PROMISED, new=later, reason="breakdown", cause="kiln-2")
    emit(session, order.id, moved, now=NOW, actor=KERNEL)
    assert (order.first_promise, order.promised_date) == (PROMISED, later)


def test_holds_pile_up_and_clear_one_by_one(session: Session, plant: Plant) -> None:
    order = make_order(session, plant)
    for reason in ("proof-open", "deposit-open", "proof-open"):
        emit(session, order.id, HeldPayload(reason=reason), now=NOW, actor="ada")
    assert (order.held, order.hold_reason) == (True, "deposit-open,proof-open")
    emit(session, order.id, Unheld(reason="proof-open"), now=NOW, actor="ada")
    assert (order.held, order.hold_reason) == (True, "deposit-open")
    emit(session, order.id, Unheld(reason="deposit-open"), now=NOW, actor="ada")
    assert (order.held, order.hold_reason) == (False, None)


def full_history(session: Session, plant: Plant) -> Order:
    order = make_order(session, plant)
    walk(session, order.id, Stage.QUOTED)
    fire(session, order.id, "lapse", Lapsed(), now=NOW, actor=KERNEL)
    walk(session, order.id, Stage.SOURCED)
    emit(session, order.id, HeldPayload(reason="proof-open"), now=NOW, actor="ada")
    moved = PromiseMoved(old=PROMISED, new=date(2026, 6, 29), reason="scrap", ready_at=at(days=2).business)
    emit(session, order.id, moved, now=NOW, actor=KERNEL)
    emit(session, order.id, Unheld(reason="proof-open"), now=NOW, actor="ada")
    return walk(session, order.id, Stage.CLOSED)


def test_the_stored_state_is_what_the_log_leads_to(either_database: Database) -> None:
    with either_database.write() as session:
        order_id = full_history(session, make_plant(session)).id
    with either_database.read() as session:
        order = session.get_one(Order, order_id)
        events = events_after(session, order_id)
        assert [event.seq for event in events] == list(range(1, order.seq + 1))
        assert fold(payload_of(event) for event in events) == state_of(order)
        assert differences(order, [payload_of(event) for event in events]) == {}
        order.promised_date = date(2030, 1, 1)
        found = differences(order, [payload_of(event) for event in events])
        assert found == {"promised_date": (date(2030, 1, 1), date(2026, 6, 29))}


def test_a_log_that_breaks_the_rules_is_refused() -> None:
    with pytest.raises(WrongStage):
        fold([Placed(promised_date=PROMISED)])


def test_a_verb_whose_owner_is_off_is_recorded_as_skipped(
    database: Database, modules: Callable[..., Registry]
) -> None:
    """Only rnd is on: its verb is not skipped, all others are."""
    done: list[str] = []

    def engineer(session: Session, event: Event, now: Now) -> None:
        done.append(event.order_id)
        fire(session, event.order_id, "engineer", STEPS["engineer"], now=now, actor="module:rnd")

    rnd = Parts(handlers=(Handler("rnd.engineer", "placed", engineer),))
    modules(Module("rnd", {"en": "R&D"}, lambda: rnd))
    with database.write() as session:
        order = make_order(session, make_plant(session))
        walk(session, order.id, Stage.PLACED)
    drain(database)
    with database.read() as session:
        events = events_after(session, order.id)
        skipped = {event.type: event.payload["skipped"] for event in events}
        order = session.get_one(Order, order.id)
    assert done == [order.id]
    assert order.stage == Stage.CLOSED
    assert not skipped.pop("engineered")
    assert all(skipped.values())
    assert list(skipped) == [
        "quoted",
        "placed",
        "sourced",
        "scheduled",
        "started",
        "finished",
        "shipped",
        "delivered",
        "closed",
    ]


def test_where_the_next_owner_is_on_nobody_passes_on(
    session: Session, plant: Plant, modules: Callable[..., Registry]
) -> None:
    modules(Module("rnd", {"en": "R&D"}, Parts))
    order = make_order(session, plant)
    walk(session, order.id, Stage.PLACED)
    handlers = session.exec(select(Delivery.handler).where(Delivery.order_id == order.id)).all()
    assert PASS_ON not in handlers
    event = events_after(session, order.id)[-1]
    lifecycle.pass_on(session, event, NOW)
    assert order.stage == Stage.PLACED, "and passing on would do nothing"


def test_owners_are_frozen_when_placed(
    session: Session, plant: Plant, modules: Callable[..., Registry]
) -> None:
    from cosmo.registry import switch

    modules(Module("rnd", {"en": "R&D"}, Parts), Module("service", {"en": "Service"}, Parts))
    placed, draft = (
        make_order(session, plant, owners={"rnd": True, "service": False}),
        make_order(session, plant),
    )
    switch(session, plant.manufacturer_id, "rnd", False)
    assert on_for(session, placed) == {"rnd"}
    assert on_for(session, draft) == {"service"}


def storm(database: Database, order_id: str, threads: int = 8, each: int = 12) -> list[Exception]:
    """Many at once put the same order on hold and free it."""
    failed: list[Exception] = []

    def work() -> None:
        for number in range(each):
            try:
                with database.write() as session:
                    payload = (HeldPayload, Unheld)[number % 2](reason="plant")
                    emit(session, order_id, payload, now=NOW, actor="ada")
            except Exception as error:
                failed.append(error)

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return failed


def test_the_log_is_gapless_under_eight_threads(either_database: Database) -> None:
    database = either_database
    with database.write() as session:
        order_id = make_order(session, make_plant(session)).id
    assert storm(database, order_id) == []
    with database.read() as session:
        query = select(Event.seq).where(Event.order_id == order_id).order_by(col(Event.position))
        assert session.exec(query).all() == list(range(1, 97))
        assert session.get_one(Order, order_id).seq == 96


def _without_lock(session: Session, order_id: str) -> Order:
    return session.exec(select(Order).where(Order.id == order_id)).one()


def test_without_the_lock_moves_are_lost_on_postgresql(
    postgres: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifecycle, "lock", _without_lock)
    with postgres.write() as session:
        order_id = make_order(session, make_plant(session)).id
    assert any(isinstance(error, IntegrityError) for error in storm(postgres, order_id))


def test_without_immediate_transactions_moves_are_lost_on_sqlite(database: Database) -> None:
    with database.write() as session:
        order_id = make_order(session, make_plant(session)).id
    database._turns = None
    database._writer = database.engine.execution_options()  # begins deferred, as SQLite does by itself
    assert storm(database, order_id) != []


def test_a_price_in_an_event_stays_exact(session: Session, plant: Plant) -> None:
    order = make_order(session, plant)
    quoted = Quoted(promised_date=PROMISED, price=Decimal("1234.10"), currency="EUR", held=True)
    event = fire(session, order.id, "quote", quoted, now=NOW, actor="ada")
    assert event.payload["price"] == "1234.10"
    assert payload_of(event) == quoted.model_copy(update={"skipped": True})
