"""Promises come from the standing plan and take its places."""

import time
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from sqlmodel import Session, select

from cosmo.clock import Now
from cosmo.db import Database
from cosmo.parties import Plant
from cosmo.ports import Ask, CapacityAsk, PlaceOvertaken, ShipTo
from cosmo.promise import Promise
from cosmo.quoting import Requester, quote
from cosmo.spec import RoutingStep
from modules.manufacturing.lots import TooLargeForPlant, UnknownWorkCentre
from modules.manufacturing.models import JobOrder, Plan, State
from modules.manufacturing.promising import PlanPromiser
from tests.factories import NOW, at, make_customer, make_order
from tests.modules.manufacturing.mugs import STEPS, ask, firm, hold, mug_spec

promiser = PlanPromiser()


def _rows(database: Database, order_id: str) -> list[JobOrder]:
    with database.read() as session:
        return list(session.exec(select(JobOrder).where(JobOrder.order_id == order_id)))


def test_a_tentative_promise_writes_nothing_and_names_its_hinge(database: Database, plant: Plant) -> None:
    with database.read() as session:
        answer = promiser.promise(session, ask(plant), NOW)
        assert session.exec(select(JobOrder)).first() is None
        assert session.get_one(Plan, plant.id).version > 0
    assert [op.code for op in answer.operations] == ["form", "dry", "bisque", "glaze", "glost", "pack"]
    assert answer.ready_at == answer.operations[-1].end
    assert not answer.held
    assert answer.hinges[-1].kind == "work"


def test_a_hold_takes_the_very_places_that_were_promised(database: Database, plant: Plant) -> None:
    with database.read() as session:
        told = promiser.promise(session, ask(plant), NOW)
    with database.write() as session:
        order = hold(session, plant)
    assert order.ready_at == told.ready_at
    rows = _rows(database, order.id)
    assert [r.state for r in rows] == ["held"] * 6
    assert max(r.end for r in rows) == max(r.end for r in rows if r.last)


def test_material_that_comes_later_is_the_hinge(database: Database, plant: Plant) -> None:
    arrives = NOW.business + timedelta(days=12)
    with database.read() as session:
        answer = promiser.promise(session, ask(plant, glaze=arrives), NOW)
    glaze = next(op for op in answer.operations if op.code == "glaze")
    assert glaze.start >= arrives
    hinge = answer.hinges[0]
    assert (hinge.kind, hinge.code, hinge.at) == ("material", "CELADON", arrives)
    assert hinge.name["en"] == "Celadon glaze"


def test_filling_the_kilns_moves_a_new_date_out_and_cancelling_moves_it_back(
    database: Database, plant: Plant
) -> None:
    with database.read() as session:
        before = promiser.promise(session, ask(plant), NOW)
    with database.write() as session:
        orders = [firm(session, plant, 1700).id for _ in range(8)]
    with database.read() as session:
        full = promiser.promise(session, ask(plant, 500), NOW)
    assert full.ready_at > before.ready_at + timedelta(days=3)
    assert full.hinges[0].kind == "firing"
    assert "firing" in full.hinges[0].name["en"]
    with database.write() as session:
        for order_id in orders:
            promiser.release(session, order_id, NOW)
    with database.read() as session:
        again = promiser.promise(session, ask(plant), NOW)
    assert again.ready_at == before.ready_at


def test_five_thousand_mugs_are_fired_in_at_least_three_loads(database: Database, plant: Plant) -> None:
    with database.write() as session:
        order = firm(session, plant, 5000)
    glost = [r for r in _rows(database, order.id) if r.code == "glost"]
    assert len({(r.resource, r.start) for r in glost}) >= 3
    assert all(r.size <= 2200 for r in glost)
    assert sum(r.pieces for r in glost) == mug_spec(5000).start_quantity


