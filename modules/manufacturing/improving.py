"""The standing plan made better: CP-SAT and search in a process of its own, then rebased and published.

What may end sooner is pulled forward, within what each order was planned for when it was promised: that makes
room for the next. While a promise is broken, the search is for that instead.

The solver looks at the plan as it was; places taken, started or moved meanwhile stay as they are, and the
better places are fitted around them. If that would break a promise that holds now, nothing is published.
"""

import json
import logging
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import update
from sqlmodel import Session, col, select

from cosmo.clock import Now, read_now
from cosmo.db import Database
from cosmo.errors import Conflict, CosmoError
from modules.manufacturing import plan as plans
from modules.manufacturing.lots import NEVER_DUE
from modules.manufacturing.models import Plan
from modules.manufacturing.problems import SOON, Case, case_of, lent_until, lot_id
from modules.manufacturing.publishing import Cause, Published, publish
from modules.manufacturing.reality import Mended, allowance, mend
from modules.manufacturing.standing import Snapshot
from scheduler.compiling import load_apart
from scheduler.formats import problem_to_dict, schedule_from_dict, schedule_to_dict
from scheduler.model import Assignment, Job, Problem

_log = logging.getLogger(__name__)
STARTUP = 60.0
"""Wall seconds the solver's process may take to load and to write, on a busy machine."""
SECONDS = 3.0
"""What one improvement may take."""
FIRST = 8
"""So much more a minute counts of who is promised for sooner: the others may use up their own time for it."""
WORTH = 0.02
"""A plan that keeps no more promises is published only if orders end sooner by this share of what they have
ahead."""


class SolverFailed(Conflict):
    type, title = "solver-failed", "The plan was not improved"


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan as handed to the solver: at one version, with what it shall aim at."""

    plant_id: str
    version: int
    before: Mapping[str, Assignment]
    problem: Problem
    case: Case
    minute: int


@dataclass(frozen=True, slots=True)
class Solved:
    """The solver's places, and what rules alone would have reached (weighted minutes late)."""

    places: Mapping[str, Assignment]
    by_rules: int | None = None


@dataclass(frozen=True, slots=True)
class Improvement:
    """What came of it. `published` is None where the plan was left as it is; `why` says why."""

    before: int
    after: int
    published: Published | None
    why: str = ""


def improve(database: Database, plant_id: str, seconds: float = SECONDS) -> Improvement:
    """Draft, solve apart, rebase and publish; each database transaction is short."""
    with database.read() as session:
        drafted = draft(session, plant_id, read_now(session))
    solved = solve_apart(drafted, seconds)
    return database.retry(lambda session: rebase(session, drafted, solved, read_now(session)))


def draft(session: Session, plant_id: str, now: Now) -> Draft:
    """The plan as a problem whose next jobs stand."""
    snap = plans.snapshot(session, plant_id, now)
    minute = snap.minute_after(now.business)
    soon = minute + max(SOON, allowance(session))
    waiting = [p.id for p in snap.places.values() if not p.fact and p.assignment.start < soon]
    case = case_of(session, snap, now=minute, waiting=waiting)
    before = {p.id: p.assignment for p in snap.places.values()}
    aimed = _aimed(case, lent_until(session, snap, {order_id for order_id, _ in case.lots}), minute)
    return Draft(plant_id, snap.version, before, aimed, case, minute)


def aim(lent: int, limit: int, now: int, *, urgent: bool) -> tuple[int, int]:
    """(from when minutes of a lot count as late, by when it must end), where others may push it to `lent`
    and its promise allows `limit`: as soon as can be within what it lends; if `urgent`, within the
    promise."""
    return (lent, limit) if urgent else (now, lent)


def _aimed(case: Case, lent: Mapping[str, int], now: int) -> Problem:
    """The plan's problem with what the search aims at; nobody need end sooner than they do."""
    ends = {a.operation: a.end for a in case.schedule.assignments}
    last = {job.id: ends[job.operations[-1].id] for job in case.problem.jobs}
    urgent = any(last[job.id] > job.due for job in case.problem.jobs)
    by = {lot_id(key): lent.get(key[0]) for key in case.lots}
    jobs = (_aimed_job(job, by[job.id], last[job.id], now, urgent=urgent) for job in case.problem.jobs)
    return replace(case.problem, jobs=tuple(jobs))


def _aimed_job(job: Job, lent: int | None, last: int, now: int, *, urgent: bool) -> Job:
    if lent is None:
        return job
    due, by = aim(lent, job.due, now, urgent=urgent)
    weight = job.weight * (FIRST if last > job.due else 1)
    return replace(job, due=due, deadline=max(by, last), weight=weight)


