"""What has not started, as cosmo-problem/1 with its cosmo-schedule/1: for other solvers and for checking.

The formats know no facts. What runs takes its time out of the calendars, and the rest of a lot is released
when the operation before it ends.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlmodel import Session

from cosmo.clock import Now
from modules.manufacturing import plan as plans
from modules.manufacturing.lots import NEVER_DUE
from modules.manufacturing.problems import case_of, lot_id, schedule_for
from modules.manufacturing.standing import Place, Snapshot
from modules.manufacturing.times import Window, without
from scheduler.formats import problem_to_dict, schedule_to_dict
from scheduler.model import Job, Problem, Resource


def export(session: Session, plant_id: str, now: Now) -> dict[str, Any]:
    """`{"problem", "schedule"}` of everything that has not started."""
    snap = plans.snapshot(session, plant_id, now)
    case = case_of(session, snap, now=snap.minute_after(now.business))
    dues = {job.id: job.due for job in case.problem.jobs}
    jobs = tuple(
        job for key, route in case.lots.items() if (job := _rest(lot_id(key), route, dues)) is not None
    )
    resources = tuple(_open(resource, snap) for resource in case.problem.resources)
    problem = replace(case.problem, jobs=jobs, fixed=(), resources=resources)
    schedule = schedule_for(problem, _ahead(snap, problem))
    return {"problem": problem_to_dict(problem), "schedule": schedule_to_dict(schedule)}


def _ahead(snap: Snapshot, problem: Problem) -> list[Any]:
    return [snap.places[name].assignment for name in problem.operations()]


def _rest(name: str, route: list[Place], dues: Mapping[str, int]) -> Job | None:
    """The part of a lot that has not started, released when what has started lets it."""
    ahead = [place for place in route if not place.fact]
    if not ahead:
        return None
    release = 0
    for place in route:
        if place.fact:
            release = place.assignment.end + place.operation.min_lag
    first = min(release, ahead[0].assignment.start)
    return Job(name, first, dues.get(name, NEVER_DUE), 1, tuple(place.operation for place in ahead))


def _open(resource: Resource, snap: Snapshot) -> Resource:
    """The calendar without the time that what has started takes; a pool is shared, so it stays."""
    if resource.kind == "pool":
        return resource
    here = [p for p in snap.places.values() if p.assignment.resource == resource.id]
    planned = [(p.assignment.start, p.assignment.end) for p in here if not p.fact]
    taken = [(p.assignment.start, p.assignment.end) for p in here if p.fact]
    return replace(resource, calendar=without(resource.calendar, _apart(taken, planned)))


def _apart(taken: list[Window], planned: list[Window]) -> list[Window]:
    """Time taken, but for what planned work has beside it until the plan is mended."""
    return [t for t in taken if not any(a < t[1] and t[0] < b for a, b in planned)]
