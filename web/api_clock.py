"""Business time as this installation runs it: real, or simulated and how fast."""

from datetime import datetime, timedelta

from fastapi import APIRouter
from pydantic import Field

from cosmo.clock import ClockRow, ease
from cosmo.parties import Role
from web.deps import EVERYONE, CurrentNow, ReadSession, WriteSession, allow
from web.shapes import In, Out

router = APIRouter(prefix="/api/v1", tags=["clock"])


class ClockOut(Out):
    """`speed` is business seconds a wall second; 0 is paused."""

    business: datetime
    wall: datetime
    simulated: bool
    speed: float


@router.get("/clock", dependencies=[allow(*EVERYONE)])
def clock(session: ReadSession, now: CurrentNow) -> ClockOut:
    """Both times now."""
    row = session.get(ClockRow, 1)
    simulated = row is not None and row.simulated
    speed = row.speed if row is not None and simulated else 1.0
    return ClockOut(business=now.business, wall=now.wall, simulated=simulated, speed=speed)


class EasingIn(In):
    seconds: float = Field(gt=0, le=10)


@router.post("/clock/easing", status_code=204, dependencies=[allow(Role.PLATFORM)])
def slow_down(body: EasingIn, session: WriteSession) -> None:
    """Let simulated time go slowly for some wall seconds: who plays the people has fallen behind."""
    ease(session, timedelta(seconds=body.seconds))
