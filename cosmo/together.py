"""Many people's quotes placed in one transaction: one commit for all, and each table read and written once.

Only what goes through just so is placed here. Who is left out (the quote has run out, the key was used, time
has overtaken the place ...) has changed nothing and is placed alone, by `placing.place`, which knows every
answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from cosmo import idempotency
from cosmo.clock import Now
from cosmo.idempotency import Key
from cosmo.lifecycle import lock_all
from cosmo.orders import Order
from cosmo.placing import Customer, Placing, can_be_placed, firm_all, make_orders, party_for, plants_of
from cosmo.quoting import Requester
from cosmo.signing import Signed

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wish:
    """One person's quote to place. `may`: whether it is theirs; `tell`: the answer, kept under `key`."""

    quote_id: str
    customer: Customer
    requester: Requester
    may: Callable[[Order], bool]
    tell: Callable[[Order], Answer]
    key: Key | None = None
    signed: Signed | None = None


def place_together(session: Session, wishes: Sequence[Wish], now: Now) -> dict[int, Answer]:
    """Place all that go through; index in `wishes` -> answer. Who is not in it is to be placed alone.

    Raises `IntegrityError` where another process takes one of the keys just then, `PlaceOvertaken` where time
    has overtaken one of the places: nothing is to be committed then, and each is placed alone.
    """
    found = {order.id: order for order in lock_all(session, {wish.quote_id for wish in wishes})}
    chosen = {n: wishes[n] for n in _fresh(session, wishes) if _is_ready(session, wishes[n], found, now)}
    orders = [found[wish.quote_id] for wish in chosen.values()]
    _plants = plants_of(session, orders)
    if not orders:
        return {}
    firm_all(session, orders, now)
    placings = [_placing(session, wish, found[wish.quote_id]) for wish in chosen.values()]
    session.flush()  # who is new comes before their order
    make_orders(session, placings, now)
    answers = {n: wish.tell(found[wish.quote_id]) for n, wish in chosen.items()}
    kept = [(wish.key, answers[n]) for n, wish in chosen.items() if wish.key is not None]
    idempotency.keep_all(session, kept, 201, now)
    return answers


def _fresh(session: Session, wishes: Sequence[Wish]) -> list[int]:
    """Those whose key has no answer yet; of the same quote or the same key, the first."""
    used = idempotency.known(session, [wish.key for wish in wishes if wish.key is not None])
    quotes, fresh = set[str](), list[int]()
    for n, wish in enumerate(wishes):
        if wish.quote_id in quotes or (wish.key is not None and wish.key.name in used):
            continue
        quotes.add(wish.quote_id)
        if wish.key is not None:
            used.add(wish.key.name)
        fresh.append(n)
    return fresh


def _is_ready(session: Session, wish: Wish, found: dict[str, Order], now: Now) -> bool:
    order = found.get(wish.quote_id)
    if order is None or not wish.may(order) or not can_be_placed(order, now):
        return False
    return wish.signed is None or wish.signed.holds(session, order)


def _placing(session: Session, wish: Wish, order: Order) -> Placing:
    party_id = party_for(session, wish.customer, wish.requester)
    return Placing(order, party_id, order.basket_id, wish.requester.actor)
