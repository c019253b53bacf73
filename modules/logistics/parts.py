"""What logistics brings to the house."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cosmo.i18n import N_
from cosmo.journey_ports import AsBuilt, Journey
from cosmo.parties import Role
from cosmo.ports import DeliveryPromiser
from cosmo.registry import NavItem, Parts
from modules.logistics.handlers import HANDLERS
from modules.logistics.payloads import Packed
from modules.logistics.ports import ShippingJourney, Travelled, ZoneDelivery

HERE = Path(__file__).parent
_CARRIERS = frozenset({str(Role.CARRIER)})
_PLANT = frozenset({str(Role.PLANNER), str(Role.OPERATOR), str(Role.SERVICE)})


def _routers() -> Sequence[Any]:
    from modules.logistics import api, pages

    return (api.router, pages.router)


def parts() -> Parts:
    return Parts(
        handlers=HANDLERS,
        ports={DeliveryPromiser: ZoneDelivery(), AsBuilt: Travelled(), Journey: ShippingJourney()},
        nav=(
            NavItem(N_("To collect"), "/carrier", _CARRIERS, 0),
            NavItem(N_("Shipping"), "/plant/shipping", _PLANT, 40),
        ),
        payloads=(Packed,),
        routers=_routers,
        migrations=HERE / "migrations",
        templates=HERE / "templates",
        locales=HERE / "locales",
    )
