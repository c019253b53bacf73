"""The seller's campaigns: what runs, what came of it, a new one, and ending one; the same over the API."""

from decimal import Decimal
from typing import Any

from fastapi import APIRouter, Request
from pydantic import ValidationError
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from cosmo.access import plant_for, plants_of
from cosmo.asking import all_families
from cosmo.clock import Now
from cosmo.errors import CosmoError, Invalid, NotFound
from cosmo.i18n import N_, pick
from cosmo.identity import Principal
from cosmo.parties import Plant, Role
from cosmo.ports import FamilyCard
from modules.marketing.campaigns import campaigns_at, end_campaign, open_campaign, result_of
from modules.marketing.models import Campaign
from modules.marketing.schemas import CampaignIn
from web.amounts import typed_number
from web.deps import CurrentNow, CurrentPrincipal, Locale, ReadSession, WriteSession, allow
from web.forms import SentForm
from web.templating import render

router = APIRouter()
api = APIRouter(prefix="/api/v1", tags=["marketing"])
LANGUAGES = (("en", "English"), ("de", "Deutsch"), ("zh", "中文"))
NEEDED = {
    "name": N_("Name it in at most 80 letters."),
    "families": N_("Choose at least one product."),
    "percent": N_("Write a percentage from 0.01 to 90."),
    "from_quantity": N_("Write how many as a whole number from 1 to 100,000."),
    "code": N_("A code has 3 to 20 letters, digits or hyphens."),
    "first_day": N_("Write the day as in 2026-06-26."),
    "last_day": N_("Write the day as in 2026-06-26."),
}


def _cards(session: Session, plant: Plant) -> list[FamilyCard]:
    return [card for card in all_families(session) if card.plant_id == plant.id]


def _state(row: Campaign, now: Now) -> str:
    if row.valid_to <= now.business:
        return "over"
    return "running" if row.valid_from <= now.business else "coming"


def _page(
    request: Request,
    session: Session,
    principal: Principal,
    now: Now,
    locale: str,
    typed: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    plants = plants_of(session, principal)
    names = {card.slug: pick(card.name, locale) for plant in plants for card in _cards(session, plant)}
    rows = [
        {"row": row, "state": _state(row, now), "result": result_of(session, row)}
        for plant in plants
        for row in campaigns_at(session, plant.id)
    ]
    return render(
        request,
        "marketing/campaigns.html",
        status=status,
        rows=rows,
        names=names,
        languages=LANGUAGES,
        typed=typed or {},
        wrong=wrong or {},
    )


@router.get("/plant/campaigns", dependencies=[allow(Role.SELLER)])
def page(
    request: Request, session: ReadSession, principal: CurrentPrincipal, now: CurrentNow, locale: Locale
) -> Response:
    """All campaigns with what came of them, and the form for a new one."""
    return _page(request, session, principal, now, locale)


@router.post("/plant/campaigns", dependencies=[allow(Role.SELLER)])
def begin(
    request: Request,
    sent: SentForm,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
) -> Response:
    """Open it; the form again with what was typed where something is wrong."""
    typed = sent.fields
    try:
        wish = CampaignIn.model_validate(_read(typed))
        plant = _plant_of(session, principal, wish.families)
        families = [card.slug for card in _cards(session, plant)]
        open_campaign(session, plant, families, wish, principal.actor, now)
    except ValidationError as error:
        wrong = {_at(str(one["loc"][0])): NEEDED[str(one["loc"][0])] for one in error.errors()}
        return _page(request, session, principal, now, locale, typed, wrong, 422)
    except CosmoError as error:
        where = {str(error.extra.get("field", "name_en")): error.detail}
        return _page(request, session, principal, now, locale, typed, where, error.status)
    return RedirectResponse("/plant/campaigns", 303)


def _at(field: str) -> str:
    return "name_en" if field == "name" else field


def _read(typed: dict[str, str]) -> dict[str, Any]:
    names = {lang: typed.get(f"name_{lang}", "").strip() for lang, _word in LANGUAGES}
    percent = typed_number(typed.get("percent", ""))
    return {
        "name": {lang: name for lang, name in names.items() if name},
        "families": [name.removeprefix("family-") for name in typed if name.startswith("family-")],
        "percent": percent if percent is not None else Decimal(0),
        "from_quantity": typed.get("from_quantity", "").strip() or 1,
        "code": typed.get("code", "").strip(),
        "first_day": typed.get("first_day", "").strip(),
        "last_day": typed.get("last_day", "").strip(),
    }


def _plant_of(session: Session, principal: Principal, families: tuple[str, ...]) -> Plant:
    """The plant that makes the first of them; `open_campaign` sees to the others. Raises `Invalid`."""
    for plant in plants_of(session, principal):
        if families[0] in {card.slug for card in _cards(session, plant)}:
            return plant
    raise Invalid(N_("Choose product families of this plant."), field="families")


@router.post("/plant/campaigns/{campaign_id}/end", dependencies=[allow(Role.SELLER)])
def end(campaign_id: str, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow) -> Response:
    """End it now."""
    row = session.get(Campaign, campaign_id)
    plants = {plant.id: plant for plant in plants_of(session, principal)}
    if row is None or row.plant_id not in plants:
        raise NotFound("There is no such campaign here.")
    end_campaign(session, plants[row.plant_id], campaign_id, now)
    return RedirectResponse("/plant/campaigns", 303)


@api.get("/plants/{slug}/campaigns", dependencies=[allow(Role.SELLER)])
def listed(
    slug: str, session: ReadSession, principal: CurrentPrincipal, now: CurrentNow
) -> list[dict[str, Any]]:
    """The plant's campaigns, the newest first, with what came of each."""
    plant = plant_for(session, principal, slug)
    return [_told(session, row, now) for row in campaigns_at(session, plant.id)]


@api.post("/plants/{slug}/campaigns", status_code=201, dependencies=[allow(Role.SELLER)])
def open_one(
    slug: str, body: CampaignIn, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow
) -> dict[str, Any]:
    """A campaign from the start of its first day to the end of its last, at the plant."""
    plant = plant_for(session, principal, slug)
    families = [card.slug for card in _cards(session, plant)]
    return _told(session, open_campaign(session, plant, families, body, principal.actor, now), now)


def _told(session: Session, row: Campaign, now: Now) -> dict[str, Any]:
    result = result_of(session, row)
    told = row.model_dump(mode="json", exclude={"plant_id", "opened_by"})
    return told | {
        "percent": format(row.percent, "f"),
        "state": _state(row, now),
        "quotes": result.quotes,
        "orders": result.orders,
        "revenue": format(result.revenue, "f"),
        "discount": format(result.discount, "f"),
        "currency": result.currency,
    }
