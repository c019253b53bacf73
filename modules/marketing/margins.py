"""What the plant keeps of an order: its price beside the costs of the list it was quoted by."""

from sqlmodel import Session

from cosmo.comparing import carried_price
from cosmo.money import Margin
from cosmo.orders import Order
from cosmo.promise import ask_of, spec_of
from modules.marketing.pricing import RatePricer


def margin_of(session: Session, order: Order) -> Margin | None:
    """As of the day it was asked for; None where no cost is stated, or it is made for nothing."""
    if not order.price_lines:
        return None
    ask, spec = ask_of(session, order), spec_of(session, order.id)
    return RatePricer().margin(session, ask, spec, carried_price(order), order.created_at)
