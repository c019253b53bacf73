"""A timetable that knows whose the operations in it are, so that whole jobs can be moved by kernels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from scheduler.engine import Pure
from scheduler.errors import Conflict
from scheduler.kernel import chains, places
from scheduler.kernel.memory import A_JOB, AT, END, MAX_LAG, OPERATION, RELEASE
from scheduler.model import Assignment, Job, Operation, Resource, SetupMatrix
from scheduler.timetable import Timetable


class Roster(Timetable):
    """The jobs made known here keep their memory; other operations come and go as in any timetable.

    `built` grows when the memory is laid out anew, and what others have written into it is lost.
    """

    def __init__(
        self,
        resources: Iterable[Resource],
        setups: Mapping[str, SetupMatrix] | None = None,
        *,
        frozen_before: int = 0,
        engine: Pure | None = None,
    ) -> None:
        super().__init__(resources, setups, frozen_before=frozen_before, engine=engine)
        self.built = 0
        self._jobs: dict[str, tuple[Job, int]] = {}

    def _empty(self) -> Roster:
        fresh = Roster(self.resources, self.setups, engine=self.engine)
        fresh.built = self.built + 1
        fresh.know([job for job, _ in self._jobs.values()])
        return fresh

    def know(self, jobs: Sequence[Job]) -> list[int]:
        """Keep these jobs in the memory, with whose their operations are, for kernels that move whole jobs.

        Returns where each job lies. `place` and `place_fact` then put their operations where they belong.
        """
        at, first = self.board.add_jobs(jobs, set())
        done = 0
        for j, job in enumerate(jobs):
            self._jobs[job.id] = (job, at + A_JOB * j)
            for op in job.operations:
                self._homes[op.id] = first + OPERATION * done
                done += 1
        return [at + A_JOB * j for j in range(len(jobs))]

    def disown(self, jobs: Iterable[Job]) -> None:
        """Forget jobs none of whose operations is placed."""
        for job in jobs:
            del self._jobs[job.id]
            for op in job.operations:
                del self._homes[op.id]
                self._dead += 1

    def job_at(self, job_id: str) -> int:
        """Where a job that is known lies now."""
        return self._jobs[job_id][1]

    def read_places(self, jobs: Iterable[Job]) -> list[Assignment]:
        """Where the operations of known jobs stand in the memory, which kernels may have changed."""
        return [self._place_of(self._homes[op.id], op) for job in jobs for op in job.operations]

    def place_free(self, assignments: Iterable[Assignment], operations: Mapping[str, Operation]) -> None:
        """Take, in this order, each of these places of known jobs that can be taken when its turn comes."""
        rows: list[int] = []
        asked = []
        for a in assignments:
            home, operation = self._homes[a.operation], operations[a.operation]
            try:
                rows += home, self._mode_for(home, a, operation), a.start, a.end
            except Conflict:
                continue
            asked.append((home, a, operation))
        taken = self.engine.ints(len(asked))
        self.run(places.place_free, self.engine.array(rows), len(asked), taken)
        for (home, a, operation), yes in zip(asked, self.engine.listed(taken), strict=True):
            if yes:
                self._note(home, a, operation)

    def push(
        self, turns: Sequence[tuple[Operation, int, int]], longest: int, wider: Mapping[str, int]
    ) -> None:
        """Place operations of known jobs in their turn, each with those that largest lags tie to it, where
        the last ends earliest; one whose predecessor is not placed, or that finds no place, is left out.

        A turn: operation, from when its job, and from when it may begin itself. `longest`: no job has more
        operations. `wider`: largest lags after operations that are placed, where they have been broken.
        """
        memory = self.board.memory
        strangers = self._tell_homes()
        for name, lag in wider.items():
            memory[self._homes[name] + MAX_LAG] = lag
        rows: list[int] = []
        for operation, ready, release in turns:
            home = self._homes[operation.id]
            memory[home + RELEASE] = release
            rows += home, ready
        own, work = self.engine.ints(3 * longest**2), self.engine.ints(3 * longest**2)
        self.run(chains.push_all, self.engine.array(rows), len(turns), own, work)
        for home in strangers:
            memory[home + AT] = 0
        for operation, _, _ in turns:
            home = self._homes[operation.id]
            if memory[home + AT] and operation.id not in self._placed:
                self._note(home, self._place_of(home, operation), operation)

    def _tell_homes(self) -> list[int]:
        """Let the homes of operations that are placed elsewhere in the memory say so; returns these homes."""
        memory, told = self.board.memory, []
        for name, (assignment, _) in self._placed.items():
            home = self._homes.get(name)
            if home is not None and self._at[name] != home:
                memory[home + AT], memory[home + END] = self.board.at[assignment.resource], assignment.end
                told.append(home)
        return told

    def put_in_memory(self, assignments: Iterable[Assignment], operations: Mapping[str, Operation]) -> None:
        """Let operations of known jobs stand so in the memory, whoever moved them; nothing else changes."""
        wanted = [(self._homes[a.operation], a) for a in assignments]
        for o, _ in wanted:
            self.run(places.remove, o)
        rows: list[int] = []
        for o, a in sorted(wanted, key=lambda w: w[1].start):
            rows += o, self._mode_of(o, a, operations[a.operation]), a.start, a.end
        failed = self.run(places.place_all, self.engine.array(rows), len(wanted))
        assert failed < 0, "these places were taken before"
