"""What will be made: the resolved bill of materials, routing and work content of one order.

Produced by the `Engineer` port, frozen on the order, read by price, procurement, manufacturing and logistics.
"""

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal
from math import ceil

from pydantic import BaseModel, ConfigDict, Field

Names = dict[str, str]
"""A text in several languages: `{"en": ..., "de": ..., "zh": ...}`; English is always there."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BomLine(_Frozen):
    """`quantity` (in `unit`) of `material` for the whole order, planned losses included."""

    material: str
    name: Names
    quantity: Decimal = Field(gt=0)
    unit: str
    order_specific: bool = False
    operation: str | None = None
    """Code of the routing step that consumes it; None means the first."""


class RoutingStep(_Frozen):
    """One operation. Its length for n pieces is `fixed_minutes + minutes_per_piece * n`, rounded up."""

    code: str
    name: Names
    resources: tuple[str, ...] = Field(min_length=1)
    """Work centre codes that can do it, each at the same speed unless `speed` says otherwise."""
    speed: dict[str, Decimal] = {}
    """Optional factor by work centre code: 2 is twice as fast."""
    fixed_minutes: Decimal = Field(default=Decimal(0), ge=0)
    minutes_per_piece: Decimal = Field(default=Decimal(0), ge=0)
    family: str | None = None
    """Setup family or firing recipe."""
    size_per_piece: Decimal = Field(default=Decimal(1), gt=0)
    """Room one piece takes on a batch resource or pool, in that resource's capacity unit."""
    yield_rate: Decimal = Field(default=Decimal(1), gt=0, le=1)
    min_lag: int = Field(default=0, ge=0)
    max_lag: int | None = Field(default=None, ge=0)
    """Minutes from this step's end to the next one's start, at least and at most."""

    def minutes(self, pieces: int, resource: str) -> int:
        """Whole minutes this step takes for `pieces` on `resource`; never less than one."""
        raw = (self.fixed_minutes + self.minutes_per_piece * pieces) / self.speed.get(resource, Decimal(1))
        return max(1, int(raw.to_integral_value(ROUND_CEILING)))

    def size(self, pieces: int) -> int:
        """Room `pieces` take, rounded up, at least one."""
        return max(1, int((self.size_per_piece * pieces).to_integral_value(ROUND_CEILING)))


class Spec(_Frozen):
    """The resolved product. `quantity` is what the customer gets; `start_quantity` is what is begun.

    `quantity` is what is charged and owed; it is more than the order's where a rule adds to the wish
    (tiles come with their waste, in whole boxes).
    """

    title: Names
    unit: str = "pcs"
    quantity: int = Field(gt=0)
    start_quantity: int = Field(gt=0)
    bom: tuple[BomLine, ...] = ()
    routing: tuple[RoutingStep, ...] = ()
    mass_kg: Decimal = Decimal(0)
    """Of the whole order, packed."""
    pieces_per_carton: Decimal = Field(default=Decimal(1), gt=0)
    """In `unit`: 12 mugs, or 1.08 where a piece is a square metre."""
    drivers: dict[str, Decimal] = {}
    """Price drivers by code, in the currency-free units the pricer knows (kg, firings, minutes, m2)."""
    release: str | None = None
    one_shade: bool = False
    """All pieces come from one shade lot unless the customer says otherwise."""


def start_quantity(good: int, steps: Sequence[RoutingStep]) -> int:
    """Pieces to begin so that `good` are expected at the end of `steps`: good / product of the yields."""
    return started(good, [step.yield_rate for step in steps])


def started(good: int, yields: Sequence[Decimal]) -> int:
    """The same from the yields alone."""
    rate = Decimal(1)
    for one in yields:
        rate *= one
    return ceil(good / rate)


def resized(spec: Spec, quantity: int) -> Spec:
    """The same product in another quantity: materials, mass and drivers in proportion, routing as it is."""
    share = Decimal(quantity) / spec.quantity
    bom = tuple(line.model_copy(update={"quantity": line.quantity * share}) for line in spec.bom)
    changes = {
        "quantity": quantity,
        "start_quantity": start_quantity(quantity, spec.routing),
        "bom": bom,
        "mass_kg": spec.mass_kg * share,
        "drivers": {code: amount * share for code, amount in spec.drivers.items()},
    }
    return spec.model_copy(update=changes)
