"""Small random problems with everything the model knows, each with a plan that proves it can be solved.

`planted()` draws a problem and such a plan, `small_problems()` the problem alone; `tiny=True` makes them
small enough for `brute.optimum`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from hypothesis import assume
from hypothesis import strategies as st

from scheduler.model import (
    EPOCH,
    Amount,
    Assignment,
    Job,
    Mode,
    Need,
    Operation,
    Problem,
    Resource,
    Schedule,
    SetupMatrix,
    amounts,
    objective_of,
)
from tests.scheduler.brute import earliest
from tests.scheduler.opinions import stays_of, underloaded

FAMILIES = ("a", "b")


class Planted(NamedTuple):
    """A problem and a plan that keeps all its rules."""

    problem: Problem
    plan: Schedule


@dataclass(frozen=True)
class Scale:
    """How large the problems are: jobs, operations in all, minutes, where windows end."""

    jobs: int
    operations: int
    minutes: int
    setup: int
    early: int
    end: int


SMALL = Scale(jobs=4, operations=8, minutes=8, setup=6, early=40, end=260)
TINY = Scale(jobs=3, operations=5, minutes=4, setup=3, early=8, end=40)


def last_moment(problem: Problem) -> int:
    """When the last firing of all may have cooled down."""
    cooling = max(r.cooling for r in problem.resources)
    return cooling + max((end for r in problem.resources for _, end in r.calendar), default=0)


# ---- resources ----


@st.composite
def calendars(draw: st.DrawFn, scale: Scale) -> tuple[tuple[int, int], ...]:
    """Some short windows, which may touch, and a long one."""
    cuts = sorted(draw(st.sets(st.integers(0, scale.early), max_size=4)))
    windows = list(zip(cuts[::2], cuts[1::2], strict=False))
    if windows and draw(st.booleans()):
        windows.append((windows[-1][1], min(windows[-1][1] + 4, scale.early)))
    start = draw(st.integers(scale.early, scale.early + 3))
    return (*(w for w in windows if w[0] < w[1]), (start, scale.end))


def capacities(least: int, most: int) -> st.SearchStrategy[Amount]:
    """One number, or two."""
    number = st.integers(least, most)
    return number | st.tuples(number, number)


@st.composite
def plants(draw: st.DrawFn, scale: Scale) -> tuple[Resource, ...]:
    """Two machines, a kiln, a pool of places and a crew that others need."""
    kiln = draw(capacities(3, 5))
    return (
        Resource("m1", "machine", draw(calendars(scale)), setup=draw(st.sampled_from((None, "s", "s")))),
        Resource("m2", "machine", draw(calendars(scale))),
        Resource(
            "kiln",
            "batch",
            draw(calendars(scale)),
            capacity=kiln,
            setup=draw(st.sampled_from((None, "s"))),
            least_load=draw(st.sampled_from((0, 0, 2, 3))),
            loading=draw(st.sampled_from((0, 0, 1, 2))),
            cooling=draw(st.sampled_from((0, 0, 1, 2))),
        ),
        Resource("pool", "pool", draw(calendars(scale)), capacity=draw(capacities(3, 5))),
        Resource("crew", "pool", draw(calendars(scale)), capacity=draw(st.integers(2, 3))),
    )


@st.composite
def matrices(draw: st.DrawFn, scale: Scale) -> SetupMatrix:
    """Any numbers, so that a detour may be shorter."""
    row = st.tuples(*[st.integers(0, scale.setup)] * len(FAMILIES))
    return SetupMatrix(FAMILIES, draw(st.tuples(*[row] * len(FAMILIES))))


# ---- jobs ----


@st.composite
def modes(draw: st.DrawFn, resource: Resource, scale: Scale) -> Mode:
    """On this resource, perhaps with some of the crew."""
    amount = draw(st.sampled_from((None, None, None, 0, 1, 1, 2)))
    needs = () if amount is None or resource.id == "crew" else (Need("crew", amount),)
    return Mode(resource.id, draw(st.integers(1, scale.minutes)), needs)


def sizes(chosen: Iterable[Resource]) -> st.SearchStrategy[Amount]:
    """No more dimensions than any of the capacities has."""
    number = st.integers(0, 2) if any(r.id == "crew" for r in chosen) else st.integers(0, 3)
    room = [len(amounts(r.capacity)) for r in chosen if r.kind != "machine"]
    return number if min(room, default=1) == 1 else number | st.tuples(number, number)


@st.composite
def operations(
    draw: st.DrawFn, name: str, resources: tuple[Resource, ...], scale: Scale, last: bool
) -> Operation:
    """One step, in one or two modes."""
    chosen = draw(st.lists(st.sampled_from(resources), min_size=1, max_size=2, unique_by=lambda r: r.id))
    ways = tuple(draw(modes(r, scale)) for r in chosen)
    free = all(r.kind == "machine" for r in chosen) and not any(m.needs for m in ways)
    slack = draw(st.none() | st.integers(0, 2 * scale.minutes))
    low = draw(st.sampled_from((0, 0, 1, 3)))
    return Operation(
        name,
        ways,
        family=draw(st.sampled_from(FAMILIES)),
        size=draw(sizes(chosen)),
        min_lag=low,
        max_lag=None if slack is None or last else low + slack,
        release=draw(st.sampled_from((0, 0, 0, scale.early // 3))),
        may_pause=free and draw(st.booleans()),
    )


@st.composite
def jobs(draw: st.DrawFn, resources: tuple[Resource, ...], scale: Scale) -> tuple[Job, ...]:
    """Two or more jobs on a few of the resources; deadlines come later, when there is a plan."""
    crowded = tuple(
        draw(st.lists(st.sampled_from(resources), min_size=1, max_size=3, unique_by=lambda r: r.id))
    )
    count = draw(st.integers(2, scale.jobs))
    left = scale.operations - count
    made = []
    for j in range(count):
        extra = draw(st.integers(0, min(left, 3)))
        left -= extra
        steps = [draw(operations(f"{j}.{k}", crowded, scale, k == extra)) for k in range(extra + 1)]
        due = draw(st.integers(scale.early // 2, 2 * scale.early))
        release = draw(st.integers(0, scale.early // 2))
        job = Job(str(j), release, due, draw(st.sampled_from((0, 1, 1, 2, 5))), tuple(steps))
        made.append(replace(job, promised=draw(st.none() | st.just(due + 5))))
    return tuple(made)


# ---- plans that prove it ----


def serial_plan(problem: Problem) -> tuple[list[Assignment], Job | None]:
    """Every job as early as it can be after the ones before it, or the first job that cannot be placed."""
    standing = stays_of(problem, [])
    last = last_moment(problem)
    for job in problem.jobs:
        places = None
        for top in sorted({min(last, 60), min(last, 120), last}):
            places = places or earliest(problem, standing, job, top=top)
        if places is None:
            return [], job
        standing = stays_of(problem, [*(s.place for s in standing), *places])
    facts = {f.operation for f in problem.fixed}
    return [s.place for s in standing if s.place.operation not in facts], None


def made_easier(problem: Problem, job: Job) -> Problem:
    """Without the largest lags of this job or, if it has none, without least loads."""
    if any(op.max_lag is not None for op in job.operations):
        ops = tuple(replace(op, max_lag=None) for op in job.operations)
        eased = replace(job, operations=ops)
        return replace(problem, jobs=tuple(eased if j.id == job.id else j for j in problem.jobs))
    resources = tuple(replace(r, least_load=0) for r in problem.resources)
    assume(resources != problem.resources)
    return replace(problem, resources=resources)


def solvable(problem: Problem) -> tuple[Problem, list[Assignment]]:
    """The problem, made easier until there is a plan."""
    places, stuck = serial_plan(problem)
    while stuck is not None:
        problem = made_easier(problem, stuck)
        places, stuck = serial_plan(problem)
    return problem, places


@st.composite
def facts(draw: st.DrawFn, problem: Problem, places: list[Assignment]) -> tuple[Assignment, ...]:
    """What has started by some moment, perhaps one of it longer than planned, and perhaps a blockage."""
    now = draw(st.integers(0, 30))
    started = [a for a in places if a.start < now]
    if started and draw(st.booleans()):
        k = draw(st.integers(0, len(started) - 1))
        started[k] = replace(started[k], end=started[k].end + draw(st.integers(1, 4)))
    if draw(st.booleans()):
        start = draw(st.integers(0, 30))
        name = draw(st.sampled_from([r.id for r in problem.resources]))
        started.append(Assignment("blocked", name, start, start + draw(st.integers(1, 6))))
    return tuple(started)


@st.composite
def planted(draw: st.DrawFn, *, tiny: bool = False, fixed: bool = True) -> Planted:
    """A problem with a plan. `fixed=False` draws none with facts."""
    scale = TINY if tiny else SMALL
    resources = draw(plants(scale))
    setups = {"s": draw(matrices(scale))}
    goal = draw(st.sampled_from(("weighted_tardiness", "weighted_tardiness", "makespan")))
    made = draw(jobs(resources, scale))
    problem = Problem("small", EPOCH, scale.end, resources, setups, made, goal=goal)  # type: ignore[arg-type]
    problem, places = solvable(problem)
    if fixed and draw(st.booleans()):
        known = replace(problem, fixed=draw(facts(problem, places)))
        later, stuck = serial_plan(known)
        if stuck is None and not underloaded(known, stays_of(known, later)):
            problem, places = known, [*known.fixed, *later]
    return _with_deadlines(draw, problem, places)


def _with_deadlines(draw: st.DrawFn, problem: Problem, places: list[Assignment]) -> Planted:
    ends = {a.operation: a.end for a in places}
    slacks = [draw(st.none() | st.integers(0, 12)) for _ in problem.jobs]
    made = tuple(
        job if slack is None else replace(job, deadline=ends[job.operations[-1].id] + slack)
        for job, slack in zip(problem.jobs, slacks, strict=True)
    )
    problem = replace(problem, jobs=made)
    plan = tuple(a for a in places if a.operation in problem.operations())
    return Planted(problem, Schedule("small", objective_of(problem, ends), None, "feasible", 0.0, plan))


def small_problems(*, tiny: bool = False, fixed: bool = True) -> st.SearchStrategy[Problem]:
    """Problems that can be solved, with every family of constraints."""
    return planted(tiny=tiny, fixed=fixed).map(lambda found: found.problem)
