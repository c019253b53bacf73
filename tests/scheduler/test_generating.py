"""Generated problems: the same from the same seed, like the published ones, and with every rule in them."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from random import Random
from statistics import mean, quantiles

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.formats import problem_to_dict, read_problem
from scheduler.generating import FEATURES, Feature, flexible_shop, job_shop, plant, planted, small
from scheduler.model import Job, Operation, Problem, amounts
from scheduler.solver import solve
from scheduler.verifier import verify

FIRST_DEPTH: tuple[Feature, ...] = (
    "setups", "calendars", "lags", "releases", "facts", "pools", "batches",
)  # fmt: skip
MANY = [small(Random(seed)) for seed in range(80)]


def test_the_same_seed_gives_the_same_plant_everywhere() -> None:
    made = plant(30, 7)
    assert plant(30, 7) == made
    assert plant(30, 8).jobs != made.jobs
    text = json.dumps(problem_to_dict(made), sort_keys=True)
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == "738e47d28d50fd20"


def groups(problem: Problem) -> dict[str, list[int]]:
    """All minutes in the modes of each group of machines."""
    found: dict[str, list[int]] = defaultdict(list)
    for job in problem.jobs:
        for op in job.operations:
            for mode in op.modes:
                found[mode.resource.rstrip("0123456789")].append(mode.minutes)
    return found


def lead_times(problem: Problem) -> list[float]:
    return [job.due - job.release for job in problem.jobs]


def test_a_generated_plant_is_like_the_published_one(shared_bench: Path) -> None:
    published = read_problem(shared_bench / "plant" / "plant-5000.json.gz")
    made = plant(5000, 1)
    kinds = [(r.id, r.kind, r.capacity, r.setup) for r in published.resources]
    assert [(r.id, r.kind, r.capacity, r.setup) for r in made.resources] == kinds
    assert (made.setups, made.horizon) == (published.setups, published.horizon)
    theirs, ours = groups(published), groups(made)
    assert ours.keys() == theirs.keys()
    for name, minutes in theirs.items():
        assert sum(ours[name]) == pytest.approx(sum(minutes), rel=0.1), name
        assert quantiles(ours[name], n=4) == pytest.approx(quantiles(minutes, n=4), rel=0.16, abs=2), name
    assert quantiles(lead_times(made), n=4) == pytest.approx(quantiles(lead_times(published), n=4), rel=0.08)
    open_time = [sum(b - a for a, b in r.calendar) for r in published.resources]
    assert [sum(b - a for a, b in r.calendar) for r in made.resources] == pytest.approx(open_time, rel=0.03)


def test_more_orders_take_more_days_at_the_same_load() -> None:
    small_one, large = plant(200), plant(2000)
    assert len(large.resources) == len(small_one.resources) == 56
    assert 1.0 < max(j.release for j in small_one.jobs) / 1440 + 1.5 < 2.0
    assert 10.5 < max(j.release for j in large.jobs) / 1440 + 1.5 < 12.0
    assert 8.3 < mean(len(j.operations) for j in large.jobs) < 8.7
    weights = [j.weight for j in large.jobs]
    assert [round(weights.count(w) / 2000, 1) for w in (1, 2, 5)] == [0.6, 0.3, 0.1]


def test_a_planted_plant_has_the_best_objective_0() -> None:
    made = plant(20, 3)
    plan = solve(made, time_limit=0)
    best = planted(made, plan)
    assert {job.due for job in best.jobs} != {job.due for job in made.jobs}
    assert verify(best, replace(plan, problem=best.name, objective=0)).feasible


def test_published_seeds_give_a_published_job_shop() -> None:
    made = job_shop(15, 15, time_seed=840612802, machine_seed=398197754)
    first = [(op.modes[0].resource, op.modes[0].minutes) for op in made.jobs[0].operations[:3]]
    assert first == [("6", 94), ("12", 66), ("4", 10)]


def test_so_does_taillards_first(shared_bench: Path) -> None:
    made = job_shop(15, 15, time_seed=840612802, machine_seed=398197754)
    assert made.jobs == read_problem(shared_bench / "jsp" / "ta01.txt", "jsp").jobs


def test_a_flexible_shop_keeps_to_its_bounds() -> None:
    made = flexible_shop(10, 6, 4, steps=(2, 5), choices=(1, 3), minutes=(3, 9))
    assert made == flexible_shop(10, 6, 4, steps=(2, 5), choices=(1, 3), minutes=(3, 9))
    assert made.goal == "makespan"
    assert {len(j.operations) for j in made.jobs} <= {2, 3, 4, 5}
    modes = [op.modes for job in made.jobs for op in job.operations]
    assert {len(m) for m in modes} == {1, 2, 3}
    assert {m.minutes for several in modes for m in several} <= set(range(3, 10))


def operations(problem: Problem) -> list[Operation]:
    return [op for job in problem.jobs for op in job.operations]


USES: dict[Feature, object] = {
    "setups": lambda p: any(r.setup for r in p.resources),
    "calendars": lambda p: any(len(r.calendar) > 1 or r.calendar[0][0] > 0 for r in p.resources),
    "pausing": lambda p: any(op.may_pause for op in operations(p)),
    "needs": lambda p: any(m.needs for op in operations(p) for m in op.modes),
    "vectors": lambda p: any(len(amounts(op.size)) == 2 for op in operations(p)),
    "least_load": lambda p: any(r.least_load > 0 for r in p.resources),
    "loading": lambda p: any(r.loading + r.cooling > 0 for r in p.resources),
    "lags": lambda p: any(op.min_lag or op.max_lag is not None for op in operations(p)),
    "releases": lambda p: any(op.release for op in operations(p)) or any(j.release for j in p.jobs),
    "facts": lambda p: bool(p.fixed),
    "deadlines": lambda p: any(j.deadline is not None for j in p.jobs),
    "promises": lambda p: any(j.promised is not None for j in p.jobs),
    "pools": lambda p: any(r.id == "dryer" for r in p.resources),
    "batches": lambda p: any(r.kind == "batch" for r in p.resources),
}


@pytest.mark.parametrize("feature", sorted(FEATURES))
def test_every_feature_is_used_when_asked_for_and_only_then(feature: Feature) -> None:
    uses = USES[feature]
    assert callable(uses)
    assert sum(map(uses, MANY)) > 3
    rest = FEATURES - {feature}
    assert not any(uses(small(Random(seed), rest)) for seed in range(80))


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False))
def test_small_problems_have_plans(random: Random) -> None:
    problem = small(random, FIRST_DEPTH)
    assert verify(problem, solve(problem, time_limit=0)).feasible


def test_ids_are_unique_and_needs_are_pools() -> None:
    for problem in MANY:
        assert len({op.id for op in operations(problem)}) == len(operations(problem))
        pools = {r.id for r in problem.resources if r.kind == "pool"}
        assert {n.resource for op in operations(problem) for m in op.modes for n in m.needs} <= pools
        assert all(isinstance(job, Job) and job.operations for job in problem.jobs)


def test_a_least_load_can_be_reached_by_each_recipe() -> None:
    for problem in MANY:
        for kiln in (r for r in problem.resources if r.least_load > 1):
            load: dict[str | None, int] = defaultdict(int)
            for op in operations(problem):
                if any(m.resource == kiln.id for m in op.modes):
                    load[op.family] += amounts(op.size)[0]
            assert min(load.values()) >= kiln.least_load
