"""What service brings to the house."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cosmo.i18n import N_
from cosmo.parties import Role
from cosmo.registry import NavItem, Parts, Slot
from modules.service import slots
from modules.service.handlers import HANDLERS, JOBS
from modules.service.payloads import ClaimAnswered, ClaimOpened, Rated

HERE = Path(__file__).parent


def _routers() -> Sequence[Any]:
    from modules.service import api, pages

    return (api.router, pages.router)


def parts() -> Parts:
    return Parts(
        handlers=HANDLERS,
        jobs=JOBS,
        slots=(
            Slot("track.panel", slots.track_panel, 60),
            Slot("order.panel", slots.order_panel, 80),
            Slot("plant.home", slots.plant_home, 60),
        ),
        nav=(NavItem(N_("Claims"), "/service", frozenset({str(Role.SERVICE)}), 30),),
        payloads=(ClaimOpened, ClaimAnswered, Rated),
        routers=_routers,
        migrations=HERE / "migrations",
        templates=HERE / "templates",
        locales=HERE / "locales",
    )
