"""The seller's pages of pre-sales: open one, see who pledged, close it early, place again what got stuck."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from cosmo.access import plants_of
from cosmo.asking import all_families, answerers_at
from cosmo.clock import Now
from cosmo.errors import CosmoError, Invalid, NotFound
from cosmo.i18n import N_, gettext, pick
from cosmo.identity import Principal
from cosmo.orders import Order
from cosmo.parties import Party, Role
from cosmo.ports import FamilyCard
from modules.marketing import pledging, presales
from modules.marketing.option_form import chosen_in, option_fields
from modules.marketing.presale_models import Pledge, PledgeState, Presale
from modules.marketing.presale_view import shown, state_of
from modules.marketing.presales import Wish
from web.amounts import typed_number
from web.deps import CurrentNow, CurrentPrincipal, Locale, ReadSession, WriteSession, allow
from web.forms import SentForm
from web.templating import render
from web.texts import too_long

router = APIRouter(prefix="/plant/presales", include_in_schema=False, dependencies=[allow(Role.SELLER)])
FIELDS = ("family", "idea", "title", "words", "threshold", "closes_on", "percent")
TITLE, WORDS = 80, 2000
UNKNOWN = N_("Choose what it is.")
NO_DAY = N_("Write the day as in 2026-06-26.")
Text = Mapping[str, str]


def _cards(session: Session, principal: Principal) -> list[FamilyCard]:
    return [card for card in all_families(session) if card.manufacturer_id == principal.party_id]


def _theirs(session: Session, principal: Principal, presale_id: str) -> Presale:
    return presales.theirs(session, [plant.id for plant in plants_of(session, principal)], presale_id)


@router.get("")
def plant_presales(
    request: Request, session: ReadSession, principal: CurrentPrincipal, now: CurrentNow, locale: Locale
) -> Response:
    """All of the manufacturer's, newest first."""
    found = presales.of_plants(session, [plant.id for plant in plants_of(session, principal)])
    return render(
        request, "marketing/plant_presales.html", rows=[shown(session, row, locale, now) for row in found]
    )


@router.get("/new")
def new_presale(
    request: Request,
    session: ReadSession,
    principal: CurrentPrincipal,
    locale: Locale,
    family: str = "",
    idea: str = "",
) -> Response:
    """The form: the family's options with its usual choices, filled from the idea where one is named."""
    chosen = answerers_at(session, principal.party_id or "").ideas.chosen(session, idea) if idea else None
    if chosen is not None and chosen.plant_id not in {p.id for p in plants_of(session, principal)}:
        chosen = None
    typed = {"family": family or (chosen.family if chosen else ""), "idea": chosen.id if chosen else ""}
    if chosen is not None:
        typed |= {"title": chosen.title, "words": chosen.words}
    known = {card.slug for card in _cards(session, principal)}
    if family and family not in known:
        said = {"family": gettext(locale, UNKNOWN)}
        return _form(request, session, principal, locale, typed, status=422, errors=said)
    return _form(request, session, principal, locale, typed)


def _form(
    request: Request,
    session: Session,
    principal: Principal,
    locale: str,
    typed: Text,
    *,
    status: int = 200,
    errors: Text | None = None,
    problem: str = "",
) -> Response:
    cards = _cards(session, principal)
    card = next((c for c in cards if c.slug == typed.get("family")), cards[0] if cards else None)
    return render(
        request,
        "marketing/presale_new.html",
        status=status,
        cards=[(c.slug, pick(c.name, locale)) for c in cards],
        card=card,
        options=option_fields(session, card, typed, locale) if card else [],
        typed={**dict.fromkeys(FIELDS, ""), "percent": "0", **typed, "family": card.slug if card else ""},
        errors=defaultdict(str, errors or {}),
        problem=problem,
    )


