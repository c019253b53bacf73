"""Which problems are plain shops, and how one is laid out for the kernels.

A plain shop: every operation runs on one of some machines that are always open and need no setup, jobs may
have a release and operations a least lag, and the goal is the makespan.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from scheduler.compiling import compiled
from scheduler.kernel.diving import Dive, dive
from scheduler.kernel.graph import Fact, Graph, Narrow, Node, get_plan, measure, set_plan
from scheduler.kernel.tabu import Choice, Clock, Memory, begin_anew, restore_best, tabu_search
from scheduler.model import Assignment, Job, Operation, Problem, Schedule

F = TypeVar("F", bound=Callable[..., Any])
LARGEST = 1 << 30
"""Ends must stay below this: 32 bits hold the sum of a head and a tail."""

PAIRS = 1 << 15
"""Entries in the table of what is tabu, at most; in small shops 256 or more for each operation."""

Way = tuple[int, int]
"""A mode: the machine's index and minutes."""


@dataclass(frozen=True, slots=True)
class Shop:
    """A plain shop: operations in a row, job by job, and the waits between them.

    `names[x]` is None for a wait; `ways[x]` are an operation's modes by machine, each machine once;
    `minutes[x]` is a wait's length (0 for operations); `starts[x]` says whether x is the first of its job.
    """

    names: tuple[str | None, ...]
    ways: tuple[tuple[Way, ...], ...]
    minutes: tuple[int, ...]
    starts: tuple[bool, ...]
    machines: tuple[str, ...]

    def index(self) -> dict[str, int]:
        """Where each operation is."""
        return {name: x for x, name in enumerate(self.names) if name is not None}


def recognise(problem: Problem, *, not_before: int = 0, until: int = 0) -> Shop | None:
    """The problem as a plain shop in which nothing starts before `not_before`; None if it is none.

    Machines count as always open if one window covers all from the first release to `until`: the plans
    to be looked for end by then.
    """
    if problem.goal != "makespan" or problem.fixed:
        return None
    jobs = [job for job in problem.jobs if job.operations]
    releases = [max(job.release, job.operations[0].release, not_before) for job in jobs]
    if not jobs or max(releases) + _longest(jobs) >= LARGEST:
        return None
    used = {mode.resource for job in jobs for op in job.operations for mode in op.modes}
    resources = [r for r in problem.resources if r.id in used]
    begin = min(releases)
    for r in resources:
        open_all_time = any(a <= begin and b >= until for a, b in r.calendar)
        if r.kind != "machine" or r.setup is not None or not open_all_time:
            return None
    if not all(map(_plain, jobs, releases)):
        return None
    return _laid_out(jobs, releases, tuple(r.id for r in resources))


def _longest(jobs: Sequence[Job]) -> int:
    """An end that no sensible plan goes beyond, counted from the last release."""
    return sum(max(m.minutes for m in op.modes) + op.min_lag for job in jobs for op in job.operations)


def _plain(job: Job, release: int) -> bool:
    others = job.operations[1:]
    return (
        job.deadline is None
        and all(op.release <= release for op in others)
        and all(op.max_lag is None and op.min_lag >= 0 for op in job.operations)
        and not any(mode.needs for op in job.operations for mode in op.modes)
    )


def _laid_out(jobs: Sequence[Job], releases: Sequence[int], machines: tuple[str, ...]) -> Shop:
    number = {name: m for m, name in enumerate(machines)}
    rows: list[tuple[str | None, tuple[Way, ...], int, bool]] = []
    for job, release in zip(jobs, releases, strict=True):
        wait, first = release, True
        for op in job.operations:
            if wait:
                rows.append((None, (), wait, first))
                first = False
            rows.append((op.id, _ways(op, number), 0, first))
            wait, first = op.min_lag, False
    names, ways, minutes, starts = zip(*rows, strict=True)
    return Shop(names, ways, minutes, starts, machines)


