"""One resource of the timetable: what kind it is decides how an operation finds its place and takes it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass, field
from typing import Protocol

from scheduler.errors import Conflict
from scheduler.lines import FAR, Line, Profile, Setups
from scheduler.model import Operation, Resource


class Station(Protocol):
    """What the timetable asks of a resource. Spans are (start, end) in minutes."""

    resource: Resource

    def fit(self, op: Operation, minutes: int, after: int, limit: int, frozen: int) -> int:
        """The earliest start >= after that ends by limit, or -1; nothing before `frozen`."""

    def place(self, op: Operation, start: int, end: int, frozen: int) -> None:
        """Take the span, or raise Conflict."""

    def take_fact(self, op: Operation | None, name: str, start: int, end: int) -> None:
        """Take the span whatever lies there; without an operation it takes the whole resource."""

    def remove(self, op: Operation | None, name: str, start: int, end: int) -> None:
        """Give the span back."""


class Machine:
    """One operation at a time, setups between."""

    def __init__(self, resource: Resource, setups: Setups | None) -> None:
        self.resource = resource
        self.line = Line(resource, setups)
        self._index = setups.index if setups else {}
        self._unknown = setups.unknown if setups else 0

    def family(self, op: Operation | None) -> int:
        """The operation's row in the setups; what is not an operation needs none."""
        if op is None or op.family is None:
            return self._unknown
        return self._index.get(op.family, self._unknown)

    def fit(self, op: Operation, minutes: int, after: int, limit: int, frozen: int) -> int:
        """See Station."""
        return self.line.fit(self.family(op), minutes, after, limit)

    def place(self, op: Operation, start: int, end: int, frozen: int) -> None:
        """See Station."""
        self.line.place(self.family(op), start, end)

    def take_fact(self, op: Operation | None, name: str, start: int, end: int) -> None:
        """See Station."""
        self.line.take_fact(self.family(op), start, end)

    def remove(self, op: Operation | None, name: str, start: int, end: int) -> None:
        """See Station."""
        self.line.remove(start, end, self.family(op))


class Pool:
    """Sizes add up."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self.profile = Profile(resource)

    def _size(self, op: Operation | None) -> int:
        return self.profile.capacity if op is None else op.size

    def fit(self, op: Operation, minutes: int, after: int, limit: int, frozen: int) -> int:
        """See Station."""
        return self.profile.fit(op.size, minutes, after, limit)

    def place(self, op: Operation, start: int, end: int, frozen: int) -> None:
        """See Station."""
        self.profile.place(op.size, start, end)

    def take_fact(self, op: Operation | None, name: str, start: int, end: int) -> None:
        """See Station."""
        self.profile.take_fact(self._size(op), start, end)

    def remove(self, op: Operation | None, name: str, start: int, end: int) -> None:
        """See Station."""
        self.profile.remove(self._size(op), start, end)


@dataclass(slots=True)
class Firing:
    """One run of a batch resource: who is in it, under which recipe."""

    start: int
    end: int
    family: int
    load: int = 0
    members: list[str] = field(default_factory=list)


class Kiln:
    """Firings that follow one another, each shared by operations of one recipe."""

    def __init__(self, resource: Resource, setups: Setups | None) -> None:
        self.resource = resource
        self.capacity = resource.capacity or 0
        self.line = Line(resource, setups)
        self.firings: dict[tuple[int, int, int], Firing] = {}
        self._joinable: dict[tuple[int, int], list[int]] = {}
        self._index = dict(setups.index) if setups else {}
        self._fixed_index = setups is not None
        self._unknown = setups.unknown if setups else -1

    def family(self, op: Operation | None) -> int:
        """The operation's recipe as a number, also its row in the setups if there are any."""
        if op is None or op.family is None:
            return self._unknown
        if op.family in self._index:
            return self._index[op.family]
        if self._fixed_index:
            return self._unknown
        return self._index.setdefault(op.family, len(self._index))

    def fit(self, op: Operation, minutes: int, after: int, limit: int, frozen: int) -> int:
        """See Station. Joins a firing if that is no later than a new one."""
        family = self.family(op)
        joined = self._join(family, op.size, minutes, max(after, frozen), limit)
        if joined >= 0:
            limit = min(limit, joined + minutes - 1)
        fresh = self.line.fit(family, minutes, after, limit)
        return fresh if fresh >= 0 else joined

    def join(self, op: Operation, minutes: int, after: int, limit: int = FAR) -> int:
        """The earliest firing to join at or after `after`, or -1."""
        return self._join(self.family(op), op.size, minutes, after, limit)

    def _join(self, family: int, size: int, minutes: int, after: int, limit: int) -> int:
        starts = self._joinable.get((family, minutes))
        if not starts:
            return -1
        last = limit - minutes
        for i in range(bisect_left(starts, after), len(starts)):
            start = starts[i]
            if start > last:
                return -1
            if self.firings[start, start + minutes, family].load + size <= self.capacity:
                return start
        return -1

    def openings(self, op: Operation, minutes: int, head: int, tail: int) -> list[tuple[int, int]]:
        """Firings (start, room left) between `head` and `tail` that the operation could join."""
        family = self.family(op)
        starts = self._joinable.get((family, minutes), [])
        near = starts[bisect_left(starts, head) : bisect_right(starts, tail - minutes)]
        rooms = [(s, self.capacity - self.firings[s, s + minutes, family].load) for s in near]
        return [(start, room) for start, room in rooms if room >= op.size]

    def joins(self, op: Operation, start: int, end: int) -> Firing | None:
        """The firing that an operation placed so would share, if there is one."""
        return self.firings.get((start, end, self.family(op)))

    def place(self, op: Operation, start: int, end: int, frozen: int) -> None:
        """See Station."""
        family = self.family(op)
        firing = self.firings.get((start, end, family))
        if firing is None:
            self.line.place(family, start, end)
            self._open(start, end, family)
        elif firing.load + op.size > self.capacity:
            raise Conflict(f"the firing of {self.resource.id} at {start} is full")
        elif start < frozen:
            raise Conflict(f"the firing of {self.resource.id} at {start} is frozen")
        self._enter(op.id, op.size, start, end, family)

    def take_fact(self, op: Operation | None, name: str, start: int, end: int) -> None:
        """See Station."""
        family = self.family(op)
        if (start, end, family) not in self.firings:
            self.line.take_fact(family, start, end)
            self._open(start, end, family)
        self._enter(name, self.capacity if op is None else op.size, start, end, family)

    def _open(self, start: int, end: int, family: int) -> None:
        self.firings[start, end, family] = Firing(start, end, family)
        insort(self._joinable.setdefault((family, end - start), []), start)

    def _enter(self, name: str, size: int, start: int, end: int, family: int) -> None:
        firing = self.firings[start, end, family]
        firing.members.append(name)
        was_open = firing.load < self.capacity
        firing.load += size
        if was_open and firing.load >= self.capacity:
            self._joinable[family, end - start].remove(start)

    def remove(self, op: Operation | None, name: str, start: int, end: int) -> None:
        """See Station. The last to leave closes the firing."""
        family = self.family(op)
        firing = self.firings[start, end, family]
        firing.members.remove(name)
        was_full = firing.load >= self.capacity
        firing.load -= self.capacity if op is None else op.size
        starts = self._joinable[family, end - start]
        if was_full and firing.load < self.capacity:
            insort(starts, start)
        if not firing.members:
            if firing.load < self.capacity:
                starts.remove(start)
            del self.firings[start, end, family]
            self.line.remove(start, end, family)
