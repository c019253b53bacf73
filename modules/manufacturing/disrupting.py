"""What hits the whole plan at once: a work centre that stands still, a material that comes late, work that
was overtaken. Each rewrites the rows it concerns and has the plan mended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlmodel import Session, col, select

from cosmo.asking import answerers_for
from cosmo.clock import Now
from cosmo.errors import Invalid
from cosmo.events import Event
from cosmo.lifecycle import lock
from cosmo.orders import Order
from modules.manufacturing import plan as plans
from modules.manufacturing.making import stopped_by
from modules.manufacturing.models import Downtime, JobOrder, Plan, State
from modules.manufacturing.plant import work_centre
from modules.manufacturing.promising import dates_of
from modules.manufacturing.publishing import Cause, Published
from modules.manufacturing.reality import settle, tolerance
from modules.manufacturing.times import minute_after, minute_of
from modules.manufacturing.withdrawing import rows_ahead
from scheduler.model import Assignment

LONGEST = timedelta(days=60)
WAIT_AGAIN = timedelta(hours=4)
"""Work that may not start yet (a proof, a deposit, a material) is looked for again after this."""


@dataclass(frozen=True, slots=True)
class Standstill:
    """A work centre without capacity from `start` to `end` (business time)."""

    resource: str
    start: datetime
    end: datetime
    reason: str = ""


def check(session: Session, plant_id: str, still: Standstill, now: Now) -> None:
    """Raises `NotFound` or `Invalid` for a standstill that cannot be."""
    work_centre(session, plant_id, still.resource)
    if not still.start < still.end or still.end <= now.business or still.end - still.start > LONGEST:
        raise Invalid("Say when it is over: later than now, later than its start, within 60 days.")


def break_down(
    session: Session, plant_id: str, still: Standstill, account: str, now: Now,
    wanted: Mapping[str, Assignment] | None = None,
) -> tuple[Downtime, Published | None]:
    """A work centre stands still: what runs there goes on afterwards, what was planned there moves.

    `wanted`: places a repair has found already."""
    check(session, plant_id, still, now)
    row = Downtime(
        plant_id=plant_id, resource=still.resource, start=still.start, end=still.end, reason=still.reason,
        reported_by=account, reported_at=now.business,
    )  # fmt: skip
    session.add(row)
    plans.recalendar(session, plant_id)
    _prolong_running(session, plant_id, still.resource, still.start, still.end)
    session.flush()
    cause = Cause("breakdown", still.resource)
    return row, settle(session, plant_id, cause, now, force=True, wanted=wanted)


def up_again(session: Session, downtime: Downtime, now: Now) -> None:
    """It works again, earlier than thought: the calendar opens; what has moved stays until a better plan."""
    downtime.end = max(downtime.start, min(downtime.end, now.business))
    session.add(downtime)
    session.flush()
    plans.recalendar(session, downtime.plant_id)


def _prolong_running(
    session: Session, plant_id: str, resource: str, start: datetime, end: datetime
) -> None:
    """What runs there waits out the standstill and goes on."""
    origin = plans.head(session, plant_id).origin
    query = select(JobOrder).where(
        JobOrder.plant_id == plant_id, JobOrder.resource == resource, JobOrder.state == State.RUNNING
    )
    begins, ends = minute_of(origin, start), minute_after(origin, end)
    rows = [row for row in session.exec(query) if row.end > begins]
    if rows:
        version = plans.bump(session, plant_id)
        for row in rows:
            row.end += max(0, ends - max(begins, row.start))
            row.changed = version
            session.add(row)


def downtimes(session: Session, plant_id: str, since: datetime) -> list[Downtime]:
    """Standstills that are not over at `since`, soonest first."""
    query = select(Downtime).where(Downtime.plant_id == plant_id, col(Downtime.end) > since)
    return list(session.exec(query.order_by(col(Downtime.start))))


def material_delayed(session: Session, event: Event, now: Now) -> None:
    """Answers `material-delayed`: the order's operations wait for the new dates."""
    order = lock(session, event.order_id)
    material = cast(str | None, event.payload.get("material"))
    if note_dates(session, order):
        settle(session, order.plant_id, Cause("material-late", material), now)


