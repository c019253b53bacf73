"""The seller's library: the designs customers can start from, their names, choices and order."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from cosmo.asking import all_families
from cosmo.errors import CosmoError, Invalid, NotFound
from cosmo.formats import LOCALES
from cosmo.i18n import N_, gettext, pick
from cosmo.identity import Principal
from cosmo.parties import Role
from cosmo.ports import FamilyCard
from modules.marketing import library
from modules.marketing.library import Content
from modules.marketing.library_models import LibraryDesign
from modules.marketing.option_form import as_typed, chosen_in, option_fields
from web.deps import CurrentNow, CurrentPrincipal, Locale, ReadSession, WriteSession, allow
from web.drawing.pictures import picture
from web.forms import SentForm
from web.templating import render
from web.texts import too_long

router = APIRouter(prefix="/plant/designs", include_in_schema=False, dependencies=[allow(Role.SELLER)])
LANGUAGES = (("en", "English"), ("de", "Deutsch"), ("zh", "中文"))
STEPS = {"up": -1, "down": 1}
UNKNOWN = N_("There is no such product family here.")
Typed = Annotated[str, Form()]
Text = Mapping[str, str]


def _cards(session: Session, principal: Principal) -> list[FamilyCard]:
    return [card for card in all_families(session) if card.manufacturer_id == principal.party_id]


def _card(session: Session, principal: Principal, family: str) -> FamilyCard:
    """One of the manufacturer's; the first where none is named. Raises `NotFound`."""
    card = next((card for card in _cards(session, principal) if family in (card.slug, "")), None)
    if card is None:
        raise NotFound(UNKNOWN)
    return card


def _row(session: Session, principal: Principal, design_id: str) -> LibraryDesign:
    return library.theirs(session, principal.party_id or "", design_id)


@router.get("")
def designs(request: Request, session: ReadSession, principal: CurrentPrincipal, locale: Locale) -> Response:
    """Every design by family, as customers see it, and what is wrong with it under the present release."""
    return _list(request, session, principal, locale)


def _list(
    request: Request,
    session: Session,
    principal: Principal,
    locale: str,
    *,
    status: int = 200,
    problem: str = "",
) -> Response:
    groups = [
        {
            "card": card,
            "rows": [_told(session, card, row, locale) for row in library.of_card(session, card)],
        }
        for card in _cards(session, principal)
    ]
    return render(request, "marketing/designs.html", status=status, groups=groups, problem=problem)


def _told(session: Session, card: FamilyCard, row: LibraryDesign, locale: str) -> dict[str, Any]:
    return {
        "design": row,
        "name": pick(row.title, locale),
        "picture": picture(card.drawing, {**card.defaults, **row.selections}, uid=f"l-{row.id}"),
        "wrong": library.wrong_with(session, card, row.selections, locale),
    }


@router.get("/new")
def new_design(
    request: Request, session: ReadSession, principal: CurrentPrincipal, locale: Locale, of: str = ""
) -> Response:
    """The form of a new design of the family `of`, with its usual choices."""
    return _form(request, session, _card(session, principal, of), None, {}, locale)


@router.get("/{library_design}")
def one_design(
    request: Request, library_design: str, session: ReadSession, principal: CurrentPrincipal, locale: Locale
) -> Response:
    """The form of one design, as it stands."""
    row = _row(session, principal, library_design)
    typed = {f"title_{code}": row.title.get(code, "") for code in LOCALES} | as_typed(row.selections)
    return _form(request, session, _card(session, principal, row.family), row, typed, locale)


def _form(
    request: Request,
    session: Session,
    card: FamilyCard,
    row: LibraryDesign | None,
    typed: Text,
    locale: str,
    *,
    status: int = 200,
    errors: Text | None = None,
    problem: str = "",
) -> Response:
    chosen = {**card.defaults, **chosen_in(typed)}
    return render(
        request,
        "marketing/design_form.html",
        status=status,
        card=card,
        row=row,
        typed=typed,
        errors=errors or {},
        problem=problem,
        options=option_fields(session, card, typed, locale),
        picture=picture(card.drawing, chosen, uid="design"),
        languages=LANGUAGES,
        most=library.TITLE,
        action=f"/plant/designs/{row.id}" if row else f"/plant/designs/new?of={card.slug}",
    )


@router.post("/new")
def add_design(
    request: Request,
    form: SentForm,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    of: str = "",
) -> Response:
    """Publish it; the form again, with everything typed, if it cannot be made or has no name."""
    card = _card(session, principal, of)

    def save(content: Content) -> None:
        library.add(session, card, content, principal.actor, locale, now)

    return _saved(request, session, card, None, form.fields, locale, save)


@router.post("/{library_design}")
def change_design(
    request: Request,
    library_design: str,
    form: SentForm,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
) -> Response:
    """Another name, other choices."""
    row = _row(session, principal, library_design)
    card = _card(session, principal, row.family)

    def save(content: Content) -> None:
        library.change(session, card, row, content, principal.actor, locale, now)

    return _saved(request, session, card, row, form.fields, locale, save)


def _saved(
    request: Request,
    session: Session,
    card: FamilyCard,
    row: LibraryDesign | None,
    typed: Text,
    locale: str,
    save: Callable[[Content], None],
) -> Response:
    names = {code: " ".join(typed.get(f"title_{code}", "").split()) for code in LOCALES}
    wrong = {
        f"title_{code}": said
        for code, name in names.items()
        if (said := too_long(name, locale, library.TITLE))
    }
    if wrong:
        return _form(request, session, card, row, typed, locale, status=422, errors=wrong)
    try:
        with session.begin_nested():
            save(Content({code: name for code, name in names.items() if name}, chosen_in(typed)))
    except CosmoError as error:
        field, said = error.extra.get("field"), gettext(locale, error.detail)
        return _form(
            request, session, card, row, typed, locale,
            status=error.status, errors={field: said} if field else {}, problem="" if field else said,
        )  # fmt: skip
    return RedirectResponse(f"/plant/designs#{card.slug}", 303)


@router.post("/{library_design}/visibility")
def set_visibility(
    library_design: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    shown: Typed = "",
) -> Response:
    """Show it to customers, or not."""
    row = _row(session, principal, library_design)
    if shown not in ("yes", "no"):
        raise Invalid(N_("Say whether customers see it: yes or no."), field="shown")
    library.show(session, row, shown == "yes", principal.actor, now)
    return _back(row)


@router.post("/{library_design}/position")
def set_position(
    request: Request,
    library_design: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    locale: Locale,
    move: Typed = "",
) -> Response:
    """One place up or down."""
    row = _row(session, principal, library_design)
    if move not in STEPS:
        raise Invalid(N_("Say where it moves: up or down."), field="move")
    try:
        with session.begin_nested():
            library.move(session, _card(session, principal, row.family), row, STEPS[move])
    except CosmoError as error:
        if error.status != 409:
            raise
        said = gettext(locale, error.detail)
        return _list(request, session, principal, locale, status=409, problem=said)
    return _back(row)


@router.post("/{library_design}/removal")
def remove(library_design: str, session: WriteSession, principal: CurrentPrincipal) -> Response:
    """Take it out of the library."""
    row = _row(session, principal, library_design)
    library.remove(session, row)
    return RedirectResponse(f"/plant/designs#{row.family}", 303)


def _back(row: LibraryDesign) -> Response:
    return RedirectResponse(f"/plant/designs#{row.id}", 303)
