"""Until when a plan may end and still keep what an order was promised."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

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
    return latest_end(
        plant, order.ready_at, told.get("buffer_minutes"), ready_by_told(told, order.promised_date)
    )


def ready_by_told(promise: Mapping[str, Any], day: date | None) -> str | None:
    """The stored `ready_by`, if it is of this day: it is not of one that a promise was moved to."""
    same = day is not None and promise.get("delivery_date") == day.isoformat()
    told: str | None = promise.get("ready_by") if same else None
    return told


def latest_end(plant: Plant, ready_at: datetime, buffer: int | None, ready_by: str | None) -> datetime:
    """Until when the plan may end: till the carrier's call that still makes the day, or, where that is not
    told, as planned and the buffer (minutes)."""
    end = ready_at + buffer_told(buffer, plant)
    return max(end, datetime.fromisoformat(ready_by)) if ready_by else end
