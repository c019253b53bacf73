"""One question to the configurator: what the engine says, and price and date where it can be made."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlmodel import Session

from cosmo.asking import Answerers, answerers_at, family_card
from cosmo.clock import Now
from cosmo.earlier import earlier
from cosmo.errors import CosmoError
from cosmo.i18n import N_, Sentence, gettext
from cosmo.makings import Makings
from cosmo.money import Price
from cosmo.once import kept
from cosmo.parties import Plant
from cosmo.ports import Answer, Ask, FamilyCard, ShipTo
from cosmo.promise import Offer, offer
from cosmo.repairing import Mended, repairs


@dataclass(frozen=True, slots=True)
class Told:
    """The engine's answer, and an offer or the reason why there is none; `price` where no date is asked."""

    card: FamilyCard
    plant: Plant
    answer: Answer
    offer: Offer | None
    problem: str
    repairs: tuple[Mended, ...] = ()
    code_why: Sentence | None = None
    """Why the code of an offer takes nothing off."""
    price: Price | None = None


def ask_configurator(
    session: Session,
    family: str,
    selections: Mapping[str, Any],
    quantity: int,
    ship_to: ShipTo,
    locale: str,
    now: Now,
    *,
    service: str | None = None,
    requested: date | None = None,
    with_earlier: bool = False,
    code: str = "",
    customer_id: str | None = None,
    with_date: bool = True,
) -> Told:
    """Valid values with reasons; with a complete selection also today's price and date, with an impossible
    one the ways out. `with_date=False`: the price alone. Writes nothing.
    """
    ask = Ask(
        family, dict(selections), quantity, ship_to, requested, locale=locale, code=code,
        customer_id=customer_id,
    )  # fmt: skip
    with kept(session):
        return _asked(session, ask, locale, now, service, with_earlier, with_date)


def _asked(
    session: Session,
    ask: Ask,
    locale: str,
    now: Now,
    service: str | None,
    with_earlier: bool,
    with_date: bool,
) -> Told:
    card = family_card(session, ask.family)
    answerers = answerers_at(session, card.manufacturer_id)
    plant = session.get_one(Plant, card.plant_id)
    answer = answerers.configurator.answer(session, ask.family, ask.selections, ask.quantity, locale)
    why = answerers.offers.why_not(session, ask, plant.id, now)
    if answer.conflicts:
        ways = repairs(session, answerers, plant.id, ask, now, service=service)
        return Told(card, plant, answer, None, answer.conflicts[0].message, ways, why)
    if not answer.complete:
        return Told(card, plant, answer, None, _not_yet(locale), code_why=why)
    try:
        if not with_date:
            price = _price_alone(session, answerers, plant, ask, service, now)
            return Told(card, plant, answer, None, "", code_why=why, price=price)
        made = offer(session, answerers, plant.id, ask, now, service=service)
    except CosmoError as error:  # it cannot be made so, or the plant cannot give a date now: say which
        return Told(card, plant, answer, None, error.detail, code_why=why)
    if with_earlier:
        made = _with_earlier(session, answerers, plant, made, now)
    return Told(card, plant, answer, made, "", code_why=why)


def _price_alone(
    session: Session, answerers: Answerers, plant: Plant, ask: Ask, service: str | None, now: Now
) -> Price | None:
    spec = answerers.engineer.resolve(session, ask)
    return Makings(session, answerers, plant.id, now).price_today(ask, spec, service)


def _with_earlier(session: Session, answerers: Answerers, plant: Plant, made: Offer, now: Now) -> Offer:
    try:
        found = earlier(session, answerers, plant.id, made, now)
    except CosmoError:
        return made
    return replace(made, promise=made.promise.model_copy(update={"earlier": found}))


def _not_yet(locale: str) -> str:
    return gettext(locale, N_("Choose what is still open; then your date stands here."))


def drawn_from(
    session: Session, manufacturer_id: str, family: str, selections: Mapping[str, Any]
) -> dict[str, Any]:
    """The selections with what was measured from their uploads, so that a drawing names no other size."""
    configurator = answerers_at(session, manufacturer_id).configurator
    return {**selections, **configurator.measures(session, family, selections)}
