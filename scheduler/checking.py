"""Is the problem well formed, and can each operation run at all? Every refusal names the thing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import TypeVar

from scheduler.errors import ProblemError, Unsolvable
from scheduler.model import Job, Mode, Operation, Problem, Resource, SetupMatrix


def check_problem(problem: Problem) -> None:
    """Raise ProblemError or Unsolvable for the first thing that is wrong; return nothing when all is well."""
    resources = _unique("resource", problem.resources)
    _unique("job", problem.jobs)
    for name, matrix in problem.setups.items():
        _check_matrix(name, matrix)
    for resource in problem.resources:
        _check_resource(resource, problem.setups)
    _check_fixed(problem, resources)
    facts = {a.operation for a in problem.fixed}
    seen: set[str] = set()
    for job in problem.jobs:
        _check_job(job, facts)
        for op in job.operations:
            if op.id in seen:
                raise ProblemError(f"operation {op.id}", "the id is used twice")
            seen.add(op.id)
            check_operation(op, resources, problem.setups, fixed=op.id in facts)


def check_operation(
    op: Operation,
    resources: Mapping[str, Resource],
    setups: Mapping[str, SetupMatrix],
    *,
    fixed: bool = False,
) -> None:
    """Check one operation against its resources; a fixed one is a fact and need not fit."""
    where = f"operation {op.id}"
    if op.min_lag < 0:
        raise ProblemError(where, f"its smallest lag {op.min_lag} is negative")
    if op.max_lag is not None and op.max_lag < op.min_lag:
        raise Unsolvable(op.id, f"its largest lag {op.max_lag} is below its smallest {op.min_lag}")
    if op.size < 0:
        raise ProblemError(where, f"its size {op.size} is negative")
    for mode in op.modes:
        if mode.resource not in resources:
            raise ProblemError(where, f"there is no resource {mode.resource}")
        if mode.minutes < 1:
            raise ProblemError(where, f"{mode.minutes} minutes on {mode.resource} is less than one")
        _check_family(op, resources[mode.resource], setups)
    if not fixed:
        _check_some_mode_open(op, resources)


_Thing = TypeVar("_Thing", Resource, Job)


def _unique(kind: str, things: Iterable[_Thing]) -> dict[str, _Thing]:
    found: dict[str, _Thing] = {}
    for thing in things:
        if thing.id in found:
            raise ProblemError(f"{kind} {thing.id}", "the id is used twice")
        found[thing.id] = thing
    return found


def _check_matrix(name: str, matrix: SetupMatrix) -> None:
    where = f"setup matrix {name}"
    count = len(matrix.families)
    if len(set(matrix.families)) != count:
        raise ProblemError(where, "a family is named twice")
    if len(matrix.minutes) != count or any(len(row) != count for row in matrix.minutes):
        raise ProblemError(where, f"{count} families need {count} rows of {count} minutes")
    if any(minutes < 0 for row in matrix.minutes for minutes in row):
        raise ProblemError(where, "a setup takes less than no time")


def _check_resource(resource: Resource, setups: Mapping[str, SetupMatrix]) -> None:
    where = f"resource {resource.id}"
    if resource.kind not in ("machine", "batch", "pool"):
        raise ProblemError(where, f"{resource.kind!r} is not a kind of resource")
    if resource.kind != "machine" and (resource.capacity is None or resource.capacity < 0):
        raise ProblemError(where, f"a {resource.kind} needs a capacity")
    if resource.setup is not None and resource.setup not in setups:
        raise ProblemError(where, f"there is no setup matrix {resource.setup}")
    windows = sorted(resource.calendar)
    for start, end in windows:
        if end <= start:
            raise ProblemError(where, f"its window {start}-{end} is empty")
    for (_, end), (start, _) in pairwise(windows):
        if start < end:
            raise ProblemError(where, f"two of its windows overlap at {start}")


def _check_fixed(problem: Problem, resources: Mapping[str, Resource]) -> None:
    seen: set[str] = set()
    for fact in problem.fixed:
        where = f"fixed operation {fact.operation}"
        if fact.operation in seen:
            raise ProblemError(where, "it is fixed twice")
        seen.add(fact.operation)
        if fact.resource not in resources:
            raise ProblemError(where, f"there is no resource {fact.resource}")
        if fact.end <= fact.start:
            raise ProblemError(where, f"it ends at {fact.end}, not after its start at {fact.start}")


def _check_job(job: Job, facts: set[str]) -> None:
    if job.weight < 0:
        raise ProblemError(f"job {job.id}", f"its weight {job.weight} is negative")
    if not job.operations:
        raise ProblemError(f"job {job.id}", "it has no operations")
    for before, after in pairwise(job.operations):
        if after.id in facts and before.id not in facts:
            raise ProblemError(f"operation {before.id}", f"it is not fixed, but {after.id} after it is")


def _check_family(op: Operation, resource: Resource, setups: Mapping[str, SetupMatrix]) -> None:
    if op.family is None:
        if resource.kind == "batch" or (resource.setup is not None and resource.kind == "machine"):
            raise ProblemError(f"operation {op.id}", f"it names no family, which {resource.id} needs")
    elif resource.setup is not None and op.family not in setups[resource.setup].families:
        raise ProblemError(
            f"operation {op.id}", f"family {op.family} is not in setup matrix {resource.setup}"
        )


def _check_some_mode_open(op: Operation, resources: Mapping[str, Resource]) -> None:
    if not op.modes:
        raise Unsolvable(op.id, "it has no mode")
    reasons = [_why_closed(op, mode, resources[mode.resource]) for mode in op.modes]
    if all(reasons):
        raise Unsolvable(op.id, "; ".join(dict.fromkeys(r for r in reasons if r)))


def _why_closed(op: Operation, mode: Mode, resource: Resource) -> str | None:
    if resource.kind != "machine" and resource.capacity is not None and op.size > resource.capacity:
        return f"its size {op.size} is over the capacity {resource.capacity} of {resource.id}"
    if not any(max(start, op.release) + mode.minutes <= end for start, end in resource.calendar):
        return f"{resource.id} has no open window of {mode.minutes} minutes for it"
    return None
