"""Plans by rules, urged on by what came out late: each offered is what it is said to be, and better."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings

from scheduler.dispatching import CHOICES, tuned
from scheduler.engine import pure_engine
from scheduler.generating import plant, small
from scheduler.improve import Ruin
from scheduler.kernel.costs import HARD
from scheduler.kernel.memory import A_JOB, DUE
from scheduler.model import Assignment, Problem, objective_of
from scheduler.plan import Plan
from scheduler.solver import schedule_of
from scheduler.urging import EPOCH, Urging
from scheduler.verifier import verify
from tests.scheduler.plants import opinion, problems

Offers = list[tuple[int, list[Assignment]]]


def late_plant(orders: int, seed: int) -> Problem:
    """Orders of a plant, half of which are due a week earlier than is easy."""
    problem = plant(orders, seed=seed)
    jobs = tuple(
        replace(job, due=max(0, job.due - 10080)) if n % 2 else job for n, job in enumerate(problem.jobs)
    )
    return replace(problem, jobs=jobs)


def urged(problem: Problem, plans: int, seed: int = 1, floor: int = 0) -> tuple[Urging, Offers]:
    offers: Offers = []

    def keep(cost: int, places: Any, _rows: Any) -> None:
        offers.append((cost, places()))

    urging = Urging(Plan(problem, engine=pure_engine()), keep, seed=seed, floor=floor)
    urging.run(inf, plans)
    return urging, offers


def test_each_plan_offered_is_feasible_and_costs_less_than_those_before() -> None:
    problem = late_plant(40, seed=5)
    urging, offers = urged(problem, 3 * EPOCH)
    assert urging.plans == 3 * EPOCH
    for cost, places in offers:
        plan = schedule_of(problem, places, "feasible", 0.0)
        assert plan.objective == cost
        assert verify(problem, plan).feasible
    costs = [cost for cost, _ in offers]
    assert costs == sorted(set(costs), reverse=True)
    assert urging.best == costs[-1]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_urging_beats_the_best_of_the_rules(seed: int) -> None:
    problem = late_plant(60, seed=seed)
    rules = objective_of(problem, tuned(problem, engine=pure_engine()).last_ends())
    assert 0 < urged(problem, 4 * EPOCH)[0].best < rules


def test_it_begins_with_the_rules_and_the_true_due_times() -> None:
    problem = late_plant(30, seed=2)
    rules = objective_of(problem, tuned(problem, engine=pure_engine()).last_ends())
    assert urged(problem, len(CHOICES))[0].best == rules


def test_the_same_seed_gives_the_same_plans_and_another_seed_others() -> None:
    problem = late_plant(30, seed=4)
    assert urged(problem, 2 * EPOCH, seed=7)[1] == urged(problem, 2 * EPOCH, seed=7)[1]
    assert urged(problem, 2 * EPOCH, seed=7)[1] != urged(problem, 2 * EPOCH, seed=8)[1]


def test_it_ends_when_no_better_plans_come(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = late_plant(8, seed=2)
    monkeypatch.setattr("scheduler.urging.FRUITLESS", 15)
    urging, offers = urged(problem, 5000)
    assert 15 < urging.plans < 5000
    assert urged(problem, urging.plans - 15)[1] == offers


def test_what_it_begins_with_is_not_touched() -> None:
    problem = late_plant(20, seed=3)
    urging, _ = urged(problem, EPOCH)
    empty = urging.empty
    assert empty.assignments() == []
    memory = empty.board.memory
    assert [memory[empty.jobs + A_JOB * j + DUE] for j in range(len(problem.jobs))] == [
        job.due for job in problem.jobs
    ]


def test_it_ends_where_no_plan_can_be_better() -> None:
    problem = plant(10, seed=1)
    easy = replace(problem, jobs=tuple(replace(job, due=job.due + 100_000) for job in problem.jobs))
    urging, _ = urged(easy, 1000)
    assert (urging.best, urging.plans) == (0, 1)


@settings(max_examples=60, deadline=None)
@given(problems(jobs=5, steps=4))
def test_with_facts_lags_and_deadlines_what_is_offered_is_feasible(problem: Problem) -> None:
    for cost, places in urged(problem, 2 * EPOCH)[1]:
        if cost < HARD:
            assert opinion(problem, schedule_of(problem, places, "feasible", 0.0)) == []


def test_another_search_takes_a_plan_over_as_it_stands() -> None:
    problems = [late_plant(30, seed=6), *(small(Random(seed), jobs=4) for seed in range(12))]
    assert any(problem.fixed for problem in problems)
    for problem in problems:
        empty = Plan(problem, engine=pure_engine())
        ruin = Ruin(tuned(problem, CHOICES[:1], engine=pure_engine()), seed=3)
        ruin.run(40, 5.0)
        rows, standing = ruin.best_rows(), ruin.plan.assignments()
        other = Ruin(empty.copy(), seed=9)
        other.adopt(rows)
        ruin.back_to_best()
        assert in_order(empty.places(rows)) == in_order(ruin.plan.assignments())
        assert in_order(other.plan.assignments()) == in_order(ruin.plan.assignments())
        assert (other.best, other.current) == (ruin.best, ruin.best)
        other.run(20, 5.0)
        other.adopt(rows)
        assert in_order(other.plan.assignments()) == in_order(ruin.plan.assignments())
        assert len(standing) == len(ruin.plan.assignments())


def in_order(places: list[Assignment]) -> list[Assignment]:
    return sorted(places, key=lambda a: a.operation)
