"""Every plan handed out is feasible, by two opinions, and no heuristic beats a proven optimum."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from scheduler import solver
from scheduler.cpsat import Window
from scheduler.dispatching import CHOICES, Rules, dispatch, tuned
from scheduler.errors import Rejected, Unsolvable
from scheduler.exact import exact
from scheduler.formats import read_problem, write_problem, write_schedule
from scheduler.free import Standing
from scheduler.generating import plant
from scheduler.lower_bounds import lower_bound
from scheduler.model import Assignment, Job, Mode, Operation, Problem, Resource, Schedule
from scheduler.plan import Plan
from scheduler.solver import schedule_of, solve
from scheduler.verifier import verify
from tests.scheduler.plants import bench, opinion, problems, small_plant


@settings(max_examples=60, deadline=None)
@given(problems(jobs=5, steps=4))
def test_the_dispatch_plan_is_feasible(problem: Problem) -> None:
    plan = solve(problem, time_limit=0)
    assert verify(problem, plan).feasible
    assert opinion(problem, plan) == []
    assert plan.lower_bound is not None
    assert plan.lower_bound <= plan.objective


@settings(max_examples=12, deadline=None)
@given(problems(jobs=3, steps=3, triangle=True))
def test_no_plan_is_better_than_the_proven_optimum(problem: Problem) -> None:
    start = solve(problem, time_limit=0)
    best = solve(problem, time_limit=20, workers=1, rounds=30)
    proven = optimum(problem)
    assert opinion(problem, best) == []
    assert best.objective <= start.objective
    assert proven <= best.objective
    if best.status == "optimal":
        assert best.objective == proven


def optimum(problem: Problem) -> int:
    """The whole model from nothing, solved to the end."""
    found, bound = exact(problem, 20)
    assert found is not None
    assert bound >= lower_bound(problem)
    assert opinion(problem, found) == []
    assert (found.status, found.objective) == ("optimal", bound)
    return found.objective


@settings(max_examples=10, deadline=None)
@given(problems(jobs=4, steps=3))
def test_improved_plans_with_any_setups_are_feasible(problem: Problem) -> None:
    assert opinion(problem, solve(problem, time_limit=10, workers=1, rounds=10)) == []


def test_a_shop_is_solved_to_the_proven_optimum() -> None:
    jobs = tuple(
        Job(str(j), 0, 0, 1, tuple(Operation(f"{j}.{k}", (Mode(m, t),)) for k, (m, t) in enumerate(steps)))
        for j, steps in enumerate(
            [[("0", 3), ("1", 2), ("2", 2)], [("0", 2), ("2", 1), ("1", 4)], [("1", 4), ("2", 3)]]
        )
    )
    machines = tuple(Resource(m, "machine", ((0, 99),)) for m in "012")
    problem = Problem("shop", "", 99, machines, {}, jobs, goal="makespan")
    plan = solve(problem, time_limit=10)
    assert (plan.objective, plan.status, plan.lower_bound) == (11, "optimal", 11)


def test_the_same_input_seed_and_rounds_give_the_same_plan() -> None:
    problem = many_pots(12)
    one, two = (solve(problem, time_limit=60, workers=1, seed=3, rounds=60) for _ in range(2))
    assert one.assignments == two.assignments
    assert one.objective < solve(problem, time_limit=0).objective


def many_pots(count: int) -> Problem:
    """The small plant with more jobs than it can finish in time."""
    plant = small_plant()
    jobs = []
    for n in range(count):
        job = plant.jobs[n % 3]
        ops = tuple(replace(op, id=f"{n}.{op.id}") for op in job.operations)
        jobs.append(replace(job, id=str(n), due=250 + 37 * (n * 7 % count), operations=ops))
    return replace(plant, jobs=tuple(jobs))


def test_better_plans_are_streamed_and_a_given_plan_is_built_upon() -> None:
    problem = many_pots(12)
    seen: list[Schedule] = []
    best = solve(problem, time_limit=4, workers=1, on_incumbent=seen.append)
    assert seen
    assert all(verify(problem, plan).feasible for plan in seen)
    assert min(plan.objective for plan in seen) >= best.objective
    assert solve(problem, time_limit=0, incumbent=best).objective == best.objective
    bad = replace(best, assignments=best.assignments[:-1])
    assert solve(problem, time_limit=0, incumbent=bad).objective >= best.objective


def test_a_time_limit_holds() -> None:
    began = time.monotonic()
    solve(many_pots(30), time_limit=2, workers=1)
    assert time.monotonic() - began < 3


def test_facts_stand_and_the_rest_is_planned_around_them() -> None:
    facts = (Assignment("x.press", "press", -30, 25), Assignment("blocked", "kiln", 0, 300))
    problem = replace(small_plant(), fixed=facts)
    plan = solve(problem, time_limit=3, workers=1)
    places = plan.by_operation()
    assert places["x.press"] == facts[0]
    assert 25 <= places["x.dry"].start <= 45, "the largest lag counts from the fact"
    assert places["x.fire"].start >= 300
    assert "blocked" not in places


def test_a_largest_lag_of_days_is_kept_by_the_dispatch() -> None:
    """The kiln is closed when the clay is dry: the rules notice late, and the job goes anew."""
    ops = (
        Operation("a", (Mode("m", 10),), max_lag=2000),
        Operation("b", (Mode("n", 10),)),
    )
    machines = (Resource("m", "machine", ((0, 9000),)), Resource("n", "machine", ((5000, 9000),)))
    plan = solve(Problem("p", "", 9000, machines, {}, (Job("j", 0, 0, 1, ops),)), time_limit=0)
    assert [a.start for a in plan.assignments] == [2990, 5000]


def test_what_has_no_place_is_named() -> None:
    problem = small_plant()
    closed = tuple(replace(r, calendar=((0, 95),)) if r.id == "pack" else r for r in problem.resources)
    with pytest.raises(Unsolvable, match=r"operation \w.pack: no free place left in the calendars of pack"):
        solve(replace(problem, resources=closed), time_limit=0)


def test_the_rules_are_tried_one_by_one_where_the_search_will_not_try_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[int] = []

    def counted(problem: Problem, choices: Sequence[Rules], **settings: Any) -> Plan:
        tried.append(len(choices))
        return tuned(problem, choices[:1], **settings)

    monkeypatch.setattr(solver, "tuned", counted)
    monkeypatch.setattr(solver, "pure_engine", object)  # as if the engine were the compiled one
    large = plant(60, seed=1)
    for problem in (large, replace(large, goal="makespan"), small_plant()):
        solver.first_plan(problem, 0, 5.0)
    assert tried == [1, len(CHOICES), len(CHOICES)]


def test_a_plan_that_fails_the_verifier_is_not_handed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(problem: Problem, *_: float) -> list[Assignment]:
        places = dispatch(problem).assignments()
        return [replace(a, start=0, end=20) if a.operation == "x.pack" else a for a in places]

    monkeypatch.setattr(solver, "first_plan", careless)
    with pytest.raises(Rejected, match="fails the verifier: min lag broken"):
        solve(small_plant(), time_limit=0)


def test_a_window_moves_only_what_it_may() -> None:
    problem = many_pots(9)
    before = solve(problem, time_limit=0).by_operation()
    jobs = [problem.jobs[0], problem.jobs[3]]
    names = {op.id for job in jobs for op in job.operations}
    standing = Standing(problem, [place for name, place in before.items() if name not in names])
    window = Window(problem, standing, jobs, names, {"0": 2500, "3": 2500})
    answer = window.solve(10, workers=1, seed=1)
    assert {a.operation for a in answer.places} == names
    after = before | {a.operation: a for a in answer.places}
    assert opinion(problem, schedule_of(problem, after.values(), "", 0.0)) == []


# ---- the public instances, where they are at hand; a generated plant elsewhere ----


def instances() -> list[str]:
    return ["plant/plant-50.json.gz", "plant/plant-200.json.gz"] if bench() else ["generated"]


@pytest.mark.parametrize("name", instances())
def test_plans_pass_the_public_checker(name: str, tmp_path: Path) -> None:
    folder = bench()
    problem = read_problem(folder / name) if folder else many_pots(40)
    plan = solve(problem, time_limit=3)
    assert verify(problem, plan).feasible
    assert plan.objective <= solve(problem, time_limit=0).objective
    if folder:
        write_problem(problem, tmp_path / "p.json.gz")
        write_schedule(plan, tmp_path / "s.json")
        checker = [sys.executable, str(folder / "check_schedule.py")]
        done = subprocess.run(
            [*checker, str(tmp_path / "p.json.gz"), str(tmp_path / "s.json")], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout
        assert json.loads(done.stdout)["weighted_tardiness_min"] == plan.objective