def _ways(op: Operation, number: dict[str, int]) -> tuple[Way, ...]:
    shortest: dict[int, int] = {}
    for mode in op.modes:
        m = number[mode.resource]
        shortest[m] = min(mode.minutes, shortest.get(m, mode.minutes))
    return tuple(shortest.items())


@dataclass(frozen=True, slots=True)
class Elite:
    """A plan: its makespan, and of every operation the key (see `get_plan`), the mode, who is before it."""

    makespan: int
    keys: list[int]
    modes: list[int]
    left: list[int]


class Floor:
    """A shop with one plan on it, and a search's memory: what the kernels work on.

    `fast` takes the compiled kernels, else their pure twins; the results are the same.
    """

    def __init__(self, shop: Shop, *, fast: bool, seed: int) -> None:
        self.shop = shop
        self.fast = fast
        self.size = len(shop.names)
        machines = len(shop.machines)
        everything = self.size + machines + 1
        flat = [way for ways in shop.ways for way in ways]
        owners = [x for x, ways in enumerate(shop.ways) for _ in ways]
        self.graph = Graph(
            self.size,
            machines,
            self._records(Node, everything),
            self._records(Fact, everything),
            self._numbers([m for m, _ in flat]),
            self._numbers([minutes for _, minutes in flat]),
            self._numbers(owners),
            self._numbers([0] * self.size),
            self._numbers([0] * self.size),
        )
        self.memory = Memory(
            self._records(Clock, 1),
            self._records(Choice, 2),
            self._numbers([0] * min(PAIRS, 256 << self.size.bit_length())),
            self._numbers([0] * self.size),
            self._numbers([0] * everything),
            self._numbers([0] * everything),
            self._numbers([0] * machines),
        )
        self._fill()
        self._set_clock(seed)

    def _run(self, kernel: F) -> F:
        return compiled(kernel) if self.fast else kernel

    def _numbers(self, values: list[int]) -> Any:
        if not self.fast:
            return values
        import numpy

        return numpy.array(values, numpy.int64)

    def _records(self, kind: type[Any], size: int) -> Any:
        if not self.fast:
            return [kind() for _ in range(size)]
        import numpy

        width = numpy.int32 if issubclass(kind, Narrow) else numpy.int64
        return numpy.zeros(size, numpy.dtype([(name, width) for name in kind.__slots__]))

    def _column(self, records: Any, name: str) -> list[int]:
        if self.fast:
            found: list[int] = records[name].tolist()
            return found
        return [getattr(record, name) for record in records]

    def _set(self, records: Any, name: str, values: Sequence[int]) -> None:
        if self.fast:
            records[name][: len(values)] = values
            return
        for record, value in zip(records, values, strict=False):
            setattr(record, name, value)

    def _fill(self) -> None:
        shop, nobody = self.shop, self.size + len(self.shop.machines)
        starts = [*shop.starts, True]
        before = [nobody if starts[x] else x - 1 for x in range(self.size)]
        after = [nobody if starts[x + 1] else x + 1 for x in range(self.size)]
        ends = [nobody] * (nobody + 1 - self.size)
        self._set(self.graph.nodes, "before", [*before, *ends])
        self._set(self.graph.nodes, "after", [*after, *ends])
        self._set(self.graph.nodes, "left", [nobody] * (nobody + 1))
        self._set(self.graph.nodes, "right", [nobody] * (nobody + 1))
        self._set(self.graph.nodes, "minutes", shop.minutes)
        counts = [len(ways) for ways in shop.ways]
        firsts = [0]
        for count in counts:
            firsts.append(firsts[-1] + count)
        self._set(self.graph.facts, "mode_at", firsts)
        self._set(self.graph.facts, "mode_n", counts)
        self._set(self.graph.facts, "machine", [-1] * self.size)

    def _set_clock(self, seed: int) -> None:
        self._set(self.memory.clock, "random", [1 + (seed * 0x9E3779B1 + 0x7F4A7C15) % 0xFFFFFFFF])
        self._set(self.memory.clock, "tenure", [10])
        self._set(self.memory.clock, "spread", [10])
        self._set(self.memory.clock, "away", [10])

    # ---- plans ----

    def dive(self, target: int, *, slack: int = 0, dead_ends: int = 0, noise: int = 0) -> int | None:
        """Make a first plan that ends by the target; None if none was found. Returns its makespan."""
        modes = len(self.graph.mode_machine)
        machines = len(self.shop.machines)
        by_machine, by_operation, by_mode = [0] * machines, [0] * self.size, [0] * (modes + machines)
        work = sum(name is not None for name in self.shop.names)
        sizes = [*[by_machine] * 3, *[by_operation] * 3, *[by_mode] * 2, *[by_operation] * 2]
        d = Dive(*(self._numbers(list(values)) for values in sizes))
        if self._run(dive)(self.graph, d, self.memory, noise, target, slack, dead_ends) < work:
            return None
        return int(self._run(measure)(self.graph))

    def put(self, keys: Sequence[int], modes: list[int]) -> int:
        """Set the plan in which the operations come in the order of these keys. Returns its makespan."""
        sequence = sorted(range(self.size), key=keys.__getitem__)
        return int(self._run(set_plan)(self.graph, self._numbers(sequence), self._numbers(modes)))

    def put_schedule(self, schedule: Schedule) -> int:
        """Set the plan of a schedule, everything as early as its order allows. Returns its makespan."""
        where = self.shop.index()
        number = {name: m for m, name in enumerate(self.shop.machines)}
        keys, modes, mode_at = [0] * self.size, [-1] * self.size, self._column(self.graph.facts, "mode_at")
        for place in schedule.assignments:
            x = where[place.operation]
            keys[x] = place.start
            machines = [m for m, _ in self.shop.ways[x]]
            modes[x] = mode_at[x] + machines.index(number[place.resource])
        return self.put(keys, modes)

    def elite(self) -> Elite:
        """The plan as it stands."""
        keys, modes = self._numbers([0] * self.size), self._numbers([0] * self.size)
        self._run(get_plan)(self.graph, keys, modes)
        length = int(self._run(measure)(self.graph))
        left = self._column(self.graph.nodes, "left")[: self.size]
        return Elite(length, [int(key) for key in keys], [int(mode) for mode in modes], left)

    def assignments(self) -> tuple[Assignment, ...]:
        """The plan as it stands, every operation as early as can be."""
        done = self._column(self.graph.nodes, "done")
        minutes = self._column(self.graph.nodes, "minutes")
        machine = self._column(self.graph.facts, "machine")
        return tuple(
            Assignment(name, self.shop.machines[machine[x]], done[x] - minutes[x], done[x])
            for x, name in enumerate(self.shop.names)
            if name is not None
        )

    # ---- search ----

    def begin(self) -> int:
        """Search from the plan as it stands. Returns its makespan."""
        return int(self._run(begin_anew)(self.graph, self.memory))

    def search(self, steps: int, patience: int, bound: int) -> int:
        """Make so many steps of tabu search, or fewer if there is no point (see `tabu_search`)."""
        return int(self._run(tabu_search)(self.graph, self.memory, steps, patience, bound))

    @property
    def best(self) -> int:
        """The shortest makespan since `begin`."""
        return self._column(self.memory.clock, "best")[0]

    def back_to_best(self) -> int:
        """Set the best plan since `begin`. Returns its makespan."""
        return int(self._run(restore_best)(self.graph, self.memory))

    def twin(self) -> Floor:
        """The same plan and search once more; what is done to one leaves the other as it is."""
        twin = copy.copy(self)
        twin.graph, twin.memory = copy.deepcopy(self.graph), copy.deepcopy(self.memory)
        return twin
