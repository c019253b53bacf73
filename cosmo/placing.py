"""Placing: a quote becomes an order; its hold turns firm in one transaction: nothing is promised twice."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Table
from sqlmodel import Session

from cosmo import ledger
from cosmo.asking import answerers_for
from cosmo.clock import Now
from cosmo.errors import Conflict, Invalid
from cosmo.i18n import N_, Sentence
from cosmo.lifecycle import Move, emit, fire_locked, lock
from cosmo.money import Price
from cosmo.orders import Basket, NumberRow, Order
from cosmo.parties import Party, PartyKind, Plant
from cosmo.payloads import Placed, Proposed
from cosmo.ports import Ask, PlaceOvertaken
from cosmo.promise import ask_of, spec_of
from cosmo.quoting import QuoteExpired, Requester, quote, rehold
from cosmo.registry import modules_on, registry
from cosmo.rows import insert_rows
from cosmo.signing import Signed
from cosmo.spec import resized
from cosmo.stages import Stage

FIRST_NUMBER = 24_000
NUMBERS: Table = NumberRow.__table__  # type: ignore[attr-defined]


class PromiseOvertaken(Conflict):
    """The held place was overtaken and the new date is later; `extra` has the new quote."""

    type, title = "promise-moved", "The date has moved"


@dataclass(frozen=True, slots=True)
class Customer:
    name: str
    email: str
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class MovedOffer:
    """Placing would break the quoted date: the quote now carries this later one, held anew."""

    order: Order
    old: date
    new: date

    def refusal(self) -> PromiseOvertaken:
        return PromiseOvertaken(
            f"The place behind {self.old.isoformat()} is gone; the earliest is now {self.new.isoformat()}. "
            "Place the order again to accept it.",
            quote_id=self.order.id,
            old_date=self.old.isoformat(),
            new_date=self.new.isoformat(),
        )


def place(
    session: Session,
    quote_ids: Sequence[str],
    customer: Customer,
    *,
    requester: Requester,
    now: Now,
    signed: Signed | None = None,
) -> list[Order] | MovedOffer:
    """Place all quotes or none. Commit either answer: a `MovedOffer` is a new hold, the rest is as it was.

    With `signed` only what was handed out under these signatures is placed (`NotAsSigned`).
    """
    if not quote_ids or len(set(quote_ids)) != len(quote_ids):
        raise Invalid("Name at least one quote, and each only once.")
    orders = [lock(session, order_id) for order_id in sorted(quote_ids)]
    for order in orders:
        _must_be_open(order, now)
    if signed is not None:
        signed.check(session, orders)
    moved = _firm(session, orders, requester, now)
    if moved is not None:
        return moved
    party_id = party_for(session, customer, requester)
    session.flush()
    basket_id = _basket(session, orders, requester, party_id, now)
    make_orders(session, [Placing(order, party_id, basket_id, requester.actor) for order in orders], now)
    by_id = {order.id: order for order in orders}
    return [by_id[order_id] for order_id in quote_ids]


def place_directly(
    session: Session,
    ask: Ask,
    customer: Customer,
    *,
    requester: Requester,
    now: Now,
    service: str | None = None,
    price: Price | None = None,
) -> Order:
    """An order that arrives without a quote (through the API, or at a `price` that was agreed beforehand):
    quoted and placed in one transaction."""
    made = quote(session, ask, requester=requester, now=now, service=service, price=price)
    placed = place(session, [made.id], customer, requester=requester, now=now)
    if isinstance(placed, MovedOffer):
        raise placed.refusal()
    return placed[0]


def _must_be_open(order: Order, now: Now) -> None:
    if order.stage == Stage.LAPSED or (order.stage == Stage.QUOTED and _is_over(order, now)):
        raise QuoteExpired("This quote has expired and its place is free again; ask for a new one.")
    if order.stage != Stage.QUOTED:
        raise Conflict(f"This is {order.stage} already; only a quote can be placed.")


def can_be_placed(order: Order, now: Now) -> bool:
    """Whether it is a quote whose time (wall) is not over."""
    return order.stage == Stage.QUOTED and not _is_over(order, now)


def _is_over(order: Order, now: Now) -> bool:
    return order.quote_expires_at is None or order.quote_expires_at <= now.wall


def _firm(session: Session, orders: Sequence[Order], requester: Requester, now: Now) -> MovedOffer | None:
    """Turn all holds firm; where time has overtaken a place, take the next and say so if it is later."""
    for _ in orders:  # each may be overtaken once
        order = _overtaken(session, orders, now)
        if order is None:
            return None
        moved = _renewed(session, order, requester, now)
        if moved is not None:
            return moved
    if _overtaken(session, orders, now) is not None:
        raise Conflict("The plan is moving just now and nothing is ordered yet; try again in a moment.")
    return None


def _overtaken(session: Session, orders: Sequence[Order], now: Now) -> Order | None:
    """None once all holds are firm; else one that time has overtaken, and none is firm."""
    try:
        with session.begin_nested():  # what is firm when the next one refuses is a hold again
            firm_all(session, orders, now)
    except PlaceOvertaken as overtaken:
        return next((order for order in orders if order.id == overtaken.order_id), orders[0])
    return None


def _renewed(session: Session, order: Order, requester: Requester, now: Now) -> MovedOffer | None:
    """The next place held for `order`; the later date, if it is one."""
    old = order.promised_date
    rehold(session, order, requester=requester, now=now)
    assert old is not None
    assert order.promised_date is not None
    return MovedOffer(order, old, order.promised_date) if order.promised_date > old else None


def firm_all(session: Session, orders: Sequence[Order], now: Now) -> None:
    """All holds turn firm; one maker's are asked for together."""
    makers: dict[str, list[Order]] = {}
    for order in orders:
        makers.setdefault(order.manufacturer_id, []).append(order)
    _plants = plants_of(session, orders)
    asked = [(answerers_for(session, own[0]), [o.id for o in own]) for own in makers.values()]
    for answerers, order_ids in asked:
        answerers.capacity.firm(session, order_ids, now)
    for answerers, order_ids in asked:
        answerers.materials.firm(session, order_ids, now)


