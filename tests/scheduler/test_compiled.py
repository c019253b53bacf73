"""The compiled kernels and their pure twins give the same plans, number for number."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from math import inf
from pathlib import Path
from random import Random

from scheduler import bettering, tabu
from scheduler.bettering import Bettering
from scheduler.book import Book
from scheduler.compiling import load_apart
from scheduler.dispatching import CHOICES, run_rules
from scheduler.engine import Pure, best_engine, compiled_engine, pure_engine
from scheduler.errors import Rejected, SchedulerError, Unsolvable
from scheduler.generating import flexible_shop, job_shop, plant, small
from scheduler.graphs import recognise
from scheduler.improve import Ruin
from scheduler.model import Assignment, Job, Problem
from scheduler.plan import Plan
from scheduler.roster import Roster
from scheduler.solver import schedule_of
from scheduler.timetable import Timetable
from scheduler.urging import Urging

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 60


def apart(function: Callable[[], None]) -> str:
    """What a function of this file prints in a process of its own: only there may kernels be compiled."""
    plain = {key: value for key, value in os.environ.items() if key != "SCHEDULER_PURE"}
    code = f"from tests.scheduler.test_compiled import {function.__name__} as run; run()"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=plain | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_compiled_and_pure_agree() -> None:
    assert int(apart(compare)) > 100


def test_compiled_and_pure_shops_agree() -> None:
    assert int(apart(compare_shops)) > 30


def test_a_server_changes_to_the_compiled_kernels_once_they_are_there() -> None:
    assert apart(load_meanwhile).split() == ["Pure", "Compiled"]


def test_the_twin_runs_where_it_is_asked_for() -> None:
    assert isinstance(Plan(plant(3, seed=1)).engine, Pure)
    assert Plan(plant(3, seed=1)).engine is pure_engine()


# ---- what the other process does ----


def test_two_checkouts_do_not_take_each_others_machine_code_for_theirs(tmp_path: Path) -> None:
    """numba would not find it, and the first plan would wait until all is compiled."""
    copied = tmp_path / "scheduler"
    left_out = shutil.ignore_patterns("__pycache__", "pictures", "bench")
    shutil.copytree(ROOT / "scheduler", copied, ignore=left_out)
    asked = "from scheduler.compiling import folder; print(folder())"
    kept = {
        subprocess.run(
            [sys.executable, "-c", asked], cwd=root, capture_output=True, text=True, check=True,
            env={**os.environ, "SCHEDULER_CACHE": str(tmp_path / "cache"), "PYTHONPATH": str(root)},
        ).stdout
        for root in (ROOT, tmp_path)
    }  # fmt: skip
    assert len(kept) == 2


def load_meanwhile() -> None:
    """Prints which engine places a few operations, before and after the kernels have been loaded apart."""
    print(type(best_engine(1)).__name__)
    thread = load_apart()
    assert thread is not None
    assert load_apart() is thread
    thread.join()
    print(type(best_engine(1)).__name__)


def compare_shops() -> None:
    """Prints how many plans of shops were compared; raises AssertionError at the first that differs."""
    tabu.PATIENCE, tabu.PATIENCE_EACH, tabu.POOL = 150, 0, 4  # so that a short search begins anew, and blends
    compared = 0
    for seed in range(16):
        flexible = flexible_shop(8, 4, seed=seed)
        for problem in (flexible, job_shop(6, 4, time_seed=seed + 1, machine_seed=9)):
            pure, fast = _searched(problem, fast=False), _searched(problem, fast=True)
            assert pure == fast, f"{problem.name} differs"
            compared += len(pure)
    print(compared)


def _searched(problem: Problem, *, fast: bool) -> list[tuple[int, list[Assignment]]]:
    """Every better plan that a tabu search tells of."""
    found: list[tuple[int, list[Assignment]]] = []
    shop = recognise(problem)
    assert shop is not None

    def keep(makespan: int, places: Callable[[], Sequence[Assignment]]) -> None:
        found.append((makespan, list(places())))

    tabu.Tabu(shop, keep, seed=2, bound=0, fast=fast).run(inf, 1, 2000)
    return found


def compare() -> None:
    """Prints how many plans were compared; raises AssertionError at the first that differs."""
    compared = 0
    bettering.EFFORTS = (40,)
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
    found: list[object] = _urged(problem, engine)
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
        found += _repaired_where_it_stands(problem, plan.assignments(), engine)
        found += _room_made(problem, plan.assignments(), engine)
    return found


def _urged(problem: Problem, engine: Pure) -> list[object]:
    offers: list[object] = []
    empty = Plan(problem, engine=engine)
    urging = Urging(empty, lambda cost, places, _rows: offers.append((cost, places())), seed=5, floor=0)
    urging.run(inf, 15)
    return [*offers, urging.best, urging.plans]


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


def _repaired_where_it_stands(problem: Problem, places: list[Assignment], engine: Pure) -> list[object]:
    """A book whose busiest kiln or machine is closed for a day, and then another."""
    try:
        standing = schedule_of(problem, places, "dispatch", 0.0)
        book = Book(problem, standing, engine=engine)
    except Rejected:  # a rule may miss a deadline
        return []
    middle = sorted(places, key=lambda a: a.start)[len(places) // 2]
    found: list[object] = []
    for k in range(2):
        now = middle.start + 60 * k
        book.advance(now)
        before = book.problem
        shut = tuple(
            replace(r, calendar=tuple((a, b) for a, b in r.calendar if b <= now or a >= now + 1440))
            if r.id == middle.resource else r
            for r in before.resources
        )  # fmt: skip
        try:
            made = book.repair(replace(before, resources=shut), now=now)
        except SchedulerError as error:
            found.append(str(error))
        else:
            found += [made.moved, made.relaxed, made.schedule.assignments]
    return found


def _room_made(problem: Problem, places: list[Assignment], engine: Pure) -> list[object]:
    """Others give way to a new order, and to jobs that are promised for sooner than they stand."""
    ends = {a.operation: a.end for a in places}
    later = [replace(job, promised=ends[job.operations[-1].id] + 400) for job in problem.jobs]
    try:
        book = Book(replace(problem, jobs=tuple(later)), schedule_of(problem, places, "", 0.0), engine=engine)
    except Rejected:
        return []
    like = problem.jobs[-1]
    steps = tuple(replace(op, id=f"new.{k}", release=0) for k, op in enumerate(like.operations))
    found: list[object] = []
    try:
        offer = book.promise([Job("new", 0, 0, 1, steps)], not_before=0, tier=2)
        found += [offer.assignments, offer.displaced]
    except Unsolvable as error:
        found.append(str(error))
    sooner = [replace(job, promised=ends[job.operations[-1].id] - 100) for job in later[::3]]
    search = Bettering(book.timetable, [*sooner, *later[1::3], *later[2::3]], seed=1, move_cost=1)
    memory, work = search.begin(0)
    for _ in range(3):
        search.exchange_some(memory, work)
    search.save_promises(memory, work, inf)
    return [*found, engine.listed(memory)]
