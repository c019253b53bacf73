"""Until when a plan may end and still keep what an order was promised."""

from datetime import date, datetime, timedelta

from sqlmodel import Session

from cosmo.orders import Order
from cosmo.parties import Plant


def buffer_told(minutes: int | None, plant: Plant) -> timedelta:
    """What a stored promise added to the plan's end; the plant's buffer where it does not say (None)."""
    return timedelta(hours=plant.buffer_hours) if minutes is None else timedelta(minutes=minutes)


def buffer_of(session: Session, order: Order) -> timedelta:
    """What the order's promise added to the plan's end: the room that the plan has before a day moves."""
    return buffer_told(order.promise.get("buffer_minutes"), session.get_one(Plant, order.plant_id))


def promised_end(session: Session, order: Order) -> datetime | None:
    """The latest end of the plan that keeps what the order was promised."""
    if order.ready_at is None:
        return None
    plant, told = session.get_one(Plant, order.plant_id), order.promise
    call = told.get("call") or {}
    if (at := call_of(call.get("day"), call.get("at"), order.promised_date)) is not None:
        return at
    return order.ready_at + buffer_told(told.get("buffer_minutes"), plant)


def call_of(told_for: str | None, at: str | None, day: date | None) -> datetime | None:
    """The stored call of the carrier, if it is that of `day`."""
    same = at is not None and day is not None and told_for == day.isoformat()
    return datetime.fromisoformat(at) if at is not None and same else None
