"""The engineer's pages (products, releases, try-out, proofs) and the customer's answer to a proof."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from cosmo.access import order_by_token, plants_of
from cosmo.errors import Conflict, CosmoError, Invalid, NotFound
from cosmo.i18n import N_
from cosmo.identity import Principal
from cosmo.orders import Order
from cosmo.parties import Plant, Role
from modules.rnd import cases, engineering, proofing, releases
from modules.rnd.api import actor_of
from modules.rnd.describing import describe
from modules.rnd.models import Proof, Release
from modules.rnd.products_view import products_told
from modules.rnd.slots import proof_page
from modules.rnd.tryout import Tried, try_out
from web.deps import EVERYONE, CurrentNow, CurrentPrincipal, Locale, ReadSession, WriteSession, allow
from web.templating import render

router = APIRouter()
READERS = (Role.ENGINEER, Role.PLANNER, Role.SELLER, Role.SERVICE)
_PICTURE = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}


@router.get("/plant/products", dependencies=[allow(*READERS)])
def products(
    request: Request, session: ReadSession, principal: CurrentPrincipal, locale: Locale
) -> Response:
    """Every family of the manufacturer with the release it offers now; engineers may add one."""
    return render(request, "rnd/products.html", **products_told(session, principal, locale))


@router.get("/plant/products/{family}", dependencies=[allow(*READERS)])
def product(
    request: Request,
    family: str,
    session: ReadSession,
    principal: CurrentPrincipal,
    locale: Locale,
    release: str = "",
) -> Response:
    """One release: options, rules in words, how it is made, and a try-out."""
    shown = _release(session, principal, family, release)
    engine = releases.engine_of(session, shown.id)
    tried = _tried(request, session, shown, locale)
    return render(
        request,
        "rnd/product.html",
        status=_status(tried),
        family=engine.product.family,
        told=describe(engine, locale, shown.id),
        all_releases=releases.releases_of(session, family),
        proven=[(case, cases.run(engine, case, locale)) for case in engine.product.family.cases],
        checks=[rule for rule in engine.product.family.rules if rule.check],
        **_try_context(engine.product.family.options, tried, shown),
    )


@router.get("/plant/products/{family}/try", dependencies=[allow(*READERS)])
def tried_part(
    request: Request,
    family: str,
    session: ReadSession,
    principal: CurrentPrincipal,
    locale: Locale,
    release: str = "",
) -> Response:
    """The try-out alone, after every change."""
    shown = _release(session, principal, family, release)
    engine = releases.engine_of(session, shown.id)
    tried = _tried(request, session, shown, locale)
    context = _try_context(engine.product.family.options, tried, shown)
    return render(request, "rnd/try.html", status=_status(tried), **context)


def _status(tried: Tried) -> int:
    """Values that fight each other are what a try-out is for; one that can never be is refused."""
    return 422 if tried.wrong or any(len(c.options) == 1 for c in tried.answer.conflicts) else 200


def _try_context(options: object, tried: Tried, shown: Release) -> dict[str, Any]:
    return {"options": options, "tried": tried, "shown": shown}


def _tried(request: Request, session: Session, shown: Release, locale: str) -> Tried:
    """The form's state; without any option in the address, the defaults."""
    engine = releases.engine_of(session, shown.id)
    family = engine.product.family
    typed = dict(request.query_params)
    given = {name: value for name, value in typed.items() if name in engine.product.options and value}
    return try_out(engine, given or family.defaults, typed.get("quantity", ""), locale, shown.id)


def _release(session: Session, principal: Principal, family: str, release: str) -> Release:
    """The release named, or the current one, of a family of the principal's plants. Raises `NotFound`."""
    mine = releases.families_of(session, [plant.id for plant in plants_of(session, principal)])
    known = next((current for row, current in mine if row.slug == family), None)
    if known is None:
        raise NotFound(N_("There is no such product family here."))
    found = session.get(Release, release) if release else known
    if found is None or found.family != family:
        raise NotFound(N_("There is no such release here."))
    return found


@router.get("/plant/proofs", dependencies=[allow(Role.ENGINEER)])
def proofs(request: Request, session: ReadSession, principal: CurrentPrincipal) -> Response:
    """Proofs that wait for a customer or for the plant."""
    rows = proofing.waiting(session, [plant.id for plant in plants_of(session, principal)])
    return render(request, "rnd/proofs.html", rows=rows)


