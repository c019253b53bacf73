"""A sourced order enters the published plan: lots become production orders, places wait for material."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.events import Event
from cosmo.lifecycle import fire, lock
from cosmo.orders import Order
from cosmo.payloads import Scheduled
from cosmo.ports import CapacityAsk
from cosmo.promise import spec_of
from cosmo.reconsidering import reconsider
from cosmo.spec import Spec
from modules.manufacturing import plan as plans
from modules.manufacturing.models import AHEAD, JobOrder, ProductionOrder, State
from modules.manufacturing.promising import Taking, dates_of, replace_places
from modules.manufacturing.questions import clear
from modules.manufacturing.times import instant, minute_after
from modules.manufacturing.withdrawing import rows_ahead, withdraw

ACTOR = "module:manufacturing"


def schedule_order(session: Session, event: Event, now: Now) -> None:
    """Answers `sourced`: firm places after the material dates, one production order a lot, and `schedule`."""
    order = lock(session, event.order_id)
    spec = spec_of(session, order.id)
    ready_at = place_after_material(session, order, spec, now) if spec.routing else now.business
    for lot, pieces in _lots(session, order.id).items():
        session.add(ProductionOrder(plant_id=order.plant_id, order_id=order.id, lot=lot, start_pieces=pieces))
    fire(session, order.id, "schedule", Scheduled(ready_at=ready_at), now=now, actor=ACTOR)
    reconsider(session, order.id, ready_at, "material-late", None, now)


def place_after_material(session: Session, order: Order, spec: Spec, now: Now) -> datetime:
    """Make the order's places firm; where one starts before its material, search again. Returns the end."""
    dates = dates_of(session, order)
    origin = plans.head(session, order.plant_id).origin
    rows = rows_ahead(session, order.id)
    if not _fits(rows, spec) or _too_early(rows, dates, origin):
        ask = CapacityAsk(order.plant_id, spec, now.business, dates)
        return replace_places(session, ask, Taking(order.id, order.plant_id, State.FIRM), now).ready_at
    note_dates(session, rows, dates, origin)
    return instant(origin, max(row.end for row in rows))


def _fits(rows: Sequence[JobOrder], spec: Spec) -> bool:
    """Whether the places are for what will be made: engineering may have changed route or work since."""
    lots = {row.lot for row in rows}
    codes = [step.code for step in spec.routing]
    routes = [[row.code for row in rows if row.lot == lot] for lot in lots]
    pieces = sum(row.pieces for row in rows if row.position == 0)
    return bool(rows) and all(route == codes for route in routes) and pieces == spec.start_quantity


def _too_early(rows: Sequence[JobOrder], dates: Mapping[str, datetime], origin: datetime) -> bool:
    return any(row.code in dates and row.start < minute_after(origin, dates[row.code]) for row in rows)


def note_dates(
    session: Session, rows: Sequence[JobOrder], dates: Mapping[str, datetime], origin: datetime
) -> None:
    """Keep each operation's material date with its place: nothing may move it before."""
    for row in rows:
        row.state, row.hold_until, row.guest = State.FIRM, None, False
    waiting = {code: max(0, minute_after(origin, date)) for code, date in dates.items()}
    later = [row for row in rows if row.code in waiting and row.ready != waiting[row.code]]
    if later:
        version = plans.bump(session, later[0].plant_id)
        for row in later:
            row.ready, row.changed = waiting[row.code], version
    session.add_all(rows)
    session.flush()


def _lots(session: Session, order_id: str) -> dict[int, int]:
    query = select(JobOrder.lot, JobOrder.pieces).where(
        JobOrder.order_id == order_id, JobOrder.position == 0, col(JobOrder.state).in_(AHEAD)
    )
    return dict(session.exec(query).all())


def unschedule_order(session: Session, event: Event, now: Now) -> None:
    """Undoes `schedule_order` when the order is cancelled: places are free, what runs is scrapped, nothing is
    asked any more."""
    order = lock(session, event.order_id)
    clear(session, order, now)
    withdraw(session, order.plant_id, order.id)
