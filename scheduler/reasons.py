"""Why an operation does not start at a given minute, in a finished plan where everything else stands.

`Wait` looks at one operation and the minutes before its start. `reason(minute)` names the first rule that
starting then would break; between two of its `turns()` the answer stays the same.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Literal

from scheduler.model import Need, Operation, amounts
from scheduler.occupancy import Occupancy, Stay, end_when_pausing, total, window_at

WaitKind = Literal["calendar", "resource", "setup", "firing", "need", "successor", "choice"]


@dataclass(frozen=True, slots=True)
class Reason:
    """What is in the way: on which resource, by which operation (or other occupancy), and how.

    `how` tells apart what one kind covers: a closed calendar or a window too short ("short"); a resource that
    is taken, or a gap too small ("gap"); a pool without room ("full").
    """

    kind: WaitKind
    resource: str
    by: str | None = None
    how: str = ""


class Wait:
    """One operation of a plan before it starts. `next_start` is where its successor stands, if it has one."""

    def __init__(
        self, plan: Occupancy, op: Operation, ready: int, next_start: int | None, readies: dict[str, int]
    ) -> None:
        self.plan = plan
        self.op = op
        self.ready = ready
        self.next_start = next_start
        self.readies = readies
        self.place = plan.places[op.id]
        self.resource = plan.resources[self.place.resource]
        self.windows = sorted(self.resource.calendar)
        mode = plan.mode(self.place)
        around = self.resource.loading + self.resource.cooling
        self.minutes = mode.minutes if mode else self.place.end - self.place.start - around
        self.needs = mode.needs if mode else ()
        self.length = self.minutes + around
        self.blocking = self._blocking()

    def _blocking(self) -> list[Stay]:
        """What occupies a machine or kiln besides this operation and those it is fired with."""
        if self.resource.kind == "pool":
            return []
        together = self.resource.kind == "batch"
        return [
            stay
            for stay in self.plan.stays[self.resource.id]
            if stay.name != self.op.id and not (together and stay.start == self.place.start)
        ]

    def mates(self) -> list[Stay]:
        """The other members of its firing."""
        if self.resource.kind != "batch":
            return []
        return [
            stay
            for stay in self.plan.stays[self.resource.id]
            if stay.start == self.place.start and stay.name != self.op.id
        ]

    # ---- when the answer may change ----

    def turns(self) -> list[int]:
        """The minutes in the wait at which another reason may begin, the first one included."""
        found = {self.ready}
        for a, b in self.windows:
            found |= {a, b, b - self.length + self.resource.cooling + 1}
        for stay in self.blocking:
            found |= {stay.start, stay.end, stay.end + self._setup(stay.op, self.op)}
            found.add(stay.start - self.length - self._setup(self.op, stay.op) + 1)
        if self.resource.kind == "pool":
            found |= self._changes(self.resource.id)
        for need in self.needs:
            found |= self._changes(need.resource)
            for a, b in self.plan.resources[need.resource].calendar:
                found |= {a, b, b - self.length + 1}
        found |= {self.readies[mate.name] for mate in self.mates() if mate.name in self.readies}
        if self.op.max_lag is not None and self.next_start is not None:
            found.add(self.next_start - self.op.max_lag - self.length)
        return sorted(t for t in found if self.ready <= t < self.place.start)

    def _changes(self, pool: str) -> set[int]:
        changes = [minute for minute, _ in self.plan.load(pool)]
        return {*changes, *(minute - self.length + 1 for minute in changes)}

    def _setup(self, before: Operation | None, after: Operation | None) -> int:
        return self.plan.setup(self.resource, before, after)

    # ---- the reason at one minute ----

    def reason(self, minute: int) -> Reason:
        """The first rule that would be broken; "choice" if none would."""
        return (
            self._closed(minute)
            or self._taken(minute)
            or self._too_long(minute)
            or self._full(minute)
            or self._needs(minute)
            or self._mates(minute)
            or self._successor(minute)
            or Reason("choice", self.resource.id)
        )

    def _closed(self, minute: int) -> Reason | None:
        if window_at(self.windows, minute) is None:
            return Reason("calendar", self.resource.id)
        return None

    def _taken(self, minute: int) -> Reason | None:
        """Somebody is on it, or it is being set up after somebody."""
        before: Stay | None = None
        for stay in self.blocking:
            if stay.start > minute:
                break
            if minute < stay.end:
                return Reason("resource", self.resource.id, stay.name)
            if before is None or stay.end >= before.end:
                before = stay
        if before is None:
            return None
        set_up = before.end + self._setup(before.op, self.op)
        if minute >= set_up:
            return None
        return self._gap(set_up) or Reason("setup", self.resource.id, before.name)

    def _too_long(self, minute: int) -> Reason | None:
        """It would not be done before the window closes or somebody else begins."""
        end = self._end(minute)
        window = window_at(self.windows, minute)
        if end < 0 or (not self.op.may_pause and window and end - self.resource.cooling > window[1]):
            return Reason("calendar", self.resource.id, None, "short")
        return self._gap(minute)

    def _gap(self, minute: int) -> Reason | None:
        """Who begins too soon after this minute for it to be done before, its setup included."""
        k = bisect_left(self.blocking, minute, key=lambda s: s.start)
        if k == len(self.blocking):
            return None
        after = self.blocking[k]
        end = self._end(minute)
        if after.start > self.place.start or (
            end >= 0 and end + self._setup(self.op, after.op) <= after.start
        ):
            return None
        return Reason("resource", self.resource.id, after.name, "gap")

    def _end(self, minute: int) -> int:
        if self.op.may_pause:
            return end_when_pausing(self.windows, minute, self.minutes)
        return minute + self.length

    def _full(self, minute: int) -> Reason | None:
        if self.resource.kind != "pool":
            return None
        return self._no_room(self.resource.id, amounts(self.op.size), minute, "resource")

    def _needs(self, minute: int) -> Reason | None:
        for need in self.needs:
            reason = self._lacks(need, minute)
            if reason is not None:
                return reason
        return None

    def _lacks(self, need: Need, minute: int) -> Reason | None:
        pool = self.plan.resources[need.resource]
        window = window_at(sorted(pool.calendar), minute)
        if window is None or minute + self.length > window[1]:
            return Reason("calendar", pool.id, None, "" if window is None else "short")
        return self._no_room(pool.id, (need.amount,), minute, "need")

    def _no_room(
        self, pool: str, wanted: tuple[int, ...], minute: int, kind: Literal["resource", "need"]
    ) -> Reason | None:
        """Who fills a pool, at the first moment of the stay at which it has not enough room."""
        room = amounts(self.plan.resources[pool].capacity)
        others = [
            s
            for s in self.plan.stays[pool]
            if s.name != self.op.id and s.start < minute + self.length and s.end > minute
        ]
        for moment in sorted({minute, *(s.start for s in others if s.start > minute)}):
            inside = [s for s in others if s.start <= moment < s.end]
            load = total([wanted, *(s.taken for s in inside)])
            if inside and any(taken > size for taken, size in zip(load, room, strict=False)):
                last = max(inside, key=lambda s: (s.end, s.name))
                return Reason(kind, pool, last.name, "full")
        return None

    def _mates(self, minute: int) -> Reason | None:
        """Its firing waits for the member that is ready last."""
        late = [m for m in self.mates() if self.readies.get(m.name, 0) > minute]
        if not late:
            return None
        last = max(late, key=lambda m: (self.readies[m.name], m.name))
        return Reason("firing", self.resource.id, last.name)

    def _successor(self, minute: int) -> Reason | None:
        lag = self.op.max_lag
        if lag is None or self.next_start is None or self._end(minute) + lag >= self.next_start:
            return None
        return Reason("successor", self.resource.id)
