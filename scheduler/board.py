"""One plant and the work known to it, laid out in the memory that kernels take (see `kernel.memory`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, groupby, repeat

from scheduler.columns import Columns, columns_of, columns_of_jobs
from scheduler.engine import Pure
from scheduler.errors import ProblemError
from scheduler.kernel.memory import (
    A_JOB,
    BATCH,
    DIMS,
    FAR,
    FROZEN,
    HEAD,
    JOB,
    LINE,
    LINE_N,
    LOAD,
    MACHINE,
    MAX_LAG,
    MIN_LAG,
    MODES,
    MODES_N,
    NUMBER,
    OPERATION,
    PAUSES,
    POOL,
    POS,
    RANDOM,
    RELEASE,
    RESOURCE,
    RUN,
    SIZE,
    SPARE,
    STAIR,
    STAIR_N,
    WIN,
    WIN_N,
)
from scheduler.model import Amount, Job, Mode, Operation, Resource, SetupMatrix, amounts

KINDS = {"machine": MACHINE, "batch": BATCH, "pool": POOL}
MANY = 1_000
"""Operations for which room is made at once."""
ROOM = 16
"""Runs a line has room for at first."""


class Board:
    """The memory, who is where in it, and room for more. It does not know what is placed.

    `memory` is another list after something has grown, so ask for it each time.
    """

    def __init__(
        self, engine: Pure, resources: Iterable[Resource], setups: Mapping[str, SetupMatrix], dims: int = 1
    ) -> None:
        self.engine = engine
        self.resources = list(resources)
        self.dims = max([dims, *(len(amounts(r.capacity)) for r in self.resources)])
        self.memory = engine.ints(0)
        self.top = 0
        self._written = 0
        """What lies behind has never been in use, and is zeros."""
        self.at: dict[str, int] = {}
        self.demand = [0] * len(self.resources)
        self._rooms = [0] * len(self.resources)
        self._fixed = 0
        self._families: dict[str, dict[str | None, int]] = {}
        self._desks: dict[str, tuple[int, int, int]] = {}
        """Of each resource where it lies, the minutes around a mode's own, and its number."""
        self._listed = {r.id: r.setup is not None for r in self.resources}
        self._sizes: dict[int | tuple[int, ...], int] = {}
        head = [0] * HEAD
        head[DIMS], head[RANDOM] = self.dims, 1
        self.put(head)
        self._lay_out(setups)

    # ---- room ----

    def put(self, numbers: Sequence[int]) -> int:
        """Write numbers at the end of the memory; returns where they begin."""
        at = self._room_for(len(numbers))
        self.engine.write(self.memory, at, numbers)
        return at

    def _room_for(self, count: int) -> int:
        at = self.top
        self.top += count
        self._make_room(0)
        self._written = max(self.top, self._written)
        return at

    def _make_room(self, more: int) -> None:
        """Let so many numbers more go behind what is in use."""
        if self.top + more > len(self.memory):
            self.memory = self.engine.grown(self.memory, max(self.top + more, 2 * len(self.memory)))

    def _reserve(self) -> None:
        """Make sure that all work that is known fits wherever it may go."""
        for rank, resource in enumerate(self.resources):
            if self.demand[rank] > self._rooms[rank]:
                room = self._room_wanted(rank)
                self._move_line(self.at[resource.id], room)
                if resource.kind == "pool":
                    self._move_stairs(self.at[resource.id], room)
                elif resource.kind == "batch":
                    self._add_fires(room - self._rooms[rank])
                self._rooms[rank] = room
                self._fixed = self.top

    def _room_wanted(self, rank: int) -> int:
        return max(self.demand[rank], 2 * self._rooms[rank], ROOM)

    def _expect(self, operations: int) -> None:
        """Make room at once for so many operations, and for all that `_reserve` will move."""
        step = {"machine": RUN, "pool": RUN + 2 * (1 + self.dims), "batch": RUN + LOAD + self.dims}
        wanted = OPERATION * operations
        for rank, resource in enumerate(self.resources):
            if self.demand[rank] > self._rooms[rank]:
                wanted += step[resource.kind] * (self._room_wanted(rank) + 2)
        self._make_room(wanted)

    def _move_line(self, r: int, room: int) -> None:
        self._move(r + LINE, RUN * int(self.memory[r + LINE_N]), RUN * room)

    def _move_stairs(self, r: int, room: int) -> None:
        step = 1 + self.dims
        self._move(r + STAIR, step * int(self.memory[r + STAIR_N]), step * (2 * room + 4))

    def _move(self, field: int, used: int, room: int) -> None:
        """Give the numbers of which a field says where they lie another place, with more room."""
        at = self._blank(room)
        old = int(self.memory[field])
        self.memory[at : at + used] = self.memory[old : old + used]
        self.memory[field] = at

    def _blank(self, count: int) -> int:
        """So many zeros at the end of the memory; returns where they begin."""
        before = self._written
        at = self._room_for(count)
        self.engine.clear(self.memory, at, max(0, min(count, before - at)))
        return at

    def _add_fires(self, more: int) -> None:
        """Firings that are not in use yet, linked."""
        size = LOAD + self.dims
        at = self._blank(size * more)
        end = at + size * more
        self.memory[at:end:size] = [int(self.memory[SPARE]), *range(at, end - size, size)]
        self.memory[SPARE] = end - size

    # ---- the plant ----

    def _lay_out(self, setups: Mapping[str, SetupMatrix]) -> None:
        matrices = {name: self.put(_matrix(matrix)) for name, matrix in setups.items()}
        for rank, resource in enumerate(self.resources):
            windows = sorted(resource.calendar)
            families: tuple[str, ...] = ()
            at = 0
            if resource.setup is not None:
                if resource.setup not in matrices:
                    where = f"resource {resource.id}"
                    raise ProblemError(where, f"there is no setup matrix {resource.setup}")
                families, at = setups[resource.setup].families, matrices[resource.setup]
            self._families[resource.id] = {family: i for i, family in enumerate(families)}
            capacity = self.put(self.padded(resource.capacity))
            win = self.put([moment for window in windows for moment in window])
            stair = self.put([-FAR, *[0] * self.dims])
            self.at[resource.id] = self.put([
                KINDS[resource.kind], capacity, win, len(windows), at, len(families) + 1,
                resource.least_load, resource.cooling, 0, 0, stair, 1, rank,
            ])  # fmt: skip
        self._desks = {
            r.id: (self.at[r.id], r.loading + r.cooling, rank) for rank, r in enumerate(self.resources)
        }
        assert not self.resources or self.top - self.at[self.resources[-1].id] == RESOURCE

    def open_at(self, resource: Resource) -> None:
        """The resource of this id is open at other times from now on."""
        rank = self.rank(resource.id)
        self.resources[rank] = resource
        windows = sorted(resource.calendar)
        at = self.put([moment for window in windows for moment in window])
        self.memory[self.at[resource.id] + WIN] = at
        self.memory[self.at[resource.id] + WIN_N] = len(windows)

    def padded(self, amount: int | tuple[int, ...] | None) -> list[int]:
        """An amount as one number a dimension of this plant."""
        given = amounts(amount)
        return [*given, *[0] * (self.dims - len(given))]

    def family(self, resource: str, name: str | None) -> int:
        """The row of a family in a resource's setups, or its number as a recipe there."""
        known = self._families[resource]
        if name in known:
            return known[name]
        if self._listed[resource]:
            return len(known)
        return known.setdefault(name, len(known))

    # ---- work ----

    def size_at(self, amount: int | tuple[int, ...]) -> int:
        """Where a size lies; equal ones lie in one place."""
        at = self._sizes.get(amount)
        if at is None:
            at = self._sizes[amount] = self.put(self.padded(amount))
        return at

    def add(self, columns: Columns, owners: Sequence[int] = ()) -> int:
        """Make operations known, one after the other; returns where the first lies. They are not placed.

        `owners`: where each one's job lies; without them they are one chain of no job.
        """
        spots, lengths, at = self._modes_of(columns)
        count = len(spots)
        if count >= MANY:
            self._expect(count)
        first = self._blank(OPERATION * count)
        fields = {
            JOB: owners or (),
            POS: _positions(owners) if owners else range(count),
            MODES: [at + spot for spot in spots],
            MODES_N: lengths,
            SIZE: self._sizes_at(columns.sizes),
            RELEASE: columns.releases,
            MIN_LAG: columns.min_lags,
            MAX_LAG: [FAR if lag is None else lag for lag in columns.max_lags],
            PAUSES: columns.pauses,
            NUMBER: range(count),
        }
        self.engine.write_records(self.memory, first, OPERATION, fields)
        self._reserve()
        return first

    def _sizes_at(self, sizes: Sequence[Amount]) -> list[int]:
        for size in dict.fromkeys(sizes):
            self.size_at(size)
        return list(map(self._sizes.__getitem__, sizes))

    def _modes_of(self, columns: Columns) -> tuple[list[int], list[int], int]:
        """Write the modes of operations, the same ones once; returns how far behind the first mode each
        operation's lie, how many they are, and where that lies."""
        modes: list[int] = []
        spots: dict[int, int] = {}
        lengths: dict[int, int] = {}
        for kind, count in Counter(columns.kinds).items():
            op = columns.operations[kind]
            spots[kind], lengths[kind] = len(modes), len(op.modes)
            for rank in self._write_modes(op, modes):
                self.demand[rank] += count
        where, how_many = (list(map(known.__getitem__, columns.kinds)) for known in (spots, lengths))
        return where, how_many, self.put(modes)

    def _write_modes(self, op: Operation, modes: list[int]) -> list[int]:
        """Add an operation's modes to `modes`; returns the numbers of the resources that they take."""
        ranks: list[int] = []
        for mode in op.modes:
            at, around, rank = self._desks[mode.resource]
            row = self.family(mode.resource, op.family)
            needs = self._needs(mode) if mode.needs else 0
            modes += at, mode.minutes + around, row, needs, len(mode.needs)
            ranks += rank, *(self._desks[need.resource][2] for need in mode.needs)
        return ranks

    def _needs(self, mode: Mode) -> int:
        """Write what a mode needs besides; returns where it lies."""
        pairs = [(self.at[n.resource], self.size_at(n.amount)) for n in mode.needs]
        return self.put([number for pair in pairs for number in pair])

    def rank(self, resource: str) -> int:
        """The number of a resource among all."""
        return int(self.memory[self.at[resource] + RESOURCE - 1])

    def add_block(self, name: str, resource: str) -> int:
        """Make other occupancy known that takes its whole resource; returns where it lies."""
        capacity = self.resources[self.rank(resource)].capacity
        first = self.add(columns_of([Operation(name, (), size=1 if capacity is None else capacity)]))
        self.expect(resource)
        return first

    def expect(self, resource: str) -> None:
        """One run more than the known modes tell may come to a resource."""
        self.demand[self.rank(resource)] += 1
        self._reserve()

    def add_jobs(
        self, jobs: Sequence[Job], facts: set[str], columns: Columns | None = None
    ) -> tuple[int, int]:
        """Make whole jobs known with their operations, numbered in their order; returns where the jobs and
        where the operations lie. `columns`: of all their operations, where they are at hand."""
        at = self._blank(A_JOB * len(jobs))
        lengths = [len(job.operations) for job in jobs]
        spots = range(at, at + A_JOB * len(jobs), A_JOB)
        owners = list(chain.from_iterable(map(repeat, spots, lengths)))
        first = self.add(columns or columns_of_jobs(jobs), owners)
        rows: list[int] = []
        done = first
        for job, length in zip(jobs, lengths, strict=True):
            free = sum(op.id in facts for op in job.operations) if facts else 0
            deadline = FAR if job.deadline is None else job.deadline
            promised = FAR if job.promised is None else job.promised
            rows += done, length, free, job.release, job.due, deadline, promised, job.weight, 0, -1, 0
            done += OPERATION * length
        self.engine.write(self.memory, at, rows)
        return at, first

    def mark(self) -> tuple[int, list[int], dict[int | tuple[int, ...], int]]:
        """What is known now, for `forget`."""
        return self.top, list(self.demand), dict(self._sizes)

    def forget(self, mark: tuple[int, list[int], dict[int | tuple[int, ...], int]]) -> None:
        """Drop the operations made known since `mark`; none of them may be placed.

        Their memory is used again unless a line has moved behind them meanwhile.
        """
        top, self.demand, self._sizes = mark[0], list(mark[1]), dict(mark[2])
        if self._fixed <= top:
            self.top = top

    @property
    def frozen_before(self) -> int:
        """Nothing is placed before."""
        return int(self.memory[FROZEN])

    @frozen_before.setter
    def frozen_before(self, moment: int) -> None:
        self.memory[FROZEN] = moment


def _positions(owners: Sequence[int]) -> list[int]:
    """Each one's position among those of the same owner, who lie side by side."""
    counts = [len(list(group)) for _, group in groupby(owners)]
    return list(chain.from_iterable(map(range, counts)))


def _matrix(matrix: SetupMatrix) -> list[int]:
    """Row by row, with a last row and column "nobody knows" without setups."""
    rows = [number for row in matrix.minutes for number in (*row, 0)]
    return rows + [0] * (len(matrix.families) + 1)
