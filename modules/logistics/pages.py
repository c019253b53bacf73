"""The carrier's page and the plant's shipping page."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from cosmo.access import plants_of
from cosmo.errors import CosmoError
from cosmo.i18n import N_
from cosmo.identity import Principal
from cosmo.parties import Role
from modules.logistics import service
from modules.logistics.api import shipment_for, told
from modules.logistics.models import Shipment
from web.deps import CurrentNow, CurrentPrincipal, Locale, ReadSession, WriteSession, allow
from web.templating import render
from web.texts import too_long

router = APIRouter()
NAME = 120
"""Characters of whoever took it in."""


def _rows(session: Session, shipments: list[Shipment]) -> list[dict[str, object]]:
    return [
        {"shipment": told(session, s), "timezone": service.plant_of(session, s).timezone} for s in shipments
    ]


@router.get("/carrier", dependencies=[allow(Role.CARRIER)])
def carrier(request: Request, session: ReadSession, principal: CurrentPrincipal) -> Response:
    """What to collect, what is on the way, what was delivered."""
    return _carrier_page(request, session, principal)


def _carrier_page(
    request: Request,
    session: Session,
    principal: Principal,
    *,
    status: int = 200,
    wrong: str = "",
    problem: str = "",
    typed: str = "",
) -> Response:
    rows = _rows(session, service.shipments_of(session, carrier_id=principal.party_id))
    return render(
        request, "logistics/carrier.html", status=status, rows=rows, wrong=wrong, problem=problem, typed=typed
    )


@router.post("/carrier/shipments/{shipment_id}/pickup", dependencies=[allow(Role.CARRIER)])
def pick_up(
    request: Request, shipment_id: str, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow
) -> Response:
    """The carrier has it; the page again with the reason where it may not be taken."""
    shipment_for(session, principal, shipment_id)
    try:
        with session.begin_nested():
            service.pick_up(session, shipment_id, None, now, principal.account_id or "carrier")
    except CosmoError as error:
        return _carrier_page(
            request, session, principal, status=error.status, wrong=shipment_id, problem=error.detail
        )
    return RedirectResponse("/carrier", 303)


@router.post("/carrier/shipments/{shipment_id}/delivery", dependencies=[allow(Role.CARRIER)])
def deliver(
    request: Request,
    shipment_id: str,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    received_by: Annotated[str, Form()] = "",
) -> Response:
    """It has arrived; what was typed stays if something is missing."""
    shipment_for(session, principal, shipment_id)
    empty = "" if received_by.strip() else N_("Write the name of whoever took it in.")
    if problem := empty or too_long(received_by, locale, NAME):
        return _carrier_page(
            request,
            session,
            principal,
            status=422,
            wrong=shipment_id,
            problem=problem,
            typed=received_by,
        )
    try:
        with session.begin_nested():  # refused, the shipment is as it was
            actor = principal.account_id or "carrier"
            service.deliver(session, shipment_id, received_by.strip(), None, now, actor)
    except CosmoError as error:
        return _carrier_page(
            request,
            session,
            principal,
            status=error.status,
            wrong=shipment_id,
            problem=error.detail,
            typed=received_by,
        )
    return RedirectResponse("/carrier", 303)


@router.get("/plant/shipping", dependencies=[allow(Role.PLANNER, Role.OPERATOR, Role.SERVICE)])
def shipping(request: Request, session: ReadSession, principal: CurrentPrincipal) -> Response:
    """All shipments of the manufacturer's plants, with their labels."""
    shipments = [
        s for plant in plants_of(session, principal) for s in service.shipments_of(session, plant_id=plant.id)
    ]
    return render(request, "logistics/shipping.html", rows=_rows(session, shipments))
