"""The compiled kernels and their pure twins give the same plans, number for number."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

from scheduler.dispatching import CHOICES, run_rules
from scheduler.engine import Pure, compiled_engine, pure_engine
from scheduler.errors import Unsolvable
from scheduler.generating import plant, small
from scheduler.improve import Ruin
from scheduler.model import Assignment, Problem
from scheduler.plan import Plan
from scheduler.roster import Roster
from scheduler.timetable import Timetable

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 60


def test_compiled_and_pure_agree() -> None:
    """In a process of its own, since only there may the kernels be compiled."""
    plain = {key: value for key, value in os.environ.items() if key != "SCHEDULER_PURE"}
    done = subprocess.run(
        [sys.executable, "-c", "from tests.scheduler.test_compiled import compare; compare()"],
        cwd=ROOT, env=plain | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 100


def test_the_twin_runs_where_it_is_asked_for() -> None:
    assert isinstance(Plan(plant(3, seed=1)).engine, Pure)
    assert Plan(plant(3, seed=1)).engine is pure_engine()


# ---- what the other process does ----


def compare() -> None:
    """Prints how many plans were compared; raises AssertionError at the first that differs."""
    compared = 0
    for problem in _problems():
        pure, fast = (_plans(problem, engine) for engine in (pure_engine(), compiled_engine()))
        assert len(pure) == len(fast)
        for k, (one, other) in enumerate(zip(pure, fast, strict=True)):
            assert one == other, f"plan {k} of {problem.name} differs"
            compared += 1
    print(compared)


def _problems() -> Iterator[Problem]:
    yield plant(40, seed=5)
    for seed in range(40):
        yield small(Random(seed), jobs=4)


def _plans(problem: Problem, engine: Pure) -> list[object]:
    """By each rule, improved by some rounds, each job put in again where it fits first, and all kept, or
    pushed, after a standstill."""
    found: list[object] = []
    for rules in CHOICES[:2]:
        try:
            plan = Plan(problem, engine=engine)
            run_rules(plan, rules)
        except Unsolvable as error:
            found.append(str(error))
            continue
        found.append(plan.assignments())
        found += _improved(plan)
        found += _put_in_again(problem, plan.assignments(), engine)
        found += _kept_and_pushed(problem, plan.assignments(), engine)
    return found


def _improved(plan: Plan) -> list[object]:
    ruin = Ruin(plan, seed=3)
    ruin.run(ROUNDS, heat=1.0)
    standing = plan.assignments()
    ruin.back_to_best()
    return [ruin.best, ruin.rounds, standing, plan.assignments()]


def _put_in_again(problem: Problem, places: list[Assignment], engine: Pure) -> list[object]:
    timetable = Timetable(problem.resources, problem.setups, engine=engine)
    operations = problem.operations()
    facts = {fact.operation: fact for fact in problem.fixed}
    for fact in problem.fixed:
        timetable.place_fact(fact, operations.get(fact.operation))
    free = sorted((a for a in places if a.operation not in facts), key=lambda a: (a.start, a.operation))
    timetable.place_all(free, [operations[a.operation] for a in free])
    found: list[object] = []
    for job in problem.jobs:
        if facts.keys().isdisjoint(op.id for op in job.operations):
            for op in job.operations:
                timetable.remove(op.id)
            found.append(timetable.insert(job.operations, job.release))
    return found


def _kept_and_pushed(problem: Problem, places: list[Assignment], engine: Pure) -> list[object]:
    """What a repair does when the busiest resource stands still in the middle of its work."""
    operations, jobs = problem.operations(), problem.job_of()
    found: list[object] = []
    old = sorted(places, key=lambda a: (a.start, a.operation))
    block = Assignment("standstill", old[len(old) // 2].resource, old[len(old) // 2].start, old[-1].end)
    for push in (False, True):
        roster = Roster(problem.resources, problem.setups, engine=engine)
        roster.know(problem.jobs)
        for fact in (*problem.fixed, block):
            roster.place_fact(fact, operations.get(fact.operation))
        waiting = [a for a in old if a.operation not in roster]
        if push:
            turns = [(operations[a.operation], jobs[a.operation].release, a.start) for a in waiting]
            roster.push(turns, max(len(job.operations) for job in problem.jobs), {})
        else:
            roster.place_free(waiting, operations)
        found.append(list(roster.assignments()))
    return found
