"""Scans from the floor: in the order they came, each by itself, repeated ones answered again.

Every scan has its own savepoint, so that one which cannot be does not cost the others. When all are in, the
plan is mended once.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.errors import CosmoError, NotFound
from cosmo.i18n import N_
from cosmo.parties import Plant
from cosmo.tasks import open_task
from cosmo.touches import touch
from modules.manufacturing import plan as plans
from modules.manufacturing.losing import lose
from modules.manufacturing.making import Act, NotRunning, finish, job_of, running_firing, start
from modules.manufacturing.models import JobOrder, Scan, State
from modules.manufacturing.publishing import Cause
from modules.manufacturing.reality import CannotMend, settle
from modules.manufacturing.remembering import ClientIdTaken, remembered
from modules.manufacturing.schemas import ScanError, ScanIn, ScanOut
from modules.manufacturing.shortfall import after_counting
from modules.manufacturing.sites import which

PLAN_BROKEN = "plan-cannot-be-mended"
PLAN_SENTENCE = N_("The plan of {plant} cannot be mended: {error}")


@dataclass(slots=True)
class _Moves:
    """Why the plan may have to move, by plant."""

    plants: set[str] = field(default_factory=set)
    resource: str | None = None
    by_order: dict[str, tuple[str, str | None]] = field(default_factory=dict)


def apply_scans(
    session: Session, plants: Sequence[Plant], scans: Sequence[ScanIn], account: str, now: Now
) -> list[ScanOut]:
    """One answer per scan, in their order; what is refused changes nothing."""
    for plant in plants:
        plans.read_ahead(session, plant.id, now)
    moves = _Moves()
    results = [_apply(session, plants, scan, account, now, moves) for scan in scans]
    for plant in plants:
        if plant.id in moves.plants:
            mend(session, plant, Cause("late-start", moves.resource, moves.by_order), now)
            touch(session, f"plant:{plant.id}", now)
    return results


def mend(session: Session, plant: Plant, cause: Cause, now: Now) -> None:
    """Settle the plan; where that is impossible the facts stand and a person is asked."""
    try:
        with session.begin_nested():
            settle(session, plant.id, cause, now)
    except CannotMend as error:
        open_task(
            session, plant.manufacturer_id, PLAN_BROKEN, plant.id, PLAN_SENTENCE, now=now, plant=plant.name,
            error=error.detail,
        )  # fmt: skip


def _apply(
    session: Session, plants: Sequence[Plant], scan: ScanIn, account: str, now: Now, moves: _Moves
) -> ScanOut:
    try:
        return _once(session, plants, scan, account, now, moves)
    except CosmoError as error:
        told = ScanError(type=error.type, title=error.title, detail=error.detail)
        return ScanOut(client_id=scan.client_id, ok=False, error=told)


def _once(
    session: Session, plants: Sequence[Plant], scan: ScanIn, account: str, now: Now, moves: _Moves
) -> ScanOut:
    known = _replayed(session, plants, scan)
    if known is not None:
        return known
    try:
        with session.begin_nested():
            return _carry_out(session, plants, scan, account, now, moves)
    except IntegrityError:
        known = _replayed(session, plants, scan)
        if known is None:
            raise
        return known


def _replayed(session: Session, plants: Sequence[Plant], scan: ScanIn) -> ScanOut | None:
    """The answer it was given when it came before. Raises `ClientIdTaken` if it says something else now."""
    query = select(Scan).where(
        col(Scan.plant_id).in_([p.id for p in plants]), Scan.client_id == scan.client_id
    )
    row = session.exec(query).first()
    if row is None:
        return None
    if row.fingerprint != _fingerprint(scan):
        raise ClientIdTaken("This client_id belongs to another scan. Give every scan its own.")
    return ScanOut.model_validate({**row.result, "replayed": True})


def _fingerprint(scan: ScanIn) -> str:
    return hashlib.sha256(scan.model_dump_json(exclude={"members"}).encode()).hexdigest()


def _carry_out(
    session: Session, plants: Sequence[Plant], scan: ScanIn, account: str, now: Now, moves: _Moves
) -> ScanOut:
    rows = _targets(session, plants, scan)
    act = Act((scan.event_time or now.business).astimezone(UTC), account)
    record = Scan(
        plant_id=rows[0].plant_id, client_id=scan.client_id, fingerprint=_fingerprint(scan),
        resource=rows[0].resource, action=scan.action, target=scan.target, account_id=account,
        event_time=act.event_time, recorded_at=now.wall, before=remembered(session, rows),
    )  # fmt: skip
    done = _act(session, rows, scan, act, now)
    firing = f"{done[0].resource}.{done[0].start}" if scan.firing else None
    answer = ScanOut(client_id=scan.client_id, ok=True, jobs=[row.id for row in done], firing=firing)
    record.jobs, record.result = answer.jobs, answer.model_dump(mode="json")
    session.add(record)
    session.flush()
    _note(moves, done, scan)
    return answer


def _note(moves: _Moves, rows: Sequence[JobOrder], scan: ScanIn) -> None:
    moves.plants.add(rows[0].plant_id)
    moves.resource = rows[0].resource
    if scan.action == "scrap":
        moves.by_order.update({row.order_id: ("scrap", row.resource) for row in rows})


def _targets(session: Session, plants: Sequence[Plant], scan: ScanIn) -> list[JobOrder]:
    if scan.job is not None:
        row = session.get(JobOrder, scan.job)
        if row is None or row.plant_id not in {p.id for p in plants}:
            raise NotFound("There is no such job here.")
        return [job_of(session, row.plant_id, scan.job)]
    found = {plant.id: rows for plant in plants if (rows := _in_firing(session, plant, scan))}
    if len(found) > 1:
        raise which([plant for plant in plants if plant.id in found])
    if not found:
        raise NotFound("There is no such firing here, or nothing is in it any more.")
    return next(iter(found.values()))


def _in_firing(session: Session, plant: Plant, scan: ScanIn) -> list[JobOrder]:
    resource, _, minute = (scan.firing or "").rpartition(".")
    if not minute.isdigit() or len(minute) >= 10:
        return []
    rows = running_firing(session, plant.id, resource, int(minute))
    rows = [r for r in rows if (r.state == State.RUNNING) == (scan.action == "finish")]
    return rows or _moved_since(session, plant, scan) or _named_before(session, plant, scan)


def _moved_since(session: Session, plant: Plant, scan: ScanIn) -> list[JobOrder]:
    """What was seen in a firing that has been planned anew since, as far as it is in one firing still."""
    if scan.action != "start" or not scan.members:
        return []
    resource = (scan.firing or "").rpartition(".")[0]
    query = select(JobOrder).where(
        JobOrder.plant_id == plant.id, JobOrder.resource == resource, JobOrder.state == State.FIRM,
        col(JobOrder.id).in_(scan.members),
    )  # fmt: skip
    rows = session.exec(query.order_by(col(JobOrder.start), col(JobOrder.id))).all()
    return [row for row in rows if row.start == rows[0].start]


def _named_before(session: Session, plant: Plant, scan: ScanIn) -> list[JobOrder]:
    """A firing is known by its planned start until it is lit; a tablet may still call it so."""
    query = select(Scan).where(
        Scan.plant_id == plant.id, Scan.target == scan.target, Scan.action == "start",
        col(Scan.undone_at).is_(None),
    )  # fmt: skip
    lit = session.exec(query.order_by(col(Scan.number).desc())).first()
    if lit is None or scan.action != "finish":
        return []
    rows = [session.get_one(JobOrder, job) for job in lit.jobs]
    return [row for row in rows if row.state == State.RUNNING]


def _act(session: Session, rows: list[JobOrder], scan: ScanIn, act: Act, now: Now) -> list[JobOrder]:
    if scan.action == "start":
        return start(session, rows, act, now)
    if scan.action == "scrap":
        lose(session, rows[0], scan.scrap or 0, scan.scrap_reason, act, now)
        after_counting(session, rows[0], act, now)
        return rows
    return _finish_all(session, rows, scan, act, now)


def _finish_all(
    session: Session, rows: list[JobOrder], scan: ScanIn, act: Act, now: Now
) -> list[JobOrder]:
    strange = set(scan.scrap_by_job) - {row.id for row in rows}
    if strange:
        raise NotRunning(f"Not in this firing: {', '.join(sorted(strange))}.")
    for row in sorted(rows, key=lambda r: (r.order_id, r.lot)):
        scrap = scan.scrap_by_job.get(row.id, scan.scrap)
        finish(session, row, act, now, good=scan.good, scrap=scrap, reason=scan.scrap_reason)
        after_counting(session, row, act, now)
    return rows
