"""What pages and the API show of a pre-sale: how many of how many, days left, what one costs."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session

from cosmo.asking import answerers_at
from cosmo.clock import Now
from cosmo.formats import day_of, money
from cosmo.i18n import N_, gettext, ngettext
from cosmo.parties import Plant
from cosmo.ports import FamilyCard
from modules.marketing import presales
from modules.marketing.presale_models import Pledge, PledgeState, Presale, PresaleState
from web.amounts import counted, each
from web.drawing.pictures import picture, tint

STATES = {
    PresaleState.OPEN: ("now", N_("running")),
    PresaleState.REACHED: ("kept", N_("reached")),
    PresaleState.LAPSED: ("late", N_("not reached")),
}
PLEDGES = {
    PledgeState.PLEDGED: ("wait", N_("stands")),
    PledgeState.WITHDRAWN: ("late", N_("withdrawn")),
    PledgeState.ORDERED: ("kept", N_("ordered")),
    PledgeState.STUCK: ("thin", N_("could not be ordered")),
    PledgeState.LAPSED: ("late", N_("lapsed")),
}
"""A state -> its glyph and its word."""
MOST_PARTS = 20
"""Pieces the bar shows; of more, each stands for several."""


def shown(session: Session, presale: Presale, locale: str, now: Now) -> dict[str, Any]:
    """A pre-sale in words, for the page, the list and the idea's page."""
    plant, card = session.get_one(Plant, presale.plant_id), presales.card_of(session, presale)
    unit = card.unit if card else "pcs"
    pieces = presales.pieces_of(session, presale.id)
    parts = min(presale.threshold, MOST_PARTS)
    return {
        "presale": presale,
        "plant": plant,
        "pieces": pieces,
        "counted": _of(pieces, presale.threshold, unit, locale),
        "parts": parts,
        "done": min(parts, pieces * parts // presale.threshold),
        "goal": counted(presale.threshold, unit, locale),
        "missing": counted(max(presale.threshold - pieces, 0), unit, locale),
        "left": left_words(presale, plant, now, locale),
        "ends": _ends(presale, plant),
        "each": each(presale.each, presale.currency, unit, locale),
        "instead": money(presale.list_each, presale.currency, locale) if presale.percent else "",
        "state": STATES[PresaleState(presale.state)],
        "running": presale.state == PresaleState.OPEN and not presales.is_over(session, presale, now),
        **_drawn(session, presale, card),
        "unit": unit,
    }


def _of(pieces: int, threshold: int, unit: str, locale: str) -> str:
    """34 of 60 pieces."""
    return gettext(locale, N_("{n} of {all}"), n=pieces, all=counted(threshold, unit, locale))


def _ends(presale: Presale, plant: Plant) -> date:
    """Its last day at the plant: the day it was reached or closed. One that lapses by time is ended by a job
    after its last day."""
    if presale.ended_at is None:
        return presale.closes_on
    return min(day_of(presale.ended_at, plant.timezone), presale.closes_on)


def left_words(presale: Presale, plant: Plant, now: Now, locale: str) -> str:
    """How long it still runs."""
    days = (presale.closes_on - day_of(now.business, plant.timezone)) // timedelta(days=1)
    if days <= 0:
        return gettext(locale, N_("Today is the last day."))
    return ngettext(locale, "{n} day left", "{n} days left", days)


def _drawn(session: Session, presale: Presale, card: FamilyCard | None) -> dict[str, Any]:
    """The product as it is made, and the tint of its ground."""
    drawing = card.drawing if card else "plain"
    looks: Mapping[str, Any] = presale.selections
    if card is not None:
        configurator = answerers_at(session, card.manufacturer_id).configurator
        looks = {**looks, **configurator.measures(session, card.slug, looks)}
    title = presale.title
    return {
        "picture": picture(drawing, looks, uid=f"p-{presale.id}", title=title),
        "tint": tint(drawing, looks),
    }


def state_of(pledge: Pledge) -> tuple[str, str]:
    return PLEDGES[PledgeState(pledge.state)]
