"""One plant's plan at one version: every place with what belongs to it, and a timetable to search in."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, or_, select
from sqlmodel import Session, col

from cosmo.clock import Now
from modules.manufacturing.floor import Floor, floor_of
from modules.manufacturing.models import STANDING, JobOrder, State
from modules.manufacturing.times import DAY, HORIZON, instant, minute_after, minute_of
from scheduler.errors import Conflict
from scheduler.kernel.memory import FAR
from scheduler.model import Assignment, Mode, Operation
from scheduler.timetable import Timetable

_KEPT = 2 * DAY
"""How long what is done stays in the timetable: the next setup depends on it."""

_COLUMNS: tuple[Any, ...] = (
    JobOrder.id, JobOrder.order_id, JobOrder.lot, JobOrder.position, JobOrder.code, JobOrder.modes,
    JobOrder.family, JobOrder.size, JobOrder.min_lag, JobOrder.max_lag, JobOrder.ready, JobOrder.resource,
    JobOrder.start, JobOrder.end, JobOrder.state, JobOrder.changed,
)  # fmt: skip

LotKey = tuple[str, int]
"""(order id, lot number)"""


@dataclass(frozen=True, slots=True)
class Place:
    """A job order's place. `state` as read: a firm one may still say held, since firming changes no place."""

    id: str
    order_id: str
    lot: int
    position: int
    code: str
    operation: Operation
    assignment: Assignment
    state: str

    @property
    def fact(self) -> bool:
        """It has started: nothing moves it."""
        return self.state in (State.RUNNING, State.DONE)


@dataclass(slots=True)
class Snapshot:
    """The places of a plan at `version` and the floor they are on; -1: nothing read yet.

    `built`: the minute from which the floor's calendars were drawn.
    """

    plant_id: str
    origin: datetime
    version: int = -1
    calendar_version: int = -1
    built: int = -FAR
    floor: Floor = field(default_factory=lambda: Floor({}, {}))
    places: dict[str, Place] = field(default_factory=dict)
    families: dict[str, set[str]] = field(default_factory=dict)
    """Setup families in use, by work centre."""

    def minute(self, at: datetime) -> int:
        return minute_of(self.origin, at)

    def minute_after(self, at: datetime) -> int:
        return minute_after(self.origin, at)

    def instant(self, minute: int) -> datetime:
        return instant(self.origin, minute)

    def lots(self) -> dict[LotKey, list[Place]]:
        """Every lot's places in the order of its route."""
        found: dict[LotKey, list[Place]] = {}
        for place in self.places.values():
            found.setdefault((place.order_id, place.lot), []).append(place)
        for route in found.values():
            route.sort(key=lambda p: p.position)
        return found

    def copied(self) -> "Snapshot":
        """The same, free to change; places are shared, being immutable."""
        return Snapshot(
            self.plant_id, self.origin, self.version, self.calendar_version, self.built, self.floor,
            dict(self.places), {code: set(names) for code, names in self.families.items()},
        )  # fmt: skip

    def learn(self, session: Session, version: int, calendar_version: int, today: int) -> list[Row[Any]]:
        """Read what changed since; returns the rows. The floor is drawn anew where it has to be."""
        rows = _read(session, self.plant_id, self.version, today)
        fresh = self.calendar_version == calendar_version and self.built <= today < self.built + DAY
        if self.note(rows) or not fresh:
            self.draw(session, today)
            self.calendar_version = calendar_version
        for row in rows:
            self.places.pop(row.id, None)
        for row in rows:
            if row.state in STANDING and row.resource in self.floor.centres:
                self.places[row.id] = _place(row)
        self.version = max([version, *(row.changed for row in rows)])
        return rows

    def draw(self, session: Session, today: int) -> None:
        """Calendars from a few days before `today` to the horizon."""
        span = (max(0, today - 2 * _KEPT), today + HORIZON)
        self.floor = floor_of(session, self.plant_id, self.origin, span, self.families)
        self.built = today

    def note(self, rows: Iterable[Row[Any]]) -> bool:
        """Whether a family turned up that a setup matrix does not list."""
        strange = False
        for row in rows:
            strange |= self.note_family(row.family, [code for code, _ in row.modes])
        return strange

    def note_family(self, family: str | None, resources: list[str]) -> bool:
        if family is None:
            return False
        for code in resources:
            self.families.setdefault(code, set()).add(family)
        return not self.floor.knows(family, resources)