def test_an_expired_hold_frees_its_places(database: Database, plant: Plant) -> None:
    with database.read() as session:
        before = promiser.promise(session, ask(plant, 1700), NOW)
    with database.write() as session:
        order = hold(session, plant, 1700, minutes=15)
    with database.read() as session:
        assert promiser.promise(session, ask(plant, 1700), NOW).ready_at > before.ready_at
        later = promiser.promise(session, ask(plant, 1700), at_wall(16))
    assert later.ready_at == before.ready_at
    with database.write() as session:
        other = hold(session, plant, 1700, at_wall(16))
    assert other.ready_at == before.ready_at
    assert {r.state for r in _rows(database, order.id)} == {"released"}
    with database.write() as session, pytest.raises(PlaceOvertaken):
        promiser.firm(session, [order.id], at_wall(16))


def at_wall(minutes: float) -> Now:
    """Business time as at NOW, wall time later."""
    return Now(NOW.business, NOW.wall + timedelta(minutes=minutes))


def test_turning_a_hold_firm_leaves_the_plans_version(database: Database, plant: Plant) -> None:
    with database.write() as session:
        order = hold(session, plant)
    with database.read() as session:
        version = session.get_one(Plan, plant.id).version
    with database.write() as session:
        promiser.firm(session, [order.id], NOW)
        promiser.firm(session, [order.id], NOW)
    with database.read() as session:
        assert session.get_one(Plan, plant.id).version == version
    assert {(r.state, r.hold_until) for r in _rows(database, order.id)} == {("firm", None)}


def test_a_place_that_time_has_passed_is_not_turned_firm(database: Database, plant: Plant) -> None:
    with database.write() as session:
        order = hold(session, plant)
        with pytest.raises(PlaceOvertaken):
            promiser.firm(session, [order.id], at(days=1))


def test_what_is_made_instead_of_an_order_may_have_its_places(database: Database, plant: Plant) -> None:
    with database.write() as session:
        order = firm(session, plant, 5000)
    with database.read() as session:
        beside = promiser.promise(session, ask(plant, 5000), NOW)
        instead = promiser.promise(session, replace(ask(plant, 5000), instead_of=order.id), NOW)
    assert order.ready_at is not None
    assert instead.ready_at <= order.ready_at < beside.ready_at
    assert {row.state for row in _rows(database, order.id)} == {"firm"}, "nothing is written"


def test_a_new_hold_replaces_the_old_one(database: Database, plant: Plant) -> None:
    with database.write() as session:
        order = hold(session, plant, 1700)
        answer = promiser.hold(session, order.id, ask(plant, 1700), NOW.wall, NOW)
    assert answer.ready_at == order.ready_at
    states = [r.state for r in _rows(database, order.id)]
    assert sorted(set(states)) == ["held", "released"]
    assert states.count("held") == 6


def test_guests_hold_at_most_a_fifth_of_a_days_firings(database: Database, plant: Plant) -> None:
    until = at(hours=1).wall
    with database.write() as session:
        question = ask(plant, 300, guest=True)
        guests = [promiser.hold(session, _draft(session, plant), question, until, NOW) for _ in range(4)]
        member = promiser.hold(session, _draft(session, plant), ask(plant, 300), until, NOW)
    assert guests[0].held
    assert not guests[3].held
    assert guests[3].ready_at >= guests[0].ready_at
    assert member.held


def test_a_quote_without_a_hold_can_still_be_placed(database: Database, plant: Plant) -> None:
    with database.write() as session:
        order = hold(session, plant, 1700, guest=True)
        assert not _rows(database, order.id)
        promiser.firm(session, [order.id], NOW)
    assert {r.state for r in _rows(database, order.id)} == {"firm"}


def test_a_quote_without_a_hold_is_refused_once_its_place_is_gone(database: Database, plant: Plant) -> None:
    with database.write() as session:
        order = hold(session, plant, 1700, guest=True)
        for _ in range(4):
            firm(session, plant, 1700)
        with pytest.raises(PlaceOvertaken):
            promiser.firm(session, [order.id], NOW)


def _draft(session: Session, plant: Plant) -> str:
    return make_order(session, plant, spec=mug_spec(200)).id


def test_a_rollback_leaves_no_phantom(database: Database, plant: Plant) -> None:
    with database.read() as session:
        before = promiser.promise(session, ask(plant, 1700), NOW)
    with Session(database.engine) as session:
        hold(session, plant, 1700)
        assert promiser.promise(session, ask(plant, 1700), NOW).ready_at > before.ready_at
        session.rollback()
    with database.read() as session:
        assert promiser.promise(session, ask(plant, 1700), NOW).ready_at == before.ready_at


