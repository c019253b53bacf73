"""The append-only event log: typed payloads, each with its sentence and what must be hidden from whom.

Payloads hold ids and figures, never names, addresses or texts of people.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Table, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from cosmo.append_only import append_only
from cosmo.columns import Json, UtcDateTime
from cosmo.errors import Invalid
from cosmo.rows import insert_rows

AUDIENCES = ("customer", "plant", "supplier", "carrier")


@append_only
class Event(SQLModel, table=True):
    """One thing that happened to one order. `seq` is gapless per order, from 1."""

    __tablename__ = "cosmo_event"
    __table_args__ = (UniqueConstraint("order_id", "seq"),)

    position: int | None = Field(default=None, primary_key=True)
    order_id: str = Field(foreign_key="cosmo_order.id")
    seq: int
    type: str = Field(index=True)
    payload: dict[str, Any] = Field(sa_type=Json)
    actor: str
    """Account id, or `module:<name>`, `guest`, `kernel`."""
    event_time: datetime = Field(sa_type=UtcDateTime)
    record_time: datetime = Field(sa_type=UtcDateTime, index=True)


TABLE: Table = Event.__table__  # type: ignore[attr-defined]
_GIVEN = [column.name for column in TABLE.columns if column.name != "position"]


def append(session: Session, events: Sequence[Event]) -> None:
    """Store these events, all at once, after what they tell of; each has its position from now on."""
    rows = [{name: getattr(event, name) for name in _GIVEN} for event in events]
    session.flush()
    stored = insert_rows(session, TABLE, rows, "order_id", "seq", "position")
    positions = {(order_id, seq): position for order_id, seq, position in stored}
    for event in events:
        event.position = positions[event.order_id, event.seq]


class Payload(BaseModel):
    """Base of every payload. Subclasses set `type` and `sentence` (a gettext msgid with {fields})."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: ClassVar[str]
    sentence: ClassVar[str] = ""
    """Empty: not told to the customer."""
    audiences: ClassVar[frozenset[str]] = frozenset({"customer", "plant"})
    hidden: ClassVar[Mapping[str, frozenset[str]]] = {}
    """Audience -> fields it must not see."""

    def words(self) -> dict[str, Any]:
        """Values for the sentence's {fields}; dates stay dates, the teller formats them."""
        return {name: getattr(self, name) for name in type(self).model_fields}


PAYLOADS: dict[str, type[Payload]] = {}


def register(*payloads: type[Payload]) -> None:
    """Make event types known; the same class twice is fine, two classes for one type are not."""
    for payload in payloads:
        if PAYLOADS.setdefault(payload.type, payload) is not payload:
            raise ValueError(f"event type {payload.type!r} is registered twice")


def payload_of(event: Event) -> Payload:
    """The typed payload of a stored event."""
    return PAYLOADS[event.type].model_validate(event.payload)


def scrubbed(event: Event, audience: str) -> dict[str, Any] | None:
    """What `audience` may see of `event`'s payload; None if the event is not for it at all."""
    kind = PAYLOADS[event.type]
    if audience not in kind.audiences:
        return None
    hidden = kind.hidden.get(audience, frozenset())
    return {name: value for name, value in event.payload.items() if name not in hidden}


def events_after(session: Session, order_id: str, seq: int = 0, limit: int = 1000) -> list[Event]:
    """The order's events with a higher `seq`, in order."""
    if seq < 0:
        raise Invalid("`after` counts from 0.")
    query = select(Event).where(Event.order_id == order_id, Event.seq > seq)
    return list(session.exec(query.order_by(col(Event.seq)).limit(limit)))
