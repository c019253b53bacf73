"""Cancelling: possible up to *in production*, with a fee for what is spent by then, shown line by line first.

What is spent follows the same points at which options freeze: nothing until materials are ordered, then they,
then each operation once it begins. How much of the price each is, a family's files say (`cancelling`); where
they say nothing, a tenth is material and half is making, shared evenly by the operations of the route.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session

from cosmo import ledger
from cosmo.asking import answerers_for
from cosmo.clock import Now
from cosmo.delivering import undo_all
from cosmo.errors import Conflict
from cosmo.events import Event
from cosmo.freezing import freezing_of
from cosmo.i18n import N_, STAGE_NAMES, Sentence
from cosmo.lifecycle import fire, lock
from cosmo.money import round_money
from cosmo.orders import Order
from cosmo.payloads import Cancelled
from cosmo.promise import spec_of
from cosmo.stages import VERBS, Stage

MATERIALS = "materials"
USUAL_MATERIALS, USUAL_MAKING, WHOLE = Decimal(10), Decimal(50), Decimal(100)
"""Percent of the price, where a family says nothing."""
BOUGHT = (Stage.SOURCED, Stage.SCHEDULED, Stage.IN_PRODUCTION)
"""Stages at which materials are ordered or taken from stock."""
UNTIL_MATERIALS = N_("Until materials are ordered")
ONCE_MATERIALS = N_("Once materials are ordered")
ONCE_BEGUN = N_("Once “{operation}” has begun")
MATERIALS_ORDERED = N_("Materials are ordered")
HAS_BEGUN = N_("“{operation}” has begun")


class TooLate(Conflict):
    type, title = "too-late-to-cancel", "It is too late to cancel"


@dataclass(frozen=True, slots=True)
class Share:
    """What is spent at one point: percent of the price. `from_then` tells it beforehand, `now` afterwards."""

    code: str
    percent: Decimal
    from_then: str
    now: str


@dataclass(frozen=True, slots=True)
class Stated:
    """What cancelling costs from some point on, as it is told beforehand: percent of the price in all."""

    when: str
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Spent:
    """One line of the fee."""

    text: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Cost:
    """What cancelling now costs, line by line, and gives back."""

    fee: Decimal
    back: Decimal
    currency: str
    lines: tuple[Spent, ...] = ()


def shares_of(session: Session, order: Order) -> list[Share]:
    """What is spent when, in the order of the route; what costs nothing is left out."""
    named = answerers_for(session, order).freezer.spent(session, order.family, order.release)
    route = spec_of(session, order.id).routing
    each = USUAL_MAKING / max(len(route), 1)
    first = named.get(MATERIALS, Decimal(0)) if named else USUAL_MATERIALS
    found = [Share(MATERIALS, first, ONCE_MATERIALS, MATERIALS_ORDERED)]
    for step in route:
        percent = named.get(step.code, Decimal(0)) if named else each
        told = (Sentence(msgid, operation=step.name) for msgid in (ONCE_BEGUN, HAS_BEGUN))
        found.append(Share(step.code, percent, *told))
    return [share for share in found if share.percent]


def stated_terms(session: Session, order: Order) -> list[Stated]:
    """What cancelling this order will cost, point by point; once all is made it is not possible."""
    stated, so_far = [Stated(UNTIL_MATERIALS, Decimal(0))], Decimal(0)
    for share in shares_of(session, order):
        so_far = min(so_far + share.percent, WHOLE)
        stated.append(Stated(share.from_then, so_far))
    return stated


def cost_of_cancelling(session: Session, order: Order) -> Cost:
    """The cost, for showing first. Raises `TooLate` beyond production."""
    stage = Stage(order.stage)
    if stage not in VERBS["cancel"].sources:
        too_late = N_("This can no longer be cancelled: {where}. Please open a claim.")
        raise TooLate(Sentence(too_late, where=STAGE_NAMES[stage]))
    price = order.price_amount - ledger.total(session, order.id, "credit")
    lines = tuple(_lines(session, order, price)) if stage in BOUGHT else ()
    fee = sum((line.amount for line in lines), Decimal(0))
    fee = round_money(fee, order.price_currency)
    paid = ledger.total(session, order.id, "payment")
    return Cost(fee, max(paid - fee, Decimal(0)), order.price_currency, lines)


def _lines(session: Session, order: Order, price: Decimal) -> Iterator[Spent]:
    """Rounded so that they add up to the share of the price that is spent in all."""
    spent, percent, told = _spent(session, order), Decimal(0), Decimal(0)
    for share in shares_of(session, order):
        if share.code in spent:
            percent = min(percent + share.percent, WHOLE)
            amount = round_money(price * percent / 100, order.price_currency) - told
            told += amount
            if amount:
                yield Spent(share.now, amount)


def _spent(session: Session, order: Order) -> set[str]:
    """Materials, and every operation up to the last one that has begun."""
    if order.stage != Stage.IN_PRODUCTION:
        return {MATERIALS}
    freezing = freezing_of(session, order)
    until = freezing.last + 1 or len(freezing.route)  # begun, and nobody knows how far
    return {MATERIALS, *(step.code for step in freezing.route[:until])}


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
