"""After reality has moved: feasible at once, facts untouched, little moved, what moved is told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.errors import ProblemError, Unsolvable
from scheduler.model import Assignment, Job, Mode, Operation, Problem, Resource, Schedule, SetupMatrix
from scheduler.rescheduling import repair
from scheduler.solver import solve
from scheduler.verifier import verify
from tests.scheduler.plants import problems, small_plant


def closed(resource: Resource, start: int, end: int) -> Resource:
    """The resource without the time from start to end."""
    windows = [(a, min(b, start)) for a, b in resource.calendar] + [
        (max(a, end), b) for a, b in resource.calendar
    ]
    return replace(resource, calendar=tuple(sorted((a, b) for a, b in windows if a < b)))


def test_nothing_moves_when_nothing_happened() -> None:
    plant = small_plant()
    plan = solve(plant, time_limit=0)
    mended = repair(plant, plan, now=0)
    assert mended.moved == {}
    assert mended.schedule.assignments == plan.assignments


def test_a_breakdown_moves_what_it_hits_and_no_more() -> None:
    plant = small_plant()
    plan = solve(plant, time_limit=0)
    last = max(plan.assignments, key=lambda a: a.start if a.resource == "kiln" else 0)
    broken = replace(
        plant,
        resources=tuple(
            closed(r, last.start, last.start + 80) if r.id == "kiln" else r for r in plant.resources
        ),
    )
    mended = repair(broken, plan, now=0)
    assert verify(broken, mended.schedule).feasible
    job = last.operation.split(".")[0]
    assert {name for name in mended.moved if not name.startswith(job)} == set()
    before, after = mended.moved[last.operation]
    assert before == last
    assert after.start >= last.start + 80


def test_started_work_stays_and_late_starts_move() -> None:
    plant = small_plant()
    plan = solve(plant, time_limit=0)
    first = min(plan.assignments, key=lambda a: a.start)
    started = replace(first, end=first.end + 25)
    changed = replace(plant, fixed=(started,))
    mended = repair(changed, plan, now=60)
    places = mended.schedule.by_operation()
    assert places[first.operation] == started
    assert all(a.start >= 60 for name, a in places.items() if name != first.operation)


def test_new_and_removed_jobs_are_told() -> None:
    plant = small_plant()
    plan = solve(replace(plant, jobs=plant.jobs[:2]), time_limit=0)
    mended = repair(replace(plant, jobs=plant.jobs[1:]), plan, now=0)
    assert set(mended.moved) == {op.id for op in plant.jobs[2].operations}
    assert all(before is None for before, _ in mended.moved.values())


def test_late_material_moves_the_operation_that_waits_for_it() -> None:
    plant = small_plant()
    plan = solve(plant, time_limit=0)
    jobs = tuple(
        replace(j, operations=(*j.operations[:3], replace(j.operations[3], release=700)))
        if j.id == "x"
        else j
        for j in plant.jobs
    )
    mended = repair(replace(plant, jobs=jobs), plan, now=0)
    assert set(mended.moved) == {"x.pack"}
    assert mended.moved["x.pack"][1].start == 700


def test_a_lag_that_reality_has_broken_is_named_and_widened() -> None:
    plant = small_plant()
    plan = solve(plant, time_limit=0)
    fact = Assignment("x.press", "press", 0, 40)
    late = replace(plant, fixed=(fact,))
    mended = repair(late, plan, now=500)
    assert mended.relaxed == ("x.dry",)
    assert mended.schedule.by_operation()["x.dry"].start == 500
    assert verify(mended.problem, mended.schedule).feasible
    assert "max lag broken" in verify(late, mended.schedule).violations


def test_what_a_fact_binds_comes_before_what_can_wait() -> None:
    """The dryer is full of others when the pressed clay must get in: they give way."""
    plant = small_plant()
    plan = solve(plant, time_limit=0)
    press = plan.by_operation()["z.press"]
    late = replace(press, end=press.end + 15)
    small = tuple(replace(r, capacity=3) if r.id == "dryer" else r for r in plant.resources)
    changed = replace(plant, resources=small, fixed=(late,))
    mended = repair(changed, plan, now=late.start + 1)
    assert mended.relaxed == ()
    assert verify(changed, mended.schedule).feasible


def test_improving_a_repair_weighs_moves() -> None:
    plant = small_plant()
    plan = solve(plant, time_limit=0)
    broken = replace(
        plant, resources=tuple(closed(r, 150, 420) if r.id == "kiln" else r for r in plant.resources)
    )
    at_once = repair(broken, plan, now=0)
    better = repair(broken, plan, now=0, time_limit=20, workers=1, rounds=40, move_cost=1)
    still = repair(broken, plan, now=0, time_limit=20, workers=1, rounds=40, move_cost=10_000)
    assert better.schedule.objective + len(better.moved) <= at_once.schedule.objective + len(at_once.moved)
    assert len(still.moved) <= len(at_once.moved)


def test_what_cannot_be_mended_is_named() -> None:
    plant = small_plant()
    plan = solve(plant, time_limit=0)
    with pytest.raises(Unsolvable, match="operation"):
        repair(plant, plan, now=2990)
    with pytest.raises(ProblemError, match=r"operation x.press: it is not fixed, but x.dry after it is"):
        repair(replace(plant, fixed=(plan.by_operation()["x.dry"],)), plan, now=0)


@settings(max_examples=50, deadline=None)
@given(problems(jobs=5, steps=4), st.data())
def test_any_mishap_is_mended(problem: Problem, data: st.DataObject) -> None:
    plan = solve(problem, time_limit=0)
    for _ in range(2):
        now = data.draw(st.integers(0, 200))
        hit = data.draw(st.sampled_from([r.id for r in problem.resources]))
        down = closed_all(problem, hit, now, now + data.draw(st.integers(1, 300)))
        started = {a.operation for a in plan.assignments if a.start < now} - {a.operation for a in down.fixed}
        late = data.draw(st.integers(0, 20))
        facts = [replace(a, end=a.end + late) for a in plan.assignments if a.operation in started]
        changed = replace(down, fixed=(*down.fixed, *facts))
        mended = repair(changed, plan, now=now)
        assert verify(mended.problem, mended.schedule).feasible
        free = set(problem.operations()) - {a.operation for a in changed.fixed}
        places, before = mended.schedule.by_operation(), plan.by_operation()
        assert set(mended.moved) == {name for name in free if places[name] != before[name]}
        assert all(places[name].start >= now for name in free)
        problem, plan = mended.problem, mended.schedule


def test_a_setup_by_a_detour_does_not_stop_a_repair() -> None:
    """From c to a takes two minutes, by way of b none; then what lay between the two has to move."""
    matrix = SetupMatrix(("a", "b", "c"), ((0, 0, 0), (0, 0, 0), (2, 0, 0)))
    plant = Resource("m1", "machine", ((0, 900),), setup="s"), Resource("m2", "machine", ((1, 900),))
    either = (Mode("m1", 1), Mode("m2", 1))
    jobs = (
        Job("x", 0, 0, 1, (Operation("x", (Mode("m1", 1),), "c"),)),
        Job("y", 0, 0, 1, (Operation("y0", either, "a"), Operation("y1", either, "b"))),
        Job("z", 0, 0, 1, (Operation("z", (Mode("m1", 1),), "a"),)),
    )
    problem = Problem("detour", "", 900, plant, {"s": matrix}, jobs)
    stood = (("x", "m1", 0), ("y0", "m2", 0), ("y1", "m1", 1), ("z", "m1", 2))
    places = tuple(Assignment(name, on, start, start + 1) for name, on, start in stood)
    mended = repair(problem, Schedule("detour", 6, 0, "feasible", 0.0, places), now=0)
    assert verify(mended.problem, mended.schedule).feasible


def closed_all(problem: Problem, hit: str, start: int, end: int) -> Problem:
    return replace(
        problem, resources=tuple(closed(r, start, end) if r.id == hit else r for r in problem.resources)
    )
