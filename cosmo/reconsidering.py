"""What became of a promise: the day the plan makes now, and the customer told where it is a later one."""

from datetime import date, datetime, timedelta

from sqlmodel import Session

from cosmo.asking import answerers_for
from cosmo.clock import Now
from cosmo.lifecycle import emit, lock
from cosmo.orders import Order
from cosmo.payloads import PromiseMoved
from cosmo.ports import DeliveryAnswer
from cosmo.promise import Call, ship_to_of, spec_of
from cosmo.promised import buffer_of

MOST_CALLS = 40
"""Calls of a carrier looked at for the last that makes a day."""


def delivery_date(session: Session, order: Order, ready_at: datetime, now: Now) -> date:
    """The day an order arrives if it is ready at `ready_at` (no buffer: as planned, not promised)."""
    return _way(session, order, ready_at, now).date


def _way(session: Session, order: Order, ready_at: datetime, now: Now) -> DeliveryAnswer:
    return answerers_for(session, order).delivery.deliver(
        session,
        order.plant_id,
        ship_to_of(session, order),
        spec_of(session, order.id).mass_kg,
        ready_at,
        order.promise.get("service") or None,
        now,
    )


def last_call(session: Session, order: Order, ready_at: datetime, day: date, now: Now) -> Call | None:
    """The last call of the carrier that still makes `day`, looked for from `ready_at` on; None if none does,
    or none is known."""
    found: Call | None = None
    for _ in range(MOST_CALLS):
        way = _way(session, order, ready_at, now)
        if way.ready_by is None or way.date > day:
            break
        found, ready_at = Call(day=day, at=way.ready_by), way.ready_by + timedelta(minutes=1)
    return found


def call_again(session: Session, order: Order, now: Now) -> None:
    """Keep with the promise until when it may be ready, now that its day or its way is another one."""
    if order.promise and order.ready_at is not None and order.promised_date is not None:
        call = last_call(session, order, order.ready_at, order.promised_date, now)
        order.promise = {**order.promise, "call": call.model_dump(mode="json") if call else None}
        session.add(order)


def day_if(session: Session, order: Order, ready_at: datetime, now: Now) -> date:
    """The day that holds if the plan ends at `ready_at`: the promised one while it is kept, else a new one
    with the buffer it was promised with."""
    planned = delivery_date(session, order, ready_at, now)
    if order.promised_date is not None and planned <= order.promised_date:
        return order.promised_date
    return delivery_date(session, order, ready_at + buffer_of(session, order), now)


def reconsider(
    session: Session, order_id: str, ready_at: datetime, reason: str, cause: str | None, now: Now
) -> bool:
    """Tell the customer if a plan that now ends at `ready_at` breaks the promised day; True if it moved.

    A plan that ends earlier or within the promise moves nothing: slack is the customer's. The new day
    carries the buffer again, so that one disruption moves a promise once.
    """
    order = lock(session, order_id)
    new = day_if(session, order, ready_at, now)
    if order.promised_date is None or new <= order.promised_date:
        return False
    payload = PromiseMoved(old=order.promised_date, new=new, ready_at=ready_at, reason=reason, cause=cause)
    emit(session, order_id, payload, now=now, actor="kernel")
    call_again(session, order, now)
    return True
