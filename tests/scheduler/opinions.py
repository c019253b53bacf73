"""A second opinion on what is allowed, by looking at every minute.

Written from the model's words alone, it shares no thought with the library: `fits` judges one place among
what stands, `opinion` a whole plan.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from scheduler.model import Assignment, Job, Mode, Operation, Problem, Resource, Schedule, amounts


class Stay(NamedTuple):
    """Something that stands in a plan; without an operation it takes its whole resource."""

    place: Assignment
    op: Operation | None
    fact: bool = False


Standing = Sequence[Stay]


def resource_of(problem: Problem, name: str) -> Resource:
    return next(r for r in problem.resources if r.id == name)


@cache
def open_minutes(calendar: tuple[tuple[int, int], ...]) -> list[int]:
    return sorted(m for a, b in calendar for m in range(a, b))


def in_one_window(resource: Resource, start: int, end: int) -> bool:
    return any(a <= start and end <= b for a, b in resource.calendar)


def end_of(resource: Resource, op: Operation, mode: Mode, start: int) -> int | None:
    """When the operation ends in this mode if it starts then; None if the resource is not open for that."""
    if op.may_pause and resource.kind == "machine":
        minutes = [m for m in open_minutes(resource.calendar) if m >= start][: mode.minutes]
        done = len(minutes) == mode.minutes and minutes[0] == start
        return minutes[-1] + 1 if done else None
    end = start + resource.loading + mode.minutes
    return end + resource.cooling if in_one_window(resource, start, end) else None


def modes_of(problem: Problem, stay: Stay) -> list[Mode]:
    """The modes that this place may be: for a fact the nearest one."""
    if stay.op is None:
        return []
    here = [m for m in stay.op.modes if m.resource == stay.place.resource]
    resource = resource_of(problem, stay.place.resource)
    alike = [m for m in here if lasts(resource, stay.op, m, stay.place)]
    return alike or (here[:1] if stay.fact else [])


def lasts(resource: Resource, op: Operation, mode: Mode, place: Assignment) -> bool:
    """Whether the place is as long as the mode, wherever the windows are."""
    if op.may_pause and resource.kind == "machine":
        return sum(place.start <= m < place.end for m in open_minutes(resource.calendar)) == mode.minutes
    return place.end - place.start == resource.loading + mode.minutes + resource.cooling


def taken(problem: Problem, stay: Stay) -> dict[str, tuple[int, ...]]:
    """What a stay takes of each pool, a number a dimension."""
    resource = resource_of(problem, stay.place.resource)
    found: dict[str, tuple[int, ...]] = {}
    if resource.kind == "pool":
        capacity = amounts(resource.capacity)
        size = capacity if stay.op is None else amounts(stay.op.size)
        found[resource.id] = (*size, *[0] * (len(capacity) - len(size)))
    for mode in modes_of(problem, stay)[:1]:
        for need in mode.needs:
            dimensions = len(amounts(resource_of(problem, need.resource).capacity))
            found[need.resource] = (need.amount, *[0] * (dimensions - 1))
    return found


def clashes(problem: Problem, others: Standing, new: Stay) -> bool:
    """Whether the new one shares what cannot be shared; setups are left aside."""
    resource = resource_of(problem, new.place.resource)
    here = [s for s in others if s.place.resource == resource.id]
    if resource.kind == "batch":
        mates = [s for s in here if s.place.start == new.place.start]
        if mates and not one_firing(resource, [*mates, new]):
            return True
        if not mates and not one_firing(resource, [new]):
            return True
        here = [s for s in here if s.place.start != new.place.start]
    if resource.kind != "pool" and any(meet(s.place, new.place) for s in here):
        return True
    return any(not in_pool(problem, others, new, name) for name in taken(problem, new))


def meet(one: Assignment, other: Assignment) -> bool:
    return one.start < other.end and other.start < one.end


def one_firing(resource: Resource, members: Standing) -> bool:
    """Whether these can share a firing, its least load left aside."""
    capacity = amounts(resource.capacity)
    sizes = [capacity if s.op is None else amounts(s.op.size) for s in members]
    loads = [sum(size[d] for size in sizes if d < len(size)) for d in range(len(capacity))]
    alike = len({(s.place.end, s.op.family if s.op else None) for s in members}) == 1
    return alike and all(load <= most for load, most in zip(loads, capacity, strict=True))


def in_pool(problem: Problem, others: Standing, new: Stay, name: str) -> bool:
    """Whether the pool has what the new one takes, in each of its minutes."""
    pool = resource_of(problem, name)
    here = [s for s in others if meet(s.place, new.place)]
    every = [(s.place, taken(problem, s).get(name)) for s in [*here, new]]
    for minute in range(new.place.start, new.place.end):
        now = [size for place, size in every if size and place.start <= minute < place.end]
        if any(sum(size[d] for size in now) > most for d, most in enumerate(amounts(pool.capacity))):
            return False
    return True


def open_for(problem: Problem, new: Stay) -> bool:
    """Whether it is as long as one of its modes, and its resource and the pools it needs are open."""
    assert new.op is not None
    resource, place = resource_of(problem, new.place.resource), new.place
    for mode in modes_of(problem, new):
        pools = [resource_of(problem, need.resource) for need in mode.needs]
        if end_of(resource, new.op, mode, place.start) == place.end:
            return all(in_one_window(pool, place.start, place.end) for pool in pools)
    return False


def firings(stays: Iterable[Stay]) -> list[Stay]:
    """One for each start, the longest, in order of time."""
    by_start: dict[int, Stay] = {}
    for stay in sorted(stays, key=lambda s: (s.place.start, s.place.end, s.place.operation)):
        old = by_start.get(stay.place.start)
        if old is None or stay.place.end > old.place.end:
            by_start[stay.place.start] = stay
    return list(by_start.values())


def setups_paid(problem: Problem, others: Standing, new: Stay) -> tuple[bool, bool]:
    """Whether the setup from what runs before it, and the one to what runs after it, have their time."""
    resource = resource_of(problem, new.place.resource)
    if resource.setup is None or resource.kind == "pool":
        return True, True
    here = [s for s in others if s.place.resource == resource.id]
    if resource.kind == "batch":
        here = firings(s for s in here if s.place.start != new.place.start)
    here.sort(key=lambda s: (s.place.start, s.place.end, s.place.operation))
    before = [s for s in here if s.place.start < new.place.start]
    after = [s for s in here if s.place.start > new.place.start]
    return (
        not before
        or before[-1].place.end + setup(problem, resource, before[-1].op, new.op) <= new.place.start,
        not after or new.place.end + setup(problem, resource, new.op, after[0].op) <= after[0].place.start,
    )


def setup(problem: Problem, resource: Resource, before: Operation | None, after: Operation | None) -> int:
    """Minutes between two operations on a resource; none where one of them is other occupancy."""
    if resource.setup is None or before is None or after is None:
        return 0
    if before.family is None or after.family is None:
        return 0
    matrix = problem.setups[resource.setup]
    return matrix.minutes[matrix.families.index(before.family)][matrix.families.index(after.family)]


def fits(problem: Problem, others: Standing, new: Stay) -> bool:
    """Whether the new one may be added to what stands; the least load of its firing is left aside."""
    return (
        open_for(problem, new)
        and not clashes(problem, others, new)
        and setups_paid(problem, others, new) == (True, True)
    )


def underloaded(problem: Problem, stays: Standing) -> list[str]:
    """Operations in firings that are not worth lighting."""
    wrong: list[str] = []
    for resource in problem.resources:
        groups: dict[int, list[Stay]] = defaultdict(list)
        for stay in stays:
            if stay.place.resource == resource.id and resource.kind == "batch":
                groups[stay.place.start].append(stay)
        for group in groups.values():
            load = sum(amounts(s.op.size)[0] for s in group if s.op)
            if load < resource.least_load and not any(s.fact for s in group):
                wrong += [s.place.operation for s in group]
    return wrong


def stays_of(problem: Problem, places: Iterable[Assignment]) -> list[Stay]:
    """A plan as stays, with the problem's facts."""
    ops = problem.operations()
    facts = {f.operation: f for f in problem.fixed}
    planned = [Stay(p, ops.get(p.operation)) for p in places if p.operation not in facts]
    return [*(Stay(f, ops.get(f.operation), True) for f in problem.fixed), *planned]