def note_dates(session: Session, order: Order) -> bool:
    """Write the material dates procurement knows now to the order's places; whether any changed."""
    origin = plans.head(session, order.plant_id).origin
    waiting = {code: max(0, minute_after(origin, at)) for code, at in dates_of(session, order).items()}
    changed = [
        row for row in rows_ahead(session, order.id) if row.code in waiting and row.ready != waiting[row.code]
    ]
    if changed:
        version = plans.bump(session, order.plant_id)
        for row in changed:
            row.ready, row.changed = waiting[row.code], version
        session.add_all(changed)
        session.flush()
    return bool(changed)


def look_at_clock(session: Session, now: Now) -> None:
    """A job: work that has been overtaken, or runs longer than planned, is planned again."""
    for plant_id, origin in session.exec(select(Plan.plant_id, Plan.origin)).all():
        late = minute_of(origin, now.business - tolerance(session))
        if _anything_before(session, plant_id, late):
            replan_overtaken(session, plant_id, now, late)


def _anything_before(session: Session, plant_id: str, minute: int) -> bool:
    waiting = (JobOrder.state == State.FIRM, col(JobOrder.start) < minute)
    running = (JobOrder.state == State.RUNNING, col(JobOrder.end) < minute)
    return any(
        session.exec(select(JobOrder.id).where(JobOrder.plant_id == plant_id, *which).limit(1)).first()
        for which in (waiting, running)
    )


def replan_overtaken(session: Session, plant_id: str, now: Now, late: int) -> Published | None:
    """Give overtaken work a new place; a running operation that is overdue is expected a little later."""
    reasons = _put_off(session, plant_id, late, now)
    _expect_longer(session, plant_id, late, now)
    return settle(session, plant_id, Cause("late-start", None, reasons), now)


def _put_off(
    session: Session, plant_id: str, late: int, now: Now
) -> dict[str, tuple[str, str | None]]:
    """Orders that may not start yet wait on; returns why, by order."""
    query = select(JobOrder).where(
        JobOrder.plant_id == plant_id, JobOrder.state == State.FIRM, col(JobOrder.start) < late
    )
    first: dict[tuple[str, int], JobOrder] = {}
    for row in session.exec(query.order_by(col(JobOrder.position).desc())):
        first[row.order_id, row.lot] = row
    reasons: dict[str, tuple[str, str | None]] = {}
    waiting = []
    for (order_id, _), row in sorted(first.items()):
        why = _hindrance(session, session.get_one(Order, order_id), row)
        if why is not None:
            reasons[order_id] = why
            waiting.append(row)
    if waiting:
        origin = plans.head(session, plant_id).origin
        version = plans.bump(session, plant_id)
        for row in waiting:
            row.ready, row.changed = minute_after(origin, now.business + WAIT_AGAIN), version
            session.add(row)
        session.flush()
    return reasons


def _hindrance(session: Session, order: Order, row: JobOrder) -> tuple[str, str | None] | None:
    reason = stopped_by(order)
    if reason:
        return "condition-missed", reason
    missing = answerers_for(session, order).materials.missing(session, order.id, row.code)
    return ("material-late", missing[0]) if missing else None


def _expect_longer(session: Session, plant_id: str, late: int, now: Now) -> None:
    query = select(JobOrder).where(
        JobOrder.plant_id == plant_id, JobOrder.state == State.RUNNING, col(JobOrder.end) < late
    )
    rows = list(session.exec(query))
    if not rows:
        return
    origin = plans.head(session, plant_id).origin
    version = plans.bump(session, plant_id)
    for row in rows:
        row.end = minute_after(origin, now.business) + max(1, (row.end - row.start) // 10)
        row.changed = version
        session.add(row)
    session.flush()
