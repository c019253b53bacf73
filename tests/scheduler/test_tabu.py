"""Plain shops: recognised, laid out, searched by tabu steps; in the pure twin, which needs no compiling."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import inf
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.exact import exact
from scheduler.generating import flexible_shop, job_shop
from scheduler.graphs import Floor, Shop, recognise
from scheduler.lower_bounds import lower_bound
from scheduler.model import Assignment, Job, Problem, SetupMatrix, objective_of
from scheduler.solver import schedule_of, solve
from scheduler.tabu import Tabu
from scheduler.verifier import verify
from scheduler.warming import exercise_shops
from tests.scheduler.plants import small_plant


def search(problem: Problem, steps: int, seed: int = 1, bound: int = 0) -> list[tuple[int, list[Assignment]]]:
    """Every better plan that the search tells of."""
    found: list[tuple[int, list[Assignment]]] = []
    shop = recognise(problem)
    assert shop is not None

    def keep(makespan: int, places: Callable[[], Sequence[Assignment]]) -> None:
        found.append((makespan, list(places())))

    Tabu(shop, keep, seed=seed, bound=bound, fast=False).run(inf, 1, steps)
    return found


def released(problem: Problem) -> Problem:
    """The shop with releases and least lags."""
    jobs = [replace(job, release=7 * k) for k, job in enumerate(problem.jobs)]
    return replace(problem, jobs=tuple(replace(job, operations=_lagged(job)) for job in jobs))


def _lagged(job: Job) -> tuple:  # type: ignore[type-arg]
    return tuple(replace(op, min_lag=2) if k == 0 else op for k, op in enumerate(job.operations))


def test_a_plan_offered_stays_as_it_was_while_the_search_goes_on() -> None:
    problem = flexible_shop(8, 4, seed=1)
    shop = recognise(problem)
    assert shop is not None
    offered: list[tuple[int, Callable[[], Sequence[Assignment]]]] = []

    def keep(makespan: int, places: Callable[[], Sequence[Assignment]]) -> None:
        offered.append((makespan, places))

    search, floor, dice = (
        Tabu(shop, keep, seed=4, bound=0, fast=False),
        Floor(shop, fast=False, seed=4),
        Random(4),
    )
    search._start(floor, dice, greedy=True)
    floor.search(100, 1000, 0)
    search._finish(floor)
    search._start(floor, dice)  # another plan, not searched yet
    (makespan, places), *_ = offered
    assert makespan == objective_of(problem, {a.operation: a.end for a in places()})


def test_what_is_told_on_the_way_is_right_and_leaves_the_search_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problem = job_shop(8, 5, time_seed=5, machine_seed=6)
    shop = recognise(problem)
    assert shop is not None
    monkeypatch.setattr("scheduler.tabu.TELLING", 0.0)
    told: list[tuple[int, list[Assignment]]] = []
    search = Tabu(shop, lambda m, places: told.append((m, list(places()))), seed=4, bound=0, fast=False)
    speaking, silent = (Floor(shop, fast=False, seed=4) for _ in range(2))
    for floor in (speaking, silent):
        search._start(floor, Random(4), greedy=True)
    for _ in range(30):
        for floor in (speaking, silent):
            floor.search(10, 1000, 0)
        search._tell(speaking)
        assert speaking.assignments() == silent.assignments()
    assert len(told) >= 2
    assert [m for m, _ in told] == sorted({m for m, _ in told}, reverse=True)
    for makespan, places in told:
        schedule = schedule_of(problem, places, "feasible", 0.0)
        assert verify(problem, schedule).feasible
        assert makespan == schedule.objective


def test_a_search_by_the_clock_tells_of_plans_before_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = recognise(job_shop(8, 5, time_seed=5, machine_seed=6))
    assert shop is not None
    monkeypatch.setattr("scheduler.tabu.TELLING", 0.0)
    monkeypatch.setattr("scheduler.tabu.SLICE", 400)
    told: list[int] = []

    def keep(makespan: int, places: Callable[[], Sequence[Assignment]]) -> None:
        told.append(makespan)
        search.stopped = len(told) == 2

    search = Tabu(shop, keep, seed=4, bound=0, fast=False)
    search.run(inf, 1)
    assert len(told) >= 2
    assert not search.pool.made > 1  # both in the first of its searches


def test_the_larger_a_shop_the_longer_a_search_without_a_better_plan_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("scheduler.tabu.PATIENCE", 30)
    monkeypatch.setattr("scheduler.tabu.PATIENCE_EACH", 5)
    asked: set[int] = set()

    def noted(self: Floor, steps: int, patience: int, bound: int) -> int:
        asked.add(patience)
        return steps

    monkeypatch.setattr(Floor, "search", noted)
    search(job_shop(2, 2, time_seed=1, machine_seed=2), 40)
    search(job_shop(5, 3, time_seed=1, machine_seed=2), 40)
    assert asked == {30, 75}


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.booleans(), st.booleans())
def test_each_plan_told_of_is_right_and_better(seed: int, flexible: bool, waits: bool) -> None:
    classic = job_shop(5, 3, time_seed=seed + 1, machine_seed=9)
    problem = flexible_shop(5, 3, seed=seed) if flexible else classic
    problem = released(problem) if waits else problem
    found = search(problem, 150, seed)
    assert found
    for makespan, places in found:
        schedule = schedule_of(problem, places, "feasible", 0.0)
        assert verify(problem, schedule).feasible
        assert makespan == objective_of(problem, {a.operation: a.end for a in places})
    assert [m for m, _ in found] == sorted({m for m, _ in found}, reverse=True)


@settings(max_examples=8)
@given(st.integers(0, 10_000))
def test_small_shops_are_solved_to_within_a_tenth_of_the_proven_optimum(seed: int) -> None:
    problem, bound = proven(seed)
    assert bound <= search(problem, 4000, seed, bound)[-1][0] <= bound * 1.1


@pytest.mark.parametrize("number", range(8))
def test_these_small_shops_are_solved_to_the_proven_optimum(number: int) -> None:
    """By the better of two searches that may begin anew."""
    problem, bound = proven(number)
    assert min(search(problem, 40_000, seed, bound)[-1][0] for seed in (0, number)) == bound


def proven(seed: int) -> tuple[Problem, int]:
    """A small shop and its optimum."""
    problem = flexible_shop(4, 3, seed=seed)
    best, bound = exact(problem, 20)
    assert best is not None
    assert best.objective == bound
    return problem, bound


def test_the_same_seed_and_steps_give_the_same_plan() -> None:
    problem = job_shop(8, 5, time_seed=5, machine_seed=6)
    one, other = (search(problem, 600, seed=3)[-1] for _ in range(2))
    assert one == other
    assert search(problem, 600, seed=4)[-1][1] != one[1]


def test_the_search_is_better_than_the_rules() -> None:
    problem = job_shop(10, 10, time_seed=11, machine_seed=12)
    rules = solve(problem, time_limit=0).objective
    found = search(problem, 2000)[-1][0]
    assert lower_bound(problem) <= found < rules


def test_only_plain_shops_are_recognised() -> None:
    shop = job_shop(3, 3, time_seed=1, machine_seed=2)
    assert recognise(shop) is not None
    first = shop.resources[0]
    closed = replace(first, calendar=((50, 10_000),))
    with_setup = replace(first, setup="s")
    hurried = replace(shop.jobs[0], deadline=500)
    others = {
        "late goal": replace(shop, goal="weighted_tardiness"),
        "closed": replace(shop, resources=(closed, *shop.resources[1:])),
        "setups": replace(
            shop, resources=(with_setup, *shop.resources[1:]), setups={"s": SetupMatrix((), ())}
        ),
        "deadline": replace(shop, jobs=(hurried, *shop.jobs[1:])),
        "facts": replace(shop, fixed=(Assignment("0.0", first.id, 0, 5),)),
        "plant": small_plant(),
    }
    assert {why: recognise(problem) for why, problem in others.items()} == dict.fromkeys(others)


def test_every_kernel_of_shops_is_warmed_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is not would be compiled in the middle of the first search on a machine."""
    asked: set[str] = set()
    made = Floor.__init__

    def pure(self: Floor, shop: Shop, *, fast: bool, seed: int) -> None:
        made(self, shop, fast=False, seed=seed)

    def noted(self: Floor, kernel: Any) -> Any:
        asked.add(kernel.__name__)
        return kernel

    monkeypatch.setattr(Floor, "__init__", pure)
    monkeypatch.setattr(Floor, "_run", noted)
    exercise_shops()
    called = re.findall(r"self\._run\((\w+)\)", inspect.getsource(Floor))
    assert len(called) > 5
    assert asked >= set(called)
