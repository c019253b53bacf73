"""Others' work goes where a new promise needs it, in the transaction that takes the promise's places."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlmodel import Session, col, func, select

from cosmo.asking import answerers_for
from cosmo.clock import Now
from cosmo.orders import Order
from cosmo.touches import touch
from modules.manufacturing import plan as plans
from modules.manufacturing.models import AHEAD, JobOrder, Plan
from modules.manufacturing.times import instant
from scheduler.model import Assignment


def make_room(
    session: Session, plant_id: str, displaced: Mapping[str, Assignment], version: int, now: Now
) -> None:
    """Write the new places of job orders ahead, as version `version` of the plan. Nobody is told another day:
    each ends within its promise. The planner's board shows what moved, purchasing hears when the
    material is needed."""
    if not displaced:
        return
    number = session.exec(select(Plan.number).where(Plan.plant_id == plant_id)).one()
    query = select(JobOrder).where(col(JobOrder.id).in_(displaced), col(JobOrder.state).in_(AHEAD))
    touched: set[str] = set()
    for row in session.exec(query.order_by(col(JobOrder.id)).execution_options(populate_existing=True)):
        row.was_resource, row.was_start, row.moved_in = row.resource, row.start, number
        place = displaced[row.id]
        row.resource, row.start, row.end, row.changed = place.resource, place.start, place.end, version
        session.add(row)
        touched.add(row.order_id)
    session.flush()
    tell_purchasing(session, plant_id, touched, now)
    touch(session, f"plant:{plant_id}", now)


def tell_purchasing(session: Session, plant_id: str, order_ids: Collection[str], now: Now) -> None:
    """When the operations of these orders begin now, so that goods are shared by what is needed first."""
    origin = plans.head(session, plant_id).origin
    query = select(JobOrder.order_id, JobOrder.code, func.min(JobOrder.start)).where(
        col(JobOrder.order_id).in_(order_ids), col(JobOrder.state).in_(AHEAD)
    )
    starts: dict[str, dict[str, datetime]] = {}
    for order_id, code, start in session.exec(query.group_by(JobOrder.order_id, JobOrder.code)):
        starts.setdefault(order_id, {})[code] = instant(origin, start)
    for order_id in sorted(starts):
        order = session.get_one(Order, order_id)
        answerers_for(session, order).materials.planned(session, order_id, starts[order_id], now)
