"""What an order's lots will give in the end, as counted so far and as planned from there."""

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from sqlmodel import Session, col, select

from cosmo.orders import Order
from cosmo.owing import owed
from cosmo.spec import Spec
from modules.manufacturing.models import Asked, JobOrder, ProductionOrder, Shortfall, State

GONE = (State.SCRAPPED, State.RELEASED)
"""States of lots of which nothing comes any more."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an order's lots will give, all overrun counted: `expected` perfect pieces."""

    expected: int
    done: bool
    """No lot has anything ahead."""
    good: int
    """In lots that are done."""
    scrapped: int


def outlook(session: Session, order: Order, spec: Spec) -> Outlook:
    """Sum over the order's lots of the pieces there now times the yields still ahead."""
    lots = lots_there(session, order.id)
    expected, good, done = Decimal(0), 0, True
    for lot in lots:
        if lot.state in GONE:
            continue
        pieces, position = where(session, order.id, lot)
        rate = Decimal(1)
        for step in spec.routing[position:]:
            rate *= step.yield_rate
        expected += pieces * rate
        finished = lot.state == State.DONE
        good += pieces if finished else 0
        done = done and finished
    rounded = int((expected + Decimal("0.0001")).to_integral_value(ROUND_FLOOR))
    return Outlook(rounded, done, good, sum(lot.scrapped for lot in lots))


def lots_there(session: Session, order_id: str) -> list[ProductionOrder]:
    """All lots of the order, those that are gone too."""
    query = select(ProductionOrder).where(ProductionOrder.order_id == order_id)
    return list(session.exec(query.order_by(col(ProductionOrder.lot))))


def where(session: Session, order_id: str, lot: ProductionOrder) -> tuple[int, int]:
    """(pieces in the lot now, index of the first operation not done)."""
    query = select(JobOrder.position, JobOrder.pieces, JobOrder.scrap).where(
        JobOrder.order_id == order_id, JobOrder.lot == lot.lot,
        col(JobOrder.state).in_((State.FIRM, State.RUNNING)),
    )  # fmt: skip
    ahead = sorted(session.exec(query).all())
    if ahead:
        position, pieces, scrap = ahead[0]
        return pieces - scrap, position
    return lot.good_pieces or 0, 1 << 30


def latest_question(session: Session, order_id: str) -> Shortfall | None:
    """The order's last question about missing pieces, answered or not."""
    query = select(Shortfall).where(Shortfall.order_id == order_id).order_by(col(Shortfall.id).desc())
    return session.exec(query.limit(1)).first()


def enough(session: Session, order_id: str, due: int | None = None) -> int:
    """Good pieces that are enough: what is owed, or what was told to a customer who said that fewer are.
    `due`: what is owed, where the caller has asked."""
    question = latest_question(session, order_id)
    due = owed(session, order_id) if due is None else due
    if question is None or question.state != Asked.FEWER:
        return due
    return min(due, question.pieces)
