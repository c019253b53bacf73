"""How many pieces an order's customer gets: as its frozen spec says, or fewer where she has accepted that."""

from collections.abc import Iterable
from decimal import Decimal

from sqlmodel import Session, col, select

from cosmo import ledger
from cosmo.clock import Now
from cosmo.errors import Invalid
from cosmo.events import Event
from cosmo.lifecycle import emit, lock
from cosmo.money import round_money
from cosmo.orders import Order
from cosmo.payloads import FewerAccepted
from cosmo.promise import spec_of
from cosmo.spec import Spec


def owed(session: Session, order_id: str, spec: Spec | None = None) -> int:
    """Pieces owed, in the spec's unit. `spec`: the order's frozen one, where the caller has read it."""
    accepted = _accepted(session, [order_id]).get(order_id)
    return (spec or spec_of(session, order_id)).quantity if accepted is None else accepted


def quantity_of(session: Session, order: Order) -> int:
    """What the order is called by ("240 mugs"): the pieces wished for, or fewer where fewer come."""
    return quantities_of(session, [order])[order.id]


def quantities_of(session: Session, orders: Iterable[Order]) -> dict[str, int]:
    """Order id -> what `quantity_of` says, for a whole list with one look at the log."""
    wished = {order.id: order.quantity for order in orders}
    accepted = _accepted(session, wished)
    return {order_id: min(pieces, accepted.get(order_id, pieces)) for order_id, pieces in wished.items()}


def _accepted(session: Session, order_ids: Iterable[str]) -> dict[str, int]:
    """Of the orders whose customer took fewer: how many in the end."""
    query = select(Event.order_id, Event.payload).where(
        col(Event.order_id).in_(list(order_ids)), Event.type == FewerAccepted.type
    )
    told = session.exec(query.order_by(col(Event.seq)))
    return {order_id: int(payload["pieces"]) for order_id, payload in told}


def accept_fewer(session: Session, order_id: str, pieces: int, *, actor: str, now: Now) -> FewerAccepted:
    """From now on `pieces` are owed; the price of the others, by their share in it, is taken off and given
    back as far as it is paid. The spec stays as it is."""
    order = lock(session, order_id)
    before = owed(session, order_id)
    if not 1 <= pieces < before:
        raise Invalid(f"Fewer than {before} pieces are at least one and at most {before - 1}.")
    amount = price_of(session, order, before - pieces)
    payload = FewerAccepted(pieces=pieces, before=before, amount=amount, currency=order.price_currency)
    emit(session, order_id, payload, now=now, actor=actor)
    ledger.take_off(session, order, amount, "fewer", now)
    return payload


def price_of(session: Session, order: Order, pieces: int) -> Decimal:
    """What `pieces` of it cost by their share in the whole price, in its currency."""
    share = Decimal(pieces) / spec_of(session, order.id).quantity
    return round_money(order.price_amount * share, order.price_currency)
