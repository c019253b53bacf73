"""The book of a plant's promises: a standing plan in which places are asked for, held, made firm, given back.

A promise of tier 1 moves nothing. One of tier 2 may move work that has not started, as long as nobody else
ends later than they were promised. Every question is answered at a version of the plan, and taking an answer
fails where what it counts on has changed since, so that no place is given twice.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from scheduler.amending import Amending, same_plant
from scheduler.bettering import Bettering
from scheduler.bulk import changed_in_order, in_order, in_time, the_same
from scheduler.checking import check_changes
from scheduler.collecting import uncollected
from scheduler.displacing import Displacing
from scheduler.engine import Pure, best_engine
from scheduler.errors import Conflict, Rejected, SchedulerError, Unsolvable
from scheduler.model import Assignment, Job, Problem, Schedule, objective_of
from scheduler.offers import Earlier, Offer, promised_in, released_at
from scheduler.promising import promise_lots
from scheduler.rescheduling import Repair, moved, repair
from scheduler.roster import Roster
from scheduler.solver import schedule_of
from scheduler.verifier_changes import Watch


@dataclass(slots=True)
class _Entry:
    jobs: tuple[Job, ...]
    expires: int | None


@dataclass(frozen=True, slots=True)
class _Effort:
    """How much is put into a repair, from a moment of the monotonic clock on."""

    began: float
    time_limit: float = 0.0
    workers: int = 1
    seed: int = 0

    def left(self) -> float:
        """Seconds that may still be spent."""
        return max(0.0, self.began + self.time_limit - time.monotonic())


class _Another(SchedulerError):
    """The plant has changed in more than its calendars, so that the book begins anew."""


class Book:
    """A plan with promises in it, that grows and shrinks. Not for two threads at once.

    `problem` is the plan's problem as it stands: its jobs are those that are committed or held, each promised
    for when the offer it came from said.
    """

    def __init__(
        self, problem: Problem, plan: Schedule, *, frozen_before: int = 0, engine: Pure | None = None
    ) -> None:
        self._engine = engine
        self._facts: dict[str, Assignment] | None = None
        self._held: dict[str, _Entry] = {}
        self._open(problem, plan, frozen_before)

    def _open(self, problem: Problem, plan: Schedule, frozen_before: int) -> None:
        self._watch = Watch()
        self._judged_last: tuple[Assignment, ...] = ()
        self._judged_jobs: tuple[Job, ...] = ()
        self._judged_goal = 0
        self._load(problem, plan.by_operation())
        self.timetable.frozen_before = frozen_before
        self._jobs: dict[str, Job] = {}
        self._displacing = Displacing(self.timetable, self._jobs)
        self._stand(problem)
        self._judged(problem, time.monotonic())

    def _load(self, problem: Problem, places: dict[str, Assignment]) -> None:
        operations, facts = problem.operations(), {fact.operation for fact in problem.fixed}
        engine = self._engine or best_engine(len(operations))
        self.timetable = Roster(problem.resources, problem.setups, engine=engine)
        self.timetable.know(problem.jobs)
        for fact in problem.fixed:
            self.timetable.place_fact(fact, operations.get(fact.operation))
        free = [a for name, a in places.items() if name in operations and name not in facts]
        free.sort(key=lambda a: a.start)
        self.timetable.place_all(free, [operations[a.operation] for a in free])
        self._since = self.timetable.watched()

    def _stand(self, problem: Problem, moved: Iterable[str] = ()) -> None:
        """What is in the timetable is the plan of this problem, and promised. `moved`: the operations that
        may stand elsewhere than before, where the jobs are what they were."""
        self._problem = problem
        self._facts = None
        before = dict(self._jobs)
        if not the_same(list(before.values()), problem.jobs):
            self._jobs.clear()
            self._jobs |= {job.id: self._with_promise(job) for job in problem.jobs}
            changed = [job for name, job in self._jobs.items() if before.get(name) is not job]
        else:
            owners = {owner for name in moved if (owner := self.timetable.owner(name))}
            promised = [self._with_promise(before[owner]) for owner in sorted(owners)]
            changed = [job for job in promised if before[job.id] is not job]
            self._jobs |= {job.id: job for job in changed}
        self.timetable.rewrite(changed)
        self._displacing.mark(changed)
        self._displacing.freeze()

    @property
    def _fixed(self) -> dict[str, Assignment]:
        """The problem's facts by their operations, and less and less of them as jobs leave."""
        if self._facts is None:
            self._facts = {fact.operation: fact for fact in self._problem.fixed}
        return self._facts

    def _with_promise(self, job: Job) -> Job:
        """The job, promised for no sooner than it ends as things stand."""
        place = self.timetable.get(job.operations[-1].id)
        assert place is not None, job.id
        promised = max(place.end, job.due if job.promised is None else job.promised)
        return job if job.promised == promised else replace(job, promised=promised)

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
        return self._problem_of(self.timetable.assignments())

    def _problem_of(self, places: Iterable[Assignment]) -> Problem:
        now = self.now
        begun = {a.operation: a for a in places if a.start < now}
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
        bound = [replace(job, release=max(job.release, not_before)) for job in jobs]
        moved = self._displacing.search(bound, found.assignments, not_before)
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
                jobs = [released_at(job, hinge.id, not_before) for job in offer.jobs]
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
        jobs = tuple(promised_in(job, offer) for job in offer.jobs)
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

        Who cannot stay without them (see `Roster.hurt_by_leaving`) is moved; a firing that is too light now
        and cannot be filled stays, for somebody to decide.
        Raises Conflict, and takes none out, if one is not in the book.
        """
        names = list(job_ids)
        strange = next((name for name in names if name not in self._jobs), None)
        if strange is not None:
            raise Conflict(f"job {strange} is not in the book")
        left = [place for name in names for place in self._cancel(self._jobs.pop(name))]
        hurt = {name for place in left for name in self.timetable.hurt_by_leaving(place)}
        if hurt:
            with suppress(Unsolvable):  # such a firing is lit all the same
                self._repair(self.problem, self.now, _Effort(time.monotonic()), hurt)

    def _cancel(self, job: Job) -> list[Assignment]:
        """Take a job out; returns the places that are free now."""
        places = [self.timetable.remove(op.id) for op in job.operations]
        facts = {name: self._fixed.pop(name) for name in [p.operation for p in places] if name in self._fixed}
        self.timetable.disown([job])
        begun = [place for place in places if place.start < self.now]
        if not begun:
            return places
        rest = replace(job, operations=job.operations[: len(begun)])
        self.timetable.know([rest])
        self._fixed.update({a.operation: a for a in begun if a.operation in facts})
        for op, place in zip(rest.operations, begun, strict=True):
            self.timetable.place_fact(place, op)
        self._jobs[job.id] = rest
        self._displacing.mark([rest])
        self._displacing.freeze()
        return places[len(begun) :]

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
        return self._repair(problem, now, _Effort(time.monotonic(), time_limit, workers, seed))

    def _repair(self, problem: Problem, now: int, effort: _Effort, hurt: Iterable[str] = ()) -> Repair:
        """`hurt`: operations that cannot stay where they are. Else as `repair`."""
        try:
            mended = self._amended(problem, now, effort, hurt)
        except (_Another, Rejected):
            left, workers, seed = effort.left(), effort.workers, effort.seed
            mended = repair(problem, self.schedule(), now=now, time_limit=left, workers=workers, seed=seed)
            self._open(mended.problem, mended.schedule, now)
        known = {job.id for job in mended.problem.jobs}
        self._held = {key: e for key, e in self._held.items() if all(job.id in known for job in e.jobs)}
        return mended

    def _amended(self, problem: Problem, now: int, effort: _Effort, hurt: Iterable[str]) -> Repair:
        """Repaired in the timetable that stands. Whatever is raised, the book is then as it was before."""
        if not same_plant(self._problem, problem):
            raise _Another
        before = replace(self._problem, jobs=tuple(self._jobs.values()))
        check_changes(before, problem, self.timetable.begun_in_order)
        amending, frozen = Amending(problem, self.timetable, now, hurt), self.now
        try:
            with uncollected():
                amending.run()
            if effort.time_limit > 0:
                self._better(amending, effort)
            with uncollected():
                return self._settled(amending, effort.began)
        except SchedulerError:
            old = tuple(amending.old.values())
            fixed = {a.operation: a for a in old if a.start < frozen} | self._fixed
            plan = Schedule("", 0, None, "feasible", 0.0, old)
            self._open(replace(before, fixed=tuple(fixed.values())), plan, frozen)
            raise
        finally:
            amending.timetable.unwatched(amending.changes)

    def _better(self, amending: Amending, effort: _Effort) -> None:
        """What is left of the time, but for judging the result, goes into fewer broken promises."""
        spare = 3 * (time.monotonic() - effort.began)
        jobs = amending.problem().jobs
        search = Bettering(self.timetable, jobs, seed=effort.seed)
        search.run(effort.began + effort.time_limit - spare, effort.workers)
        self._displacing.mark(list(self._jobs.values()))

    def _settled(self, amending: Amending, began: float) -> Repair:
        """The repair whose places stand in the timetable now, once the verifier has passed it."""
        changed = amending.problem()
        schedule = self._judged(changed, began)
        self._stand(changed, amending.changes.before)
        fresh = sorted(amending.changes.new(), key=in_time)
        return Repair(schedule, changed, moved(amending.old, fresh, changed), tuple(amending.relaxed))

    def _judged(self, problem: Problem, began: float) -> Schedule:
        """The plan as it stands, which the verifier has passed; raises Rejected otherwise."""
        schedule = self._in_order(problem, began)
        self._watch.verify(problem, schedule).demand(problem.name)
        self._judged_last, self._judged_jobs = schedule.assignments, problem.jobs
        self._judged_goal = schedule.objective
        self._since.before.clear()
        return schedule

    def _in_order(self, problem: Problem, began: float) -> Schedule:
        """The plan as it stands, in order of time, made from the one that was judged last."""
        if self._judged_last:
            gone, new = self._since.gone(), self._since.new()
            ordered = changed_in_order(self._judged_last, gone, new)
        else:
            gone, new = [], []
            ordered = in_order(self.timetable.work())
        goal = self._goal(problem, ordered, gone, new)
        seconds = time.monotonic() - began
        return Schedule(problem.name, goal, None, "feasible", seconds, tuple(ordered))

    def _goal(
        self, problem: Problem, ordered: list[Assignment], gone: list[Assignment], new: list[Assignment]
    ) -> int:
        """The objective of these places: that of the plan judged last, and what has gone and is new since."""
        if problem.goal == "makespan" or not the_same(self._judged_jobs, problem.jobs):
            ends = {job.operations[-1].id for job in problem.jobs}
            return objective_of(problem, {a.operation: a.end for a in ordered if a.operation in ends})
        return self._judged_goal + sum(map(self._cost, new)) - sum(map(self._cost, gone))

    def _cost(self, place: Assignment) -> int:
        """What a place costs: nothing where it is not the end of a job."""
        owner = self.timetable.owner(place.operation)
        job = self.timetable.job(owner) if owner else None
        if job is None or job.operations[-1].id != place.operation:
            return 0
        return job.weight * max(0, place.end - job.due)
