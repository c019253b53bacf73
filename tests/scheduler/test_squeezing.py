"""What has begun binds a job to a kiln that is full: a few leave one firing, and all others stay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from scheduler.book import Book
from scheduler.model import Assignment, Job, Mode, Operation, Problem, Resource, Schedule
from scheduler.rescheduling import Repair, repair
from scheduler.verifier import verify

NOW, PROMISED = 60, 1000
KILNS = (Mode("K", 60), Mode("L", 60))
GLAZED = Assignment("x.glaze", "glaze", 0, 50)


def fired(name: str, size: int, *, promised: int = PROMISED, modes: tuple[Mode, ...] = KILNS) -> Job:
    fire = Operation(f"{name}.fire", modes, family="P", size=size)
    return Job(name, 0, promised, 1, (fire,), promised=promised)


def glazed(name: str, size: int, max_lag: int = 120) -> Job:
    glaze = Operation(f"{name}.glaze", (Mode("glaze", 50),), max_lag=max_lag)
    return replace(fired(name, size), operations=(glaze, *fired(name, size).operations))


def plant(*jobs: Job) -> Problem:
    """Two kilns for one firing at a time."""
    kilns = tuple(
        Resource(name, "batch", ((100, 160), (300, 360), (500, 560)), capacity=10) for name in ("K", "L")
    )
    glaze = Resource("glaze", "machine", ((0, 1000),))
    return Problem("p", "1970-01-05T00:00:00Z", 1000, (glaze, *kilns), {}, jobs)


def planned(problem: Problem, **kilns: str) -> Schedule:
    """All in the first firing of the kiln that is named for them; what is glazed was glazed first."""
    places = [Assignment(f"{name}.fire", kiln, 100, 160) for name, kiln in kilns.items()]
    begun = [GLAZED] if "x" in kilns else []
    return Schedule("p", 0, None, "feasible", 0.0, (*begun, *places))


def without_l(problem: Problem) -> Problem:
    """The kiln L is lost, and x is glazed."""
    lost = tuple(replace(r, calendar=((900, 960),)) if r.id == "L" else r for r in problem.resources)
    return replace(problem, resources=lost, fixed=(GLAZED,))


def by_book(problem: Problem, plan: Schedule) -> Repair:
    return Book(problem, plan).repair(without_l(problem), now=NOW)


def by_function(problem: Problem, plan: Schedule) -> Repair:
    return repair(without_l(problem), plan, now=NOW)


HOW = pytest.mark.parametrize("mend", [by_book, by_function])
Mend = Callable[[Problem, Schedule], Repair]


def starts(mended: Repair) -> dict[str, int]:
    assert verify(mended.problem, mended.schedule).feasible
    return {a.operation: a.start for a in mended.schedule.assignments}


@HOW
def test_who_has_most_time_leaves_the_firing(mend: Mend) -> None:
    jobs = (glazed("x", 3), fired("a", 5, promised=160), fired("b", 4), fired("c", 1, promised=360))
    problem = plant(*jobs)
    mended = mend(problem, planned(problem, x="L", a="K", b="K", c="K"))
    assert starts(mended) == {"x.glaze": 0, "x.fire": 100, "a.fire": 100, "b.fire": 300, "c.fire": 100}
    assert (set(mended.moved), mended.relaxed) == ({"x.fire", "b.fire"}, ())


@HOW
def test_nobody_leaves_where_there_is_room(mend: Mend) -> None:
    problem = plant(glazed("x", 3), fired("a", 5), fired("b", 2))
    mended = mend(problem, planned(problem, x="L", a="K", b="K"))
    assert set(mended.moved) == {"x.fire"}


@HOW
def test_the_firing_with_fewest_to_leave_is_chosen(mend: Mend) -> None:
    """In the first firing three would have to go, in the second, in time as well, one."""
    many, one = [fired(f"m{k}", 3) for k in range(3)], fired("one", 10)
    problem = plant(glazed("x", 8, max_lag=300), *many, one)
    plan = planned(problem, x="L", **{job.id: "K" for job in many})
    second = Assignment("one.fire", "K", 300, 360)
    mended = mend(problem, replace(plan, assignments=(*plan.assignments, second)))
    assert set(mended.moved) == {"x.fire", "one.fire"}


@HOW
def test_nobody_leaves_for_a_lag_that_cannot_be_kept_even_so(mend: Mend) -> None:
    """It was glazed sooner than planned, and no kiln is open in time."""
    problem = plant(glazed("x", 3, max_lag=20), fired("a", 9))
    plan = planned(problem, x="L", a="K")
    later = replace(GLAZED, start=40, end=90)
    mended = mend(problem, replace(plan, assignments=(later, *plan.assignments[1:])))
    assert mended.relaxed == ("x.fire",)
    assert starts(mended) == {"x.glaze": 0, "x.fire": 300, "a.fire": 100}


@HOW
def test_a_kiln_of_another_recipe_is_emptied(mend: Mend) -> None:
    """There is no firing to join: who stands in the way leaves it, and comes back where there is room."""
    other = replace(fired("a", 9), operations=(replace(fired("a", 9).operations[0], family="Q"),))
    problem = plant(glazed("x", 3), other)
    mended = mend(problem, planned(problem, x="L", a="K"))
    assert starts(mended) == {"x.glaze": 0, "x.fire": 100, "a.fire": 300}
