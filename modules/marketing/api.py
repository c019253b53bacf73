"""/api/v1 of marketing: price lists, offers, demand insight, papers as PDF."""

from typing import Any

from fastapi import APIRouter, Response
from sqlmodel import Session

from cosmo import ledger
from cosmo.access import customers_of, order_for, plant_for
from cosmo.errors import NotFound
from cosmo.orders import Order
from cosmo.parties import Plant, Role
from cosmo.promise import ship_to_of
from modules.marketing import lists, service
from modules.marketing.margins import margin_of
from modules.marketing.models import Offer, Paper, PriceList
from modules.marketing.papers import papers_of
from modules.marketing.papers_pdf import Letter, paper_pdf
from modules.marketing.schemas import ListIn, MarginOut, OfferIn, SegmentIn
from web.deps import CurrentNow, CurrentPrincipal, Locale, ReadSession, WriteSession, allow

router = APIRouter(prefix="/api/v1", tags=["marketing"])
_PDF: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}}}


@router.get("/plants/{slug}/price-lists", dependencies=[allow(Role.SELLER)])
def price_lists(slug: str, session: ReadSession, principal: CurrentPrincipal) -> list[PriceList]:
    """All price lists of the plant, newest first by family."""
    return lists.price_lists(session, plant_for(session, principal, slug).id)


@router.post("/plants/{slug}/price-lists", status_code=201, dependencies=[allow(Role.SELLER)])
def write_list(
    slug: str, body: ListIn, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow
) -> PriceList:
    """A family's next price list, for everybody or for a segment; quotes keep the price they were given."""
    return lists.write_list(session, plant_for(session, principal, slug), body, principal.actor, now)


@router.delete("/plants/{slug}/price-lists/{list_id}", status_code=204, dependencies=[allow(Role.SELLER)])
def end_list(
    slug: str, list_id: str, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow
) -> None:
    """End a list now, or take away one that has not begun."""
    lists.end_list(session, plant_for(session, principal, slug), list_id, now)


@router.put(
    "/plants/{slug}/segments/{customer_id}", status_code=204, dependencies=[allow(Role.SELLER)]
)
def put_in_segment(
    slug: str, customer_id: str, body: SegmentIn, session: WriteSession, principal: CurrentPrincipal
) -> None:
    """Count a customer who has ordered here to a segment; empty: to none."""
    plant = plant_for(session, principal, slug)
    known = {party.id for party in customers_of(session, principal)}
    wanted = customer_id if customer_id in known else ""
    lists.put_in_segment(session, plant.manufacturer_id, wanted, body.segment)


@router.get("/orders/{order_id}/margin", dependencies=[allow(Role.SELLER)])
def margin(order_id: str, session: ReadSession, principal: CurrentPrincipal) -> MarginOut | None:
    """What the plant keeps of an order, before tax and without freight; null where no cost is stated."""
    found = margin_of(session, order_for(session, principal, order_id))
    return MarginOut.of(found) if found else None


@router.get("/plants/{slug}/offers", dependencies=[allow(Role.SELLER)])
def offers(slug: str, session: ReadSession, principal: CurrentPrincipal) -> list[Offer]:
    """Quantity offers, ended ones too."""
    return service.offers(session, plant_for(session, principal, slug).id)


@router.post("/plants/{slug}/offers", status_code=201, dependencies=[allow(Role.SELLER)])
def make_offer(
    slug: str, body: OfferIn, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow
) -> Offer:
    """A quantity offer from now on."""
    return service.make_offer(session, plant_for(session, principal, slug), body, now)


@router.get(
    "/orders/{order_id}/papers/{kind}",
    dependencies=[allow(Role.GUEST, Role.CUSTOMER, Role.SELLER, Role.PLANNER, Role.SERVICE)],
    response_class=Response,
    responses=_PDF,
)
def paper(
    order_id: str,
    kind: str,
    session: ReadSession,
    principal: CurrentPrincipal,
    locale: Locale,
    token: str | None = None,
    number: str | None = None,
) -> Response:
    """The order's `invoice` or `credit` note as PDF, of several the one of that `number`; `token` is the
    tracking token."""
    order = order_for(session, principal, order_id, token)
    return pdf_of(session, order, kind, locale, number)


def pdf_of(session: Session, order: Order, kind: str, locale: str, number: str | None = None) -> Response:
    """One paper of an order as a download. Raises `NotFound`."""
    papers = [p for p in papers_of(session, order.id) if p.kind == kind and number in (None, p.number)]
    found = papers[0] if papers else None
    if found is None:
        raise NotFound("There is no such paper for this order yet.")
    headers = {"Content-Disposition": f'inline; filename="{found.number}.pdf"'}
    return Response(_pdf(session, order, found, locale), media_type="application/pdf", headers=headers)


def _pdf(session: Session, order: Order, found: Paper, locale: str) -> bytes:
    plant = session.get_one(Plant, order.plant_id)
    sender = (plant.name, plant.street, f"{plant.postal_code} {plant.city}".strip())
    paid = ledger.total(session, order.id, "payment")
    to = ship_to_of(session, order)
    return paper_pdf(found, Letter(sender, to, order.number or "", paid, locale))
