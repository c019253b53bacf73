"""A timetable that knows whose the operations in it are, so that whole jobs can be moved by kernels."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from scheduler.changes import Changes
from scheduler.engine import Pure
from scheduler.errors import Conflict
from scheduler.kernel import chains, places
from scheduler.kernel.displace import anchor_jobs, begin_facts, list_moved
from scheduler.kernel.memory import (
    A_JOB,
    AT,
    COUNT,
    END,
    FACT,
    FACTS,
    FAMILY,
    FAR,
    JOB,
    LINE,
    LOAD,
    MAX_LAG,
    OPERATION,
    POS,
    RELEASE,
    RUN,
    RUN_END,
    RUN_START,
    SET,
    SET_N,
    START,
)
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
        self.operations: dict[str, Operation] = {}
        """Those of the known jobs."""
        self._jobs: dict[str, tuple[Job, int]] = {}
        self._job_at: dict[int, str] = {}
        self._changes: list[Changes] = []

    def watched(self) -> Changes:
        """What changes from now on, until it is left `unwatched`."""
        changes = Changes(self._placed)
        self._changes.append(changes)
        return changes

    def unwatched(self, changes: Changes) -> None:
        """Nobody asks for these any more."""
        self._changes = [each for each in self._changes if each is not changes]

    def _note(self, o: int, assignment: Assignment, operation: Operation | None) -> None:
        for changes in self._changes:
            changes.note(assignment.operation)
        super()._note(o, assignment, operation)

    def remove(self, operation_id: str) -> Assignment:
        for changes in self._changes:
            changes.note(operation_id)
        place = super().remove(operation_id)
        for changes in self._changes:
            changes.forget(operation_id)
        return place

    def _tidy(self) -> None:
        watched = self._changes
        super()._tidy()
        self._changes = watched
        for changes in watched:
            changes.standing = self._placed

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
            self._job_at[at + A_JOB * j] = job.id
            for op in job.operations:
                self.operations[op.id] = op
                self._homes[op.id] = first + OPERATION * done
                done += 1
        return [at + A_JOB * j for j in range(len(jobs))]

    def disown(self, jobs: Iterable[Job]) -> None:
        """Forget jobs none of whose operations is placed."""
        for job in jobs:
            _, at = self._jobs.pop(job.id)
            del self._job_at[at]
            for op in job.operations:
                del self._homes[op.id], self.operations[op.id]
                self._dead += 1

    def rewrite(self, jobs: Iterable[Job]) -> None:
        """Known jobs are now these, with the same operations but for their largest lags."""
        for job in jobs:
            self._jobs[job.id] = (job, self.job_at(job.id))
            for op in job.operations:
                if self.operations[op.id] is not op:
                    self.operations[op.id] = op
                    lag = FAR if op.max_lag is None else op.max_lag
                    self.board.memory[self._homes[op.id] + MAX_LAG] = lag
                    if op.id in self._placed:
                        self._placed[op.id] = (self._placed[op.id][0], op)

    def job(self, job_id: str) -> Job:
        """A job that is known."""
        return self._jobs[job_id][0]

    def job_at(self, job_id: str) -> int:
        """Where a job that is known lies now."""
        return self._jobs[job_id][1]

    def jobs(self) -> dict[str, Job]:
        """All jobs that are known, by id."""
        return {name: job for name, (job, _) in self._jobs.items()}

    def job_there(self, at: int) -> Job:
        """The known job that lies there."""
        return self._jobs[self._job_at[at]][0]

    def owner(self, operation_id: str) -> str:
        """The id of the known job that an operation is of; empty for other occupancy."""
        home = self._homes.get(operation_id)
        return "" if home is None else self._job_at[self._read(home + JOB)]

    def begun_in_order(self, operation_ids: Iterable[str]) -> bool:
        """Whether of each known job the operations among these, which differ, come first."""
        memory, known = self.board.memory, self._homes
        homes = [known[name] for name in operation_ids if name in known]
        positions, jobs = (self.engine.taken(memory, homes, field) for field in (POS, JOB))
        least = sum(count * (count - 1) // 2 for count in Counter(jobs).values())
        return sum(positions) == least  # 0 + 1 + 2 ... of each job; of others it is more

    def begun_before(self, moment: int) -> list[str]:
        """Who starts before a moment, besides facts."""
        begun: list[str] = []
        for resource in self.resources:
            starts, _, runs = self._line(resource.id)
            early = runs[: bisect_left(starts, moment)]
            if resource.kind == "batch":
                begun += (name for firing in early for name in self._planned_in(int(firing)))
            else:
                planned = self.engine.below(self.board.memory, early, FACT, 1)
                begun += (self._names[o] for o in planned)
        return begun

    def _planned_in(self, firing: int) -> Iterable[str]:
        """The members of a firing that are no facts."""
        if self._read(firing + FACTS) == self._read(firing + COUNT):
            return ()
        return (name for name in self._members(firing) if name not in self._facts)

    def work(self) -> list[Assignment]:
        """Every operation that is placed; not other occupancy."""
        return [assignment for assignment, operation in self._placed.values() if operation is not None]

    def facts(self) -> set[str]:
        """Who stands here whatever the rules say."""
        return set(self._facts)

    def during(self, resource: str, start: int, end: int) -> set[str]:
        """Operations that run on a resource, or need it besides, at some time within (start, end)."""
        starts, ends, runs = self._line(resource)
        batch = self.resource(resource).kind == "batch"
        found: set[str] = set()
        for i in range(bisect_left(starts, end)):
            if ends[i] > start:
                found.update(self._members(int(runs[i])) if batch else [self._names[int(runs[i])]])
        if self.resource(resource).kind == "pool":
            for a, op in self._placed.values():
                if a.start < end and a.end > start and _needs(op, resource):
                    found.add(a.operation)
        return found

    def hurt_by_leaving(self, place: Assignment) -> set[str]:
        """Operations that cannot stay as they are since this place was given back: what follows too soon for
        the setup between (or what it follows, where it is a fact), and a firing that is too light now."""
        starts, _, runs = self._line(place.resource)
        after = bisect_right(starts, place.start - 1)
        batch = self.resource(place.resource).kind == "batch"
        if batch and after < len(starts) and starts[after] == place.start:
            return self._too_light(int(runs[after]))
        if not 0 < after < len(starts) or self._far_enough(place.resource, after):
            return set()
        pair = [self._who(place.resource, int(runs[k])) for k in (after, after - 1)]
        return next((names for names in pair if self._facts.isdisjoint(names)), set())

    def _far_enough(self, resource: str, k: int) -> bool:
        """Whether there is time for the setup before run k of a line."""
        m, r = self.board.memory, self.board.at[resource]
        before, after = (m[r + LINE] + RUN * (k - 1), m[r + LINE] + RUN * k)
        minutes = m[m[r + SET] + m[before + FAMILY] * m[r + SET_N] + m[after + FAMILY]] if m[r + SET] else 0
        return bool(m[after + RUN_START] - m[before + RUN_END] >= minutes)

    def _who(self, resource: str, run: int) -> set[str]:
        return set(self._members(run)) if self.resource(resource).kind == "batch" else {self._names[run]}

    def _too_light(self, firing: int) -> set[str]:
        names = set(self._members(firing))
        least = self._resource[self._placed[min(names)][0].resource].least_load
        return names if self._facts.isdisjoint(names) and self._read(firing + LOAD) < least else set()

    def open_at(self, resource: Resource) -> None:
        """The resource of this id is open at other times from now on; what is placed there stays."""
        self.board.open_at(resource)
        self._resource[resource.id] = resource
        self.resources = tuple(self._resource[r.id] for r in self.resources)
        self.version += 1

    def home(self, operation_id: str) -> int:
        """Where an operation of a known job lies."""
        return self._homes[operation_id]

    def read_places(self, memory: Any, operations: Iterable[tuple[int, Operation]]) -> list[Assignment]:
        """Where operations that lie there stand in a copy of the memory."""
        names = self._name_at
        return [
            Assignment(op.id, names[int(memory[o + AT])], int(memory[o + START]), int(memory[o + END]))
            for o, op in operations
        ]

    def rows(
        self, assignments: Iterable[Assignment], operations: Mapping[str, Operation], homes: Mapping[str, int]
    ) -> list[int]:
        """Places as the kernels take them; `homes`: where the operations lie."""
        found: list[int] = []
        for a in assignments:
            home = homes[a.operation]
            found += home, self._mode_for(home, a, operations[a.operation]), a.start, a.end
        return found

    def begin(self, operation_ids: Iterable[str]) -> None:
        """Operations of known jobs that are placed become facts where they stand."""
        facts = self._facts
        names = [name for name in operation_ids if name not in facts]
        homes = list(map(self._homes.__getitem__, names))
        self.run(begin_facts, self.engine.array(homes), len(homes))
        self._facts.update(names)

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

    def insert(
        self, operations: Sequence[Operation], ready: int, start_by: int = FAR, join_within: int = 0
    ) -> list[Assignment]:
        """As in any timetable; operations of known jobs are placed where they lie."""
        home = self._homes.get(operations[0].id)
        if home is None:
            return super().insert(operations, ready, start_by, join_within)
        n = len(operations)
        own, work = self.engine.ints(3 * n * n), self.engine.ints(3 * n * n)
        failed = self.run(chains.insert_chain, home, n, ready, start_by, join_within, own, work)
        if failed:
            raise self._unsolvable(operations, (failed - home) // OPERATION)
        return self._noted(operations, home)

    def push(
        self, turns: Sequence[tuple[Operation, int, int]], longest: int, wider: Mapping[str, int]
    ) -> None:
        """Place operations of known jobs in their turn, each with those that largest lags tie to it, where
        the last ends earliest; one whose predecessor is not placed, or that finds no place, is left out.

        A turn: operation, from when its job, and from when it may begin itself. `longest`: no job has more
        operations. `wider`: largest lags after operations that are placed, where they have been broken.
        """
        memory = self.board.memory
        for name, lag in wider.items():
            memory[self._homes[name] + MAX_LAG] = lag
        rows: list[int] = []
        for operation, ready, release in turns:
            home = self._homes[operation.id]
            memory[home + RELEASE] = release
            rows += home, ready
        own, work = self.engine.ints(3 * longest**2), self.engine.ints(3 * longest**2)
        self.run(chains.push_all, self.engine.array(rows), len(turns), own, work)
        for operation, _, _ in turns:
            home = self._homes[operation.id]
            if memory[home + AT] and operation.id not in self._placed:
                self._note(home, self._place_of(home, operation), operation)

    def anchor(self) -> None:
        """Note where known jobs stand now, as where they should rather stay."""
        spots = [at for _, at in self._jobs.values()]
        self.run(anchor_jobs, self.engine.array(spots), len(spots))

    def adopt(self, memory: Any, spots: Sequence[int]) -> None:
        """Go on with a copy of the memory in which operations of the jobs at these spots have been moved."""
        before, self.board.memory = self.board.memory, memory
        moved = self.engine.ints(len(self.operations))
        count = self.run(list_moved, before, self.engine.array(spots), len(spots), moved)
        for home in self.engine.listed(moved[:count]):
            operation = self.operations[self._names[home]]
            for changes in self._changes:
                changes.note(operation.id)
            self._placed[operation.id] = (self._place_of(home, operation), operation)
        self.version += 1


def _needs(operation: Operation | None, resource: str) -> bool:
    """Whether one of the operation's modes needs a resource besides its own."""
    modes = operation.modes if operation else ()
    return any(need.resource == resource for mode in modes for need in mode.needs)
