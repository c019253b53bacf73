"""The two times: business time (real or simulated) and wall time, read once at the edge and passed in.

Business time runs the plan and every promise; wall time runs leases, sessions, rate limits and a quote's
countdown. The simulated clock is one row that all processes read.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlmodel import Field, Session, SQLModel

from cosmo.columns import UtcDateTime


@dataclass(frozen=True, slots=True)
class Now:
    """One instant, seen by both clocks; both are aware UTC datetimes."""

    business: datetime
    wall: datetime


class ClockRow(SQLModel, table=True):
    """How business time follows wall time: `anchor_business + (wall - anchor_wall) * speed`."""

    __tablename__ = "cosmo_clock"

    id: int = Field(default=1, primary_key=True)
    simulated: bool = False
    speed: float = 1.0
    anchor_wall: datetime = Field(sa_type=UtcDateTime)
    anchor_business: datetime = Field(sa_type=UtcDateTime)


def wall_time() -> datetime:
    """The one place that reads the machine's clock."""
    return datetime.now(UTC)


def business_time(row: ClockRow | None, wall: datetime) -> datetime:
    """Business time at `wall`, to the microsecond."""
    if row is None or not row.simulated:
        return wall
    return row.anchor_business + (wall - row.anchor_wall) * row.speed


def read_now(session: Session) -> Now:
    """Both times now; for routes, jobs and the relay. Everything below them takes a `Now`."""
    wall = wall_time()
    return Now(business_time(session.get(ClockRow, 1), wall), wall)


def set_clock(session: Session, *, speed: float | None, business: datetime | None = None) -> ClockRow:
    """Re-anchor the clock. `speed` None means real time, 0 pauses, 60 is a minute a second."""
    now = read_now(session)
    row = session.get(ClockRow, 1)
    if row is None:
        row = ClockRow(id=1, anchor_wall=now.wall, anchor_business=now.business)
    row.simulated = speed is not None
    row.speed = 1.0 if speed is None else speed
    row.anchor_wall, row.anchor_business = now.wall, business or now.business
    session.add(row)
    return row


def skip_ahead(session: Session, by: timedelta) -> ClockRow:
    """Move the simulated clock forward by `by`, keeping its speed."""
    now, row = read_now(session), session.get(ClockRow, 1)
    if row is None or not row.simulated:
        raise ValueError("Only a simulated clock can skip ahead.")
    return set_clock(session, speed=row.speed, business=now.business + by)
