"""Codes that are guessed in the configurator: after many that are none the price is without a code, and the
field says so."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from sqlmodel import Session

from cosmo.clock import Now
from cosmo.errors import TooMany
from cosmo.i18n import gettext
from cosmo.ports import FamilyCard
from modules.interaction import selecting
from web.guesses import must_not_guess


def refused(
    request: Request, session: Session, card: FamilyCard, form: Mapping[str, Any], now: Now, locale: str
) -> dict[str, str]:
    """What to say beside the field of whoever has to wait; empty for everybody else."""
    try:
        if not selecting.code_wrong(form):
            must_not_guess(request, session, card.slug, selecting.code_of(form), now)
    except TooMany as error:
        return {"offer_code": gettext(locale, error.detail)}
    return {}


def without_guesses(
    request: Request, session: Session, card: FamilyCard, query: Mapping[str, Any], now: Now
) -> dict[str, Any]:
    """What an address asks for; of whoever has to wait, without the code."""
    waits = refused(request, session, card, query, now, "en")
    return {name: value for name, value in query.items() if name not in waits}
