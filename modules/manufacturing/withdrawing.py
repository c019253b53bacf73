"""What an order has ahead of it in the plan, and taking it off."""

from sqlalchemy import update
from sqlmodel import Session, col, select

from modules.manufacturing import plan as plans
from modules.manufacturing.models import AHEAD, JobOrder, ProductionOrder, State
from modules.manufacturing.outlook import GONE


def rows_ahead(session: Session, order_id: str) -> list[JobOrder]:
    """The order's job orders that have not started, lot by lot in the order of the route."""
    query = select(JobOrder).where(JobOrder.order_id == order_id, col(JobOrder.state).in_(AHEAD))
    return list(session.exec(query.order_by(col(JobOrder.lot), col(JobOrder.position))))


def withdraw(session: Session, plant_id: str, order_id: str) -> None:
    """Nothing of the order is made any more."""
    plans.release_order(session, plant_id, order_id)
    running = col(JobOrder.state) == State.RUNNING
    if session.exec(select(JobOrder.id).where(JobOrder.order_id == order_id, running)).first() is not None:
        version = plans.bump(session, plant_id)
        statement = update(JobOrder).where(col(JobOrder.order_id) == order_id, running)
        statement = statement.values(state=State.SCRAPPED, changed=version)
        session.execute(statement.execution_options(synchronize_session="fetch"))
    for lot in session.exec(select(ProductionOrder).where(ProductionOrder.order_id == order_id)):
        if lot.state not in GONE:
            begun = lot.state in (State.RUNNING, State.DONE)
            lot.state = State.SCRAPPED if begun else State.RELEASED
            session.add(lot)
    session.flush()
