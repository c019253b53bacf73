"""What happens on the floor: an operation begins, ends, loses pieces. Checked against what came before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlmodel import Session, col, select

from cosmo.asking import answerers_for
from cosmo.clock import Now
from cosmo.errors import Conflict, Invalid, NotFound
from cosmo.formats import daytime
from cosmo.i18n import N_
from cosmo.lifecycle import emit, fire, lock
from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.payloads import Started
from cosmo.promise import spec_of
from cosmo.stages import Stage
from modules.manufacturing import plan as plans
from modules.manufacturing.models import JobOrder, Kind, ProductionOrder, State, WorkCentre
from modules.manufacturing.outlook import enough
from modules.manufacturing.payloads import FiringLit, FiringOpened, JobFinished, JobStarted
from modules.manufacturing.plant import work_centre
from modules.manufacturing.times import instant, minute_of

AHEAD_OF_CLOCK = timedelta(minutes=2)
"""A tablet's clock may be this much fast."""
LONG_AGO = timedelta(days=60)
MAKEABLE = (Stage.SCHEDULED, Stage.IN_PRODUCTION)


class NotStartable(Conflict):
    type, title = "not-startable", "This cannot start now"


class OnHold(NotStartable):
    type, title = "order-on-hold", "The order is on hold"


class MaterialMissing(NotStartable):
    type, title = "material-missing", "Material is missing"


class TooSoon(NotStartable):
    type, title = "too-soon", "It is too soon for this"


class WrongTime(Invalid):
    type, title = "wrong-time", "That time cannot be"


class NotRunning(Conflict):
    type, title = "not-running", "This is not running"


@dataclass(frozen=True, slots=True)
class Act:
    """Who did something on the floor, and when it happened (business time)."""

    event_time: datetime
    account: str


SHORTFALL_OPEN = "shortfall-open"
"""The hold while a customer is asked about missing pieces (see cosmo.payloads.HOLD_REASONS)."""
GOES_ON = frozenset({SHORTFALL_OPEN})
"""Holds under which the work that is planned goes on."""
HOLD_SENTENCES = {
    "proof-open": N_("The customer has not approved the proof yet."),
    "deposit-open": N_("The deposit is not in yet."),
}


def running_firing(session: Session, plant_id: str, resource: str, start: int) -> list[JobOrder]:
    """All members of one run of a batch resource, whatever their state; locked."""
    query = select(JobOrder).where(
        JobOrder.plant_id == plant_id, JobOrder.resource == resource, JobOrder.start == start,
        col(JobOrder.state).in_((State.FIRM, State.RUNNING)),
    )  # fmt: skip
    return list(session.exec(query.order_by(col(JobOrder.id))))


def job_of(session: Session, plant_id: str, job_id: str) -> JobOrder:
    """Raises `NotFound`."""
    row = session.get(JobOrder, job_id)
    if row is None or row.plant_id != plant_id or row.state == State.HELD:
        raise NotFound("There is no such job here.")
    return row


def start(session: Session, rows: Sequence[JobOrder], act: Act, now: Now) -> list[JobOrder]:
    """Begin one operation, or light one firing with all its members together; returns what began.

    A firing goes without members that cannot start; it is refused if none can.
    """
    orders = _locked(session, rows)
    centre = work_centre(session, rows[0].plant_id, rows[0].resource)
    _not_from_the_future(act, now)
    origin = plans.head(session, centre.plant_id).origin
    able = _able(session, rows, orders, centre, act, origin)
    _resource_is_free(session, centre, able)
    version = plans.bump(session, centre.plant_id)
    for row in able:
        _begin(session, row, act, version, origin)
    session.flush()
    for row in able:
        _issue(session, orders[row.order_id], row, now)
        _tell_started(session, orders[row.order_id], row, centre, act, now, origin)
    return able


def _locked(session: Session, rows: Sequence[JobOrder]) -> dict[str, Order]:
    """Orders first, by id, then the rows afresh."""
    orders = {order_id: lock(session, order_id) for order_id in sorted({row.order_id for row in rows})}
    for row in sorted(rows, key=lambda r: r.id):
        session.refresh(row, with_for_update=True)
    return orders


def _not_from_the_future(act: Act, now: Now) -> None:
    if act.event_time > now.business + AHEAD_OF_CLOCK:
        raise WrongTime("This lies in the future. Check the tablet's clock.")
    if act.event_time < now.business - LONG_AGO:
        raise WrongTime("This lies more than 60 days back. Check the tablet's clock.")


def _able(
    session: Session, rows: Sequence[JobOrder], orders: dict[str, Order], centre: WorkCentre, act: Act,
    origin: datetime,
) -> list[JobOrder]:
    able, refused = [], []
    for row in rows:
        try:
            _may_start(session, orders[row.order_id], row, act, origin)
            able.append(row)
        except NotStartable as error:
            refused.append(error)
    if refused and (centre.kind != Kind.BATCH or not able):
        raise refused[0]
    return able


