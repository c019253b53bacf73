"""Tier 2 of a promise: others that have not started move, within their promises, so that a new one is sooner.

A short ruin and recreate (see `kernel.ruin`) in which nothing costs but the new order's end, and a promise
that would break costs more than anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scheduler.errors import Conflict
from scheduler.improve import search_over
from scheduler.kernel import costs
from scheduler.kernel.costs import (
    BROKEN,
    HARD,
    STRAYS,
    STRAYS_N,
)
from scheduler.kernel.displace import displace_rounds, freeze_jobs
from scheduler.kernel.memory import DUE, PROMISED, WEIGHT
from scheduler.model import Assignment, Job
from scheduler.roster import Roster

ROUNDS = 120
"""So often some work is taken out and put back."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Where a new order and those that make room for it would stand."""

    own: tuple[Assignment, ...]
    completion: int
    others: dict[str, Assignment]


class Displacing:
    """The search over a book's timetable. All its jobs are known there."""

    def __init__(self, timetable: Roster, jobs: Mapping[str, Job]) -> None:
        self.timetable = timetable
        self._jobs = jobs
        self._learn()

    def _learn(self) -> None:
        self._built = self.timetable.built
        self.mark(list(self._jobs.values()))
        self.freeze()

    def mark(self, jobs: Sequence[Job]) -> None:
        """Let these jobs cost nothing as long as they end by their promises."""
        m = self.timetable.board.memory
        for job in jobs:
            at = self.timetable.job_at(job.id)
            limit = job.due if job.promised is None else job.promised
            m[at + WEIGHT], m[at + DUE], m[at + PROMISED] = 0, limit, limit

    def freeze(self) -> None:
        """What starts before the timetable's frozen time does not move."""
        spots = [self.timetable.job_at(name) for name in self._jobs]
        self.timetable.run(freeze_jobs, self.timetable.engine.array(spots), len(spots))

    def search(self, jobs: Sequence[Job], places: Sequence[Assignment], now: int) -> Moved | None:
        """Better places for a new order than the free ones given; None where there are none."""
        table = self.timetable
        if table.built != self._built:
            self._learn()
        operations = {op.id: op for job in jobs for op in job.operations}
        spots = table.know(jobs)
        try:
            table.place_all(places, [operations[a.operation] for a in places])
            try:
                return self._improve(jobs, places, spots, now)
            finally:
                for name in operations:
                    table.remove(name)
        finally:
            table.disown(jobs)

    def _improve(
        self, jobs: Sequence[Job], places: Sequence[Assignment], spots: list[int], now: int
    ) -> Moved | None:
        table = self.timetable
        work = self._work(spots)
        m = table.board.memory
        for at in spots:
            m[at + WEIGHT], m[at + DUE] = 1, now
        table.run(costs.reckon, work)
        longest = max(len(job.operations) for job in [*self._jobs.values(), *jobs])
        table.run(displace_rounds, work, ROUNDS, table.engine.ints(longest))
        own = table.read_places(jobs)
        touched = self._touched(work, spots)
        found = table.read_places(touched)
        self._restore([*jobs, *touched], places)
        completion = max(a.end for a in own)
        if completion >= max(a.end for a in places):
            return None
        return Moved(tuple(own), completion, {a.operation: a for a in found if table.get(a.operation) != a})

    def _work(self, spots: list[int]) -> Any:
        work = search_over(self.timetable.engine, spots, len(self._jobs) + len(spots))
        work[BROKEN] = HARD
        return work

    def _touched(self, work: Any, spots: list[int]) -> list[Job]:
        """Committed jobs that do not stand where they did."""
        at = {self.timetable.job_at(name): job for name, job in self._jobs.items()}
        strays = (int(work[int(work[STRAYS]) + k]) for k in range(int(work[STRAYS_N])))
        return [at[spot] for spot in strays if spot not in spots]

    def _restore(self, jobs: Sequence[Job], places: Sequence[Assignment]) -> None:
        """Everybody where they stood before the search."""
        before = {a.operation: a for a in places}
        wanted = []
        for job in jobs:
            for op in job.operations:
                place = before.get(op.id) or self.timetable.get(op.id)
                if place is None:
                    raise Conflict(f"operation {op.id} is not placed")
                if place.start >= self.timetable.frozen_before:  # what has started has not moved
                    wanted.append(place)
        self.timetable.put_in_memory(wanted, {op.id: op for job in jobs for op in job.operations})
