"""What marketing brings to the house."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cosmo.demand_ports import ConflictCount, Prospects
from cosmo.design_ports import DesignLibrary
from cosmo.i18n import N_
from cosmo.offer_ports import Offers
from cosmo.parties import Role
from cosmo.ports import Catalogue, Pricer
from cosmo.registry import NavItem, Parts, Slot
from modules.marketing.campaigns import RunningOffers
from modules.marketing.catalogue import ShopCatalogue
from modules.marketing.conflicts import KeptCount
from modules.marketing.handlers import HANDLERS
from modules.marketing.library import OwnLibrary
from modules.marketing.presale_jobs import JOBS
from modules.marketing.pricing import RatePricer
from modules.marketing.prospects import LearntProspects
from modules.marketing.slots import idea_panel, margin_panel, track_panel, track_todo

HERE = Path(__file__).parent
_SELLERS = frozenset({str(Role.SELLER)})
_CUSTOMERS = frozenset({str(Role.GUEST), str(Role.CUSTOMER)})


def _routers() -> Sequence[Any]:
    from modules.marketing import (
        api,
        api_presales,
        pages,
        pages_campaigns,
        pages_catalogue,
        pages_insight,
        pages_library,
        pages_plant_presales,
        pages_presale,
        pages_price_list,
        pages_prices,
    )

    presales = (api_presales.router, pages_presale.router, pages_plant_presales.router)
    offered = (pages_campaigns.router, pages_campaigns.api)
    insight = (pages_insight.router, pages_insight.api)
    listed = (pages_catalogue.router, pages_library.router)
    prices = (pages_prices.router, pages_price_list.router)
    return (api.router, pages.router, *prices, *listed, *offered, *insight, *presales)


def parts() -> Parts:
    return Parts(
        handlers=HANDLERS,
        jobs=JOBS,
        ports={
            Pricer: RatePricer(),
            Catalogue: ShopCatalogue(),
            ConflictCount: KeptCount(),
            Prospects: LearntProspects(),
            Offers: RunningOffers(),
            DesignLibrary: OwnLibrary(),
        },
        nav=(
            NavItem(N_("Prices"), "/plant/prices", _SELLERS, 49),
            NavItem(N_("Catalogue"), "/plant/catalogue", _SELLERS, 50),
            NavItem(N_("Campaigns"), "/plant/campaigns", _SELLERS, 50),
            NavItem(N_("Designs"), "/plant/designs", _SELLERS, 50),
            NavItem(N_("Pre-sales"), "/plant/presales", _SELLERS, 50),
            NavItem(N_("Pre-sales"), "/presales", _CUSTOMERS, 23),
            NavItem(N_("Insight"), "/plant/insight", _SELLERS, 51),
            NavItem(N_("Papers"), "/plant/papers", _SELLERS, 52),
        ),
        slots=(
            Slot("track.todo", track_todo, 40),
            Slot("track.panel", track_panel, 40),
            Slot("idea.panel", idea_panel, 40),
            Slot("order.panel", margin_panel, 40),
        ),
        routers=_routers,
        migrations=HERE / "migrations",
        templates=HERE / "templates",
        locales=HERE / "locales",
    )
