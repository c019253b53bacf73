"""What has changed since a moment is known, whatever was done; and a repair looks at nothing else."""

from __future__ import annotations

import gc
from dataclasses import replace
from random import Random

import pytest

from scheduler.book import Book
from scheduler.collecting import uncollected
from scheduler.generating import plant
from scheduler.model import Assignment, Job, Problem
from scheduler.roster import Roster
from scheduler.solver import solve
from scheduler.verifier import verify
from tests.scheduler.plants import closed


def standing(seed: int = 1) -> tuple[Problem, Roster]:
    """A roster in which a plan stands."""
    problem = plant(12, seed=seed)
    operations = problem.operations()
    roster = Roster(problem.resources, problem.setups)
    roster.know(problem.jobs)
    places = sorted(solve(problem, time_limit=0).assignments, key=lambda a: a.start)
    roster.place_all(places, [operations[a.operation] for a in places])
    return problem, roster


def places_of(roster: Roster) -> dict[str, Assignment]:
    return {a.operation: a for a in roster.assignments()}


def shaken(roster: Roster, problem: Problem, random: Random) -> None:
    """Somebody is taken out and perhaps comes back elsewhere; a stranger comes, and perhaps goes."""
    operations = problem.operations()
    a = random.choice([a for a in roster.work() if a.operation in operations])
    roster.remove(a.operation)
    if random.random() < 0.8:
        roster.insert([operations[a.operation]], random.randrange(20_000))
    name = f"stranger {random.randrange(1000)}"
    like = replace(random.choice(problem.jobs).operations[0], id=name)
    if name not in roster:
        roster.insert([like], 0)
        if random.random() < 0.7:
            roster.remove(name)
    if random.random() < 0.2 and "visit" not in roster:
        roster.place_fact(Assignment("visit", problem.resources[0].id, 10**6, 10**6 + 60))


@pytest.mark.parametrize("laid_out_anew", [False, True])
def test_it_is_known_where_everything_stood(laid_out_anew: bool) -> None:
    problem, roster = standing()
    random = Random(7)
    before = places_of(roster)
    changes = roster.watched()
    for k in range(30):
        if laid_out_anew and k % 10 == 5:
            roster._dead = 10**6
        shaken(roster, problem, random)
        assert dict(changes) == before
        assert len(changes) == len(before)
        assert changes.places([*before, "nobody"]) == [*before.values(), None]
        now, work = places_of(roster), set(roster.work())
        assert set(changes.new()) == {a for a in work if before.get(a.operation) is not a}
        assert set(changes.gone()) == {a for a in before.values() if now.get(a.operation) is not a}
    assert changes.new(), "nothing has changed"
    assert roster.built == (3 if laid_out_anew else 0)
    assert "nobody" not in changes
    roster.unwatched(changes)
    noted = dict(changes.before)
    shaken(roster, problem, random)
    assert changes.before == noted


def test_what_comes_and_goes_leaves_no_trace() -> None:
    """Else a book that lives long would remember every offer that it ever held."""
    problem, roster = standing()
    changes = roster.watched()
    roster.insert([replace(problem.jobs[0].operations[0], id="guest")], 0)
    assert "guest" in changes.before
    roster.remove("guest")
    assert not changes.before


def test_who_has_begun_and_is_no_fact_is_found() -> None:
    _, roster = standing()
    starts = sorted(a.start for a in roster.work())
    for moment in (0, starts[20], starts[60], starts[-1] + 1):
        begun = {a.operation for a in roster.work() if a.start < moment}
        assert set(roster.begun_before(moment)) == begun
    facts = {a.operation for a in roster.work() if a.start < starts[30]}
    roster.begin(sorted(facts))
    begun = {a.operation for a in roster.work() if a.start < starts[60]}
    assert set(roster.begun_before(starts[60])) == begun - facts


def test_facts_are_the_first_of_their_jobs() -> None:
    problem, roster = standing()
    one, other = (job.operations for job in problem.jobs[:2])
    assert roster.begun_in_order([])
    assert roster.begun_in_order(["stranger", one[1].id, one[0].id, other[0].id])
    assert not roster.begun_in_order([one[0].id, one[2].id, other[0].id])
    assert not roster.begun_in_order([other[1].id])


def like(problem: Problem, random: Random, name: str, now: int) -> Job:
    job = random.choice(problem.jobs)
    steps = tuple(replace(op, id=f"{name}.{k}", release=0) for k, op in enumerate(job.operations))
    return Job(name, now, now + 3000, 3, steps)


@pytest.mark.parametrize("goal", ["weighted_tardiness", "makespan"])
def test_no_repair_looks_at_the_whole_plan(goal: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With orders that come, move others and go between the repairs; else an objective would be misstated, or
    a place forgotten, and everything judged again."""
    monkeypatch.setattr("scheduler.book.repair", None)
    for seed in range(4):
        random = Random(seed)
        problem = replace(plant(15, seed=seed), goal=goal)  # type: ignore[arg-type]
        book = Book(problem, solve(problem, time_limit=0))
        now = 0
        for step in range(6):
            now += 700
            book.advance(now)
            offer = book.promise([like(problem, random, f"new{step}", now)], not_before=now, tier=2)
            book.hold(offer, f"new{step}", expires=now + random.choice([100, 2000]))
            lost = random.choice(problem.resources)
            shut = tuple(closed(r, now, now + 600) if r.id == lost.id else r for r in book.problem.resources)
            made = book.repair(replace(book.problem, resources=shut), now=now)
            assert verify(made.problem, made.schedule, frozen_before=now).feasible
            assert made.schedule.assignments == book.schedule().assignments
            ends = {a.operation: a.end for a in made.schedule.assignments}
            promised = {job.operations[-1].id: job.promised or 0 for job in book.problem.jobs}
            assert all(ends[name] <= promised[name] for name in promised)
        assert book._watch.wholes == 1


def test_what_late_jobs_cost_is_reckoned_from_what_has_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it were wrong, the verifier would say so, and everything be repaired anew."""
    monkeypatch.setattr("scheduler.book.repair", None)
    problem = plant(15, seed=1)
    problem = replace(problem, jobs=tuple(replace(job, due=job.release) for job in problem.jobs))
    book = Book(problem, solve(problem, time_limit=0))
    moved = 0
    for now in (700, 1400, 2100, 2800):
        book.advance(now)
        shut = tuple(closed(r, now, now + 900) if r.kind == "machine" else r for r in book.problem.resources)
        made = book.repair(replace(book.problem, resources=shut), now=now)
        assert made.schedule.objective == verify(made.problem, made.schedule).objective > 0
        moved += len(made.moved)
    assert moved
    assert book._watch.wholes == 1


def test_objects_that_stay_are_not_looked_through() -> None:
    """They are old at once; and whoever has switched collection off, or frozen something, finds it so."""
    assert gc.isenabled()
    with uncollected():
        assert not gc.isenabled()
        kept = [[k] for k in range(5000)]
        with uncollected():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
    assert any(each is kept[7] for each in gc.get_objects(2))
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        with uncollected():
            pass
        assert gc.get_freeze_count() == frozen > 0
    finally:
        gc.unfreeze()
