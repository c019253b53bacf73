"""Promises kept by a search: before a repair or pieces begun again break one, the whole plan is looked at."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import Session

from cosmo.db import Database
from cosmo.orders import Order
from cosmo.parties import Plant
from modules.manufacturing import again, displacing, keeping, problems, reality
from modules.manufacturing.breakdowns import report_breakdown
from modules.manufacturing.disrupting import Standstill
from modules.manufacturing.keeping import keep, late, pressed
from scheduler.book import Book
from scheduler.errors import Rejected
from scheduler.model import Assignment, Job, Mode, Operation, Problem, Resource, Schedule
from scheduler.solver import schedule_of
from scheduler.verifier import verify
from tests.factories import NOW
from tests.modules.manufacturing.shop import Floor, jobs, order_of, plan_report, sourced
from tests.modules.manufacturing.test_reality import told


@pytest.fixture(autouse=True)
def _fewer_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernels' twins run here, which are slow."""
    monkeypatch.setattr(keeping, "SLICES", 6)
    monkeypatch.setattr(keeping, "ROUNDS", 20)


def one(name: str, minutes: int, due: int) -> Job:
    return Job(name, 0, due, 1, (Operation(f"{name}.1", (Mode("m", minutes),)),))


def line(*jobs: Job, fixed: tuple[Assignment, ...] = ()) -> Problem:
    machine = Resource("m", "machine", ((0, 1000),))
    return Problem("p", "1970-01-05T00:00:00Z", 1000, (machine,), {}, jobs, fixed)


def in_turn(problem: Problem) -> dict[str, Assignment]:
    """One after the other, as the problem names them."""
    at, found = 0, {}
    for job in problem.jobs:
        op = job.operations[0]
        found[op.id] = Assignment(op.id, "m", at, at + op.modes[0].minutes)
        at += op.modes[0].minutes
    return found


def standing(problem: Problem) -> Schedule:
    return schedule_of(problem, in_turn(problem).values(), "feasible", 0.0)


PATIENT, PRESSING = one("patient", 50, 500), one("pressing", 20, 30)


def test_who_has_time_goes_behind_who_has_not() -> None:
    problem = line(PATIENT, PRESSING)
    assert late(problem, in_turn(problem)) == {"pressing"}
    found = keep(problem, in_turn(problem), 0, 1)
    assert found is not None
    assert not late(problem, found.by_operation())
    assert verify(problem, found).feasible


def test_what_cannot_be_kept_is_left_as_it_is() -> None:
    """What has begun stands, nothing begins in the past, of two that cannot both be kept neither is found."""
    begun = Assignment("patient.1", "m", 0, 50)
    assert keep(line(PATIENT, PRESSING, fixed=(begun,)), in_turn(line(PATIENT, PRESSING)), 0, 1) is None
    assert keep(line(PATIENT, PRESSING), in_turn(line(PATIENT, PRESSING)), 15, 1) is None
    both = line(one("first", 50, 60), PRESSING)
    assert keep(both, in_turn(both), 0, 1) is None
    kept = line(PRESSING, PATIENT)
    assert keep(kept, in_turn(kept), 0, 1) is None, "nothing is broken"


def test_new_work_gets_a_place_in_time_where_others_may_wait() -> None:
    problem = line(replace(PATIENT, promised=50))
    book = Book(problem, standing(problem))
    found = book.promise([PRESSING], not_before=0, tier=2)
    assert found.completion == 70, "others go no further than what they lend"
    offer = pressed(book, found, 30, {"patient": 500})
    assert offer.completion <= 30
    assert set(offer.displaced) == set(offer.counts_on) == {"patient.1"}
    book.hold(offer, "again", expires=None)
    ends = {a.operation: a.end for a in book.schedule().assignments}
    assert ends["pressing.1"] <= 30
    assert ends["patient.1"] <= 500


def test_new_work_moves_nobody_beyond_a_promise() -> None:
    problem = line(replace(PATIENT, promised=50))
    book = Book(problem, standing(problem))
    found = book.promise([PRESSING], not_before=0)
    assert pressed(book, found, 30, {"patient": 60}) is found
    assert pressed(book, found, 70, {"patient": 500}) is found, "it is in time anyway"


