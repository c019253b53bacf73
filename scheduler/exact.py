"""Small problems solved to a proven end."""

from __future__ import annotations

import time
from collections.abc import Mapping

from scheduler.cpsat import Answer, Window
from scheduler.errors import ProblemError
from scheduler.free import Standing
from scheduler.model import Assignment, Job, Problem, Schedule, objective_of
from scheduler.setups import shortcuts
from scheduler.verifier import verify


def exact(
    problem: Problem,
    time_limit: float,
    *,
    workers: int = 1,
    seed: int = 0,
    hint: Schedule | None = None,
    effort: float | None = None,
) -> tuple[Schedule | None, int]:
    """The best plan of a small problem, proven if there was time, and a bound below which none can get.

    For a few hundred operations at most, fewer with setups; nothing is left to heuristics, so what is found
    optimal is optimal for any problem. `hint` is a feasible plan to start from; `effort` bounds CP-SAT's
    deterministic time instead. The plan is None if none was found in time. Raises ProblemError if there is
    proven to be none, Rejected if the verifier refuses it.
    """
    began = time.monotonic()
    facts = {fact.operation: fact for fact in problem.fixed}
    chosen = {name for name in problem.operations() if name not in facts}
    loose = shortcuts(problem)
    standing = Standing(problem, (), unpaid=loose)
    jobs = [job for job in problem.jobs if job.operations[-1].id in chosen]
    until = {job.id: _latest(problem, job, hint) for job in jobs}
    circuits = {name: standing.runs(name) for name in loose}
    try:
        window = Window(problem, standing, jobs, chosen, until, circuits=circuits)
    except ValueError as nowhere:
        raise ProblemError(f"problem {problem.name}", f"there is no plan: {nowhere}") from None
    if hint is not None:
        window.hint(hint.by_operation())
    answer = window.solve(time_limit, workers=workers, seed=seed, effort=effort)
    if answer.impossible:
        raise ProblemError(f"problem {problem.name}", "no plan keeps all lags, loads and deadlines")
    return _schedule(problem, answer, facts, began)


def _latest(problem: Problem, job: Job, hint: Schedule | None) -> int:
    """No best plan has the job end later: all calendars are over, or it alone would cost too much."""
    over = max((end for r in problem.resources for _, end in r.calendar), default=0)
    over += max((r.cooling for r in problem.resources), default=0)
    if hint is None:
        return over
    known = objective_of(problem, {a.operation: a.end for a in hint.assignments})
    if problem.goal == "makespan":
        return min(over, known)
    return min(over, job.due + known // job.weight) if job.weight else over


def _schedule(
    problem: Problem, answer: Answer, facts: Mapping[str, Assignment], began: float
) -> tuple[Schedule | None, int]:
    """The plan with the facts in it, and the bound with what they cost."""
    ends = {name: fact.end for name, fact in facts.items()}
    done = objective_of(problem, ends)
    bound = max(done, answer.bound) if problem.goal == "makespan" else done + answer.bound
    if not answer.places and not answer.proven:
        return None, bound
    operations = problem.operations()
    places = (*(fact for name, fact in facts.items() if name in operations), *answer.places)
    plan = Schedule(
        problem.name,
        objective_of(problem, {a.operation: a.end for a in places}),
        bound,
        "optimal" if answer.proven else "feasible",
        time.monotonic() - began,
        tuple(sorted(places, key=lambda a: (a.start, a.resource, a.operation))),
    )
    verify(problem, plan).demand(problem.name)
    return plan, bound
