"""/api/v1 of service: claims, remakes, ratings, the as-built parts."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from cosmo.access import order_for
from cosmo.parties import Role
from modules.service import service
from modules.service.as_built import parts_of, public
from modules.service.models import Claim
from modules.service.schemas import ClaimIn, ClaimOut, RatingIn, RejectionIn, RemakeIn
from web.deps import CurrentNow, CurrentPrincipal, ReadSession, WriteSession, allow

router = APIRouter(prefix="/api/v1", tags=["service"])
_CUSTOMERS = (Role.GUEST, Role.CUSTOMER)


class PartOut(BaseModel):
    """One line of the as-built record."""

    section: str
    what: dict[str, str]
    value: str
    at: datetime | None


def _told(claim: Claim) -> ClaimOut:
    return ClaimOut.model_validate(claim, from_attributes=True)


@router.post("/orders/{order_id}/claims", status_code=201, dependencies=[allow(*_CUSTOMERS)])
def open_claim(
    order_id: str,
    body: ClaimIn,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    token: str | None = None,
) -> ClaimOut:
    """Say that something is wrong with a delivered order; `token` is the tracking token."""
    order = order_for(session, principal, order_id, token)
    actor = principal.account_id or "guest"
    return _told(service.open_claim(session, order.id, body, actor=actor, now=now))


@router.post("/orders/{order_id}/rating", status_code=201, dependencies=[allow(*_CUSTOMERS)])
def rate(
    order_id: str,
    body: RatingIn,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    token: str | None = None,
) -> dict[str, int]:
    """One to five; completes the order if no claim is open."""
    order = order_for(session, principal, order_id, token)
    rating = service.rate(session, order.id, body, actor=principal.account_id or "guest", now=now)
    return {"stars": rating.stars}


@router.get(
    "/orders/{order_id}/as-built",
    dependencies=[allow(*_CUSTOMERS, Role.PLANNER, Role.ENGINEER, Role.SELLER, Role.SERVICE)],
)
def as_built(
    order_id: str, session: ReadSession, principal: CurrentPrincipal, token: str | None = None
) -> list[PartOut]:
    """What it was made of, when, on which machine, from which lots."""
    order = order_for(session, principal, order_id, token)
    parts = parts_of(session, order) if principal.of_plant else public(parts_of(session, order))
    return [PartOut(section=p.section, what=p.what, value=p.value, at=p.at) for p in parts]


@router.get("/claims", dependencies=[allow(Role.SERVICE)])
def claims(session: ReadSession, principal: CurrentPrincipal) -> list[ClaimOut]:
    """The manufacturer's claims, open ones first."""
    assert principal.party_id is not None
    return [_told(claim) for claim in service.claims_at(session, principal.party_id)]


@router.post("/claims/{claim_id}/remake", status_code=201, dependencies=[allow(Role.SERVICE)])
def remake(
    claim_id: str, body: RemakeIn, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow
) -> ClaimOut:
    """Accept: the pieces are made again as a new order at no charge."""
    claim = service.claim_for(session, principal.party_id, claim_id)
    actor = principal.account_id or "service"
    service.accept(session, claim.id, body.pieces, body.answer, actor=actor, now=now)
    return _told(claim)


@router.post("/claims/{claim_id}/rejection", dependencies=[allow(Role.SERVICE)])
def reject(
    claim_id: str, body: RejectionIn, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow
) -> ClaimOut:
    """Answer why not."""
    claim = service.claim_for(session, principal.party_id, claim_id)
    actor = principal.account_id or "service"
    return _told(service.reject(session, claim.id, body.answer, actor=actor, now=now))