def test_nobody_is_broken_for_new_work_of_which_more_than_one_lot_is_late() -> None:
    """Two new lots late against one other: fewer would be broken, and the other never agreed."""
    problem = line(replace(PATIENT, due=60, promised=50))
    book = Book(problem, standing(problem))
    lots = [one("new", 20, 30), one("new too", 20, 40)]
    found = book.promise(lots, not_before=0)
    assert found.completion == 90
    assert pressed(book, found, 40, {"patient": 60}) is found
    assert pressed(book, found, 40, {"patient": 90}).completion == 40


def test_orders_are_counted_and_not_their_lots() -> None:
    lots = line(one("a/1", 10, 5), one("a/2", 10, 5), one("b/1", 10, 5))
    assert late(lots, in_turn(lots)) == {"a", "b"}
    over = Assignment("b/1.1", "m", 20, 30)
    assert late(replace(lots, fixed=(over,)), in_turn(lots)) == {"a"}, "what is over is not searched for"


def test_a_search_that_fails_leaves_the_plan_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> Schedule:
        raise Rejected("the setup takes longer")

    monkeypatch.setattr(keeping, "gate", fails)
    problem = line(PATIENT, PRESSING)
    assert keep(problem, in_turn(problem), 0, 1) is None


# ---- in the plant ----


@pytest.fixture
def close(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan without spare hours, where nobody lends, so that one hour decides."""
    monkeypatch.setattr(displacing, "SPARE", 0)
    monkeypatch.setattr(problems, "LENT", 0)


@pytest.fixture
def searching(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """As if the kernels were compiled, or not."""

    def set_to(wanted: bool) -> None:
        monkeypatch.setattr(reality, "loaded", lambda: wanted)
        monkeypatch.setattr(again, "loaded", lambda: wanted)

    return set_to


def allow(session: Session, order_id: str, days: int) -> None:
    """Let the promise have been given for so many days after the planned end."""
    order = session.get_one(Order, order_id)
    assert order.ready_at is not None
    late = order.ready_at + timedelta(days=days)
    order.promised_date = late.date()
    order.promise = {**order.promise, "buffer_minutes": days * 1440, "delivery_date": late.date().isoformat()}
    session.add(order)


def stopped_before(floor: Floor, minute: int, hours: float) -> Standstill:
    start = floor.at(minute)
    return Standstill("ROLL", start, start + timedelta(hours=hours), "bearing")


@pytest.mark.parametrize(("search", "soon", "kept"), [(True, 0, True), (False, 0, False), (True, 60, False)])
def test_a_standstill_that_hits_one_is_met_by_another_who_has_time(
    database: Database, plant: Plant, close: None, searching: Callable[[bool], None],
    monkeypatch: pytest.MonkeyPatch, search: bool, soon: int, kept: bool,
) -> None:  # fmt: skip
    """The second order's turn at the roller-former falls into it; the first goes later instead. Negative
    controls: without the search its day moves, and so it does where the first begins within the hour."""
    monkeypatch.setattr(reality, "SOON", soon)
    monkeypatch.setattr("modules.manufacturing.breakdowns.foresee.__defaults__", (0.0,))
    searching(search)
    floor = Floor(database, plant)
    first, second = sourced(database, plant, 1900), sourced(database, plant, 120)
    with database.write() as session:
        allow(session, first.id, 12)
        allow(session, second.id, 0)
    at = min(jobs(database, second.id)[0].start, jobs(database, first.id)[0].end)
    report_breakdown(database, plant, stopped_before(floor, at, 60), "planner", NOW)
    with database.read() as session:
        assert plan_report(session, plant).feasible
    moved = told(database, second.id, "promise-moved")
    assert bool(moved) is not kept
    assert not told(database, first.id, "promise-moved")


@pytest.mark.parametrize("search", [True, False])
def test_pieces_begun_again_are_in_time_where_others_have_more(
    database: Database, plant: Plant, close: None, searching: Callable[[bool], None], search: bool
) -> None:
    """Lost before the last firing: what is begun again has two days more than was planned. Negative control:
    without the search the day moves."""
    searching(search)
    floor = Floor(database, plant)
    order = sourced(database, plant, 240)
    others = [sourced(database, plant, 1000) for _ in range(8)]
    with database.write() as session:
        allow(session, order.id, 2)
        for other in others:
            allow(session, other.id, 20)
    floor.walk(order.id, until="glaze")
    floor.run(jobs(database, order.id)[3], scrap=100)
    with database.read() as session:
        assert plan_report(session, plant).feasible
    assert bool(told(database, order.id, "promise-moved")) is not search
    assert not any(told(database, other.id, "promise-moved") for other in others)
    assert order_of(database, order.id).stage == "in_production"
