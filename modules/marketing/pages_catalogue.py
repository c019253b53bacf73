"""The seller's catalogue: which families the shop lists, in which order and words."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from cosmo.asking import all_families
from cosmo.clock import Now
from cosmo.errors import CosmoError, Invalid
from cosmo.formats import LOCALES
from cosmo.i18n import N_, pick
from cosmo.identity import Principal
from cosmo.parties import Role
from cosmo.ports import FamilyCard
from cosmo.spec import Names
from modules.marketing import catalogue
from modules.marketing.models import CatalogueChange
from web.amounts import counted, each
from web.deps import CurrentNow, CurrentPrincipal, Locale, ReadSession, WriteSession, allow
from web.templating import render
from web.texts import too_long
from web.visits import visit_of

router = APIRouter(prefix="/plant/catalogue", dependencies=[allow(Role.SELLER)])
HEADLINE, BLURB = 60, 200
"""Characters that fit above and beside the picture."""
STEPS = {"up": -1, "down": 1}
SAID = {
    "shown": N_("{name} is in the shop."),
    "hidden": N_("{name} is not listed any more. Who has its address can still order it."),
    "moved": N_("{name} has another place."),
    "worded": N_("{name} has other words."),
}
Typed = Annotated[str, Form()]
Text = Mapping[str, str]


def _own(session: Session, principal: Principal) -> list[FamilyCard]:
    """The manufacturer's families."""
    return [card for card in all_families(session) if card.manufacturer_id == principal.party_id]


@router.get("")
def show_catalogue(
    request: Request,
    session: ReadSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    open: str = "",
    done: str = "",
) -> Response:
    """Every family as the shop has it; `open`: whose words are changed, `done`: the change just made."""
    return _page(request, session, principal, now, opened=open, done=done)


def _page(
    request: Request,
    session: Session,
    principal: Principal,
    now: Now,
    *,
    status: int = 200,
    opened: str = "",
    done: str = "",
    problem: str = "",
    typed: Text | None = None,
    wrong: Text | None = None,
) -> Response:
    lines = catalogue.lines(session, _own(session, principal))
    rows = [_row(session, line, now, visit_of(request).locale) for line in lines]
    change = catalogue.change_for(session, principal.party_id or "", done) if done else None
    names = {line.card.slug: pick(line.headline, visit_of(request).locale) for line in lines}
    return render(
        request,
        "marketing/catalogue.html",
        status=status,
        rows=rows,
        opened=opened,
        change=change,
        said=SAID[change.what] if change else "",
        changed=names.get(change.family, change.family) if change else "",
        problem=problem,
        typed=typed,
        wrong=wrong or {},
        languages=(("en", "English"), ("de", "Deutsch"), ("zh", "中文")),
        most={"headline": HEADLINE, "blurb": BLURB},
    )


def _row(session: Session, line: catalogue.Line, now: Now, locale: str) -> dict[str, Any]:
    priced = catalogue.as_shown(session, line.card, now)
    if priced is None:
        return {"line": line, "each": "", "count": ""}
    price, currency, quantity = priced
    unit = line.card.unit
    return {
        "line": line,
        "each": each(price, currency, unit, locale),
        "count": counted(quantity, unit, locale),
    }


def _done(change: CatalogueChange) -> Response:
    return RedirectResponse(f"/plant/catalogue?done={change.id}#{change.family}", 303)


@router.post("/{family}/visibility")
def set_visibility(
    request: Request,
    family: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    shown: Typed = "",
) -> Response:
    """List it, or leave it out."""
    cards = _own(session, principal)
    if shown not in ("yes", "no"):
        raise Invalid(N_("Say whether the shop lists it: yes or no."), field="shown")
    return _done(catalogue.show(session, cards, family, shown == "yes", principal.actor, now))


@router.post("/{family}/position")
def set_position(
    request: Request,
    family: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    move: Typed = "",
) -> Response:
    """One place up or down."""
    cards = _own(session, principal)
    if move not in STEPS:
        raise Invalid(N_("Say where it moves: up or down."), field="move")
    try:
        with session.begin_nested():
            change = catalogue.move(session, cards, family, STEPS[move], principal.actor, now)
    except CosmoError as error:
        if error.status != 409:
            raise
        return _page(request, session, principal, now, status=409, problem=error.detail)
    return _done(change)


@router.post("/{family}/words")
def set_words(
    request: Request,
    family: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    headline_en: Typed = "",
    headline_de: Typed = "",
    headline_zh: Typed = "",
    blurb_en: Typed = "",
    blurb_de: Typed = "",
    blurb_zh: Typed = "",
) -> Response:
    """Its words in the shop; a field that is left empty keeps the family's own."""
    typed = {
        "headline_en": headline_en,
        "headline_de": headline_de,
        "headline_zh": headline_zh,
        "blurb_en": blurb_en,
        "blurb_de": blurb_de,
        "blurb_zh": blurb_zh,
    }
    wrong = {name: said for name, text in typed.items() if (said := too_long(text, locale, _most(name)))}
    cards = _own(session, principal)
    if wrong and family in {card.slug for card in cards}:
        return _page(request, session, principal, now, status=422, opened=family, typed=typed, wrong=wrong)
    words = _names(typed, "headline"), _names(typed, "blurb")
    return _done(catalogue.word(session, cards, family, *words, principal.actor, now))


def _most(field: str) -> int:
    return HEADLINE if field.startswith("headline") else BLURB


def _names(typed: Text, kind: str) -> Names:
    """What was written, by language."""
    return {code: text for code in LOCALES if (text := typed[f"{kind}_{code}"].strip())}


@router.post("/changes/{change_id}/reversal")
def take_back(
    request: Request, change_id: str, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow
) -> Response:
    """As it was before the last change; the page with the reason where that is over."""
    try:
        catalogue.take_back(session, principal.party_id or "", change_id, now)
    except CosmoError as error:
        if error.status != 409:
            raise
        return _page(request, session, principal, now, status=409, problem=error.detail)
    return RedirectResponse("/plant/catalogue", 303)
