"""The seller's page of prices: lists by family with what is kept of each rate, offers, segments."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from cosmo.access import customers_of, plant_for, plants_of
from cosmo.asking import all_families
from cosmo.clock import Now
from cosmo.errors import CosmoError, NotFound
from cosmo.formats import day_of
from cosmo.i18n import N_, pick, translator
from cosmo.identity import Principal
from cosmo.parties import Plant, Role
from cosmo.ports import FamilyCard
from modules.marketing import lists, service
from modules.marketing.models import PriceList
from modules.marketing.schemas import SEGMENT, OfferIn, RateLine
from web.deps import CurrentNow, CurrentPrincipal, ReadSession, WriteSession, allow
from web.forms import SentForm
from web.templating import render
from web.visits import visit_of

router = APIRouter()
KINDS = {
    "amount": N_("for each unit"),
    "percent": N_("percent of the sum before"),
    "minimum": N_("at least"),
    "rush": N_("percent, where it is wanted soon"),
}
NO_SEGMENT = N_("A segment is a short word in small letters, such as trade.")
NO_FAMILY = N_("There is no such price list here.")


def families(session: Session, plants: Sequence[Plant]) -> list[FamilyCard]:
    ids = {plant.id for plant in plants}
    return [card for card in all_families(session) if card.plant_id in ids]


@router.get("/plant/prices", dependencies=[allow(Role.SELLER)])
def prices(request: Request, session: ReadSession, principal: CurrentPrincipal, now: CurrentNow) -> Response:
    """Price lists by family, offers with the form for a new one, and which customers are in a segment."""
    return _prices(request, session, principal, now)


def _prices(
    request: Request,
    session: Session,
    principal: Principal,
    now: Now,
    *,
    status: int = 200,
    problem: str = "",
    typed: dict[str, str] | None = None,
    refused: Mapping[str, str] | None = None,
) -> Response:
    plants, locale = plants_of(session, principal), visit_of(request).locale
    offers = [row for plant in plants for row in service.offers(session, plant.id)]
    cards = families(session, plants)
    return render(
        request,
        "marketing/prices.html",
        status=status,
        families=[one for card in cards if (one := _family(session, card, now))],
        offers=offers,
        family_choices=[(c.slug, pick(c.name, locale)) for c in cards],
        kinds={code: translator(locale)(word) for code, word in KINDS.items()},
        customers=_customers(session, principal, refused or {}),
        problem=problem,
        typed=typed or {"family": "", "name": "", "percent": "", "from_quantity": ""},
    )


def _family(session: Session, card: FamilyCard, now: Now) -> dict[str, Any] | None:
    """The list that counts now, line by line with what is kept, and every other list of the family."""
    counts = lists.price_list(session, card.slug, now.business)
    if counts is None:
        return None
    others = [row for row in lists.price_lists(session, card.plant_id) if row.family == card.slug]
    zone = session.get_one(Plant, card.plant_id).timezone
    return {
        "slug": card.slug,
        "name": card.name,
        **_when(counts, zone),
        "lines": [_shown(RateLine.model_validate(line)) for line in counts.lines],
        "others": [
            {**_when(row, zone), "state": _state(row, others, now)} for row in others if row.id != counts.id
        ],
    }


def _when(row: PriceList, zone: str) -> dict[str, Any]:
    """The list with its first and last day at the plant; no last one: until the next."""
    last = day_of(row.valid_to - timedelta(microseconds=1), zone) if row.valid_to else None
    return {"list": row, "first": day_of(row.valid_from, zone), "last": last}


def _shown(line: RateLine) -> dict[str, Any]:
    """A line, and how many percent of its rate are kept; None where that is not known."""
    known = line.has_cost and line.cost is not None and line.rate
    kept = (line.rate - (line.cost or 0)) / line.rate * 100 if known else None
    return {"line": line, "kept": None if kept is None else kept.quantize(Decimal(1))}


def _state(row: PriceList, known: Sequence[PriceList], now: Now) -> str:
    """coming; over: it has ended, or a newer one of its kind counts instead; below: it counts again after
    another one; running."""
    if row.valid_from > now.business:
        return "coming"
    if lists.has_ended(row, now.business):
        return "over"
    same = [one for one in known if one.segment == row.segment and lists.is_valid(one, now.business)]
    newer = [one for one in same if (one.valid_from, one.id) > (row.valid_from, row.id)]
    if any((one.valid_to is None) == (row.valid_to is None) for one in newer):
        return "over"
    return "below" if row.valid_to is None and any(one.valid_to for one in same) else "running"


def _customers(
    session: Session, principal: Principal, refused: Mapping[str, str]
) -> list[dict[str, str]]:
    """Each with their segment, or with what was typed instead and is none."""
    known = lists.segments(session, principal.party_id or "")
    told = [
        {"id": party.id, "name": party.name, "segment": known.get(party.id, ""), "error": ""}
        for party in customers_of(session, principal)
    ]
    for one in told:
        if one["id"] == refused.get("customer"):
            one["segment"], one["error"] = refused["segment"], NO_SEGMENT
    return told


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
        card = next((c for c in families(session, plants_of(session, principal)) if c.slug == family), None)
        plant = plant_for(session, principal, card.plant_slug if card else "")
        service.make_offer(session, plant, wish, now)
    except (ValidationError, InvalidOperation, ValueError):
        problem = N_("An offer needs a family, a name, up to 90 percent and a whole number of pieces.")
        return _prices(request, session, principal, now, status=422, problem=problem, typed=typed)
    except CosmoError as error:
        status = 422 if error.status == 404 else error.status
        return _prices(request, session, principal, now, status=status, problem=error.detail, typed=typed)
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


@router.post("/plant/prices/segments/{customer_id}", dependencies=[allow(Role.SELLER)])
def put_in_segment(
    customer_id: str,
    request: Request,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    sent: SentForm,
) -> Response:
    """Count a customer to a segment from now on; empty: to none."""
    typed = sent.fields.get("segment")
    wanted = (typed or "").strip().lower()
    if typed is None or not SEGMENT.fullmatch(wanted):
        refused = {"customer": customer_id, "segment": typed or ""}
        return _prices(request, session, principal, now, status=422, refused=refused)
    known = {party.id for party in customers_of(session, principal)}
    theirs = customer_id if customer_id in known else ""
    lists.put_in_segment(session, principal.party_id or "", theirs, wanted)
    return RedirectResponse("/plant/prices#customers", 303)


@router.post("/plant/prices/lists/{list_id}/end", dependencies=[allow(Role.SELLER)])
def end_list(
    list_id: str, request: Request, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow
) -> Response:
    """End a list now, or take away one that has not begun."""
    row = session.get(PriceList, list_id)
    plants = {plant.id: plant for plant in plants_of(session, principal)}
    if row is None or row.plant_id not in plants:
        raise NotFound(NO_FAMILY)
    family = row.family
    try:
        lists.end_list(session, plants[row.plant_id], list_id, now)
    except CosmoError as error:
        return _prices(request, session, principal, now, status=error.status, problem=error.detail)
    return RedirectResponse(f"/plant/prices#list-{family}", 303)
