"""The book of a plant's promises: a standing plan in which places are asked for, held, made firm, given back.

A promise of tier 1 moves nothing. One of tier 2 may move work that has not started, as long as nobody else
ends later than they were promised. Every question is answered at a version of the plan, and taking an answer
fails where what it counts on has changed since, so that no place is given twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from scheduler.displacing import Displacing
from scheduler.engine import Pure, best_engine
from scheduler.errors import Conflict
from scheduler.model import Assignment, Job, Problem, Schedule
from scheduler.promising import Hinge, promise_lots
from scheduler.rescheduling import Repair, repair
from scheduler.roster import Roster
from scheduler.solver import schedule_of


@dataclass(frozen=True, slots=True)
class Offer:
    """What a new order could have: its places and when it is done, and what it hinges on, biggest first.

    `displaced`: operations of others that would move, and where to. `opens`: firings that would be lit for
    it. `version`: of the book when it was asked.
    """

    jobs: tuple[Job, ...]
    assignments: tuple[Assignment, ...]
    completion: int
    hinges_on: tuple[Hinge, ...]
    opens: int
    version: int
    displaced: dict[str, Assignment] = field(default_factory=dict)
    counts_on: dict[str, Assignment] = field(default_factory=dict)
    """Where those operations must still stand."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What would make an offer earlier: `how` and of what, and when it would be done then.

    how: "displace" (others move within their promises), or "release" (material or order there at once; the
    id of the job or operation).
    """

    how: str
    id: str
    completion: int


@dataclass(slots=True)
class _Entry:
    jobs: tuple[Job, ...]
    expires: int | None


class Book:
    """A plan with promises in it, that grows and shrinks. Not for two threads at once.

    `problem` is the plan's problem as it stands: its jobs are those that are committed or held, each promised
    for when the offer it came from said.
    """

    def __init__(
        self, problem: Problem, plan: Schedule, *, frozen_before: int = 0, engine: Pure | None = None
    ) -> None:
        self._engine = engine
        self._open(problem, plan, frozen_before)

    def _open(self, problem: Problem, plan: Schedule, frozen_before: int) -> None:
        self._problem = problem
        self._places = plan.by_operation()
        self._held: dict[str, _Entry] = {}
        self._jobs = {job.id: self._with_promise(job) for job in problem.jobs}
        self._fixed = {fact.operation: fact for fact in problem.fixed}
        self._load(frozen_before)

    def _with_promise(self, job: Job) -> Job:
        """The job, promised for no sooner than it ends as things stand."""
        end = self._places[job.operations[-1].id].end
        return replace(job, promised=max(end, job.due if job.promised is None else job.promised))

    def _load(self, frozen_before: int) -> None:
        jobs = list(self._jobs.values())
        operations = {op.id: op for job in jobs for op in job.operations}
        engine = self._engine or best_engine(len(operations))
        self.timetable = Roster(self._problem.resources, self._problem.setups, engine=engine)
        self.timetable.know(jobs)
        for name, fact in self._fixed.items():
            self.timetable.place_fact(fact, operations.get(name))
        todo = operations.keys() - self._fixed.keys()
        free = sorted((a for a in self._places.values() if a.operation in todo), key=lambda a: a.start)
        self.timetable.place_all(free, [operations[a.operation] for a in free])
        self.timetable.frozen_before = frozen_before
        self._displacing = Displacing(self.timetable, self._jobs)

    # ---- what stands ----

    @property
    def version(self) -> int:
        """Grows with each change."""
        return self.timetable.version

    @property
    def now(self) -> int:
        """Nothing new starts before."""
        return self.timetable.frozen_before

    def advance(self, now: int) -> None:
        """Time has passed: what starts before now has started, and holds that ended by now are given back."""
        self.expire(now)
        self.timetable.frozen_before = max(now, self.timetable.frozen_before)
        self._displacing.freeze()

    @property
    def problem(self) -> Problem:
        """The problem of all that stands; what has started is fixed."""
        begun = {a.operation: a for a in self.timetable.assignments() if a.start < self.now}
        jobs = tuple(self._jobs.values())
        return replace(self._problem, jobs=jobs, fixed=tuple((self._fixed | begun).values()))

    def schedule(self) -> Schedule:
        """The plan as it stands, held places included."""
        return schedule_of(self.problem, self.timetable.assignments(), "feasible", 0.0)

    # ---- asking ----

    def promise(self, jobs: Sequence[Job], *, not_before: int, tier: int = 1, join_within: int = 0) -> Offer:
        """The earliest completion of an order's lots; the book stays as it is.

        Raises Unsolvable, naming the operation, when the calendars hold no place; Conflict where a job of
        that id is in the book.
        """
        self._only_new(jobs)
        found = promise_lots(self.timetable, jobs, not_before=not_before, join_within=join_within)
        offer = Offer(
            tuple(jobs), found.assignments, found.completion, found.hinges_on, found.opens, self.version
        )
        if tier == 1:
            return offer
        moved = self._displacing.search(jobs, found.assignments, not_before)
        if moved is None:
            return offer
        counts_on = {name: place for name in moved.others if (place := self.timetable.get(name))}
        return replace(
            offer, assignments=moved.own, completion=moved.completion, displaced=moved.others,
            counts_on=counts_on,
        )  # fmt: skip

    def _only_new(self, jobs: Sequence[Job]) -> None:
        known = next((job.id for job in jobs if job.id in self._jobs), None)
        if known is not None:
            raise Conflict(f"job {known} is in the book already")

    def earlier(self, offer: Offer, *, not_before: int) -> list[Earlier]:
        """What would bring an offer's completion forward, the most first."""
        found = [Earlier("displace", offer.jobs[0].id, self._completion(offer.jobs, not_before, 2))]
        for hinge in offer.hinges_on:
            if hinge.kind == "release":
                jobs = [_released(job, hinge.id, not_before) for job in offer.jobs]
                found.append(Earlier("release", hinge.id, self._completion(jobs, not_before, 1)))
        better = [e for e in found if e.completion < offer.completion]
        return sorted(better, key=lambda e: e.completion)

    def _completion(self, jobs: Sequence[Job], not_before: int, tier: int) -> int:
        return self.promise(jobs, not_before=not_before, tier=tier).completion

    # ---- taking and giving back ----

    def hold(self, offer: Offer, key: str, *, expires: int | None) -> None:
        """Take an offer's places under a name, until `expires` (None: until it is released).

        Raises Conflict, and takes none, if one of them is gone, or the name is in use.
        """
        if key in self._held:
            raise Conflict(f"{key} is held already")
        self._only_new(offer.jobs)
        for name, place in offer.counts_on.items():
            if self.timetable.get(name) != place:
                raise Conflict(f"operation {name} has moved since version {offer.version}")
        jobs = tuple(_promised(job, offer) for job in offer.jobs)
        self.timetable.know(jobs)
        try:
            self._take(offer, jobs)
        except Conflict:
            self.timetable.disown(jobs)
            raise
        self._jobs |= {job.id: job for job in jobs}
        self._displacing.mark(jobs)
        self._held[key] = _Entry(jobs, expires)

    def _take(self, offer: Offer, jobs: Sequence[Job]) -> None:
        """Let others make room, then take the offer's places; all or nothing."""
        moving = {name: self.timetable.operation(name) for name in offer.displaced}
        before = [self.timetable.remove(name) for name in offer.displaced]
        own = {op.id: op for job in jobs for op in job.operations}
        wanted = [*offer.displaced.values(), *offer.assignments]
        wanted.sort(key=lambda a: a.start)
        operations = moving | own
        try:
            self.timetable.place_all(wanted, [operations[a.operation] for a in wanted])
        except Conflict:
            self.timetable.put_back(before, moving)
            raise

    def firm(self, key: str) -> None:
        """What is held under a name stays. Raises Conflict if nothing is (any more)."""
        self._entry(key)
        del self._held[key]

    def release(self, key: str) -> None:
        """Give back what is held under a name. Raises Conflict if nothing is."""
        entry = self._entry(key)
        del self._held[key]
        self.cancel(job.id for job in entry.jobs)

    def cancel(self, job_ids: Iterable[str]) -> None:
        """Take jobs out of the book; of one that has started, what has stays as a job of its own.

        Raises Conflict, and takes none out, if one is not in the book.
        """
        names = list(job_ids)
        strange = next((name for name in names if name not in self._jobs), None)
        if strange is not None:
            raise Conflict(f"job {strange} is not in the book")
        for name in names:
            self._cancel(self._jobs.pop(name))

    def _cancel(self, job: Job) -> None:
        places = [self.timetable.remove(op.id) for op in job.operations]
        facts = {name: self._fixed.pop(name) for name in [p.operation for p in places] if name in self._fixed}
        self.timetable.disown([job])
        begun = [place for place in places if place.start < self.now]
        if not begun:
            return
        rest = replace(job, operations=job.operations[: len(begun)])
        self.timetable.know([rest])
        self._fixed |= {a.operation: a for a in begun if a.operation in facts}
        for op, place in zip(rest.operations, begun, strict=True):
            self.timetable.place_fact(place, op)
        self._jobs[job.id] = rest
        self._displacing.mark([rest])
        self._displacing.freeze()

    def expire(self, now: int) -> list[str]:
        """Release every hold that ends by now; returns their names."""
        ends = {key: entry.expires for key, entry in self._held.items() if entry.expires is not None}
        over = [key for key, moment in ends.items() if moment <= now]
        for key in over:
            self.release(key)
        return over

    def _entry(self, key: str) -> _Entry:
        if key not in self._held:
            raise Conflict(f"nothing is held as {key}")
        return self._held[key]

    # ---- repair ----

    def repair(
        self, problem: Problem, *, now: int, time_limit: float = 0.0, workers: int = 2, seed: int = 0
    ) -> Repair:
        """Follow the plant into a changed state: other calendars, facts, minutes, jobs gone or new.

        The book then holds the mended plan; holds of jobs that are gone are gone. See `rescheduling.repair`.
        """
        mended = repair(problem, self.schedule(), now=now, time_limit=time_limit, workers=workers, seed=seed)
        known = {job.id for job in mended.problem.jobs}
        held = {key: e for key, e in self._held.items() if all(job.id in known for job in e.jobs)}
        self._open(mended.problem, mended.schedule, now)
        self._held = held
        return mended


def _promised(job: Job, offer: Offer) -> Job:
    return replace(job, promised=offer.completion if job.promised is None else job.promised)


def _released(job: Job, name: str, moment: int) -> Job:
    """The job as if what is named were there at that moment."""
    operations = tuple(
        replace(op, release=min(op.release, moment)) if op.id == name else op for op in job.operations
    )
    release = min(job.release, moment) if job.id == name else job.release
    return replace(job, release=release, operations=operations)
