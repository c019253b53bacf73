"""Guests cannot freeze a plant: together they hold at most a fifth of a bottleneck's day."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from cosmo.clock import Now
from modules.manufacturing.floor import Centre
from modules.manufacturing.models import JobOrder, Kind, State
from modules.manufacturing.standing import Standing
from modules.manufacturing.times import DAY, open_minutes
from scheduler.model import Assignment, Operation, first

GUEST_SHARE = 0.2
"""Of what the bottleneck's work centres can do in a day, all guests' holds together."""

_Day = tuple[tuple[str, ...], int]
"""(the interchangeable work centres of an operation, day number of its start)"""


@dataclass(frozen=True, slots=True)
class _Use:
    resources: tuple[str, ...]
    resource: str
    start: int
    end: int
    size: int


def has_room_for_guest(
    session: Session, plan: Standing, operations: Sequence[Operation], places: Sequence[Assignment],
    besides: str, now: Now,
) -> bool:
    """Whether these places and every other guest's hold keep to the limit on each day they touch.

    `besides`: an order whose own old hold does not count, as it is being replaced.
    """
    asked = [
        _Use(_among(op), place.resource, place.start, place.end, first(op.size))
        for op, place in zip(operations, places, strict=True)
        if _is_bottleneck(plan.floor.centres[place.resource], operations, plan)
    ]
    mine = _load(plan, asked)
    held = _load(plan, _held(session, plan, besides, now)) if mine else {}
    return all(
        load + held.get(day, 0.0) <= GUEST_SHARE * _capacity(plan, day) for day, load in mine.items()
    )


def _among(op: Operation) -> tuple[str, ...]:
    return tuple(sorted(mode.resource for mode in op.modes))


def _is_bottleneck(centre: Centre, operations: Sequence[Operation], plan: Standing) -> bool:
    """Batch resources are where a plant clogs; where a route has none, its machines and pools are."""
    if centre.kind == Kind.BATCH:
        return True
    centres = plan.floor.centres
    return not any(centres[m.resource].kind == Kind.BATCH for op in operations for m in op.modes)


def _held(session: Session, plan: Standing, besides: str, now: Now) -> list[_Use]:
    query = select(JobOrder).where(
        JobOrder.plant_id == plan.plant_id, JobOrder.state == State.HELD, col(JobOrder.guest).is_(True),
        col(JobOrder.hold_until) >= now.wall, JobOrder.order_id != besides,
    )  # fmt: skip
    return [
        _Use(tuple(sorted(code for code, _ in row.modes)), row.resource, row.start, row.end, row.size)
        for row in session.exec(query)
    ]


def _load(plan: Standing, uses: Iterable[_Use]) -> dict[_Day, float]:
    """Machine minutes each day, a part of a load counting as that part of its minutes."""
    load: dict[_Day, float] = defaultdict(float)
    for use in uses:
        centre = plan.floor.centres.get(use.resource)
        if centre is not None:
            share = 1.0 if centre.kind == Kind.MACHINE else use.size / (centre.capacity or 1)
            load[use.resources, use.start // DAY] += share * (use.end - use.start)
    return load


def _capacity(plan: Standing, day: _Day) -> float:
    resources, number = day
    span = (number * DAY, (number + 1) * DAY)
    centres = (plan.floor.centres[r] for r in resources if r in plan.floor.centres)
    return float(sum(open_minutes(c.calendar, span) for c in centres))
