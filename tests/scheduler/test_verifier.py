"""The verifier passes what is right, agrees with a second opinion, and catches a fault of every kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.model import Assignment, Job, Mode, Operation, Problem, Resource, Schedule, objective_of
from scheduler.verifier import verify
from tests.scheduler.plants import opinion, problems, small_plant

RIGHT = {
    "x.press": ("press", 0, 40),
    "y.press": ("press", 50, 90),
    "z.press": ("press", 150, 190),
    "x.dry": ("dryer", 40, 100),
    "y.dry": ("dryer", 90, 150),
    "z.dry": ("dryer", 190, 250),
    "x.fire": ("kiln", 160, 250),
    "y.fire": ("kiln", 160, 250),
    "z.fire": ("kiln", 280, 370),
    "x.pack": ("pack", 265, 285),
    "y.pack": ("pack", 285, 305),
    "z.pack": ("pack", 385, 405),
}


def plan(**changes: tuple[str, int, int]) -> Schedule:
    """The right plan with some places changed; `y_fire` stands for "y.fire"."""
    places = {**RIGHT, **{name.replace("_", "."): place for name, place in changes.items()}}
    found = tuple(Assignment(name, *place) for name, place in places.items())
    return Schedule(
        "pots", objective_of(small_plant(), {a.operation: a.end for a in found}), None, "", 0.0, found
    )


def test_the_right_plan_passes() -> None:
    report = verify(small_plant(), plan())
    assert report.feasible, report.violations
    assert (report.objective, report.late_jobs, report.firings) == (3 * 5 + 2 * 105, 2, 2)


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("resource not among the modes", {"x_pack": ("kiln", 265, 285)}),
        ("wrong duration", {"x_pack": ("pack", 265, 284)}),
        ("outside the calendar", {"z_press": ("press", 140, 180)}),
        ("outside the calendar", {"z_fire": ("kiln", 390, 480), "z_pack": ("pack", 495, 515)}),
        ("overlap", {"y_press": ("press", 39, 79)}),
        ("setup too short", {"y_press": ("press", 49, 89)}),
        ("setup too short", {"z_fire": ("kiln", 279, 369)}),
        ("overlap", {"z_fire": ("kiln", 249, 339)}),
        ("two recipes in one firing", {"z_fire": ("kiln", 160, 250)}),
        ("min lag broken", {"x_pack": ("pack", 264, 284)}),
        ("max lag broken", {"z_dry": ("dryer", 211, 271), "z_fire": ("kiln", 281, 371)}),
        ("before release", {"y_press": ("press", 4, 44), "x_press": ("press", 54, 94)}),
    ],
)
def test_a_planted_fault_is_caught(kind: str, changes: dict[str, tuple[str, int, int]]) -> None:
    report = verify(small_plant(), plan(**changes))
    assert not report.feasible
    assert kind in report.violations
    assert report.counts[kind] >= 1


def test_two_operations_of_one_id_are_caught_whatever_else_they_are() -> None:
    once, again = (Operation("a", (Mode("m", 10),), family) for family in (None, "red"))
    machine = Resource("m", "machine", ((0, 100),))
    problem = replace(
        small_plant(), resources=(machine,), setups={}, fixed=(),
        jobs=(Job("1", 0, 90, 1, (once,)), Job("2", 0, 90, 1, (again,))),
    )  # fmt: skip
    plan = Schedule("", 0, None, "feasible", 0.0, (Assignment("a", "m", 0, 10),))
    assert not verify(problem, plan).feasible


def test_sizes_over_capacity_are_caught() -> None:
    plant = small_plant()
    tight = [replace(r, capacity=4) if r.capacity else r for r in plant.resources]
    report = verify(replace(plant, resources=tuple(tight)), plan())
    assert set(report.violations) == {"firing over capacity", "pool over capacity"}


def test_one_firing_with_two_ends_is_caught() -> None:
    plant = small_plant()
    jobs = tuple(
        change(job, "y.fire", lambda op: replace(op, modes=(Mode("kiln", 95),))) for job in plant.jobs
    )
    report = verify(replace(plant, jobs=jobs), plan(y_fire=("kiln", 160, 255), y_pack=("pack", 285, 305)))
    assert "one firing, two ends" in report.violations


def change(job: Job, name: str, how: Callable[[Operation], Operation]) -> Job:
    return replace(job, operations=tuple(how(op) if op.id == name else op for op in job.operations))


def test_an_operations_own_release_is_checked() -> None:
    plant = small_plant()
    jobs = tuple(change(job, "x.pack", lambda op: replace(op, release=266)) for job in plant.jobs)
    assert verify(replace(plant, jobs=jobs), plan()).violations == {"before release": ["x.pack"]}


def test_missing_repeated_and_unknown_operations_are_caught() -> None:
    right = plan()
    missing = replace(right, assignments=right.assignments[:-1])
    assert "operation missing" in verify(small_plant(), missing).violations
    twice = replace(right, assignments=(*right.assignments, right.assignments[0]))
    assert verify(small_plant(), twice).violations == {"operation repeated": ["x.press"]}
    strange = replace(right, assignments=(*right.assignments, Assignment("q", "pack", 900, 920)))
    assert verify(small_plant(), strange).violations == {"operation unknown": ["q"]}


def test_a_misstated_objective_is_caught() -> None:
    assert "objective misstated" in verify(small_plant(), replace(plan(), objective=1)).violations


# ---- facts ----


def with_facts(*facts: Assignment) -> Problem:
    return replace(small_plant(), fixed=facts)


def test_a_moved_or_missing_fact_is_caught() -> None:
    fact = Assignment("x.press", "press", 0, 45)
    assert "fixed operation moved" in verify(with_facts(fact), plan()).violations
    kept = plan(x_press=("press", 0, 45), x_dry=("dryer", 50, 110), y_press=("press", 55, 95))
    moved = replace(kept, assignments=tuple(a for a in kept.assignments if a.operation != "x.press"))
    assert "fixed operation missing" in verify(with_facts(fact), moved).violations


def test_facts_are_not_judged_but_work_is_judged_against_them() -> None:
    outside = Assignment("x.press", "press", -20, 40)
    assert verify(with_facts(outside), plan(x_press=("press", -20, 40))).feasible
    blocked = Assignment("broken", "press", 45, 60)
    assert "overlap" in verify(with_facts(blocked), plan()).violations
    clear = Assignment("broken", "press", 40, 50)
    assert verify(with_facts(clear), plan()).feasible
    both = Assignment("x.press", "press", 0, 40), Assignment("y.press", "press", 30, 70)
    shifted = plan(y_press=("press", 30, 70))
    assert verify(with_facts(*both), shifted).feasible
    assert "overlap" in verify(with_facts(both[0]), shifted).violations


def test_other_occupancy_takes_the_whole_kiln_and_pool() -> None:
    kiln = Assignment("service", "kiln", 160, 250)
    assert "two recipes in one firing" in verify(with_facts(kiln), plan()).violations
    pool = Assignment("service", "dryer", 99, 120)
    assert "pool over capacity" in verify(with_facts(pool), plan()).violations
    assert verify(with_facts(Assignment("service", "dryer", 150, 190)), plan()).feasible


def test_a_long_fact_under_later_work_is_seen() -> None:
    """The run that ends last is not always the neighbour."""
    m = Resource("m", "machine", ((0, 100),))
    jobs = tuple(Job(n, 0, 100, 1, (Operation(n, (Mode("m", 5),)),)) for n in ("a", "b"))
    long = Assignment("block", "m", 0, 50), Assignment("short", "m", 10, 20)
    problem = Problem("p", "", 100, (m,), {}, jobs, fixed=long)
    places = (Assignment("a", "m", 30, 35), Assignment("b", "m", 60, 65))
    report = verify(problem, Schedule("p", 0, None, "", 0.0, places))
    assert report.violations == {"overlap": ["block and a on m"]}


@settings(max_examples=150, deadline=None)
@given(problems(jobs=3, steps=3), st.data())
def test_any_plan_is_judged_as_the_second_opinion_judges_it(problem: Problem, data: st.DataObject) -> None:
    places = []
    for job in problem.jobs:
        ready = job.release
        for op in job.operations:
            mode = data.draw(st.sampled_from(op.modes))
            start = max(ready, op.release) + data.draw(st.sampled_from((0, 0, 1, 3, 30, 121)))
            places.append(Assignment(op.id, mode.resource, start, start + mode.minutes))
            ready = places[-1].end + op.min_lag
    objective = objective_of(problem, {a.operation: a.end for a in places})
    schedule = Schedule("random", objective, None, "", 0.0, tuple(places))
    assert verify(problem, schedule).feasible == (not opinion(problem, schedule))
