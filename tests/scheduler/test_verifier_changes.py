"""The verifier of changing plans says what the whole verifier says, and seldom looks at everything."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from scheduler.errors import Unsolvable
from scheduler.generating import plant
from scheduler.model import Assignment, Operation, Problem, Schedule, objective_of
from scheduler.solver import solve
from scheduler.verifier import Report, verify
from scheduler.verifier_changes import Watch
from tests.scheduler.plants import closed, problems

Case = tuple[Problem, Schedule]


class Changes:
    """Changes to a plan drawn at random: right ones, wrong ones, facts, jobs, calendars."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.problem = plant(12, seed=seed)
        self.plans = [solve(self.problem, time_limit=0, seed=k).assignments for k in range(2)]

    def again(self, problem: Problem, places: dict[str, Assignment]) -> Case:
        found = tuple(places.values())
        goal = objective_of(problem, {a.operation: a.end for a in found})
        return problem, Schedule(problem.name, goal, None, "", 0.0, found)

    def next(self, case: Case) -> Case:
        problem, places = case[0], case[1].by_operation()
        how = self.random.choice(
            [self.shift, self.shift, self.swap, self.fix, self.close, self.job, self.drop]
        )
        return self.again(*how(problem, places))

    def shift(self, problem: Problem, places: dict[str, Assignment]) -> tuple[Problem, dict[str, Assignment]]:
        name = self.random.choice(list(places))
        by = self.random.choice([-600, -30, 1, 5, 60, 1440])
        a = places[name]
        return problem, {**places, name: replace(a, start=a.start + by, end=a.end + by)}

    def swap(self, problem: Problem, places: dict[str, Assignment]) -> tuple[Problem, dict[str, Assignment]]:
        """Two operations change places."""
        one, other = self.random.sample(list(places), 2)
        a, b = places[one], places[other]
        return problem, {**places, one: replace(b, operation=one), other: replace(a, operation=other)}

    def fix(self, problem: Problem, places: dict[str, Assignment]) -> tuple[Problem, dict[str, Assignment]]:
        """What starts before a moment has started, now and then elsewhere; or nothing has."""
        moment = self.random.randrange(4000) if self.random.random() < 0.8 else 0
        facts = tuple(a for a in places.values() if a.start < moment)
        if self.random.random() < 0.3:
            resource = self.random.choice(problem.resources).id
            facts += (Assignment("visit", resource, moment, moment + 90),)
        return replace(problem, fixed=facts), places

    def close(self, problem: Problem, places: dict[str, Assignment]) -> tuple[Problem, dict[str, Assignment]]:
        k = self.random.randrange(len(problem.resources))
        moment = self.random.randrange(6000)
        until = moment + self.random.choice([1, 60, 600])
        lost = closed(problem.resources[k], moment, until)
        return replace(problem, resources=(*problem.resources[:k], lost, *problem.resources[k + 1 :])), places

    def job(self, problem: Problem, places: dict[str, Assignment]) -> tuple[Problem, dict[str, Assignment]]:
        """A job with another due time, another release, a longer lag; or one that is gone."""
        k = self.random.randrange(len(problem.jobs))
        old = problem.jobs[k]
        op = old.operations[0]
        other = [
            [replace(old, due=old.due + 1)],
            [replace(old, release=old.release + 500)],
            [replace(old, deadline=old.due)],
            [replace(old, operations=(replace(op, min_lag=op.min_lag + 1), *old.operations[1:]))],
            [],
        ]
        now = self.random.choice(other)
        gone = {op.id for op in old.operations} if not now else set()
        kept = {name: a for name, a in places.items() if name not in gone}
        fixed = tuple(a for a in problem.fixed if a.operation not in gone)
        jobs = (*problem.jobs[:k], *now, *problem.jobs[k + 1 :])
        return replace(problem, jobs=jobs, fixed=fixed), kept

    def drop(self, problem: Problem, places: dict[str, Assignment]) -> tuple[Problem, dict[str, Assignment]]:
        name = self.random.choice(list(places))
        return problem, {n: a for n, a in places.items() if n != name}


def same(one: Report, other: Report) -> bool:
    return (one.feasible, one.counts, one.objective, one.late_jobs, one.firings) == (
        other.feasible, other.counts, other.objective, other.late_jobs, other.firings,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
def test_it_says_what_the_whole_verifier_says(seed: int) -> None:
    changes, watch = Changes(seed), Watch()
    standing: Case = (changes.problem, solve(changes.problem, time_limit=0))
    assert watch.verify(*standing).feasible
    passed = failed = 0
    for _ in range(150):
        case = changes.next(standing)
        wholes = watch.wholes
        told, right = watch.verify(*case), verify(*case)
        assert same(told, right), (told, right)
        if right.feasible:
            standing = case
            passed += watch.wholes == wholes
        else:
            failed += 1
            watch.verify(*standing)
    assert passed >= 10, "changes are seldom right"
    assert failed >= 10, "changes are seldom wrong"


def test_a_right_change_is_looked_at_alone() -> None:
    """Never does a change that passes make it look at everything."""
    for seed in range(4):
        changes, watch = Changes(seed), Watch()
        standing: Case = (changes.problem, solve(changes.problem, time_limit=0))
        watch.verify(*standing)
        for _ in range(100):
            case = changes.next(standing)
            if verify(*case).feasible:
                standing = case
                watch.verify(*case)
        assert watch.wholes == 1


def with_pauses(problem: Problem) -> Problem:
    """Whatever only machines do may pause."""
    machines = {r.id for r in problem.resources if r.kind == "machine"}

    def pausing(op: Operation) -> Operation:
        return replace(op, may_pause=all(mode.resource in machines for mode in op.modes))

    jobs = (replace(job, operations=tuple(map(pausing, job.operations))) for job in problem.jobs)
    return replace(problem, jobs=tuple(jobs))


def nudged(case: Case, random: Random) -> Case:
    """A plan in which something begins a little sooner or later, or a resource is closed for a minute."""
    problem, plan = case
    k = random.randrange(len(plan.assignments))
    a = plan.assignments[k]
    if random.random() < 0.2:
        minute = random.randrange(a.start, a.end)
        shut = tuple(closed(r, minute, minute + 1) if r.id == a.resource else r for r in problem.resources)
        return replace(problem, resources=shut), plan
    by = random.choice([-9, -2, -1, 1, 2, 9])
    places = list(plan.assignments)
    places[k] = replace(a, start=a.start + by, end=a.end + by)
    goal = objective_of(problem, {p.operation: p.end for p in places})
    return problem, replace(plan, assignments=tuple(places), objective=goal)


@settings(max_examples=120, deadline=None)
@given(problems(jobs=6, steps=3), st.randoms(use_true_random=False))
def test_the_smallest_changes_are_seen(problem: Problem, random: Random) -> None:
    problem = with_pauses(problem)
    try:
        standing: Case = (problem, solve(problem, time_limit=0))
    except Unsolvable:
        reject()
    watch = Watch()
    watch.verify(*standing)
    for _ in range(15):
        case = nudged(standing, random)
        right = verify(*case)
        assert same(watch.verify(*case), right), right.violations
        if right.feasible:
            standing = case
        else:
            watch.verify(*standing)
