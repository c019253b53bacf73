"""Which of a manufacturer's sites is meant: two may call a work centre or a firing by the same name."""

from collections.abc import Sequence
from urllib.parse import quote, urlencode

from sqlmodel import Session, col, select

from cosmo.access import plant_for, plants_of
from cosmo.errors import Conflict, NotFound
from cosmo.i18n import N_
from cosmo.identity import Principal
from cosmo.parties import Plant
from modules.manufacturing.models import WorkCentre

SEVERAL = N_("Several of your plants have this. Say which plant is meant.")


class SeveralPlants(Conflict):
    """`extra.plants` lists the slugs to choose from."""

    type, title = "several-plants", "Several of your plants have this"


def which(plants: Sequence[Plant]) -> SeveralPlants:
    """The refusal where a name alone does not say which plant is meant."""
    return SeveralPlants(SEVERAL, plants=[plant.slug for plant in plants])


def sites(session: Session, principal: Principal, slug: str | None) -> list[Plant]:
    """The plant of that slug, or all the principal works for. Raises `NotFound`."""
    return [plant_for(session, principal, slug)] if slug else plants_of(session, principal)


def plants_with(session: Session, principal: Principal, code: str, slug: str | None = None) -> list[Plant]:
    """The principal's plants that have this work centre. Raises `NotFound` where none has."""
    query = select(WorkCentre.plant_id).where(WorkCentre.code == code)
    plants = {plant.id: plant for plant in sites(session, principal, slug)}
    having = set(session.exec(query.where(col(WorkCentre.plant_id).in_(plants))))
    if not having:
        raise NotFound(f"There is no work centre {code} here.")
    return [plant for plant in plants.values() if plant.id in having]


def plant_with(session: Session, principal: Principal, code: str, slug: str | None = None) -> Plant:
    """The one plant meant. Raises `NotFound`, and `SeveralPlants` where only `slug` can tell."""
    plants = plants_with(session, principal, code, slug)
    if len(plants) > 1:
        raise which(plants)
    return plants[0]


def named(session: Session, principal: Principal, plant: Plant) -> str:
    """The slug that addresses need to tell the plant from the principal's others; empty where it is alone."""
    return plant.slug if len(plants_of(session, principal)) > 1 else ""


def floor_address(code: str, plant: str = "", act: str = "", step: str = "") -> str:
    """The tablet's page of a work centre, or where an act there is sent."""
    query = urlencode({name: value for name, value in (("plant", plant), ("step", step)) if value})
    return f"/floor/{quote(code, safe='')}{act}" + (f"?{query}" if query else "")
