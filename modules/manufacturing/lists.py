"""Questions about the plan, answered as data: the schedule, a work centre's queue, firings, late orders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from sqlmodel import Session, col, func, select

from cosmo.asking import answerers_for
from cosmo.clock import Now
from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.promised import promised_end
from cosmo.reconsidering import delivery_date
from cosmo.stages import OPEN_STAGES, Stage
from modules.manufacturing import plan as plans
from modules.manufacturing.making import stopped_by
from modules.manufacturing.models import JobOrder, Kind, State, WorkCentre
from modules.manufacturing.plant import work_centres
from modules.manufacturing.times import instant

LIVE = (State.HELD, State.FIRM, State.RUNNING)
Row = tuple[JobOrder, Order]


@dataclass(frozen=True, slots=True)
class Firing:
    """One run of a batch resource: its members share resource, start, end and recipe."""

    centre: WorkCentre
    start: datetime
    end: datetime
    members: tuple[Row, ...]

    @property
    def reference(self) -> str:
        """Names the run in scans: `KILN1.12345`."""
        return f"{self.centre.code}.{self.members[0][0].start}"

    @property
    def load(self) -> int:
        return sum(row.size for row, _ in self.members)

    @property
    def percent(self) -> int:
        return round(100 * self.load / (self.centre.capacity or 1))

    @property
    def state(self) -> str:
        states = {row.state for row, _ in self.members}
        for state in (State.RUNNING, State.FIRM, State.HELD):
            if state in states:
                return state
        return State.DONE

    @property
    def recipe(self) -> Mapping[str, object]:
        known: Mapping[str, object] = self.centre.firings.get(self.members[0][0].family or "", {})
        return known

    @property
    def name(self) -> dict[str, str]:
        """What it is called, in every language the plant wrote."""
        known = self.recipe.get("name")
        return known if isinstance(known, dict) else self.members[0][0].name

    @property
    def fire_minutes(self) -> int:
        """How long it heats; the rest of the run it cools."""
        known = self.recipe.get("fire_minutes")
        whole = int((self.end - self.start).total_seconds() // 60)
        return min(known, whole) if isinstance(known, int) else whole


def origin_of(session: Session, plant_id: str) -> datetime:
    return plans.head(session, plant_id).origin


def rows_of(
    session: Session, plant_id: str, *, states: Sequence[str] = LIVE, resource: str | None = None,
    since: int | None = None, until: int | None = None, limit: int | None = None,
) -> list[Row]:
    """Job orders with their orders by start; `since` and `until` bound what they overlap, in minutes."""
    query = select(JobOrder, Order).where(
        JobOrder.plant_id == plant_id, JobOrder.order_id == Order.id, col(JobOrder.state).in_(states)
    )
    if resource is not None:
        query = query.where(JobOrder.resource == resource)
    if since is not None:
        query = query.where(col(JobOrder.end) > since)
    if until is not None:
        query = query.where(col(JobOrder.start) < until)
    ordered = query.order_by(col(JobOrder.start), col(JobOrder.resource), col(JobOrder.id))
    return [(job, order) for job, order in session.exec(ordered.limit(limit))]


def firings_of(rows: Sequence[Row], centres: Mapping[str, WorkCentre], origin: datetime) -> list[Firing]:
    """The runs that the rows on batch resources make, by start."""
    runs: dict[tuple[str, int], list[Row]] = {}
    for row, order in rows:
        if row.resource in centres and centres[row.resource].kind == Kind.BATCH:
            runs.setdefault((row.resource, row.start), []).append((row, order))
    made = [
        Firing(centres[code], instant(origin, start), instant(origin, max(r.end for r, _ in members)),
               tuple(members))
        for (code, start), members in runs.items()
    ]  # fmt: skip
    return sorted(made, key=lambda f: (f.start, f.centre.rank, f.centre.code))


def centres_by_code(session: Session, plant_id: str) -> dict[str, WorkCentre]:
    return {centre.code: centre for centre in work_centres(session, plant_id)}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A job in a work centre's queue; `why` is empty where only time keeps it from starting."""

    row: JobOrder
    order: Order
    why: str
    before: JobOrder | None


