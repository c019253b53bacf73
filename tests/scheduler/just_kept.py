"""A plan that is right, and its plant with each rule just kept, and broken by one minute or piece."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

from scheduler.generating import plant
from scheduler.model import Assignment, Job, Operation, Problem, Resource, Schedule, SetupMatrix
from scheduler.solver import solve

COOLS = 30
Case = tuple[Problem, Schedule]


@cache
def right() -> Case:
    """A plant that uses whatever arrays judge: its kilns are loaded for ten minutes and cool for thirty."""
    problem = plant(25, seed=3)
    kilns = {r.id for r in problem.resources if r.kind == "batch"}
    resources = tuple(
        replace(r, loading=10, cooling=COOLS) if r.id in kilns else r for r in problem.resources
    )

    def shorter(op: Operation) -> Operation:
        modes = tuple(
            replace(m, minutes=m.minutes - 10 - COOLS if m.resource in kilns else m.minutes) for m in op.modes
        )
        return replace(op, modes=modes)

    jobs = tuple(replace(job, operations=tuple(map(shorter, job.operations))) for job in problem.jobs)
    problem = replace(problem, resources=resources, jobs=jobs)
    return problem, solve(problem, time_limit=0)


def with_job(problem: Problem, name: str, **changes: Any) -> Problem:
    jobs = tuple(replace(job, **changes) if job.id == name else job for job in problem.jobs)
    return replace(problem, jobs=jobs)


def with_operation(problem: Problem, name: str, **changes: Any) -> Problem:
    def change(job: Job) -> Job:
        ops = tuple(replace(op, **changes) if op.id == name else op for op in job.operations)
        return replace(job, operations=ops)

    return replace(problem, jobs=tuple(map(change, problem.jobs)))


def with_resource(problem: Problem, name: str, **changes: Any) -> Problem:
    return replace(
        problem, resources=tuple(replace(r, **changes) if r.id == name else r for r in problem.resources)
    )


# ---- every rule, just kept and just broken ----

Limits = Iterator[tuple[Problem, Problem]]
"""The plant with a rule that the plan just keeps, and with one that it breaks by one."""


def of_kind(kind: str) -> Iterator[tuple[Resource, list[Assignment]]]:
    """Resources of a kind with what runs there, in order of time."""
    problem, plan = right()
    runs = defaultdict(list)
    for a in sorted(plan.assignments, key=lambda a: a.start):
        runs[a.resource].append(a)
    return ((r, runs[r.id]) for r in problem.resources if r.kind == kind and runs[r.id])


def releases_of_jobs() -> Limits:
    problem, plan = right()
    at = plan.by_operation()
    for job in problem.jobs:
        start = at[job.operations[0].id].start
        yield with_job(problem, job.id, release=start), with_job(problem, job.id, release=start + 1)


def releases() -> Limits:
    problem, plan = right()
    for a in plan.assignments:
        kept, broken = (with_operation(problem, a.operation, release=a.start + by) for by in (0, 1))
        yield kept, broken


def deadlines() -> Limits:
    problem, plan = right()
    at = plan.by_operation()
    for job in problem.jobs:
        end = at[job.operations[-1].id].end
        yield with_job(problem, job.id, deadline=end), with_job(problem, job.id, deadline=end - 1)


def lags(field: str, by: int) -> Limits:
    problem, plan = right()
    at = plan.by_operation()
    for job in problem.jobs:
        for before, after in pairwise(job.operations):
            lag = at[after.id].start - at[before.id].end
            kept, broken = (with_operation(problem, before.id, **{field: lag + k}) for k in (0, by))
            yield kept, broken


def smallest_lags() -> Limits:
    return lags("min_lag", 1)


def largest_lags() -> Limits:
    return lags("max_lag", -1)


def windows() -> Limits:
    """Of each resource the windows end with the last run in them, or begin with the first."""
    problem, _ = right()
    for resource, runs in [*of_kind("machine"), *of_kind("batch"), *of_kind("pool")]:
        start, end = runs[0].start, max(a.end for a in runs) - resource.cooling
        for low, high in ((start, 1 << 30), (start + 1, 1 << 30), (0, end), (0, end - 1)):
            cut = tuple((max(a, low), min(b, high)) for a, b in resource.calendar)
            cut = tuple(window for window in cut if window[0] < window[1])
            if (low, high) in ((start, 1 << 30), (0, end)):
                kept = with_resource(problem, resource.id, calendar=cut)
            else:
                yield kept, with_resource(problem, resource.id, calendar=cut)


def capacities(kind: str) -> Limits:
    problem, _ = right()
    sizes = {op.id: op.size for job in problem.jobs for op in job.operations}
    for resource, runs in of_kind(kind):
        loads = [
            sum(sizes[b.operation] for b in runs if b.start <= a.start < b.end)  # type: ignore[misc]
            for a in runs
        ]
        kept, broken = (with_resource(problem, resource.id, capacity=max(loads) - k) for k in (0, 1))
        yield kept, broken


def room_in_firings() -> Limits:
    return capacities("batch")


def room_in_pools() -> Limits:
    return capacities("pool")


def least_loads() -> Limits:
    problem, _ = right()
    sizes = {op.id: op.size for job in problem.jobs for op in job.operations}
    for kiln, runs in of_kind("batch"):
        least = min(
            sum(sizes[b.operation] for b in runs if b.start == a.start)  # type: ignore[misc]
            for a in runs
        )
        kept, broken = (with_resource(problem, kiln.id, least_load=least + k) for k in (0, 1))
        yield kept, broken


def setups() -> Limits:
    """Setups on a resource take just so long, or a minute longer, as there is time at the closest."""
    problem, _ = right()
    families = {op.id: op.family for job in problem.jobs for op in job.operations}
    for kind in ("machine", "batch"):
        for resource, runs in of_kind(kind):
            pairs = [(a, b) for a, b in pairwise(runs) if b.start > a.start]
            if resource.setup is None or not pairs:
                continue
            first, after = min(pairs, key=lambda pair: pair[1].start - pair[0].end)
            gap = after.start - first.end
            change = families[first.operation], families[after.operation]
            names = tuple(dict.fromkeys(problem.setups[resource.setup].families))
            for k in (0, 1):
                rows = tuple(tuple(gap + k if (a, b) == change else 0 for b in names) for a in names)
                matrix = {**problem.setups, "own": SetupMatrix(names, rows)}
                own = replace(with_resource(problem, resource.id, setup="own"), setups=matrix)
                if k == 0:
                    kept = own
            yield kept, own
