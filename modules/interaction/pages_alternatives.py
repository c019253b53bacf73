"""What one other choice would do to date and price: a part that the configurator loads a moment after its
first answer, and a page for who has no script."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from cosmo import formats
from cosmo.alternatives import Alternative, alternatives, without_rush
from cosmo.asking import answerers_at, family_card
from cosmo.clock import Now
from cosmo.i18n import N_, gettext
from cosmo.identity import Principal
from cosmo.ports import FamilyCard
from modules.interaction import selecting
from modules.interaction.asking import Told, ask_configurator
from modules.interaction.guessing import without_guesses
from modules.interaction.wishing import Wish, wish_of
from modules.interaction.words import difference
from web.deps import EVERYONE, CurrentNow, CurrentPrincipal, Locale, allow
from web.lane import NobodyWaits, Pause
from web.ordering import customer_of
from web.site import site
from web.templating import render

router = APIRouter()


@router.get("/configure/{family}/alternatives", dependencies=[allow(*EVERYONE)])
async def others(
    request: Request, family: str, principal: CurrentPrincipal, now: CurrentNow, locale: Locale
) -> Response:
    """For every option the other value that comes soonest, then costs least, as links; the selections are the
    query's. It gives way to every answer, and ends where the customer has gone on to another choice."""

    def work(session: Session, pause: Pause) -> Response:
        return _told(request, session, family_card(session, family), principal, now, locale, pause)

    try:
        return await site(request).lane.run(request, work)
    except NobodyWaits:
        return Response(status_code=204)


def _told(
    request: Request,
    session: Session,
    card: FamilyCard,
    principal: Principal,
    now: Now,
    locale: str,
    pause: Pause,
) -> Response:
    query = without_guesses(request, session, card, request.query_params, now)
    wish = wish_of(session, card, query, locale)
    chosen = (wish.selections, wish.quantity, wish.ship_to)
    service = wish.service or None
    told = ask_configurator(
        session, card.slug, *chosen, locale, now, service=service, requested=wish.requested, code=wish.code,
        customer_id=customer_of(principal),
    )  # fmt: skip
    part = request.headers.get("HX-Request")
    return render(
        request,
        "interaction/alternatives_part.html" if part else "interaction/alternatives.html",
        card=card,
        lines=_lines(session, card, wish, told, now, locale, pause),
        problem=told.problem,
        back=_address(card, wish, {}),
        brand=told.plant.name,
    )


def _lines(
    session: Session, card: FamilyCard, wish: Wish, told: Told, now: Now, locale: str, pause: Pause
) -> list[dict[str, str]]:
    if told.offer is None:
        return []
    found = alternatives(
        session, answerers_at(session, card.manufacturer_id), told.plant.id, told.offer, told.answer, now,
        service=wish.service or None, pause=pause,
    )  # fmt: skip
    lines = _later(session, card, wish, told, now, locale)
    names = {str(option["id"]): str(option["name"]) for option in wish.described["options"]}
    return [*lines, *(_line(card, wish, names, one, locale) for one in found)]


def _later(
    session: Session, card: FamilyCard, wish: Wish, told: Told, now: Now, locale: str
) -> list[dict[str, str]]:
    """Where so soon a day costs more: the first one that does not."""
    assert told.offer is not None
    answerers, service = answerers_at(session, card.manufacturer_id), wish.service or None
    found = without_rush(session, answerers, told.plant.id, told.offer, now, service)
    if found is None:
        return []
    return [
        {
            "label": gettext(locale, N_("Without the rush")),
            "day": formats.shortday(found.needed_by, locale),
            "price": difference(found.difference, found.currency, locale),
            "href": _address(card, replace(wish, requested=found.needed_by), {}),
        }
    ]


def _line(
    card: FamilyCard, wish: Wish, names: Mapping[str, str], one: Alternative, locale: str
) -> dict[str, str]:
    label = gettext(locale, N_("{option}: {new}"), option=names[one.option], new=one.label)
    price = difference(one.difference, one.currency, locale) if one.difference else ""
    return {
        "label": label,
        "day": formats.shortday(one.delivery_date, locale),
        "price": price or gettext(locale, N_("same price")),
        "href": _address(card, wish, {one.option: one.value}),
    }


def _address(card: FamilyCard, wish: Wish, changes: Mapping[str, Any]) -> str:
    """The configurator with these changes made, and what they were before, for Undo."""
    was = {name: str(wish.selections.get(name, "")) for name in changes}
    made = {**wish.selections, **changes}
    return selecting.address(
        card.slug,
        made,
        wish.quantity,
        wish.ship_to,
        wish.service,
        was,
        wish.requested,
        wish.code,
        wish.design,
        wish.laid,
    )
