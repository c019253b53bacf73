"""What a promise says of itself: days learnt from the plant's finished orders, or that they are too few."""

from datetime import timedelta

from sqlmodel import Session

from cosmo import lifecycle
from cosmo.clock import Now
from cosmo.db import Database
from cosmo.parties import Plant
from cosmo.payloads import Finished, Placed, Quoted
from cosmo.ports import CapacityAnswer
from cosmo.stages import Stage
from modules.manufacturing.lateness import history_of, with_odds
from modules.manufacturing.learning import LEAST
from tests.factories import MONDAY, NOW, PROMISED, STEPS, at, make_order, make_plant, walk

LEAD = 5


def finish(session: Session, plant: Plant, hours_late: float, *, skipped: bool = False) -> None:
    """An order that was placed on Monday to be ready in `LEAD` days, and was so many hours after that."""
    order = make_order(session, plant)
    planned = MONDAY + timedelta(days=LEAD)
    quoted = STEPS["quote"]
    assert isinstance(quoted, Quoted)
    told = quoted.model_copy(update={"ready_at": planned})
    lifecycle.fire(session, order.id, "quote", told, now=NOW, actor="test")
    placed = Placed(promised_date=PROMISED, ready_at=planned)
    lifecycle.fire(session, order.id, "place", placed, now=NOW, actor="test")
    walk(session, order.id, Stage.IN_PRODUCTION)
    ended = at(days=LEAD, hours=hours_late)
    payload = Finished(good=10, scrapped=0, skipped=skipped)
    lifecycle.fire(session, order.id, "finish", payload, now=ended, actor="test")


def answer(now: Now) -> CapacityAnswer:
    return CapacityAnswer(now.business + timedelta(days=LEAD))


def test_a_plant_without_a_past_says_nothing(database: Database) -> None:
    with database.write() as session:
        plant = make_plant(session)
        for _ in range(LEAST - 1):
            finish(session, plant, 1)
        assert with_odds(session, plant.id, answer(NOW), NOW).likely is None


def test_days_come_from_where_orders_were_planned_to_end_and_did(database: Database) -> None:
    with database.write() as session:
        plant = make_plant(session)
        for n in range(100):
            finish(session, plant, n * 37 % 100)
        found = with_odds(session, plant.id, answer(NOW), NOW)
    assert found.likely is not None
    hours = [(at - found.ready_at) / timedelta(hours=1) for at in (found.likely.half, found.likely.most)]
    assert found.likely.orders == 100
    assert 45 <= hours[0] <= 55
    assert 85 <= hours[1] <= 95
    assert found.likely.buffer >= found.likely.most - found.ready_at


def test_each_plant_learns_from_its_own_orders_and_from_none_that_was_not_made(database: Database) -> None:
    with database.write() as session:
        ours, theirs = make_plant(session), make_plant(session)
        finish(session, ours, 3)
        finish(session, ours, 4, skipped=True)
        finish(session, theirs, 5)
    with database.read() as session:
        assert len(history_of(session, ours.id)) == 1
        assert len(history_of(session, theirs.id)) == 1
