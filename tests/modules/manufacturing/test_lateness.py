"""What a promise says of itself: days learnt from the plant's finished orders, or that they are too few."""

from datetime import timedelta

from sqlmodel import Session

from cosmo import lifecycle
from cosmo.clock import Now
from cosmo.db import Database
from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.payloads import Placed
from cosmo.ports import Ask, CapacityAnswer
from cosmo.promise import Promise
from cosmo.promised import promised_end
from cosmo.quoting import Requester, quote
from cosmo.reconsidering import day_if, delivery_date
from modules.manufacturing import plan as plans
from modules.manufacturing.lateness import history_of, with_odds
from modules.manufacturing.learning import LEAST
from modules.manufacturing.lists import outlooks
from modules.manufacturing.problems import dues_of
from modules.manufacturing.promising import PlanPromiser
from tests.factories import NOW, make_plant
from tests.modules.manufacturing.finished import LEAD, finish
from tests.modules.manufacturing.mugs import mug_spec
from web.shapes import promise_out


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


def _quoted(session: Session, plant: Plant) -> Promise:
    return Promise.model_validate(session.get_one(Order, _order(session, plant)).promise)


def _order(session: Session, plant: Plant) -> str:
    ask = Ask("mug", {}, 24, spec=mug_spec(24), plant_id=plant.id)
    return quote(session, ask, requester=Requester(), now=NOW).id


def test_a_quote_tells_the_days_and_a_plant_that_is_late_adds_more_than_its_buffer(
    database: Database, plant: Plant
) -> None:
    with database.write() as session:
        before = _quoted(session, plant)
        session.rollback()
    assert before.likely is None
    assert promise_out(before, "en").likely is None
    with database.write() as session:
        for n in range(100):
            finish(session, plant, 72 + n % 24)  # three to four days late, whatever the buffer is
    with database.write() as session:
        after = _quoted(session, plant)
    assert after.ready_at == before.ready_at
    assert after.likely is not None
    assert after.ready_at.date() + timedelta(days=3) <= after.likely.half <= after.likely.most
    assert after.delivery_date >= after.likely.most > before.delivery_date
    told = promise_out(after, "en").likely
    assert told is not None
    assert (told.p50, told.p90, told.orders) == (after.likely.half, after.likely.most, 100)


def test_a_plant_that_keeps_its_plan_keeps_its_own_buffer(database: Database, plant: Plant) -> None:
    with database.write() as session:
        before = _quoted(session, plant)
        session.rollback()
    with database.write() as session:
        for _ in range(100):
            finish(session, plant, 0)
    with database.write() as session:
        after = _quoted(session, plant)
    assert after.likely is not None
    assert after.delivery_date == before.delivery_date


def test_the_buffer_that_was_promised_counts_wherever_the_plan_is_held_against_it(
    database: Database, plant: Plant
) -> None:
    """Negative control: a promise that does not say it has the plant's own."""
    with database.write() as session:
        for n in range(100):
            finish(session, plant, 72 + n % 24)
    with database.write() as session:
        order = session.get_one(Order, _order(session, plant))
        PlanPromiser().firm(session, [order.id], NOW)
        ready, day = order.ready_at, order.promised_date or NOW.business.date()
        placed = Placed(promised_date=day, ready_at=ready)
        lifecycle.fire(session, order.id, "place", placed, now=NOW, actor="test")
        assert ready is not None
        learnt = timedelta(minutes=Promise.model_validate(order.promise).buffer_minutes or 0)
        assert learnt > timedelta(hours=90)
        snap = plans.snapshot(session, plant.id, NOW)
        for promise, buffer in ((dict(order.promise), learnt), ({}, timedelta(hours=plant.buffer_hours))):
            order.promise = promise
            session.add(order)
            session.flush()
            assert promised_end(session, order) == ready + buffer
            assert dues_of(session, snap, {order.id}) == {order.id: snap.minute(ready + buffer)}
            assert [look.spare for look in outlooks(session, plant, NOW)] == [buffer]
            late = ready + learnt + timedelta(days=1)
            assert day_if(session, order, late, NOW) == delivery_date(session, order, late + buffer, NOW)


def test_the_plan_may_use_the_time_until_the_call_that_still_makes_the_day(
    database: Database, plant: Plant
) -> None:
    """Negative control: of a day that the promise was moved to, the call is not known; its buffer counts."""
    with database.write() as session:
        order = session.get_one(Order, _order(session, plant))
        PlanPromiser().firm(session, [order.id], NOW)
        ready, day = order.ready_at, order.promised_date
        assert ready is not None
        assert day is not None
        call = ready + timedelta(days=4)
        order.promise = {**order.promise, "call": {"day": day.isoformat(), "at": call.isoformat()}}
        session.add(order)
        session.flush()
        snap = plans.snapshot(session, plant.id, NOW)
        assert promised_end(session, order) == call
        assert dues_of(session, snap, {order.id}) == {order.id: snap.minute(call)}
        order.promised_date = day + timedelta(days=1)
        session.flush()
        buffer = timedelta(hours=plant.buffer_hours)
        assert promised_end(session, order) == ready + buffer
        assert dues_of(session, snap, {order.id}) == {order.id: snap.minute(ready + buffer)}


def test_orders_that_kept_their_call_teach_no_longer_buffer(database: Database, plant: Plant) -> None:
    """Three days late, and all in time: nine of ten are there by the promised day. Negative control above, in
    the plant that is as late and does not say what it promised."""
    with database.write() as session:
        before = _quoted(session, plant)
        session.rollback()
    with database.write() as session:
        for n in range(100):
            finish(session, plant, 48 + n % 24, room=4)
    with database.write() as session:
        after = _quoted(session, plant)
        assert history_of(session, plant.id).learn(LEAD) is not None
    assert (after.buffer_minutes, after.delivery_date) == (before.buffer_minutes, before.delivery_date)
    assert after.likely is not None
    assert after.likely.half <= after.likely.most == after.delivery_date
