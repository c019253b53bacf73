"""Too few good pieces: met from what other lots have over, else begun again as a new lot of its own shade.

While operations are ahead, an order counts as short once the pieces expected in the end fall below what is
charged by more than an allowance; when its last lot is done, every missing piece counts.
"""

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from math import ceil

from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.lifecycle import emit, fire, lock
from cosmo.orders import Order
from cosmo.payloads import Finished
from cosmo.ports import CapacityAsk
from cosmo.promise import reconsider, spec_of
from cosmo.spec import Spec, start_quantity
from cosmo.stages import Stage
from modules.manufacturing import plan as plans
from modules.manufacturing.lots import lots_of
from modules.manufacturing.making import Act
from modules.manufacturing.models import JobOrder, ProductionOrder, State
from modules.manufacturing.payloads import LotScrapped
from modules.manufacturing.promising import Taking, rows_of
from modules.manufacturing.searching import Found, found_for
from modules.manufacturing.standing import Standing

ALLOWANCE = Decimal("0.02")
"""Share of the charged pieces that may be missing from the expectation while yields are still to come."""
_GONE = (State.SCRAPPED, State.RELEASED)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an order's lots will give, all overrun counted: `expected` perfect pieces."""

    expected: int
    done: bool
    """No lot has anything ahead."""
    good: int
    """In lots that are done."""
    scrapped: int


def outlook(session: Session, order: Order, spec: Spec) -> Outlook:
    """Sum over the order's lots of the pieces there now times the yields still ahead."""
    lots = lots_there(session, order.id)
    expected, good, done = Decimal(0), 0, True
    for lot in lots:
        if lot.state in _GONE:
            continue
        pieces, position = _where(session, order.id, lot)
        rate = Decimal(1)
        for step in spec.routing[position:]:
            rate *= step.yield_rate
        expected += pieces * rate
        finished = lot.state == State.DONE
        good += pieces if finished else 0
        done = done and finished
    rounded = int((expected + Decimal("0.0001")).to_integral_value(ROUND_FLOOR))
    return Outlook(rounded, done, good, sum(lot.scrapped for lot in lots))


def lots_there(session: Session, order_id: str) -> list[ProductionOrder]:
    query = select(ProductionOrder).where(ProductionOrder.order_id == order_id)
    return list(session.exec(query.order_by(col(ProductionOrder.lot))))


def _where(session: Session, order_id: str, lot: ProductionOrder) -> tuple[int, int]:
    """(pieces in the lot now, index of the first operation not done)."""
    query = select(JobOrder.position, JobOrder.pieces, JobOrder.scrap).where(
        JobOrder.order_id == order_id, JobOrder.lot == lot.lot,
        col(JobOrder.state).in_((State.FIRM, State.RUNNING)),
    )  # fmt: skip
    ahead = sorted(session.exec(query).all())
    if ahead:
        position, pieces, scrap = ahead[0]
        return pieces - scrap, position
    return lot.good_pieces or 0, 1 << 30


def after_counting(session: Session, row: JobOrder, act: Act, now: Now) -> None:
    """Call when pieces were counted: begins again what will be missing, or finishes the order."""
    order = lock(session, row.order_id)
    spec = spec_of(session, order.id)
    seen = outlook(session, order, spec)
    missing = spec.quantity - seen.expected
    allowed = Decimal(0) if seen.done else spec.quantity * ALLOWANCE
    if missing > allowed:
        begin_again(session, order, spec, row, ceil(missing), act, now)
    elif seen.done and order.stage == Stage.IN_PRODUCTION:
        payload = Finished(good=seen.good, scrapped=seen.scrapped)
        fire(session, order.id, "finish", payload, now=now, actor=act.account, event_time=act.event_time)


def begin_again(
    session: Session, order: Order, spec: Spec, row: JobOrder, missing: int, act: Act, now: Now
) -> None:
    """A new lot for the missing pieces, in the next shade lot, at the earliest place."""
    existing = lots_there(session, order.id)
    number = max(lot.lot for lot in existing) + 1
    shade = chr(ord(max(lot.shade_lot for lot in existing)) + 1)
    pieces = start_quantity(missing, spec.routing)
    found = _take(session, order, spec, number, pieces, now)
    for lot in found.lots:
        session.add(
            ProductionOrder(plant_id=order.plant_id, order_id=order.id, lot=lot.number,
                            start_pieces=lot.pieces, shade_lot=shade)
        )  # fmt: skip
    session.flush()
    payload = LotScrapped(
        lot=row.lot, code=row.code, scrap=row.scrap, reason=row.scrap_reason, again=pieces, new_lot=number,
        shade_lot=shade,
    )  # fmt: skip
    emit(session, order.id, payload, now=now, actor=act.account, event_time=act.event_time)
    reconsider(session, order.id, found.answer.ready_at, "scrap", row.resource, now)


def _take(session: Session, order: Order, spec: Spec, number: int, pieces: int, now: Now) -> Found:
    ask = CapacityAsk(order.plant_id, spec, now.business)
    taking = Taking(order.id, order.plant_id, State.FIRM)

    def search(plan: Standing) -> Found:
        lots = tuple(lots_of(spec, plan.floor.centres, {}, first=number, pieces=pieces))
        return found_for(session, plan, ask, lots, plan.minute_after(now.business))

    def write(found: Found, version: int) -> None:
        session.add_all(rows_of(found, taking, version))

    return plans.take(session, order.plant_id, now, search, write)
