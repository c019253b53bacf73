"""Changing an order after it was placed: price, date and who is affected are shown first, then all of it
follows in one transaction: choices, BOM, routing, materials, purchases, places in the plan, money.

A proposal is the change really made, inside a savepoint that is given up again. So what is confirmed is what
was shown: the confirmation makes it once more and compares.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256

from sqlmodel import Session

from cosmo import ledger
from cosmo.affecting import materials_between, operations_between
from cosmo.asking import Answerers, answerers_for
from cosmo.clock import Now
from cosmo.comparing import Changes, Former, former_of
from cosmo.errors import Conflict, Invalid
from cosmo.freezing import (
    QUANTITY,
    freezing_of,
    must_be_changeable,
    must_not_be_frozen,
    must_not_touch_what_began,
)
from cosmo.i18n import N_
from cosmo.lifecycle import emit, lock
from cosmo.orders import Order, OrderSpec, StandardProduct
from cosmo.owing import owed
from cosmo.parties import Plant
from cosmo.payloads import OrderChanged
from cosmo.ports import Ask, CapacityAnswer, CapacityAsk, MaterialDate
from cosmo.promise import Basis, Offer, ask_of, capacity_ask, compose, orders_from, room_of_wish, spec_of
from cosmo.proposals import Proposal, Wish
from cosmo.reconsidering import day_if, last_call
from cosmo.signing import canonical
from cosmo.spec import Spec, resized

FOLLOWERS = ("manufacturing", "procurement", "rnd")
"""Modules whose work follows a change; those that are off are named in its event."""
NOTHING = N_("This is how it is ordered already; choose something else.")
REMADE = N_("A remake is made as the first one was; write to the plant.")
TAKEN = N_("Fewer pieces were agreed, so nothing else can change here any more; write to the plant.")
ASKED = N_("A question about missing pieces is open; answer that first.")
PIECES = N_("Each piece has its own text, so how many is changed by the plant; write to it.")
UNPROMISED = N_("This order has no promise to compare with; write to the plant.")
OPTIONLESS = N_("This order came with its own bill of materials; only how many can be changed.")
MOVED = N_("Price or date are not as they were shown, so nothing is changed yet; look at it again.")


class NothingToChange(Invalid):
    type, title = "nothing-to-change", "Nothing is different"


class NotChangeable(Conflict):
    type, title = "not-changeable", "This order cannot be changed"


class ChangeMoved(Conflict):
    """It is not as it was signed; `proposal` is what it would be now. Nothing was changed."""

    type, title = "change-moved", "The change is not as it was shown"

    def __init__(self, proposal: Proposal) -> None:
        super().__init__(MOVED)
        self.proposal = proposal


class _OnlyTried(Exception):
    def __init__(self, proposal: Proposal) -> None:
        self.proposal = proposal


def propose(
    session: Session, order_id: str, wished: Callable[[Order], Wish], *, actor: str, now: Now
) -> Proposal:
    """What a change would do; nothing of it stays. `wished` makes the wish from the order as it is.

    Raises `Frozen`, `Unbuildable`, `NothingToChange`, `NotChangeable`, and `Conflict` without a place.
    """
    try:
        with session.begin_nested():
            raise _OnlyTried(_made(session, order_id, wished, actor, now))
    except _OnlyTried as tried:
        return tried.proposal


def change(
    session: Session,
    order_id: str,
    wished: Callable[[Order], Wish],
    *,
    secret: str,
    signature: str,
    actor: str,
    now: Now,
) -> Proposal:
    """Make the change that was shown under `signature`, with its money. Raises as `propose`, and
    `ChangeMoved` where it is another now."""
    try:
        with session.begin_nested():
            made = _made(session, order_id, wished, actor, now)
            if not hmac.compare_digest(made.signature(secret).encode(), signature.encode(errors="replace")):
                raise _OnlyTried(made)
    except _OnlyTried as tried:
        raise ChangeMoved(tried.proposal) from None
    ledger.follow_change(session, lock(session, order_id), made.difference, now)
    return made


@dataclass(frozen=True, slots=True)
class _Work:
    """One change on its way."""

    order: Order
    answerers: Answerers
    wish: Wish
    options: tuple[str, ...]
    ask: Ask
    old: Spec
    new: Spec


def _made(session: Session, order_id: str, wished: Callable[[Order], Wish], actor: str, now: Now) -> Proposal:
    order = lock(session, order_id)
    work = _allowed(session, order, wished(order))
    before, was = former_of(order), Wish(dict(order.selections), order.quantity)
    if before is None:
        raise NotChangeable(UNPROMISED)
    offer, suppliers = _followed(session, work, before, actor, now)
    _tell(session, work, offer, before, suppliers, actor, now)
    found, after = Changes(order, before), former_of(order)
    assert after is not None
    return Proposal(
        order.id, work.options, (was, work.wish), before, after, found.lines,
        operations_between(work.old, work.new), materials_between(work.old, work.new), suppliers,
        bool(offer.promise.conditions), sha256(canonical(work.new.model_dump(mode="json"))).hexdigest(),
    )  # fmt: skip


def _allowed(session: Session, order: Order, wish: Wish) -> _Work:
    """The change, if it may be made at all."""
    must_be_changeable(order)
    old = spec_of(session, order.id)
    options = _differing(order, wish)
    _must_be_open(session, order, old, options)
    freezing = freezing_of(session, order)
    must_not_be_frozen(session, order, freezing, options)
    answerers = answerers_for(session, order)
    ask = _ask(session, order, answerers, old, wish)
    new = answerers.engineer.resolve(session, ask)
    must_not_be_frozen(session, order, freezing, options, new)
    must_not_touch_what_began(session, order, freezing, old, new)
    return _Work(order, answerers, wish, options, ask, old, new)


def _differing(order: Order, wish: Wish) -> tuple[str, ...]:
    names = sorted({*order.selections, *wish.selections})
    options = [n for n in names if order.selections.get(n) != wish.selections.get(n)]
    options += [QUANTITY] if wish.quantity != order.quantity else []
    if not options:
        raise NothingToChange(NOTHING)
    return tuple(options)


def _must_be_open(session: Session, order: Order, old: Spec, options: tuple[str, ...]) -> None:
    if order.terms == "warranty":
        raise NotChangeable(REMADE)
    if owed(session, order.id, old) != old.quantity:
        raise NotChangeable(TAKEN)
    if "shortfall-open" in (order.hold_reason or "").split(","):
        raise NotChangeable(ASKED)
    if order.pieces and QUANTITY in options:
        raise NotChangeable(PIECES)


def _ask(session: Session, order: Order, answerers: Answerers, old: Spec, wish: Wish) -> Ask:
    """The changed wish, under the release that was ordered."""
    ask = replace(
        ask_of(session, order),
        selections=wish.selections,
        quantity=wish.quantity,
        release=order.release,
        locale=wish.locale or order.locale,
    )
    if "rnd" in answerers.on and order.release is not None:
        return ask
    if dict(wish.selections) != order.selections:
        raise Invalid(OPTIONLESS)
    return ask if _is_standard(session, order, old) else replace(ask, spec=resized(old, wish.quantity))


def _is_standard(session: Session, order: Order, old: Spec) -> bool:
    """Whether the order is the family's standard product, not one with a spec of its own."""
    product = session.get(StandardProduct, order.family)
    return product is not None and resized(Spec.model_validate(product.spec), order.quantity) == old


