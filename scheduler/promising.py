"""When could a new order be done, if nothing already planned moves?

The answer is exact for one job as long as it does not meet itself on a resource with setups: the
search asks each operation "what is your earliest end, not before X?", and one that is bound to its
predecessor by a largest lag passes the question on. Where a job does
meet itself, its operations are placed one by one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scheduler.errors import Conflict, Unsolvable
from scheduler.lines import FAR
from scheduler.model import Assignment, Job, Operation
from scheduler.timetable import Timetable

PATIENCE = 40
"""So often a job in its own way is sent later by a minute or what is needed; then by ever more."""

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
    placed: list[Assignment] = []
    completion, hinges, opens = -FAR, tuple[Hinge, ...](), 0
    try:
        for job in jobs:
            places, links = _fit_and_place(timetable, job, not_before, join_within)
            placed += places
            if places[-1].end > completion:
                completion, hinges = places[-1].end, links
    finally:
        for assignment in reversed(placed):
            timetable.remove(assignment.operation)
            opens += timetable.is_unlit(assignment)
    return Promise(tuple(placed), completion, hinges, opens)


def commit(timetable: Timetable, jobs: Sequence[Job], promised: Promise) -> None:
    """Take the promised places. Raises Conflict, and takes none, if one of them is gone."""
    operations = {op.id: op for job in jobs for op in job.operations}
    taken: list[str] = []
    try:
        for assignment in promised.assignments:
            timetable.place(assignment, operations[assignment.operation])
            taken.append(assignment.operation)
    except Conflict:
        for operation_id in taken:
            timetable.remove(operation_id)
        raise


def insert(timetable: Timetable, job: Job, *, not_before: int, join_within: int = 0) -> list[Assignment]:
    """Promise and take in one go, without the hinges."""
    return Chain(timetable, job.operations, max(not_before, job.release), join_within).place()


def _fit_and_place(
    timetable: Timetable, job: Job, not_before: int, join_within: int
) -> tuple[list[Assignment], tuple[Hinge, ...]]:
    chain = Chain(timetable, job.operations, max(not_before, job.release), join_within)
    chain.solve()
    hinges = _hinges(timetable, job, chain, not_before)
    return chain.place(), hinges


class Chain:
    """Consecutive operations looking for their places together. `first` may not start before `ready`.

    `deadline`: the first of them may not start after it (a largest lag binds it to what stands).
    """

    def __init__(
        self,
        timetable: Timetable,
        operations: Sequence[Operation],
        ready: int,
        join_within: int = 0,
        deadline: int = FAR,
    ) -> None:
        self.timetable = timetable
        self.operations = operations
        self.ready = ready
        self.join_within = join_within
        self.deadline = deadline
        self.first: list[_Label | None] = [None] * len(operations)
        self.readies: list[int] = [0] * len(operations)
        self.turned_back = 0

    def solve(self) -> list[Assignment]:
        """The places with the earliest end of the last operation; raises Unsolvable if there are none."""
        label: _Label | None = None
        for i, op in enumerate(self.operations):
            label = self._end_after(i, -FAR)
            if label is None:
                raise Unsolvable(op.id, self._why_not(i))
        places: list[Assignment] = []
        while label is not None:
            places.append(label.place)
            label = label.before
        return places[::-1]

    def _why_not(self, i: int) -> str:
        lag = self.operations[i - 1].max_lag if i else None
        if lag is not None:
            return f"no open place within {lag} minutes after operation {self.operations[i - 1].id}"
        names = ", ".join(mode.resource for mode in self.operations[i].modes)
        return f"no free place left in the calendars of {names}"

    def _end_after(self, i: int, moment: int) -> _Label | None:
        """The earliest end of operation i, not before `moment`, with its predecessors placed to suit."""
        known = self.first[i]
        if known is not None and known.place.end >= moment:
            return known
        if moment > -FAR and known is None:
            known = self._end_after(i, -FAR)
            if known is None or known.place.end >= moment:
                return known
        label = self._search(i, moment)
        if moment == -FAR:
            self.first[i] = label
        return label

    def _search(self, i: int, moment: int) -> _Label | None:
        op = self.operations[i]
        if i == 0:
            return self._plain(op, None, self.ready, moment, self.deadline)
        before = self.first[i - 1]
        assert before is not None
        previous = self.operations[i - 1]
        ready = before.place.end + previous.min_lag
        self.readies[i] = ready
        if previous.max_lag is None:
            return self._plain(op, before, ready, moment, FAR)
        easy = self._plain(op, before, ready, moment, before.place.end + previous.max_lag)
        return self._tight(i, ready, moment, easy)

    def _plain(self, op: Operation, before: _Label | None, ready: int, moment: int, by: int) -> _Label | None:
        place = self.timetable.earliest(
            op, ready, end_after=moment, start_by=by, join_within=self.join_within
        )
        return _Label(place, before) if place is not None else None

    def _tight(self, i: int, ready: int, moment: int, best: _Label | None) -> _Label | None:
        """As `_search`, where the predecessor must end at most so long before: it may have to move."""
        op, previous = self.operations[i], self.operations[i - 1]
        assert previous.max_lag is not None
        for mode in op.modes:
            alone = Operation(op.id, (mode,), op.family, op.size, release=op.release)
            after = ready
            while True:
                place = self.timetable.earliest(alone, after, end_after=moment)
                if place is None or (best is not None and place.end >= best.place.end):
                    break
                before = self._end_after(i - 1, place.start - previous.max_lag)
                if before is None:
                    break
                after = before.place.end + previous.min_lag
                if after <= place.start:
                    best = _Label(place, before)
                    break
        return best

    def place(self) -> list[Assignment]:
        """Find and take the places."""
        return self.take(self.solve())

    def take(self, places: list[Assignment]) -> list[Assignment]:
        """Take places. Where the job gets into its own way, others, one operation after the other."""
        done: list[str] = []
        try:
            for assignment, op in zip(places, self.operations, strict=True):
                self.timetable.place(assignment, op)
                done.append(op.id)
        except Conflict:
            for operation_id in done:
                self.timetable.remove(operation_id)
            return self._place_in_turn()
        return places

    def _place_in_turn(self) -> list[Assignment]:
        """Each operation placed before the next is sought; a broken lag sends its predecessor later."""
        places: list[Assignment] = []
        ends = [-FAR] * len(self.operations)
        try:
            while len(places) < len(self.operations):
                place = self._next_in_turn(places, ends)
                if place is not None:
                    self.timetable.place(place, self.operations[len(places)])
                    places.append(place)
        except Unsolvable:
            for place in places:
                self.timetable.remove(place.operation)
            raise
        return places

    def _next_in_turn(self, places: list[Assignment], ends: list[int]) -> Assignment | None:
        """The next place, or None after taking the last one back because it must end later."""
        i = len(places)
        op = self.operations[i]
        previous = self.operations[i - 1] if i else None
        ready = places[-1].end + previous.min_lag if previous else self.ready
        by = FAR if previous else self.deadline
        if previous and previous.max_lag is not None:
            by = places[-1].end + previous.max_lag
        place = self.timetable.earliest(op, ready, end_after=ends[i], start_by=by)
        if place is not None:
            return place
        place = self.timetable.earliest(op, ready, end_after=ends[i]) if by < FAR and previous else None
        if place is None or previous is None or previous.max_lag is None:
            raise Unsolvable(op.id, self._why_not(i))
        self.timetable.remove(places.pop().operation)
        self.turned_back += 1
        step = 1 << max(0, self.turned_back - PATIENCE)
        ends[i - 1] = max(ends[i - 1] + step, place.start - previous.max_lag)
        return None


@dataclass(slots=True)
class _Label:
    """A place of one operation, and the place of its predecessor that it goes with."""

    place: Assignment
    before: _Label | None


def _hinges(timetable: Timetable, job: Job, chain: Chain, not_before: int) -> tuple[Hinge, ...]:
    """What each operation of the binding chain waited for, biggest first."""
    found: list[Hinge] = []
    if job.release > not_before:
        found.append(Hinge("release", job.id, job.release - not_before, job.operations[0].id))
    ready = chain.ready
    for i, op in enumerate(job.operations):
        label = chain.first[i]
        assert label is not None
        if i:
            previous = job.operations[i - 1]
            found.append(Hinge("predecessor", previous.id, previous.min_lag, op.id))
            ready = chain.readies[i]
        found += _waits(timetable, op, label.place, ready)
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
    windows = sorted(timetable.stations[place.resource].resource.calendar)
    minutes = place.end - place.start
    for start, end in windows[max(bisect_right(windows, (ready, FAR)) - 1, 0) :]:
        if max(start, ready) + minutes <= end:
            return min(max(start, ready), place.start)
    return place.start
