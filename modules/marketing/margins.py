"""What the plant keeps of an order: its price beside the costs of the list it was priced by."""

from datetime import datetime

from sqlmodel import Session, col, func, select

from cosmo.comparing import carried_price
from cosmo.events import Event
from cosmo.money import Margin
from cosmo.orders import Order
from cosmo.payloads import OrderChanged, Quoted
from cosmo.promise import ask_of, spec_of
from modules.marketing.pricing import RatePricer


def margin_of(session: Session, order: Order) -> Margin | None:
    """As of the last time it was priced; None where no cost of its lines is stated."""
    if not order.price_lines:
        return None
    ask, spec = ask_of(session, order), spec_of(session, order.id)
    return RatePricer().margin(session, ask, spec, carried_price(order), _priced_at(session, order))


def _priced_at(session: Session, order: Order) -> datetime:
    priced = col(Event.type).in_((Quoted.type, OrderChanged.type))
    query = select(func.max(Event.event_time)).where(Event.order_id == order.id, priced)
    return session.exec(query).one() or order.created_at
