"""After the largest kiln is lost for 36 hours: how soon a plan stands again, and what it costs.

The plain repair it is compared with takes every job that is hit out of the plan and puts it in again where it
fits first, in the order of due dates.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from scheduler.bench.book_tasks import has_book, open_book
from scheduler.bench.standing import Standing, broken, read_standing, without_largest_kiln
from scheduler.model import Assignment, Job, Problem, Schedule, objective_of
from scheduler.solver import timetable_of
from scheduler.verifier import verify


def repair(
    *,
    began: float,
    problem: str,
    plan: str,
    seconds: float = 0.0,
    repeats: int = 3,
    workers: int = 2,
    seed: int = 0,
) -> dict[str, Any]:
    """This library's repair: how long until it is feasible, and what it has reached after so many seconds."""
    standing = read_standing(problem, plan)
    changed = without_largest_kiln(standing)
    mend = _by_book(standing, changed) if has_book() else _by_function(standing, changed, workers, seed)
    times = []
    for _ in range(repeats + 1):
        made, took = mend(0.0)
        times.append(1000 * took)
    first = _costs(standing, changed, made.problem, made.schedule)
    improved = mend(seconds)[0] if seconds else made
    after = _costs(standing, changed, improved.problem, improved.schedule)
    by = "Book" if has_book() else "rescheduling"
    return {
        "ms": times[1:],
        "cold_ms": times[0],
        "first": first,
        **after,
        "relaxed": len(improved.relaxed),
        "by": by,
    }


Mend = Callable[[float], tuple[Any, float]]


def _by_book(standing: Standing, changed: Problem) -> Mend:
    def mend(seconds: float) -> tuple[Any, float]:
        book = open_book(standing)
        start = time.perf_counter()
        made = book.repair(changed, now=standing.now, time_limit=seconds)
        return made, time.perf_counter() - start

    return mend


def _by_function(standing: Standing, changed: Problem, workers: int, seed: int) -> Mend:
    from scheduler.rescheduling import repair

    def mend(seconds: float) -> tuple[Any, float]:
        start = time.perf_counter()
        now = standing.now
        made = repair(changed, standing.plan, now=now, time_limit=seconds, workers=workers, seed=seed)
        return made, time.perf_counter() - start

    return mend


def _costs(standing: Standing, changed: Problem, answered: Problem, plan: Schedule) -> dict[str, Any]:
    """Promises broken, the part of what could move that did, weighted tardiness, what is wrong."""
    old = standing.plan.by_operation()
    fixed = {a.operation for a in changed.fixed}
    movable = [a for a in plan.assignments if a.operation not in fixed]
    moved = sum(old.get(a.operation) != a for a in movable)
    report = verify(answered, plan)
    wrong = "; ".join(f"{kind}: {found[0]}" for kind, found in report.violations.items())
    ends = {a.operation: a.end for a in plan.assignments}
    return {
        "broken": broken(changed, ends),
        "moved": moved / max(len(movable), 1),
        "objective": report.objective,
        "wrong": wrong,
    }


def plain_repair(*, began: float, problem: str, plan: str) -> dict[str, Any]:
    """The repair to compare with, on the same loss."""
    standing = read_standing(problem, plan)
    changed = without_largest_kiln(standing)
    start = time.perf_counter()
    answered, schedule = plainly_repaired(changed, standing)
    took = 1000 * (time.perf_counter() - start)
    return {"ms": [took], **_costs(standing, changed, answered, schedule)}


def plainly_repaired(changed: Problem, standing: Standing) -> tuple[Problem, Schedule]:
    """The plain repair's plan, and the problem it answers: largest lags after facts may have had to go."""
    from scheduler.promising import commit, promise

    fixed, jobs = {a.operation for a in changed.fixed}, changed.job_of()
    hit = {jobs[name].id for name in _hit(changed, standing, fixed)}
    kept = [a for a in standing.plan.assignments if a.operation in fixed or jobs[a.operation].id not in hit]
    timetable = timetable_of(
        changed, replace(standing.plan, assignments=tuple(kept)), frozen_before=standing.now
    )
    places = {a.operation: a for a in kept}
    relaxed = {}
    for job in sorted((j for j in changed.jobs if j.id in hit), key=lambda j: (j.due, j.id)):
        rest, relaxed[job.id] = _rest(job, places, fixed, standing.now)
        offer = promise(timetable, rest, not_before=standing.now)
        commit(timetable, [rest], offer)
        places |= {a.operation: a for a in offer.assignments}
    answered = replace(changed, jobs=tuple(relaxed.get(j.id, j) for j in changed.jobs))
    return answered, _schedule(answered, places.values())


def _hit(changed: Problem, standing: Standing, fixed: set[str]) -> set[str]:
    """Operations that have not started and no longer lie in their calendar."""
    windows = {r.id: r.calendar for r in changed.resources}
    return {
        a.operation
        for a in standing.plan.assignments
        if a.operation not in fixed and not any(s <= a.start and a.end <= e for s, e in windows[a.resource])
    }


def _rest(job: Job, places: dict[str, Assignment], fixed: set[str], now: int) -> tuple[Job, Job]:
    """What of a job has not started, and the job without the largest lag that binds it to what has."""
    done = [op for op in job.operations if op.id in fixed]
    rest = job.operations[len(done) :]
    if not done:
        return replace(job, release=max(job.release, now)), job
    ready = max(now, places[done[-1].id].end + done[-1].min_lag)
    free = (*done[:-1], replace(done[-1], max_lag=None), *rest)
    return replace(job, release=ready, operations=rest), replace(job, operations=free)


def _schedule(problem: Problem, places: Iterable[Assignment]) -> Schedule:
    found = tuple(sorted(places, key=lambda a: (a.start, a.operation)))
    objective = objective_of(problem, {a.operation: a.end for a in found})
    return Schedule(problem.name, objective, None, "feasible", 0.0, found)
