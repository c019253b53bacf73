"""Applying deliveries: the effect and the mark that it is done are one transaction, so it happens once.

Order per lane (see `outbox.lane_of`): of one order, a module's deliveries are applied in the sequence of
their events. One that is dead keeps the later ones of its lane waiting, visibly, until a person retries it or
does without it: a module that has missed an event must not act on the next as if it had not. Other modules,
other orders and the kernel's own handlers go on. A delivery never waits inside a transaction, so nothing can
deadlock: the relay simply does not send it yet.

Every delivery locks its order first and its own row second, as do cancelling and the operator's actions.
"""

import logging
import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BindParameter, ColumnElement, and_, exists, func, literal_column, or_
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from cosmo.clock import Now, read_now
from cosmo.db import Database
from cosmo.errors import Conflict, NotFound
from cosmo.events import Event
from cosmo.i18n import N_
from cosmo.lifecycle import lock
from cosmo.orders import Order
from cosmo.outbox import UNFINISHED, Delivery, DeliveryState
from cosmo.registry import Handler, registry
from cosmo.tasks import DELIVERY_DEAD, SENTENCES, UNDO_FAILED, open_task, settle
from cosmo.turns import NoTurn

MOST_ATTEMPTS = 8
LATE = timedelta(minutes=2)
ABSENT_AGAIN = timedelta(minutes=1)
BUSY_AGAIN = timedelta(seconds=1)
_LONGEST_ERROR = 2000
_log = logging.getLogger(__name__)


class HandlerMissing(Exception):
    """No installed module brings the handler; its text says what to do."""


def backoff(attempts: int) -> timedelta:
    """Wall time until the next attempt: 1, 2, 4 ... at most 120 seconds, give or take half."""
    seconds: float = min(2 ** (attempts - 1), 120)
    return timedelta(seconds=seconds * random.uniform(0.5, 1.5))


def deliver(database: Database, delivery_id: str) -> None:
    """Apply one leased delivery; a failure is written down and tried again later, never raised."""
    try:
        database.retry(lambda session: _apply(session, delivery_id))
    except Exception as error:
        _log.warning("delivery %s failed", delivery_id, exc_info=error)
        record_failure(database, delivery_id, error)


def record_failure(database: Database, delivery_id: str, error: BaseException) -> None:
    """`note_failure` in a transaction of its own."""
    database.retry(lambda session: note_failure(session, delivery_id, error, read_now(session)))


def _apply(session: Session, delivery_id: str) -> None:
    delivery = _locked(session, delivery_id)
    if delivery is None or delivery.state != DeliveryState.LEASED:
        return  # sent twice: another worker has applied it, or it was undone meanwhile
    now = read_now(session)
    _handler(delivery.handler).apply(session, session.get_one(Event, delivery.position), now)
    delivery.state, delivery.done_at = DeliveryState.DONE, now.wall
    delivery.error, delivery.lease_until = None, None
    session.add(delivery)
    settle(session, DELIVERY_DEAD, delivery.id, now=now)


def _locked(session: Session, delivery_id: str) -> Delivery | None:
    """The order's lock first, then the delivery's row; None if there is no such delivery."""
    delivery = session.get(Delivery, delivery_id)
    if delivery is None:
        return None
    lock(session, delivery.order_id)
    return session.get(Delivery, delivery_id, with_for_update=True, populate_existing=True)


def _handler(name: str) -> Handler:
    found = registry().handler(name)
    if found is None:
        module = name.partition(".")[0]
        raise HandlerMissing(
            f"No installed module answers as {name}. Install {module!r} again, or do without this step."
        )
    return found


def note_failure(session: Session, delivery_id: str, error: BaseException, now: Now) -> None:
    """Write down why, and when it is tried again; the last attempt makes it dead and asks a person."""
    delivery = _locked(session, delivery_id)
    if delivery is None or delivery.state != DeliveryState.LEASED:
        return
    delivery.error = f"{type(error).__name__}: {error}"[:_LONGEST_ERROR]
    delivery.state, delivery.lease_until = DeliveryState.PENDING, None
    if isinstance(error, HandlerMissing):
        delivery.next_at = now.wall + ABSENT_AGAIN
    elif _is_busy(error):
        delivery.next_at = now.wall + BUSY_AGAIN
    else:
        _count_attempt(session, delivery, now)
    session.add(delivery)


