"""One thing to do at a work centre: a job, or a firing with all its members."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, select

from cosmo.orders import Order
from modules.manufacturing.lists import Row, Waiting
from modules.manufacturing.making import neighbour
from modules.manufacturing.models import JobOrder, Kind, State
from modules.manufacturing.plant import work_centre
from modules.manufacturing.times import instant


@dataclass(frozen=True, slots=True)
class Work:
    """`rows` has one pair for a job and all members for a firing; `why` says what hinders it, as a code."""

    rows: tuple[Row, ...]
    why: str = ""
    before: JobOrder | None = None

    @property
    def row(self) -> JobOrder:
        return self.rows[0][0]

    @property
    def order(self) -> Order:
        return self.rows[0][1]

    @property
    def running(self) -> bool:
        return self.row.state == State.RUNNING

    @property
    def pieces(self) -> int:
        """What is there now: what went in without what was lost since."""
        return sum(row.pieces - row.scrap for row, _ in self.rows)

    @property
    def firing(self) -> str:
        return f"{self.row.resource}.{self.row.start}"

    @property
    def members(self) -> str:
        """The jobs in it, to find it by once it is planned anew."""
        return " ".join(row.id for row, _ in self.rows)


def work_of(rows: list[Row], waiting: Waiting | None = None) -> Work:
    return Work(tuple(rows), waiting.why if waiting else "", waiting.before if waiting else None)


def after(session: Session, row: JobOrder) -> JobOrder | None:
    """The operation that follows it in its lot."""
    return neighbour(session, row, 1)


def latest_start(session: Session, row: JobOrder, origin: datetime) -> datetime | None:
    """When a job must begin so that its lot makes the firing it is planned in; None without one ahead."""
    query = select(JobOrder).where(
        JobOrder.order_id == row.order_id, JobOrder.lot == row.lot, JobOrder.state == State.FIRM,
        JobOrder.position >= row.position,
    )  # fmt: skip
    taken = 0
    for job in sorted(session.exec(query), key=lambda r: r.position):
        kind = work_centre(session, job.plant_id, job.resource).kind
        if job.position > row.position and kind == Kind.BATCH:
            return instant(origin, job.start) - timedelta(minutes=taken)
        taken += job.end - job.start + job.min_lag
    return None
