"""The two times: business time (real or simulated) and wall time, read once at the edge and passed in.

Business time runs the plan and every promise; wall time runs leases, sessions, rate limits and a quote's
countdown. The simulated clock is one row that all processes read.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlmodel import Field, Session, SQLModel, col, select

from cosmo.columns import UtcDateTime

EASED = 60.0
"""A minute a second: how fast simulated time goes while it is eased."""


@dataclass(frozen=True, slots=True)
class Now:
    """One instant, seen by both clocks; both are aware UTC datetimes."""

    business: datetime
    wall: datetime


class ClockRow(SQLModel, table=True):
    """Business time is `anchor_business` plus `speed` times the wall time since `anchor_wall`."""

    __tablename__ = "cosmo_clock"

    id: int = Field(default=1, primary_key=True)
    simulated: bool = False
    speed: float = 1.0
    anchor_wall: datetime = Field(sa_type=UtcDateTime)
    anchor_business: datetime = Field(sa_type=UtcDateTime)
    seen_wall: datetime = Field(sa_type=UtcDateTime)
    """When a process last said that it runs; simulated time stands still while none does."""
    eased_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Until this wall time simulated time goes at `EASED` at most: somebody is filling in an order, or the
    simulated people are behind."""


_ROW = select(ClockRow).where(col(ClockRow.id) == 1)  # put together once: asked with every request


def wall_time() -> datetime:
    """The one place that reads the machine's clock."""
    return datetime.now(UTC)


def business_time(row: ClockRow | None, wall: datetime) -> datetime:
    """Business time at `wall`, to the microsecond."""
    if row is None or not row.simulated:
        return wall
    passed = wall - row.anchor_wall
    if row.eased_until is None or row.speed <= EASED:
        return row.anchor_business + passed * row.speed
    eased = min(max(row.eased_until - row.anchor_wall, timedelta(0)), passed)
    return row.anchor_business + eased * EASED + (passed - eased) * row.speed


def read_now(session: Session) -> Now:
    """Both times now; for routes, jobs and the relay. Everything below them takes a `Now`."""
    wall = wall_time()
    return Now(business_time(session.exec(_ROW).first(), wall), wall)


def set_clock(session: Session, *, speed: float | None, business: datetime | None = None) -> ClockRow:
    """Re-anchor the clock. `speed` None means real time, 0 pauses, 60 is a minute a second."""
    now = read_now(session)
    row = session.get(ClockRow, 1)
    if row is None:
        row = ClockRow(id=1, anchor_wall=now.wall, anchor_business=now.business, seen_wall=now.wall)
    row.simulated = speed is not None
    row.speed = 1.0 if speed is None else speed
    row.anchor_wall, row.anchor_business = now.wall, business or now.business
    row.seen_wall, row.eased_until = now.wall, None
    session.add(row)
    return row


def ease(session: Session, wait: timedelta) -> None:
    """Let simulated time go slowly for `wait` of wall time: somebody needs it, and nothing shall be overtaken
    meanwhile. A longer easing that is under way stands."""
    row, until = session.get(ClockRow, 1), wall_time() + wait
    if row is None or not row.simulated or row.speed <= EASED:
        return
    if row.eased_until is None or row.eased_until < until:
        set_clock(session, speed=row.speed).eased_until = until


def hurry(session: Session) -> None:
    """End the easing."""
    row = session.get(ClockRow, 1)
    if row is not None and row.eased_until is not None:
        set_clock(session, speed=row.speed)


ASLEEP_AFTER = timedelta(seconds=20)
"""So long unseen means that no process ran."""


def keep_awake(session: Session) -> None:
    """Note that a process runs; a timed job, every few seconds."""
    row = session.get(ClockRow, 1)
    if row is not None and row.simulated:
        row.seen_wall = wall_time()
        session.add(row)


def wake_up(session: Session, setting: str) -> ClockRow | None:
    """At a process's start: simulated time goes on from when the last process was seen.

    `setting` is `real` or a speed, and says how a database that has no simulated clock yet begins; one that
    has keeps its own speed, since going back to real time would move business time backwards.
    """
    row, wall = session.get(ClockRow, 1), wall_time()
    if row is None or not row.simulated:
        return None if setting == "real" else set_clock(session, speed=float(setting))
    if wall - row.seen_wall > ASLEEP_AFTER:
        return set_clock(session, speed=row.speed, business=business_time(row, row.seen_wall))
    return row


def skip_ahead(session: Session, by: timedelta) -> ClockRow:
    """Move the simulated clock forward by `by`, keeping its speed."""
    now, row = read_now(session), session.get(ClockRow, 1)
    if row is None or not row.simulated:
        raise ValueError("Only a simulated clock can skip ahead.")
    return set_clock(session, speed=row.speed, business=now.business + by)
