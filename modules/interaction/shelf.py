"""What the configurator offers to start from, and where what is chosen can be kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sqlmodel import Session

from cosmo.asking import answerers_at
from cosmo.design_ports import PublishedDesign
from cosmo.errors import NotFound
from cosmo.i18n import N_, gettext, pick
from cosmo.identity import Principal
from cosmo.ports import FamilyCard
from modules.interaction import designs


@dataclass(frozen=True, slots=True)
class Shelf:
    """`design` and `title`: the saved design that is open; empty for none."""

    may_save: bool = False
    design: str = ""
    title: str = ""
    library: tuple[PublishedDesign, ...] = ()


def shelf_of(session: Session, principal: Principal, card: FamilyCard, design_id: str) -> Shelf:
    """Somebody else's design is none."""
    published = answerers_at(session, card.manufacturer_id).designs.published(session, card.slug)
    shelf = Shelf(designs.may_save(principal), library=tuple(published))
    if not design_id or not shelf.may_save:
        return shelf
    try:
        saved = designs.design_of(session, principal, design_id)
    except NotFound:
        return shelf
    if saved.order.family != card.slug:
        return shelf
    return Shelf(True, saved.design.id, saved.design.title, shelf.library)


def shelf_view(card: FamilyCard, shelf: Shelf, locale: str) -> dict[str, Any]:
    """Its buttons and pictures, as `parts/configure.html` shows them."""
    saves = [("save", N_("Save the changes")), ("save-as", N_("Save as another design"))]
    saves = saves if shelf.design else [("save-as", N_("Save this design"))]
    return {
        "saves": [{"value": value, "label": gettext(locale, label)} for value, label in saves]
        if shelf.may_save
        else [],
        "mine": gettext(locale, N_("My designs")),
        "start": gettext(locale, N_("Start from a design")),
        "library": library_view(card, shelf.library, locale),
    }


def saved_as(shelf: Shelf, locale: str) -> str:
    """Under which name the open design is saved; empty for none."""
    return gettext(locale, N_("Saved as “{title}”"), title=shelf.title) if shelf.title else ""


def library_view(card: FamilyCard, library: tuple[PublishedDesign, ...], locale: str) -> list[dict[str, str]]:
    """Each with its name, its picture's address, and the way to start from it."""
    return [
        {
            "title": pick(one.title, locale),
            "picture": f"/preview/{card.slug}.svg?{urlencode(_chosen(card, one))}",
            "href": f"/configure/{card.slug}?{urlencode({**_chosen(card, one), 'start': one.id})}",
        }
        for one in library
    ]


def _chosen(card: FamilyCard, one: PublishedDesign) -> Mapping[str, Any]:
    chosen = {**card.defaults, **one.selections}
    return {name: value for name, value in chosen.items() if value not in (None, "")}
