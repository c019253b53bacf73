"""Which colour a family has: the five most worked of a setup matrix, then striped ones, then neutral."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from scheduler.drawing.look import PLOTS
from scheduler.model import Operation, Resource
from scheduler.occupancy import Occupancy

NEUTRAL = 0


@dataclass(frozen=True, slots=True)
class Paints:
    """Per setup matrix: family -> paint, 1 to 5 plain, 6 to 10 striped. What is not in it is neutral."""

    of: dict[str, dict[str, int]]

    def paint(self, resource: Resource, op: Operation | None) -> int:
        """The paint of an operation on a machine."""
        if op is None or op.family is None or resource.setup is None:
            return NEUTRAL
        return self.of.get(resource.setup, {}).get(op.family, NEUTRAL)


def paints_of(plan: Occupancy) -> Paints:
    """The paints of a plan: the most worked families of each setup matrix come first."""
    worked: dict[str, Counter[str]] = defaultdict(Counter)
    for name, stays in plan.stays.items():
        resource = plan.resources[name]
        if resource.kind == "machine" and resource.setup is not None:
            for stay in stays:
                if stay.op is not None and stay.op.family is not None:
                    worked[resource.setup][stay.op.family] += stay.end - stay.start
    return Paints({setup: _ranked(minutes) for setup, minutes in worked.items()})


def _ranked(minutes: Counter[str]) -> dict[str, int]:
    order = sorted(minutes, key=lambda family: (-minutes[family], family))
    return {family: place + 1 for place, family in enumerate(order[: 2 * PLOTS])}
