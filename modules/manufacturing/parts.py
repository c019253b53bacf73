"""Everything the module brings."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cosmo.ports import CapacityPromiser
from cosmo.registry import Handler, Parts
from modules.manufacturing.disrupting import material_delayed
from modules.manufacturing.jobs import JOBS
from modules.manufacturing.payloads import PAYLOADS
from modules.manufacturing.planning import schedule_order, unschedule_order
from modules.manufacturing.promising import PlanPromiser

_HERE = Path(__file__).parent


def _routers() -> Sequence[Any]:
    from modules.manufacturing import api

    return (api.router,)


PARTS = Parts(
    handlers=(
        Handler("manufacturing.schedule", "sourced", schedule_order, unschedule_order),
        Handler("manufacturing.material_delayed", "material-delayed", material_delayed),
    ),
    jobs=JOBS,
    ports={CapacityPromiser: PlanPromiser()},
    payloads=PAYLOADS,
    routers=_routers,
)
