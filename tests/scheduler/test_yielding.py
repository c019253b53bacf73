"""Others give way to a job: no further than they need, within their promises, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scheduler.bettering import Bettering
from scheduler.book import Book
from scheduler.engine import pure_engine
from scheduler.generating import plant
from scheduler.kernel.costs import GAINS
from scheduler.kernel.rounds import list_broken, save_promise
from scheduler.model import Assignment, Job, Mode, Operation, Problem, Resource
from scheduler.offers import Offer
from scheduler.roster import Roster
from scheduler.solver import solve
from scheduler.verifier import verify

ORIGIN = "1970-01-05T00:00:00Z"


def job(name: str, *steps: tuple[str, int], promised: int, min_lag: int = 0) -> Job:
    operations = tuple(
        Operation(f"{name}.{k}", (Mode(machine, minutes),), min_lag=min_lag)
        for k, (machine, minutes) in enumerate(steps)
    )
    return Job(name, 0, promised, 1, operations, promised=promised)


def shop(*jobs: Job) -> Problem:
    machines = tuple(Resource(name, "machine", ((0, 500),)) for name in ("press", "paint"))
    return Problem("shop", ORIGIN, 500, machines, {}, jobs)


def displaced(book: Book, order: Job) -> Offer:
    return book.promise([order], not_before=book.now, tier=2)


def test_what_follows_in_its_job_stays_where_it_can() -> None:
    patient = job("patient", ("press", 30), ("paint", 20), promised=150, min_lag=50)
    book = Book(shop(patient), solve(shop(patient), time_limit=0))
    assert [(a.start, a.end) for a in book.schedule().assignments] == [(0, 30), (80, 100)]
    book.hold(displaced(book, job("new", ("press", 10), promised=10)), "new", expires=None)
    places = {a.operation: a.start for a in book.schedule().assignments}
    assert places == {"new.0": 0, "patient.0": 10, "patient.1": 90}
    waiting = job("waiting", ("press", 30), ("paint", 20), promised=300)
    busy = replace(job("busy", ("paint", 100), promised=100), release=0)
    book = Book(shop(busy, waiting), solve(shop(busy, waiting), time_limit=0))
    offer = displaced(book, job("new", ("press", 10), promised=10))
    assert offer.completion == 10
    assert {name: a.start for name, a in offer.displaced.items()} == {"waiting.0": 10}


def test_who_moves_could_not_have_stayed() -> None:
    problem = plant(60, seed=5)
    plan = solve(problem, time_limit=0)
    ends = {a.operation: a.end for a in plan.assignments}
    promised = tuple(replace(j, promised=ends[j.operations[-1].id] + 1500) for j in problem.jobs)
    moved = 0
    for like in problem.jobs[:12]:
        book = Book(replace(problem, jobs=promised), plan, frozen_before=900)
        steps = tuple(replace(op, id=f"new.{k}", release=0) for k, op in enumerate(like.operations))
        before = book.schedule().by_operation()
        offer = displaced(book, Job("new", 900, 900, 1, steps))
        book.hold(offer, "new", expires=None)
        for name in offer.displaced:
            assert not _fits(book, before[name]), f"{name} need not have moved"
        moved += len(offer.displaced)
    assert moved > 10


def _fits(book: Book, place: Assignment) -> bool:
    """Whether the plan would pass, with every promise kept, if this one operation stood there."""
    schedule = book.schedule()
    others = [a for a in schedule.assignments if a.operation != place.operation]
    there = replace(schedule, assignments=(*others, place))
    report = verify(replace(book.problem, fixed=()), there)
    ends = {a.operation: a.end for a in there.assignments}
    kept = all(ends[j.operations[-1].id] <= (j.promised or 0) for j in book.problem.jobs)
    return kept and not report.counts.keys() - {"objective misstated"}


# ---- a promise that is broken ----


class Floor:
    """What stands on a roster, and the search over it for one broken promise."""

    def __init__(self, problem: Problem, starts: dict[str, int], begun: Sequence[str] = ()) -> None:
        self.roster = Roster(problem.resources, engine=pure_engine())
        self.roster.know(problem.jobs)
        for op in problem.operations().values():
            start, mode = starts[op.id], op.modes[0]
            self.roster.place(Assignment(op.id, mode.resource, start, start + mode.minutes), op)
        self.roster.begin(begun)
        self.roster.anchor()
        self.search = Bettering(self.roster, problem.jobs, seed=1, move_cost=1)
        self.memory, self.work = self.search.begin(0)

    def broken(self) -> list[tuple[int, int]]:
        found = [0] * 20
        count = list_broken(self.memory, self.work, found)
        return [(found[2 * k], found[2 * k + 1]) for k in range(count)]

    def save(self, job_at: int) -> bool:
        return save_promise(self.memory, self.work, job_at, 40, [0] * 10)

    def exchange(self) -> None:
        for _ in range(5):
            self.search.exchange_some(self.memory, self.work)

    def starts(self, operations: Sequence[str]) -> list[int]:
        homes = [(self.roster.home(name), self.roster.operations[name]) for name in operations]
        return [a.start for a in self.roster.read_places(self.memory, homes)]


def test_a_broken_promise_is_kept_where_somebody_has_time() -> None:
    problem = shop(job("hit", ("press", 30), promised=40), job("patient", ("press", 30), promised=200))
    floor = Floor(problem, {"patient.0": 0, "hit.0": 30})
    ((at, over),) = floor.broken()
    assert over == 20
    assert floor.save(at)
    assert floor.broken() == []
    hit, patient = floor.starts(["hit.0", "patient.0"])
    assert hit + 30 <= 40
    assert patient >= hit + 30


def test_a_broken_promise_stays_where_nobody_has_time() -> None:
    problem = shop(job("hit", ("press", 30), promised=40), job("tight", ("press", 30), promised=30))
    floor = Floor(problem, {"tight.0": 0, "hit.0": 30})
    ((at, over),) = floor.broken()
    assert not floor.save(at)
    assert floor.broken() == [(at, over)]
    assert floor.starts(["hit.0", "tight.0"]) == [30, 0]


def test_what_helps_only_in_part_is_taken_back() -> None:
    hit = job("hit", ("press", 10), ("paint", 20), promised=50)
    problem = shop(hit, job("patient", ("press", 10), promised=200), job("tight", ("paint", 40), promised=40))
    floor = Floor(problem, {"patient.0": 0, "hit.0": 10, "tight.0": 0, "hit.1": 40})
    ((at, _),) = floor.broken()
    assert not floor.save(at)
    assert floor.starts(["hit.0", "hit.1", "patient.0"]) == [10, 40, 0]


def test_who_moves_with_all_that_follows_keeps_its_promise_too() -> None:
    for promised, soonest in ((100, 10), (65, 40)):
        patient = job("patient", ("press", 30), ("paint", 30), promised=promised)
        book = Book(shop(patient), solve(shop(patient), time_limit=0))
        offer = displaced(book, job("new", ("press", 10), promised=10))
        assert offer.completion == soonest
        ends = [a.end for a in offer.displaced.values()]
        assert max(ends, default=0) <= promised


# ---- a firing that is left to others ----


def fired(name: str, size: int, *, promised: int, family: str = "P") -> Job:
    fire = Operation(f"{name}.0", (Mode("kiln", 60),), family=family, size=size)
    return Job(name, 0, promised, 1, (fire,), promised=promised)


def kiln(*jobs: Job) -> Problem:
    windows = tuple((start, start + 60) for start in (0, 100, 200))
    return Problem("kiln", ORIGIN, 500, (Resource("kiln", "batch", windows, capacity=10),), {}, jobs)


def test_one_large_leaves_its_place_to_two_who_are_small() -> None:
    small = [fired(f"small{k}", 5, promised=60) for k in range(2)]
    starts = {"large.0": 0, "small0.0": 100, "small1.0": 100}
    floor = Floor(kiln(fired("large", 10, promised=60), *small), starts)
    assert len(floor.broken()) == 2
    floor.exchange()
    assert floor.starts(["large.0", "small0.0", "small1.0"]) == [100, 0, 0]
    assert len(floor.broken()) == 1


def test_a_whole_firing_makes_room_for_another_recipe() -> None:
    others = [fired(f"other{k}", size, promised=400, family="Q") for k, size in enumerate((7, 3))]
    hit = [fired(f"hit{k}", 5, promised=60) for k in range(2)]
    starts = {"other0.0": 0, "other1.0": 0, "hit0.0": 100, "hit1.0": 100}
    floor = Floor(kiln(*others, *hit), starts)
    floor.exchange()
    assert floor.broken() == []
    assert floor.starts(list(starts)) == [100, 100, 0, 0]


def test_a_firing_is_not_left_where_as_many_would_lose() -> None:
    first, second = (fired(name, 10, promised=60) for name in ("first", "second"))
    floor = Floor(kiln(first, second), {"first.0": 0, "second.0": 100})
    floor.exchange()
    assert floor.work[GAINS] == 0, "not to and fro either"
    assert floor.starts(["first.0", "second.0"]) == [0, 100]


def test_what_has_begun_does_not_leave() -> None:
    begun, hit = fired("begun", 10, promised=400), fired("hit", 5, promised=60)
    floor = Floor(kiln(begun, hit), {"begun.0": 0, "hit.0": 100}, begun=["begun.0"])
    floor.exchange()
    assert floor.starts(["begun.0", "hit.0"]) == [0, 100]
