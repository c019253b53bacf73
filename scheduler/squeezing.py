"""A job that what has begun binds gets into a full kiln: as few as possible of one firing make room."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from scheduler.model import Assignment, Operation, Resource, amounts

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
    timetable, operations = mending.timetable, mending.operations
    kilns = [m.resource for m in op.modes if timetable.resource(m.resource).kind == "batch" and not m.needs]
    found = [
        squeeze
        for kiln in kilns
        for members in timetable.runs_between(kiln, ready, deadline + 1)
        if members[0] in operations and operations[members[0]].family == op.family
        if (squeeze := _squeeze(mending, op, members)) is not None
    ]
    return min(found, key=lambda s: (s.harm, s.place.start, s.place.resource), default=None)


def _squeeze(mending: Mending, op: Operation, members: list[str]) -> Squeeze | None:
    """The members with most time to spare leave until there is room; None where that is not enough."""
    first = mending.timetable.get(members[0])
    assert first is not None
    kiln, operations = mending.timetable.resource(first.resource), mending.operations
    sizes = {name: amounts(operations[name].size) for name in members}
    able = {name: spare for name in members if (spare := _spare(mending, name)) is not None}
    leaving: list[str] = []
    load = _added([amounts(op.size), *sizes.values()])
    for name in sorted(able, key=lambda name: (-able[name], name)):
        if _holds(kiln, load):
            break
        load = _added([load, tuple(-size for size in sizes[name])])
        leaving.append(name)
    if not _holds(kiln, load) or load[0] < kiln.least_load:
        return None
    place = replace(first, operation=op.id)
    return Squeeze(place, tuple(leaving), (len(leaving), -sum(able[name] for name in leaving)))


def _added(loads: list[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(map(sum, zip_longest(*loads, fillvalue=0)))


def _holds(kiln: Resource, load: tuple[int, ...]) -> bool:
    return all(taken <= most for taken, most in zip(load, amounts(kiln.capacity), strict=False))


def _spare(mending: Mending, name: str) -> int | None:
    """Minutes between the end of a member's job and what it is promised for; None where it must stay."""
    if name in mending.facts:
        return None
    job = mending.timetable.job(mending.timetable.owner(name))
    k = next(k for k, op in enumerate(job.operations) if op.id == name)
    before = job.operations[k - 1] if k else None
    if before is not None and before.max_lag is not None and before.id in mending.facts:
        return None
    last = mending.timetable.get(job.operations[-1].id)
    promised = job.due if job.promised is None else job.promised
    return 0 if last is None else promised - last.end
