"""How an order becomes lots, and what each lot's operations ask of the plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from cosmo.errors import Invalid
from cosmo.ids import new_id
from cosmo.spec import RoutingStep, Spec
from modules.manufacturing.floor import Centre
from modules.manufacturing.models import Kind
from scheduler.model import Job, Mode, Operation

NEVER_DUE = 1 << 40


class UnknownWorkCentre(Invalid):
    type, title = "unknown-work-centre", "The plant has no such work centre"


class TooLargeForPlant(Invalid):
    type, title = "too-large-for-plant", "One piece does not fit"


@dataclass(frozen=True, slots=True)
class Lot:
    """`pieces` begun together, with one operation per routing step in the same order."""

    number: int
    pieces: int
    operations: tuple[Operation, ...]
    steps: tuple[RoutingStep, ...]

    def job(self, release: int = 0, due: int = NEVER_DUE) -> Job:
        return Job(f"lot-{self.number}-{self.operations[0].id}", release, due, 1, self.operations)


def lot_sizes(pieces: int, steps: Sequence[RoutingStep], centres: Mapping[str, Centre]) -> list[int]:
    """Pieces of each lot: as few lots as the smallest load on the route allows, as even as possible."""
    most = min((_most_in_one_lot(step, centres) for step in steps), default=pieces)
    count = -(-pieces // max(1, most))
    base, over = divmod(pieces, count)
    return [base + (k < over) for k in range(count)]


def _most_in_one_lot(step: RoutingStep, centres: Mapping[str, Centre]) -> int:
    """At most one load of the smallest batch resource or pool; on a machine, what one shift can do."""
    found = [_centre(step, code, centres) for code in step.resources]
    loads = [c.capacity or 0 for c in found if c.kind != Kind.MACHINE]
    most = min((int(Decimal(c) // step.size_per_piece) for c in loads), default=1 << 30)
    if not loads:
        most = max(_fits_in_a_window(step, c) for c in found)
    if most < 1:
        raise TooLargeForPlant(
            f"One piece is too large for {', '.join(step.resources)} at {step.name['en']}.",
            operation=step.code,
        )
    return most


def _fits_in_a_window(step: RoutingStep, centre: Centre) -> int:
    if not step.minutes_per_piece:
        return 1 << 30 if step.minutes(1, centre.code) <= centre.longest_window else 0
    speed = step.speed.get(centre.code, Decimal(1))
    room = (centre.longest_window * speed - step.fixed_minutes) / step.minutes_per_piece
    return int(room.to_integral_value(ROUND_FLOOR))


def _centre(step: RoutingStep, code: str, centres: Mapping[str, Centre]) -> Centre:
    if code not in centres:
        raise UnknownWorkCentre(
            f"Operation {step.code} names work centre {code}, which this plant does not have.",
            operation=step.code,
        )
    return centres[code]


def lots_of(
    spec: Spec, centres: Mapping[str, Centre], ready: Mapping[str, int], *, first: int = 1,
    pieces: int | None = None,
) -> list[Lot]:
    """The lots of an order (or of `pieces` more of it), numbered from `first`; `ready` by operation code."""
    wanted = spec.start_quantity if pieces is None else pieces
    sizes = lot_sizes(wanted, spec.routing, centres)
    return [lot_of(first + k, size, spec.routing, centres, ready) for k, size in enumerate(sizes)]


def lot_of(
    number: int, pieces: int, steps: tuple[RoutingStep, ...], centres: Mapping[str, Centre],
    ready: Mapping[str, int],
) -> Lot:
    """One lot that goes through `steps`. Raises `UnknownWorkCentre`."""
    for step in steps:
        for code in step.resources:
            _centre(step, code, centres)
    operations = tuple(_operation(step, pieces, centres, ready.get(step.code, 0)) for step in steps)
    return Lot(number, pieces, operations, steps)


def _operation(step: RoutingStep, pieces: int, centres: Mapping[str, Centre], ready: int) -> Operation:
    modes = tuple(Mode(code, step.minutes(pieces, code)) for code in step.resources)
    needs_family = any(centres[c].kind == Kind.BATCH or centres[c].setup for c in step.resources)
    family = step.family or (step.code if needs_family else None)
    return Operation(
        new_id(), modes, family, step.size(pieces), step.min_lag, step.max_lag, max(0, ready)
    )
