"""How a simulated customer buys in the past: the file is sent, a quote asked for, the quote placed."""

import io
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import Session, select

from cosmo.asking import family_card
from cosmo.attachments import store
from cosmo.clock import Now
from cosmo.orders import Order
from cosmo.parties import Account, Role
from cosmo.placing import Customer, MovedOffer, place
from cosmo.ports import Ask, ShipTo
from cosmo.quoting import Requester, quote
from cosmo.settings import read_settings
from seeds.wishes import Wish


@dataclass(frozen=True, slots=True)
class Buyer:
    """One customer of a plant's seed; `home` is its entry there."""

    account: Account
    home: dict[str, Any]

    @property
    def requester(self) -> Requester:
        return Requester(actor=self.account.id, customer_id=self.account.party_id)


def buyers(session: Session, homes: list[dict[str, Any]]) -> list[Buyer]:
    """The customers with these homes, in the order of their e-mail."""
    by_email = {home["email"]: home for home in homes}
    accounts = session.exec(select(Account).where(Account.role == Role.CUSTOMER)).all()
    found = [Buyer(account, by_email[account.email]) for account in accounts if account.email in by_email]
    return sorted(found, key=lambda buyer: buyer.account.email)


def ask(session: Session, buyer: Buyer, wish: Wish, now: Now) -> Order:
    """A quote for the wish."""
    return quote(session, asked(session, buyer, wish, now), requester=buyer.requester, now=now)


def asked(session: Session, buyer: Buyer, wish: Wish, now: Now) -> Ask:
    """The wish as the kernel is asked for it; its file is sent."""
    home = buyer.home
    to = ShipTo(home["name"], home["street"], home["city"], home["postal_code"], home["country"])
    wanted = now.business.date() + timedelta(days=wish.days) if wish.days else None
    defaults = family_card(session, wish.family).defaults
    selections = {**defaults, **wish.selections, **_sent(session, buyer, wish, now)}
    return Ask(wish.family, selections, wish.quantity, to, wanted)


def _sent(session: Session, buyer: Buyer, wish: Wish, now: Now) -> dict[str, str]:
    """The wish's file as an attachment, by the option that takes it."""
    if wish.file is None:
        return {}
    option, name, content = wish.file
    folder = session.info.get("files") or read_settings().attachments
    kept = store(session, folder, io.BytesIO(content), name, now=now, account_id=buyer.account.id)
    return {option: kept.id}


def take(session: Session, buyer: Buyer, made: Order, now: Now) -> None:
    """Place the quote. Raises what refuses it, also where its date has moved."""
    customer = Customer(buyer.home["name"], buyer.account.email)
    result = place(session, [made.id], customer, requester=buyer.requester, now=now)
    if isinstance(result, MovedOffer):
        raise result.refusal()
