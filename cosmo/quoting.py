"""Quotes: an order in stage *quoted*, with a price, a promise and the capacity it holds until it expires."""

from dataclasses import replace
from typing import Any

from sqlmodel import Session, col, select

from cosmo.asking import Answerers, answerers_at, answerers_for, family_card
from cosmo.clock import Now
from cosmo.comparing import Former, carried_price, former_of
from cosmo.drafting import draft, rewrite
from cosmo.earlier import earlier
from cosmo.errors import Conflict, Invalid, NotFound
from cosmo.i18n import N_
from cosmo.lifecycle import fire, lock
from cosmo.money import Price
from cosmo.orders import Order, OrderSpec
from cosmo.parties import Plant
from cosmo.payloads import Lapsed, Quoted
from cosmo.ports import Ask, PlaceOvertaken
from cosmo.promise import Hold, Offer, Promise, ask_of, offer, spec_of
from cosmo.requester import Requester as Requester
from cosmo.stages import Stage

MOST_PIECES = 100_000


class QuoteExpired(Conflict):
    type, title = "quote-expired", "This quote has expired"


class NotOffered(Conflict):
    type, title = "not-offered", "This is not offered any more"


def plant_of(session: Session, ask: Ask) -> Plant:
    """The plant that makes the asked family; an ask with its own spec names its plant."""
    if ask.spec is not None:
        if ask.plant_id is None:
            raise Invalid("An order with its own BOM and routing names the plant that makes it.")
        return session.get_one(Plant, ask.plant_id)
    return session.get_one(Plant, family_card(session, ask.family).plant_id)


def tentative(session: Session, ask: Ask, now: Now, *, service: str | None = None) -> Offer:
    """Price and date as they are now; nothing is held, nothing is written."""
    plant = plant_of(session, ask)
    return offer(session, answerers_at(session, plant.manufacturer_id), plant.id, ask, now, service=service)


def quote(
    session: Session,
    ask: Ask,
    *,
    requester: Requester,
    now: Now,
    service: str | None = None,
    remake_of: str | None = None,
    price: Price | None = None,
    saved: str | None = None,
) -> Order:
    """A new quote with its capacity held. A guest's earlier quote for the same family lapses. `price`: agreed
    beforehand (a pre-sale's); else what the price module says. `saved`: the draft that becomes the quote;
    raises `NoDraft` where it is none any more."""
    if not 1 <= ask.quantity <= MOST_PIECES:
        raise Invalid(f"Choose a quantity between 1 and {MOST_PIECES}.")
    plant, ask = plant_of(session, ask), replace(ask, customer_id=requester.customer_id)
    answerers = answerers_at(session, plant.manufacturer_id)
    spec = answerers.engineer.resolve(session, ask)
    if requester.guest and requester.session_id:
        _lapse_former(session, requester.session_id, ask.family, now)
    order = _draft(session, ask, plant, requester, now, saved=saved, remake_of=remake_of)
    session.add(OrderSpec(order_id=order.id, spec=spec.model_dump(mode="json")))
    session.flush()
    _hold_and_fire(session, answerers, order, ask, requester, now, service, price)
    return order


def requote(
    session: Session, order_id: str, *, requester: Requester, now: Now, service: str | None = None
) -> Order:
    """The same quote again, with today's price and date; also for one that has lapsed. What it was before
    stands in `order.former`. Raises `NotOffered`, and `Unbuildable` where its choices go together no more."""
    order = lock(session, order_id)
    answerers, ask = _asked_again(session, order)
    order.former = _kept(former_of(order))
    try:
        _hold_and_fire(session, answerers, order, ask, requester, now, service)
    except NotFound as gone:
        raise NotOffered(N_("What was quoted is not offered any more.")) from gone
    return order


def rehold(session: Session, order: Order, *, requester: Requester, now: Now) -> None:
    """The next place for a quote that time has overtaken, at the price and by the service it was quoted for:
    a quote's price is frozen until it expires. `order` is locked."""
    answerers, ask = _asked_again(session, order)
    order.former = _kept(former_of(order))
    service = order.promise.get("service") or None
    _hold_and_fire(session, answerers, order, ask, requester, now, service, price=carried_price(order))


