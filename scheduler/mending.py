"""The timetable on its way from an old plan to a feasible new one, with as much as possible left in place."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from scheduler.engine import best_engine
from scheduler.errors import Conflict, Unsolvable
from scheduler.kernel.memory import FAR
from scheduler.model import Assignment, Job, Operation, Problem, Schedule
from scheduler.roster import Roster
from scheduler.squeezing import least_harmful
from scheduler.timetable import Timetable


def rest_of(timetable: Timetable, job: Job) -> tuple[tuple[Operation, ...], int, int]:
    """What of a job is not placed yet, from when it may start, and until when it must (a largest lag)."""
    ready, deadline, first = job.release, FAR, 0
    for k, op in enumerate(job.operations):
        place = timetable.get(op.id)
        if place is None:
            break
        first = k + 1
        ready = max(job.release, place.end + op.min_lag)
        deadline = FAR if op.max_lag is None else place.end + op.max_lag
    return job.operations[first:], ready, deadline


def tied_together(operations: tuple[Operation, ...]) -> tuple[Operation, ...]:
    """The first of these consecutive operations that largest lags tie to each other."""
    count = 1
    while count < len(operations) and operations[count - 1].max_lag is not None:
        count += 1
    return operations[:count]


@dataclass(slots=True)
class Mending:
    """The timetable on its way from the old plan to the new one."""

    source: Problem
    previous: Schedule
    now: int
    timetable: Roster = field(init=False)
    old: Mapping[str, Assignment] = field(init=False)
    facts: set[str] = field(init=False)
    operations: dict[str, Operation] = field(init=False)
    relaxed: list[str] = field(default_factory=list)
    wider: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.facts = {fact.operation for fact in self.source.fixed}
        self.operations = self.source.operations()
        self.old = {name: p for name, p in self.previous.by_operation().items() if name in self.operations}
        engine = best_engine(len(self.operations))
        self.timetable = Roster(
            self.source.resources, self.source.setups, frozen_before=self.now, engine=engine
        )
        self.timetable.know(self.source.jobs)

    def run(self) -> None:
        """Facts, then all that can stay, then what facts bind, then the broken jobs."""
        for fact in self.source.fixed:
            self.timetable.place_fact(fact, self.operations.get(fact.operation))
        self.stand(self.bound_to_facts())
        for job in sorted(self._broken(), key=self._pressing):
            self._mend(job)

    # ---- what a fact binds ----

    def bound_to_facts(self) -> list[Job]:
        """Jobs whose next operation must follow a fact soon and cannot stand where it stood."""
        if not self.source.fixed:
            return []
        found = []
        for number, job in enumerate(self.in_doubt()):
            rest, ready, deadline = rest_of(self.timetable, job)
            if rest and deadline < FAR and not self._stands(rest[0], ready, deadline):
                found.append((deadline, number, job))
        return [job for _, _, job in sorted(found, key=lambda f: f[:2])]

    def in_doubt(self) -> Sequence[Job]:
        """Jobs that may not be able to go on as planned."""
        return self.source.jobs

    def _stands(self, op: Operation, ready: int, deadline: int) -> bool:
        place = self.old.get(op.id)
        if place is None or not max(ready, self.now) <= place.start <= deadline:
            return False
        try:
            self.timetable.place(place, op)
        except Conflict:
            return False
        self.timetable.remove(op.id)
        return True

    def _tied(self, job: Job) -> tuple[Operation, ...]:
        return tied_together(rest_of(self.timetable, job)[0])

    def stand(self, bound: Sequence[Job]) -> None:
        """All that can stay, and what facts bind, for which others may have to leave."""
        self.keep({op.id for job in bound for op in self._tied(job)})
        for job in bound:
            if self.place_bound(job):
                self.keep()

    def place_bound(self, job: Job) -> bool:
        """The first operations of the job that a largest lag ties together, in time if at all possible: where
        there is room, else where a few leave a firing, else where nobody may stand before them; whether it
        came to that."""
        if self._fits(job) or self._squeezed(job):
            return False
        self._make_room(job)
        if not self._fits(job):
            self.keep()
            rest, ready, _ = rest_of(self.timetable, job)
            places = self.timetable.insert(tied_together(rest), ready)
            self._relax(job, rest[0], places[0])
        return True

    def _fits(self, job: Job) -> bool:
        """Place what is tied together in time, if there is room."""
        rest, ready, deadline = rest_of(self.timetable, job)
        try:
            self.timetable.insert(tied_together(rest), ready, deadline)
        except Unsolvable:
            return False
        return True

    def _squeezed(self, job: Job) -> bool:
        """Place it in a firing that some leave, if it is one operation and there is such a firing in time."""
        (op, *others), ready, deadline = self._tied(job), *rest_of(self.timetable, job)[1:]
        best = None if others else least_harmful(self, op, max(ready, self.now), deadline)
        if best is None:
            return False
        self.take_out(best.leaving)
        self.timetable.place(best.place, op)
        return True

    def _make_room(self, job: Job) -> None:
        """Nobody stands where the job could go; who still can comes back after it."""
        modes = [mode for op in self._tied(job) for mode in op.modes]
        resources = {mode.resource for mode in modes} | {n.resource for mode in modes for n in mode.needs}
        for name in sorted(resources):
            self.take_out(self.timetable.during(name, self.now, FAR) - self.facts)

    def take_out(self, names: Iterable[str]) -> None:
        """Give the places of these operations back; what can comes back to them when others are kept."""
        for name in sorted(names):
            if name in self.timetable:
                self.timetable.remove(name)

    def _relax(self, job: Job, op: Operation, place: Assignment) -> None:
        before = job.operations[job.operations.index(op) - 1]
        fact = self.timetable.get(before.id)
        assert fact is not None
        self.wider[before.id] = max(place.start - fact.end, before.max_lag or 0)
        self.relaxed.append(op.id)

    # ---- what can stay ----

    def keep(self, besides: Container[str] = ()) -> None:
        """Every old place that its resource still has, in order of time; lags are looked at later. `besides`:
        operations that are left out."""
        release = {op.id: max(job.release, op.release) for job in self.source.jobs for op in job.operations}
        standing = [
            p for p in self.old.values() if p.start >= release[p.operation] and p.operation not in besides
        ]
        standing.sort(key=lambda a: (a.start, a.operation))
        self.timetable.place_free(standing, self.operations)

    # ---- broken jobs ----

    def _broken(self) -> list[Job]:
        return [job for job in self.source.jobs if self._faults(job)]

    def _pressing(self, job: Job) -> tuple[int, int, str]:
        """Jobs by the time their first fault stood at, new ones by their due time."""
        places = [
            self.old[job.operations[k].id].start
            for k in self._faults(job)
            if job.operations[k].id in self.old
        ]
        return (min(places, default=max(self.now, job.due)), job.due, job.id)

    def _faults(self, job: Job) -> list[int]:
        """Indices of operations that are not placed, or not in step with their predecessor."""
        faults = []
        before: Assignment | None = None
        for k, op in enumerate(job.operations):
            place = self.timetable.get(op.id)
            if place is None or (
                before is not None and not self._in_step(job.operations[k - 1], before, place)
            ):
                faults.append(k)
            before = place
        return faults

    def _in_step(self, previous: Operation, before: Assignment, place: Assignment) -> bool:
        if place.operation in self.facts:
            return True
        lag = place.start - before.end
        most = self.wider.get(previous.id, previous.max_lag)
        return previous.min_lag <= lag and (most is None or lag <= most)

    def _mend(self, job: Job) -> None:
        """Place the shortest stretch anew that puts the job in step, growing forwards, then backwards."""
        faults = self._faults(job)
        if not faults:
            return
        movable = next(k for k, op in enumerate(job.operations) if op.id not in self.facts)
        last = len(job.operations) - 1
        for first in range(max(faults[0], movable), movable - 1, -1):
            for until in range(max(faults[-1], first), last + 1):
                if self._replace(job, first, until):
                    return
            if first == movable or job.operations[first - 1].max_lag is None:
                break
        self._go_late(job)

    def _replace(self, job: Job, first: int, until: int) -> bool:
        """Place operations first..until anew if what follows them can stay."""
        stretch = job.operations[first : until + 1]
        old = [self.timetable.remove(op.id) for op in stretch if op.id in self.timetable]
        ready, deadline = self.after(job, first)
        try:
            self.timetable.insert(stretch, ready, deadline)
        except Unsolvable:
            pass
        else:
            if not self._faults(job):
                return True
            for op in stretch:
                self.timetable.remove(op.id)
        for place in old:
            self.timetable.place(place, self.operations[place.operation])
        return False

    def after(self, job: Job, k: int) -> tuple[int, int]:
        """From when, and until when at the latest, operation k may start after the one before it."""
        if not k:
            return job.release, FAR
        previous = job.operations[k - 1]
        place = self.timetable.get(previous.id)
        assert place is not None
        lag = self.wider.get(previous.id, previous.max_lag)
        deadline = FAR if lag is None else place.end + lag
        return max(job.release, place.end + previous.min_lag), deadline

    def _go_late(self, job: Job) -> None:
        """All that may move goes to its earliest place; what a fact binds comes later than its lag allows."""
        for op in job.operations:
            if op.id in self.timetable and op.id not in self.facts:
                self.timetable.remove(op.id)
        rest, ready, deadline = rest_of(self.timetable, job)
        places = self.timetable.insert(rest, ready)
        if places[0].start > deadline:
            self._relax(job, rest[0], places[0])

    def problem(self) -> Problem:
        """The problem with the lags as wide as reality made them."""
        if not self.wider:
            return self.source
        jobs = tuple(self._widened(job) for job in self.source.jobs)
        return replace(self.source, jobs=jobs)

    def _widened(self, job: Job) -> Job:
        if not any(op.id in self.wider for op in job.operations):
            return job
        return replace(
            job,
            operations=tuple(
                replace(op, max_lag=self.wider[op.id]) if op.id in self.wider else op for op in job.operations
            ),
        )
