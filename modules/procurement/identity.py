"""What a supplier may read about an order: what to make, never whom it is for."""

import re
from pathlib import PurePath

from sqlmodel import Session

from cosmo.brief_ports import BriefFile
from cosmo.orders import Address, Order
from cosmo.parties import Party
from cosmo.spec import Names

_WORD = re.compile(r"\w{3,}")


def told_to_supplier(session: Session, order: Order, name: Names) -> Names:
    """The bill's name of an item, as the supplier may read it; empty if it names the customer.

    The bill's names come from the product's model and may carry a choice ("Printed decals, crane"). A
    model that puts the customer's own name into one must not give it away.
    """
    told = {locale: text for locale, text in name.items() if not _names_somebody(session, order, text)}
    return told if "en" in told else {}


def filename_told(file: BriefFile) -> str:
    """A plain name: the customer's own for the file may say who she is, in any spelling or script. Pictures
    are handed on as PNG, whatever they came as."""
    ending = PurePath(file.name).suffix.lower()
    return file.option + (".png" if ending in (".jpg", ".jpeg") else ending)


def _names_somebody(session: Session, order: Order, text: str) -> bool:
    party = session.get(Party, order.customer_id) if order.customer_id else None
    address = session.get(Address, order.ship_to_id) if order.ship_to_id else None
    secret = [party.name, party.email or ""] if party else []
    secret += [address.name, address.street, address.postal_code] if address else []
    words = {word.casefold() for part in secret for word in _WORD.findall(part)}
    return not words.isdisjoint(word.casefold() for word in _WORD.findall(text))
