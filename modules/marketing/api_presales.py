"""/api/v1/presales: what runs, pledging, withdrawing; opening and closing for sellers."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlmodel import Session
from starlette.responses import Response

from cosmo import idempotency
from cosmo.access import plants_of
from cosmo.asking import all_families
from cosmo.errors import Invalid, NotFound
from cosmo.i18n import N_
from cosmo.identity import Principal
from cosmo.orders import Order
from cosmo.parties import Plant, Role
from modules.marketing import pledging, presales
from modules.marketing.pages_presale import CUSTOMERS
from modules.marketing.presale_models import Pledge, Presale
from modules.marketing.presale_schemas import PledgeIn, PledgeOut, PresaleIn, PresaleOut
from modules.marketing.presales import Wish
from web.deps import (
    EVERYONE,
    CurrentNow,
    CurrentPrincipal,
    Locale,
    ReadSession,
    RememberedPrincipal,
    WriteSession,
    allow,
)
from web.keys import Key, scope_of
from web.ordering import tracking_url
from web.problems import PROBLEMS
from web.shapes import ShipToIn, price_out
from web.site import site

router = APIRouter(prefix="/api/v1", tags=["marketing"], responses=PROBLEMS)


def _told(session: Session, presale: Presale, about: int | None = None) -> PresaleOut:
    return PresaleOut(
        id=presale.id,
        title=presale.title,
        words=presale.words,
        family=presale.family,
        plant=session.get_one(Plant, presale.plant_id).slug,
        selections=presale.selections,
        each=str(presale.each),
        list_each=str(presale.list_each),
        currency=presale.currency,
        pieces=presales.pieces_of(session, presale.id),
        threshold=presale.threshold,
        closes_on=presale.closes_on,
        state=presale.state,
        about_working_days=about,
    )


def _pledge(request: Request, session: Session, found: Pledge, locale: str) -> PledgeOut:
    presale = session.get_one(Presale, found.presale_id)
    order = session.get(Order, found.order_id) if found.order_id else None
    return PledgeOut(
        id=found.id,
        presale_id=found.presale_id,
        quantity=found.quantity,
        price=price_out(pledging.price_of(presale, found), locale),
        state=found.state,
        pledge_url=f"{site(request).settings.base_url.rstrip('/')}/pledge/{found.key}",
        tracking_url=tracking_url(request, order) if order else None,
    )


@router.get("/presales", dependencies=[allow(*EVERYONE)])
def list_presales(session: ReadSession) -> list[PresaleOut]:
    """Those that take pledges, first to close first."""
    return [_told(session, presale) for presale in presales.running(session)]


@router.get("/presales/{presale_id}", dependencies=[allow(*EVERYONE)])
def get_presale(presale_id: str, session: ReadSession, now: CurrentNow) -> PresaleOut:
    """One of them, with about how long making it would take."""
    presale = presales.find(session, presale_id)
    return _told(session, presale, presales.about_days(session, presale, now))


@router.post("/presales", status_code=201, dependencies=[allow(Role.SELLER)])
def open_presale(
    body: PresaleIn, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow, locale: Locale
) -> PresaleOut:
    """Open one. 422 with `conflicts` where it cannot be made as chosen."""
    cards = [card for card in all_families(session) if card.manufacturer_id == principal.party_id]
    card = next((one for one in cards if one.slug == body.family), None)
    if card is None:
        raise NotFound(N_("There is no such product family here."))
    wish = Wish(
        title=body.title,
        words=body.words,
        selections={k: v for k, v in {**card.defaults, **body.selections}.items() if v is not None},
        threshold=body.threshold,
        closes_on=body.closes_on,
        percent=body.percent,
        idea_id=body.idea_id,
    )
    return _told(session, presales.open_presale(session, card, wish, principal.actor, locale, now))


@router.post("/presales/{plant_presale}/closing", dependencies=[allow(Role.SELLER)])
def close(
    plant_presale: str, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow
) -> PresaleOut:
    """Close it early, below its threshold."""
    plants = [plant.id for plant in plants_of(session, principal)]
    presale = presales.theirs(session, plants, plant_presale)
    presales.lapse(session, presale.id, now)
    return _told(session, presale)


@router.post(
    "/presales/{presale_id}/pledges",
    status_code=201,
    dependencies=[allow(*CUSTOMERS)],
    response_model=PledgeOut,
)
def pledge(
    request: Request,
    presale_id: str,
    body: PledgeIn,
    session: WriteSession,
    principal: RememberedPrincipal,
    now: CurrentNow,
    locale: Locale,
    key: Key = None,
) -> PledgeOut | Response:
    """Take so many if enough others do too; nothing is paid before. The same `Idempotency-Key` with the same
    body replays the answer."""
    presale = presales.find(session, presale_id)
    scope, told = scope_of(principal), f"pledges {presale.id} {body.model_dump_json()}".encode()
    kept = idempotency.claim(session, scope, key, told, now) if key else None
    if kept is not None:
        return JSONResponse(kept.answer, kept.status)
    site(request).limiter.hit("pledge", request.client.host if request.client else "")
    who = _pledger(body, principal, locale)
    made = pledging.pledge(session, presale.id, who, body.quantity, now, agreed=body.agreed)
    answer = _pledge(request, session, made, locale)
    if key:
        idempotency.keep(session, scope, key, 201, answer.model_dump(mode="json"))
    return answer


def _pledger(body: PledgeIn, principal: Principal, locale: str) -> pledging.Pledger:
    party = principal.party_id if principal.role == Role.CUSTOMER else None
    if party is None and body.email is None:
        raise Invalid(N_("Say where our letters go: an e-mail address."), field="email")
    to = ShipToIn.model_validate(body.ship_to.model_dump()).port()
    return pledging.Pledger(body.ship_to.name, body.email or "", to, locale, party)


@router.get("/pledges/{pledge_key}", dependencies=[allow(*EVERYONE)])
def get_pledge(request: Request, pledge_key: str, session: ReadSession, locale: Locale) -> PledgeOut:
    """One's own pledge, for whoever holds its link."""
    return _pledge(request, session, pledging.by_key(session, pledge_key), locale)


@router.delete("/pledges/{pledge_key}", dependencies=[allow(*EVERYONE)])
def withdraw(request: Request, pledge_key: str, session: WriteSession, locale: Locale) -> PledgeOut:
    """Not take it after all; possible until the pre-sale has ended."""
    return _pledge(request, session, pledging.withdraw(session, pledge_key), locale)
