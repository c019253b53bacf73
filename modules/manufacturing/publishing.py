"""A mended or improved plan becomes the plan: verified, written as one version, promises looked at again."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.orders import Order
from cosmo.reconsidering import reconsider
from cosmo.stages import OPEN_STAGES
from cosmo.touches import touch
from modules.manufacturing import plan as plans
from modules.manufacturing.making_room import tell_purchasing
from modules.manufacturing.models import AHEAD, JobOrder, Plan
from modules.manufacturing.problems import Case, ends_of
from modules.manufacturing.standing import Snapshot
from scheduler.errors import Rejected
from scheduler.model import Assignment, Problem, Schedule
from scheduler.verifier import verify


@dataclass(frozen=True, slots=True)
class Cause:
    """Why the plan is rewritten: a reason of `cosmo.payloads.MOVE_REASONS` and the id of what did it.

    `by_order` names orders that move for a reason of their own.
    """

    reason: str
    what: str | None = None
    by_order: Mapping[str, tuple[str, str | None]] = field(default_factory=dict)

    def of(self, order_id: str) -> tuple[str, str | None]:
        return self.by_order.get(order_id, (self.reason, self.what))


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication changed."""

    number: int
    version: int
    moved: int
    orders: tuple[str, ...]
    broken: tuple[str, ...]
    """Orders whose promise moved."""
    objective: int


def publish(
    session: Session, snap: Snapshot, case: Case, problem: Problem, schedule: Schedule, cause: Cause, now: Now
) -> Published:
    """Write `schedule`, an answer to `problem`, as the plan. The caller holds the plan's lock and `snap` is
    its present state. Raises `Rejected` for a schedule that the verifier refuses."""
    _must_verify(problem, schedule)
    moved = _moved(snap, schedule)
    version = plans.bump(session, snap.plant_id)
    plan = _number(session, snap.plant_id, schedule.objective, now)
    _write(session, moved, _wider(problem, case.problem), version, plan.number)
    tell_purchasing(session, snap.plant_id, {snap.places[name].order_id for name in moved}, now)
    later = _later(case, moved)
    broken = _reconsider(session, snap, later, cause, now)
    touch(session, f"plant:{snap.plant_id}", now)
    return Published(plan.number, version, len(moved), tuple(sorted(later)), broken, schedule.objective)


def _must_verify(problem: Problem, schedule: Schedule) -> None:
    report = verify(problem, schedule)
    if not report.feasible:
        kind, examples = next(iter(report.violations.items()))
        raise Rejected(f"the plan fails the verifier: {kind}: {examples[0]}")


def _moved(snap: Snapshot, schedule: Schedule) -> dict[str, Assignment]:
    places = snap.places
    return {
        a.operation: a
        for a in schedule.assignments
        if a.operation in places and not places[a.operation].fact and places[a.operation].assignment != a
    }


def _wider(problem: Problem, before: Problem) -> dict[str, int]:
    """Largest lags that reality has broken and the repair has widened."""
    if problem is before:
        return {}
    old = before.operations()
    return {
        name: op.max_lag
        for name, op in problem.operations().items()
        if op.max_lag is not None and name in old and old[name].max_lag != op.max_lag
    }


def _number(session: Session, plant_id: str, objective: int, now: Now) -> Plan:
    plan = session.get_one(Plan, plant_id, populate_existing=True)
    plan.number += 1
    plan.published_at, plan.verified, plan.objective = now.business, True, objective
    session.add(plan)
    session.flush()
    return plan


def _write(
    session: Session, moved: Mapping[str, Assignment], wider: Mapping[str, int], version: int, number: int
) -> None:
    query = select(JobOrder).where(col(JobOrder.id).in_({*moved, *wider}))
    for row in session.exec(query):
        if row.id in wider:
            row.max_lag = wider[row.id]
        if row.id in moved and row.state in AHEAD:
            row.was_resource, row.was_start, row.moved_in = row.resource, row.start, number
            place = moved[row.id]
            row.resource, row.start, row.end = place.resource, place.start, place.end
        row.changed = version
        session.add(row)
    session.flush()


def _later(case: Case, moved: Mapping[str, Assignment]) -> dict[str, int]:
    """Orders that end at another minute than before -> that minute."""
    before = ends_of(case.lots)
    after: dict[str, int] = {}
    touched = {p.order_id for route in case.lots.values() for p in route if p.id in moved}
    for (order_id, _), route in case.lots.items():
        if order_id in touched:
            end = max(moved[p.id].end if p.id in moved else p.assignment.end for p in route)
            after[order_id] = max(after.get(order_id, 0), end)
    return {order_id: end for order_id, end in after.items() if end != before[order_id]}


def _reconsider(
    session: Session, snap: Snapshot, ends: Mapping[str, int], cause: Cause, now: Now
) -> tuple[str, ...]:
    """Ask the kernel for every order that ends at another time whether its promise still holds."""
    query = select(Order.id, Order.stage).where(col(Order.id).in_(list(ends)))
    open_ = {order_id for order_id, stage in session.exec(query) if stage in OPEN_STAGES}
    broken = []
    for order_id in sorted(open_):
        reason, what = cause.of(order_id)
        if reconsider(session, order_id, snap.instant(ends[order_id]), reason, what, now):
            broken.append(order_id)
    return tuple(broken)
