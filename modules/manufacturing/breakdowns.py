"""A breakdown reported: foreseen outside any transaction, so that the published plan keeps what it can."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlmodel import Session

from cosmo.clock import Now
from cosmo.db import Database
from cosmo.parties import Plant
from modules.manufacturing import plan as plans
from modules.manufacturing.disrupting import Standstill, break_down, check
from modules.manufacturing.floor import Floor
from modules.manufacturing.models import Downtime, Plan, State
from modules.manufacturing.problems import Case
from modules.manufacturing.reality import keeping, mend
from modules.manufacturing.schemas import RepairOut
from modules.manufacturing.standing import Place, Snapshot
from modules.manufacturing.times import without
from scheduler.model import Assignment, Schedule, first

SECONDS = 1.0
"""Spent on keeping promises before a repair is published."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What the standstill does to the plan, and the repair found: orders late without and with it."""

    places: Mapping[str, Assignment]
    before: Mapping[str, Assignment]
    at_risk: tuple[str, ...]
    late: tuple[str, ...]
    moved: int
    pieces: int
    seconds: float
    without: Mapping[str, int]
    """Order at risk -> the minute it would end, had the work simply waited."""
    ends: Mapping[str, int]
    """Every order -> the minute it ends with the repair."""

    @property
    def kept(self) -> int:
        return len(set(self.at_risk) - set(self.late))


def foresee(
    session: Session, plant_id: str, still: Standstill, now: Now, seconds: float = SECONDS
) -> Foreseen:
    """The repair for a standstill; nothing is written."""
    check(session, plant_id, still, now)
    began = time.monotonic()
    snap = _as_if(plans.snapshot(session, plant_id, now), still)
    waiting = mend(session, snap, now, {})
    known = _late(waiting.case, waiting.case.schedule)
    at_risk = _late(waiting.case, waiting.repair.schedule) - known
    best = keeping(mend(session, snap, now, {}, seconds=seconds), now) if at_risk else waiting
    late = _late(best.case, best.repair.schedule) - known
    if len(late) > len(at_risk):
        best, late = waiting, at_risk
    places = {a.operation: a for a in best.repair.schedule.assignments}
    before = {p.id: p.assignment for p in snap.places.values()}
    moved = [p for p in snap.places.values() if not p.fact and places[p.id] != p.assignment]
    pieces = sum(first(p.operation.size) for p in moved if p.assignment.resource == still.resource)
    took = time.monotonic() - began
    return Foreseen(
        places, before, tuple(sorted(at_risk)), tuple(sorted(late)), len(moved), pieces, took,
        _ends(waiting.case, waiting.repair.schedule, at_risk), _ends(best.case, best.repair.schedule),
    )  # fmt: skip


def report_breakdown(
    database: Database, plant: Plant, still: Standstill, account: str, now: Now
) -> tuple[Downtime, RepairOut]:
    """Report it: the plan is repaired, verified and published at once; broken promises are told."""
    with database.read() as session:
        seen = foresee(session, plant.id, still, now)
        objective = session.get_one(Plan, plant.id).objective
    return database.retry(lambda session: _write(session, plant, still, account, now, seen, objective))


def _write(
    session: Session, plant: Plant, still: Standstill, account: str, now: Now, seen: Foreseen, objective: int
) -> tuple[Downtime, RepairOut]:
    snap = plans.snapshot(session, plant.id, now)
    wanted = {
        p.id: seen.places[p.id] for p in snap.places.values() if seen.before.get(p.id) == p.assignment
    }
    row, published = break_down(session, plant.id, still, account, now, wanted)
    plan = session.get_one(Plan, plant.id, populate_existing=True)
    answer = RepairOut(
        plan=plan.number, version=plan.version, published=published is not None,
        moved=published.moved if published else 0, orders=list(published.orders) if published else [],
        at_risk=len(seen.at_risk), kept=seen.kept, broken=list(published.broken) if published else [],
        objective=plan.objective, objective_before=objective, seconds=round(seen.seconds, 2),
    )  # fmt: skip
    told = {"downtime": row.id, "pieces": seen.pieces, "without": dict(seen.without)}
    plan.repair = {**answer.model_dump(mode="json"), **told}
    session.add(plan)
    session.flush()
    return row, answer


def _as_if(snap: Snapshot, still: Standstill) -> Snapshot:
    """The plan with the hole in the calendar and what runs there waiting it out."""
    hole = (snap.minute(still.start), snap.minute_after(still.end))
    centre = snap.floor.centres[still.resource]
    centres = dict(snap.floor.centres)
    centres[still.resource] = replace(centre, calendar=without(centre.calendar, [hole]))
    snap.floor = Floor(centres, snap.floor.setups)
    for place in list(snap.places.values()):
        if place.state == State.RUNNING and place.assignment.resource == still.resource:
            snap.places[place.id] = _prolonged(place, hole)
    return snap


def _prolonged(place: Place, hole: tuple[int, int]) -> Place:
    at = place.assignment
    if at.end <= hole[0]:
        return place
    return replace(place, assignment=replace(at, end=at.end + max(0, hole[1] - max(hole[0], at.start))))


def _ends(case: Case, schedule: Schedule, order_ids: set[str] | None = None) -> dict[str, int]:
    by_operation = {a.operation: a.end for a in schedule.assignments}
    found: dict[str, int] = {}
    for job in case.problem.jobs:
        order_id = job.id.partition("/")[0]
        if order_ids is None or order_id in order_ids:
            found[order_id] = max(found.get(order_id, 0), by_operation[job.operations[-1].id])
    return found


def _late(case: Case, schedule: Schedule) -> set[str]:
    """Orders that end after what was promised."""
    ends = {a.operation: a.end for a in schedule.assignments}
    return {
        job.id.partition("/")[0] for job in case.problem.jobs if ends[job.operations[-1].id] > job.due
    }
