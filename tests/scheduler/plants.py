"""Small plants for the tests: one fixed, many random; and a second opinion on what is allowed.

`allowed` and `opinion` look at every minute and share no thought with the library's bisections.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from hypothesis import strategies as st

from scheduler.model import (
    EPOCH,
    Assignment,
    Job,
    Mode,
    Operation,
    Problem,
    Resource,
    Schedule,
    SetupMatrix,
)

HORIZON = 3000
FAMILIES = ("a", "b", "c")


def bench() -> Path | None:
    """Where the public instances are: COSMO_BENCH_DIR, or shared/bench beside the checkout."""
    beside = Path(__file__).resolve().parents[3] / "shared" / "bench"
    path = Path(os.environ.get("COSMO_BENCH_DIR", beside))
    return path if (path / "check_schedule.py").exists() else None


def small_plant() -> Problem:
    """A press with setups, a dryer, a kiln and a packer; three jobs through all of them."""
    return Problem(
        name="pots",
        origin=EPOCH,
        horizon=HORIZON,
        resources=(
            Resource("press", "machine", ((0, 100), (150, HORIZON)), setup="moulds"),
            Resource("dryer", "pool", ((0, HORIZON),), capacity=6),
            Resource("kiln", "batch", ((0, 400), (450, HORIZON)), capacity=5, setup="heat"),
            Resource("pack", "machine", ((0, HORIZON),)),
        ),
        setups={
            "moulds": SetupMatrix(FAMILIES, ((0, 10, 20), (10, 0, 15), (20, 15, 0))),
            "heat": SetupMatrix(("low", "high"), ((5, 30), (30, 5))),
        },
        jobs=tuple(
            Job(
                name,
                release=release,
                due=300,
                weight=weight,
                operations=(
                    Operation(f"{name}.press", (Mode("press", 40),), family=family, max_lag=20),
                    Operation(f"{name}.dry", (Mode("dryer", 60),), size=size, min_lag=10),
                    Operation(f"{name}.fire", (Mode("kiln", 90),), family=heat, size=size, min_lag=15),
                    Operation(f"{name}.pack", (Mode("pack", 20),)),
                ),
            )
            for name, release, weight, family, heat, size in (
                ("x", 0, 1, "a", "low", 2),
                ("y", 5, 3, "b", "low", 3),
                ("z", 10, 2, "a", "high", 2),
            )
        ),
    )


@st.composite
def calendars(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    """A few windows, the last one long enough for everything."""
    cuts = sorted(draw(st.lists(st.integers(0, 120), min_size=0, max_size=4, unique=True)))
    windows = [(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False) if b - a > 3]
    return (*windows, (draw(st.integers(121, 140)), HORIZON))


@st.composite
def matrices(draw: st.DrawFn, top: int = 9) -> SetupMatrix:
    """Setups for the three families; any numbers, so that detours may be shorter."""
    row = st.tuples(*[st.integers(0, top)] * 3)
    return SetupMatrix(FAMILIES, draw(st.tuples(row, row, row)))


@st.composite
def operations(draw: st.DrawFn, name: str, resources: list[Resource], last: bool) -> Operation:
    """One step on one to three of the resources. A largest lag leaves room for any setup."""
    chosen = draw(st.lists(st.sampled_from(resources), min_size=1, max_size=3, unique_by=lambda r: r.id))
    low = draw(st.integers(0, 6))
    slack = draw(st.none() | st.integers(0, 20))
    return Operation(
        name,
        tuple(Mode(r.id, draw(st.integers(1, 12))) for r in chosen),
        family=draw(st.sampled_from(FAMILIES)),
        size=draw(st.integers(1, 3)),
        min_lag=low,
        max_lag=None if slack is None or last else low + slack + 10,
        release=draw(st.sampled_from((0, 0, 0, 15, 60))),
    )


@st.composite
def problems(
    draw: st.DrawFn, jobs: int = 4, steps: int = 4, setups: bool = True, triangle: bool = False
) -> Problem:
    """A plant of two machines, a kiln and a pool, with up to `jobs` jobs of up to `steps` operations."""
    table = draw(matrices())
    if triangle:
        table = SetupMatrix(FAMILIES, ((0, 5, 5), (5, 0, 5), (5, 5, 0)))
    name = "s" if setups else None
    resources = [
        Resource("m1", "machine", draw(calendars()), setup=name),
        Resource("m2", "machine", draw(calendars())),
        Resource("kiln", "batch", draw(calendars()), capacity=draw(st.integers(3, 6)), setup=name),
        Resource("pool", "pool", draw(calendars()), capacity=draw(st.integers(3, 6))),
    ]
    made = []
    for j in range(draw(st.integers(1, jobs))):
        count = draw(st.integers(1, steps))
        ops = tuple(draw(operations(f"{j}.{k}", resources, k == count - 1)) for k in range(count))
        release, due, weight = draw(st.integers(0, 60)), draw(st.integers(0, 250)), draw(st.integers(0, 4))
        made.append(Job(str(j), release, due, weight, ops))
    return Problem("random", EPOCH, HORIZON, tuple(resources), {"s": table}, tuple(made))


def closed(resource: Resource, start: int, end: int) -> Resource:
    """The resource without the time from start to end."""
    before = [(a, min(b, start)) for a, b in resource.calendar]
    parts = before + [(max(a, end), b) for a, b in resource.calendar]
    return replace(resource, calendar=tuple(sorted({(a, b) for a, b in parts if a < b})))


# ---- a second opinion ----


def allowed(
    problem: Problem, standing: Iterable[tuple[Assignment, Operation]], new: Assignment, op: Operation
) -> bool:
    """Whether `new` may be added to what stands on its resource, looked at minute by minute."""
    resource = next(r for r in problem.resources if r.id == new.resource)
    minutes = set(range(new.start, new.end))
    if not any(all(a <= m < b for m in minutes) for a, b in resource.calendar):
        return False
    here = [(a, o) for a, o in standing if a.resource == new.resource]
    if resource.kind == "pool":
        load = Counter(m for a, o in here for m in range(a.start, a.end) for _ in range(o.size))
        return all(load[m] + op.size <= (resource.capacity or 0) for m in minutes)
    if resource.kind == "batch":
        mates = [
            (a, o) for a, o in here if (a.start, a.end) == (new.start, new.end) and o.family == op.family
        ]
        if mates:
            return sum(o.size for _, o in mates) + op.size <= (resource.capacity or 0)
        if op.size > (resource.capacity or 0):
            return False
    if any(a.start <= m < a.end for a, _ in here for m in minutes):
        return False
    before = max((p for p in here if p[0].end <= new.start), key=lambda p: p[0].end, default=None)
    after = min((p for p in here if p[0].start >= new.end), key=lambda p: p[0].start, default=None)
    return (before is None or before[0].end + setup(problem, resource, before[1], op) <= new.start) and (
        after is None or new.end + setup(problem, resource, op, after[1]) <= after[0].start
    )


def setup(problem: Problem, resource: Resource, before: Operation, after: Operation) -> int:
    """Minutes between two operations on a resource."""
    if resource.setup is None:
        return 0
    matrix = problem.setups[resource.setup]
    assert before.family is not None
    assert after.family is not None
    return matrix.minutes[matrix.families.index(before.family)][matrix.families.index(after.family)]


def opinion(problem: Problem, schedule: Schedule) -> list[str]:
    """What is wrong with a plan for a problem without facts, adding one operation after the other."""
    ops = problem.operations()
    wrong = [name for name, n in Counter(a.operation for a in schedule.assignments).items() if n > 1]
    places = {a.operation: a for a in schedule.assignments}
    wrong += [name for name in ops if name not in places] + [name for name in places if name not in ops]
    by_resource: dict[str, list[tuple[Assignment, Operation]]] = defaultdict(list)
    for place in sorted(places.values(), key=lambda a: (a.start, a.operation)):
        op = ops[place.operation]
        known = Mode(place.resource, place.end - place.start) in op.modes
        if not known or not allowed(problem, by_resource[place.resource], place, op):
            wrong.append(place.operation)
        by_resource[place.resource].append((place, op))
    for job in problem.jobs:
        ends, latest = job.release, HORIZON
        for op in job.operations:
            start = places[op.id].start if op.id in places else -1
            if not max(ends, op.release) <= start <= latest:
                wrong.append(op.id)
            ends = places[op.id].end + op.min_lag if op.id in places else ends
            latest = HORIZON if op.max_lag is None else ends - op.min_lag + op.max_lag
    return wrong
