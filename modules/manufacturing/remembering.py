"""What an act on the floor changed, kept with its scan, and the last act taken back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.errors import Conflict
from cosmo.lifecycle import emit, lock
from modules.manufacturing import plan as plans
from modules.manufacturing.making import MAKEABLE, Act
from modules.manufacturing.models import JobOrder, ProductionOrder, Scan
from modules.manufacturing.payloads import ScanUndone
from modules.manufacturing.shortfall import after_undoing

_JOB = (
    "state", "resource", "start", "end", "pieces", "size", "actual_start", "actual_end", "good", "scrap",
    "scrap_reason", "done_by",
)  # fmt: skip
_LOT = ("state", "good_pieces", "scrapped")


class ClientIdTaken(Conflict):
    type, title = "client-id-taken", "This scan has been sent before with another content"


class CannotUndo(Conflict):
    type, title = "cannot-undo", "This cannot be taken back any more"


def remembered(session: Session, rows: Sequence[JobOrder]) -> list[dict[str, Any]]:
    """The fields an act may change: of every lot concerned, its jobs not done before, and the lot itself."""
    kept: list[dict[str, Any]] = []
    for order_id, lot in sorted({(row.order_id, row.lot) for row in rows}):
        first = min(row.position for row in rows if (row.order_id, row.lot) == (order_id, lot))
        jobs = select(JobOrder).where(JobOrder.order_id == order_id, JobOrder.lot == lot)
        kept += [_kept(job, _JOB) for job in session.exec(jobs) if job.position >= first]
        lots = select(ProductionOrder).where(ProductionOrder.order_id == order_id)
        kept += [_kept(row, _LOT if row.lot == lot else ()) for row in session.exec(lots)]
    return kept


def _kept(row: JobOrder | ProductionOrder, fields: Sequence[str]) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in fields}
    return {
        "table": type(row).__name__,
        "id": row.id,
        **{k: v.isoformat() if isinstance(v, datetime) else v for k, v in values.items()},
    }


def last_act(session: Session, plant_id: str, resource: str) -> Scan | None:
    """The latest act at a work centre that still stands."""
    query = select(Scan).where(
        Scan.plant_id == plant_id, Scan.resource == resource, col(Scan.undone_at).is_(None)
    )
    return session.exec(query.order_by(col(Scan.number).desc())).first()


def undo_last(
    session: Session, plant_id: str, resource: str, account: str, now: Now, *, client_id: str = ""
) -> Scan:
    """Take back the last act at a work centre; the caller then mends the plan. Raises `CannotUndo` once
    something has followed from it. The same `client_id` again changes nothing."""
    known = _undone(session, plant_id, client_id)
    if known is not None:
        return known
    scan = last_act(session, plant_id, resource)
    if scan is None:
        raise CannotUndo("Nothing has been scanned here yet.")
    orders = sorted({job.order_id for job in _jobs(session, scan)})
    for order_id in orders:
        if lock(session, order_id).stage not in MAKEABLE:
            raise CannotUndo("The order has gone on since. Ask the planner.")
    _nothing_followed(session, scan)
    version = plans.bump(session, plant_id)
    _put_back(session, scan, version)
    scan.undone_at = now.wall
    session.add(scan)
    if client_id:
        session.add(_record(scan, client_id, account, now))
    session.flush()
    for job in _jobs(session, scan):
        payload = ScanUndone(lot=job.lot, code=job.code, action=scan.action, resource=resource)
        emit(session, job.order_id, payload, now=now, actor=account)
    for order_id in orders:
        after_undoing(session, order_id, Act(now.business, account), now)
    return scan


def _undone(session: Session, plant_id: str, client_id: str) -> Scan | None:
    """The undo that came under this key before. Raises `ClientIdTaken` if something else did."""
    query = select(Scan).where(Scan.plant_id == plant_id, Scan.client_id == client_id)
    found = session.exec(query).first() if client_id else None
    if found is not None and found.action != "undo":
        raise ClientIdTaken("This client_id belongs to another scan. Give every scan its own.")
    return found


def _record(scan: Scan, client_id: str, account: str, now: Now) -> Scan:
    """The undo itself, so that a tablet may send it twice; it can not be undone."""
    return Scan(
        plant_id=scan.plant_id, client_id=client_id, fingerprint="", resource=scan.resource, action="undo",
        target=scan.target, account_id=account, event_time=now.business, recorded_at=now.wall,
        result=scan.result, undone_at=now.wall,
    )  # fmt: skip


def _jobs(session: Session, scan: Scan) -> list[JobOrder]:
    return list(session.exec(select(JobOrder).where(col(JobOrder.id).in_(scan.jobs))))


def _nothing_followed(session: Session, scan: Scan) -> None:
    """No later act on the same lots, and no lot begun because of it."""
    lots = {(job.order_id, job.lot) for job in _jobs(session, scan)}
    later = select(Scan).where(
        Scan.plant_id == scan.plant_id, col(Scan.number) > (scan.number or 0), col(Scan.undone_at).is_(None)
    )
    for other in session.exec(later):
        if lots & {(job.order_id, job.lot) for job in _jobs(session, other)}:
            raise CannotUndo("The lot has gone on since; take back what followed first.")
    known = {kept["id"] for kept in scan.before if kept["table"] == "ProductionOrder"}
    for order_id in {order_id for order_id, _ in lots}:
        now_there = session.exec(select(ProductionOrder.id).where(ProductionOrder.order_id == order_id))
        if set(now_there) - known:
            raise CannotUndo("The missing pieces are planned again already. Ask the planner.")


def _put_back(session: Session, scan: Scan, version: int) -> None:
    for kept in scan.before:
        row = _row(session, kept)
        for name, value in kept.items():
            if name not in ("table", "id"):
                setattr(row, name, _value(name, value))
        if isinstance(row, JobOrder):
            row.changed = version
        session.add(row)


def _row(session: Session, kept: dict[str, Any]) -> JobOrder | ProductionOrder:
    if kept["table"] == "JobOrder":
        return session.get_one(JobOrder, kept["id"])
    return session.get_one(ProductionOrder, kept["id"])


def _value(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if name.startswith("actual_") and value else value
