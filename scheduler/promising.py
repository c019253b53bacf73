"""When could a new order be done, if nothing already planned moves?

The answer is exact for one job as long as it does not meet itself on a resource with setups: the
search asks each operation "what is your earliest end, not before X?", and one that is bound to its
predecessor by a largest lag passes the question on. Where a job does
meet itself, its operations are placed one by one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from scheduler.errors import Conflict, Unsolvable
from scheduler.kernel.memory import FAR
from scheduler.model import Assignment, Job, Operation
from scheduler.timetable import Found, Timetable

ROOM = (1.5, 2.5, 4.0, 7.0)
"""Times the work before a lot's last operation that it is given to get there, tried in turn."""
HingeKind = Literal["resource", "release", "predecessor", "calendar", "firing"]


@dataclass(frozen=True, slots=True)
class Hinge:
    """What one operation waited for, and how many minutes.

    kind and id: "resource" (busy; its id), "calendar" (closed; the resource's id), "firing" (the firing it
    joins has not begun; the resource's id), "release" (material or order not there; the job's or
    operation's id), "predecessor" (the smallest lag after the operation `id`).
    """

    kind: HingeKind
    id: str
    minutes: int
    operation: str


@dataclass(frozen=True, slots=True)
class Promise:
    """Places that are free together, the minute the last one ends, and what it hinges on, biggest first."""

    assignments: tuple[Assignment, ...]
    completion: int
    hinges_on: tuple[Hinge, ...]
    opens: int = 0
    """Firings that are not planned yet and would be lit for this."""


def promise(timetable: Timetable, job: Job, *, not_before: int, join_within: int = 0) -> Promise:
    """The earliest completion of `job` in the standing plan, moving nothing. The timetable is left as it was.

    `join_within`: share a firing that exists rather than open one that ends up to so many minutes earlier.
    Raises Unsolvable, naming the operation, when the calendars hold no place for it.
    """
    return promise_lots(timetable, [job], not_before=not_before, join_within=join_within)


def promise_lots(
    timetable: Timetable, jobs: Sequence[Job], *, not_before: int, join_within: int = 0
) -> Promise:
    """Several lots of one order, each placed after the ones before it in the list. See `promise`.

    The completion is that of the last lot to end, and the hinges are that lot's.
    """
    found: list[Assignment] = []
    completion, hinges = -FAR, tuple[Hinge, ...]()
    try:
        for k, job in enumerate(jobs, 1):
            places, links = _fit(timetable, job, not_before, join_within, last=k == len(jobs))
            found += places
            if places[-1].end > completion:
                completion, hinges = places[-1].end, links
    finally:
        for assignment in reversed(found):
            if assignment.operation in timetable:
                timetable.remove(assignment.operation)
    opens = sum(timetable.is_unlit(assignment) for assignment in found)
    return Promise(tuple(found), completion, hinges, opens)


def no_sooner(
    timetable: Timetable, jobs: Sequence[Job], promised: Promise, *, cushion: int, join_within: int = 0
) -> Promise:
    """The same promise with each lot begun little sooner than its end needs, and `cushion` minutes.

    Work that waits for a full kiln lies about for as long as the kiln is full if it is begun at once, and
    takes the room of others who could do with it now. No lot ends at another minute than promised. The
    timetable is left as it was.
    """
    places = {a.operation: a for a in promised.assignments}
    timetable.place_all(promised.assignments, [op for job in jobs for op in job.operations])
    opens = 0
    try:
        for job in reversed(jobs):
            places |= {a.operation: a for a in _begun_later(timetable, job, places, cushion, join_within)}
    finally:
        for name in places:
            timetable.remove(name)
    for place in places.values():
        opens += timetable.is_unlit(place)
    return replace(promised, assignments=tuple(places.values()), opens=opens)


def _begun_later(
    timetable: Timetable, job: Job, places: Mapping[str, Assignment], cushion: int, join_within: int
) -> list[Assignment]:
    """Take the lot's places anew, later where it waits for longer than the cushion; returns them."""
    stand = [places[op.id] for op in job.operations]
    if _waiting(job, stand) <= cushion:
        return stand
    for place in stand:
        timetable.remove(place.operation)
    later = _latest(timetable, job, stand, cushion, join_within)
    try:
        timetable.place_all(later, job.operations)
    except Conflict:  # the job meets itself
        later = stand
        timetable.place_all(later, job.operations)
    return later


