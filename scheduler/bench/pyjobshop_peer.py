"""PyJobShop on shops, for comparison: `pip install pyjobshop` beside OR-Tools 9.15.

It has no firings, so the plants cannot be given to it.
"""

from __future__ import annotations

import time
from importlib import import_module
from typing import Any

from scheduler.errors import SchedulerError
from scheduler.model import Assignment, Problem, Schedule, objective_of

HOW = "not installed (pip install pyjobshop)"


def solve(problem: Problem, seconds: float, workers: int, seed: int) -> Schedule:
    """Its best plan in so many seconds, the building of the model included."""
    pyjobshop = imported()
    if problem.goal != "makespan" or any(r.kind != "machine" for r in problem.resources):
        raise SchedulerError("PyJobShop has no firings")
    began = time.monotonic()
    model = pyjobshop.Model()
    machines = {r.id: model.add_machine(name=r.id) for r in problem.resources}
    modes = []
    for job in problem.jobs:
        its, before = model.add_job(name=job.id), None
        for op in job.operations:
            task = model.add_task(job=its, name=op.id)
            for mode in op.modes:
                model.add_mode(task, machines[mode.resource], mode.minutes)
                modes.append((op.id, mode.resource))
            if before is not None:
                model.add_end_before_start(before, task)
            before = task
    left = max(0.1, seconds - (time.monotonic() - began))
    result = model.solve(time_limit=left, display=False, num_workers=workers, random_seed=seed)
    if not result.best.tasks:
        raise SchedulerError(f"nothing found in {seconds:g} s")
    return _schedule(problem, result, modes, time.monotonic() - began)


def imported() -> Any:
    """It is not among what this library needs, so it is there only for who has installed it."""
    try:
        return import_module("pyjobshop")
    except ImportError:
        raise SchedulerError(HOW) from None


def _schedule(problem: Problem, result: Any, modes: list[tuple[str, str]], seconds: float) -> Schedule:
    tasks = result.best.tasks
    places = tuple(Assignment(modes[t.mode][0], modes[t.mode][1], int(t.start), int(t.end)) for t in tasks)
    objective = objective_of(problem, {place.operation: place.end for place in places})
    bound = int(result.lower_bound)
    status = "optimal" if result.status.value == "Optimal" else "feasible"
    return Schedule(problem.name, objective, bound, status, seconds, places)