def _is_busy(error: BaseException) -> bool:
    """The database was busy or away: no attempt of the handler's, so it does not count."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, NoTurn)
    state = getattr(error.orig, "sqlstate", None) or ""
    return (
        error.connection_invalidated or state[:2] in {"08", "40", "53", "57"} or "locked" in str(error.orig)
    )


def _count_attempt(session: Session, delivery: Delivery, now: Now) -> None:
    delivery.attempts += 1
    delivery.next_at = now.wall + backoff(delivery.attempts)
    if delivery.attempts >= MOST_ATTEMPTS:
        delivery.state = DeliveryState.DEAD
        _ask_a_person(session, delivery, DELIVERY_DEAD, now)


def _ask_a_person(session: Session, delivery: Delivery, kind: str, now: Now) -> None:
    order = session.get_one(Order, delivery.order_id)
    open_task(
        session,
        order.manufacturer_id,
        kind,
        delivery.id,
        SENTENCES[kind],
        now=now,
        order_id=order.id,
        handler=delivery.handler,
        attempts=delivery.attempts,
        order=order.number or order.id,
        error=delivery.error,
    )


def undo_all(session: Session, order_id: str, now: Now) -> None:
    """Take back, latest first, what handlers did for an order that is cancelled; the caller holds its lock.

    Each undo has its own savepoint; one that fails leaves its effect and becomes a task. What was not
    applied yet and could be undone is not applied any more, and nothing dead is tried again. Answers to
    the cancellation itself still go out.
    """
    query = (
        select(Delivery, Event)
        .join(Event, col(Delivery.position) == col(Event.position))
        .where(Delivery.order_id == order_id, Event.type != "cancelled")
        .order_by(col(Delivery.position).desc(), col(Delivery.id).desc())
    )
    for delivery, event in session.exec(query.with_for_update(of=Delivery)).all():
        _undo(session, delivery, event, now)


def _undo(session: Session, delivery: Delivery, event: Event, now: Now) -> None:
    handler = registry().handler(delivery.handler)
    undo = handler.undo if handler else None
    match delivery.state:
        case DeliveryState.DONE if undo is not None:
            try:
                with session.begin_nested():
                    undo(session, event, now)
            except Exception as error:
                _log.warning("undo of delivery %s failed", delivery.id, exc_info=error)
                delivery.error = f"{type(error).__name__}: {error}"[:_LONGEST_ERROR]
                _ask_a_person(session, delivery, UNDO_FAILED, now)
                return
        case DeliveryState.PENDING | DeliveryState.LEASED if undo is not None:
            pass
        case DeliveryState.DEAD:
            settle(session, DELIVERY_DEAD, delivery.id, now=now)
        case _:
            return
    delivery.state, delivery.lease_until = DeliveryState.UNDONE, None
    session.add(delivery)


def blocked() -> ColumnElement[bool]:
    """SQL: an earlier delivery of the same order and lane is not finished."""
    earlier = aliased(Delivery)
    return exists().where(
        col(earlier.order_id) == col(Delivery.order_id),
        col(earlier.lane) == col(Delivery.lane),
        col(earlier.position) < col(Delivery.position),
        # written out, not bound: only so do the databases see that the index of open ones serves
        col(earlier.state).in_([literal_column(f"'{state.value}'") for state in UNFINISHED]),
    )


def due(wall: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """SQL: to be sent now: pending and due, or leased to somebody who never came back; first of its lane."""
    pending = and_(col(Delivery.state) == DeliveryState.PENDING, col(Delivery.next_at) <= wall)
    expired = and_(col(Delivery.state) == DeliveryState.LEASED, col(Delivery.lease_until) <= wall)
    return and_(or_(pending, expired), ~blocked())


@dataclass(frozen=True, slots=True)
class Stuck:
    """One delivery that is not getting on, as a person sees it."""

    delivery: Delivery
    order: Order
    event: Event
    behind: int
    """How many later deliveries wait for it."""


def stuck(session: Session, now: Now, manufacturer_id: str | None = None, limit: int = 200) -> list[Stuck]:
    """Deliveries that are dead, have failed, or are older than two minutes, oldest first.

    What only waits behind another of its lane is counted there and not listed.
    """
    late = col(Event.record_time) <= now.wall - LATE
    troubled = or_(col(Delivery.state) == DeliveryState.DEAD, col(Delivery.error).is_not(None), late)
    query = (
        select(Delivery, Order, Event)
        .join(Order, col(Delivery.order_id) == col(Order.id))
        .join(Event, col(Delivery.position) == col(Event.position))
        .where(col(Delivery.state).in_(UNFINISHED), troubled, ~blocked())
        .order_by(col(Delivery.position))
        .limit(limit)
    )
    if manufacturer_id is not None:
        query = query.where(Order.manufacturer_id == manufacturer_id)
    return [Stuck(d, o, e, _behind(session, d)) for d, o, e in session.exec(query).all()]


def _behind(session: Session, delivery: Delivery) -> int:
    query = select(func.count()).where(
        Delivery.order_id == delivery.order_id,
        Delivery.lane == delivery.lane,
        Delivery.position > delivery.position,
        col(Delivery.state).in_(UNFINISHED),
    )
    return session.exec(query).one()


def retry(session: Session, delivery_id: str, now: Now) -> Delivery:
    """Send a dead or waiting delivery again, at once and with all attempts; for the operator's screen."""
    delivery = _for_operator(session, delivery_id, "tried again")
    delivery.state, delivery.attempts, delivery.next_at = DeliveryState.PENDING, 0, now.wall
    delivery.lease_until = None
    session.add(delivery)
    return delivery


def drop(session: Session, delivery_id: str, now: Now) -> Delivery:
    """Do without a delivery for good, so that the ones behind it go on; for the operator's screen."""
    delivery = _for_operator(session, delivery_id, "left out")
    delivery.state, delivery.lease_until = DeliveryState.DROPPED, None
    session.add(delivery)
    settle(session, DELIVERY_DEAD, delivery.id, now=now, actor="kernel")
    return delivery


def _for_operator(session: Session, delivery_id: str, what: str) -> Delivery:
    delivery = _locked(session, delivery_id)
    if delivery is None:
        raise NotFound("There is no such delivery.")
    if delivery.state not in UNFINISHED:
        raise Conflict(N_("This delivery is over already; there is nothing left to do about it."))
    return delivery
