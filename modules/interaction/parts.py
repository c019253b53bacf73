"""What interaction brings to the house."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cosmo.i18n import N_
from cosmo.parties import Role
from cosmo.registry import NavItem, Parts, Slot
from modules.interaction import slots
from modules.interaction.forgetting import JOBS
from modules.interaction.payloads import AddressChanged, MessageSent

HERE = Path(__file__).parent
_CUSTOMERS = frozenset({str(Role.GUEST), str(Role.CUSTOMER)})


def _routers() -> Sequence[Any]:
    from modules.interaction import (
        api,
        api_changes,
        api_fit,
        pages_alternatives,
        pages_cancel,
        pages_change,
        pages_configure,
        pages_designs,
        pages_fit,
        pages_order,
        pages_paper,
        pages_plant,
        pages_renewal,
        pages_shop,
        pages_track,
    )

    ordering = (pages_order, pages_renewal, pages_paper)
    choosing = (pages_shop, pages_configure, pages_alternatives, pages_fit, pages_designs)
    pages = (*choosing, *ordering, pages_track, pages_change, pages_cancel, pages_plant)
    return tuple(m.router for m in (api, api_changes, api_fit, *pages))


def parts() -> Parts:
    return Parts(
        slots=(
            Slot("track.event", slots.track_event, 10),
            Slot("order.panel", slots.order_panel, 10),
        ),
        nav=(
            NavItem(N_("Shop"), "/", _CUSTOMERS, 0),
            NavItem(N_("My designs"), "/designs", _CUSTOMERS, 5),
            NavItem(N_("My orders"), "/orders", _CUSTOMERS, 10),
        ),
        payloads=(MessageSent, AddressChanged),
        jobs=JOBS,
        routers=_routers,
        migrations=HERE / "migrations",
        templates=HERE / "templates",
        locales=HERE / "locales",
    )
