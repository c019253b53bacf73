"""A book that is repaired where it stands: right whatever has changed, and the same as a repair made anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

import scheduler.book
from scheduler.book import Book
from scheduler.errors import ProblemError, Unsolvable
from scheduler.generating import plant
from scheduler.mending import Mending
from scheduler.model import Assignment, Job, Mode, Operation, Problem, Resource, Schedule
from scheduler.solver import solve
from scheduler.verifier import verify
from tests.scheduler.plants import closed

Change = Callable[["Day", Problem], Problem]


class Day:
    """A plant's book at some moment of its plan, and what happens then, drawn at random."""

    def __init__(self, seed: int, orders: int = 15) -> None:
        self.random = Random(seed)
        problem = plant(orders, seed=seed)
        self.book = Book(problem, solve(problem, time_limit=0))
        starts = sorted(a.start for a in self.book.schedule().assignments)
        self.now = starts[self.random.randrange(len(starts) // 4, 3 * len(starts) // 4)]
        self.made = 0

    def begun(self) -> Problem:
        """All that has started by now."""
        self.book.advance(self.now)
        return self.book.problem

    def breakdown(self, problem: Problem) -> Problem:
        """The resource of something that is still to come is lost."""
        ahead = [a.resource for a in self.book.schedule().assignments if a.end > self.now]
        name = self.random.choice(ahead)
        lost = next(r for r in problem.resources if r.id == name)
        shut = closed(lost, self.now, self.now + self.random.choice([600, 3000, 6000]))
        return replace(problem, resources=tuple(shut if r is lost else r for r in problem.resources))

    def overtime(self, problem: Problem) -> Problem:
        more = self.random.choice(problem.resources)
        free = replace(more, calendar=((self.now, max(end for _, end in more.calendar)),))
        return replace(problem, resources=tuple(free if r is more else r for r in problem.resources))

    def late_material(self, problem: Problem) -> Problem:
        return self.change(problem, lambda job: replace(job, release=self.now + 2000))

    def more_work(self, problem: Problem) -> Problem:
        """Something takes half an hour longer than was thought, where it has not started."""
        facts = {a.operation for a in problem.fixed}

        def longer(op: Operation) -> Operation:
            modes = tuple(replace(mode, minutes=mode.minutes + 30) for mode in op.modes)
            return op if op.id in facts else replace(op, modes=modes)

        return self.change(problem, lambda job: replace(job, operations=tuple(map(longer, job.operations))))

    def change(self, problem: Problem, how: Callable[[Job], Job]) -> Problem:
        facts = {a.operation for a in problem.fixed}
        open_jobs = [job for job in problem.jobs if job.operations[-1].id not in facts]
        one = self.random.choice(open_jobs) if open_jobs else None
        return replace(problem, jobs=tuple(how(job) if job is one else job for job in problem.jobs))

    def cancelled(self, problem: Problem) -> Problem:
        gone = self.random.choice(problem.jobs)
        names = {op.id for op in gone.operations}
        fixed = tuple(a for a in problem.fixed if a.operation not in names)
        return replace(problem, jobs=tuple(j for j in problem.jobs if j is not gone), fixed=fixed)

    def rush(self, problem: Problem) -> Problem:
        like = self.random.choice(problem.jobs)
        self.made += 1
        steps = tuple(
            replace(op, id=f"rush{self.made}.{k}", release=0) for k, op in enumerate(like.operations)
        )
        return replace(problem, jobs=(*problem.jobs, Job(f"rush{self.made}", self.now, self.now, 5, steps)))

    def drift(self, problem: Problem) -> Problem:
        """What runs now ends later than it was to."""
        running = [a for a in problem.fixed if a.end > self.now]
        late = self.random.choice(running) if running else None
        fixed = tuple(replace(a, end=a.end + 45) if a is late else a for a in problem.fixed)
        return replace(problem, fixed=fixed)

    def visit(self, problem: Problem) -> Problem:
        """Somebody takes a whole resource for a while."""
        self.made += 1
        where = self.random.choice([r for r in problem.resources if r.kind == "machine"])
        block = Assignment(f"visit{self.made}", where.id, self.now + 60, self.now + 180)
        return replace(problem, fixed=(*problem.fixed, block))

    changes: tuple[Change, ...] = (
        breakdown, overtime, late_material, more_work, cancelled, rush, drift, visit,
    )  # fmt: skip


@pytest.fixture
def anew(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for each repair that lays out the plan anew."""
    made: list[str] = []
    original = scheduler.book.repair

    def counted(problem: Problem, *args: object, **more: object) -> object:
        made.append(problem.name)
        return original(problem, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(scheduler.book, "repair", counted)
    return made


@pytest.mark.parametrize("change", Day.changes, ids=lambda change: change.__name__)
def test_whatever_has_changed_the_plan_is_right(change: Change, anew: list[str]) -> None:
    looked_at = 0
    for seed in range(12):
        day = Day(seed)
        before = day.begun()
        problem = change(day, before)
        old = day.book.schedule().by_operation()
        made = day.book.repair(problem, now=day.now)
        report = verify(made.problem, made.schedule, frozen_before=day.now)
        assert report.feasible, report.violations
        new = made.schedule.by_operation()
        facts = {a.operation for a in problem.fixed}
        assert made.moved == {
            name: (old.get(name), place)
            for name, place in new.items()
            if old.get(name) != place and name not in facts
        }
        assert verify(day.book.problem, day.book.schedule()).feasible
        again = day.book.repair(made.problem, now=day.now)
        assert again.moved == {}, "nothing has changed since"
        looked_at += 1
    assert len(anew) <= looked_at // 4, "it is seldom laid out anew"


def test_a_repair_with_time_breaks_no_more_promises(anew: list[str]) -> None:
    better = 0
    for seed in range(8):
        quick, slow = Day(seed, 20), Day(seed, 20)
        problems = [day.breakdown(day.begun()) for day in (quick, slow)]
        one = quick.book.repair(problems[0], now=quick.now)
        other = slow.book.repair(problems[1], now=slow.now, time_limit=0.3, workers=1)
        report = verify(other.problem, other.schedule, frozen_before=slow.now)
        assert report.feasible, report.violations
        plans = zip(problems, (one, other), strict=True)
        broken = [overdue(problem, made.schedule) for problem, made in plans]
        assert broken[1] <= broken[0]
        better += broken[1] < broken[0]
        assert slow.book.repair(other.problem, now=slow.now).moved == {}
    assert better >= 1
    assert not anew


def overdue(problem: Problem, plan: Schedule) -> int:
    """Weighted minutes after what was promised."""
    ends = {a.operation: a.end for a in plan.assignments}
    return sum(job.weight * max(0, ends[job.operations[-1].id] - (job.promised or 0)) for job in problem.jobs)


def test_a_breakdown_is_mended_as_by_a_repair_made_anew(anew: list[str]) -> None:
    moved = 0
    for seed in range(30):
        day = Day(seed)
        problem = day.breakdown(day.begun())
        mending = Mending(problem, day.book.schedule(), day.now)
        mending.run()
        made = day.book.repair(problem, now=day.now)
        work = (a for a in mending.timetable.assignments() if a.operation in mending.operations)
        expected = {a.operation: a for a in work}
        assert made.schedule.by_operation() == expected
        moved += len(made.moved)
    assert moved > 30
    assert not anew


def test_a_repair_that_fails_leaves_the_book_as_it_was() -> None:
    day = Day(1)
    before = day.begun()
    standing = day.book.schedule()
    first = before.jobs[0].operations[0]
    endless = replace(first, id="x.1", modes=(Mode(first.modes[0].resource, 10**7),))
    impossible = Job("x", day.now, day.now, 1, (endless,))
    with pytest.raises(Unsolvable, match=r"x\.1"):
        day.book.repair(replace(before, jobs=(*before.jobs, impossible)), now=day.now)
    strange = replace(before, fixed=(*before.fixed, Assignment("y", "nowhere", 0, 1)))
    with pytest.raises(ProblemError, match="nowhere"):
        day.book.repair(strange, now=day.now)
    shut = tuple(replace(r, calendar=((0, day.now),)) for r in before.resources)
    with pytest.raises(Unsolvable):
        day.book.repair(replace(before, resources=shut), now=day.now)
    assert day.book.schedule().assignments == standing.assignments
    assert day.book.problem == before
    assert day.book.repair(before, now=day.now).moved == {}


def test_another_plant_is_laid_out_anew(anew: list[str]) -> None:
    day = Day(2)
    before = day.begun()
    spare = Resource("spare", "machine", ((0, 10**6),))
    made = day.book.repair(replace(before, resources=(*before.resources, spare)), now=day.now)
    assert verify(made.problem, made.schedule).feasible
    assert len(anew) == 1
