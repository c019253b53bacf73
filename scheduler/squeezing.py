"""A job that what has begun binds gets into a full kiln: as few as possible of one firing make room."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from scheduler.model import Assignment, Mode, Operation, Resource, amounts

if TYPE_CHECKING:
    from scheduler.mending import Mending


@dataclass(frozen=True, slots=True)
class Squeeze:
    """A place in a firing that stands, and who would leave it; `harm` is the more, the more of them there are
    and the less time they have to spare."""

    place: Assignment
    leaving: tuple[str, ...]
    harm: tuple[int, int]


def least_harmful(mending: Mending, op: Operation, ready: int, deadline: int) -> Squeeze | None:
    """The firing that the operation can be in at the cost of some of its members with the least harm."""
    found = [
        squeeze
        for mode in op.modes
        if mending.timetable.resource(mode.resource).kind == "batch" and not mode.needs
        for firing in _firings(mending, mode, ready, deadline)
        if (squeeze := _squeeze(mending, op, firing)) is not None
    ]
    return min(found, key=lambda s: (s.harm, s.place.start, s.place.resource), default=None)


def _firings(mending: Mending, mode: Mode, ready: int, deadline: int) -> Iterator[list[Assignment]]:
    """The members of each firing that begins in time."""
    members: list[Assignment] = []
    for name in mending.timetable.between(mode.resource, ready, deadline + 1):
        place = mending.timetable.get(name)
        assert place is not None
        if members and members[0].start != place.start:
            yield members
            members = []
        members.append(place)
    if members:
        yield members


def _squeeze(mending: Mending, op: Operation, firing: list[Assignment]) -> Squeeze | None:
    """The members with most time to spare leave until there is room; None where that is not enough."""
    first, operations = firing[0], mending.operations
    kiln = mending.timetable.resource(first.resource)
    if operations[first.operation].family != op.family:
        return None
    sizes = {a.operation: amounts(operations[a.operation].size) for a in firing}
    able = {a.operation: spare for a in firing if (spare := _spare(mending, a)) is not None}
    leaving: list[str] = []
    load = _added([amounts(op.size), *sizes.values()])
    for name in sorted(able, key=lambda name: (-able[name], name)):
        if _holds(kiln, load):
            break
        load = _added([load, tuple(-size for size in sizes[name])])
        leaving.append(name)
    if not _holds(kiln, load) or load[0] < kiln.least_load:
        return None
    place = Assignment(op.id, first.resource, first.start, first.end)
    return Squeeze(place, tuple(leaving), (len(leaving), -sum(able[name] for name in leaving)))


def _added(loads: list[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(map(sum, zip_longest(*loads, fillvalue=0)))


def _holds(kiln: Resource, load: tuple[int, ...]) -> bool:
    return all(taken <= most for taken, most in zip(load, amounts(kiln.capacity), strict=False))


def _spare(mending: Mending, place: Assignment) -> int | None:
    """Minutes between the end of a member's job and what it is promised for; None where it must stay."""
    if place.operation in mending.facts:
        return None
    job = mending.timetable.job(mending.timetable.owner(place.operation))
    k = next(k for k, op in enumerate(job.operations) if op.id == place.operation)
    before = job.operations[k - 1] if k else None
    if before is not None and before.max_lag is not None and before.id in mending.facts:
        return None
    last = mending.timetable.get(job.operations[-1].id)
    promised = job.due if job.promised is None else job.promised
    return 0 if last is None else promised - last.end
