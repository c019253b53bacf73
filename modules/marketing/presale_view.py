"""What pages and the API show of a pre-sale: how many of how many, days left, what one costs."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from sqlmodel import Session

from cosmo.clock import Now
from cosmo.formats import day_of, money
from cosmo.i18n import N_, gettext, ngettext
from cosmo.parties import Plant
from cosmo.registry import modules_on
from modules.marketing import presales
from modules.marketing.presale_models import Pledge, PledgeState, Presale, PresaleState
from web.amounts import counted, each

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
MOST_PARTS = 40
"""Pieces the bar shows; of more, each stands for several."""


def shown(session: Session, presale: Presale, locale: str, now: Now) -> dict[str, Any]:
    """A pre-sale in words, for the page, the list and the idea's page."""
    plant, unit = session.get_one(Plant, presale.plant_id), presales.unit_of(session, presale)
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
        "each": each(presale.each, presale.currency, unit, locale),
        "instead": money(presale.list_each, presale.currency, locale) if presale.percent else "",
        "state": STATES[PresaleState(presale.state)],
        "running": presale.state == PresaleState.OPEN and not presales.is_over(session, presale, now),
        "picture": _picture(session, presale, plant),
        "unit": unit,
    }


def _of(pieces: int, threshold: int, unit: str, locale: str) -> str:
    """34 of 60 pieces."""
    return gettext(locale, N_("{n} of {all}"), n=pieces, all=counted(threshold, unit, locale))


def left_words(presale: Presale, plant: Plant, now: Now, locale: str) -> str:
    """How long it still runs."""
    days = (presale.closes_on - day_of(now.business, plant.timezone)) // timedelta(days=1)
    if days <= 0:
        return gettext(locale, N_("Today is the last day."))
    return ngettext(locale, "{n} day left", "{n} days left", days)


def _picture(session: Session, presale: Presale, plant: Plant) -> str:
    """Where the shop draws it; empty where there is no shop."""
    if "interaction" not in modules_on(session, plant.manufacturer_id):
        return ""
    return f"/preview/{presale.family}.svg?{urlencode(presale.selections)}"


def state_of(pledge: Pledge) -> tuple[str, str]:
    return PLEDGES[PledgeState(pledge.state)]
