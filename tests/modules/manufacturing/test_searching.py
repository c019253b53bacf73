"""A wish that leaves room is used to share firings and to leave early places to those who need them."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from sqlmodel import Session, col, select

from cosmo.db import Database
from cosmo.parties import Plant
from cosmo.ports import CapacityAnswer, CapacityAsk
from modules.manufacturing import plan as plans
from modules.manufacturing.displacing import CUSHION
from modules.manufacturing.models import JobOrder, State
from modules.manufacturing.promising import PlanPromiser, Taking, replace_places
from modules.manufacturing.searching import HEADROOM, _delay
from modules.manufacturing.times import DAY
from scheduler.model import Assignment, Mode, Operation
from tests.factories import NOW, make_order
from tests.modules.manufacturing.mugs import ask, firm, mug_spec

promiser = PlanPromiser()
FIRING, RELOAD = 1200, 210


def promise(session: Session, plant: Plant, quantity: int = 240, days: int | None = None) -> CapacityAnswer:
    return promiser.promise(session, wish(plant, quantity, days), NOW)


def wish(plant: Plant, quantity: int, days: int | None) -> CapacityAsk:
    by = None if days is None else NOW.business + timedelta(days=days)
    return replace(ask(plant, quantity), ready_by=by)


def placed(session: Session, plant: Plant, quantity: int, days: int | None) -> str:
    """An order that stands firm in the plan, ready in `days` at the latest."""
    order = make_order(session, plant, spec=mug_spec(quantity), quantity=quantity)
    replace_places(session, wish(plant, quantity, days), Taking(order.id, plant.id, State.FIRM), NOW)
    return order.id


def fired(session: Session) -> set[tuple[str, int]]:
    """The bisque firings that are planned."""
    rows = session.exec(select(JobOrder).where(JobOrder.code == "bisque", JobOrder.state == "firm"))
    return {(row.resource, row.start) for row in rows}


def test_a_late_wish_is_made_late_and_in_time(database: Database, plant: Plant) -> None:
    with database.read() as session:
        earliest = promise(session, plant)
        late = promise(session, plant, days=30)
    assert earliest.ready_at + timedelta(days=10) < late.ready_at <= NOW.business + timedelta(days=30)


def test_a_wish_without_room_is_made_as_soon_as_possible(database: Database, plant: Plant) -> None:
    with database.read() as session:
        earliest = promise(session, plant)
        days = (earliest.ready_at - NOW.business).days + 1
        assert promise(session, plant, days=days).ready_at == earliest.ready_at


def test_orders_with_room_share_a_firing_that_is_planned(database: Database, plant: Plant) -> None:
    with database.write() as session:
        placed(session, plant, 400, 30)
    with database.write() as session:
        for days in (28, 31, 34):
            placed(session, plant, 400, days)
        assert len(fired(session)) == 1


def test_who_has_time_leaves_room_in_each_firing(database: Database, plant: Plant) -> None:
    with database.write() as session:
        for _ in range(12):
            placed(session, plant, 400, 30)
        rows = session.exec(select(JobOrder).where(JobOrder.code == "bisque", JobOrder.state == "firm")).all()
    loads = Counter[int]()
    for row in rows:
        loads[row.start] += row.size
    assert sum(loads.values()) == sum(row.size for row in rows) > 2 * 2200
    assert max(loads.values()) <= 2200 - 2200 // HEADROOM


def test_each_for_itself_they_light_more(database: Database, plant: Plant) -> None:
    """Negative control: without room, work that comes days apart does not share."""
    with database.write() as session:
        for day in (1, 9, 17):
            order = make_order(session, plant, spec=mug_spec(400), quantity=400)
            soon = replace(ask(plant, 400), not_before=NOW.business + timedelta(days=day))
            replace_places(session, soon, Taking(order.id, plant.id, State.FIRM), NOW)
        assert len(fired(session)) == 3


def test_early_places_stay_free_for_who_needs_them(database: Database, plant: Plant) -> None:
    with database.read() as session:
        before = promise(session, plant, 1700)
    with database.write() as session:
        for days in range(24, 40, 2):
            placed(session, plant, 1700, days)
    with database.read() as session:
        assert promise(session, plant, 1700).ready_at == before.ready_at
    with database.write() as session:
        for _ in range(3):
            firm(session, plant, 1700)
        assert promise(session, plant, 1700).ready_at > before.ready_at, "the kilns can be filled"


def test_what_waits_for_full_kilns_is_formed_shortly_before(database: Database, plant: Plant) -> None:
    with database.write() as session:
        for _ in range(14):
            firm(session, plant, 1700)
        order_id = placed(session, plant, 1700, None)
        lot = select(JobOrder).where(JobOrder.order_id == order_id, JobOrder.lot == 1)
        rows = session.exec(lot.order_by(col(JobOrder.position))).all()
    waits = sum(b.start - a.end - a.min_lag for a, b in pairwise(rows))
    assert rows[0].start > 10 * DAY, "the kilns are full for longer"
    assert waits < CUSHION + 3 * DAY


def test_a_new_firing_leaves_no_gap_too_short_for_another(database: Database, plant: Plant) -> None:
    with database.write() as session, plans.standing(session, plant.id, NOW) as plan:
        fire = Operation("a", (Mode("BISQUE", FIRING),), family="900", size=10)
        at = plan.minute_after(NOW.business) + 14_400
        plan.timetable.place(Assignment("a", "BISQUE", at, at + FIRING), fire)
        end, step = at + FIRING, FIRING + RELOAD

        def delay(start: int) -> int:
            return _delay(plan, Assignment("b", "BISQUE", start, start + FIRING), "900")

        assert delay(end + RELOAD) == 0, "right behind it"
        assert delay(end + RELOAD + 300) == step - 300, "not 300 minutes after it"
        assert delay(end + RELOAD + step) == 0, "one whole firing fits between"
        assert delay(at - RELOAD - FIRING - 100) == 100, "up to the one that follows"
        plan.timetable.remove("a")
        assert delay(end + 800) == 0, "alone"
