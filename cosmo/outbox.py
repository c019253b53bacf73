"""Deliveries: one row per handler and event, written with the event and applied exactly once."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, SQLModel

from cosmo.clock import Now
from cosmo.columns import UtcDateTime
from cosmo.events import Event
from cosmo.ids import new_id


class DeliveryState(StrEnum):
    PENDING = "pending"
    LEASED = "leased"
    DONE = "done"
    DEAD = "dead"
    UNDONE = "undone"


class Delivery(SQLModel, table=True):
    """All times are wall times. `LEASED` means sent to the broker; an expired lease goes out again."""

    __tablename__ = "cosmo_delivery"
    __table_args__ = (UniqueConstraint("position", "handler"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    position: int = Field(foreign_key="cosmo_event.position")
    order_id: str = Field(foreign_key="cosmo_order.id", index=True)
    handler: str
    state: str = Field(default=DeliveryState.PENDING, index=True)
    attempts: int = 0
    next_at: datetime = Field(sa_type=UtcDateTime, index=True)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error: str | None = None
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


def enqueue(session: Session, event: Event, handlers: list[str], now: Now) -> None:
    """One pending delivery per handler, in the event's own transaction."""
    assert event.position is not None
    for handler in handlers:
        delivery = Delivery(
            position=event.position, order_id=event.order_id, handler=handler, next_at=now.wall
        )
        session.add(delivery)
