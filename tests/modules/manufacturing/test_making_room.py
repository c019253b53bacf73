"""A new promise may move others, and breaks none: not of theirs, not in a race, not after a rollback."""

from datetime import datetime, timedelta
from random import Random

import pytest
from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.db import Database
from cosmo.defaults import AtHand
from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.ports import CapacityAsk
from cosmo.spec import RoutingStep
from modules.manufacturing import displacing
from modules.manufacturing import plan as plans
from modules.manufacturing.models import STANDING, JobOrder, Plan, State
from modules.manufacturing.problems import lent
from modules.manufacturing.promising import PlanPromiser
from tests.factories import NOW, make_order
from tests.modules.manufacturing.conftest import mug_plant
from tests.modules.manufacturing.mugs import STEPS, mug_spec
from tests.modules.manufacturing.shop import plan_report

promiser = PlanPromiser()
BISQUE = STEPS[2:3]
FULL, SMALL = 2100, 400
Places = dict[str, tuple[str, int]]


def hold(
    session: Session, plant: Plant, quantity: int = SMALL, steps: tuple[RoutingStep, ...] = BISQUE
) -> Order:
    """An order whose places, begun in some hours, are held."""
    spec = mug_spec(quantity, steps)
    order = make_order(session, plant, spec=spec, quantity=quantity, family="mug")
    until = NOW.wall + timedelta(hours=1)
    order.ready_at = promiser.hold(session, order.id, asked(plant, quantity, steps), until, NOW).ready_at
    session.add(order)
    session.flush()
    return order


def patient(session: Session, plant: Plant, quantity: int = FULL, days: float = 5) -> Order:
    """An order whose promise leaves it so many days more than the plan needs."""
    order = hold(session, plant, quantity)
    promiser.firm(session, [order.id], NOW)
    assert order.ready_at is not None
    order.ready_at += timedelta(days=days)
    session.add(order)
    return order


def asked(plant: Plant, quantity: int = SMALL, steps: tuple[RoutingStep, ...] = BISQUE) -> CapacityAsk:
    return CapacityAsk(plant.id, mug_spec(quantity, steps), NOW.business + timedelta(hours=3))


def places(session: Session) -> Places:
    rows = session.exec(select(JobOrder).where(col(JobOrder.state).in_(STANDING)))
    return {row.id: (row.resource, row.start) for row in rows}


def moved(before: Places, after: Places) -> set[str]:
    return {name for name in before if before[name] != after[name]}


def overrun(session: Session, plant: Plant) -> list[str]:
    """Orders that the plan ends after they were planned to end when promised, and what they lend."""
    origin, found = plans.head(session, plant.id).origin, set()
    lends = timedelta(minutes=lent(60 * session.get_one(Plant, plant.id).buffer_hours))
    for row in session.exec(select(JobOrder).where(col(JobOrder.state).in_(STANDING))):
        order = session.get_one(Order, row.order_id)
        if order.ready_at is not None and origin + timedelta(minutes=row.end) > order.ready_at + lends:
            found.add(order.id)
    return sorted(found)


def test_who_can_wait_makes_room_and_the_day_shown_is_the_day_taken(database: Database, plant: Plant) -> None:
    with database.write() as session:
        other = patient(session, plant)
    with database.read() as session:
        told, before = promiser.promise(session, asked(plant), NOW), places(session)
        assert places(session) == before
    with database.write() as session:
        version = session.get_one(Plan, plant.id).version
        order = hold(session, plant)
        rows = session.exec(select(JobOrder).where(JobOrder.order_id == other.id)).all()
        assert order.ready_at == told.ready_at
        assert {row.id for row in rows} == moved(before, places(session))
        assert {row.changed for row in rows} == {version + 1}
        assert [(row.state, row.was_start) for row in rows] == [(State.FIRM, before[rows[0].id][1])]
        assert overrun(session, plant) == []
        assert plan_report(session, plant).feasible


def test_who_cannot_wait_is_not_made_to(database: Database, plant: Plant) -> None:
    with database.write() as session:
        patient(session, plant, days=0)
        later = hold(session, plant)
        assert overrun(session, plant) == []
        assert later.ready_at is not None
        assert later.ready_at > NOW.business + timedelta(hours=40)


