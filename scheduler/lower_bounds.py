"""Bounds below which no plan can get.

`lower_bound` is quick: each job alone on an empty plant, and each machine's load. `strong_bound` also asks
what the bottlenecks let through, which takes seconds where there are thousands of jobs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from scheduler.bottlenecks import Bottleneck, Lateness, Work, candidates, least_late_cost
from scheduler.calendars import Span
from scheduler.earliest import Plant, earliest_places, plant_of, span_of
from scheduler.model import Job, Mode, Problem, amounts

CLOSER = 4
"""So many of the most crowded bottlenecks are looked at closely for tardiness."""

Places = Sequence[Span]


def lower_bound(problem: Problem) -> int:
    """A value the goal cannot fall below, from each job by itself and each machine's load.

    Raises Unsolvable where a job by itself cannot be done.
    """
    plant = plant_of(problem)
    facts = {fact.operation: fact for fact in problem.fixed}
    return _alone(problem, [earliest_places(job, plant, facts) for job in problem.jobs])


def strong_bound(problem: Problem) -> int:
    """A value the goal cannot fall below, from bottlenecks too: at least `lower_bound`, and slower.

    It helps where a machine, or some that stand in for each other, have more to do than time: shops mostly.
    """
    plant = plant_of(problem)
    facts = {fact.operation: fact for fact in problem.fixed}
    places = [earliest_places(job, plant, facts) for job in problem.jobs]
    best = _alone(problem, places)
    asked = _asked(problem, plant, places)
    if problem.goal == "makespan":
        return max([best, *(neck.last_end(works) for neck, works in asked)])
    whole = [(neck, _by_job(works)) for neck, works in asked]
    whole.sort(key=lambda each: -_crowding(*each))
    return max([best, *(_late_through(problem, places, neck, works) for neck, works in whole[:CLOSER])])


def _alone(problem: Problem, places: Sequence[Places]) -> int:
    ends = [(job, each[-1][1]) for job, each in zip(problem.jobs, places, strict=True) if each]
    if problem.goal == "makespan":
        return max([end for _, end in ends] + [_heaviest_load(problem)], default=0)
    return sum(job.weight * max(0, end - job.due) for job, end in ends)


def _heaviest_load(problem: Problem) -> int:
    """The largest sum of minutes that only one machine can do."""
    machines = {r.id for r in problem.resources if r.kind == "machine"}
    loads: dict[str, int] = {}
    for job in problem.jobs:
        for op in job.operations:
            if len(op.modes) == 1 and op.modes[0].resource in machines:
                loads[op.modes[0].resource] = loads.get(op.modes[0].resource, 0) + op.modes[0].minutes
    return max(loads.values(), default=0)


def _bottlenecks(problem: Problem, plant: Plant) -> list[Bottleneck]:
    """Every candidate, in each dimension that its resources have."""
    found = []
    for names in candidates(problem):
        dimensions = max(len(amounts(plant.resources[name].capacity)) for name in names)
        found += [Bottleneck(problem, plant, names, d) for d in range(max(dimensions, 1))]
    return found


def _asked(problem: Problem, plant: Plant, places: Sequence[Places]) -> list[tuple[Bottleneck, list[Work]]]:
    """What the operations ask of each bottleneck, of those that are asked for something."""
    facts = {fact.operation for fact in problem.fixed}
    asked: list[tuple[Bottleneck, list[Work]]] = [(neck, []) for neck in _bottlenecks(problem, plant)]
    touching: dict[tuple[frozenset[str], ...], list[tuple[Bottleneck, list[Work]]]] = {}
    for n, (job, each) in enumerate(zip(problem.jobs, places, strict=True)):
        for op, place, tail in zip(job.operations, each, _tails(job, plant), strict=True):
            ways = tuple(_touched(mode) for mode in op.modes)
            if ways not in touching:
                touching[ways] = [pair for pair in asked if all(way & pair[0].names for way in ways)]
            for neck, works in touching[ways] if op.id not in facts else ():
                amount = neck.asks(op)
                if amount > 0:
                    works.append(Work(n, place[0], amount, tail))
    return [(neck, works) for neck, works in asked if works]


def _touched(mode: Mode) -> frozenset[str]:
    return frozenset([mode.resource, *(need.resource for need in mode.needs)])


def _by_job(works: Sequence[Work]) -> list[Work]:
    """The work of each job taken as one: its first release, all its amounts, its last tail."""
    jobs: dict[int, Work] = {}
    for work in works:
        first = jobs.get(work.owner)
        if first is not None:
            work = replace(work, release=first.release, amount=first.amount + work.amount)
        jobs[work.owner] = work
    return list(jobs.values())


def _tails(job: Job, plant: Plant) -> list[int]:
    """The least minutes from the end of each operation to the end of the job."""
    tails = [0]
    for op, following in reversed(list(pairwise(job.operations))):
        shortest = min((span_of(m, plant.resources[m.resource]) for m in following.modes), default=0)
        tails.append(tails[-1] + op.min_lag + shortest)
    return tails[::-1]


def _crowding(neck: Bottleneck, works: Sequence[Work]) -> int:
    """How long works wait for each other, all in all."""
    alone = sorted(neck.through([work])[0] for work in works)
    return sum(neck.through(works)) - sum(alone)


def _late_through(problem: Problem, places: Sequence[Places], neck: Bottleneck, works: Sequence[Work]) -> int:
    """The least weighted tardiness if all that wait for each other do so at this bottleneck only."""
    lateness = [
        Lateness(job.weight, job.due, each[-1][1]) for job, each in zip(problem.jobs, places, strict=True)
    ]
    through = {work.owner for work in works}
    others = sum(late.cost(late.floor) for n, late in enumerate(lateness) if n not in through)
    return others + least_late_cost(neck.through(works), works, [lateness[work.owner] for work in works])