def opinion(problem: Problem, schedule: Schedule) -> list[str]:
    """The operations with which something is wrong in a plan, each looked at among all others."""
    ops, facts = problem.operations(), {f.operation: f for f in problem.fixed}
    counts = Counter(a.operation for a in schedule.assignments)
    wrong = [name for name, n in counts.items() if n > 1]
    places = {a.operation: a for a in schedule.assignments}
    wrong += [name for name in ops if name not in places]
    wrong += [name for name in places if name not in ops and name not in facts]
    wrong += [name for name, fact in facts.items() if places.get(name, fact) != fact]
    stays = stays_of(problem, [a for a in places.values() if a.operation in ops])
    for stay in stays:
        others = [s for s in stays if s is not stay]
        if not stay.fact and not fits(problem, others, stay):
            wrong.append(stay.place.operation)
    wrong += underloaded(problem, stays)
    for job in problem.jobs:
        wrong += job_rules_broken(job, {s.place.operation: s for s in stays})
    return wrong


def job_rules_broken(job: Job, stays: dict[str, Stay]) -> list[str]:
    wrong = []
    for k, op in enumerate(job.operations):
        stay, before = stays.get(op.id), stays.get(job.operations[k - 1].id) if k else None
        if stay is None:
            continue
        if not stay.fact and stay.place.start < max(job.release, op.release):
            wrong.append(op.id)
        if before and not (before.fact and stay.fact) and not lag_kept(job.operations[k - 1], before, stay):
            wrong.append(op.id)
    last = stays.get(job.operations[-1].id)
    if last and not last.fact and job.deadline is not None and last.place.end > job.deadline:
        wrong.append(job.operations[-1].id)
    return wrong


def lag_kept(before: Operation, one: Stay, other: Stay) -> bool:
    lag = other.place.start - one.place.end
    return before.min_lag <= lag and (before.max_lag is None or lag <= before.max_lag)