def _followed(
    session: Session, work: _Work, before: Former, actor: str, now: Now
) -> tuple[Offer, tuple[str, ...]]:
    """Choices, spec, proof, materials and places, in that order; the locks: order, plan, materials."""
    order, answerers = work.order, work.answerers
    proof = answerers.engineer.needs_proof(session, work.ask)
    anew = _write_wish(session, work)
    answerers.engineer.changed(session, order.id, actor, now)
    answerers.capacity.lock(session, order.plant_id)
    order_from = orders_from(proof, now)
    moved = answerers.materials.change(session, order.id, work.new, anew, order_from, now)
    question = _question(session, work, list(moved.dates), now)
    capacity = answerers.capacity.change(session, order.id, question, now)
    basis = Basis(work.ask, work.new, list(moved.dates), question, order_from if proof else None)
    offer = compose(session, answerers, basis, capacity, order.promise.get("service") or None, now)
    offer = _stays(session, order, offer, capacity, before, now)
    answerers.materials.settle(session, order.id, offer.needed, now)
    return offer, moved.suppliers


def _write_wish(session: Session, work: _Work) -> frozenset[str]:
    """The order's choices and spec are the new ones from here; what is made for it alone and is told
    otherwise to its maker must be made anew."""
    order, row = work.order, session.get_one(OrderSpec, work.order.id)
    told = _briefs(session, work, work.old)
    order.selections, order.quantity = dict(work.wish.selections), work.wish.quantity
    row.spec = work.new.model_dump(mode="json")
    session.add_all((order, row))
    session.flush()
    now_told = _briefs(session, work, work.new)
    return frozenset(code for code in told if code in now_told and told[code] != now_told[code])


