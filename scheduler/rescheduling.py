"""After reality has moved: a feasible plan at once, with as much as possible left where it was.

What has started is in the problem's `fixed`, and nothing else may start before `now`. Whatever still fits
keeps its place; of a broken job, the shortest stretch that mends it is placed anew, the most pressing first.
Where that would make a job late that was not, everything is pushed instead, if fewer are late then.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scheduler.checking import check_problem
from scheduler.errors import Rejected, Unsolvable
from scheduler.mending import Mending
from scheduler.model import Assignment, Problem, Schedule
from scheduler.pushing import Pushing
from scheduler.search import Search
from scheduler.solver import gate, schedule_of

MOVE_COST = 60
"""What a moved operation weighs against weighted minutes of tardiness while a repair is improved."""


@dataclass(frozen=True, slots=True)
class Repair:
    """The new plan, the problem it answers, and what changed.

    `moved`: operation -> (place before, or None if it is new, and place now). `relaxed`: operations that come
    later than a largest lag after a fact allows, because nothing earlier is free; `problem` carries the wider
    lag, so the schedule verifies against it.
    """

    schedule: Schedule
    problem: Problem
    moved: dict[str, tuple[Assignment | None, Assignment]]
    relaxed: tuple[str, ...]


def repair(
    problem: Problem,
    previous: Schedule,
    *,
    now: int,
    time_limit: float = 0.0,
    workers: int = 2,
    seed: int = 0,
    rounds: int | None = None,
    move_cost: int = MOVE_COST,
) -> Repair:
    """Mend `previous`, made for an earlier state of the problem, so that it is feasible for this one.

    With a `time_limit` the mended plan is then improved under the goal plus `move_cost` a moved operation.
    Raises ProblemError or Unsolvable, naming the operation, if it cannot be.
    """
    began = time.monotonic()
    check_problem(problem)
    mending, schedule = _best(problem, previous, now, began)
    changed = mending.problem()
    if time_limit > 0:
        handing_out = time.monotonic()
        gate(changed, schedule)
        spare = 1.5 * (time.monotonic() - handing_out)
        search = Search(
            changed,
            schedule.assignments,
            0,
            workers=workers,
            seed=seed,
            frozen_before=now,
            anchors=mending.old,
            move_cost=move_cost,
        )
        search.run(began + time_limit - spare, rounds)
        schedule = gate(changed, schedule_of(changed, search.places, "feasible", began))
    elsewhere = moved(mending.old, schedule.assignments, problem)
    return Repair(schedule, changed, elsewhere, tuple(mending.relaxed))


def _best(problem: Problem, previous: Schedule, now: int, began: float) -> tuple[Mending, Schedule]:
    """Mended in place; where that makes jobs late that were not, pushed, if fewer are late then."""
    mending = Mending(problem, previous, now)
    try:
        schedule = _mended(mending, began)
    except Rejected:  # work that lay between two others has moved, and the direct setup takes longer
        mending = Pushing(problem, previous, now)
        return mending, _mended(mending, began)
    late = _late(problem, schedule)
    if late <= _late(problem, previous):
        return mending, schedule
    pushing = Pushing(problem, previous, now)
    try:
        pushed = _mended(pushing, began)
    except Unsolvable:
        return mending, schedule
    better = (len(_late(problem, pushed)), pushed.objective) < (len(late), schedule.objective)
    return (pushing, pushed) if better else (mending, schedule)


def _mended(mending: Mending, began: float) -> Schedule:
    mending.run()
    changed = mending.problem()
    return gate(changed, schedule_of(changed, mending.timetable.assignments(), "feasible", began))


def _late(problem: Problem, schedule: Schedule) -> set[str]:
    """Jobs that end after they are due."""
    ends = {a.operation: a.end for a in schedule.assignments}
    return {job.id for job in problem.jobs if ends.get(job.operations[-1].id, job.due) > job.due}


def moved(
    old: Mapping[str, Assignment], places: Iterable[Assignment], problem: Problem
) -> dict[str, tuple[Assignment | None, Assignment]]:
    """Operations that stand elsewhere than before, and are no facts: where they stood, and stand."""
    facts = {fact.operation for fact in problem.fixed}
    return {
        place.operation: (old.get(place.operation), place)
        for place in places
        if old.get(place.operation) != place and place.operation not in facts
    }
