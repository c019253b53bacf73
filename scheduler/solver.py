"""Problem in, schedule out: dispatch, improve as long as there is time, verify what is handed out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from scheduler.bulk import in_order
from scheduler.checking import check_jobs, check_problem
from scheduler.collecting import uncollected
from scheduler.columns import Columns, columns_of_jobs
from scheduler.dispatching import CHOICES, tuned
from scheduler.engine import best_engine, pure_engine
from scheduler.errors import Conflict, Unsolvable
from scheduler.improve import Ruin
from scheduler.incumbents import Tell
from scheduler.lower_bounds import lower_bound
from scheduler.model import Assignment, Problem, Schedule, objective_of
from scheduler.plan import Plan
from scheduler.search import LARGE, Search
from scheduler.timetable import Timetable
from scheduler.verifier import verify

HARDEST = 20
"""So many hundred rounds are spent on deadlines that the rules miss."""
QUICK = 2_000
"""Operations up to which a bound costs next to nothing; for more, who grants no time gets none."""

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
    with uncollected():
        columns = columns_of_jobs(problem.jobs)
        check_problem(problem, columns)
        check_jobs(problem, columns)
        plan = first_plan(problem, frozen_before, time_limit, columns)
        bound = lower_bound(problem) if time_limit > 0 or len(columns.ids) <= QUICK else None
        handing_out = time.monotonic()
        best = gate(problem, _schedule(problem, plan, "dispatch", began, bound))
    spare = 1.5 * (time.monotonic() - handing_out)
    if incumbent is not None:
        best = _better(problem, best, incumbent)
    if time_limit > 0 and best.objective > (best.lower_bound or 0):
        search = Search(
            problem, best.assignments, best.lower_bound or 0, workers=workers, seed=seed,
            frozen_before=frozen_before, exact=exact,
        )  # fmt: skip
        search.run(began + time_limit - spare, rounds, _teller(problem, began, bound, on_incumbent))
        best = replace(schedule_of(problem, search.places, "feasible", began), lower_bound=search.lower_bound)
        gate(problem, best)
    return _marked(best, began)


def first_plan(
    problem: Problem, frozen_before: int, time_limit: float, columns: Columns | None = None
) -> list[Assignment]:
    """The plan by rules, in order of time; where there is time, and the search will not try them, the best of
    a few rules. `columns`: of the problem's operations, where they are at hand.

    Raises Unsolvable, naming the last operation of a job, where a deadline cannot be kept.
    """
    columns = columns or columns_of_jobs(problem.jobs)
    operations = len(columns.ids)
    engine = best_engine(None if time_limit > 1 else operations)
    urged = operations >= LARGE and problem.goal != "makespan"
    several = time_limit > 1 and engine is not pure_engine() and not urged
    choices = CHOICES if several else CHOICES[:1]
    plan = tuned(problem, choices, frozen_before=frozen_before, engine=engine, columns=columns)
    if any(job.deadline is not None for job in problem.jobs):
        _keep_deadlines(plan)
    return plan.in_time()


def _keep_deadlines(plan: Plan) -> None:
    """The rules know deadlines only as urgency; where one is missed, others make room."""
    ruin = Ruin(plan, 0)
    last = {job.operations[-1].id: job for job in plan.problem.jobs if job.deadline is not None}
    for _ in range(HARDEST):
        ruin.back_to_best()
        ends = {a.operation: a.end for a in plan.assignments()}
        missed = [job for name, job in last.items() if ends[name] > (job.deadline or 0)]
        if not missed:
            return
        ruin.run(100)
    job = missed[0]
    reason = f"no plan was found in which it ends by its deadline {job.deadline}"
    raise Unsolvable(job.operations[-1].id, reason)


def gate(problem: Problem, schedule: Schedule) -> Schedule:
    """The schedule itself if the verifier passes it; raises Rejected otherwise."""
    verify(problem, schedule).demand(problem.name)
    return schedule


def timetable_of(problem: Problem, schedule: Schedule, *, frozen_before: int = 0) -> Timetable:
    """A timetable with the problem's facts and the schedule's places. Raises Conflict if one is not free."""
    operations = problem.operations()
    engine = best_engine(len(operations))
    timetable = Timetable(problem.resources, problem.setups, engine=engine)
    for fact in problem.fixed:
        timetable.place_fact(fact, operations.get(fact.operation))
    planned = sorted((a for a in schedule.assignments if a.operation not in timetable), key=lambda a: a.start)
    strange = next((a.operation for a in planned if a.operation not in operations), None)
    if strange is not None:
        raise Conflict(f"operation {strange} is not in problem {problem.name}")
    timetable.place_all(planned, [operations[a.operation] for a in planned])
    timetable.frozen_before = frozen_before
    return timetable


def schedule_of(
    problem: Problem, standing: Iterable[Assignment], status: str, began: float, bound: int | None = None
) -> Schedule:
    """The schedule of the problem's operations among `standing`, in order of time.

    `bound`: no schedule's objective is lower; None where nobody has asked.
    """
    operations = {op.id for job in problem.jobs for op in job.operations}
    places = in_order([a for a in standing if a.operation in operations])
    return _schedule(problem, places, status, began, bound)


def _schedule(
    problem: Problem, places: Sequence[Assignment], status: str, began: float, bound: int | None
) -> Schedule:
    """As `schedule_of`, of places that are the problem's and in order."""
    last = {job.operations[-1].id for job in problem.jobs if job.operations}
    objective = objective_of(problem, {a.operation: a.end for a in places if a.operation in last})
    seconds = time.monotonic() - began
    return Schedule(problem.name, objective, bound, status, seconds, tuple(places))


def _better(problem: Problem, best: Schedule, incumbent: Schedule) -> Schedule:
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
        return best
    return given


def _marked(best: Schedule, began: float) -> Schedule:
    proven = best.lower_bound is not None and best.objective <= best.lower_bound
    return replace(best, status="optimal" if proven else best.status, seconds=time.monotonic() - began)


def _teller(
    problem: Problem, began: float, bound: int | None, on_incumbent: OnIncumbent | None
) -> Tell | None:
    if on_incumbent is None:
        return None
    tell = on_incumbent
    return lambda places: tell(schedule_of(problem, places, "feasible", began, bound))
