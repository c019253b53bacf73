"""A timetable that knows whose the operations in it are, so that whole jobs can be moved by kernels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from scheduler.engine import Pure
from scheduler.kernel import places
from scheduler.kernel.memory import A_JOB, OPERATION
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
