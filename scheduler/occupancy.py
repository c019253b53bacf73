"""Who is where in a finished plan: what the drawing and the explanation of a plan look at.

Nothing here decides anything; a plan that breaks rules can be looked at like any other.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from scheduler.model import Assignment, Job, Mode, Operation, Problem, Resource, Schedule, amounts


@dataclass(frozen=True, slots=True)
class Stay:
    """One operation on one resource, or other occupancy (`op` and `job` are None).

    `taken` is what it takes of the resource, one number a dimension; `need` says that the resource is not its
    own but one that its mode needs besides.
    """

    place: Assignment
    op: Operation | None
    job: Job | None
    taken: tuple[int, ...]
    fact: bool = False
    need: bool = False

    @property
    def start(self) -> int:
        """The first minute of its stay."""
        return self.place.start

    @property
    def end(self) -> int:
        """The first minute after it."""
        return self.place.end

    @property
    def name(self) -> str:
        """The operation's id, or that of other occupancy."""
        return self.place.operation


@dataclass(frozen=True, slots=True)
class Firing:
    """Stays on a batch resource that start together."""

    members: tuple[Stay, ...]
    start: int
    end: int

    @property
    def family(self) -> str | None:
        """The recipe."""
        return next((m.op.family for m in self.members if m.op), None)

    def load(self) -> tuple[int, ...]:
        """What the members take together, one number a dimension."""
        return total(member.taken for member in self.members)


def total(vectors: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    """The sum, dimension by dimension; missing ones count nothing."""
    summed: list[int] = []
    for vector in vectors:
        summed += [0] * (len(vector) - len(summed))
        for k, amount in enumerate(vector):
            summed[k] += amount
    return tuple(summed)


class Occupancy:
    """A plan, resource by resource, with the problem's facts in it."""

    def __init__(self, problem: Problem, schedule: Schedule) -> None:
        self.problem = problem
        self.resources = {r.id: r for r in problem.resources}
        self.jobs = problem.job_of()
        self.operations = problem.operations()
        self.facts = {a.operation for a in problem.fixed}
        self.places = schedule.by_operation() | {a.operation: a for a in problem.fixed}

    @cached_property
    def stays(self) -> dict[str, list[Stay]]:
        """Everything on each resource in order of time, what modes need of it included."""
        found: dict[str, list[Stay]] = {name: [] for name in self.resources}
        for place in self.places.values():
            resource = self.resources.get(place.resource)
            if resource is not None:
                for stay in self._stays_of(place, resource):
                    found[stay[0]].append(stay[1])
        for here in found.values():
            here.sort(key=lambda s: (s.start, s.end, s.name))
        return found

    def _stays_of(self, place: Assignment, resource: Resource) -> list[tuple[str, Stay]]:
        op, job = self.operations.get(place.operation), self.jobs.get(place.operation)
        fact = place.operation in self.facts
        whole = amounts(resource.capacity) or (1,)
        taken = whole if op is None else amounts(op.size) if resource.kind != "machine" else (1,)
        stays = [(resource.id, Stay(place, op, job, taken, fact))]
        mode = self.mode(place)
        if mode is not None:
            for need in mode.needs:
                if need.resource in self.resources:
                    stays.append((need.resource, Stay(place, op, job, (need.amount,), fact, True)))
        return stays

    def mode(self, place: Assignment) -> Mode | None:
        """The mode that an operation is done in: the one of its length, else the first on the resource."""
        op = self.operations.get(place.operation)
        if op is None:
            return None
        here = [m for m in op.modes if m.resource == place.resource]
        resource = self.resources[place.resource]
        minutes = place.end - place.start - resource.loading - resource.cooling
        return next((m for m in here if m.minutes == minutes), here[0] if here else None)

    def firings(self, resource: str) -> list[Firing]:
        """The firings of a batch resource in order of time; other occupancy is one of its own."""
        groups: dict[int, list[Stay]] = defaultdict(list)
        for stay in self.stays[resource]:
            groups[stay.start].append(stay)
        return [
            Firing(tuple(members), start, max(m.end for m in members))
            for start, members in sorted(groups.items())
        ]

    def load(self, resource: str) -> list[tuple[int, tuple[int, ...]]]:
        """A pool's load: (minute, load from then on), one entry a change."""
        changes: dict[int, list[tuple[int, ...]]] = defaultdict(list)
        for stay in self.stays[resource]:
            changes[stay.start].append(stay.taken)
            changes[stay.end].append(tuple(-amount for amount in stay.taken))
        steps: list[tuple[int, tuple[int, ...]]] = []
        now: tuple[int, ...] = ()
        for minute in sorted(changes):
            now = total([now, *changes[minute]])
            steps.append((minute, now))
        return steps

    def setup(self, resource: Resource, before: Operation | None, after: Operation | None) -> int:
        """The setup minutes between two operations on a resource; 0 where one of them is other occupancy."""
        matrix = self.problem.setups.get(resource.setup or "")
        if matrix is None or before is None or after is None:
            return 0
        if before.family not in matrix.families or after.family not in matrix.families:
            return 0
        row, column = matrix.families.index(before.family), matrix.families.index(after.family)
        return matrix.minutes[row][column]


def window_at(windows: list[tuple[int, int]], minute: int) -> tuple[int, int] | None:
    """The open window that holds this minute; the windows are in order."""
    k = bisect_right(windows, minute, key=lambda w: w[0]) - 1
    return windows[k] if k >= 0 and minute < windows[k][1] else None


def end_when_pausing(windows: list[tuple[int, int]], start: int, minutes: int) -> int:
    """When work that rests in closed time and starts here has had so many open minutes; -1 if never."""
    left = minutes
    for a, b in windows:
        if b > start:
            open_minutes = b - max(a, start)
            if open_minutes >= left:
                return max(a, start) + left
            left -= open_minutes
    return -1
