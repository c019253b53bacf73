"""Says that something changed which no order's event tells, so that live boards look again.

A topic is `plant:<id>` or `party:<id>` (a supplier's, a carrier's). Rows are only ever added, so that two
transactions never wait for each other; old ones are pruned.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Table, delete
from sqlmodel import Field, Session, SQLModel, col

from cosmo.clock import Now
from cosmo.columns import UtcDateTime
from cosmo.rows import insert_rows

KEPT_FOR = timedelta(hours=1)


class Touch(SQLModel, table=True):
    """One "look again" for one topic; `at` is wall time."""

    __tablename__ = "cosmo_touch"

    id: int | None = Field(default=None, primary_key=True)
    topic: str
    at: datetime = Field(sa_type=UtcDateTime, index=True)


TABLE: Table = Touch.__table__  # type: ignore[attr-defined]


def touch(session: Session, topic: str, now: Now) -> None:
    """Whoever watches `topic` looks again once this transaction is committed."""
    session.add(Touch(topic=topic, at=now.wall))


def touch_all(session: Session, topics: Iterable[str], now: Now) -> None:
    """As `touch` for several topics, written at once."""
    insert_rows(session, TABLE, [{"topic": topic, "at": now.wall} for topic in sorted(topics)])


def prune(session: Session, now: Now) -> None:
    """Forget what every stream has long seen. A timed job of the kernel."""
    session.execute(delete(Touch).where(col(Touch.at) < now.wall - KEPT_FOR))
