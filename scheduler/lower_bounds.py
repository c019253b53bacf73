"""A bound below which no plan can get: each job alone on an empty plant, and each machine's load."""

from __future__ import annotations

from scheduler.model import Job, Problem


def lower_bound(problem: Problem) -> int:
    """A value the goal cannot fall below, from the jobs' own lengths, calendars left aside."""
    facts = {fact.operation: fact.end for fact in problem.fixed}
    ends = [(job, _earliest_end(job, facts)) for job in problem.jobs if job.operations]
    if problem.goal == "makespan":
        return max([end for _, end in ends] + [_heaviest_load(problem)], default=0)
    return sum(job.weight * max(0, end - job.due) for job, end in ends)


def _earliest_end(job: Job, facts: dict[str, int]) -> int:
    ready = end = job.release
    for op in job.operations:
        end = facts.get(op.id, max(ready, op.release) + min((m.minutes for m in op.modes), default=0))
        ready = end + op.min_lag
    return end


def _heaviest_load(problem: Problem) -> int:
    """The largest sum of minutes that only one machine can do."""
    machines = {r.id for r in problem.resources if r.kind == "machine"}
    loads: dict[str, int] = {}
    for job in problem.jobs:
        for op in job.operations:
            if len(op.modes) == 1 and op.modes[0].resource in machines:
                loads[op.modes[0].resource] = loads.get(op.modes[0].resource, 0) + op.modes[0].minutes
    return max(loads.values(), default=0)
