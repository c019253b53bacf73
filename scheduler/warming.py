"""A tiny problem that calls every kernel which is called from outside, so that all of them get compiled."""

from __future__ import annotations

from scheduler.dispatching import Rules, run_rules
from scheduler.engine import compiled_engine
from scheduler.improve import Ruin
from scheduler.model import Assignment, Job, Mode, Operation, Problem, Resource
from scheduler.plan import Plan
from scheduler.timetable import Timetable

DAY = ((0, 1440),)


def exercise() -> None:
    """Dispatch, improve, promise, take and give back, with the compiled kernels."""
    problem = _problem()
    plan = Plan(problem, engine=compiled_engine())
    run_rules(plan, Rules())
    ruin = Ruin(plan, 1)
    ruin.run(5, 1.0)
    ruin.back_to_best()
    ruin.adopt(plan.assignments())
    ruin.late()
    timetable = Timetable(problem.resources, engine=compiled_engine())
    steps = problem.jobs[0].operations
    timetable.place_fact(Assignment("block", "press", 0, 10))
    places = timetable.chain(steps, 0, 1440, 0).places
    timetable.place_all(places, steps)
    timetable.joins(places[-1], steps[-1])
    timetable.remove(steps[-1].id)
    timetable.insert(problem.jobs[1].operations, 0)
    timetable.earliest(problem.jobs[2].operations[0], 0)


def _problem() -> Problem:
    """Three late jobs through a machine and a kiln."""
    resources = (Resource("press", "machine", DAY), Resource("kiln", "batch", DAY, capacity=4))
    jobs = tuple(
        Job(
            str(n), 0, 0, 1, (
                Operation(f"{n}.press", (Mode("press", 20),)),
                Operation(f"{n}.fire", (Mode("kiln", 90),), "glost", 2),
            ),
        )
        for n in range(3)
    )  # fmt: skip
    return Problem("tiny", "1970-01-05T00:00:00Z", 1440, resources, {}, jobs)
