"""Problem in, schedule out: dispatch, improve as long as there is time, verify what is handed out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from scheduler.checking import check_problem
from scheduler.dispatching import dispatch
from scheduler.errors import Conflict, Rejected
from scheduler.lower_bounds import lower_bound
from scheduler.model import Assignment, Problem, Schedule, objective_of
from scheduler.search import Search, Tell
from scheduler.timetable import Timetable
from scheduler.verifier import verify

OnIncumbent = Callable[[Schedule], None]


def solve(
    problem: Problem,
    *,
    time_limit: float,
    workers: int = 2,
    seed: int = 0,
    incumbent: Schedule | None = None,
    on_incumbent: OnIncumbent | None = None,
    rounds: int | None = None,
    frozen_before: int = 0,
    exact: bool = True,
) -> Schedule:
    """The best plan found in `time_limit` seconds of wall time, counted from the call.

    `incumbent` is a plan to start from instead of the dispatch plan (used if it is feasible and better).
    `on_incumbent` sees each better plan. `rounds` bounds the improvement by a number of steps instead: with
    one worker and a time limit that is not reached, the same input and seed give the same plan. `exact=False`
    leaves CP-SAT out, for comparison.
    Raises ProblemError or Unsolvable, naming what is wrong; Rejected if the plan fails the verifier.
    """
    began = time.monotonic()
    check_problem(problem)
    timetable = dispatch(problem, frozen_before=frozen_before)
    handing_out = time.monotonic()
    best = gate(problem, schedule_of(problem, timetable.assignments(), "dispatch", began))
    spare = 1.5 * (time.monotonic() - handing_out)
    if incumbent is not None:
        best, timetable = _better(problem, best, timetable, incumbent, frozen_before)
    if time_limit > 0 and best.objective > (best.lower_bound or 0):
        search = Search(
            problem, timetable, best.lower_bound or 0, workers=workers, seed=seed, exact=exact
        )
        search.run(began + time_limit - spare, rounds, _teller(problem, began, on_incumbent))
        best = replace(
            schedule_of(problem, timetable.assignments(), "feasible", began), lower_bound=search.lower_bound
        )
    return gate(problem, _marked(best, began))


def gate(problem: Problem, schedule: Schedule) -> Schedule:
    """The schedule itself if the verifier passes it; raises Rejected otherwise."""
    report = verify(problem, schedule)
    if not report.feasible:
        kind, examples = next(iter(report.violations.items()))
        raise Rejected(f"the plan for {problem.name} fails the verifier: {kind}: {examples[0]}")
    return schedule


def timetable_of(problem: Problem, schedule: Schedule, *, frozen_before: int = 0) -> Timetable:
    """A timetable with the problem's facts and the schedule's places. Raises Conflict if one is not free."""
    timetable = Timetable(problem.resources, problem.setups)
    operations = problem.operations()
    for fact in problem.fixed:
        timetable.place_fact(fact, operations.get(fact.operation))
    for place in sorted(schedule.assignments, key=lambda a: a.start):
        if place.operation not in timetable:
            if place.operation not in operations:
                raise Conflict(f"operation {place.operation} is not in problem {problem.name}")
            timetable.place(place, operations[place.operation])
    timetable.frozen_before = frozen_before
    return timetable


def schedule_of(problem: Problem, standing: Iterable[Assignment], status: str, began: float) -> Schedule:
    """The schedule of the problem's operations among `standing`, in order of time."""
    operations = problem.job_of()
    places = sorted(
        (a for a in standing if a.operation in operations),
        key=lambda a: (a.start, a.resource, a.operation),
    )
    objective = objective_of(problem, {a.operation: a.end for a in places})
    seconds = time.monotonic() - began
    return Schedule(problem.name, objective, lower_bound(problem), status, seconds, tuple(places))


def _better(
    problem: Problem, best: Schedule, timetable: Timetable, incumbent: Schedule, frozen_before: int
) -> tuple[Schedule, Timetable]:
    """The given plan if it is feasible for this problem and better than the dispatch plan."""
    known = {a.operation: a.end for a in incumbent.assignments}
    given = replace(
        incumbent,
        problem=problem.name,
        objective=objective_of(problem, known),
        lower_bound=best.lower_bound,
        status="feasible",
    )
    if given.objective > best.objective or not verify(problem, given).feasible:
        return best, timetable
    return given, timetable_of(problem, given, frozen_before=frozen_before)


def _marked(best: Schedule, began: float) -> Schedule:
    proven = best.lower_bound is not None and best.objective <= best.lower_bound
    return replace(best, status="optimal" if proven else best.status, seconds=time.monotonic() - began)


def _teller(problem: Problem, began: float, on_incumbent: OnIncumbent | None) -> Tell | None:
    if on_incumbent is None:
        return None
    tell = on_incumbent
    return lambda places: tell(schedule_of(problem, places, "feasible", began))
