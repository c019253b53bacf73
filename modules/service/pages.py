"""The passport behind the QR code, the customer's claim and rating, the service agent's desk."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from cosmo.access import order_by_token
from cosmo.errors import CosmoError
from cosmo.i18n import N_, gettext
from cosmo.identity import Principal
from cosmo.orders import Order
from cosmo.owing import quantity_of
from cosmo.parties import Plant, Role
from cosmo.promise import spec_of
from modules.service import service
from modules.service.as_built import by_section, parts_of, public
from modules.service.names import kind_names, section_names
from modules.service.schemas import ClaimIn, RatingIn
from web.deps import CurrentNow, CurrentPrincipal, Locale, ReadSession, WriteSession, allow
from web.drawing.qr import qr_svg
from web.site import site
from web.templating import render
from web.texts import too_long
from web.visits import visit_of

router = APIRouter()
EVERYONE = tuple(Role)
STARS = ("1", "2", "3", "4", "5")
MOST_DIGITS = 9


@router.get("/made/{passport_code}", dependencies=[allow(*EVERYONE)])
def passport(request: Request, passport_code: str, session: ReadSession, locale: Locale) -> Response:
    """The product's own page: what it is made of, when, where; no person, no price."""
    found = service.passport_by_code(session, passport_code)
    order = session.get_one(Order, found.order_id)
    return render(
        request,
        "service/passport.html",
        passport=found,
        brand=session.get_one(Plant, order.plant_id).name,
        order=order,
        spec=spec_of(session, order.id),
        pieces=quantity_of(session, order),
        plant=session.get_one(Plant, order.plant_id),
        sections=by_section(public(parts_of(session, order))),
        section_names=section_names(locale),
        qr=qr_svg(f"{site(request).settings.base_url}/made/{passport_code}"),
    )


@router.post("/track/{token}/claims", dependencies=[allow(*EVERYONE)])
def claim(
    request: Request,
    token: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    kind: Annotated[str, Form()] = "",
    pieces: Annotated[str, Form()] = "",
    text: Annotated[str, Form()] = "",
) -> Response:
    """Open a claim; what was typed stays if something is missing."""
    order = order_by_token(session, token)
    most = quantity_of(session, order)
    typed = {"kind": kind, "pieces": pieces, "text": text}
    if problem := too_long(text, locale):
        return _again(request, token, most, 422, problem, typed, locale)
    try:
        wish = ClaimIn.model_validate(typed)
        with session.begin_nested():
            service.open_claim(session, order.id, wish, actor=principal.account_id or "guest", now=now)
    except ValidationError:
        problem = N_("Say what is wrong, with how many pieces, and describe it in a sentence.")
        return _again(request, token, most, 422, problem, typed, locale)
    except CosmoError as error:
        return _again(request, token, most, error.status, error.detail, typed, locale)
    return RedirectResponse(f"/track/{token}#service", 303)


def _again(
    request: Request,
    token: str,
    most: int,
    status: int,
    problem: str,
    typed: dict[str, str],
    locale: str,
) -> Response:
    return render(
        request,
        "service/claim_again.html",
        status=status,
        token=token,
        most=most,
        problem=problem,
        typed=typed,
        kind_names=kind_names(locale),
    )


@router.post("/track/{token}/rating", dependencies=[allow(*EVERYONE)])
def rating(
    request: Request,
    token: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    stars: Annotated[str, Form()] = "",
    text: Annotated[str, Form()] = "",
) -> Response:
    """Rate the order; with another number, or too long a text, the form comes back."""
    order = order_by_token(session, token)
    wrong = "" if stars in STARS else gettext(locale, N_("Choose a number from 1 to 5."))
    if problem := wrong or too_long(text, locale):
        return render(
            request, "service/rating_again.html", status=422, token=token, typed=text, problem=problem
        )
    wish = RatingIn(stars=int(stars), text=text)
    service.rate(session, order.id, wish, actor=principal.account_id or "guest", now=now)
    return RedirectResponse(f"/track/{token}#service", 303)


@router.get("/service", dependencies=[allow(Role.SERVICE)])
def desk(request: Request, session: ReadSession, principal: CurrentPrincipal) -> Response:
    """Claims, open ones first."""
    return _desk(request, session, principal)


def _desk(
    request: Request,
    session: Session,
    principal: Principal,
    *,
    status: int = 200,
    wrong: str = "",
    problem: str = "",
    typed: Mapping[str, str] | None = None,
) -> Response:
    """`wrong` names the claim that was not answered; `typed` keeps its fields: pieces, word, reason."""
    assert principal.party_id is not None
    rows = [
        {
            "claim": claim,
            "order": (order := session.get_one(Order, claim.order_id)),
            "pieces": quantity_of(session, order),
            "spec": spec_of(session, order.id),
            "plant": session.get_one(Plant, order.plant_id),
            "remake": session.get(Order, claim.remake_id) if claim.remake_id else None,
        }
        for claim in service.claims_at(session, principal.party_id)
    ]
    return render(
        request,
        "service/desk.html",
        status=status,
        rows=rows,
        wrong=wrong,
        problem=problem,
        typed=typed or {},
        kind_names=kind_names(visit_of(request).locale),
    )


@router.post("/service/claims/{claim_id}/remake", dependencies=[allow(Role.SERVICE)])
def remake(
    request: Request,
    claim_id: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    pieces: Annotated[str, Form()] = "",
    answer: Annotated[str, Form()] = "",
) -> Response:
    """Accept the claim and make the pieces again; what cannot be comes back as it was typed."""
    found = service.claim_for(session, principal.party_id, claim_id)
    typed = {"pieces": pieces, "word": answer}
    counted = pieces.isdecimal() and len(pieces) <= MOST_DIGITS and int(pieces) >= 1
    uncounted = "" if counted else N_("Say how many pieces are made again, at least one.")
    if problem := uncounted or too_long(answer, locale):
        return _desk(request, session, principal, status=422, wrong=claim_id, typed=typed, problem=problem)
    actor = principal.account_id or "service"
    try:
        with session.begin_nested():  # a remake that cannot be placed leaves the claim open
            service.accept(session, found.id, int(pieces), answer.strip(), actor=actor, now=now)
    except CosmoError as error:
        return _desk(
            request,
            session,
            principal,
            status=error.status,
            wrong=claim_id,
            typed=typed,
            problem=error.detail,
        )
    return RedirectResponse("/service", 303)


@router.post("/service/claims/{claim_id}/rejection", dependencies=[allow(Role.SERVICE)])
def reject(
    request: Request,
    claim_id: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    answer: Annotated[str, Form()] = "",
) -> Response:
    """Answer why not."""
    found = service.claim_for(session, principal.party_id, claim_id)
    typed = {"reason": answer}
    empty = "" if answer.strip() else N_("Write a sentence for the customer; it says why.")
    if problem := empty or too_long(answer, locale):
        return _desk(request, session, principal, status=422, wrong=claim_id, typed=typed, problem=problem)
    actor = principal.account_id or "service"
    try:
        service.reject(session, found.id, answer.strip(), actor=actor, now=now)
    except CosmoError as error:
        return _desk(
            request,
            session,
            principal,
            status=error.status,
            wrong=claim_id,
            typed=typed,
            problem=error.detail,
        )
    return RedirectResponse("/service", 303)
