"""Codes of offers that strangers guess: who has tried many that are none has to wait, with right ones too.

Counted by address, since a new visit costs nothing; the same wrong code counts once, since a form sends what
was typed with every click.
"""

from fastapi import Request
from sqlmodel import Session

from cosmo.asking import answerers_at, family_card
from cosmo.clock import Now
from cosmo.i18n import Sentence
from cosmo.offer_ports import UNKNOWN
from cosmo.ports import Ask
from web.site import site


def must_not_guess(request: Request, session: Session, family: str, code: str, now: Now) -> Sentence | None:
    """Why there is no such code, once it is counted; None for one that exists, or where none was typed.
    Raises `TooMany`, and says nothing about the code then."""
    typed = code.strip().upper()
    if not typed:
        return None
    limiter, who = site(request).limiter, request.client.host if request.client else ""
    limiter.must_have_room("offer-code", who)
    card = family_card(session, family)
    offers = answerers_at(session, card.manufacturer_id).offers
    why = offers.why_not(session, Ask(family, {}, 1, code=typed), card.plant_id, now)
    if why is None or why.msgid != UNKNOWN:
        return None
    if limiter.count("same-offer-code", f"{who} {card.plant_id} {typed}"):
        limiter.count("offer-code", who)
    return why