def _mine(session: Session, principal: Principal, proof_id: str) -> tuple[Proof, Order, Plant]:
    plants = {plant.id: plant for plant in plants_of(session, principal)}
    proof = proofing.of_plants(session, proof_id, list(plants))
    return proof, session.get_one(Order, proof.order_id), plants[proof.plant_id]


@router.get("/plant/proofs/{proof_id}", dependencies=[allow(*READERS)])
def proof(
    request: Request, proof_id: str, session: ReadSession, principal: CurrentPrincipal, locale: Locale
) -> Response:
    """One proof with its checks and the customer's answer."""
    return _proof(request, session, principal, proof_id, locale)


def _proof(
    request: Request,
    session: Session,
    principal: Principal,
    proof_id: str,
    locale: str,
    *,
    typed: str = "",
    error: CosmoError | None = None,
) -> Response:
    """The proof; where a new version is refused with what was typed, and whether that is what is wrong."""
    found, order, plant = _mine(session, principal, proof_id)
    told = proof_page(session, order, plant, found, f"/plant/proofs/{found.id}/artwork", locale)
    resend = principal.role == Role.ENGINEER and proofing.waits(order, found)
    problem = error.detail if error else ""
    told |= {"problem": problem, "wrong": problem if problem == proofing.TOO_LONG else ""}
    status = error.status if error else 200
    return render(
        request, "rnd/proof_page.html", status=status, order=order, resend=resend, typed=typed, **told
    )


@router.get("/plant/proofs/{proof_id}/artwork", dependencies=[allow(*READERS)])
def artwork(proof_id: str, session: ReadSession, principal: CurrentPrincipal) -> Response:
    """The artwork's picture, cleaned and small."""
    found, _, _ = _mine(session, principal, proof_id)
    return Response(found.preview, media_type=found.preview_type, headers=_PICTURE)


@router.post("/plant/proofs/{proof_id}/versions", dependencies=[allow(Role.ENGINEER)])
def send_again(
    request: Request,
    proof_id: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    note: Annotated[str, Form()] = "",
) -> Response:
    """Send a new version, made from the order as it is now; the note tells the customer what is different."""
    _, order, _ = _mine(session, principal, proof_id)
    try:
        made = proofing.send_again(session, order.id, now, actor_of(principal), note)
    except (Invalid, Conflict) as error:
        return _proof(request, session, principal, proof_id, locale, typed=note, error=error)
    return RedirectResponse(f"/plant/proofs/{made.id}", 303)


@router.get("/track/{token}/proof/artwork", dependencies=[allow(*EVERYONE)])
def tracked_artwork(token: str, session: ReadSession) -> Response:
    """The artwork's picture for whoever holds the tracking link."""
    found = proofing.latest(session, order_by_token(session, token).id)
    if found is None:
        raise NotFound(N_("This order has no proof."))
    return Response(found.preview, media_type=found.preview_type, headers=_PICTURE)


@router.post("/track/{token}/proof", dependencies=[allow(*EVERYONE)])
def answer(
    request: Request,
    token: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    answer: Annotated[str, Form()] = "",
    comment: Annotated[str, Form()] = "",
    version: Annotated[int | None, Form()] = None,
) -> Response:
    """The customer's answer from the tracking page; what was typed is kept if something is wrong."""
    order = order_by_token(session, token)
    try:
        if answer not in ("approve", "change"):
            raise Invalid(N_("Approve the proof, or write what should change and send it back."))
        proofing.answer(
            session,
            order.id,
            approved=answer == "approve",
            comment=comment,
            version=version,
            actor=actor_of(principal),
            now=now,
        )
    except CosmoError as error:
        if error.status != 422:
            raise
        found = proofing.latest(session, order.id)
        assert found is not None
        plant = session.get_one(Plant, order.plant_id)
        href = f"/track/{token}/proof/artwork"
        told = proof_page(session, order, plant, found, href, locale)
        return render(
            request, "rnd/answer.html", status=422, token=token, typed=comment, problem=error.detail, **told
        )
    engineering.go_on(session, order.id, now, actor_of(principal))
    return RedirectResponse(f"/track/{token}#proof", 303)
