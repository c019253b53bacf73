"""Deliveries: one row per handler and event, written with the event and applied exactly once."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, Table, UniqueConstraint, text
from sqlmodel import Field, Session, SQLModel

from cosmo.clock import Now
from cosmo.columns import UtcDateTime
from cosmo.events import Event
from cosmo.ids import new_id
from cosmo.rows import insert_rows


class DeliveryState(StrEnum):
    PENDING = "pending"
    LEASED = "leased"
    DONE = "done"
    DEAD = "dead"
    UNDONE = "undone"
    DROPPED = "dropped"


UNFINISHED = (DeliveryState.PENDING, DeliveryState.LEASED, DeliveryState.DEAD)
"""States that later deliveries of the same lane wait for."""

_LANE = ("order_id", "lane", "position")
_OPEN = text("state IN ('pending', 'leased', 'dead')")


def lane_of(handler: str) -> str:
    """What is kept in order per order: a module's handlers together; the kernel's each for itself.

    So a module sees an order's events in the sequence they happened in, and a mail that cannot be
    queued never keeps an order from being passed on.
    """
    module = handler.partition(".")[0]
    return handler if module == "kernel" else module


class Delivery(SQLModel, table=True):
    """All times are wall times. `LEASED` means sent to the broker; an expired lease goes out again.

    `DEAD` failed too often and waits for a person, who retries it or does without it (`DROPPED`).
    """

    __tablename__ = "cosmo_delivery"
    __table_args__ = (
        UniqueConstraint("position", "handler"),
        Index("ix_cosmo_delivery_state", "state", "next_at"),
        Index("ix_cosmo_delivery_open", *_LANE, sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    position: int = Field(foreign_key="cosmo_event.position")
    order_id: str = Field(foreign_key="cosmo_order.id", index=True)
    handler: str
    lane: str
    state: str = Field(default=DeliveryState.PENDING)
    attempts: int = 0
    next_at: datetime = Field(sa_type=UtcDateTime)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error: str | None = None
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


TABLE: Table = Delivery.__table__  # type: ignore[attr-defined]

def enqueue(session: Session, told: Iterable[tuple[Event, list[str]]], now: Now) -> None:
    """One pending delivery per event and handler, in the events' own transaction; all written at once."""
    rows = [_row(event, handler, now) for event, handlers in told for handler in handlers]
    insert_rows(session, TABLE, rows)


def _row(event: Event, handler: str, now: Now) -> dict[str, Any]:
    assert event.position is not None
    return {
        "id": new_id(),
        "position": event.position,
        "order_id": event.order_id,
        "handler": handler,
        "lane": lane_of(handler),
        "state": DeliveryState.PENDING.value,
        "attempts": 0,
        "next_at": now.wall,
    }
