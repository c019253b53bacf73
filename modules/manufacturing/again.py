"""Pieces begun again: as new lots of one further shade lot, at the earliest place the plan has."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.lifecycle import emit
from cosmo.orders import Order
from cosmo.ports import CapacityAsk
from cosmo.promised import promised_end
from cosmo.reconsidering import reconsider
from cosmo.spec import Spec, start_quantity
from modules.manufacturing import plan as plans
from modules.manufacturing.displacing import book_of
from modules.manufacturing.keeping import pressed
from modules.manufacturing.lots import lots_of
from modules.manufacturing.making import Act
from modules.manufacturing.making_room import make_room
from modules.manufacturing.models import JobOrder, ProductionOrder, State
from modules.manufacturing.outlook import GONE, lots_there, where
from modules.manufacturing.payloads import LotScrapped
from modules.manufacturing.problems import dues_of, lot_id
from modules.manufacturing.promising import Taking, rows_of
from modules.manufacturing.searching import Found, answer_of, soonest_for
from modules.manufacturing.standing import Standing
from modules.manufacturing.times import instant
from modules.manufacturing.withdrawing import rows_ahead, withdraw
from scheduler.book import Book
from scheduler.compiling import loaded
from scheduler.offers import Offer
from scheduler.promising import Promise


@dataclass(frozen=True, slots=True)
class Loss:
    """What was lost, where and why: the cause of what is begun again."""

    lot: int
    code: str
    resource: str
    scrap: int
    reason: str
    spared: Mapping[str, int] = field(default_factory=dict)
    """Operation code -> pieces that do not come to it any more, so that their material is still there."""


def loss_at(row: JobOrder) -> Loss:
    """The loss counted at an operation."""
    return Loss(row.lot, row.code, row.resource, row.scrap, row.scrap_reason)


def begin_again(
    session: Session, order: Order, spec: Spec, loss: Loss, missing: int, act: Act, now: Now
) -> None:
    """New lots for the missing pieces, in the next shade lot, at the earliest place."""
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
        lot=loss.lot, code=loss.code, scrap=loss.scrap, reason=loss.reason, again=pieces, new_lot=number,
        shade_lot=shade, spared=dict(loss.spared),
    )  # fmt: skip
    emit(session, order.id, payload, now=now, actor=act.account, event_time=act.event_time)
    reconsider(session, order.id, found.answer.ready_at, "scrap", loss.resource, now)


def scrap_all(session: Session, order: Order) -> tuple[int, dict[str, int]]:
    """Nothing of the order's lots is used any more: (pieces scrapped, operation -> pieces whose material is
    still there)."""
    spared: dict[str, int] = {}
    starts = {lot.lot: lot.start_pieces for lot in lots_there(session, order.id)}
    for row in rows_ahead(session, order.id):
        if not row.issued:
            spared[row.code] = spared.get(row.code, 0) + starts[row.lot]
    scrapped = sum(_scrapped(session, order.id, lot) for lot in lots_there(session, order.id))
    withdraw(session, order.plant_id, order.id)
    return scrapped, spared


def _scrapped(session: Session, order_id: str, lot: ProductionOrder) -> int:
    """Count what is there of a lot that has begun as scrap; one that has not is simply not made."""
    if lot.state in GONE or lot.state == State.FIRM:
        return 0
    pieces, _ = where(session, order_id, lot)
    lot.scrapped, lot.good_pieces = lot.scrapped + pieces, 0
    session.add(lot)
    return pieces


def end_if(session: Session, order: Order, spec: Spec, missing: int, now: Now, *, whole: bool) -> datetime:
    """When the plan would be done if `missing` pieces were begun again now; nothing is taken.

    `whole`: instead of everything that is ahead, else beside it. Raises `NoCapacity`.
    """
    own = [row.id for row in rows_ahead(session, order.id)]
    with plans.standing(session, order.plant_id, now) as plan, plan.without(own if whole else ()):
        found = _search(session, plan, order, spec, 1, start_quantity(missing, spec.routing), now)
    return found.answer.ready_at


def end_ahead(session: Session, order: Order, now: Now) -> datetime:
    """When the last of what is planned or running for the order ends; now if nothing is."""
    going = col(JobOrder.state).in_((State.FIRM, State.RUNNING))
    query = select(JobOrder.end).where(JobOrder.order_id == order.id, going)
    ends = session.exec(query).all()
    origin = plans.head(session, order.plant_id).origin
    return max([now.business, *(instant(origin, end) for end in ends)])


def _search(
    session: Session, plan: Standing, order: Order, spec: Spec, number: int, pieces: int, now: Now
) -> Found:
    ask = CapacityAsk(order.plant_id, spec, now.business)
    lots = tuple(lots_of(spec, plan.floor.centres, {}, first=number, pieces=pieces))
    return soonest_for(session, plan, ask, lots, plan.minute_after(now.business), now)


def found_by(
    session: Session, plan: Standing, order: Order, spec: Spec, found: Found, by: datetime, now: Now
) -> Found:
    """`found`, or if it is done after `by`, a place by then, for which others go as far as their own promises
    let them."""
    minute, book = plan.snapshot.minute(by), book_of(session, plan, now)
    if found.promised.completion <= minute or book is None or not loaded():
        return found
    owners = {lot_id(key): key[0] for key in plan.snapshot.lots()}
    dues = dues_of(session, plan.snapshot, set(owners.values()))
    limits = {job: dues[owner] for job, owner in owners.items() if owner in dues}
    offer = pressed(book, _offer(book, found), minute, limits)
    places = Promise(offer.assignments, offer.completion, offer.hinges_on, offer.opens)
    ask = CapacityAsk(order.plant_id, spec, now.business)
    return Found(found.lots, places, answer_of(plan, ask, found.lots, places), offer.displaced)


def _offer(book: Book, found: Found) -> Offer:
    jobs, told = tuple(lot.job() for lot in found.lots), found.promised
    return Offer(
        jobs, told.assignments, told.completion, told.hinges_on, told.opens, book.version,
        dict(found.displaced),
    )  # fmt: skip


def _take(session: Session, order: Order, spec: Spec, number: int, pieces: int, now: Now) -> Found:
    """At the earliest place; where that breaks the promise, at one that a search of the whole plan finds."""
    taking, by = Taking(order.id, order.plant_id, State.FIRM), promised_end(session, order)

    def search(plan: Standing) -> Found:
        found = _search(session, plan, order, spec, number, pieces, now)
        return found if by is None else found_by(session, plan, order, spec, found, by, now)

    def write(found: Found, version: int) -> None:
        make_room(session, order.plant_id, found.displaced, version, now)
        session.add_all(rows_of(found, taking, version))

    return plans.take(session, order.plant_id, now, search, write)
