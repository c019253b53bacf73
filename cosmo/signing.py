"""A quote as it is handed out, under a signature that only this site can make.

It is HMAC-SHA256 over the quote's terms with the site's secret, and computed anew from the stored quote
whenever it is asked for: a quote that has changed since, in anything a customer agrees to, has another one.
"""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from hashlib import sha256
from typing import Any

from sqlmodel import Session

from cosmo.errors import Conflict
from cosmo.i18n import N_
from cosmo.orders import Order, OrderSpec

PURPOSE = b"cosmo quote 1\n"
"""Keeps the signature from meaning anything where the same secret may sign something else one day."""
CHANGED = N_(
    "This quote is not as it was signed: its price, its date or what is made has changed since. "
    "Nothing is ordered; look at it again."
)


class NotAsSigned(Conflict):
    type, title = "quote-changed", "This quote is not as it was signed"


@dataclass(frozen=True, slots=True)
class Signed:
    """Signatures that came back with what is to be placed: the order's id -> its signature."""

    secret: str = field(repr=False)
    given: Mapping[str, str]

    def holds(self, session: Session, order: Order) -> bool:
        """Whether `order` came with the signature it has now."""
        return is_signed(session, self.secret, order, self.given.get(order.id, ""))

    def check(self, session: Session, orders: Sequence[Order]) -> None:
        """Raises `NotAsSigned` unless each of `orders` came with the signature it has now."""
        for order in orders:
            if not self.holds(session, order):
                raise NotAsSigned(CHANGED, quote_id=order.id)


def signature(session: Session, secret: str, order: Order) -> str:
    """43 characters of base64url that vouch for the quote as it stands."""
    return vouched(secret, PURPOSE, _terms(session, order))


def vouched(secret: str, purpose: bytes, terms: Any) -> str:
    """43 characters of base64url that vouch for `terms` (plain data); another purpose has another one."""
    made = hmac.new(secret.encode(), purpose + canonical(terms), sha256).digest()
    return urlsafe_b64encode(made).rstrip(b"=").decode()


def is_signed(session: Session, secret: str, order: Order, given: str) -> bool:
    """Whether `given`, whatever it is, is the quote's signature."""
    return hmac.compare_digest(signature(session, secret, order).encode(), given.encode(errors="replace"))


def _terms(session: Session, order: Order) -> dict[str, Any]:
    """What is signed: which order, what is made and how, how many, the price, the promised day, until when.
    The same terms are the same bytes, whichever database they were read from."""
    spec = session.get_one(OrderSpec, order.id).spec
    until = order.quote_expires_at
    return {
        "order": order.id,
        "family": order.family,
        "release": order.release,
        "selections": order.selections,
        "pieces": order.pieces,
        "quantity": order.quantity,
        "spec": sha256(canonical(spec)).hexdigest(),
        "price": format(order.price_amount, "f"),
        "currency": order.price_currency,
        "lines": order.price_lines,
        "promised": order.promised_date.isoformat() if order.promised_date else None,
        "until": until.astimezone(UTC).isoformat(timespec="microseconds") if until else None,
    }


def canonical(value: Any) -> bytes:
    """The same plain data as the same bytes, however its keys are ordered."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