def solve_apart(drafted: Draft, seconds: float) -> Solved:
    """Better places from a process of its own. Raises `SolverFailed` if it fails."""
    with tempfile.TemporaryDirectory(prefix="cosmo-plan-") as folder:
        asked, answered = Path(folder) / "asked.json", Path(folder) / "answered.json"
        schedule = schedule_to_dict(drafted.case.schedule)
        body = {
            "problem": problem_to_dict(drafted.problem), "promised": problem_to_dict(drafted.case.problem),
            "schedule": schedule, "now": drafted.minute, "seconds": seconds,
        }  # fmt: skip
        asked.write_text(json.dumps(body))
        command = [sys.executable, "-m", "modules.manufacturing.solving", str(asked), str(answered)]
        _run(command, seconds + STARTUP)
        told = json.loads(answered.read_text())
    found = schedule_from_dict(told["schedule"])
    return Solved({a.operation: a for a in found.assignments}, told["by_rules"])


def _run(command: list[str], patience: float) -> None:
    """Run the solver's process; it does not outlive this call. Raises `SolverFailed`."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=patience, check=False)
    except subprocess.TimeoutExpired as error:
        raise SolverFailed("The solver took too long just now; the plan stands. Try again later.") from error
    if done.returncode != 0:
        _log.error("the solver's process failed: %s", done.stderr.decode(errors="replace")[-2000:])
        raise SolverFailed("The solver could not work on the plan; the plan stands.")


def rebase(session: Session, drafted: Draft, solved: Solved, now: Now) -> Improvement:
    """Fit the better places to the plan as it is now; publish it if it is better and breaks nothing."""
    plans.lock_plan(session, drafted.plant_id)
    snap = plans.snapshot(session, drafted.plant_id, now)
    wanted = {
        p.id: solved.places[p.id]
        for p in snap.places.values()
        if p.id in solved.places and drafted.before.get(p.id) == p.assignment
    }
    answer = _judge(session, mend(session, snap, now, wanted), now)
    version = answer.published.version if answer.published else snap.version
    _note_solved(session, drafted.plant_id, version, solved.by_rules)
    return answer


def _judge(session: Session, mended: Mended, now: Now) -> Improvement:
    case, schedule = mended.case, mended.repair.schedule
    before, after = case.schedule.objective, schedule.objective
    if not mended.changed:
        return Improvement(before, before, None, "unchanged")
    ends = {a.operation: a.end for a in schedule.assignments}
    if any(_breaks(mended.snap, job.operations[-1].id, job.due, ends) for job in case.problem.jobs):
        return Improvement(before, before, None, "promise")
    if after > before or (after == before and not _gains(case, ends, mended.snap.minute_after(now.business))):
        return Improvement(before, before, None, "not-better")
    published = publish(
        session, mended.snap, case, mended.repair.problem, schedule, Cause("earlier"), now
    )
    return Improvement(before, after, published)


def _breaks(snap: Snapshot, last: str, due: int, ends: Mapping[str, int]) -> bool:
    return snap.places[last].assignment.end <= due < ends[last]


def _gains(case: Case, ends: Mapping[str, int], now: int) -> bool:
    """Whether orders end enough sooner to be worth moving work for."""
    old = {a.operation: a.end for a in case.schedule.assignments}
    jobs = [job for job in case.problem.jobs if job.due < NEVER_DUE]
    before = sum(max(0, old[job.operations[-1].id] - now) for job in jobs)
    after = sum(max(0, ends[job.operations[-1].id] - now) for job in jobs)
    return after < before * (1 - WORTH)


def _note_solved(session: Session, plant_id: str, version: int, by_rules: int | None) -> None:
    statement = update(Plan).where(col(Plan.plant_id) == plant_id)
    statement = statement.values(solved_version=version, dispatch_objective=by_rules)
    session.execute(statement.execution_options(synchronize_session=False))


def improve_all(database: Database) -> None:
    """A long job: every plan that has changed since it was last solved. One that fails does not keep the
    others waiting; it is tried again when it is due."""
    load_apart()
    with database.read() as session:
        waiting = session.exec(select(Plan.plant_id).where(col(Plan.version) != col(Plan.solved_version)))
        plant_ids = list(waiting)
    for plant_id in plant_ids:
        try:
            improve(database, plant_id)
        except CosmoError as error:
            _log.warning("the plan of plant %s was not improved: %s", plant_id, error)