def _waiting(job: Job, places: Sequence[Assignment]) -> int:
    """Minutes that the lot lies about beyond what its smallest lags ask for."""
    pairs = zip(job.operations, pairwise(places), strict=False)
    return sum(after.start - before.end - op.min_lag for op, (before, after) in pairs)


def _latest(
    timetable: Timetable, job: Job, stand: list[Assignment], cushion: int, join_within: int
) -> list[Assignment]:
    """The places of a lot that begins late and ends as before: with little more time than its work takes,
    else with ever more."""
    end, work = stand[-1].end, _work_before_last(job, stand)
    for room in ROOM:
        begin = stand[-1].start - cushion - int(room * work)
        if begin <= stand[0].start:
            break
        try:
            found = timetable.chain(job.operations, begin, FAR, join_within).places
        except Unsolvable:
            continue
        if found[-1].end == end:
            return found
    return stand


def _work_before_last(job: Job, places: Sequence[Assignment]) -> int:
    """Minutes that the operations before the last one take, with the smallest lags after them."""
    before = zip(job.operations[:-1], places, strict=False)
    return sum(place.end - place.start + op.min_lag for op, place in before)


def commit(timetable: Timetable, jobs: Sequence[Job], promised: Promise) -> None:
    """Take the promised places. Raises Conflict, and takes none, if one of them is gone."""
    operations = {op.id: op for job in jobs for op in job.operations}
    timetable.place_all(promised.assignments, [operations[a.operation] for a in promised.assignments])


def insert(timetable: Timetable, job: Job, *, not_before: int, join_within: int = 0) -> list[Assignment]:
    """Promise and take in one go, without the hinges."""
    return timetable.insert(job.operations, max(not_before, job.release), join_within=join_within)


def _fit(
    timetable: Timetable, job: Job, not_before: int, join_within: int, *, last: bool
) -> tuple[list[Assignment], tuple[Hinge, ...]]:
    """A lot's places, and what it waits for. They are taken for now, so that the next lot finds others; those
    of the last one only if they may be in each other's way."""
    ready = max(not_before, job.release)
    found = timetable.chain(job.operations, ready, FAR, join_within)
    hinges = _hinges(timetable, job, found, ready, not_before)
    if last and _apart(job, found.places):
        return found.places, hinges
    try:
        timetable.place_all(found.places, job.operations)
    except Conflict:  # the job meets itself
        return timetable.insert(job.operations, ready, join_within=join_within), hinges
    return found.places, hinges


def _apart(job: Job, places: Sequence[Assignment]) -> bool:
    """Whether no two operations of the lot take the same resource, or may."""
    if any(mode.needs for op in job.operations for mode in op.modes):
        return False
    return len({place.resource for place in places}) == len(places)


def _hinges(
    timetable: Timetable, job: Job, chain: Found, ready: int, not_before: int
) -> tuple[Hinge, ...]:
    """What each operation of the binding chain waited for, biggest first."""
    found: list[Hinge] = []
    if job.release > not_before:
        found.append(Hinge("release", job.id, job.release - not_before, job.operations[0].id))
    for i, op in enumerate(job.operations):
        if i:
            previous = job.operations[i - 1]
            found.append(Hinge("predecessor", previous.id, previous.min_lag, op.id))
            ready = chain.alone[i - 1] + previous.min_lag
        found += _waits(timetable, op, chain.first[i], ready)
    return tuple(sorted((h for h in found if h.minutes > 0), key=lambda h: -h.minutes))


def _waits(timetable: Timetable, op: Operation, place: Assignment, ready: int) -> list[Hinge]:
    """How the minutes from `ready` to the start divide into release, closed time and occupied time."""
    released = max(ready, op.release, timetable.frozen_before)
    waits = [Hinge("release", op.id, released - ready, op.id)]
    if timetable.joins(place, op):
        return [*waits, Hinge("firing", place.resource, place.start - released, op.id)]
    opening = _opens(timetable, place, released)
    waits.append(Hinge("calendar", place.resource, opening - released, op.id))
    waits.append(Hinge("resource", place.resource, place.start - opening, op.id))
    return waits


def _opens(timetable: Timetable, place: Assignment, ready: int) -> int:
    """When the place's resource, were it empty, would first be open long enough."""
    windows = timetable.windows(place.resource)
    minutes = place.end - place.start
    for start, end in windows[max(bisect_right(windows, (ready, FAR)) - 1, 0) :]:
        if max(start, ready) + minutes <= end:
            return min(max(start, ready), place.start)
    return place.start
