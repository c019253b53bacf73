"""The shop, what stands in it, and the drawings."""

from typing import Any

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from cosmo.asking import answerers_at, family_card, shop_listings
from cosmo.design_ports import PublishedDesign
from cosmo.parties import Plant
from cosmo.ports import FamilyCard, Listing
from modules.interaction import selecting
from modules.interaction.asking import drawn_from
from modules.interaction.shelf import library_view
from web.amounts import counted, each
from web.deps import EVERYONE, CurrentNow, Locale, ReadSession, allow
from web.drawing.captions import caption
from web.drawing.pictures import picture, tint
from web.forms import TAKEN
from web.templating import render
from web.uploads import picture_of

router = APIRouter()
MOST_SHOWN = 4
"""Designs of a family on the shop's card; the configurator has them all."""


@router.get("/", dependencies=[allow(*EVERYONE)])
def shop(request: Request, session: ReadSession, now: CurrentNow, locale: Locale) -> Response:
    """What the plants list, drawn as it would be made."""
    families = [_listed(session, listing, locale) for listing in shop_listings(session, now)]
    return render(request, "interaction/shop.html", families=families)


def _listed(session: Session, listing: Listing, locale: str) -> dict[str, Any]:
    card = listing.card
    return {
        "card": card,
        "headline": listing.headline,
        "blurb": listing.blurb,
        "each": each(listing.each, listing.currency, card.unit, locale) if listing.each is not None else "",
        "count": counted(listing.quantity, card.unit, locale),
        "plant": session.get_one(Plant, card.plant_id),
        "campaign": listing.campaign,
        "picture": picture(card.drawing, card.defaults, uid=f"shop-{card.slug}"),
        "tint": tint(card.drawing, card.defaults),
        "library": library_view(card, _library(session, card), locale)[:MOST_SHOWN],
    }


def _library(session: Session, card: FamilyCard) -> tuple[PublishedDesign, ...]:
    return tuple(answerers_at(session, card.manufacturer_id).designs.published(session, card.slug))


@router.get("/preview/{family}.svg", dependencies=[allow(*EVERYONE)])
def preview(request: Request, family: str, session: ReadSession, locale: Locale) -> Response:
    """The configured product as a drawing; selections are the query."""
    card = family_card(session, family)
    chosen = {
        **card.defaults,
        **{k: v for k, v in request.query_params.items() if k not in TAKEN},
    }
    measured = drawn_from(session, card.manufacturer_id, card.slug, chosen)
    looks = {**measured, "laid": selecting.laid_of(request.query_params)}
    svg = str(picture(card.drawing, looks, uid="preview", title=caption(card.drawing, looks, locale)))
    if "xmlns=" not in svg:
        svg = svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return Response(svg, media_type="image/svg+xml", headers={"Content-Security-Policy": "sandbox"})


@router.get("/artwork/{attachment_id}", dependencies=[allow(*EVERYONE)])
def artwork(request: Request, attachment_id: str, session: ReadSession) -> Response:
    """An uploaded picture, for whoever knows its id (80 random bits); scripts in it never run."""
    return picture_of(request, session, attachment_id)
