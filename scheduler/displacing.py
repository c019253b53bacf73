"""Tier 2 of a promise: others that have not started move, within their promises, so that a new one is sooner.

Wherever the new order waits, some who stand in its way are moved, alone where what follows in their jobs can
stay (see `kernel.yielding`); what does not make it sooner, or would break a promise, is taken back. Ruin and
recreate of whole jobs, which improves plans, takes longer here and moves more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scheduler.errors import Conflict
from scheduler.improve import search_over
from scheduler.kernel import costs
from scheduler.kernel.costs import STRAYS, STRAYS_N
from scheduler.kernel.displace import displace_rounds, freeze_jobs
from scheduler.kernel.memory import A_JOB, DUE, OPERATION, PROMISED, WEIGHT
from scheduler.kernel.places import place_all
from scheduler.model import Assignment, Job, Operation
from scheduler.roster import Roster

ROUNDS = 800
"""So often somebody is asked to give way."""


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
        self._most = 0
        self._scratch: Any = None
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
        self._longest(jobs)

    def freeze(self) -> None:
        """What starts before the timetable's frozen time does not move."""
        spots = [self.timetable.job_at(name) for name in self._jobs]
        self.timetable.run(freeze_jobs, self.timetable.engine.array(spots), len(spots))

    def search(self, jobs: Sequence[Job], places: Sequence[Assignment], now: int) -> Moved | None:
        """Better places for a new order than the free ones given; None where there are none.

        The search works on a copy of the memory, so the timetable stays as it is.
        """
        table = self.timetable
        if table.built != self._built:
            self._learn()
        mark = table.board.mark()
        try:
            at, first = table.board.add_jobs(jobs, set())
            memory = self._copy()
            spots = [at + A_JOB * j for j in range(len(jobs))]
            for spot in spots:
                memory[spot + WEIGHT], memory[spot + DUE] = 1, now
            homes = {op.id: first + OPERATION * k for k, op in enumerate(_work(jobs))}
            return self._improve(memory, jobs, places, spots, homes)
        finally:
            table.board.forget(mark)

    def _improve(
        self,
        m: Any,
        jobs: Sequence[Job],
        places: Sequence[Assignment],
        spots: list[int],
        homes: dict[str, int],
    ) -> Moved | None:
        table, engine = self.timetable, self.timetable.engine
        rows = table.rows(places, {op.id: op for op in _work(jobs)}, homes)
        if engine.run(place_all)(m, engine.array(rows), len(places)) >= 0:
            raise Conflict(f"job {jobs[0].id}: a place that was found is not free")
        work = search_over(engine, spots, len(self._jobs) + len(spots))
        engine.run(costs.reckon)(m, work)
        engine.run(displace_rounds)(m, work, ROUNDS, engine.ints(self._longest(jobs)))
        own = table.read_places(m, ((homes[op.id], op) for op in _work(jobs)))
        completion = max(a.end for a in own)
        if completion >= max(a.end for a in places):
            return None
        strays = engine.listed(work[int(work[STRAYS]) : int(work[STRAYS]) + int(work[STRAYS_N])])
        touched = [table.job_there(at) for at in strays if at not in spots]
        found = table.read_places(m, ((table.home(op.id), op) for op in _work(touched)))
        return Moved(tuple(own), completion, {a.operation: a for a in found if table.get(a.operation) != a})

    def _copy(self) -> Any:
        """The timetable's memory as far as it is in use, written over the copy that was made last."""
        board = self.timetable.board
        self._scratch = self.timetable.engine.copied_over(self._scratch, board.memory, board.top)
        return self._scratch

    def _longest(self, jobs: Sequence[Job]) -> int:
        """No job has more operations."""
        self._most = max([self._most, *(len(job.operations) for job in jobs)])
        return self._most


def _work(jobs: Iterable[Job]) -> Iterator[Operation]:
    return (op for job in jobs for op in job.operations)
