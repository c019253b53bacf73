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
from modules.marketing.pricing import RatePricer
from modules.marketing.slots import track_panel, track_todo

HERE = Path(__file__).parent
_SELLERS = frozenset({str(Role.SELLER)})
_READERS = _SELLERS | {str(Role.PLANNER)}


def _routers() -> Sequence[Any]:
    from modules.marketing import api, pages, pages_catalogue

    return (api.router, pages.router, pages_catalogue.router)


def parts() -> Parts:
    return Parts(
        handlers=HANDLERS,
        ports={Pricer: RatePricer(), Catalogue: ShopCatalogue()},
        nav=(
            NavItem(N_("Prices"), "/plant/prices", _SELLERS, 49),
            NavItem(N_("Catalogue"), "/plant/catalogue", _SELLERS, 50),
            NavItem(N_("Insight"), "/plant/insight", _READERS, 51),
            NavItem(N_("Papers"), "/plant/papers", _SELLERS, 52),
        ),
        slots=(Slot("track.todo", track_todo, 40), Slot("track.panel", track_panel, 40)),
        routers=_routers,
        migrations=HERE / "migrations",
        templates=HERE / "templates",
        locales=HERE / "locales",
    )
