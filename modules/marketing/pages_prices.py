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
from modules.marketing.schemas import MOST_RATE, SEGMENT, ListIn, OfferIn, RateLine
from web.amounts import typed_number
from web.deps import CurrentNow, CurrentPrincipal, Locale, ReadSession, WriteSession, allow
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
CENT = Decimal("0.01")
NO_SEGMENT = N_("A segment is a short word in small letters, such as trade.")
NO_FAMILY = N_("There is no such price list here.")
NOT_A_RATE = N_("Write a number from 0 on, like 1.90.")
WRONG = {"segment": NO_SEGMENT, "valid_from": N_("Choose a day."), "valid_to": N_("Choose a day.")}


def _families(session: Session, plants: Sequence[Plant]) -> list[FamilyCard]:
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
    cards = _families(session, plants)
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
            {**_when(row, zone), "state": _state(row, counts, now)} for row in others if row.id != counts.id
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


def _state(row: PriceList, counts: PriceList, now: Now) -> str:
    """coming; over: it has ended, or another one counts instead of it; running."""
    if row.valid_from > now.business:
        return "coming"
    if lists.has_ended(row, now.business):
        return "over"
    instead = not row.segment and row.valid_to is None and counts.valid_from >= row.valid_from
    return "over" if instead else "running"


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
        card = next((c for c in _families(session, plants_of(session, principal)) if c.slug == family), None)
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
    segment: Annotated[str, Form()] = "",
) -> Response:
    """Count a customer to a segment from now on; empty: to none."""
    wanted = segment.strip().lower()
    if not SEGMENT.fullmatch(wanted):
        refused = {"customer": customer_id, "segment": segment}
        return _prices(request, session, principal, now, status=422, refused=refused)
    known = {party.id for party in customers_of(session, principal)}
    theirs = customer_id if customer_id in known else ""
    lists.put_in_segment(session, principal.party_id or "", theirs, wanted)
    return RedirectResponse("/plant/prices#customers", 303)


@router.get("/plant/prices/{family}/list", dependencies=[allow(Role.SELLER)])
def new_list(
    family: str, request: Request, session: ReadSession, principal: CurrentPrincipal, now: CurrentNow
) -> Response:
    """The form for a family's next price list, filled with the rates that count now."""
    card = _card(session, principal, family)
    return _form(request, session, card, now, _now_counting(session, card, now))


def _card(session: Session, principal: Principal, family: str) -> FamilyCard:
    found = [card for card in _families(session, plants_of(session, principal)) if card.slug == family]
    if not found:
        raise NotFound(NO_FAMILY)
    return found[0]


def _now_counting(session: Session, card: FamilyCard, now: Now) -> dict[str, str]:
    """What the form says first: each rate and cost as it is."""
    counts = lists.price_list(session, card.slug, now.business)
    lines = [RateLine.model_validate(line) for line in counts.lines] if counts else []
    rates = {f"rate-{line.code}": _plain(line.rate) for line in lines}
    return rates | {f"cost-{line.code}": _plain(line.cost) for line in lines if line.cost is not None}


def _plain(value: Decimal) -> str:
    """With two decimals at least, as money is read."""
    return format(value.quantize(CENT) if value == value.quantize(CENT) else value.normalize(), "f")


def _form(
    request: Request,
    session: Session,
    card: FamilyCard,
    now: Now,
    typed: Mapping[str, str],
    wrong: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    counts = lists.price_list(session, card.slug, now.business)
    if counts is None:
        raise NotFound(NO_FAMILY)
    plant = session.get_one(Plant, card.plant_id)
    return render(
        request,
        "marketing/price_list.html",
        status=status,
        card=card,
        currency=counts.currency,
        lines=[RateLine.model_validate(line) for line in counts.lines],
        kinds={code: translator(visit_of(request).locale)(word) for code, word in KINDS.items()},
        segments=sorted(set(lists.segments(session, card.manufacturer_id).values())),
        today=day_of(now.business, plant.timezone).isoformat(),
        typed=typed,
        wrong=wrong or {},
    )


@router.post("/plant/prices/{family}/list", dependencies=[allow(Role.SELLER)])
def write_list(
    family: str,
    request: Request,
    sent: SentForm,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
) -> Response:
    """Save it; the form again with what was typed where something is wrong, or with all rates raised."""
    card, typed = _card(session, principal, family), sent.fields
    rates, wrong = _read(typed)
    scale = typed.get("do") in ("raise", "lower")
    try:
        wish = ListIn.model_validate(_days(typed) | {"family": card.slug} | ({} if wrong else rates))
        raised, wrong = _raised(typed, rates, wrong, scale=scale)
        if wrong or scale:
            return _form(request, session, card, now, raised, wrong, 422 if wrong else 200)
        lists.write_list(session, session.get_one(Plant, card.plant_id), wish, principal.actor, now)
    except ValidationError as error:
        names = [_at(one["loc"]) for one in error.errors()]
        return _form(request, session, card, now, typed, {n: WRONG.get(n, NOT_A_RATE) for n in names}, 422)
    except CosmoError as error:
        where = {str(error.extra.get("field", "valid_from")): error.detail}
        return _form(request, session, card, now, typed, where, error.status)
    return RedirectResponse(f"/plant/prices#list-{card.slug}", 303)


def _at(loc: Sequence[int | str]) -> str:
    """The field of the form that an error is about."""
    prefix = {"rates": "rate-", "costs": "cost-"}.get(str(loc[0]))
    return f"{prefix}{loc[1]}" if prefix and len(loc) > 1 else str(loc[0])


def _days(typed: Mapping[str, str]) -> dict[str, str | None]:
    days = {name: typed.get(name, "").strip() or None for name in ("valid_from", "valid_to")}
    return {"segment": typed.get("segment", "").strip().lower(), **days}


def _read(typed: Mapping[str, str]) -> tuple[dict[str, dict[str, Decimal | None]], dict[str, str]]:
    """Rates and costs by code, and which fields are no number; an empty cost is one that is not known."""
    found: dict[str, dict[str, Decimal | None]] = {"rates": {}, "costs": {}}
    wrong: dict[str, str] = {}
    for name, text in typed.items():
        kind, _, code = name.partition("-")
        if kind not in ("rate", "cost") or not code:
            continue
        value = typed_number(text)
        bad = value is None or not 0 <= value <= MOST_RATE
        if bad and (kind == "rate" or text.strip()):
            wrong[name] = NOT_A_RATE
        found[f"{kind}s"][code] = value
    return found, wrong


def _raised(
    typed: Mapping[str, str],
    rates: Mapping[str, Mapping[str, Decimal | None]],
    wrong: Mapping[str, str],
    *,
    scale: bool,
) -> tuple[dict[str, str], dict[str, str]]:
    """What was typed with every rate so many percent higher, or lower, and what is wrong with it."""
    text = typed.get("percent", "").strip()
    percent = typed_number(text)
    if (text or scale) and (percent is None or not 0 < percent <= 90):
        return dict(typed), {**wrong, "percent": N_("Write percent up to 90, such as 3.5.")}
    if text and not scale:
        return dict(typed), {**wrong, "percent": N_("Raise or lower them first, or empty this field.")}
    if wrong or percent is None:
        return dict(typed), dict(wrong)
    change = -percent if typed["do"] == "lower" else percent
    raised = {
        f"rate-{code}": _plain((rate * (100 + change) / 100).quantize(CENT))
        for code, rate in rates["rates"].items()
        if rate is not None
    }
    return {**typed, **raised, "percent": ""}, {}


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
