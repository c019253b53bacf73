"""The promise score of a plant: how many of its orders came on the day first promised, counted from the log.

`ending_of` alone decides how an order counts; the page `/plants/{slug}/promise-score` says it in words
(`web/templates/shell/promise_score.html`): change one with the other.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import Enum
from itertools import groupby
from threading import Lock
from typing import Any

from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.events import Event
from cosmo.formats import day_of, zone
from cosmo.ledger import DEPOSIT_OPEN
from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.payloads import (
    Cancelled,
    Delivered,
    FewerAccepted,
    HeldPayload,
    OrderChanged,
    PromiseMoved,
    Unheld,
)

LEAST = 20
"""Fewer orders than this have no percentage: one more or less would move it by more than five."""
YEAR, MONTH = timedelta(days=365), timedelta(days=30)
FOR_CUSTOMER = frozenset({DEPOSIT_OPEN, "proof-open"})
"""Holds that only the customer can lift."""
SHORTFALL = "shortfall-open"
WAITED = frozenset({"late-start", "condition-missed"})
"""Reasons with which a day moves when work could not begin because the customer was waited for."""
TOLD = tuple(
    payload.type
    for payload in (Cancelled, Delivered, FewerAccepted, HeldPayload, OrderChanged, PromiseMoved, Unheld)
)


class How(Enum):
    """How an order ends for the score. `OUT`: it does not count."""

    KEPT = "kept"
    MISSED = "missed"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Told:
    """One event of an order, as read from the log."""

    day: date
    """At the plant."""
    type: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ending:
    """How an order counts, and the day on which that was known."""

    how: How
    day: date


@dataclass(frozen=True, slots=True)
class Tally:
    """So many orders counted, and how many of them kept the first promise."""

    kept: int = 0
    counted: int = 0

    @property
    def percent(self) -> int | None:
        """Rounded down, so that 100 means all; None where there are too few to say."""
        return self.kept * 100 // self.counted if self.counted >= LEAST else None


@dataclass(frozen=True, slots=True)
class Score:
    """Counted up to the evening before `today`."""

    today: date
    year: Tally
    month: Tally
    by_month: tuple[tuple[date, Tally], ...]
    """The first of each calendar month of the year, oldest first; months without orders too."""

    @property
    def yesterday(self) -> date:
        return self.today - timedelta(days=1)

    @property
    def since(self) -> date:
        return self.today - YEAR

    @property
    def lately(self) -> date:
        return self.today - MONTH


class Scores:
    """What one process has counted: once for each plant and business day, so that asking costs nothing.

    Every process counts up to the evening before, so all say the same all day. What is told late, of a day
    that is over, counts from the next day on.
    """

    def __init__(self) -> None:
        self._known: dict[str, Score] = {}
        self._lock = Lock()

    def of(self, session: Session, plant: Plant, now: Now) -> Score:
        today = day_of(now.business, plant.timezone)
        known = self._known.get(plant.id)
        if known is not None and known.today == today:
            return known
        with self._lock:
            known = self._known.get(plant.id)
            if known is None or known.today != today:
                known = self._known[plant.id] = score_of(session, plant, today)
        return known


def score_of(session: Session, plant: Plant, today: date) -> Score:
    """The plant's score on the morning of `today`."""
    endings = [e for e in _endings(session, plant, today) if e.how is not How.OUT and e.day >= today - YEAR]
    return Score(
        today,
        _tally(endings),
        _tally(e for e in endings if e.day >= today - MONTH),
        tuple((m, _tally(e for e in endings if e.day.replace(day=1) == m)) for m in _months(today)),
    )


def _tally(endings: Iterable[Ending]) -> Tally:
    hows = [ending.how for ending in endings]
    return Tally(hows.count(How.KEPT), len(hows))


def _months(today: date) -> list[date]:
    found, last = [(today - YEAR).replace(day=1)], (today - timedelta(days=1)).replace(day=1)
    while found[-1] < last:
        found.append((found[-1] + timedelta(days=31)).replace(day=1))
    return found


def _endings(session: Session, plant: Plant, today: date) -> list[Ending]:
    """Of every order whose ending is known by `today`; none is known after its first promised day."""
    promised = (Order.plant_id == plant.id, col(Order.first_promise) >= today - YEAR)
    firsts = session.exec(select(Order.id, col(Order.first_promise)).where(*promised)).all()
    midnight = datetime.combine(today, time(), zone(plant.timezone))
    query = (
        select(Event.order_id, Event.event_time, Event.type, Event.payload)
        .join(Order, col(Order.id) == col(Event.order_id))
        .where(*promised, col(Event.type).in_(TOLD), col(Event.event_time) < midnight)
        .order_by(col(Event.order_id), col(Event.event_time), col(Event.seq))
    )
    logs: dict[str, list[Told]] = {
        order_id: [Told(day_of(at, plant.timezone), kind, payload) for _, at, kind, payload in rows]
        for order_id, rows in groupby(session.execute(query), key=lambda row: row[0])
    }
    found = (ending_of(first, logs.get(order_id, ()), today) for order_id, first in firsts if first)
    return [ending for ending in found if ending is not None]


def ending_of(first: date, log: Iterable[Told], today: date) -> Ending | None:
    """How an order counts that was first promised for `first`; None while it is open. `log` is in the order
    in which things happened, up to the evening before `today`.
    """
    reader = _Reader(first)
    for event in log:
        if event.day > first:
            break
        how = reader.hears(event.type, event.payload)
        if how is not None:
            return Ending(how, event.day)
    if today <= first:
        return None
    return Ending(How.OUT if reader.waits_for_customer else How.MISSED, first)


@dataclass(slots=True)
class _Reader:
    """Hears what happened up to the first promised day, until that says how the order counts."""

    first: date
    holds: set[str] = field(default_factory=set)
    was_short: bool = False

    @property
    def waits_for_customer(self) -> bool:
        return bool(self.holds & FOR_CUSTOMER)

    def hears(self, kind: str, payload: Mapping[str, Any]) -> How | None:
        match kind:
            case Delivered.type:
                return How.KEPT
            case FewerAccepted.type:
                return How.MISSED
            case Cancelled.type:
                return How.MISSED if payload["reason"] == "plant" else How.OUT
            case OrderChanged.type:
                return None if date.fromisoformat(payload["promised_date"]) == self.first else How.OUT
            case PromiseMoved.type:
                return self._moved(payload["reason"], date.fromisoformat(payload["new"]))
            case HeldPayload.type:
                self._held(payload["reason"])
            case Unheld.type:
                self.holds.discard(payload["reason"])
        return None

    def _held(self, reason: str) -> None:
        self.holds.add(reason)
        self.was_short = self.was_short or reason == SHORTFALL

    def _moved(self, reason: str, new: date) -> How | None:
        if new <= self.first:
            return None
        asked_for = reason == "change" and not self.was_short
        waited_for = reason in WAITED and self.waits_for_customer
        return How.OUT if asked_for or waited_for else How.MISSED
