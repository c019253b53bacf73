"""The verifier's rules of one resource: calendar, sequence, loads and firings.

Like the verifier it shares nothing with the solvers.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from operator import itemgetter

from scheduler.model import Amount, Resource, SetupMatrix

EXAMPLES = 3
NEVER = 1 << 62

Run = tuple[int, int, str, str | None, Amount | None, bool, bool]
"""Start, end, operation, family, size (None: all there is), whether it is a fact, whether it may pause.

A plain tuple of plain values: it sorts by time (operations differ in a problem that was checked, so what
follows them is not compared), and the garbage collector does not follow it.
"""
_Table = dict[tuple[str | None, str | None], int]


@dataclass(slots=True)
class Findings:
    """Kinds of violation with their first examples and their numbers."""

    examples: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, kind: str, example: str) -> None:
        """One more of this kind."""
        self.counts[kind] += 1
        if len(self.examples[kind]) < EXAMPLES:
            self.examples[kind].append(example)


class Station:
    """A resource, what runs on it and, if it is a pool, what it lends to runs elsewhere."""

    __slots__ = ("before", "closes", "lent", "opens", "resource", "runs", "spare")

    def __init__(self, resource: Resource) -> None:
        windows = sorted(resource.calendar)
        self.resource = resource
        self.opens = [window[0] for window in windows]
        self.closes = [window[1] for window in windows]
        self.before = [0, *accumulate(end - start for start, end in windows)]
        self.spare = resource.loading + resource.cooling
        self.runs: list[Run] = []
        self.lent: list[Run] = []

    def lasts(self, minutes: int, may_pause: bool, start: int, end: int) -> bool:
        """Whether so many minutes of work fill the time from start to end."""
        if may_pause and self.resource.kind == "machine":
            return self._worked(start, end) == minutes
        return end - start == minutes + self.spare

    def _worked(self, start: int, end: int) -> int:
        """Open minutes from start to end; -1 if the last one is closed."""
        last = bisect_left(self.opens, end) - 1
        if last < 0 or end > self.closes[last]:
            return -1
        return self.before[last] + end - self.opens[last] - self._open_until(start)

    def _open_until(self, moment: int) -> int:
        k = bisect_right(self.opens, moment) - 1
        return self.before[k] + min(moment, self.closes[k]) - self.opens[k] if k >= 0 else 0

    def is_open(self, moment: int) -> bool:
        """Whether the minute that begins then is an open one."""
        k = bisect_right(self.opens, moment) - 1
        return k >= 0 and moment < self.closes[k]


def check_station(station: Station, setups: Mapping[str, SetupMatrix], found: Findings) -> int:
    """All rules of this resource. Returns how many firings there are."""
    resource, runs = station.resource, station.runs
    runs.sort(key=itemgetter(0, 1, 2))
    if runs:
        _check_calendar(station, found)
    if resource.kind == "machine":
        _check_sequence(resource, _table(resource, setups), runs, found)
    elif resource.kind == "batch":
        return _check_firings(resource, _table(resource, setups), runs, found)
    elif runs or station.lent:
        _check_pool(station, found)
    return 0


def _table(resource: Resource, setups: Mapping[str, SetupMatrix]) -> _Table:
    """The resource's setup minutes by pair of families; empty where no matrix is named."""
    if resource.setup is None:
        return {}
    matrix = setups[resource.setup]
    return {
        (before, after): minutes
        for before, row in zip(matrix.families, matrix.minutes, strict=True)
        for after, minutes in zip(matrix.families, row, strict=True)
    }


def _check_calendar(station: Station, found: Findings) -> None:
    """All time is open, but for what may pause on a machine; and a batch resource may cool in closed time."""
    resource = station.resource
    kind, pausing = "outside the calendar", resource.kind == "machine"
    _check_windows(kind, station, station.runs, resource.cooling, pausing, found)
    if pausing:
        for start, _, name, _, _, fact, may_pause in station.runs:
            if may_pause and not fact and not station.is_open(start):
                found.add(kind, f"{name} on {resource.id} at {start}")


def _check_windows(
    kind: str, station: Station, runs: list[Run], cooling: int, pausing: bool, found: Findings
) -> None:
    """Both lists go forward in time, so one walk over the windows serves all runs."""
    windows = zip([*station.opens, NEVER], [*station.closes, 2 * NEVER], strict=True)
    opens, closes = -NEVER, -NEVER
    for start, end, name, _, _, fact, may_pause in runs:
        while closes <= start:
            opens, closes = next(windows)
        if (start < opens or end - cooling > closes) and not fact and not (may_pause and pausing):
            found.add(kind, f"{name} on {station.resource.id} at {start}")