def party_for(session: Session, customer: Customer, requester: Requester) -> str:
    """Who orders: the customer who is signed in, else somebody new (flushed with the next write)."""
    if requester.customer_id is not None:
        return requester.customer_id
    party = Party(kind=PartyKind.CUSTOMER, name=customer.name, email=customer.email, phone=customer.phone)
    session.add(party)
    return party.id


def _basket(
    session: Session, orders: list[Order], requester: Requester, party_id: str, now: Now
) -> str | None:
    known = next((order.basket_id for order in orders if order.basket_id), None)
    if len(orders) == 1 or known:
        return known
    basket = Basket(session_id=requester.session_id, customer_id=party_id, created_at=now.business)
    session.add(basket)
    session.flush()
    return basket.id


@dataclass(frozen=True, slots=True)
class Placing:
    """An order, locked and its holds firm, and for whom, with what and by whom it is placed."""

    order: Order
    party_id: str
    basket_id: str | None
    actor: str


def make_orders(session: Session, placings: Sequence[Placing], now: Now) -> None:
    """Each becomes an order: who owns it, its number, its terms, its event, its account."""
    plants = plants_of(session, [p.order for p in placings])
    with session.no_autoflush:  # else every question in between would write half a row
        makers = {p.order.manufacturer_id for p in placings}
        owners = {maker: _owners(session, maker) for maker in makers}
        numbers = _numbers(session, [p.order for p in placings if not p.order.number], plants)
        for placing in placings:
            order = placing.order
            order.customer_id, order.basket_id = placing.party_id, placing.basket_id
            order.placed_at, order.number = now.business, order.number or numbers[order.id]
            order.owners = owners[order.manufacturer_id]
        _agree_on_terms(session, placings)
        moves = [Move(p.order, _told(p.order), p.actor) for p in placings]
        fire_locked(session, "place", moves, now=now)
    ledger.open_accounts(session, [p.order for p in placings], now)


def plants_of(session: Session, orders: Sequence[Order]) -> list[Plant]:
    """The orders' plants, to be kept while they are asked for: a session forgets what nobody keeps."""
    return [session.get_one(Plant, plant_id) for plant_id in {order.plant_id for order in orders}]


def _told(order: Order) -> Placed:
    assert order.promised_date is not None
    return Placed(promised_date=order.promised_date, ready_at=order.ready_at, terms=order.terms)


def _agree_on_terms(session: Session, placings: Sequence[Placing]) -> None:
    """Each order has its terms; one plant's are asked for together."""
    plants: dict[str, list[Placing]] = {}
    for placing in placings:
        if placing.order.terms != "warranty":
            plants.setdefault(placing.order.plant_id, []).append(placing)
    for plant_id, own in plants.items():
        pricer = answerers_for(session, own[0].order).pricer
        asked = [(p.party_id, p.order.price_amount) for p in own]
        for placing, terms in zip(own, pricer.terms(session, plant_id, asked), strict=True):
            placing.order.terms = terms


def _owners(session: Session, manufacturer_id: str) -> dict[str, bool]:
    on = modules_on(session, manufacturer_id)
    return {name: name in on for name in registry().modules}


def _numbers(session: Session, orders: Sequence[Order], plants: Sequence[Plant]) -> dict[str, str]:
    rows = insert_rows(session, NUMBERS, [{"order_id": order.id} for order in orders], "order_id", "id")
    counted: dict[str, int] = dict(map(tuple, rows))
    stamps = {plant.id: plant.stamp.upper() for plant in plants}
    return {order.id: f"{stamps[order.plant_id]}-{FIRST_NUMBER + counted[order.id]}" for order in orders}


def remake(session: Session, order_id: str, quantity: int, *, actor: str, now: Now) -> Order:
    """Make `quantity` of an order again, as it was made, at no charge: a new, linked order, placed."""
    original = lock(session, order_id)
    made = spec_of(session, order_id)
    if not 1 <= quantity <= made.quantity:
        raise Invalid(Sentence(N_("Choose between 1 and {most} pieces to make again."), most=made.quantity))
    requester = Requester(actor=actor, customer_id=original.customer_id)
    spec = resized(made, quantity)
    wish = ask_of(session, original)
    ask = replace(wish, quantity=quantity, requested_date=None, pieces=wish.pieces[:quantity], spec=spec)
    order = quote(session, ask, requester=requester, now=now, remake_of=original.id)
    order.terms, order.price_lines = "warranty", []
    order.price_amount *= 0
    firm_all(session, [order], now)
    assert original.customer_id is not None
    make_orders(session, [Placing(order, original.customer_id, None, actor)], now)
    emit(session, original.id, Proposed(remake=order.id), now=now, actor=actor)
    return order