def test_a_rollback_to_a_savepoint_leaves_no_phantom_either(database: Database, plant: Plant) -> None:
    with database.write() as session:
        before = promiser.promise(session, ask(plant, 1700), NOW)
        savepoint = session.begin_nested()
        hold(session, plant, 1700)
        assert promiser.promise(session, ask(plant, 1700), NOW).ready_at > before.ready_at
        savepoint.rollback()
        assert promiser.promise(session, ask(plant, 1700), NOW).ready_at == before.ready_at
        hold(session, plant, 1700)
        assert promiser.promise(session, ask(plant, 1700), NOW).ready_at > before.ready_at


def test_what_cannot_be_made_is_refused_with_a_sentence(database: Database, plant: Plant) -> None:
    steps = mug_spec().routing
    strange = steps[0].model_copy(update={"resources": ("LOOM",)})
    giant = steps[4].model_copy(update={"size_per_piece": Decimal(3000)})
    with database.read() as session:
        for step, error in ((strange, UnknownWorkCentre), (giant, TooLargeForPlant)):
            question = CapacityAsk(plant.id, mug_spec(steps=(step,)), NOW.business)
            with pytest.raises(error):
                promiser.promise(session, question, NOW)


def test_a_family_no_matrix_lists_takes_the_longest_changeover(database: Database, plant: Plant) -> None:
    glaze = mug_spec().routing[3]
    with database.write() as session:
        for family in ("celadon", "oxblood", "celadon"):
            spec = mug_spec(steps=(glaze.model_copy(update={"family": family, "resources": ("GLAZE1",)}),))
            firm(session, plant, 240, spec=spec)
    with database.read() as session:
        rows = list(session.exec(select(JobOrder).order_by(JobOrder.start)))
    gaps = [b.start - a.end for a, b in pairwise(rows)]
    assert [r.family for r in rows] == ["celadon", "oxblood", "celadon"]
    assert gaps == [40, 40]


def test_a_promise_stays_quick_with_three_thousand_places(database: Database, plant: Plant) -> None:
    with database.write() as session:
        for k in range(300):
            firm(session, plant, 60 + k % 5 * 40)
    with database.read() as session:
        promiser.promise(session, ask(plant), NOW)
        began = time.perf_counter()
        for _ in range(5):
            promiser.promise(session, ask(plant), NOW)
        assert (time.perf_counter() - began) / 5 < 0.05


@pytest.mark.parametrize(
    ("pieces", "steps", "days", "lots"),
    [
        (240, STEPS, None, 1),
        (5000, STEPS, None, 3),
        (2000, STEPS[4:5], None, 1),
        (12_000, STEPS[4:5], None, 6),
        (700, STEPS[5:], None, 1),
        (240, STEPS, 40, 1),
        (5000, STEPS, 40, 3),
    ],
    ids=["one lot", "lots", "one firing", "six firings", "no kiln", "at leisure", "lots at leisure"],
)
def test_what_a_quote_says_is_ready_is_the_end_of_its_held_operations(
    database: Database, plant: Plant, pieces: int, steps: tuple[RoutingStep, ...], days: int | None, lots: int
) -> None:
    with database.write() as session:
        for k in range(3):
            firm(session, plant, 900 + 300 * k)
        wished = None if days is None else NOW.business.date() + timedelta(days=days)
        wish = Ask("mug", {}, pieces, ShipTo(), wished, spec=mug_spec(pieces, steps), plant_id=plant.id)
        customer = Requester(customer_id=make_customer(session).id)
        order = quote(session, wish, requester=customer, now=NOW)
        promise, origin = Promise.model_validate(order.promise), session.get_one(Plan, plant.id).origin
    held = [row for row in _rows(database, order.id) if row.state == State.HELD]
    assert promise.held
    assert len({row.lot for row in held}) == lots
    assert len(held) == lots * len(steps)
    assert promise.ready_at == origin + timedelta(minutes=max(row.end for row in held))
    assert order.ready_at == promise.ready_at