def _check_sequence(resource: Resource, table: _Table, runs: list[Run], found: Findings) -> None:
    """One at a time: against the neighbour with its setup, and against whatever earlier run ends last."""
    last, last_family, last_name, last_fact = -NEVER, None, "", True
    longest, longest_name, longest_fact = -NEVER, "", True
    for start, end, name, family, _, fact, _ in runs:
        if start < last:
            if not (fact and last_fact):
                found.add("overlap", f"{last_name} and {name} on {resource.id}")
        elif table and start - last < table.get((last_family, family), 0) and not (fact and last_fact):
            found.add("setup too short", f"{last_name} to {name} on {resource.id}")
        if start < longest and longest_name != last_name and not (fact and longest_fact):
            found.add("overlap", f"{longest_name} and {name} on {resource.id}")
        if end > longest:
            longest, longest_name, longest_fact = end, name, fact
        last, last_family, last_name, last_fact = end, family, name, fact


def _amounts(capacity: Amount | None) -> tuple[int, ...]:
    if capacity is None:
        return (0,)
    return capacity if isinstance(capacity, tuple) else (capacity,)


def _size(size: Amount | None, dimension: int, capacity: int) -> int:
    """What a run takes in one dimension; other occupancy takes all there is."""
    if size is None:
        return capacity
    if not isinstance(size, tuple):
        return 0 if dimension else size
    return size[dimension] if dimension < len(size) else 0


def _check_pool(station: Station, found: Findings) -> None:
    """What runs in the pool and what it lends add up, dimension by dimension; needs are of the first."""
    if station.lent:
        station.lent.sort(key=itemgetter(0, 1))
        _check_windows("need outside the calendar", station, station.lent, 0, False, found)
    for dimension, capacity in enumerate(_amounts(station.resource.capacity)):
        moments = []
        for start, end, _, _, size, fact, _ in [*station.runs, *station.lent]:
            amount = _size(size, dimension, capacity)
            moments += [(start, 1, amount, not fact), (end, -1, -amount, not fact)]
        _check_load(station.resource, capacity, moments, found)


def _check_load(
    resource: Resource, capacity: int, moments: list[tuple[int, int, int, bool]], found: Findings
) -> None:
    """Loads at every start; over capacity counts where planned work is part of it."""
    moments.sort(key=itemgetter(0, 1))
    load = running = 0
    for moment, step, amount, planned in moments:
        load += amount
        if planned:
            running += step
        if load > capacity and step > 0 and running:
            found.add("pool over capacity", f"{resource.id} at {moment}: {load} of {capacity}")


def _check_firings(resource: Resource, table: _Table, runs: list[Run], found: Findings) -> int:
    """Runs that start together are one firing; returns how many firings there are."""
    firings: dict[int, list[Run]] = defaultdict(list)
    for run in runs:
        firings[run[0]].append(run)
    for firing in firings.values():
        if not all(run[5] for run in firing):
            _check_firing(resource, firing, found)
    _check_sequence(resource, table, [_as_one(firing) for firing in firings.values()], found)
    return len(firings)


def _as_one(firing: list[Run]) -> Run:
    """The firing as one run: its longest member, a fact only if all are."""
    start, end, name, family, size, _, may_pause = max(firing, key=itemgetter(1))
    return start, end, name, family, size, all(run[5] for run in firing), may_pause


def _check_firing(resource: Resource, firing: list[Run], found: Findings) -> None:
    where = f"{resource.id} at {firing[0][0]}"
    if len({family for _, _, _, family, _, _, _ in firing}) > 1:
        found.add("two recipes in one firing", where)
    if len({end for _, end, _, _, _, _, _ in firing}) > 1:
        found.add("one firing, two ends", where)
    for dimension, capacity in enumerate(_amounts(resource.capacity)):
        load = sum([_size(size, dimension, capacity) for _, _, _, _, size, _, _ in firing])
        if load > capacity:
            found.add("firing over capacity", f"{where}: {load} of {capacity}")
        if dimension == 0 and load < resource.least_load and not any(run[5] for run in firing):
            found.add("firing under its least load", f"{where}: {load} of {resource.least_load}")
