"""Everything the module brings."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cosmo.change_ports import Progress
from cosmo.i18n import N_
from cosmo.journey_ports import AsBuilt, Journey
from cosmo.parties import Role
from cosmo.ports import CapacityPromiser
from cosmo.registry import Handler, NavItem, Parts, Slot
from cosmo.work_ports import Stations
from modules.manufacturing.changing import Floor
from modules.manufacturing.disrupting import material_delayed
from modules.manufacturing.jobs import JOBS
from modules.manufacturing.payloads import PAYLOADS
from modules.manufacturing.planning import schedule_order, unschedule_order
from modules.manufacturing.promising import PlanPromiser
from modules.manufacturing.stations import OnThePlan
from modules.manufacturing.telling import MadeOf, OnTheFloor

_HERE = Path(__file__).parent


def _routers() -> Sequence[Any]:
    from modules.manufacturing import api, floor_pages, plant_pages, shortfall_api

    return (api.router, plant_pages.router, floor_pages.router, shortfall_api.api, shortfall_api.page)


def _track_todo(context: Any) -> str | None:
    from modules.manufacturing import slots

    return slots.track_todo(context)


def _track_panel(context: Any) -> str | None:
    from modules.manufacturing import slots

    return slots.track_panel(context)


def _track_live(context: Any) -> str | None:
    from modules.manufacturing import slots

    return slots.track_live(context)


def _order_panel(context: Any) -> str | None:
    from modules.manufacturing import slots

    return slots.order_panel(context)


def _plant_home(context: Any) -> str | None:
    from modules.manufacturing import slots

    return slots.plant_home(context)


PARTS = Parts(
    handlers=(
        Handler("manufacturing.schedule", "sourced", schedule_order, unschedule_order),
        Handler("manufacturing.material_delayed", "material-delayed", material_delayed),
    ),
    jobs=JOBS,
    ports={
        CapacityPromiser: PlanPromiser(), Progress: Floor(), Journey: OnTheFloor(), AsBuilt: MadeOf(),
        Stations: OnThePlan(),
    },
    slots=(
        Slot("track.live", _track_live, 10),
        Slot("track.todo", _track_todo, 4),
        Slot("track.panel", _track_panel, 4),
        Slot("order.panel", _order_panel, 20),
        Slot("plant.home", _plant_home, 10),
    ),
    nav=(
        NavItem(N_("Board"), "/plant/board", frozenset({Role.PLANNER, Role.OPERATOR, Role.ENGINEER}), 5),
        NavItem(N_("Firings"), "/plant/firings", frozenset({Role.PLANNER, Role.OPERATOR}), 20),
        NavItem(N_("Floor"), "/floor", frozenset({Role.OPERATOR, Role.PLANNER}), 25),
    ),
    migrations=_HERE / "migrations",
    templates=_HERE / "templates",
    locales=_HERE / "locales",
    payloads=PAYLOADS,
    routers=_routers,
)
