"""A committed plan with promises in it, and what comes to it: new orders, a kiln that is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random

from scheduler.formats import read_problem, read_schedule
from scheduler.generating.chance import one_of
from scheduler.model import Assignment, Job, Operation, Problem, Resource, Schedule, amounts

LOST = 36 * 60
"""Minutes for which the kiln is lost."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A plan whose jobs are all promised: for their due time, or for when they end if that is later."""

    problem: Problem
    plan: Schedule
    now: int
    """A quarter of the way through the plan; what starts before it has started."""

    def facts(self) -> tuple[Assignment, ...]:
        """What has started by now."""
        return tuple(a for a in self.plan.assignments if a.start < self.now)

    def flow(self) -> float:
        """Mean minutes from release to end."""
        ends = {a.operation: a.end for a in self.plan.assignments}
        flows = [ends[job.operations[-1].id] - job.release for job in self.problem.jobs]
        return sum(flows) / len(flows)


def read_standing(problem: str, plan: str) -> Standing:
    """From the two files."""
    return standing(read_problem(problem), read_schedule(plan))


def standing(problem: Problem, plan: Schedule) -> Standing:
    """The plan as it is committed."""
    ends = {a.operation: a.end for a in plan.assignments}
    jobs = tuple(replace(job, promised=max(job.due, ends[job.operations[-1].id])) for job in problem.jobs)
    first, last = min(a.start for a in plan.assignments), max(a.end for a in plan.assignments)
    return Standing(replace(problem, jobs=jobs), plan, first + (last - first) // 4)


def broken(problem: Problem, ends: Mapping[str, int]) -> int:
    """How many jobs end after what they were promised; `ends` by operation, those not in it did not move."""
    last = {job.operations[-1].id: job.promised for job in problem.jobs}
    return sum(
        name in ends and promised is not None and ends[name] > promised for name, promised in last.items()
    )


def new_orders(standing: Standing, count: int, seed: int) -> list[Job]:
    """Orders like those that are committed, under names of their own, wanted as soon as can be."""
    random = Random(f"orders {seed}")
    return [
        _again(one_of(random, standing.problem.jobs), f"new-{seed}-{n}", standing.now) for n in range(count)
    ]


def _again(job: Job, name: str, now: int) -> Job:
    ops = tuple(replace(op, id=f"{name}.{k}", release=0) for k, op in enumerate(job.operations))
    return Job(name, now, now, job.weight, ops)


def without_largest_kiln(standing: Standing) -> Problem:
    """The problem from now on: what has started is fixed, and the largest kiln is closed for 36 hours."""
    kilns = [r for r in standing.problem.resources if r.kind == "batch"]
    largest = max(kilns, key=lambda r: amounts(r.capacity))
    lost = _closed(largest, standing.now, standing.now + LOST)
    resources = tuple(lost if r is largest else r for r in standing.problem.resources)
    return replace(standing.problem, resources=resources, fixed=standing.facts())


def _closed(resource: Resource, start: int, end: int) -> Resource:
    """The resource without the time from start to end."""
    parts = {(a, min(b, start)) for a, b in resource.calendar} | {
        (max(a, end), b) for a, b in resource.calendar
    }
    return replace(resource, calendar=tuple(sorted((a, b) for a, b in parts if a < b)))


def first_come_first_served(standing: Standing, job: Job) -> int:
    """When the job would be done behind everything that is committed, on whatever resource is done first."""
    behind: dict[str, int] = {}
    for a in standing.plan.assignments:
        behind[a.resource] = max(a.end, behind.get(a.resource, 0))
    resources = {r.id: r for r in standing.problem.resources}
    ready = job.release
    for op in job.operations:
        ready = (
            min(_end_behind(op, m.minutes, resources[m.resource], ready, behind) for m in op.modes)
            + op.min_lag
        )
    return ready - job.operations[-1].min_lag


def _end_behind(
    op: Operation, minutes: int, resource: Resource, ready: int, behind: Mapping[str, int]
) -> int:
    start = ready if resource.kind == "pool" else max(ready, behind.get(resource.id, 0))
    fits = (max(a, start) + minutes for a, b in sorted(resource.calendar) if max(a, start) + minutes <= b)
    return next(fits, resource.calendar[-1][1] + minutes)