def _may_start(session: Session, order: Order, row: JobOrder, act: Act, origin: datetime) -> None:
    """Raises `NotStartable` with what hinders."""
    if row.state != State.FIRM:
        raise NotStartable(f"This job is {row.state} already.", job=row.id)
    if order.stage not in MAKEABLE:
        raise NotStartable(f"Order {order.number or order.id} is {order.stage}, not planned.", job=row.id)
    reason = stopped_by(order)
    if reason:
        sentence = HOLD_SENTENCES.get(reason, f"The order is on hold: {reason}.")
        raise OnHold(sentence, job=row.id, reason=reason)
    _after_the_one_before(session, row, act, origin)
    missing = answerers_for(session, order).materials.missing(session, order.id, row.code)
    if missing and not row.issued:
        raise MaterialMissing(f"Not in stock: {', '.join(missing)}.", job=row.id, materials=missing)


def stopped_by(order: Order) -> str:
    """The hold that keeps the order's work from starting; empty if none does."""
    reasons = (order.hold_reason or "").split(",") if order.held else []
    return next((reason for reason in reasons if reason not in GOES_ON), "")


def _after_the_one_before(session: Session, row: JobOrder, act: Act, origin: datetime) -> None:
    before = neighbour(session, row, -1)
    if before is None:
        return
    if before.state != State.DONE or before.actual_end is None:
        raise TooSoon(f"{before.name['en']} of this lot is not finished.", job=row.id)
    rested = rested_at(before, origin)
    if minute_of(origin, act.event_time) < rested:
        at, zone = instant(origin, rested), session.get_one(Plant, row.plant_id).timezone
        raise TooSoon(
            f"It rests after {before.name['en']} until {daytime(at, 'en', zone)}.",
            job=row.id, until=at.isoformat(),
        )  # fmt: skip


def rested_at(before: JobOrder, origin: datetime) -> int:
    """The minute from which the operation after this finished one may start."""
    assert before.actual_end is not None
    return minute_of(origin, before.actual_end) + before.min_lag


def neighbour(session: Session, row: JobOrder, step: int) -> JobOrder | None:
    """The operation before (-1) or after (1) it in the same lot."""
    query = select(JobOrder).where(
        JobOrder.order_id == row.order_id, JobOrder.lot == row.lot, JobOrder.position == row.position + step,
        col(JobOrder.state) != State.RELEASED,
    )  # fmt: skip
    return session.exec(query).one_or_none()


def _resource_is_free(session: Session, centre: WorkCentre, rows: Sequence[JobOrder]) -> None:
    here = (JobOrder.plant_id == centre.plant_id, JobOrder.resource == centre.code)
    running = list(session.exec(select(JobOrder).where(*here, JobOrder.state == State.RUNNING)))
    load = sum(row.size for row in rows)
    if centre.kind == Kind.POOL:
        if sum(row.size for row in running) + load > (centre.capacity or 0):
            raise NotStartable(f"{centre.name['en']} is full.", resource=centre.code)
    elif running:
        raise NotStartable(f"{centre.name['en']} is still running. Finish that first.", resource=centre.code)
    if centre.kind == Kind.BATCH and load > (centre.capacity or 0):
        raise NotStartable(f"{centre.name['en']} does not hold that much.", resource=centre.code)


def _begin(session: Session, row: JobOrder, act: Act, version: int, origin: datetime) -> None:
    minutes = next(m for code, m in row.modes if code == row.resource)
    row.state, row.actual_start, row.done_by = State.RUNNING, act.event_time, act.account
    before = neighbour(session, row, -1)
    # what ended within this minute keeps it in the plan
    earliest = before.end + before.min_lag if before is not None else 0
    row.start = max(minute_of(origin, act.event_time), earliest)
    row.end, row.changed = row.start + minutes, version
    lot = lot_of(session, row)
    lot.state = State.RUNNING
    session.add_all((row, lot))


def _issue(session: Session, order: Order, row: JobOrder, now: Now) -> None:
    """Take the lot's share of the operation's material out of stock, once."""
    if row.issued:
        return
    share = min(Decimal(1), Decimal(row.pieces) / spec_of(session, order.id).start_quantity)
    answerers_for(session, order).materials.issue(session, order.id, row.code, share, now)
    row.issued = True
    session.add(row)


def lot_of(session: Session, row: JobOrder) -> ProductionOrder:
    """The lot the job belongs to."""
    query = select(ProductionOrder).where(
        ProductionOrder.order_id == row.order_id, ProductionOrder.lot == row.lot
    )
    return session.exec(query).one()


def run_name(centre: WorkCentre, row: JobOrder) -> str:
    """The reference of one run of a batch resource: `KILN1.12345`, its work centre and start minute."""
    return f"{centre.code}.{row.start}"


