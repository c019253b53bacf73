"""The seller's insight: the page, its tables for spreadsheets, and the same as data."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from sqlmodel import Session
from starlette.responses import Response

from cosmo.access import plant_for, plants_of
from cosmo.asking import all_families
from cosmo.errors import NotFound
from cosmo.i18n import N_, pick
from cosmo.identity import Principal
from cosmo.parties import Role
from modules.marketing import insight, insight_view
from modules.marketing.conflicts import conflicts_met
from modules.marketing.insight import WINDOW, WINDOWS, Group
from modules.marketing.insight_view import Scope
from web.deps import CurrentNow, CurrentPrincipal, Locale, ReadSession, allow
from web.templating import render

router = APIRouter()
api = APIRouter(prefix="/api/v1", tags=["marketing"])
NO_CHOICE = N_("There is no such product or time to choose here. This is everything in the usual time.")
Days = Annotated[int, Query(ge=1, le=max(WINDOWS))]


def _scope(session: Session, principal: Principal, plant: str, family: str, days: int) -> Scope:
    """The chosen plant (all where none is named) and family (all of these plants). Raises `NotFound`."""
    plants = [plant_for(session, principal, plant)] if plant else plants_of(session, principal)
    ids = {one.id for one in plants}
    cards = [card for card in all_families(session) if card.plant_id in ids]
    if family and family not in {card.slug for card in cards}:
        raise NotFound("There is no such product family here.")
    return Scope(plants, [card for card in cards if family in ("", card.slug)], days)


def _window(days: str) -> int:
    return int(days) if days in map(str, WINDOWS) else WINDOW


@router.get("/plant/insight", dependencies=[allow(Role.SELLER)])
def page(
    request: Request,
    session: ReadSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    plant: str = "",
    family: str = "",
    days: str = "",
) -> Response:
    """What customers ask for and what becomes of their quotes, as drawings with their tables. A family or a
    time that is none is said to be none, and everything is shown instead."""
    every = _scope(session, principal, plant, "", _window(days))
    chosen = family if family in {card.slug for card in every.cards} else ""
    scope = _scope(session, principal, plant, chosen, _window(days))
    problem = "" if chosen == family and days in {"", *map(str, WINDOWS)} else NO_CHOICE
    return render(
        request,
        "marketing/insight.html",
        status=422 if problem else 200,
        problem=problem,
        page=insight_view.page(session, scope, now, locale),
        chosen={"plant": plant, "family": chosen, "days": scope.days},
        plants=[(one.slug, one.name) for one in plants_of(session, principal)],
        families=[(card.slug, pick(card.name, locale)) for card in every.cards],
        windows=WINDOWS,
        least=insight.LEAST,
        most_conflicts=insight_view.MOST_CONFLICTS,
        most_ways=insight_view.MOST_WAYS,
    )


@router.get("/plant/insight.csv", dependencies=[allow(Role.SELLER)])
def spreadsheet(
    session: ReadSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
    table: str = "weeks",
    plant: str = "",
    family: str = "",
    days: Days = WINDOW,
) -> Response:
    """One of the page's tables: weeks, families, prices, days, wishes, conflicts or options."""
    scope = _scope(session, principal, plant, family, days)
    text = insight_view.table(session, scope, table, now, locale)
    headers = {"Content-Disposition": f'attachment; filename="insight-{table}.csv"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


@api.get("/plants/{slug}/insight/{family}", dependencies=[allow(Role.SELLER)])
def data(
    slug: str,
    family: str,
    session: ReadSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    days: Days = WINDOW,
) -> dict[str, Any]:
    """What customers asked for in `days`: `{family, quotes, orders, lapsed, conversion, choices}`.

    Also what became of the quotes by week, band of price, promised days and day asked for, each
    `{key, quotes, taken, lost, replaced, open}`; and the rules met, and what was chosen instead.
    """
    scope = _scope(session, principal, slug, family, days)
    found = insight.demand(session, scope.plants[0].id, family, now, days)
    quotes = insight_view.quotes_of(session, scope, now)
    weeks = insight.by_week(quotes, scope.first(now), scope.today(now))
    choices = [
        {"option": c.option, "value": c.value, "quoted": c.quoted, "ordered": c.ordered, "pieces": c.pieces}
        for c in found.choices
    ]
    return {
        "family": family,
        "quotes": found.quotes,
        "orders": found.orders,
        "lapsed": found.lapsed,
        "conversion": round(found.conversion, 3),
        "choices": choices,
        "weeks": _groups(weeks),
        **{name: _groups(banded(quotes)) for name, (_title, _how, banded) in insight_view.SHARES.items()},
        "conflicts": _met(session, scope, now),
    }


def _groups(groups: list[Group]) -> list[dict[str, Any]]:
    names = ("key", "quotes", "taken", "lost", "replaced", "open")
    return [{name: getattr(one, name) for name in names} for one in groups]


def _met(session: Session, scope: Scope, now: CurrentNow) -> list[dict[str, Any]]:
    plants, families = [one.id for one in scope.plants], [card.slug for card in scope.cards]
    return [
        {
            "rule": one.rule,
            "times": one.times,
            "instead": [{"option": o, "value": v, "times": n} for o, v, n in one.instead],
        }
        for one in conflicts_met(session, plants, families, scope.first(now))
    ]
