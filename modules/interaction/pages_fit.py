"""Make it fit: a day and a budget are named, the nearest valid configurations are answered. Nothing changes
before one of them is taken; the address can be shared."""

from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from cosmo import formats
from cosmo.asking import answerers_at, family_card
from cosmo.clock import Now
from cosmo.fitting import Aim, Fitting, aimed_at, fitting
from cosmo.i18n import pick
from cosmo.parties import Role
from cosmo.ports import FamilyCard
from cosmo.promise import Offer
from modules.interaction.aiming import Aimed, aimed
from modules.interaction.asking import Told, ask_configurator, drawn_from
from modules.interaction.fit_view import FitView, as_chosen, hidden
from modules.interaction.guessing import without_guesses
from modules.interaction.wishing import Wish, wish_of
from web.amounts import counted
from web.deps import EVERYONE, CurrentNow, CurrentPrincipal, Locale, ReadSession, allow
from web.drawing.pictures import picture
from web.ordering import customer_of
from web.site import site
from web.templating import render

router = APIRouter()


@router.get("/configure/{family}/fit", dependencies=[allow(*EVERYONE)])
def fit(
    request: Request,
    family: str,
    session: ReadSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
    locale: Locale,
) -> Response:
    """The form for a day (`needed_by`, else the one wished for already) and a budget, and what fits them; the
    selections are the query's."""
    card = family_card(session, family)
    query = without_guesses(request, session, card, request.query_params, now)
    query.setdefault("needed_by", query.get("requested_date", ""))
    wish = wish_of(session, card, query, locale)
    asked = (wish.selections, wish.quantity, wish.ship_to)
    service = wish.service or None
    told = ask_configurator(
        session, family, *asked, locale, now, service=service, code=wish.code,
        customer_id=customer_of(principal),
    )  # fmt: skip
    today = formats.day_of(now.business, told.plant.timezone)
    typed = aimed(query, today, locale)
    if typed.aim:
        wish = replace(wish, requested=typed.aim.needed_by)
    if typed.aim and principal.role == Role.GUEST:  # before the plan is asked once more
        site(request).limiter.hit("fit", request.client.host if request.client else "")
    base = _as_ordered(session, card, wish, told, typed.aim, now)
    return render(
        request,
        "interaction/fit.html",
        status=422 if typed.errors else 200,
        card=card,
        brand=told.plant.name,
        back=as_chosen(card, wish),
        hidden=hidden(card, wish),
        typed=typed,
        today=today.isoformat(),
        problem=told.problem,
        chosen=base and _chosen(session, card, wish, base, locale),
        result=_result(session, card, wish, told, base, typed, now, locale),
    )


def _as_ordered(
    session: Session, card: FamilyCard, wish: Wish, told: Told, aim: Aim | None, now: Now
) -> Offer | None:
    """What is chosen now at the day and the price of who asks for the day of the aim."""
    if told.offer is None or aim is None:
        return told.offer
    answerers, service = answerers_at(session, card.manufacturer_id), wish.service or None
    return aimed_at(session, answerers, told.plant.id, told.offer, aim, now, service=service)


def _chosen(session: Session, card: FamilyCard, wish: Wish, offer: Offer, locale: str) -> dict[str, Any]:
    """What is chosen now: how it looks, when it comes, what it costs."""
    looks = drawn_from(session, card.manufacturer_id, card.slug, offer.ask.selections)
    return {
        "day": formats.day(offer.promise.delivery_date, locale),
        "price": formats.money(offer.price.amount, offer.price.currency, locale),
        "currency": offer.price.currency,
        "count": counted(offer.ask.quantity, card.unit, locale),
        "title": pick(offer.spec.title, locale),
        "picture": picture(card.drawing, {**looks, "laid": wish.laid}, uid="fit"),
    }


def _result(
    session: Session,
    card: FamilyCard,
    wish: Wish,
    told: Told,
    base: Offer | None,
    typed: Aimed,
    now: Now,
    locale: str,
) -> dict[str, Any] | None:
    if told.offer is None or base is None or typed.aim is None:
        return None
    made = _fitting(session, card, wish, told, told.offer, typed.aim, now)
    view = FitView(card, wish, base, told.plant.timezone, locale)
    return {
        "already": any(not one.changes for one in made.found),
        "found": view.found(made),
        "nearest": view.nearest(made),
        "whole": made.whole,
    }


def _fitting(
    session: Session, card: FamilyCard, wish: Wish, told: Told, offer: Offer, aim: Aim, now: Now
) -> Fitting:
    answerers = answerers_at(session, card.manufacturer_id)
    service = wish.service or None
    return fitting(session, answerers, told.plant.id, offer, told.answer, aim, now, service=service)
