"""What a bottleneck lets through: some resources taken together as one that may split its work at will.

Operations that only these resources can do need so much of their open time between them; a batch resource or
a pool gives each the part that its size takes. Done in the best order, shortest remaining work first, the
k-th job is through no earlier than the k-th of any plan, whichever job that is (Schrage 1968; for tardiness,
Chu 1992). Which job is which is then chosen at the least cost, so that the sum bounds every plan's weighted
tardiness. For the makespan the work with the longest way to go is done first (Jackson's preemptive schedule;
Carlier 1982).
"""

from __future__ import annotations

import heapq
import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from scheduler.calendars import Span
from scheduler.earliest import Plant, span_of
from scheduler.model import Mode, Operation, Problem, Resource, amounts

SLOTS = 40
"""Completions are taken together in at most so many groups, each as early as its first."""


@dataclass(frozen=True, slots=True)
class Work:
    """What one job or operation asks of a bottleneck, not before `release`; `tail` minutes come after it.

    `owner` is the job's number; `amount` is in the bottleneck's own unit.
    """

    owner: int
    release: int
    amount: int
    tail: int


class Bottleneck:
    """Some resources of a plant, seen in one dimension of their capacities."""

    def __init__(self, problem: Problem, plant: Plant, names: Iterable[str], dimension: int = 0) -> None:
        self.names = frozenset(names)
        self._dimension = dimension
        self._plant = plant
        capacities = {name: self._capacity(plant.resources[name]) for name in self.names}
        self._unit = math.lcm(*(c for c in capacities.values() if c > 0))
        self._parts = {name: self._unit // c if c > 0 else 0 for name, c in capacities.items()}
        self._supply = _Supply(
            [span for name in sorted(self.names) for span in _usable(plant, name)], self._unit
        )

    def _capacity(self, resource: Resource) -> int:
        if resource.kind == "machine":
            return 1
        capacity = amounts(resource.capacity)
        return capacity[self._dimension] if self._dimension < len(capacity) else 0

    def asks(self, op: Operation) -> int:
        """The least that the operation takes of it, in whatever mode; 0 if it can be done elsewhere."""
        return min((self._asks(op, mode) for mode in op.modes), default=0)

    def _asks(self, op: Operation, mode: Mode) -> int:
        span = span_of(mode, self._plant.resources[mode.resource])
        taken = sum(
            need.amount * self._parts[need.resource] * span
            for need in mode.needs
            if need.resource in self.names
        )
        if mode.resource in self.names:
            whole = self._plant.resources[mode.resource].kind == "machine"
            size = 1 if whole else self._size(op)
            taken += size * self._parts[mode.resource] * span
        return taken

    def _size(self, op: Operation) -> int:
        size = amounts(op.size)
        return size[self._dimension] if self._dimension < len(size) else 0

    def through(self, works: Sequence[Work]) -> list[int]:
        """The earliest moments by which one, two, three, ... of them can be through."""
        return [end for _, end in self._run(works, lambda left, _: left)]

    def last_end(self, works: Sequence[Work]) -> int:
        """The earliest moment at which all of them, their tails too, can be over."""
        ends = self._run(works, lambda _, work: -work.tail)
        return max((end + work.tail for work, end in ends), default=0)

    def _run(self, works: Sequence[Work], key: Callable[[int, Work], int]) -> Iterator[tuple[Work, int]]:
        """Always the released work with the least key, interrupted at will: each with its end, in order."""
        coming = sorted(((self._supply.before(w.release), k) for k, w in enumerate(works)), reverse=True)
        ready: list[tuple[int, int, int]] = []
        done = 0
        while coming or ready:
            if not ready:
                done = max(done, coming[-1][0])
            while coming and coming[-1][0] <= done:
                k = coming.pop()[1]
                heapq.heappush(ready, (key(works[k].amount, works[k]), k, works[k].amount))
            _, k, left = heapq.heappop(ready)
            step = min(left, coming[-1][0] - done) if coming else left
            done += step
            if step == left:
                yield works[k], self._supply.when(done)
            else:
                heapq.heappush(ready, (key(left - step, works[k]), k, left - step))


class _Supply:
    """The work that open time offers, added up; `rate` a minute for each span that is open."""

    def __init__(self, spans: Iterable[Span], rate: int) -> None:
        steps: dict[int, int] = defaultdict(int)
        for start, end in spans:
            steps[start] += rate
            steps[end] -= rate
        self._times = sorted(steps) or [0]
        self._rates = list(accumulate(steps[t] for t in self._times))
        lengths = zip(self._times[1:], self._times, self._rates, strict=False)
        self._sums = [0, *accumulate((after - t) * r for after, t, r in lengths)]

    def before(self, moment: int) -> int:
        """All that is offered before a moment."""
        k = bisect_right(self._times, moment) - 1
        return self._sums[k] + (moment - self._times[k]) * self._rates[k] if k >= 0 else 0

    def when(self, amount: int) -> int:
        """The first whole minute by which so much has been offered; the last opening's end if it never is."""
        k = bisect_left(self._sums, amount) - 1
        if k < 0 or k + 1 >= len(self._times):
            return self._times[0 if k < 0 else -1]
        return self._times[k] - (self._sums[k] - amount) // self._rates[k]


def _usable(plant: Plant, name: str) -> Iterator[Span]:
    """When a resource may be taken: while it is open, and while what was begun then cools down."""
    cooling, until = plant.resources[name].cooling, -(1 << 60)
    for start, end in plant.calendars[name].windows:
        if max(start, until) < end + cooling:
            yield max(start, until), end + cooling
        until = end + cooling


# ---- which resources, and at what cost ----


def candidates(problem: Problem) -> list[frozenset[str]]:
    """Resources that some operations cannot do without: each set of alternatives, those that share a member
    together, and each pool by itself."""
    sets = {frozenset(m.resource for m in op.modes) for job in problem.jobs for op in job.operations}
    together: list[frozenset[str]] = []
    for each in sorted(sets, key=sorted):
        touching = [other for other in together if other & each]
        together = [other for other in together if not other & each]
        together.append(each.union(*touching))
    pools = {frozenset([r.id]) for r in problem.resources if r.kind == "pool"}
    return sorted(sets.union(together, pools) - {frozenset()}, key=lambda names: (len(names), sorted(names)))


@dataclass(frozen=True, slots=True)
class Lateness:
    """What a job's lateness costs, and that it ends no earlier than `floor` in any plan."""

    weight: int
    due: int
    floor: int

    def cost(self, end: int) -> int:
        """Weighted minutes late."""
        return self.weight * max(0, max(end, self.floor) - self.due)


def least_late_cost(through: Sequence[int], works: Sequence[Work], jobs: Sequence[Lateness]) -> int:
    """The least cost at which jobs can be given to the moments `through`; `jobs[k]` is that of `works[k]`."""
    from ortools.graph.python import min_cost_flow  # only here, since it takes a while to load

    size = math.ceil(len(works) / SLOTS)
    slots = [through[k : k + size] for k in range(0, len(through), size)]
    flow = min_cost_flow.SimpleMinCostFlow()
    for k, (work, job) in enumerate(zip(works, jobs, strict=True)):
        flow.set_node_supply(k, 1)
        for n, slot in enumerate(slots):
            cost = job.cost(slot[0] + work.tail)
            flow.add_arc_with_capacity_and_unit_cost(k, len(works) + n, 1, cost)
    for n, slot in enumerate(slots):
        flow.set_node_supply(len(works) + n, -len(slot))
    status = flow.solve()
    assert status == flow.OPTIMAL, status
    return int(flow.optimal_cost())
