"""A repair in the timetable of a plan that stands: only what has changed, and what that hits, is looked at.

The rules are those of `mending`; what differs is that nothing is laid out anew.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import replace

from scheduler.bulk import the_same
from scheduler.calendars import other_boundaries
from scheduler.mending import Mending
from scheduler.model import Assignment, Job, Problem
from scheduler.roster import Roster


class Amending(Mending):
    """A mending whose timetable holds the old plan from the start; `hit` are the jobs it has looked at.

    The plant may differ from what the timetable knows in its calendars only.
    """

    def __init__(
        self, source: Problem, timetable: Roster, now: int, hurt: Iterable[str] = ()
    ) -> None:
        """`hurt`: operations that cannot stay where they are."""
        self.source, self.timetable, self.now = source, timetable, now
        self.old = self.changes = timetable.watched()
        self.facts = {fact.operation for fact in source.fixed}
        self.operations = timetable.operations
        self.relaxed, self.wider = [], {}
        self.hit: set[str] = set()
        self._loose: list[Assignment] = []
        self._hurt = set(hurt)

    def run(self) -> None:
        """The state that the plant is in, then what can stay, then the broken jobs."""
        self.timetable.anchor()
        self.timetable.frozen_before = self.now
        self._adopt_jobs()
        moved = self._adopt_facts()
        closed = self._adopt_calendars()
        self.take_out(self._planned() if moved else self._overtaken() | closed | self._hurt)
        for fact in moved:
            self.timetable.place_fact(fact, self.operations.get(fact.operation))
            self._hits([fact.operation])
        self.stand(self.bound_to_facts())
        for job in sorted(self._broken(), key=self._pressing):
            self._mend(job)

    # ---- what has changed ----

    def _adopt_jobs(self) -> None:
        """Jobs that are gone leave; new ones are made known; others are what they are now."""
        before = self.timetable.jobs()
        if the_same(list(before.values()), self.source.jobs):
            return
        now = {job.id for job in self.source.jobs}
        changed = [job for job in self.source.jobs if before.get(job.id) is not job]
        other = [job for job in changed if job.id not in before or not _same_work(before[job.id], job)]
        leaving = [before[job.id] for job in other if job.id in before]
        leaving += [before[name] for name in sorted(before.keys() - now)]
        for job in leaving:
            self.take_out(op.id for op in job.operations)
        self.timetable.disown(leaving)
        self.timetable.know(other)
        self.hit -= {job.id for job in leaving}
        self.hit |= {job.id for job in other}
        anew = {job.id for job in other}
        self.timetable.rewrite([job for job in changed if job.id not in anew])

    def _adopt_facts(self) -> list[Assignment]:
        """What has started where it stood is a fact; returns those that stand elsewhere, not placed yet."""
        stood = self.changes.places(fact.operation for fact in self.source.fixed)
        pairs = zip(self.source.fixed, stood, strict=True)
        moved = [fact for fact, place in pairs if place is not fact and place != fact]
        elsewhere = {fact.operation for fact in moved}
        there = [fact for fact in self.source.fixed if fact.operation not in elsewhere]
        for fact in there if self.changes.before else ():
            if fact.operation not in self.timetable:  # its job has changed, or left nothing but this
                self.timetable.place_fact(fact, self.operations.get(fact.operation))
        self.timetable.begin(fact.operation for fact in there)
        elsewhere |= self.timetable.facts() - self.facts
        self.take_out(name for name in elsewhere if name in self.timetable)
        return moved

    def _adopt_calendars(self) -> set[str]:
        """The plant is open when it is now; returns who is planned where that is another time than before."""
        hit: set[str] = set()
        for before, now in zip(self.timetable.resources, self.source.resources, strict=True):
            if before is not now and before.calendar != now.calendar:
                first, last = other_boundaries(before.calendar, now.calendar)
                hit |= self.timetable.during(now.id, first, last) - self.facts
                self.timetable.open_at(now)
        return hit

    def _overtaken(self) -> set[str]:
        """What should have started by now and has not."""
        return set(self.timetable.begun_before(self.now)) - self.facts

    def in_doubt(self) -> list[Job]:
        """The jobs that are hit."""
        return [self.timetable.job(name) for name in sorted(self.hit)]

    def _planned(self) -> set[str]:
        """All that has not started."""
        return {a.operation for a in self.timetable.assignments()} - self.facts

    def take_out(self, names: Iterable[str]) -> None:
        """As in a mending; whose they are is looked at."""
        for name in sorted(names):
            if name in self.timetable:
                self._hits([name])
                self._loose.append(self.timetable.remove(name))

    def _hits(self, names: Iterable[str]) -> None:
        self.hit |= {owner for name in names if (owner := self.timetable.owner(name))}

    # ---- what can stay, and what cannot ----

    def keep(self, besides: Container[str] = ()) -> None:
        """Every place that was given back and is free, in order of time; lags are looked at later."""
        standing = [a for a in self._loose if self._may_stay(a) and a.operation not in besides]
        standing.sort(key=lambda a: (a.start, a.operation))
        self.timetable.place_free(standing, self.operations)

    def _may_stay(self, place: Assignment) -> bool:
        name = place.operation
        if name not in self.operations or name in self._hurt or name in self.timetable:
            return False
        job = self.timetable.job(self.timetable.owner(name))
        return place.start >= max(job.release, self.operations[name].release)

    def _broken(self) -> list[Job]:
        return [job for job in self.in_doubt() if self._faults(job)]


def _same_work(before: Job, job: Job) -> bool:
    """Whether two states of a job differ at most in when it should be done, and what that is worth."""
    return before.operations == job.operations and before.release == job.release


def same_plant(before: Problem, now: Problem) -> bool:
    """Whether two problems' plants differ at most in their calendars."""
    if before.setups != now.setups or len(before.resources) != len(now.resources):
        return False
    pairs = zip(before.resources, now.resources, strict=True)
    return all(a is b or replace(a, calendar=()) == replace(b, calendar=()) for a, b in pairs)
