"""What the list of products shows: families on offer, those that were never released, and how to add one."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session

from cosmo.access import plants_of
from cosmo.i18n import pick
from cosmo.identity import Principal
from cosmo.parties import Plant, Role
from modules.rnd import beginning, drafts, releases
from modules.rnd.family import family_of


def products_told(
    session: Session,
    principal: Principal,
    locale: str,
    typed: Mapping[str, str] | None = None,
    **problem: Any,
) -> dict[str, Any]:
    """The page's figures; `typed` is what a refused form held, `problem` what is wrong with it."""
    plants = plants_of(session, principal)
    found = releases.families_of(session, [plant.id for plant in plants])
    rows = [{"release": release, "family": family_of(release.content)} for _, release in found]
    told: dict[str, Any] = {"rows": rows, "begun": (), "add": None}
    if principal.role != Role.ENGINEER:
        return told
    told |= {"problem": None, "wrong": None, "there": None, **problem}
    told |= {"begun": _begun(session, plants), "typed": typed or {}}
    return told | {"add": {"places": _places(session, plants, locale), "copies": _copies(rows, locale)}}


def _begun(session: Session, plants: Sequence[Plant]) -> list[dict[str, Any]]:
    """Families that were never released, with the draft that is open, or the one that was discarded."""
    rows = releases.unreleased(session, [plant.id for plant in plants])
    return [
        {
            "slug": row.slug,
            "open": drafts.opened(session, row.slug),
            "discarded": drafts.discarded(session, row.slug),
        }
        for row in rows
    ]


def _copies(rows: Sequence[Mapping[str, Any]], locale: str) -> list[tuple[str, str]]:
    """The families to copy, as a field offers them."""
    return [(row["family"].slug, pick(row["family"].name, locale)) for row in rows]


def _places(session: Session, plants: Sequence[Plant], locale: str) -> list[tuple[str, str]]:
    """Where a small family's work may be done, at whichever plant."""
    found = [(plant, one) for plant in plants for one in beginning.stations(session, plant)]
    site = {plant.id: f"{plant.name}: " if len(plants) > 1 else "" for plant in plants}
    return [
        (place_of(plant, one.code), f"{site[plant.id]}{one.code}, {pick(one.name, locale)}")
        for plant, one in found
    ]


def place_of(plant: Plant, station: str) -> str:
    """A work centre among those of several plants, as one word of a form."""
    return f"{plant.slug} {station}"
