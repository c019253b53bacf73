"""The plant's pages of ideas: claim one, give it back, make proposals, choose one, decline with a reason."""

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Request, UploadFile
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from cosmo.access import plants_of
from cosmo.errors import CosmoError
from cosmo.i18n import N_, gettext
from cosmo.identity import Principal
from cosmo.parties import Account, Role
from modules.rnd import ideas
from modules.rnd.idea_models import Idea
from modules.rnd.idea_view import rows, shown
from modules.rnd.pages_ideas import kept_picture
from web.amounts import typed_number
from web.deps import CurrentNow, CurrentPrincipal, Locale, ReadSession, WriteSession, allow
from web.panels import idea_context
from web.templating import render, slots
from web.texts import too_long

router = APIRouter(prefix="/plant/ideas", include_in_schema=False)
READERS = (Role.ENGINEER, Role.PLANNER, Role.SELLER, Role.SERVICE)
NO_WORDS = N_("Say how it would be made.")
NO_PRICE = N_("Write about what one would cost, such as 24.50.")
Typed = Annotated[str, Form()]
CENT = Decimal("0.01")
Errors = dict[str, str]


@router.get("", dependencies=[allow(*READERS)])
def plant_ideas(
    request: Request, session: ReadSession, principal: CurrentPrincipal, locale: Locale
) -> Response:
    """Every idea of the manufacturer's plants; what waits first."""
    found = ideas.of_plants(session, _plant_ids(session, principal))
    return render(request, "rnd/plant_ideas.html", rows=rows(session, found, locale))


def _plant_ids(session: Session, principal: Principal) -> list[str]:
    return [plant.id for plant in plants_of(session, principal)]


def _theirs(session: Session, principal: Principal, idea_id: str) -> Idea:
    return ideas.theirs(session, _plant_ids(session, principal), idea_id)


def designer_of(session: Session, principal: Principal) -> Account:
    return session.get_one(Account, principal.account_id)


@router.get("/{plant_idea}", dependencies=[allow(*READERS)])
def plant_idea_page(
    request: Request, plant_idea: str, session: ReadSession, principal: CurrentPrincipal, locale: Locale
) -> Response:
    """One idea with what can be done about it."""
    return _page(request, session, principal, _theirs(session, principal, plant_idea), locale)


def _page(
    request: Request,
    session: Session,
    principal: Principal,
    idea: Idea,
    locale: str,
    *,
    status: int = 200,
    problem: str = "",
    errors: Errors | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    told: dict[str, Any] = shown(session, idea, locale)
    context = idea_context(request, session, idea.id, told["plant"], chosen=idea.chosen_id is not None)
    return render(
        request,
        "rnd/plant_idea.html",
        status=status,
        problem=problem,
        errors=defaultdict(str, errors or {}),
        typed={"words": "", "price": "", "reason": "", "picture_id": "", "picture_name": ""} | (typed or {}),
        engineer=principal.role == Role.ENGINEER,
        own=idea.claimed_by == principal.account_id,
        panels=slots("idea.panel", context),
        timezone=told["plant"].timezone,
        **told,
    )


def _done(
    request: Request,
    session: Session,
    principal: Principal,
    idea: Idea,
    locale: str,
    act: Callable[[Account], object],
    typed: dict[str, str] | None = None,
) -> Response:
    """What a designer does, and back to the page, which says why where it was refused."""
    try:
        act(designer_of(session, principal))
    except CosmoError as error:
        return _page(
            request, session, principal, idea, locale, status=error.status, problem=error.detail, typed=typed
        )
    return _there(idea)


def _there(idea: Idea) -> Response:
    return RedirectResponse(f"/plant/ideas/{idea.id}", 303)


@router.post("/{plant_idea}/claim", dependencies=[allow(Role.ENGINEER)])
def claim(
    request: Request,
    plant_idea: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    give_back: Typed = "",
) -> Response:
    """Take it up, or give it back."""
    idea = _theirs(session, principal, plant_idea)
    act = ideas.give_back if give_back else ideas.claim
    return _done(request, session, principal, idea, locale, lambda who: act(session, idea, who, now))


@router.post("/{plant_idea}/proposals", dependencies=[allow(Role.ENGINEER)])
def propose(
    request: Request,
    plant_idea: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    words: Typed = "",
    price: Typed = "",
    picture_id: Typed = "",
    picture: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Post a proposal; the form again, with everything typed and the picture, if something is missing."""
    idea = _theirs(session, principal, plant_idea)
    kept, refused = kept_picture(request, session, principal, picture, picture_id, now)
    typed = {"words": words, "price": price, "picture_id": kept["sketch_id"],
             "picture_name": kept["sketch_name"]}  # fmt: skip
    about = rough(price)
    errors = _wrong(words, about, refused, locale)
    if errors or about is None:
        return _page(request, session, principal, idea, locale, status=422, errors=errors, typed=typed)
    return _done(
        request, session, principal, idea, locale,
        lambda who: ideas.propose(
            session, idea, who, words=words, price=about, picture_id=typed["picture_id"], now=now
        ),
        typed,
    )  # fmt: skip


def rough(text: str) -> Decimal | None:
    """A price as typed, to the cent; None for what is none."""
    price = typed_number(text)
    fine = price is not None and CENT <= price <= ideas.MOST_PRICE
    return price.quantize(CENT) if price is not None and fine else None


def _wrong(words: str, price: Decimal | None, refused: str, locale: str) -> Errors:
    wrong: Errors = {}
    if said := too_long(words, locale, ideas.WORDS):
        wrong["words"] = said
    if not words.strip():
        wrong["words"] = gettext(locale, NO_WORDS)
    if price is None:
        wrong["price"] = gettext(locale, NO_PRICE)
    if refused:
        wrong["picture"] = gettext(locale, refused)
    return wrong


@router.post("/{plant_idea}/choice", dependencies=[allow(Role.ENGINEER)])
def choose(
    request: Request,
    plant_idea: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    proposal_id: Typed = "",
) -> Response:
    """This proposal is what the plant wants to make."""
    idea = _theirs(session, principal, plant_idea)
    return _done(
        request, session, principal, idea, locale,
        lambda who: ideas.choose(session, idea, who, proposal_id, now),
    )  # fmt: skip


@router.post("/{plant_idea}/draft", dependencies=[allow(Role.ENGINEER)])
def open_draft(
    request: Request,
    plant_idea: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
) -> Response:
    """Begin a draft of its family's next release, with the chosen proposal as its note."""
    idea = _theirs(session, principal, plant_idea)
    return _done(
        request, session, principal, idea, locale, lambda who: ideas.open_draft(session, idea, who, now)
    )


@router.post("/{plant_idea}/refusal", dependencies=[allow(Role.ENGINEER)])
def decline(
    request: Request,
    plant_idea: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    reason: Typed = "",
) -> Response:
    """The plant will not make it, and says why."""
    idea, typed = _theirs(session, principal, plant_idea), {"reason": reason}
    said = too_long(reason, locale, ideas.WORDS)
    try:
        if said:
            return _page(
                request, session, principal, idea, locale, status=422, errors={"reason": said}, typed=typed
            )
        ideas.decline(session, idea, designer_of(session, principal), reason, now)
    except CosmoError as error:
        at_field = {"reason": gettext(locale, error.detail)} if error.status == 422 else {}
        problem = "" if at_field else error.detail
        return _page(
            request, session, principal, idea, locale,
            status=error.status, errors=at_field, problem=problem, typed=typed,
        )  # fmt: skip
    return _there(idea)