@router.post("")
def open_presale(
    request: Request,
    form: SentForm,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
) -> Response:
    """Open it; the form again, with everything typed, if it cannot be made or something is missing."""
    typed = dict(form.fields)
    errors = _too_long(typed, locale)
    try:
        card = next((c for c in _cards(session, principal) if c.slug == typed.get("family")), None)
        if card is None:
            raise Invalid(UNKNOWN, field="family")
        if errors:
            return _form(request, session, principal, locale, typed, status=422, errors=errors)
        with session.begin_nested():
            made = presales.open_presale(session, card, _wish(typed, card), principal.actor, locale, now)
    except CosmoError as error:
        field, status = error.extra.get("field"), 422 if isinstance(error, NotFound) else error.status
        at_field = {field: gettext(locale, error.detail)} if field else {}
        problem = "" if at_field else error.detail
        return _form(
            request, session, principal, locale, typed, status=status, errors=at_field, problem=problem
        )
    return RedirectResponse(f"/plant/presales/{made.id}", 303)


def _too_long(typed: Text, locale: str) -> dict[str, str]:
    said = {"title": too_long(typed.get("title", ""), locale, TITLE),
            "words": too_long(typed.get("words", ""), locale, WORDS)}  # fmt: skip
    return {name: words for name, words in said.items() if words}


def _wish(typed: Text, card: FamilyCard) -> Wish:
    """Raises `Invalid` for what is no day or no number."""
    return Wish(
        title=typed.get("title", ""),
        words=typed.get("words", ""),
        selections=_selections(typed, card),
        threshold=_whole(typed.get("threshold", "")),
        closes_on=_day(typed.get("closes_on", "")),
        percent=_percent(typed.get("percent", "0")),
        idea_id=typed.get("idea") or None,
    )


def _selections(typed: Text, card: FamilyCard) -> dict[str, Any]:
    return {name: value for name, value in {**card.defaults, **chosen_in(typed)}.items() if value != ""}


def _whole(text: str) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise Invalid(NO_DAY, field="closes_on") from error


def _percent(text: str) -> Decimal:
    percent = typed_number(text.strip() or "0")
    return Decimal(-1) if percent is None else percent


@router.get("/{plant_presale}")
def plant_presale(
    request: Request,
    plant_presale: str,
    session: ReadSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
) -> Response:
    """One of them with its pledges."""
    return _page(request, session, _theirs(session, principal, plant_presale), now, locale)


def _page(
    request: Request,
    session: Session,
    presale: Presale,
    now: Now,
    locale: str,
    *,
    status: int = 200,
    problem: str = "",
) -> Response:
    rows = [_row(session, presale, pledge) for pledge in presales.pledges(session, presale.id)]
    stuck = any(row["pledge"].state == PledgeState.STUCK for row in rows)
    told = shown(session, presale, locale, now)
    return render(
        request,
        "marketing/plant_presale.html",
        status=status,
        rows=rows,
        stuck=stuck,
        problem=problem,
        timezone=told["plant"].timezone,
        **told,
    )


def _row(session: Session, presale: Presale, pledge: Pledge) -> dict[str, Any]:
    return {
        "pledge": pledge,
        "who": session.get_one(Party, pledge.party_id).name,
        "amount": pledging.price_of(presale, pledge).amount,
        "state": state_of(pledge),
        "order": session.get(Order, pledge.order_id) if pledge.order_id else None,
    }


@router.post("/{plant_presale}/closing")
def close(
    request: Request,
    plant_presale: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
) -> Response:
    """Close it early, below its threshold: nothing is made, everybody is told."""
    presale = _theirs(session, principal, plant_presale)
    try:
        presales.lapse(session, presale.id, now)
    except CosmoError as error:
        return _page(request, session, presale, now, locale, status=error.status, problem=error.detail)
    return RedirectResponse(f"/plant/presales/{presale.id}", 303)


@router.post("/{plant_presale}/orders")
def place_again(plant_presale: str, session: WriteSession, principal: CurrentPrincipal) -> Response:
    """Pledges that could not become orders are tried again."""
    presale = _theirs(session, principal, plant_presale)
    pledging.try_again(session, presale)
    return RedirectResponse(f"/plant/presales/{presale.id}", 303)
