"""Business time as this installation runs it: real, or simulated and how fast."""

from datetime import datetime

from fastapi import APIRouter

from cosmo.clock import ClockRow
from web.deps import EVERYONE, CurrentNow, ReadSession, allow
from web.shapes import Out

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
