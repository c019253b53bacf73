"""What the plan was searched for is remembered only for what is alike to it, and only while it stands."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import Session

from cosmo.clock import Now
from cosmo.db import Database
from cosmo.parties import Plant
from cosmo.ports import CapacityAnswer, CapacityAsk
from modules.manufacturing import plan as plans
from modules.manufacturing import recalling
from modules.manufacturing.models import State
from modules.manufacturing.promising import PlanPromiser, Taking, replace_places
from modules.manufacturing.searching import search
from tests.factories import NOW, make_order
from tests.modules.manufacturing.mugs import STEPS, ask, mug_spec

promiser = PlanPromiser()
DAY = timedelta(days=1)


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch) -> list[CapacityAsk]:
    """The wishes that the plan was searched for."""
    seen: list[CapacityAsk] = []

    def counted(session: Session, plan: Any, wish: CapacityAsk, now: Now) -> Any:
        seen.append(wish)
        return search(session, plan, wish, now)

    monkeypatch.setattr(recalling, "search", counted)
    return seen


@contextmanager
def remembering(database: Database, *wishes: CapacityAsk) -> Iterator[Session]:
    """A process that was asked for these before."""
    with database.read() as session:
        for wish in wishes:
            promiser.promise(session, wish, NOW)
        yield session


def anew(session: Session, wish: CapacityAsk, now: Now = NOW) -> CapacityAnswer:
    """Searched for, whatever is remembered."""
    with plans.standing(session, wish.plant_id, now) as plan:
        return search(session, plan, wish, now).answer


def told(answer: CapacityAnswer) -> tuple[Any, ...]:
    """All of it but the ids of the operations, which are new for each search."""
    hinges = [(one.kind, one.name, one.at, one.waits_minutes) for one in answer.hinges]
    return answer.ready_at, answer.operations, hinges


def take(database: Database, wish: CapacityAsk) -> None:
    """Somebody else's order stands where this wish would have been made."""
    with database.write() as session:
        plant = session.get_one(Plant, wish.plant_id)
        order = make_order(session, plant, spec=wish.spec, quantity=wish.spec.quantity)
        replace_places(session, wish, Taking(order.id, plant.id, State.FIRM), NOW)


def with_step(wish: CapacityAsk, place: int, **changes: Any) -> CapacityAsk:
    steps = list(wish.spec.routing)
    steps[place] = steps[place].model_copy(update=changes)
    return replace(wish, spec=wish.spec.model_copy(update={"routing": tuple(steps)}))


def test_the_same_wish_is_searched_for_once(
    database: Database, plant: Plant, searched: list[CapacityAsk]
) -> None:
    wish = ask(plant, 2000)
    recoloured = replace(wish, spec=wish.spec.model_copy(update={"title": {"en": "Another"}, "drivers": {}}))
    with database.read() as session:
        first = promiser.promise(session, wish, NOW)
        assert promiser.promise(session, wish, NOW) == first
        assert promiser.promise(session, recoloured, NOW) == first
    with database.read() as session:
        assert promiser.promise(session, wish, NOW) == first, "another request's"
    assert len(searched) == 1


def test_a_plan_that_has_changed_is_searched_again(
    database: Database, plant: Plant, searched: list[CapacityAsk]
) -> None:
    wish = ask(plant, 2000)
    with remembering(database, wish) as session:
        before = promiser.promise(session, wish, NOW)
    take(database, wish)
    searched.clear()
    with database.read() as session:
        after = promiser.promise(session, wish, NOW)
        assert told(after) == told(anew(session, wish))
    assert len(searched) == 1
    assert after.ready_at > before.ready_at, "the kiln is full now"


def test_what_was_remembered_of_a_transaction_that_is_rolled_back_is_forgotten(
    database: Database, plant: Plant
) -> None:
    wish = ask(plant, 2000)
    with remembering(database, wish) as session:
        before = promiser.promise(session, wish, NOW)
    with database.write() as session:
        order = make_order(session, plant, spec=wish.spec, quantity=2000)
        replace_places(session, wish, Taking(order.id, plant.id, State.FIRM), NOW)
        assert promiser.promise(session, wish, NOW).ready_at > before.ready_at, "it sees its own order"
        session.rollback()
    with database.read() as session:
        assert promiser.promise(session, wish, NOW) == before


def test_a_minute_later_it_is_searched_again(
    database: Database, plant: Plant, searched: list[CapacityAsk]
) -> None:
    wish = replace(ask(plant, 2000), not_before=NOW.business + 3 * DAY)
    later = Now(NOW.business + timedelta(minutes=1), NOW.wall)
    with remembering(database, wish) as session:
        promiser.promise(session, wish, later)
    assert searched == [wish, wish]


def test_time_that_passes_is_searched_again(database: Database, plant: Plant) -> None:
    wish = ask(plant, 2000)
    with remembering(database, wish) as session:
        before = promiser.promise(session, wish, NOW)
        later = Now(NOW.business + DAY, NOW.wall + DAY)
        after = promiser.promise(session, replace(wish, not_before=later.business), later)
    assert min(op.start for op in after.operations) >= later.business > before.operations[0].start


@pytest.mark.parametrize(
    "change",
    [
        lambda wish: with_step(wish, 0, minutes_per_piece=Decimal(2)),
        lambda wish: with_step(wish, 1, fixed_minutes=Decimal(4000)),
        lambda wish: with_step(wish, 3, min_lag=4000),
        lambda wish: with_step(wish, 4, family="1280"),
        lambda wish: with_step(wish, 4, resources=("KILN2",)),
        lambda wish: with_step(wish, 4, size_per_piece=Decimal(4)),
        lambda wish: replace(wish, spec=mug_spec(600)),
        lambda wish: replace(wish, spec=mug_spec(1000, STEPS[:4])),
        lambda wish: replace(wish, ready={"glaze": NOW.business + 9 * DAY}),
        lambda wish: replace(wish, not_before=NOW.business + 3 * DAY),
        lambda wish: replace(wish, ready_by=NOW.business + 40 * DAY),
    ],
    ids=[
        "minutes", "drying", "lag", "recipe", "kilns", "room", "quantity", "route", "material", "begin",
        "wish",
    ],
)  # fmt: skip
def test_whatever_the_plan_sees_makes_another_wish(
    database: Database, plant: Plant, change: Callable[[CapacityAsk], CapacityAsk]
) -> None:
    """Each as if nothing had been asked before; and not as the one before."""
    wish = with_step(ask(plant, 1000), 4, resources=("KILN1",))
    take(database, wish)
    other = change(wish)
    with remembering(database, wish) as session:
        found = promiser.promise(session, other, NOW)
        assert told(found) == told(anew(session, other))
        assert found.operations != promiser.promise(session, wish, NOW).operations


def test_what_waits_for_a_material_names_its_own(
    database: Database, plant: Plant, searched: list[CapacityAsk]
) -> None:
    wish = replace(ask(plant, 500), ready={"glaze": NOW.business + 20 * DAY})
    (line, *rest) = [x.model_copy(update={"operation": "glaze"}) for x in wish.spec.bom]
    names = ("CELADON", "MILK")

    def of(name: str) -> CapacityAsk:
        own = line.model_copy(update={"material": name, "name": {"en": name.title()}})
        return replace(wish, spec=wish.spec.model_copy(update={"bom": (own, *rest)}))

    with database.read() as session:
        found = [promiser.promise(session, of(name), NOW).hinges[0] for name in names]
    assert len(searched) == 1, "they are alike to the plan"
    assert [(hinge.kind, hinge.code) for hinge in found] == [("material", name) for name in names]
