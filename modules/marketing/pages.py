"""The seller's pages: prices and offers, insight, papers."""

from decimal import Decimal, InvalidOperation
from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from cosmo import ledger
from cosmo.access import order_by_token, plant_for, plants_of
from cosmo.asking import all_families
from cosmo.errors import CosmoError
from cosmo.i18n import N_, pick, translator
from cosmo.identity import Principal
from cosmo.orders import Order
from cosmo.parties import Plant, Role
from cosmo.ports import FamilyCard
from modules.marketing import service
from modules.marketing.api import pdf_of
from modules.marketing.papers import papers_at
from modules.marketing.schemas import OfferIn
from web.deps import CurrentNow, CurrentPrincipal, Locale, ReadSession, WriteSession, allow
from web.templating import render
from web.visits import visit_of

router = APIRouter()
KINDS = {
    "amount": N_("for each unit"),
    "percent": N_("percent of the sum before"),
    "minimum": N_("at least"),
}


def _families(session: Session, plants: list[Plant]) -> list[FamilyCard]:
    ids = {plant.id for plant in plants}
    return [card for card in all_families(session) if card.plant_id in ids]


@router.get("/plant/prices", dependencies=[allow(Role.SELLER)])
def prices(request: Request, session: ReadSession, principal: CurrentPrincipal) -> Response:
    """Price lists by family, offers, and the form for a new one."""
    return _prices(request, session, principal)


def _prices(
    request: Request,
    session: Session,
    principal: Principal,
    *,
    status: int = 200,
    problem: str = "",
    typed: dict[str, str] | None = None,
) -> Response:
    plants, locale = plants_of(session, principal), visit_of(request).locale
    lists = [row for plant in plants for row in service.price_lists(session, plant.id)]
    offers = [row for plant in plants for row in service.offers(session, plant.id)]
    return render(
        request,
        "marketing/prices.html",
        status=status,
        lists=lists,
        offers=offers,
        family_choices=[(c.slug, pick(c.name, locale)) for c in _families(session, plants)],
        kinds={code: translator(locale)(word) for code, word in KINDS.items()},
        problem=problem,
        typed=typed or {"family": "", "name": "", "percent": "", "from_quantity": ""},
    )


@router.post("/plant/prices/offers", dependencies=[allow(Role.SELLER)])
def make_offer(
    request: Request,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    family: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    percent: Annotated[str, Form()] = "",
    from_quantity: Annotated[str, Form()] = "",
) -> Response:
    """Save the offer; the form again with what was typed if something is wrong."""
    typed = {"family": family, "name": name, "percent": percent, "from_quantity": from_quantity}
    try:
        wish = OfferIn(
            family=family,
            name=name.strip(),
            percent=Decimal(percent.replace(",", ".")),
            from_quantity=int(from_quantity),
        )
        card = next((c for c in _families(session, plants_of(session, principal)) if c.slug == family), None)
        plant = plant_for(session, principal, card.plant_slug if card else "")
        service.make_offer(session, plant, wish, now)
    except (ValidationError, InvalidOperation, ValueError):
        problem = N_("An offer needs a family, a name, up to 90 percent and a whole number of pieces.")
        return _prices(request, session, principal, status=422, problem=problem, typed=typed)
    except CosmoError as error:
        status = 422 if error.status == 404 else error.status
        return _prices(request, session, principal, status=status, problem=error.detail, typed=typed)
    return RedirectResponse("/plant/prices", 303)


@router.post("/plant/prices/offers/{offer_id}/end", dependencies=[allow(Role.SELLER)])
def end_offer(offer_id: str, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow) -> Response:
    """End an offer now."""
    plant = _plant_of_offer(session, principal, offer_id)
    service.end_offer(session, plant, offer_id, now)
    return RedirectResponse("/plant/prices", 303)


def _plant_of_offer(session: Session, principal: Principal, offer_id: str) -> Plant:
    for plant in plants_of(session, principal):
        if any(offer.id == offer_id for offer in service.offers(session, plant.id)):
            return plant
    return plant_for(session, principal, "")


@router.get("/plant/papers", dependencies=[allow(Role.SELLER)])
def papers(request: Request, session: ReadSession, principal: CurrentPrincipal) -> Response:
    """Invoices and credit notes, newest first."""
    rows = [
        {
            "paper": paper,
            "order": session.get_one(Order, paper.order_id),
            "balance": ledger.balance(session, paper.order_id),
        }
        for plant in plants_of(session, principal)
        for paper in papers_at(session, plant.id)
    ]
    return render(request, "marketing/papers.html", rows=rows)


@router.get("/track/{token}/papers/{kind}", dependencies=[allow(*Role)])
def tracked_paper(
    token: str, kind: str, session: ReadSession, locale: Locale, number: str | None = None
) -> Response:
    """The paper for whoever holds the tracking link."""
    return pdf_of(session, order_by_token(session, token), kind, locale, number)


@router.post("/track/{token}/payment", dependencies=[allow(*Role)])
def pay_deposit(token: str, session: WriteSession, now: CurrentNow) -> Response:
    """Pay what must be in before work begins."""
    order = order_by_token(session, token)
    due = ledger.due_before_start(order) - ledger.total(session, order.id, "payment")
    if due > 0 and ledger.DEPOSIT_OPEN in (order.hold_reason or "").split(","):
        ledger.collect(session, order.id, due, now)
    return RedirectResponse(f"/track/{token}#money", 303)