def _read(session: Session, plant_id: str, version: int, today: int) -> list[Row[Any]]:
    """Rows changed after `version`; from nothing, those that occupy a place or did lately."""
    which: tuple[ColumnElement[bool], ...] = (col(JobOrder.changed) > version,)
    if version < 0:
        lately = or_(col(JobOrder.state) != State.DONE, col(JobOrder.end) >= today - _KEPT)
        which = (col(JobOrder.state).in_(STANDING), lately)
    statement = select(*_COLUMNS).where(col(JobOrder.plant_id) == plant_id, *which)
    return list(session.execute(statement.order_by(col(JobOrder.start), col(JobOrder.id))))


def _place(row: Row[Any]) -> Place:
    modes = tuple(Mode(code, minutes) for code, minutes in row.modes)
    operation = Operation(row.id, modes, row.family, row.size, row.min_lag, row.max_lag, row.ready)
    assignment = Assignment(row.id, row.resource, row.start, row.end)
    return Place(row.id, row.order_id, row.lot, row.position, row.code, operation, assignment, row.state)


class Standing:
    """A snapshot with its timetable. Not for two threads at once; `plan.standing` hands it out."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.timetable = Timetable(())
        self.left_out: frozenset[str] = frozenset()
        """Job orders that the timetable is without just now."""
        self.booked: Any = None
        """The plan as a book of promises, once somebody has asked for it: see `displacing`."""
        self.recalled: Any = None
        """What was searched for in it already: see `recalling`."""
        if snapshot.version >= 0:
            self._fill()

    @property
    def version(self) -> int:
        return self.snapshot.version

    @property
    def floor(self) -> Floor:
        return self.snapshot.floor

    @property
    def plant_id(self) -> str:
        return self.snapshot.plant_id

    def minute_after(self, at: datetime) -> int:
        return self.snapshot.minute_after(at)

    def instant(self, minute: int) -> datetime:
        return self.snapshot.instant(minute)

    def sync(self, session: Session, version: int, calendar_version: int, now: Now) -> None:
        """Bring the timetable to what this session sees; touches only what changed where that is enough."""
        snap = self.snapshot
        today = snap.minute(now.business)
        if version < snap.version or not snap.built <= today < snap.built + DAY:
            snap = self.snapshot = Snapshot(snap.plant_id, snap.origin, families=snap.families)
        if version > snap.version or calendar_version != snap.calendar_version:
            floor, before = snap.floor, snap.places.copy()
            rows = snap.learn(session, version, calendar_version, today)
            self._follow(rows, before) if snap.floor is floor else self._fill()
        self.timetable.frozen_before = self.minute_after(now.business)

    def _follow(self, rows: list[Row[Any]], before: dict[str, Place]) -> None:
        """All changed rows leave their old places before any takes its new one."""
        for row in rows:
            if row.id in before:
                self.timetable.remove(row.id)
        for row in rows:
            if row.id in self.snapshot.places:
                self._put(self.snapshot.places[row.id])

    def _fill(self) -> None:
        self.timetable = Timetable(self.floor.resources(), self.floor.setups)
        for place in self.snapshot.places.values():
            self._put(place)

    def _put(self, place: Place) -> None:
        """Enter a place. One that breaks the rules stands all the same: it is what the plan says."""
        frozen, self.timetable.frozen_before = self.timetable.frozen_before, -FAR
        try:
            if place.fact:
                self.timetable.place_fact(place.assignment, place.operation)
            else:
                self._put_planned(place)
        finally:
            self.timetable.frozen_before = frozen

    def _put_planned(self, place: Place) -> None:
        try:
            self.timetable.place(place.assignment, place.operation)
        except Conflict:
            self.timetable.place_fact(place.assignment, place.operation)

    def admit(self, session: Session, operations: Iterable[Operation]) -> None:
        """Make room in the setup matrices for families these operations bring."""
        strange = False
        for op in operations:
            strange |= self.snapshot.note_family(op.family, [m.resource for m in op.modes])
        if strange:
            frozen = self.timetable.frozen_before
            self.snapshot.draw(session, self.snapshot.built)
            self._fill()
            self.timetable.frozen_before = frozen

    @contextmanager
    def without(self, job_ids: Iterable[str]) -> Iterator[None]:
        """The timetable as it would be without these; they are put back afterwards."""
        dropped = [self.snapshot.places[i] for i in job_ids if i in self.snapshot.places]
        before = self.left_out
        for place in dropped:
            self.timetable.remove(place.id)
        self.left_out = before | {place.id for place in dropped}
        try:
            yield
        finally:
            self.left_out = before
            for place in dropped:
                self._put(place)
