"""The plan as the board looks at it: a window of time, the rows in it, and how the promises stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlmodel import Session, select

from cosmo.clock import Now
from cosmo.orders import Order
from cosmo.parties import Plant
from modules.manufacturing import lists
from modules.manufacturing.breakdowns import Foreseen
from modules.manufacturing.disrupting import Standstill, downtimes
from modules.manufacturing.floor import Floor, floor_of
from modules.manufacturing.lists import Outlook, Row
from modules.manufacturing.models import Downtime, Plan, SetupMatrix, State, WorkCentre
from modules.manufacturing.times import minute_of

SPANS = {"day": 1, "week": 7, "month": 28}
THIN = timedelta(hours=12)
"""Less spare time than this is thin."""
_BABEL = {"en": "en_GB", "de": "de_DE", "zh": "zh_Hans_CN"}
_TICK = {"en": "EEE d", "de": "EEE d.", "zh": "d日EEE"}
_STATES = (State.HELD, State.FIRM, State.RUNNING, State.DONE)


@dataclass(frozen=True, slots=True)
class Window:
    """The time shown, from a local midnight."""

    start: datetime
    days: int

    @property
    def end(self) -> datetime:
        return self.start + timedelta(days=self.days)

    def x(self, at: datetime) -> float:
        """`at` as a fraction of the time shown, within it."""
        return min(1.0, max(0.0, (at - self.start) / (self.end - self.start)))

    def span(self, start: datetime, end: datetime) -> dict[str, float]:
        return {"x": self.x(start), "width": self.x(end) - self.x(start)}


def window_at(now: Now, timezone: str, span: str) -> Window:
    """The day, week or month that begins today, in the plant's time."""
    zone = ZoneInfo(timezone)
    midnight = datetime.combine(now.business.astimezone(zone).date(), time(), zone)
    return Window(midnight, SPANS.get(span, 7))


@dataclass(frozen=True, slots=True)
class View:
    """Everything the board is drawn from, read once."""

    plant: Plant
    plan: Plan
    now: Now
    locale: str
    window: Window
    centres: Mapping[str, WorkCentre]
    rows: Sequence[Row]
    floor: Floor
    outlooks: Sequence[Outlook]
    late: frozenset[str]
    standstills: Sequence[Downtime]
    setups: Mapping[str, SetupMatrix]
    foreseen: int = -1
    """Marks what a repair that is not published yet would move."""
    foreseen_without: Mapping[str, int] = field(default_factory=dict)

    @property
    def without(self) -> Mapping[str, int]:
        """Order at risk -> the minute it would have ended without the repair, while its cause lasts."""
        if self.foreseen >= 0:
            return self.foreseen_without
        known: Mapping[str, int] = (self.plan.repair or {}).get("without", {}) if self.standstills else {}
        return known

    def state_of(self, order: Order) -> str:
        """late, thin or nothing, as the plan has it."""
        if order.id in self.late:
            return "late"
        return "thin" if order.id in self.thin else ""

    @property
    def thin(self) -> frozenset[str]:
        return frozenset(o.order.id for o in self.outlooks if o.spare is not None and o.spare < THIN)

    @property
    def moved_in(self) -> int:
        """Number of the plan whose moves are marked: the last repair's, while what caused it lasts."""
        if self.foreseen >= 0:
            return self.foreseen
        return int((self.plan.repair or {}).get("plan", -1)) if self.standstills else -1

    def instant(self, minute: int) -> datetime:
        return self.plan.origin + timedelta(minutes=minute)


def read_view(session: Session, plant: Plant, now: Now, locale: str, span: str) -> View:
    """Reads the plan for the time shown."""
    window = window_at(now, plant.timezone, span)
    plan = session.get_one(Plan, plant.id)
    bounds = (minute_of(plan.origin, window.start), minute_of(plan.origin, window.end))
    rows = lists.rows_of(session, plant.id, states=_STATES, since=bounds[0], until=bounds[1])
    outlooks = lists.outlooks(session, plant, now)
    late = frozenset(one.order.id for one in lists.late_orders(session, plant, now, outlooks))
    matrices = session.exec(select(SetupMatrix).where(SetupMatrix.plant_id == plant.id))
    return View(
        plant, plan, now, locale, window, lists.centres_by_code(session, plant.id), rows,
        floor_of(session, plant.id, plan.origin, bounds, {}), outlooks, late,
        downtimes(session, plant.id, window.start), {m.code: m for m in matrices},
    )  # fmt: skip


def as_foreseen(session: Session, view: View, seen: Foreseen, still: Standstill) -> View:
    """The board as it would be with a repair that is only foreseen; nothing of it is written."""
    mark = view.plan.number + 1
    for row, _ in view.rows:
        session.expunge(row)
        place = seen.places.get(row.id)
        if place is not None and (row.resource, row.start) != (place.resource, place.start):
            row.was_resource, row.was_start, row.moved_in = row.resource, row.start, mark
        if place is not None:
            row.resource, row.start, row.end = place.resource, place.start, place.end
    rows = sorted(view.rows, key=lambda pair: (pair[0].start, pair[0].resource, pair[0].id))
    lost = Downtime(
        id="foreseen", plant_id=view.plant.id, resource=still.resource, start=still.start, end=still.end,
        reason=still.reason, reported_at=view.now.business,
    )  # fmt: skip
    return replace(
        view, rows=rows, late=frozenset(seen.late) | view.late, foreseen=mark,
        standstills=[*view.standstills, lost],
        foreseen_without=seen.without, outlooks=[_foreseen(o, view, seen) for o in view.outlooks],
    )  # fmt: skip


def _foreseen(outlook: Outlook, view: View, seen: Foreseen) -> Outlook:
    end = seen.ends.get(outlook.order.id)
    return outlook if end is None else replace(outlook, end=view.instant(end))


def weekday(day: date, locale: str) -> str:
    """ "Thu", "Do.", "周四"."""
    locale = locale if locale in _TICK else "en"
    return format_date(day, "EEE", locale=_BABEL[locale])


def tick(day: date, locale: str) -> str:
    """ "Thu 18", "Do. 18.", "18日周四"."""
    locale = locale if locale in _TICK else "en"
    return format_date(day, _TICK[locale], locale=_BABEL[locale])
