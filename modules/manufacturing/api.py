"""/api/v1 of manufacturing: the plan, the floor's scans, disruptions."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from cosmo.access import plant_for
from cosmo.parties import Role
from modules.manufacturing import lists, shapes
from modules.manufacturing.breakdowns import report_breakdown
from modules.manufacturing.disrupting import Standstill
from modules.manufacturing.exporting import export
from modules.manufacturing.improving import SECONDS, Improvement, improve
from modules.manufacturing.models import Plan, State
from modules.manufacturing.plant import work_centre, work_centres
from modules.manufacturing.publishing import Cause
from modules.manufacturing.remembering import undo_last
from modules.manufacturing.scanning import apply_scans, mend
from modules.manufacturing.schemas import (
    DisruptionIn,
    DisruptionOut,
    Instant,
    LateOut,
    QueueOut,
    RepairOut,
    ScanOut,
    ScansIn,
    ScansOut,
    ScheduleOut,
    WorkCentreOut,
)
from modules.manufacturing.sites import plant_with, sites
from web.deps import (
    PLANT,
    CurrentNow,
    CurrentPrincipal,
    Db,
    ReadSession,
    WriteSession,
    allow,
)
from web.problems import PROBLEMS

router = APIRouter(prefix="/api/v1", tags=["manufacturing"], responses=PROBLEMS)
FLOOR = (Role.OPERATOR, Role.PLANNER)
Moment = Annotated[Instant | None, Query()]
Site = Annotated[str | None, Query(max_length=80)]
"""A plant's slug, for those who have several."""


@router.get("/plants/{slug}/schedule", dependencies=[allow(*PLANT)], response_model=None)
def schedule(
    slug: str, session: ReadSession, principal: CurrentPrincipal, now: CurrentNow,
    format: Literal["list", "cosmo"] = "list", since: Moment = None, until: Moment = None,
) -> ScheduleOut | dict[str, Any]:  # fmt: skip
    """What is held, firm or running, by start; `format=cosmo` gives `{problem, schedule}` of what has not
    started. `since` and `until` bound the time looked at."""
    plant = plant_for(session, principal, slug)
    if format == "cosmo":
        return export(session, plant.id, now)
    plan = session.get(Plan, plant.id)
    if plan is None:
        return ScheduleOut(plant=plant.slug)
    kinds, origin = {c.code: c.kind for c in work_centres(session, plant.id)}, plan.origin
    rows = lists.rows_of(
        session, plant.id, since=_minute(origin, since), until=_minute(origin, until)
    )
    return ScheduleOut(
        plant=plant.slug, plan=plan.number, version=plan.version, published_at=plan.published_at,
        verified=plan.verified, objective=plan.objective,
        operations=[shapes.job_out(row, order, kinds.get(row.resource, ""), origin) for row, order in rows],
    )  # fmt: skip


def _minute(origin: Any, at: Any) -> int | None:
    if at is None:
        return None
    minute = int((at - origin).total_seconds() // 60)
    return max(-(2**31), min(2**31 - 1, minute))


@router.get("/plants/{slug}/work-centers", dependencies=[allow(*PLANT)])
def centres(slug: str, session: ReadSession, principal: CurrentPrincipal) -> list[WorkCentreOut]:
    """The plant's work centres in the order it shows them."""
    plant = plant_for(session, principal, slug)
    return [shapes.centre_out(centre) for centre in work_centres(session, plant.id)]


@router.get("/plants/{slug}/late", dependencies=[allow(*PLANT)])
def late(slug: str, session: ReadSession, principal: CurrentPrincipal, now: CurrentNow) -> list[LateOut]:
    """Open orders whose plan's end plus transit is beyond their moved or first promise, the latest first."""
    plant = plant_for(session, principal, slug)
    if session.get(Plan, plant.id) is None:
        return []
    return [shapes.late_out(one) for one in lists.late_orders(session, plant, now)]


@router.post("/plants/{slug}/disruptions", status_code=201, dependencies=[allow(*FLOOR)])
def disrupt(
    slug: str, body: DisruptionIn, db: Db, principal: CurrentPrincipal, now: CurrentNow
) -> DisruptionOut:
    """A work centre stands still: the plan is repaired, verified and published; broken promises are told."""
    with db.read() as session:
        plant = plant_for(session, principal, slug)
    start = body.start or now.business
    end = body.end or start + timedelta(minutes=body.minutes or 0)
    still = Standstill(body.resource, start, end, body.reason)
    row, repair = report_breakdown(db, plant, still, principal.actor, now)
    return DisruptionOut(
        id=row.id, resource=row.resource, start=row.start, end=row.end, reason=row.reason, repair=repair
    )


@router.post("/plants/{slug}/replan", dependencies=[allow(Role.PLANNER)])
def replan(slug: str, db: Db, principal: CurrentPrincipal) -> RepairOut:
    """Let the solver look for a better plan for a few seconds; published only if it is one."""
    with db.read() as session:
        plant = plant_for(session, principal, slug)
    result = improve(db, plant.id)
    with db.read() as session:
        return repair_out(session.get_one(Plan, plant.id), result)


def repair_out(plan: Plan, result: Improvement) -> RepairOut:
    made = result.published
    return RepairOut(
        plan=plan.number, version=plan.version, published=made is not None,
        moved=made.moved if made else 0, orders=list(made.orders) if made else [],
        broken=list(made.broken) if made else [], objective=result.after, objective_before=result.before,
        objective_by_rules=plan.dispatch_objective, seconds=SECONDS,
    )  # fmt: skip


@router.get("/work-centers/{code}/queue", dependencies=[allow(*FLOOR)])
def queue(
    code: str, session: ReadSession, principal: CurrentPrincipal, now: CurrentNow, plant: Site = None
) -> QueueOut:
    """What runs at a work centre and what comes next, by plan; `plant` says where, if several have it."""
    here = plant_with(session, principal, code, plant)
    centre, origin = work_centre(session, here.id, code), lists.origin_of(session, here.id)
    running = lists.rows_of(session, here.id, states=(State.RUNNING,), resource=code)
    waiting = lists.queue_of(session, here.id, code, now)
    return QueueOut(
        work_center=shapes.centre_out(centre), now=now.business,
        running=[shapes.job_out(row, order, centre.kind, origin) for row, order in running],
        next=[shapes.waiting_out(one, centre.kind, origin) for one in waiting],
    )  # fmt: skip


@router.post("/scans", dependencies=[allow(*FLOOR)])
def scans(body: ScansIn, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow) -> ScansOut:
    """Starts, finishes and scrap, in order; each is answered for itself. Repeating one changes nothing."""
    plants = sites(session, principal, body.plant)
    return ScansOut(results=apply_scans(session, plants, body.scans, principal.actor, now))


@router.post("/work-centers/{code}/undo", dependencies=[allow(*FLOOR)])
def undo(
    code: str, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow, plant: Site = None
) -> ScanOut:
    """Take back the last act at a work centre, as long as nothing has followed from it."""
    here = plant_with(session, principal, code, plant)
    scan = undo_last(session, here.id, code, principal.actor, now)
    mend(session, here, Cause("late-start", code), now)
    return ScanOut.model_validate(scan.result)
