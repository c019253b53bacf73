"""Everything the module brings."""

from pathlib import Path

from cosmo.ports import CapacityPromiser
from cosmo.registry import Handler, Parts
from modules.manufacturing.disrupting import material_delayed
from modules.manufacturing.jobs import JOBS
from modules.manufacturing.payloads import PAYLOADS
from modules.manufacturing.planning import schedule_order, unschedule_order
from modules.manufacturing.promising import PlanPromiser

_HERE = Path(__file__).parent

PARTS = Parts(
    handlers=(
        Handler("manufacturing.schedule", "sourced", schedule_order, unschedule_order),
        Handler("manufacturing.material_delayed", "material-delayed", material_delayed),
    ),
    jobs=JOBS,
    ports={CapacityPromiser: PlanPromiser()},
    payloads=PAYLOADS,
)
