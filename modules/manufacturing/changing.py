"""An order that is made otherwise now: what has begun stands, the rest gets new places, its lots follow.

Where the rest is the same work at the same hours, it stays where it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.i18n import N_, Sentence
from cosmo.orders import Order
from cosmo.ports import CapacityAnswer, CapacityAsk, PlannedOp
from modules.manufacturing import plan as plans
from modules.manufacturing.lists import centres_by_code
from modules.manufacturing.lots import Lot, lot_of, lots_of
from modules.manufacturing.making import rested_at
from modules.manufacturing.models import STANDING, JobOrder, ProductionOrder, State
from modules.manufacturing.outlook import lots_there
from modules.manufacturing.planning import note_dates
from modules.manufacturing.promising import Taking, give_back, replace_places, rows_of
from modules.manufacturing.searching import Found, NoCapacity, found_for
from modules.manufacturing.standing import Standing
from modules.manufacturing.times import instant
from modules.manufacturing.withdrawing import rows_ahead

TOO_LATE_AFTER = N_("There is no place soon enough after {operation}, which has begun.")
_BEGUN = (State.RUNNING, State.DONE)


class Floor:
    """`cosmo.change_ports.Progress`: an operation has begun when its first lot has."""

    def begun(self, session: Session, order_id: str) -> Mapping[str, datetime]:
        query = select(JobOrder.code, JobOrder.actual_start).where(
            JobOrder.order_id == order_id, col(JobOrder.actual_start).is_not(None)
        )
        found: dict[str, datetime] = {}
        for code, at in session.exec(query):
            if at is not None:
                found[code] = min(at, found.get(code, at))
        return found


@dataclass(frozen=True, slots=True)
class Rest:
    """What is ahead of one lot: its operations, the position of the first, and the one before it."""

    lot: Lot
    begins: int = 0
    before: JobOrder | None = None


def change_places(session: Session, order_id: str, ask: CapacityAsk, now: Now) -> CapacityAnswer:
    """Firm places for what the order has ahead, as `ask.spec` has it. Raises `NoCapacity`."""
    order = session.get_one(Order, order_id)
    rows = _standing_rows(session, order_id)
    origin = plans.head(session, order.plant_id).origin
    with plans.standing(session, order.plant_id, now) as plan:
        rests = _rests(session, order, ask, rows, plan)
        today = plan.minute_after(now.business)
        stays = bool(rows) and _same_work(rows, rests) and not _too_early(rows, rests, today)
    if stays:
        note_dates(session, rows_ahead(session, order.id), ask.ready, origin)
        return CapacityAnswer(_end(session, order, rows), _told(session, order, rows), held=True)
    if any(row.state in _BEGUN for row in rows):
        return _rest_anew(session, order, ask, rows, now)
    taking = Taking(order.id, order.plant_id, State.FIRM)
    answer = replace_places(session, ask, taking, now) if rests else CapacityAnswer(now.business, held=True)
    _lots_follow(session, order)
    return answer


def _standing_rows(session: Session, order_id: str) -> list[JobOrder]:
    query = select(JobOrder).where(JobOrder.order_id == order_id, col(JobOrder.state).in_(STANDING))
    query = query.order_by(col(JobOrder.lot), col(JobOrder.position))
    return list(session.exec(query.execution_options(populate_existing=True)))


def _rests(
    session: Session, order: Order, ask: CapacityAsk, rows: Sequence[JobOrder], plan: Standing
) -> list[Rest]:
    """Lot by lot; all of them anew where nothing has begun."""
    ready = {code: max(0, plan.minute_after(at)) for code, at in ask.ready.items()}
    if not ask.spec.routing:
        return []
    if not any(row.state in _BEGUN for row in rows):
        return [Rest(lot) for lot in lots_of(ask.spec, plan.floor.centres, ready)]
    origin = plans.head(session, order.plant_id).origin
    by_lot = {n: [row for row in rows if row.lot == n] for n in sorted({row.lot for row in rows})}
    found = (_rest(ask, own, ready, plan, origin) for own in by_lot.values())
    return [rest for rest in found if rest is not None]


def _rest(
    ask: CapacityAsk, rows: Sequence[JobOrder], ready: Mapping[str, int], plan: Standing, origin: datetime
) -> Rest | None:
    """What one lot has ahead; None once its last operation has begun."""
    begun, ahead = [r for r in rows if r.state in _BEGUN], [r for r in rows if r.state not in _BEGUN]
    begins = begun[-1].position + 1 if begun else 0
    steps = ask.spec.routing[begins:]
    if not steps or not ahead:
        return None
    before = begun[-1] if begun else None
    if before is not None:
        rested = rested_at(before, origin) if before.state == State.DONE else before.end + before.min_lag
        ready = {**ready, steps[0].code: max(rested, ready.get(steps[0].code, 0))}
    return Rest(lot_of(ahead[0].lot, ahead[0].pieces, steps, plan.floor.centres, ready), begins, before)


def _same_work(rows: Sequence[JobOrder], rests: Sequence[Rest]) -> bool:
    """Whether what is ahead is done by the same steps, for as long, in the same room."""
    ahead = [
        (r.lot, r.position, r.code, r.pieces, [list(mode) for mode in r.modes], r.family, r.size, r.min_lag,
         r.max_lag)
        for r in rows
        if r.state not in _BEGUN
    ]  # fmt: skip
    wanted = [
        (rest.lot.number, rest.begins + k, step.code, rest.lot.pieces,
         [[m.resource, m.minutes] for m in op.modes], op.family, op.size, op.min_lag, op.max_lag)
        for rest in rests
        for k, (op, step) in enumerate(zip(rest.lot.operations, rest.lot.steps, strict=True))
    ]  # fmt: skip
    return ahead == wanted


def _too_early(rows: Sequence[JobOrder], rests: Sequence[Rest], today: int) -> bool:
    """Whether something ahead would start before its material or its rest is over, which is still to come."""
    starts = {(row.lot, row.position): row.start for row in rows}
    return any(
        starts[rest.lot.number, rest.begins + k] < op.release > today
        for rest in rests
        for k, op in enumerate(rest.lot.operations)
    )


def _rest_anew(
    session: Session, order: Order, ask: CapacityAsk, rows: Sequence[JobOrder], now: Now
) -> CapacityAnswer:
    """New places for what is ahead of lots that are on their way, the earliest there are."""
    old = [row.id for row in rows_ahead(session, order.id)]
    begun = [row for row in rows if row.state in _BEGUN]
    rests: list[Rest] = []

    def look(plan: Standing) -> Found:
        rests[:] = _rests(session, order, ask, rows, plan)
        with plan.without(old):
            lots = tuple(rest.lot for rest in rests)
            return found_for(session, plan, ask, lots, plan.minute_after(now.business))

    def write(found: Found, version: int) -> None:
        give_back(session, old, version)
        taking = Taking(order.id, order.plant_id, State.FIRM)
        session.add_all(rows_of(found, taking, version, {r.lot.number: r.begins for r in rests}))

    found = plans.take(session, order.plant_id, now, look, write)
    _must_not_wait_too_long(found, rests)
    end = max(found.answer.ready_at, _end(session, order, begun))
    operations = (*_told(session, order, begun), *found.answer.operations)
    return CapacityAnswer(end, operations, found.answer.hinges, held=True)


def _must_not_wait_too_long(found: Found, rests: Sequence[Rest]) -> None:
    for rest in rests:
        before, first = rest.before, found.places[rest.lot.operations[0].id]
        if before is not None and before.max_lag is not None and first.start > before.end + before.max_lag:
            raise NoCapacity(Sentence(TOO_LATE_AFTER, operation=before.name), operation=before.code)


def _end(session: Session, order: Order, rows: Sequence[JobOrder]) -> datetime:
    return instant(plans.head(session, order.plant_id).origin, max(row.end for row in rows))


def _told(session: Session, order: Order, rows: Sequence[JobOrder]) -> tuple[PlannedOp, ...]:
    origin, centres = plans.head(session, order.plant_id).origin, centres_by_code(session, order.plant_id)
    return tuple(
        PlannedOp(row.code, row.name, row.resource,
                  centres[row.resource].name["en"] if row.resource in centres else row.resource,
                  row.lot, instant(origin, row.start), instant(origin, row.end))
        for row in rows
    )  # fmt: skip


def _lots_follow(session: Session, order: Order) -> None:
    """One production order a lot, for an order that is in the published plan already."""
    there = {lot.lot: lot for lot in lots_there(session, order.id)}
    if not there:
        return
    for row in (row for row in rows_ahead(session, order.id) if row.position == 0):
        lot = there.pop(row.lot, None) or ProductionOrder(
            plant_id=order.plant_id, order_id=order.id, lot=row.lot, start_pieces=row.pieces
        )
        lot.start_pieces, lot.state = row.pieces, State.FIRM
        session.add(lot)
    for lot in there.values():
        lot.state = State.RELEASED
        session.add(lot)
    session.flush()
