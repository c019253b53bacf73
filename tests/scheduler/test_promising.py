"""A promise is the earliest there is, changes nothing, and says what it waits for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scheduler.errors import Conflict, Unsolvable
from scheduler.model import Assignment, Job, Mode, Operation, Problem, Resource, Schedule
from scheduler.promising import ROOM, Hinge, commit, insert, no_sooner, promise, promise_lots
from scheduler.timetable import Timetable
from tests.scheduler.plants import HORIZON, allowed, opinion, problems, small_plant

Standing = list[tuple[Assignment, Operation]]


def brute(problem: Problem, standing: Standing, job: Job, top: int = 400) -> int | None:
    """The earliest completion by trying every minute of every mode of every operation."""
    reach: set[int] | None = None
    before: Operation | None = None
    for op in job.operations:
        ends = set()
        for mode in op.modes:
            for start in range(max(job.release, op.release), top):
                if before is not None and reach is not None and not follows(reach, before, start):
                    continue
                place = Assignment(op.id, mode.resource, start, start + mode.minutes)
                if allowed(problem, standing, place, op):
                    ends.add(place.end)
        reach, before = ends, op
    return min(reach) if reach else None


def follows(reach: set[int], before: Operation, start: int) -> bool:
    most = HORIZON if before.max_lag is None else before.max_lag
    return any(before.min_lag <= start - end <= most for end in reach)


@settings(max_examples=25, deadline=None)
@given(problems(jobs=3, steps=3, setups=False))
def test_a_promise_is_the_earliest_completion_there_is(problem: Problem) -> None:
    timetable = Timetable(problem.resources, problem.setups)
    standing: Standing = []
    for job in problem.jobs:
        answer = promise(timetable, job, not_before=0)
        assert answer.completion == brute(problem, standing, job)
        version = timetable.version
        commit(timetable, [job], answer)
        assert timetable.version == version + len(job.operations)
        standing += list(zip(answer.assignments, job.operations, strict=True))


@settings(max_examples=60, deadline=None)
@given(problems(jobs=5, steps=4), st.integers(0, 200))
def test_promises_taken_one_after_the_other_make_a_plan(problem: Problem, join_within: int) -> None:
    timetable = Timetable(problem.resources, problem.setups)
    for job in problem.jobs:
        before = sorted(timetable.assignments(), key=lambda a: a.operation)
        answer = promise(timetable, job, not_before=0, join_within=join_within)
        assert sorted(timetable.assignments(), key=lambda a: a.operation) == before
        assert sum(h.minutes for h in answer.hinges_on if h.kind != "predecessor") >= 0
        commit(timetable, [job], answer)
    assert opinion(problem, Schedule("random", 0, None, "", 0.0, tuple(timetable.assignments()))) == []


@settings(max_examples=40, deadline=None)
@given(problems(jobs=3, steps=4))
def test_lots_of_one_order_do_not_take_each_others_places(problem: Problem) -> None:
    timetable = Timetable(problem.resources, problem.setups)
    together = promise_lots(timetable, problem.jobs, not_before=0)
    assert len(timetable) == 0
    assert together.completion == max(
        a.end for a in together.assignments if a.operation in last_ones(problem)
    )
    commit(timetable, problem.jobs, together)
    assert opinion(problem, Schedule("random", 0, None, "", 0.0, tuple(timetable.assignments()))) == []


@settings(max_examples=60, deadline=None)
@given(problems(jobs=5, steps=4), st.integers(0, 300))
def test_what_waits_begins_later_and_ends_when_it_was_promised(problem: Problem, cushion: int) -> None:
    timetable = Timetable(problem.resources, problem.setups)
    for job in problem.jobs[:2]:
        insert(timetable, job, not_before=0)
    lots = problem.jobs[2:]
    promised = promise_lots(timetable, lots, not_before=0)
    version, standing = timetable.version, list(timetable.assignments())
    later = no_sooner(timetable, lots, promised, cushion=cushion)
    assert list(timetable.assignments()) == standing, f"left as it was, at {version}"
    commit(timetable, lots, later)
    before = {a.operation: a for a in promised.assignments}
    after = {a.operation: a for a in later.assignments}
    assert later.completion == promised.completion
    for job in lots:
        assert after[job.operations[-1].id].end == before[job.operations[-1].id].end
        assert after[job.operations[0].id].start >= before[job.operations[0].id].start
    plan = Schedule(problem.name, 0, None, "feasible", 0.0, tuple(timetable.assignments()))
    assert opinion(problem, plan) == []


def test_clay_is_not_formed_weeks_before_its_kiln_is_free() -> None:
    press, kiln = Resource("press", "machine", ((0, 90_000),)), Resource("kiln", "batch", ((0, 90_000),), 5)
    timetable = Timetable([press, kiln])
    timetable.place_fact(Assignment("full", "kiln", 0, 60_000))
    steps = (Operation("form", (Mode("press", 30),), min_lag=600), Operation("fire", (Mode("kiln", 1200),)))
    job = Job("mugs", 0, 0, 1, steps)
    promised = promise(timetable, job, not_before=0)
    assert [a.start for a in promised.assignments] == [0, 60_000], "as early as can be"
    later = no_sooner(timetable, [job], promised, cushion=2880)
    form, fire = later.assignments
    assert (fire.start, later.completion) == (60_000, promised.completion)
    spare = fire.start - 600 - form.end - 2880
    assert 0 <= spare <= ROOM[0] * 630, "little sooner than its end needs, and the cushion"


def test_what_waits_no_longer_than_the_cushion_stays() -> None:
    plant = small_plant()
    timetable = Timetable(plant.resources, plant.setups)
    promised = promise(timetable, plant.jobs[0], not_before=0)
    again = no_sooner(timetable, plant.jobs[:1], promised, cushion=HORIZON)
    assert again.assignments == promised.assignments


def last_ones(problem: Problem) -> set[str]:
    return {job.operations[-1].id for job in problem.jobs}


def test_nothing_is_promised_before_the_frozen_time() -> None:
    plant = small_plant()
    timetable = Timetable(plant.resources, plant.setups, frozen_before=77)
    assert min(a.start for a in promise(timetable, plant.jobs[0], not_before=0).assignments) >= 77


def test_waits_are_named_biggest_first() -> None:
    plant = small_plant()
    timetable = Timetable(plant.resources, plant.setups)
    insert(timetable, plant.jobs[2], not_before=0)
    timetable.place_fact(Assignment("service", "pack", 200, 1000))
    job = replace(plant.jobs[1], release=30)
    answer = promise(timetable, job, not_before=0)
    assert answer.completion == 1020
    assert answer.hinges_on[0].kind == "resource"
    assert answer.hinges_on[0].id == "pack"
    assert [h.minutes for h in answer.hinges_on] == sorted(
        (h.minutes for h in answer.hinges_on), reverse=True
    )
    assert Hinge("release", "y", 30, "y.press") in answer.hinges_on
    assert Hinge("predecessor", "y.fire", 15, "y.pack") in answer.hinges_on


def test_waits_add_up_to_the_lead_time() -> None:
    plant = small_plant()
    timetable = Timetable(plant.resources, plant.setups)
    for job in plant.jobs:
        answer = promise(timetable, job, not_before=0)
        work = sum(op.modes[0].minutes for op in job.operations)
        assert sum(h.minutes for h in answer.hinges_on) + work == answer.completion
        commit(timetable, [job], answer)


def test_joining_a_firing_later_is_a_wait_for_that_firing() -> None:
    kiln = Resource("kiln", "batch", ((0, 1000),), capacity=5)
    timetable = Timetable([kiln])
    first, second = (Operation(n, (Mode("kiln", 90),), family="low", size=2) for n in "12")
    timetable.place(Assignment("1", "kiln", 50, 140), first)
    answer = promise(timetable, Job("j", 0, 0, 1, (second,)), not_before=0)
    assert answer.hinges_on == (Hinge("firing", "kiln", 50, "2"),)


def test_closed_time_is_a_wait_for_the_calendar() -> None:
    timetable = Timetable([Resource("m", "machine", ((0, 5), (60, 100)))])
    answer = promise(timetable, Job("j", 0, 0, 1, (Operation("1", (Mode("m", 10),)),)), not_before=0)
    assert answer.hinges_on == (Hinge("calendar", "m", 60, "1"),)


def two_steps(lag: int) -> Job:
    ops = (Operation("1", (Mode("m", 10),), max_lag=lag), Operation("2", (Mode("n", 10),)))
    return Job("j", 0, 0, 1, ops)


def test_a_largest_lag_sends_the_predecessor_later() -> None:
    timetable = Timetable(
        [Resource("m", calendar=((0, 50), (80, 200))), Resource("n", calendar=((100, 200),))]
    )
    answer = promise(timetable, two_steps(30), not_before=0)
    assert [(a.start, a.end) for a in answer.assignments] == [(80, 90), (100, 110)]
    assert promise(timetable, two_steps(60), not_before=0).assignments[0].start == 30


def test_what_cannot_be_promised_is_named() -> None:
    timetable = Timetable([Resource("m", calendar=((0, 50),)), Resource("n", calendar=((100, 200),))])
    with pytest.raises(Unsolvable, match="operation 2: no open place within 30 minutes after operation 1"):
        promise(timetable, two_steps(30), not_before=0)
    with pytest.raises(Unsolvable, match="operation 1: no free place left in the calendars of m"):
        promise(timetable, two_steps(99), not_before=45)
    assert len(timetable) == 0


def test_a_place_that_is_gone_is_not_taken_twice() -> None:
    plant = small_plant()
    timetable = Timetable(plant.resources, plant.setups)
    answer = promise(timetable, plant.jobs[0], not_before=0)
    commit(timetable, [plant.jobs[2]], promise(timetable, plant.jobs[2], not_before=0))
    standing = sorted(timetable.assignments(), key=lambda a: a.operation)
    with pytest.raises(Conflict):
        commit(timetable, [plant.jobs[0]], answer)
    assert sorted(timetable.assignments(), key=lambda a: a.operation) == standing


def test_a_job_that_meets_itself_pays_its_own_setup() -> None:
    plant = small_plant()
    ops = (
        Operation("1", (Mode("press", 20),), family="a", max_lag=30),
        Operation("2", (Mode("press", 20),), family="c", max_lag=40),
        Operation("3", (Mode("press", 20),), family="b"),
    )
    timetable = Timetable(plant.resources, plant.setups)
    answer = promise(timetable, Job("j", 0, 0, 1, ops), not_before=0)
    assert [a.start for a in answer.assignments] == [0, 40, 75]


@settings(max_examples=60, deadline=None)
@given(problems(jobs=4, steps=4, triangle=True), st.data())
def test_any_order_of_promises_and_cancellations_keeps_a_plan(problem: Problem, data: st.DataObject) -> None:
    """Where no setup is longer than one by a detour; see `test_book` for plants where one is."""
    assume(len(problem.jobs) > 1)
    timetable = Timetable(problem.resources, problem.setups)
    inside: dict[str, Job] = {}
    for _ in range(12):
        job = data.draw(st.sampled_from(problem.jobs))
        if job.id in inside:
            for op in inside.pop(job.id).operations:
                timetable.remove(op.id)
        else:
            insert(timetable, job, not_before=data.draw(st.integers(0, 90)))
            inside[job.id] = job
        part = replace(problem, jobs=tuple(inside.values()))
        schedule = Schedule("random", 0, None, "", 0.0, tuple(timetable.assignments()))
        assert opinion(part, schedule) == []