def test_what_begins_within_the_hour_stays(
    database: Database, plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The floor has been told; negative control: without that it is moved."""
    with database.write() as session:
        patient(session, plant)
    with database.read() as session:
        first = promiser.promise(session, asked(plant), NOW).ready_at
    monkeypatch.setattr(displacing, "SOON", 7 * 1440)
    with database.write() as session:
        plans.bump(session, plant.id)
        before = places(session)
        assert (hold(session, plant).ready_at or first) > first
        assert not moved(before, places(session))


@pytest.mark.parametrize("limits", ["kept", "ignored"])
def test_nobody_is_ever_planned_after_what_was_promised(
    database: Database, plant: Plant, monkeypatch: pytest.MonkeyPatch, limits: str
) -> None:
    """Orders of all kinds one after the other; negative control: a search that may move others at will."""
    if limits == "ignored":
        monkeypatch.setattr(displacing, "lent_until", lambda _, __, ids: dict.fromkeys(ids, 1 << 30))
    dice, shifted = Random(7), 0
    broken: set[str] = set()
    for _ in range(14):
        steps = dice.choice((STEPS, STEPS[2:5], BISQUE, STEPS[4:5]))
        quantity = dice.choice((100, 400, 900, 1700))
        with database.write() as session:
            before = places(session)
            order = hold(session, plant, quantity, steps)
            assert order.ready_at is not None
            order.ready_at += timedelta(hours=dice.choice((0, 0, 12, 60)))
            promiser.firm(session, [order.id], NOW)
            session.flush()
            shifted += len(moved(before, places(session)))
            broken |= set(overrun(session, plant))
            assert plan_report(session, plant).feasible
    assert shifted > 3
    assert bool(broken) == (limits == "ignored")


@pytest.mark.parametrize("guard", ["guarded", "unguarded"])
def test_two_quotes_for_the_place_that_somebody_gave_up(
    postgres: Database, monkeypatch: pytest.MonkeyPatch, guard: str
) -> None:
    """While the first is about to take it, the second does. Negative control: no compare-and-set."""
    plant = mug_plant(postgres)
    with postgres.write() as session:
        patient(session, plant)
    real, second = plans.compare_and_set, list[str]()

    def overtaken(session: Session, plant_id: str, version: int) -> bool:
        if not second:
            second.append("")
            with postgres.write() as other:
                second[0] = hold(other, plant, FULL).id
            if guard == "unguarded":
                plans.bump(session, plant_id)
                return True
        return real(session, plant_id, version)

    monkeypatch.setattr(plans, "compare_and_set", overtaken)
    with postgres.write() as session:
        first = hold(session, plant).id
    with postgres.read() as session:
        starts = {row.order_id: row.start for row in session.exec(select(JobOrder))}
        assert plan_report(session, plant).feasible == (guard == "guarded")
        assert overrun(session, plant) == []
        assert (starts[first] == starts[second[0]]) == (guard == "unguarded")


@pytest.mark.parametrize("ends", ["rolled back", "committed"])
def test_a_rollback_leaves_others_where_they_were(database: Database, plant: Plant, ends: str) -> None:
    """Negative control: the same, committed."""
    with database.write() as session:
        patient(session, plant)
    with database.read() as session:
        before, told = places(session), promiser.promise(session, asked(plant), NOW).ready_at
    with database.write() as session:
        hold(session, plant)
        assert moved(before, places(session))
        if ends == "rolled back":
            session.rollback()
    with database.read() as session:
        after, again = places(session), promiser.promise(session, asked(plant, FULL), NOW).ready_at
    assert (after == before) == (ends == "rolled back")
    assert (again == told) == (ends == "rolled back")


def test_nobody_is_moved_while_the_plan_breaks_a_rule(database: Database, plant: Plant) -> None:
    with database.write() as session:
        order = patient(session, plant)
        row = session.exec(select(JobOrder).where(JobOrder.order_id == order.id)).one()
        row.size, row.changed = 9999, plans.bump(session, plant.id)
        session.add(row)
    with database.write() as session:
        before = places(session)
        hold(session, plant)
        assert not moved(before, places(session))


def test_without_compiled_kernels_only_few_are_moved(
    database: Database, plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(displacing, "FEW", 0)
    with database.write() as session:
        patient(session, plant)
        before = places(session)
        hold(session, plant)
        assert not moved(before, places(session))


def test_purchasing_hears_when_the_material_is_needed_now(
    database: Database, plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[str, set[str]]] = []

    def planned(_: AtHand, __: Session, order_id: str, needed: dict[str, datetime], ___: Now) -> None:
        heard.append((order_id, set(needed)))

    monkeypatch.setattr(AtHand, "planned", planned)
    with database.write() as session:
        other = patient(session, plant)
        hold(session, plant)
    assert heard == [(other.id, {"bisque"})]