def _briefs(session: Session, work: _Work, spec: Spec) -> dict[str, object]:
    """Of each item made for the order alone: what its maker is told, and which files."""
    found: dict[str, object] = {}
    for line in (line for line in spec.bom if line.order_specific):
        brief = work.answerers.briefer.brief(session, work.order.id, line.material)
        found[line.material] = (brief, [work.order.selections.get(file.option) for file in brief.files])
    return found


def _question(session: Session, work: _Work, dates: list[MaterialDate], now: Now) -> CapacityAsk:
    """For places instead of those the order has; a day that was asked for leaves room to begin late."""
    order, plant = work.order, session.get_one(Plant, work.order.plant_id)
    question = replace(capacity_ask(plant, work.new, dates, now), instead_of=order.id)
    if work.ask.requested_date is None:
        return question
    service = order.promise.get("service") or None
    return room_of_wish(session, work.answerers, plant, work.ask, question, service, now)


def _stays(
    session: Session, order: Order, offer: Offer, capacity: CapacityAnswer, before: Former, now: Now
) -> Offer:
    """Where the places stay, so does the day while the plan keeps it, and what it hinges on."""
    if capacity.hinges or not capacity.operations:
        return offer
    day = day_if(session, order, capacity.ready_at, now)
    kept = {
        "delivery_date": day, "hinges_on": before.hinges_on,
        "buffer_minutes": order.promise.get("buffer_minutes"),
        "call": last_call(session, order, capacity.ready_at, day, now),
    }  # fmt: skip
    return replace(offer, promise=offer.promise.model_copy(update=kept))


def _tell(
    session: Session,
    work: _Work,
    offer: Offer,
    before: Former,
    suppliers: tuple[str, ...],
    actor: str,
    now: Now,
) -> None:
    """Write price and promise, and the event that the customer, the plant and the suppliers hear of."""
    order, price, promise = work.order, offer.price, offer.promise
    order.price_amount, order.price_currency = price.amount, price.currency
    order.price_lines = [line.model_dump(mode="json") for line in price.lines]
    order.promise = promise.model_dump(mode="json")
    session.add(order)
    payload = OrderChanged(
        options=work.options, quantity=order.quantity, promised_date=promise.delivery_date,
        ready_at=promise.ready_at, price=price.amount, difference=price.amount - before.price.amount,
        currency=price.currency, suppliers=suppliers,
        off=tuple(name for name in FOLLOWERS if name not in work.answerers.on),
    )  # fmt: skip
    emit(session, order.id, payload, now=now, actor=actor)