def _asked_again(session: Session, order: Order) -> tuple[Answerers, Ask]:
    if order.stage not in (Stage.QUOTED, Stage.LAPSED):
        raise Conflict("This quote is an order already.")
    answerers, ask = answerers_for(session, order), ask_of(session, order)
    if "rnd" not in answerers.on:  # nobody can resolve a spec that came with the order once more
        ask = replace(ask, spec=spec_of(session, order.id))
    return answerers, ask


def _kept(former: Former | None) -> dict[str, Any] | None:
    return former.model_dump(mode="json") if former else None


def _draft(
    session: Session,
    ask: Ask,
    plant: Plant,
    requester: Requester,
    now: Now,
    *,
    saved: str | None,
    remake_of: str | None,
) -> Order:
    """The draft that was saved, as it is asked for now, or a new one."""
    if saved is None:
        return draft(session, ask, plant, requester, now, remake_of)
    return rewrite(session, saved, ask)


def _hold_and_fire(
    session: Session,
    answerers: Answerers,
    order: Order,
    ask: Ask,
    requester: Requester,
    now: Now,
    service: str | None,
    price: Price | None = None,
) -> None:
    until = now.wall + requester.hold_for
    hold = Hold(order.id, until, requester.guest)
    made = _held_offer(session, answerers, order, ask, hold, service, now)
    made = replace(made, price=price) if price else made
    faster = earlier(session, answerers, order.plant_id, made, now)
    _write(session, order, made, made.promise.model_copy(update={"earlier": faster}))
    order.quote_expires_at = until
    payload = Quoted(
        promised_date=made.promise.delivery_date,
        ready_at=made.promise.ready_at,
        price=made.price.amount,
        currency=made.price.currency,
        held=made.promise.held,
    )
    fire(session, order.id, "quote", payload, now=now, actor=requester.actor)


def _held_offer(
    session: Session, answerers: Answerers, order: Order, ask: Ask, hold: Hold, service: str | None, now: Now
) -> Offer:
    """The offer with capacity and material held.

    Material taken by somebody between the question and the hold makes it ask once more: by then the
    material is locked, so the second answer holds.
    """
    answerers.materials.release(session, order.id, now)
    try:
        made = offer(session, answerers, order.plant_id, ask, now, hold=hold, service=service)
        answerers.materials.hold(session, order.id, order.plant_id, made.spec, made.needed, now)
    except PlaceOvertaken:
        made = offer(session, answerers, order.plant_id, ask, now, hold=hold, service=service)
        answerers.materials.hold(session, order.id, order.plant_id, made.spec, made.needed, now)
    return made


def _write(session: Session, order: Order, made: Offer, promise: Promise) -> None:
    row = session.get_one(OrderSpec, order.id)
    row.spec = made.spec.model_dump(mode="json")
    order.release = made.spec.release
    order.price_amount, order.price_currency = made.price.amount, made.price.currency
    order.price_lines = [line.model_dump(mode="json") for line in made.price.lines]
    order.promise = promise.model_dump(mode="json")
    session.add_all((row, order))
    session.flush()


def lapse(session: Session, order_id: str, now: Now, *, actor: str = "kernel") -> None:
    """Let a quote lapse and free what it held; kept for demand insight."""
    order = lock(session, order_id)
    answerers = answerers_for(session, order)
    answerers.capacity.release(session, order_id, now)
    answerers.materials.release(session, order_id, now)
    fire(session, order_id, "lapse", Lapsed(), now=now, actor=actor)


def expired(session: Session, now: Now, limit: int = 100) -> list[str]:
    """Ids of quotes whose time is up (wall time)."""
    query = select(Order.id).where(Order.stage == Stage.QUOTED, col(Order.quote_expires_at) <= now.wall)
    return list(session.exec(query.limit(limit)))


def _lapse_former(session: Session, session_id: str, family: str, now: Now) -> None:
    query = select(Order.id).where(
        Order.session_id == session_id,
        Order.family == family,
        Order.stage == Stage.QUOTED,
        col(Order.customer_id).is_(None),
        col(Order.basket_id).is_(None),
    )
    for order_id in sorted(session.exec(query)):
        lapse(session, order_id, now, actor="guest")
