"""The plan one policy keeps: its book of promises, told what the floor knows, repaired and improved.

Each lot may be pushed by others until `due`, the end its customer's date was made from and what it lends of
its buffer, and must end by `limit`, that date itself. Repairs go through the book where that costs nobody
more than they lend; else the product's own repair is asked, which may push everything later in its old order,
and some rounds of search follow it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from modules.manufacturing.keeping import keep
from modules.manufacturing.times import Window
from scheduler.book import Book
from scheduler.errors import SchedulerError
from scheduler.improve import Ruin
from scheduler.model import Assignment, Job, Problem, Resource, Schedule
from scheduler.offers import Offer
from scheduler.plan import Plan
from scheduler.rescheduling import MOVE_COST, repair
from scheduler.solver import gate, schedule_of
from scheduler.verifier import verify
from seeds.bench.month.plant import ORIGIN, SPAN
from seeds.bench.month.world import World

REPAIR_ROUNDS = 1000
"""Rounds of ruin and recreate after a repair that costs somebody the planned end."""
TOLERATED = 30
"""Minutes after the planned end that are not worth a search."""
BROKEN_COST = 100_000
"""What a broken promise weighs against minutes late."""
Aims = Mapping[str, tuple[int, int]]
"""Lot -> (from when its minutes count as late, by when it must end)."""


class Broken(SchedulerError):
    """The plan breaks a rule: a place was given twice, or something is where it cannot be."""


class Policy(Protocol):
    """How new work is given its places, and what a search for a better plan aims at."""

    @property
    def name(self) -> str: ...
    @property
    def improves(self) -> bool: ...

    def offer(self, book: Book, jobs: list[Job], now: int) -> Offer:
        """Where new work goes; the book stays as it is."""
        ...

    def aim(self, due: int, limit: int, now: int, urgent: bool) -> tuple[int, int]:
        """(from when minutes of a lot count as late, by when it must end), for a search; `urgent` after a
        repair."""
        ...

    def lent(self, buffer: int) -> int:
        """By how many minutes of the plant's buffer others may push an order's end."""
        ...


@dataclass(slots=True)
class Counts:
    """How often the plan was repaired, repaired at length, improved, and checked."""

    repairs: int = 0
    searches: int = 0
    improved: int = 0
    checked: int = 0


@dataclass(slots=True)
class StandingPlan:
    """`facts`: what has begun, where and until when as far as is known."""

    world: World
    policy: Policy
    book: Book = field(init=False)
    resources: tuple[Resource, ...] = field(init=False)
    jobs: dict[str, Job] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=dict)
    facts: dict[str, Assignment] = field(default_factory=dict)
    holes: dict[str, list[Window]] = field(default_factory=dict)
    counts: Counts = field(default_factory=Counts)
    opened: int = 0
    """How often the book was begun anew."""

    def __post_init__(self) -> None:
        self.resources = self.world.plant.resources({})
        setups = dict(self.world.plant.floor.setups)
        problem = Problem("month", ORIGIN.isoformat(), SPAN, self.resources, setups, ())
        self.book = Book(problem, Schedule("month", 0, None, "feasible", 0.0))

    @property
    def version(self) -> tuple[int, int]:
        """Differs after each change of a place."""
        return self.opened, self.book.version

    def starts(self) -> list[tuple[int, str]]:
        """What has not begun, in the order in which it will."""
        places = self.book.timetable.work()
        return sorted((a.start, a.operation) for a in places if a.operation not in self.facts)

    def place(self, operation: str) -> Assignment:
        """Where an operation stands."""
        found = self.book.timetable.get(operation)
        if found is None:
            raise Broken(f"operation {operation} has no place")
        return found

    def end(self, job: Job) -> int:
        """When a lot is planned to end."""
        return self.place(job.operations[-1].id).end

    def take(self, offer: Offer, jobs: Sequence[Job], due: int, limit: int) -> None:
        """Take an offer's places for good."""
        own = tuple(replace(job, due=due, promised=due) for job in jobs)
        self.book.hold(replace(offer, jobs=own), own[0].id, expires=None)
        self.book.firm(own[0].id)
        for job in own:
            self.jobs[job.id], self.limits[job.id] = job, limit

    def close(self, resource: str, hole: Window) -> None:
        """A work centre stands still."""
        self.holes.setdefault(resource, []).append(hole)
        self.resources = self.world.plant.resources(self.holes)

    def forget(self, job: Job) -> None:
        """A lot that was done long ago leaves the plan at the next repair."""
        del self.jobs[job.id], self.limits[job.id]
        for op in job.operations:
            del self.facts[op.id]

    def problem(self) -> Problem:
        """What is so, as a problem."""
        fixed = tuple(self.facts.values())
        return replace(
            self.book.problem, jobs=tuple(self.jobs.values()), fixed=fixed, resources=self.resources
        )

    def repair(self, now: int) -> None:
        """Tell the plan what is so, and let it follow."""
        self.book.advance(now)
        before, late = self.book.schedule(), self._late()
        self.book.repair(self.problem(), now=now)
        self.counts.repairs += 1
        if self._late() - late:
            self._at_length(before, now)

    def _late(self) -> set[str]:
        """Lots that end after they were planned to."""
        return {
            job.id
            for job in self.jobs.values()
            if (place := self.book.timetable.get(job.operations[-1].id)) and place.end > job.due + TOLERATED
        }

    def _at_length(self, before: Schedule, now: int) -> None:
        """The product's repair, which weighs dates that customers were told, and a search."""
        self.counts.searches += 1
        problem = self.problem()
        told = tuple(replace(job, due=self.limits[job.id], promised=None) for job in problem.jobs)
        mended = repair(replace(problem, jobs=told), before, now=now)
        schedule = mended.schedule
        if self.policy.improves:
            places = schedule.by_operation()
            schedule = keep(mended.problem, places, now, self.world.seed + now) or schedule
        self._open(schedule, now)
        if self.policy.improves:
            self.improve(now, REPAIR_ROUNDS, urgent=True)

    def _open(self, schedule: Schedule, now: int) -> None:
        self.book = Book(self.problem(), schedule, frozen_before=now)
        self.opened += 1

    def improve(self, now: int, rounds: int, *, urgent: bool = False) -> None:
        """Search for a better plan that breaks no promise which is kept now; taken if one is found."""
        problem, schedule = self.problem(), self.book.schedule()
        aims = {j.id: self.policy.aim(j.due, self.limits[j.id], now, urgent) for j in problem.jobs}
        better = improved(problem, schedule, aims, now, self.world.seed + now, rounds)
        if better is not None:
            self._open(better, now)
            self.counts.improved += 1

    def check(self) -> None:
        """The whole plan passes the verifier, or `Broken` is raised: no place is given twice."""
        report = verify(self.book.problem, self.book.schedule())
        self.counts.checked += 1
        if not report.feasible:
            kind, examples = next(iter(report.violations.items()))
            raise Broken(f"the plan breaks a rule: {kind}: {examples[0]}")


def improved(
    problem: Problem, schedule: Schedule, aims: Aims, now: int, seed: int, rounds: int
) -> Schedule | None:
    """A plan with fewer minutes late, in which nobody ends too late who does not now; None if none is found.

    The product grants its solver seconds; so many rounds are the same on every machine.
    """
    stands = {a.operation: a for a in schedule.assignments}
    last = {job.id: stands[job.operations[-1].id].end for job in problem.jobs}
    by = {name: max(limit, last[name]) for name, (_, limit) in aims.items()}
    jobs = tuple(replace(job, due=aims[job.id][0], promised=by[job.id]) for job in problem.jobs)
    plan = Plan(replace(problem, jobs=jobs), frozen_before=now)
    plan.load(schedule.assignments)
    ruin = Ruin(plan, seed, anchors=stands, move_cost=MOVE_COST, broken_cost=BROKEN_COST)
    before = ruin.best
    ruin.run(rounds)
    if ruin.best >= before:
        return None
    ruin.back_to_best()
    found = schedule_of(problem, plan.assignments(), "feasible", 0.0)
    ends = {a.operation: a.end for a in found.assignments}
    if any(ends[job.operations[-1].id] > by[job.id] for job in problem.jobs):
        return None
    return gate(problem, found)
