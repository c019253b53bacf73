"""The plant's work centres, told to whoever writes a routing."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from cosmo.work_ports import Station
from modules.manufacturing.models import Kind, WorkCentre


class OnThePlan:
    """`cosmo.work_ports.Stations`: every work centre the plan knows, by rank."""

    def of(self, session: Session, plant_id: str) -> Sequence[Station]:
        query = select(WorkCentre).where(WorkCentre.plant_id == plant_id)
        rows = session.exec(query.order_by(col(WorkCentre.rank), col(WorkCentre.code)))
        return [Station(row.code, row.name, row.kind != Kind.BATCH and row.setup is None) for row in rows]
