"""What a form or an address of the configurator asks for, read with the family's options."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session

from cosmo.asking import answerers_at
from cosmo.ports import FamilyCard, ShipTo
from modules.interaction import selecting


@dataclass(frozen=True, slots=True)
class Wish:
    """Known options only, a quantity that can be counted, and whereto, how and by when it shall come."""

    described: Mapping[str, Any]
    selections: dict[str, Any]
    quantity: int
    ship_to: ShipTo
    service: str
    requested: date | None = None
    """By when it is needed."""
    code: str = ""
    """Of an offer, as it was typed."""
    design: str = ""
    """The saved design it goes on from, as the address says; whose it is is asked where it is used."""
    laid: str = ""
    """How the picture shows it laid; part of no order."""


def wish_of(session: Session, card: FamilyCard, form: Mapping[str, Any], locale: str) -> Wish:
    """What `form` says; a first visit gets the family's defaults."""
    configurator = answerers_at(session, card.manufacturer_id).configurator
    described = configurator.describe(session, card.slug, locale)
    return Wish(
        described,
        selecting.read(described["options"], form, card),
        selecting.quantity_of(form, int(described.get("quantity", {}).get("default", 1))),
        selecting.ship_to_of(form),
        str(form.get("service") or ""),
        selecting.day_of(form),
        selecting.code_of(form),
        str(form.get("design") or ""),
        selecting.laid_of(form),
    )
