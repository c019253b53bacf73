"""Cancelling: possible up to *in production*, with a fee that grows with what is done, shown first."""

from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session

from cosmo import ledger
from cosmo.asking import answerers_for
from cosmo.clock import Now
from cosmo.delivering import undo_all
from cosmo.errors import Conflict
from cosmo.events import Event
from cosmo.i18n import N_, STAGE_NAMES, Sentence
from cosmo.lifecycle import fire, lock
from cosmo.money import round_money
from cosmo.orders import Order
from cosmo.payloads import Cancelled
from cosmo.stages import VERBS, Stage

FEE_PERCENT: dict[Stage, int] = {
    Stage.DRAFT: 0,
    Stage.QUOTED: 0,
    Stage.PLACED: 0,
    Stage.ENGINEERED: 0,
    Stage.SOURCED: 10,
    Stage.SCHEDULED: 10,
    Stage.IN_PRODUCTION: 60,
}
"""Percent of the price kept when an order is cancelled at a stage."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What cancelling costs from some point on, as it is told beforehand: a msgid, percent of the price."""

    when: str
    percent: int


TOLD = (
    (N_("Until materials are ordered"), Stage.ENGINEERED),
    (N_("Once materials are ordered"), Stage.SOURCED),
    (N_("Once making has begun"), Stage.IN_PRODUCTION),
)
"""From when on (a msgid) -> the stage whose fee is told."""


def stated_terms(session: Session, order: Order) -> list[Stated]:
    """What cancelling this order will cost, point by point; beyond the last one it is not possible."""
    return [Stated(when, FEE_PERCENT[stage]) for when, stage in TOLD]


class TooLate(Conflict):
    type, title = "too-late-to-cancel", "It is too late to cancel"


@dataclass(frozen=True, slots=True)
class Cost:
    """What cancelling now costs and gives back."""

    fee: Decimal
    back: Decimal
    currency: str


def cost_of_cancelling(session: Session, order: Order) -> Cost:
    """The cost, for showing first. Raises `TooLate` beyond production."""
    stage = Stage(order.stage)
    if stage not in VERBS["cancel"].sources:
        too_late = N_("This can no longer be cancelled: {where}. Please open a claim.")
        raise TooLate(Sentence(too_late, where=STAGE_NAMES[stage]))
    price = order.price_amount - ledger.total(session, order.id, "credit")
    fee = round_money(price * FEE_PERCENT[stage] / 100, order.price_currency)
    paid = ledger.total(session, order.id, "payment")
    return Cost(fee, max(paid - fee, Decimal(0)), order.price_currency)


def cancel(session: Session, order_id: str, *, reason: str, actor: str, now: Now) -> Event:
    """Cancel: frees capacity and material, undoes every module's work in reverse, settles the money."""
    order = lock(session, order_id)
    cost = cost_of_cancelling(session, order)
    payload = Cancelled(reason=reason, fee=cost.fee, currency=cost.currency)
    event = fire(session, order_id, "cancel", payload, now=now, actor=actor)
    undo_all(session, order_id, now)
    answerers = answerers_for(session, order)
    answerers.capacity.release(session, order_id, now)
    answerers.materials.release(session, order_id, now)
    ledger.settle_cancellation(session, order, cost.fee, now)
    return event
