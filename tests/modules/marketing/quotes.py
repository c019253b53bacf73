"""Quotes for tests, and what became of them."""

from datetime import date, timedelta
from decimal import Decimal

from sqlmodel import Session

from cosmo.clock import Now
from cosmo.lifecycle import fire
from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.payloads import Lapsed, Placed, Quoted
from modules.marketing.asked import Fate
from tests.factories import MONDAY, NOW, make_order


def quoted(
    session: Session,
    plant: Plant,
    each: int = 10,
    *,
    days: int = 10,
    fate: Fate = Fate.LOST,
    then: Now = NOW,
    asked_for: date | None = None,
    **values: object,
) -> Order:
    """Ten pieces at `each`, promised so many days after `then`, and what became of them a day later."""
    promised = (then.business + timedelta(days=days)).date()
    order = make_order(
        session, plant, price_amount=Decimal(10 * each), requested_date=asked_for, **values  # type: ignore[arg-type]
    )  # fmt: skip
    order.created_at = then.business
    told = Quoted(
        promised_date=promised, ready_at=MONDAY, price=order.price_amount, currency="EUR", held=True
    )
    fire(session, order.id, "quote", told, now=then, actor="test")
    later = Now(then.business + timedelta(days=1), then.wall)
    if fate is Fate.TAKEN:
        order.placed_at = later.business
        fire(
            session,
            order.id,
            "place",
            Placed(promised_date=promised, ready_at=MONDAY),
            now=later,
            actor="test",
        )
    elif fate is not Fate.OPEN:
        actor = "guest" if fate is Fate.REPLACED else "kernel"
        fire(session, order.id, "lapse", Lapsed(), now=later, actor=actor)
    return order
