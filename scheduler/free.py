"""What an exact model asks of the plan that stands: where something else could go.

`Free` is the question; a timetable that keeps an index can answer it. `Standing` answers it from nothing but
a list of places, resource by resource as it is asked: for small problems, and as a second opinion.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from scheduler.calendars import Calendar, Span
from scheduler.earliest import span_of
from scheduler.model import Assignment, Mode, Operation, Problem, Resource, amounts
from scheduler.setups import Setups, setups_of


class Opening(NamedTuple):
    """A firing that could be joined: the room left in each dimension, and what it lacks of its least load."""

    start: int
    room: tuple[int, ...]
    lacking: int


class Free(Protocol):
    """A standing plan, looked at for free places. It changes nothing.

    `minutes` are those of the mode; loading, cooling and pauses are for the answerer to add. The whole time
    from start to end lies between `head` and `tail`.
    """

    @property
    def frozen_before(self) -> int:
        """Nothing new may start, nor a firing be joined, before this moment."""

    def get(self, operation_id: str, /) -> Assignment | None:
        """Where an operation stands, or None."""

    def chances(self, resource: str, op: Operation, minutes: int, head: int, tail: int) -> list[Span]:
        """Stretches (first start, last start) in which the operation could run on a machine, or in a firing
        of its own, setups against what stands included."""

    def openings(self, resource: str, op: Operation, minutes: int, head: int, tail: int) -> list[Opening]:
        """Firings with room for the operation."""

    def profile(self, resource: str, head: int, tail: int) -> list[tuple[int, tuple[int, ...]]]:
        """The load of a pool from `head` on, one number a dimension: (moment, load from then on)."""


@dataclass(slots=True)
class Run:
    """What follows one another on a machine or a batch resource; a firing is one run of all its members."""

    start: int
    end: int
    family: str | None
    loads: list[int] = field(default_factory=list)
    fact: bool = False
    all_facts: bool = True


class Standing:
    """A list of places, and the problem's facts, as an answer to `Free`.

    On resources in `unpaid` no setups are asked of a place: whoever asks sees to them himself.
    """

    def __init__(
        self,
        problem: Problem,
        places: Iterable[Assignment],
        frozen_before: int = 0,
        unpaid: Collection[str] = (),
    ) -> None:
        self.problem = problem
        self.frozen_before = frozen_before
        self._unpaid = unpaid
        self._resources = {r.id: r for r in problem.resources}
        self._operations = problem.operations()
        self._facts = {f.operation: f for f in problem.fixed}
        self._places = {a.operation: a for a in [*problem.fixed, *places]}
        self._here: dict[str, list[Assignment]] = defaultdict(list)
        for place in self._places.values():
            self._here[place.resource].append(place)
        self._calendars: dict[str, Calendar] = {}
        self._runs: dict[str, list[Run]] = {}
        self._lent: dict[str, list[tuple[int, int, int]]] | None = None

    def get(self, operation_id: str, /) -> Assignment | None:
        """See Free."""
        return self._places.get(operation_id)

    def runs(self, resource: str) -> list[Run]:
        """What follows one another on a machine or batch resource, in order of time."""
        if resource not in self._runs:
            self._runs[resource] = list(self._in_order(self._resources[resource]))
        return self._runs[resource]

    def _in_order(self, resource: Resource) -> Iterator[Run]:
        run: Run | None = None
        for place in sorted(self._here[resource.id], key=lambda a: (a.start, a.end, a.operation)):
            op = self._operations.get(place.operation)
            if run is None or resource.kind == "machine" or run.start != place.start:
                if run is not None:
                    yield run
                run = Run(place.start, place.end, op.family if op else None)
            if place.end > run.end:
                run.end, run.family = place.end, op.family if op else None
            fact = place.operation in self._facts
            run.fact, run.all_facts = run.fact or fact, run.all_facts and fact
            run.loads = _sum(run.loads, _size(op, resource))
        if run is not None:
            yield run

    def _calendar(self, resource: str) -> Calendar:
        if resource not in self._calendars:
            self._calendars[resource] = Calendar(self._resources[resource].calendar)
        return self._calendars[resource]

    # ---- machines and batch resources ----

    def chances(self, resource: str, op: Operation, minutes: int, head: int, tail: int) -> list[Span]:
        """See Free."""
        thing, calendar = self._resources[resource], self._calendar(resource)
        span = span_of(Mode(resource, minutes), thing)
        found: list[Span] = []
        for first, until in self._gaps(thing, op):
            a, b = max(first, head), min(until, tail)
            if b - a < span:
                continue
            if op.may_pause:
                found += [(start, last) for start, last, _ in calendar.pausing_starts(minutes, a, b)]
            else:
                found += calendar.starts(span - thing.cooling, a, b - span)
        return found

    def _gaps(self, resource: Resource, op: Operation) -> Iterator[Span]:
        """From when until when the resource is free for the operation, setups on both sides paid."""
        setups = Setups(None) if resource.id in self._unpaid else setups_of(self.problem, resource)
        covered = ready = -(1 << 60)
        for run in self.runs(resource.id):
            yield ready, run.start - setups.between(op.family, run.family)
            covered = max(covered, run.end)
            ready = max(covered, run.end + setups.between(run.family, op.family))
        yield ready, 1 << 60

    def openings(self, resource: str, op: Operation, minutes: int, head: int, tail: int) -> list[Opening]:
        """See Free. A fact that breaks the rules, against closed time or other facts, cannot be joined."""
        thing, size = self._resources[resource], _size(op, self._resources[resource])
        span = span_of(Mode(resource, minutes), thing)
        found = []
        for k, run in enumerate(self.runs(resource)):
            fits = run.family == op.family and run.end - run.start == span
            if fits and head <= run.start and run.end <= tail and self._sound(thing, k):
                rooms = zip(amounts(thing.capacity), run.loads, strict=True)
                room = tuple(capacity - load for capacity, load in rooms)
                if all(left >= taken for left, taken in zip(room, size, strict=True)):
                    lacking = 0 if run.fact else max(0, thing.least_load - run.loads[0])
                    found.append(Opening(run.start, room, lacking))
        return found

    def _sound(self, resource: Resource, k: int) -> bool:
        runs, setups = self.runs(resource.id), setups_of(self.problem, resource)
        run = runs[k]
        if not run.all_facts:
            return True
        if not self._calendar(resource.id).covers(run.start, run.end - resource.cooling):
            return False
        before, after = runs[:k], runs[k + 1 :]
        ready = before[-1].end + setups.between(before[-1].family, run.family) if before else run.start
        needed = run.end + setups.between(run.family, after[0].family) if after else run.end
        alone = all(other.end <= run.start for other in before)
        return alone and ready <= run.start and (not after or needed <= after[0].start)

    # ---- pools ----

    def profile(self, resource: str, head: int, tail: int) -> list[tuple[int, tuple[int, ...]]]:
        """See Free."""
        pool = self._resources[resource]
        zero = [0] * len(amounts(pool.capacity))
        steps: dict[int, list[int]] = {head: list(zero)}
        for start, end, size in self._taken(pool):
            if start < tail and end > head:
                for moment, sign in ((max(start, head), 1), (end, -1)):
                    if moment < tail:
                        steps[moment] = _sum(steps.get(moment, zero), [sign * s for s in size])
        load, found = list(zero), []
        for moment in sorted(steps):
            load = _sum(load, steps[moment])
            found.append((moment, tuple(load)))
        return found

    def _taken(self, pool: Resource) -> Iterator[tuple[int, int, list[int]]]:
        for place in self._here[pool.id]:
            yield place.start, place.end, _size(self._operations.get(place.operation), pool)
        if self._lent is None:
            self._lent = defaultdict(list)
            for place in self._places.values():
                for name, amount in self._needs(place):
                    self._lent[name].append((place.start, place.end, amount))
        for start, end, amount in self._lent.get(pool.id, ()):
            yield start, end, [amount, *[0] * (len(amounts(pool.capacity)) - 1)]

    def _needs(self, place: Assignment) -> list[tuple[str, int]]:
        """What a place takes of pools: by its mode of that length, else the first on that resource."""
        op = self._operations.get(place.operation)
        here = [mode for mode in op.modes if mode.resource == place.resource] if op else []
        if not any(mode.needs for mode in here):
            return []
        resource = self._resources[place.resource]
        alike = (mode for mode in here if span_of(mode, resource) == place.end - place.start)
        return [(need.resource, need.amount) for need in next(alike, here[0]).needs]


def _size(op: Operation | None, resource: Resource) -> list[int]:
    """A number for each dimension of the capacity; what is no operation takes all there is."""
    capacity = amounts(resource.capacity)
    size = capacity if op is None else amounts(op.size)
    return [size[d] if d < len(size) else 0 for d in range(len(capacity))]


def _sum(one: list[int], other: list[int]) -> list[int]:
    return [a + b for a, b in zip(one, other, strict=True)] if one else other
