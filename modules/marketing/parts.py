"""What marketing brings to the house."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cosmo.i18n import N_
from cosmo.parties import Role
from cosmo.ports import Catalogue, Pricer
from cosmo.registry import NavItem, Parts, Slot
from modules.marketing.catalogue import ShopCatalogue
from modules.marketing.handlers import HANDLERS
from modules.marketing.presale_jobs import JOBS
from modules.marketing.pricing import RatePricer
from modules.marketing.slots import idea_panel, track_panel, track_todo

HERE = Path(__file__).parent
_SELLERS = frozenset({str(Role.SELLER)})
_CUSTOMERS = frozenset({str(Role.GUEST), str(Role.CUSTOMER)})
_READERS = _SELLERS | {str(Role.PLANNER)}


def _routers() -> Sequence[Any]:
    from modules.marketing import (
        api,
        api_presales,
        pages,
        pages_catalogue,
        pages_plant_presales,
        pages_presale,
    )

    presales = (api_presales.router, pages_presale.router, pages_plant_presales.router)
    return (api.router, pages.router, pages_catalogue.router, *presales)


def parts() -> Parts:
    return Parts(
        handlers=HANDLERS,
        jobs=JOBS,
        ports={Pricer: RatePricer(), Catalogue: ShopCatalogue()},
        nav=(
            NavItem(N_("Prices"), "/plant/prices", _SELLERS, 49),
            NavItem(N_("Catalogue"), "/plant/catalogue", _SELLERS, 50),
            NavItem(N_("Pre-sales"), "/plant/presales", _SELLERS, 50),
            NavItem(N_("Pre-sales"), "/presales", _CUSTOMERS, 23),
            NavItem(N_("Insight"), "/plant/insight", _READERS, 51),
            NavItem(N_("Papers"), "/plant/papers", _SELLERS, 52),
        ),
        slots=(
            Slot("track.todo", track_todo, 40),
            Slot("track.panel", track_panel, 40),
            Slot("idea.panel", idea_panel, 40),
        ),
        routers=_routers,
        migrations=HERE / "migrations",
        templates=HERE / "templates",
        locales=HERE / "locales",
    )
