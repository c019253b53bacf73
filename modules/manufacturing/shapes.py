"""Rows as the API's shapes."""

from datetime import datetime

from cosmo.orders import Order
from modules.manufacturing.lists import Late, Waiting
from modules.manufacturing.models import JobOrder, Kind, WorkCentre
from modules.manufacturing.schemas import JobOut, LateOut, QueueJobOut, WorkCentreOut
from modules.manufacturing.times import instant

WHY = {
    "stage": "The order is not planned yet.",
    "hold": "The order is on hold.",
    "before": "The operation before it is not finished.",
    "material": "Material is missing.",
}


def centre_out(centre: WorkCentre) -> WorkCentreOut:
    return WorkCentreOut(
        code=centre.code, name=centre.name, kind=centre.kind, capacity=centre.capacity, unit=centre.unit,
        setup=centre.setup, area=centre.area, shifts=centre.shifts, hazards=centre.hazards,
    )  # fmt: skip


def job_out(row: JobOrder, order: Order, kind: str, origin: datetime) -> JobOut:
    return JobOut.model_validate(_job(row, order, kind, origin))


def _job(row: JobOrder, order: Order, kind: str, origin: datetime) -> dict[str, object]:
    return {
        "id": row.id, "order_id": row.order_id, "order": order.number, "lot": row.lot, "operation": row.code,
        "name": row.name, "resource": row.resource, "state": row.state, "start": instant(origin, row.start),
        "end": instant(origin, row.end), "pieces": row.pieces, "size": row.size, "family": row.family,
        "firing": f"{row.resource}.{row.start}" if kind == Kind.BATCH else None, "position": row.position,
        "actual_start": row.actual_start, "actual_end": row.actual_end, "good": row.good, "scrap": row.scrap,
    }  # fmt: skip


def waiting_out(waiting: Waiting, kind: str, origin: datetime) -> QueueJobOut:
    why = WHY.get(waiting.why, "")
    return QueueJobOut.model_validate(
        {**_job(waiting.row, waiting.order, kind, origin), "startable": not why, "why": why}
    )


def late_out(late: Late) -> LateOut:
    return LateOut(
        order_id=late.order.id, order=late.order.number, against=late.against,
        promised=(late.order.promised_date or late.missed).isoformat(),
        first_promise=(late.order.first_promise or late.missed).isoformat(),
        planned=late.planned.isoformat(), days=late.days, ready_at=late.ready_at,
    )  # fmt: skip