def _tell_started(
    session: Session, order: Order, row: JobOrder, centre: WorkCentre, act: Act, now: Now, origin: datetime
) -> None:
    actor, at = act.account, act.event_time
    if order.stage == Stage.SCHEDULED:
        pieces = spec_of(session, order.id).start_quantity
        fire(session, order.id, "start", Started(pieces=pieces), now=now, actor=actor, event_time=at)
    payload: JobStarted | FiringLit
    if centre.kind == Kind.BATCH:
        payload = FiringLit(
            lot=row.lot, code=row.code, firing=firing_names(centre, row), kiln=centre.name,
            resource=centre.code, run=run_name(centre, row), pieces=row.pieces,
            opens_at=instant(origin, row.end),
        )  # fmt: skip
    else:
        payload = JobStarted(
            lot=row.lot, code=row.code, operation=row.name, resource=centre.code, pieces=row.pieces
        )
    emit(session, order.id, payload, now=now, actor=actor, event_time=at)


def firing_names(centre: WorkCentre, row: JobOrder) -> dict[str, str]:
    """What the firing is called: the recipe's name at this work centre, else the operation's."""
    known = centre.firings.get(row.family or "", {})
    names: dict[str, str] = known.get("name") or row.name
    return names


def finish(
    session: Session, row: JobOrder, act: Act, now: Now, *, good: int | None, scrap: int | None,
    reason: str = "",
) -> JobOrder:
    """End one operation with counted pieces; what is not said follows from what went in."""
    order = lock(session, row.order_id)
    session.refresh(row, with_for_update=True)
    _not_from_the_future(act, now)
    _may_finish(order, row, act)
    counted = _counts(row, good, scrap)
    origin = plans.head(session, row.plant_id).origin
    version = plans.bump(session, row.plant_id)
    row.state, row.actual_end, row.done_by = State.DONE, act.event_time, act.account
    row.end, row.changed = max(row.start + 1, minute_of(origin, act.event_time)), version
    row.good, row.scrap, row.scrap_reason = *counted, reason or row.scrap_reason
    session.add(row)
    _pass_on(session, row, version)
    session.flush()
    _tell_finished(session, order, row, act, now)
    return row


def _may_finish(order: Order, row: JobOrder, act: Act) -> None:
    if row.state != State.RUNNING or row.actual_start is None:
        raise NotRunning(f"This job is {row.state}; start it first.", job=row.id)
    if act.event_time < row.actual_start:
        raise WrongTime(f"It began at {row.actual_start:%H:%M} UTC; it cannot end before that.", job=row.id)
    if order.stage != Stage.IN_PRODUCTION:
        raise NotRunning(f"Order {order.number or order.id} is {order.stage}.", job=row.id)


def _counts(row: JobOrder, good: int | None, scrap: int | None) -> tuple[int, int]:
    """(good, scrap); together what went in, no more and no less."""
    if good is None:
        good = row.pieces - max(scrap or 0, row.scrap)
    if scrap is None:
        scrap = row.pieces - good
    if good < 0 or scrap < 0 or good + scrap != row.pieces:
        raise Invalid(
            f"{row.pieces} pieces went in: good and scrap must add up to that.", job=row.id, pieces=row.pieces
        )
    return good, scrap


def _pass_on(session: Session, row: JobOrder, version: int) -> None:
    """The next operations get the good pieces only: they need less room."""
    lot = lot_of(session, row)
    lot.good_pieces = row.good
    lot.scrapped += row.scrap
    if row.last:
        lot.state = State.DONE
    if not row.good:
        lot.state = State.SCRAPPED
    session.add(lot)
    for after in ahead_of(session, row):
        shrink(after, row.good or 0, version)
        session.add(after)


def ahead_of(session: Session, row: JobOrder) -> list[JobOrder]:
    """The operations of its lot after it."""
    query = select(JobOrder).where(
        JobOrder.order_id == row.order_id, JobOrder.lot == row.lot, JobOrder.state == State.FIRM,
        JobOrder.position > row.position,
    )  # fmt: skip
    return list(session.exec(query))


def shrink(row: JobOrder, pieces: int, version: int) -> None:
    """Fewer pieces go into this operation than planned; with none left it gives its place back."""
    if pieces < row.pieces:
        row.size = max(1, -(-row.size * pieces // row.pieces))
        row.pieces, row.changed = pieces, version
    if pieces == 0:
        row.state, row.changed = State.RELEASED, version


def _tell_finished(session: Session, order: Order, row: JobOrder, act: Act, now: Now) -> None:
    centre = work_centre(session, row.plant_id, row.resource)
    good, scrap, quantity = row.good or 0, row.scrap, enough(session, order.id)
    payload: JobFinished | FiringOpened
    if centre.kind == Kind.BATCH:
        payload = FiringOpened(
            lot=row.lot, code=row.code, firing=firing_names(centre, row), kiln=centre.name,
            resource=centre.code, run=run_name(centre, row), good=good, scrap=scrap, quantity=quantity,
        )  # fmt: skip
    else:
        payload = JobFinished(
            lot=row.lot, code=row.code, operation=row.name, done=centre.done or row.name,
            resource=centre.code, good=good, scrap=scrap, quantity=quantity,
        )  # fmt: skip
    emit(session, order.id, payload, now=now, actor=act.account, event_time=act.event_time)
