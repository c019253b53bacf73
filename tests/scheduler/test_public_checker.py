"""The verifier against the public checker, wherever plain cosmo-problem/1 can say the problem."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.documents import problem_to_dict, schedule_to_dict
from scheduler.formats import read_problem
from scheduler.model import Assignment, Problem, Schedule, objective_of
from scheduler.shops import flexible_shop, job_shop
from scheduler.solver import solve
from scheduler.verifier import verify
from tests.scheduler.plants import problems

Check = Callable[[Problem, Schedule], dict[str, Any]]
SHARED = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def check(shared_bench: Path) -> Check:
    """The public checker's verdict on a problem and a plan, both written as documents and read again."""
    spec = importlib.util.spec_from_file_location("check_schedule", shared_bench / "check_schedule.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def verdict(problem: Problem, schedule: Schedule) -> dict[str, Any]:
        documents = json.dumps([problem_to_dict(problem), schedule_to_dict(schedule)])
        found: dict[str, Any] = module.check(*json.loads(documents))
        return found

    return verdict


def agree(check: Check, problem: Problem, plan: Schedule) -> bool:
    """Both say the same of the plan; returns whether it is right."""
    ours, theirs = verify(problem, plan), check(problem, plan)
    assert ours.feasible == theirs["feasible"], (ours.violations, theirs["violations"])
    assert ours.firings == theirs["firings"]
    if problem.goal == "weighted_tardiness":
        assert (ours.objective, ours.late_jobs) == (theirs["weighted_tardiness_min"], theirs["late_jobs"])
    return ours.feasible


def without_releases(problem: Problem) -> Problem:
    """An operation's own release is an extension that the checker does not know."""
    jobs = tuple(
        replace(job, operations=tuple(replace(op, release=0) for op in job.operations))
        for job in problem.jobs
    )
    return replace(problem, jobs=jobs)


def shuffled(draw: st.DrawFn, plan: Schedule, problem: Problem) -> Schedule:
    """The plan with some operations moved, here and there onto another of their resources."""
    operations, places = problem.operations(), list(plan.assignments)
    for _ in range(draw(st.integers(0, 3))):
        k = draw(st.integers(0, len(places) - 1))
        mode = draw(st.sampled_from(operations[places[k].operation].modes))
        start = max(0, places[k].start + draw(st.sampled_from((-40, -5, -1, 0, 0, 1, 5, 40, 200))))
        end = start + mode.minutes + draw(st.sampled_from((0, 0, 0, 0, 1)))
        places[k] = Assignment(places[k].operation, mode.resource, start, end)
    objective = objective_of(problem, {a.operation: a.end for a in places})
    return replace(plan, assignments=tuple(places), objective=objective)


@st.composite
def plant_plans(draw: st.DrawFn) -> tuple[Problem, Schedule]:
    """A random plant and a plan of it, right or not quite."""
    problem = without_releases(draw(problems(jobs=4, steps=3)))
    return problem, shuffled(draw, solve(problem, time_limit=0), problem)


@st.composite
def shop_plans(draw: st.DrawFn) -> tuple[Problem, Schedule]:
    """A random job shop or flexible job shop, read from its text, and a plan of it."""
    jobs, machines = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    flexible = draw(st.booleans())
    lines = [f"{jobs} {machines}"]
    pair = st.tuples(st.integers(0, machines - 1), st.integers(1, 9))
    for _ in range(jobs):
        line: list[int] = []
        steps = draw(st.integers(1, 4))
        for _ in range(steps):
            most = machines if flexible else 1
            pairs = draw(st.lists(pair, min_size=1, max_size=most, unique_by=lambda p: p[0]))
            line += [len(pairs)] * flexible + [number for each in pairs for number in each]
        lines.append(" ".join(map(str, [steps] * flexible + line)))
    problem = (flexible_shop if flexible else job_shop)("shop", "\n".join(lines))
    return problem, shuffled(draw, solve(problem, time_limit=0), problem)


@SHARED
@given(plant_plans())
def test_both_judge_a_plan_of_a_plant_alike(check: Check, found: tuple[Problem, Schedule]) -> None:
    agree(check, *found)


@SHARED
@given(shop_plans())
def test_both_judge_a_plan_of_a_shop_alike(check: Check, found: tuple[Problem, Schedule]) -> None:
    agree(check, *found)


@pytest.mark.parametrize("name", ["plant/plant-50.json.gz", "fjsp/mk01.txt", "jsp/ta01.txt"])
def test_both_pass_a_plan_of_a_public_instance(check: Check, name: str, shared_bench: Path) -> None:
    formats = {"plant": "cosmo", "fjsp": "fjsp", "jsp": "jsp"}
    problem = read_problem(shared_bench / name, formats[name.split("/")[0]])
    plan = solve(problem, time_limit=0)
    assert agree(check, problem, plan)
    first = plan.assignments[0]
    early = replace(first, start=first.start - 1, end=first.end - 1)
    assert not agree(check, problem, replace(plan, assignments=(early, *plan.assignments[1:])))
