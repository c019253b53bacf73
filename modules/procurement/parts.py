"""What procurement brings to the house."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cosmo.i18n import N_
from cosmo.parties import Role
from cosmo.registry import NavItem, Parts, Slot
from modules.procurement.handlers import HANDLERS
from modules.procurement.jobs import JOBS
from modules.procurement.payloads import PAYLOADS
from modules.procurement.ports import PORTS
from modules.procurement.slots import order_panel, plant_home

HERE = Path(__file__).parent
_SUPPLIERS = frozenset({str(Role.SUPPLIER)})
_PLANT = frozenset({str(Role.PLANNER), str(Role.OPERATOR)})


def _routers() -> Sequence[Any]:
    from modules.procurement import api, pages, plant_pages

    return (api.router, pages.router, plant_pages.router)


def parts() -> Parts:
    return Parts(
        handlers=HANDLERS,
        ports=PORTS,
        jobs=JOBS,
        slots=(Slot("order.panel", order_panel, 30), Slot("plant.home", plant_home, 30)),
        nav=(
            NavItem(N_("Demand"), "/supplier", _SUPPLIERS, 0),
            NavItem(N_("Orders"), "/supplier/orders", _SUPPLIERS, 1),
            NavItem(N_("Deliveries"), "/supplier/deliveries", _SUPPLIERS, 2),
            NavItem(N_("Materials"), "/plant/materials", _PLANT, 30),
            NavItem(N_("Purchases"), "/plant/purchase-orders", _PLANT, 31),
        ),
        payloads=PAYLOADS,
        routers=_routers,
        migrations=HERE / "migrations",
        templates=HERE / "templates",
        locales=HERE / "locales",
    )
