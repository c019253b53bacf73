"""Why a job ends when it does: the causes fill its time, each one is true, and each has its sentence."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.errors import SchedulerError
from scheduler.explaining import WORK, Cause, why
from scheduler.generating import Feature, small
from scheduler.model import (
    EPOCH,
    Assignment,
    Job,
    Mode,
    Need,
    Operation,
    Problem,
    Resource,
    Schedule,
    SetupMatrix,
    objective_of,
)
from scheduler.solver import solve
from scheduler.verifier import verify
from tests.scheduler.plants import small_plant

FIRST_DEPTH: tuple[Feature, ...] = ("setups", "calendars", "lags", "releases", "facts", "pools", "batches")
OPEN = ((0, 1000),)


def planned(problem: Problem, *places: tuple[str, str, int, int]) -> Schedule:
    found = tuple(Assignment(*place) for place in places)
    ends = {a.operation: a.end for a in found}
    return Schedule(problem.name, objective_of(problem, ends), None, "feasible", 0.0, found)


def plant(
    jobs: list[Job], *resources: Resource, fixed: tuple[Assignment, ...] = (), **setups: SetupMatrix
) -> Problem:
    return Problem("p", "2026-01-05T00:00:00Z", 1000, resources, setups, tuple(jobs), fixed)


def job(name: str, *ops: Operation, release: int = 0) -> Job:
    return Job(name, release, 0, 1, ops)


def told(causes: tuple[Cause, ...]) -> list[tuple[str, int, int]]:
    return [(c.kind, c.start, c.end) for c in causes]


def check_chain(problem: Problem, plan: Schedule) -> None:
    """The causes of every job lie end to end from its finish back to its release."""
    places = plan.by_operation()
    for one in problem.jobs:
        causes = why(problem, plan, one.id)
        begin = min(one.release, *(places[op.id].start for op in one.operations))
        finish = places[one.operations[-1].id].end
        assert sum(c.minutes for c in causes) == finish - begin
        clock = finish
        for cause in causes:
            assert cause.end == clock
            assert cause.minutes > 0
            assert cause.sentence.endswith(".")
            clock = cause.start
        assert clock == begin


def check_work(problem: Problem, plan: Schedule) -> None:
    places = plan.by_operation()
    for one in problem.jobs:
        work = sum(c.minutes for c in why(problem, plan, one.id) if c.kind in WORK)
        assert work == sum(places[op.id].end - places[op.id].start for op in one.operations)


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False))
def test_waits_and_work_add_up_to_the_flow_time(random: Random) -> None:
    problem = small(random, FIRST_DEPTH, jobs=5, steps=4)
    plan = solve(problem, time_limit=0)
    check_chain(problem, plan)
    if not problem.fixed:
        check_work(problem, plan)


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False))
def test_a_wait_is_told_to_be_a_choice_exactly_where_it_was_one(random: Random) -> None:
    """Moved to the beginning of a wait it breaks a rule, unless the wait is said to be a choice."""
    problem = small(random, ("setups", "calendars", "lags", "releases", "pools", "batches"), jobs=5, steps=4)
    plan = solve(problem, time_limit=0)
    for one in problem.jobs:
        for cause in why(problem, plan, one.id):
            if cause.kind not in (*WORK, "firing"):
                assert earlier_is_allowed(problem, plan, cause) == (cause.kind == "choice"), cause


def earlier_is_allowed(problem: Problem, plan: Schedule, cause: Cause) -> bool:
    moved = tuple(
        replace(a, start=cause.start, end=cause.start + a.end - a.start)
        if a.operation == cause.operation
        else a
        for a in plan.assignments
    )
    ends = {a.operation: a.end for a in moved}
    return verify(problem, replace(plan, assignments=moved, objective=objective_of(problem, ends))).feasible


def test_a_plan_with_overlapping_facts_still_adds_up() -> None:
    ops = (
        Operation("1", (Mode("m", 50),)),
        Operation("2", (Mode("n", 30),)),
        Operation("3", (Mode("n", 30),)),
    )
    facts = (Assignment("1", "m", 0, 50), Assignment("2", "n", 20, 40))
    problem = plant([job("j", *ops, release=10)], Resource("m", calendar=OPEN), Resource("n", calendar=OPEN))
    problem = replace(problem, fixed=facts)
    plan = planned(problem, ("1", "m", 0, 50), ("2", "n", 20, 40), ("3", "n", 60, 90))
    check_chain(problem, plan)
    assert told(why(problem, plan, "j")) == [
        ("work", 60, 90),
        ("choice", 40, 60),
        ("work", 20, 40),
        ("work", 0, 20),
    ]


def test_every_operation_in_the_queue_before_it_is_named() -> None:
    jobs = [job(n, Operation(n, (Mode("m", 20),))) for n in "abc"]
    problem = plant(jobs, Resource("m", calendar=OPEN))
    plan = planned(problem, ("a", "m", 0, 20), ("b", "m", 20, 40), ("c", "m", 40, 60))
    work, busy = why(problem, plan, "c")
    assert (work.kind, busy.kind, busy.by) == ("work", "resource", ("a", "b"))
    assert busy.sentence == "m is busy with 2 operations until Mon 5 Jan 00:40, at last with b of job b."
    assert work.sentence == "m works on c until Mon 5 Jan 01:00."


def test_a_gap_too_small_is_the_fault_of_what_follows_it() -> None:
    jobs = [job(n, Operation(n, (Mode("m", 20),))) for n in "ab"]
    problem = plant(jobs, Resource("m", calendar=OPEN))
    plan = planned(problem, ("a", "m", 10, 30), ("b", "m", 30, 50))
    assert why(problem, plan, "b")[1] == Cause(
        "resource", "b", 0, 30, "m", ("a",), "", "m is busy with a of job a until Mon 5 Jan 00:30."
    )


def test_setup_and_closed_time_are_told_apart() -> None:
    matrix = SetupMatrix(("red", "blue"), ((0, 15), (15, 0)))
    jobs = [job(n, Operation(n, (Mode("m", 20),), family)) for n, family in (("a", "red"), ("b", "blue"))]
    problem = plant(jobs, Resource("m", calendar=((0, 50), (100, 200)), setup="s"), s=matrix)
    plan = planned(problem, ("a", "m", 0, 20), ("b", "m", 100, 120))
    assert told(why(problem, plan, "b")) == [
        ("work", 100, 120),
        ("calendar", 35, 100),
        ("setup", 20, 35),
        ("resource", 0, 20),
    ]
    setup = why(problem, plan, "b")[2]
    assert setup.sentence == "m changes over from red to blue until Mon 5 Jan 00:35."


def test_a_lag_and_a_release_are_told_apart() -> None:
    ops = (Operation("1", (Mode("m", 10),), min_lag=5), Operation("2", (Mode("m", 10),), release=40))
    problem = plant([job("j", *ops)], Resource("m", calendar=OPEN))
    causes = why(problem, planned(problem, ("1", "m", 0, 10), ("2", "m", 40, 50)), "j")
    assert told(causes) == [("work", 40, 50), ("release", 15, 40), ("predecessor", 10, 15), ("work", 0, 10)]
    assert causes[2].sentence == "2 may start 5 min after 1 at the earliest, at Mon 5 Jan 00:15."


def test_a_firing_waits_for_its_last_member_and_for_the_kiln() -> None:
    def fired(n: str, release: int) -> Job:
        return job(n, Operation(n, (Mode("kiln", 60),), "hot"), release=release)

    jobs = [fired("a", 0), fired("b", 10), fired("c", 150)]
    problem = plant(jobs, Resource("kiln", "batch", OPEN, capacity=2))
    plan = planned(problem, ("a", "kiln", 20, 80), ("b", "kiln", 150, 210), ("c", "kiln", 150, 210))
    causes = why(problem, plan, "b")
    assert told(causes) == [("work", 150, 210), ("firing", 80, 150), ("resource", 10, 80)]
    assert causes[1].by == ("c",)
    assert causes[1].sentence == "The firing on kiln waits for c of job c, ready at Mon 5 Jan 02:30."


def test_loading_and_cooling_are_work() -> None:
    kiln = Resource("kiln", "batch", ((0, 100), (200, 400)), capacity=2, loading=5, cooling=40)
    problem = plant([job("a", Operation("a", (Mode("kiln", 60),), "hot"))], kiln)
    causes = why(problem, planned(problem, ("a", "kiln", 35, 140)), "a")
    assert told(causes)[:3] == [("cooling", 100, 140), ("work", 40, 100), ("loading", 35, 40)]
    assert causes[0].sentence == "kiln cools for 40 min, until Mon 5 Jan 02:20."


def test_a_full_pool_is_told_by_who_leaves_it() -> None:
    jobs = [
        job(n, Operation(n, (Mode("dryer", 50),), size=size)) for n, size in (("a", 3), ("b", 1), ("c", 2))
    ]
    problem = plant(jobs, Resource("dryer", "pool", OPEN, capacity=4))
    plan = planned(problem, ("a", "dryer", 0, 50), ("b", "dryer", 0, 50), ("c", "dryer", 50, 100))
    causes = why(problem, plan, "c")
    assert told(causes) == [("work", 50, 100), ("resource", 0, 50)]
    assert causes[1].sentence == "dryer is full until Mon 5 Jan 00:50, when b of job b leaves it."


def test_a_second_dimension_can_be_the_full_one() -> None:
    jobs = [job(n, Operation(n, (Mode("dryer", 50),), size=(1, 3))) for n in "ab"]
    problem = plant(jobs, Resource("dryer", "pool", OPEN, capacity=(9, 4)))
    plan = planned(problem, ("a", "dryer", 0, 50), ("b", "dryer", 50, 100))
    assert told(why(problem, plan, "b")) == [("work", 50, 100), ("resource", 0, 50)]


def test_a_secondary_resource_is_named_with_who_has_it() -> None:
    jobs = [job(n, Operation(n, (Mode(f"m{n}", 20, (Need("crew", 2),)),))) for n in "ab"]
    machines = [Resource(f"m{n}", calendar=OPEN) for n in "ab"]
    problem = plant(jobs, *machines, Resource("crew", "pool", ((0, 60), (90, 200)), capacity=3))
    plan = planned(problem, ("a", "ma", 10, 30), ("b", "mb", 90, 110))
    causes = why(problem, plan, "b")
    assert told(causes) == [("work", 90, 110), ("calendar", 41, 90), ("choice", 30, 41), ("need", 0, 30)]
    assert causes[3].sentence == "b needs crew besides, which a of job a has until Mon 5 Jan 00:30."
    assert causes[1].sentence == "crew closes too soon for b, which waits until Mon 5 Jan 01:30."


def test_a_pausing_operation_rests_while_its_machine_is_closed() -> None:
    problem = plant(
        [job("j", Operation("1", (Mode("m", 30),), may_pause=True))],
        Resource("m", calendar=((0, 20), (50, 90))),
    )
    causes = why(problem, planned(problem, ("1", "m", 0, 60)), "j")
    assert told(causes) == [("work", 50, 60), ("rest", 20, 50), ("work", 0, 20)]
    assert causes[1].sentence == "m is closed until Mon 5 Jan 00:50; 1 rests in it."


def test_it_is_held_back_for_what_may_not_wait_after_it() -> None:
    ops = (Operation("1", (Mode("m", 10),), max_lag=5), Operation("2", (Mode("n", 10),)))
    problem = plant([job("j", *ops)], Resource("m", calendar=OPEN), Resource("n", calendar=((100, 200),)))
    causes = why(problem, planned(problem, ("1", "m", 85, 95), ("2", "n", 100, 110)), "j")
    assert told(causes) == [
        ("work", 100, 110),
        ("calendar", 95, 100),
        ("work", 85, 95),
        ("successor", 0, 85),
    ]
    assert causes[3].sentence == "1 is held back for 2: only so much time may pass between them."


def test_other_occupancy_is_named_by_its_own_id() -> None:
    problem = plant(
        [job("j", Operation("1", (Mode("m", 10),)))],
        Resource("m", calendar=OPEN),
        fixed=(Assignment("burner lost", "m", 0, 70),),
    )
    causes = why(problem, planned(problem, ("1", "m", 70, 80)), "j")
    assert causes[1].sentence == "m is busy with burner lost until Mon 5 Jan 01:10."


def test_without_an_origin_minutes_are_told() -> None:
    problem = replace(plant([job("j", Operation("1", (Mode("m", 1500),)))], Resource("m")), origin=EPOCH)
    assert why(problem, planned(problem, ("1", "m", 0, 1500)), "j")[0].sentence == (
        "m works on 1 until minute 1,500."
    )


def test_what_is_not_there_is_named() -> None:
    problem = small_plant()
    plan = solve(problem, time_limit=0)
    with pytest.raises(SchedulerError, match="there is no job q in problem pots"):
        why(problem, plan, "q")
    lacking = replace(plan, assignments=tuple(a for a in plan.assignments if a.operation != "x.dry"))
    with pytest.raises(SchedulerError, match=r"no place for operation x\.dry of job x"):
        why(problem, lacking, "x")
