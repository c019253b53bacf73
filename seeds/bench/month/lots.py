"""Lots on the simulated floor: what was planned of each, and what it really becomes."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from cosmo.spec import RoutingStep
from modules.manufacturing.lots import lots_of
from scheduler.model import Job, Operation
from seeds.bench.month.world import Customer, World


@dataclass(slots=True)
class Batch:
    """One lot of an order: `pieces` are in it now, `at` is the operation that is next or runs."""

    customer: Customer
    number: int
    pieces: int
    job: Job
    at: int = 0
    real: list[Operation] = field(default_factory=list)
    """Its operations so far as they really were, in minutes and sizes."""

    @property
    def id(self) -> str:
        return self.job.id

    @property
    def steps(self) -> Sequence[RoutingStep]:
        return self.customer.spec.routing

    @property
    def done(self) -> bool:
        return self.at == len(self.job.operations)

    @property
    def expected(self) -> float:
        """Good pieces it will give, as planned from here."""
        found = float(self.pieces)
        for step in self.steps[self.at :]:
            found *= float(step.yield_rate)
        return found

    def shrink(self) -> None:
        """Fewer pieces are in it than were begun: what is ahead needs less room, for as long."""
        operations = tuple(
            op if k < self.at else fitting(op, step, self.pieces)
            for k, (op, step) in enumerate(zip(self.job.operations, self.steps, strict=True))
        )
        self.job = replace(self.job, operations=operations)

    def wait(self, code: str, minute: int) -> None:
        """The material of an operation that has not begun comes at this minute."""
        operations = tuple(
            replace(op, release=minute) if step.code == code and k >= self.at and op.release else op
            for k, (op, step) in enumerate(zip(self.job.operations, self.steps, strict=True))
        )
        self.job = replace(self.job, operations=operations)


def fitting(op: Operation, step: RoutingStep, pieces: int) -> Operation:
    """The operation with the room that so many pieces take, if that is less."""
    size = step.size(pieces)
    return replace(op, size=size) if isinstance(op.size, int) and size < op.size else op


def batches_of(
    world: World, customer: Customer, now: int, *, first: int = 1, pieces: int | None = None
) -> list[Batch]:
    """The lots of an order, or of `pieces` more of it, as the product makes them, materials as told."""
    centres = world.plant.floor.centres
    lots = lots_of(customer.spec, centres, dates(customer, known=False), first=first, pieces=pieces)
    found = []
    for lot in lots:
        job = _named(lot.job(release=now), f"{customer.id}/{lot.number}")
        found.append(Batch(customer, lot.number, lot.pieces, job))
    return found


def dates(customer: Customer, *, known: bool) -> dict[str, int]:
    """Operation code -> the minute its material comes, as told or as it is `known` to come."""
    found: dict[str, int] = {}
    for supply in customer.supplies:
        minute = supply.real if known else supply.told
        found[supply.operation] = max(minute, found.get(supply.operation, 0))
    return found


def _named(job: Job, name: str) -> Job:
    """Its operations by names that are the same in every run."""
    operations = tuple(replace(op, id=f"{name}/{k}") for k, op in enumerate(job.operations))
    return replace(job, id=name, operations=operations)
