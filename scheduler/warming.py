"""Tiny problems that call every kernel which is called from outside, so that all of them get compiled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import inf

from scheduler.bettering import Bettering
from scheduler.book import Book
from scheduler.compiling import PLANTS, SHOPS
from scheduler.dispatching import Rules, run_rules
from scheduler.engine import compiled_engine
from scheduler.graphs import Floor, recognise
from scheduler.improve import Ruin
from scheduler.model import Assignment, Job, Mode, Operation, Problem, Resource
from scheduler.plan import Plan
from scheduler.roster import Roster
from scheduler.solver import solve
from scheduler.tabu import Tabu
from scheduler.timetable import Timetable
from scheduler.urging import Urging

DAY = ((0, 1440),)


def exercise_shops() -> None:
    """A shop of two jobs and two machines, improved by some steps."""
    steps = (Operation("a", (Mode("press", 3), Mode("glaze", 4))), Operation("b", (Mode("glaze", 2),)))
    other = (Operation("c", (Mode("glaze", 3),), min_lag=1), Operation("d", (Mode("press", 2),)))
    machines = (Resource("press", "machine", DAY), Resource("glaze", "machine", DAY))
    jobs = (Job("1", 0, 0, 1, steps), Job("2", 0, 0, 1, other))
    shop = recognise(Problem("tiny", "1970-01-05T00:00:00Z", 1440, machines, {}, jobs, goal="makespan"))
    assert shop is not None
    search = Tabu(shop, _look, seed=1, bound=0, fast=True)
    search.run(inf, workers=1, steps=50)
    floor = Floor(shop, fast=True, seed=1)
    floor.dive(1 << 40)
    elite = floor.elite()
    floor.put(elite.keys, elite.modes)


def _look(_cost: int, places: Callable[[], Sequence[Assignment]], _rows: object = None) -> None:
    places()


def exercise_plants() -> None:
    """Dispatch, improve, promise, take and give back, with the compiled kernels."""
    problem = _problem()
    plan = Plan(problem, engine=compiled_engine())
    run_rules(plan, Rules())
    Urging(Plan(problem, engine=compiled_engine()), _look, seed=1, floor=-1).run(inf, 12)
    ruin = Ruin(plan, 1)
    ruin.run(5, 1.0)
    ruin.back_to_best()
    ruin.adopt(ruin.best_rows())
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
    _repairs(problem)
    book = Book(problem, solve(problem, time_limit=0), engine=compiled_engine())
    book.promise([replace(problem.jobs[0], id="new", operations=(_step("new"),))], not_before=0, tier=2)
    lost = tuple(replace(r, calendar=((300, 1440),)) for r in problem.resources)
    book.repair(replace(problem, resources=lost), now=10, time_limit=0.05)
    search = Bettering(book.timetable, problem.jobs, seed=1, move_cost=1)
    search.save_promises(*search.begin(0), inf)
    search.exchange_some(*search.begin(0))


def _repairs(problem: Problem) -> None:
    """What a repair calls: places that are free are taken, the others pushed."""
    roster = Roster(problem.resources, engine=compiled_engine())
    roster.know(problem.jobs)
    roster.place_free([Assignment("0.press", "press", 0, 20)], problem.operations())
    roster.push([(op, 0, 0) for op in problem.jobs[1].operations], 2, {})


EXERCISES = {PLANTS: exercise_plants, SHOPS: exercise_shops}


def _step(name: str) -> Operation:
    return Operation(name, (Mode("press", 20),))


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
