"""The plan as a scheduling problem with its standing schedule: what has started is a fact."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select as select_columns
from sqlmodel import Session, col

from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.promised import buffer_told, call_of
from modules.manufacturing.lots import NEVER_DUE
from modules.manufacturing.standing import LotKey, Place, Snapshot
from modules.manufacturing.times import HORIZON
from scheduler.model import Assignment, Job, Problem, Schedule, objective_of

SOON = 60
"""Minutes ahead in which the floor's next jobs are left alone."""
LENT = 80
"""Percent of a plant's buffer that new orders may use, so that they come sooner: what is planned together
rarely goes wrong together."""


@dataclass(frozen=True, slots=True)
class Case:
    """A problem, the schedule that stands for it, and the lots its jobs are."""

    problem: Problem
    schedule: Schedule
    lots: Mapping[LotKey, list[Place]]


def case_of(session: Session, snap: Snapshot, *, now: int, waiting: Iterable[str] = ()) -> Case:
    """Everything that occupies the plan. `waiting`: places not begun that count as facts all the same.

    `now` (minutes) only bounds the horizon.
    """
    lots = snap.lots()
    dues = dues_of(session, snap, {order_id for order_id, _ in lots})
    keep = set(waiting)
    jobs = tuple(
        Job(lot_id(key), 0, dues.get(key[0], NEVER_DUE), 1, tuple(p.operation for p in route))
        for key, route in lots.items()
    )
    fixed = tuple(p.assignment for p in snap.places.values() if p.fact or p.id in keep)
    problem = Problem(
        f"plan-{snap.version}", snap.origin.isoformat().replace("+00:00", "Z"), now + HORIZON,
        snap.floor.resources(), snap.floor.setups, jobs, fixed,
    )  # fmt: skip
    return Case(problem, schedule_for(problem, (p.assignment for p in snap.places.values())), lots)


def lot_id(key: LotKey) -> str:
    return f"{key[0]}/{key[1]}"


def schedule_for(problem: Problem, places: Iterable[Assignment]) -> Schedule:
    """These places as an answer to the problem, its objective computed."""
    chosen = tuple(places)
    objective = objective_of(problem, {a.operation: a.end for a in chosen})
    return Schedule(problem.name, objective, None, "feasible", 0.0, chosen)


def dues_of(session: Session, snap: Snapshot, order_ids: set[str]) -> dict[str, int]:
    """Order id -> the last minute at which it may be ready without breaking what was promised."""
    return {order_id: due for order_id, (_, due) in _bounds(session, snap, order_ids).items()}


def lent_until(session: Session, snap: Snapshot, order_ids: set[str]) -> dict[str, int]:
    """Order id -> the minute until which others may push its end: as planned when its promise was made, and
    what it lends of its buffer; never beyond its promise."""
    return {order_id: lent for order_id, (lent, _) in _bounds(session, snap, order_ids).items()}


def _bounds(session: Session, snap: Snapshot, order_ids: set[str]) -> dict[str, tuple[int, int]]:
    """Order id -> (until when it lends, until when its promise is kept), in minutes."""
    plant, promise = session.get_one(Plant, snap.plant_id), col(Order.promise)
    told = (
        promise["buffer_minutes"].as_integer(),
        promise[("call", "day")].as_string(),
        promise[("call", "at")].as_string(),
    )
    query = select_columns(col(Order.id), col(Order.ready_at), col(Order.promised_date), *told)
    found: dict[str, tuple[int, int]] = {}
    for order_id, ready_at, day, buffer, told_for, at in session.execute(
        query.where(col(Order.id).in_(order_ids))
    ):
        if ready_at is not None:
            end = call_of(told_for, at, day) or ready_at + buffer_told(buffer, plant)
            due = max(0, snap.minute(end))
            found[order_id] = min(due, max(0, snap.minute(ready_at) + _lent(plant, buffer))), due
    return found


def _lent(plant: Plant, told: int | None) -> int:
    own, least = buffer_told(told, plant), timedelta(hours=plant.buffer_hours)
    return lent(min(own, least) // timedelta(minutes=1))


def lent(buffer: int) -> int:
    """Minutes that an order lends to others of the buffer that every promise of its plant has; the rest of
    it, and all that was learnt to be needed beyond, stays its own, for what goes wrong."""
    return buffer * LENT // 100


def ends_of(lots: Mapping[LotKey, list[Place]]) -> dict[str, int]:
    """Order id -> the minute its last lot ends."""
    ends: dict[str, int] = {}
    for (order_id, _), route in lots.items():
        ends[order_id] = max(ends.get(order_id, 0), max(p.assignment.end for p in route))
    return ends