def queue_of(
    session: Session, plant_id: str, resource: str, now: Now, *, limit: int = 30, look: int = 3
) -> list[Waiting]:
    """What comes next at a work centre, by plan. Material is looked at for the first `look` only."""
    rows = rows_of(session, plant_id, states=(State.FIRM,), resource=resource, limit=limit)
    before = _ones_before(session, [row for row, _ in rows])
    found = []
    for k, (row, order) in enumerate(rows):
        previous = before.get((row.order_id, row.lot, row.position - 1))
        found.append(Waiting(row, order, _why_not(session, row, order, previous, k < look), previous))
    return found


def _ones_before(session: Session, rows: Sequence[JobOrder]) -> dict[tuple[str, int, int], JobOrder]:
    query = select(JobOrder).where(
        col(JobOrder.order_id).in_({row.order_id for row in rows}), col(JobOrder.state) != State.RELEASED
    )
    return {(row.order_id, row.lot, row.position): row for row in session.exec(query)}


def _why_not(
    session: Session, row: JobOrder, order: Order, before: JobOrder | None, material: bool
) -> str:
    """A code: hold, stage, before, material; empty if it may start."""
    if order.stage not in (Stage.SCHEDULED, Stage.IN_PRODUCTION):
        return "stage"
    if stopped_by(order):
        return "hold"
    if row.position and (before is None or before.state != State.DONE):
        return "before"
    if material and answerers_for(session, order).materials.missing(session, order.id, row.code):
        return "material"
    return ""


@dataclass(frozen=True, slots=True)
class Outlook:
    """An open order as the plan has it: `end` of its last lot, `limit` that keeps its promise."""

    order: Order
    end: datetime
    limit: datetime | None

    @property
    def spare(self) -> timedelta | None:
        return None if self.limit is None else self.limit - self.end


Against = Literal["first", "moved"]
"""Which promise an order is late against: the first, or the day last told."""


@dataclass(frozen=True, slots=True)
class Late:
    """An open order that the plan delivers after a promise: `against` names which, `missed` is its day."""

    order: Order
    ready_at: datetime
    against: Against
    missed: date
    planned: date

    @property
    def days(self) -> int:
        return (self.planned - self.missed).days


def missed_promise(order: Order, planned: date) -> tuple[Against, date] | None:
    """The promise that a delivery on `planned` breaks: "moved" (the last day told), else "first", or None."""
    first, last = order.first_promise or order.promised_date, order.promised_date
    if last is not None and planned > last:
        return ("first" if last == first else "moved"), last
    return ("first", first) if first is not None and planned > first else None


def outlooks(session: Session, plant: Plant, now: Now) -> list[Outlook]:
    """Every open order that is not on its way yet, the least spare time first."""
    origin = origin_of(session, plant.id)
    ends = _ends(session, plant.id)
    query = select(Order).where(
        Order.plant_id == plant.id, col(Order.stage).in_(OPEN_STAGES - {Stage.SHIPPED})
    )
    found = []
    for order in session.exec(query):
        if order.id in ends:
            made = order.stage == Stage.PRODUCED
            end = now.business if made else max(instant(origin, ends[order.id]), now.business)
            found.append(Outlook(order, end, promised_end(session, order)))
    return sorted(found, key=lambda o: (o.spare or timedelta(days=9999), o.order.id))


def _ends(session: Session, plant_id: str) -> dict[str, int]:
    query = (
        select(JobOrder.order_id, func.max(JobOrder.end))
        .where(JobOrder.plant_id == plant_id, col(JobOrder.state).in_((*LIVE, State.DONE)))
        .group_by(JobOrder.order_id)
    )
    return dict(session.exec(query).all())


def late_orders(
    session: Session, plant: Plant, now: Now, seen: Sequence[Outlook] | None = None
) -> list[Late]:
    """Open orders whose plan's end plus transit is beyond their moved promise, or beyond the first one.

    An order that ends no later than its promise allowed for is not late: the day was reckoned from there.
    """
    found = []
    for outlook in outlooks(session, plant, now) if seen is None else seen:
        if _in_time(outlook):
            continue
        day = delivery_date(session, outlook.order, outlook.end, now)
        missed = missed_promise(outlook.order, day)
        if missed is not None:
            found.append(Late(outlook.order, outlook.end, *missed, day))
    return sorted(found, key=lambda late: (-late.days, late.order.id))


def _in_time(outlook: Outlook) -> bool:
    """Within the only promise there was; one that moved must be held against the first as well."""
    order = outlook.order
    if order.promised_date is None:
        return True
    moved = order.first_promise is not None and order.promised_date > order.first_promise
    return not moved and outlook.spare is not None and outlook.spare >= timedelta(0)
