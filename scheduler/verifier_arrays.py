"""A whole plan as arrays: that nothing is wrong with it, many times as quickly as one by one.

The answer is yes, or doubt. Doubted is whatever breaks a rule, so that the verifier names it one by one, and
whatever is not judged here: facts, needs, pauses, several dimensions, calendars whose windows overlap,
numbers that are no whole ones or too large. Like the verifier it shares nothing with the solvers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Any

import numpy

from scheduler.model import Job, Mode, Problem, Schedule, SetupMatrix

LARGE = 1 << 38
"""Times, minutes and sizes are smaller, so that sums and keys are numbers of 64 bits."""
BASE = 4 * LARGE
LONGEST = 1 << 26
"""Operations take fewer minutes."""
MOST = 1 << 36
"""Operations times resources are fewer."""
KINDS = {"machine": 0, "batch": 1, "pool": 2}
MACHINE, BATCH, POOL = 0, 1, 2
Array = Any
"""An array of int64, or of truth."""


class _Doubt(Exception):
    """This is not for arrays."""


@dataclass(frozen=True, slots=True)
class Passed:
    """Of a plan in which nothing is wrong, what a report says."""

    objective: int
    late_jobs: int
    firings: int


def passed(problem: Problem, schedule: Schedule, frozen_before: int | None = None) -> Passed | None:
    """What is to be said of the plan if it surely breaks no rule, else None."""
    try:
        if problem.fixed:
            raise _Doubt
        runs = _Runs(problem, schedule)
        if frozen_before is not None:
            _sure(runs.start >= frozen_before)
        _check_jobs(problem.jobs, runs)
        plant = _Plant(problem, runs)
        _check_modes(plant, runs)
        _check_calendars(plant, runs)
        _check_machines(plant, runs)
        firings = _check_firings(plant, runs)
        _check_pools(plant, runs)
        return _concluded(problem, schedule, runs, firings)
    except (_Doubt, KeyError, OverflowError):
        return None


def _sure(holds: Array) -> None:
    if not numpy.all(holds):
        raise _Doubt


def _whole(values: Sequence[Any]) -> Array:
    try:
        found = numpy.array(values, None if values else numpy.int64)
    except ValueError:  # some have several dimensions
        raise _Doubt from None
    if found.dtype != numpy.int64 or found.ndim != 1:
        raise _Doubt
    return found


def _numbers(values: Sequence[Any], limit: int = LARGE) -> Array:
    """Whole numbers, all smaller than the limit."""
    found = _whole(values)
    _sure((found < limit) & (found > -limit))
    return found


def _codes(known: dict[Any, int], names: Iterable[Any], size: int) -> Array:
    return numpy.fromiter(map(known.__getitem__, names), numpy.int64, size)


class _Runs:
    """Each operation of the problem, in its order, with its place: one entry of each array."""

    def __init__(self, problem: Problem, schedule: Schedule) -> None:
        self.operations = [op for job in problem.jobs for op in job.operations]
        self.size = len(self.operations)
        places = schedule.assignments
        names = [op.id for op in self.operations]
        if not len(places) == self.size == len(set(names)):
            raise _Doubt
        at = _rows_of(names, [a.operation for a in places])
        self.resources = {r.id: k for k, r in enumerate(problem.resources)}
        self.on = _codes(self.resources, [a.resource for a in places], self.size)[at]
        self.start = _numbers([a.start for a in places])[at]
        self.end = _numbers([a.end for a in places])[at]
        families = [op.family for op in self.operations]
        self.families = dict(zip(dict.fromkeys(families), count(), strict=False))
        self.family = _codes(self.families, families, self.size)
        self.load = _numbers([op.size for op in self.operations])
        _sure(self.load >= 0)
        _sure(self.end > self.start)


def _rows_of(names: Sequence[str], placed: Sequence[str]) -> Array:
    """In which row each of the names, which differ, is placed; each is once."""
    mine, theirs = (numpy.fromiter(map(id, each), numpy.int64, len(each)) for each in (names, placed))
    my_order, their_order = numpy.argsort(mine), numpy.argsort(theirs)
    rows = numpy.empty_like(mine)
    if numpy.array_equal(mine[my_order], theirs[their_order]):  # the very same texts
        rows[my_order] = their_order
        return rows
    row = dict(zip(placed, count(), strict=False))
    return _codes(row, names, len(names))  # as many as are placed, so if all are there, each is once


class _Plant:
    """What is asked of each resource: one entry of each array."""

    def __init__(self, problem: Problem, runs: _Runs) -> None:
        resources = problem.resources
        if len(runs.resources) < len(resources) or len(resources) >= MOST // LONGEST:
            raise _Doubt
        self.resources = resources
        self.kind = _codes(KINDS, [r.kind for r in resources], len(resources))
        self.capacity = _numbers([0 if r.kind == "machine" else r.capacity for r in resources])
        self.least = _numbers([r.least_load for r in resources])
        self.cooling = _numbers([r.cooling for r in resources])
        self.spare = _numbers([r.loading for r in resources]) + self.cooling
        self.setups = _Setups(problem, runs)


class _Setups:
    """All setup matrices one behind the other. Each has a last row and column for families that it does not
    name; the first is of resources that name no matrix."""

    def __init__(self, problem: Problem, runs: _Runs) -> None:
        named = {r.setup for r in problem.resources if r.setup is not None}
        matrices: dict[str | None, SetupMatrix] = {None: SetupMatrix((), ())}
        matrices |= {name: problem.setups[name] for name in sorted(named)}
        self.width = numpy.array([len(m.families) + 1 for m in matrices.values()])
        self.at = numpy.concatenate([[0], numpy.cumsum(self.width**2)[:-1]])
        self.minutes = numpy.concatenate([_padded(m) for m in matrices.values()])
        self.row = numpy.array([_rows(m, runs.families) for m in matrices.values()])
        number = dict(zip(matrices, count(), strict=False))
        self.of = _codes(number, [r.setup for r in problem.resources], len(problem.resources))

    def between(self, on: Array, before: Array, after: Array) -> Array:
        """The minutes on these resources from families to families."""
        m = self.of[on]
        return self.minutes[self.at[m] + self.row[m, before] * self.width[m] + self.row[m, after]]


def _padded(matrix: SetupMatrix) -> Array:
    size = len(matrix.families)
    if len(set(matrix.families)) < size or [len(row) for row in matrix.minutes] != [size] * size:
        raise _Doubt
    rows = [(*row, 0) for row in matrix.minutes]
    return _numbers([*chain.from_iterable(rows), *[0] * (size + 1)])


def _rows(matrix: SetupMatrix, families: Iterable[str | None]) -> list[int]:
    known: dict[str | None, int] = {name: k for k, name in enumerate(matrix.families)}
    return [known.get(name, len(known)) for name in families]


# ---- jobs ----


def _check_jobs(jobs: Sequence[Job], runs: _Runs) -> None:
    """Releases, lags and deadlines."""
    lengths = numpy.array([len(job.operations) for job in jobs], numpy.int64)
    job = numpy.repeat(numpy.arange(len(jobs)), lengths)
    _sure(runs.start >= _numbers([job.release for job in jobs])[job])
    _sure(runs.start >= _numbers([op.release for op in runs.operations]))
    inside = job[1:] == job[:-1]
    lags = (runs.start[1:] - runs.end[:-1])[inside]
    least = _numbers([op.min_lag for op in runs.operations])
    most = _numbers([LARGE - 1 if op.max_lag is None else op.max_lag for op in runs.operations])
    _sure((lags >= least[:-1][inside]) & (lags <= most[:-1][inside]))
    last = numpy.cumsum(lengths)[lengths > 0] - 1
    deadlines = [LARGE - 1 if job.deadline is None else job.deadline for job in jobs if job.operations]
    _sure(runs.end[last] <= _numbers(deadlines))


# ---- modes ----


def _check_modes(plant: _Plant, runs: _Runs) -> None:
    """Every operation is in one of its modes: on its resource, for its minutes and what is around them."""
    if True in [op.may_pause for op in runs.operations] or runs.size * len(plant.resources) >= MOST:
        raise _Doubt
    first: dict[int, int] = {}
    alike = list(map(first.setdefault, map(id, [op.modes for op in runs.operations]), count()))
    ways = [(k, mode) for k in first.values() for mode in runs.operations[k].modes]
    known = numpy.unique(_mode_keys(plant, runs, ways))
    minutes = runs.end - runs.start
    _sure(minutes < LONGEST)
    asked = (numpy.array(alike, numpy.int64) * len(plant.resources) + runs.on) * LONGEST + minutes
    found = numpy.searchsorted(known, asked)
    _sure(found < len(known))
    _sure(known[found] == asked)


def _mode_keys(plant: _Plant, runs: _Runs, ways: Sequence[tuple[int, Mode]]) -> Array:
    """One number for each mode of what is alike: whose it is, the resource, the minutes from start to end."""
    if any(mode.needs for _, mode in ways):
        raise _Doubt
    on = _codes(runs.resources, [mode.resource for _, mode in ways], len(ways))
    whose = numpy.array([k for k, _ in ways], numpy.int64)
    minutes = _numbers([mode.minutes for _, mode in ways])
    _sure(minutes > 0)
    minutes += plant.spare[on]
    _sure(minutes < LONGEST)
    return (whose * len(plant.resources) + on) * LONGEST + minutes


# ---- resources ----


def _check_calendars(plant: _Plant, runs: _Runs) -> None:
    """All of a run lies in one window; it may cool after that."""
    windows = [sorted(r.calendar) for r in plant.resources]
    on = numpy.repeat(numpy.arange(len(windows)), [len(each) for each in windows])
    opens = _whole([start for each in windows for start, _ in each])
    closes = _whole([end for each in windows for _, end in each])
    _sure(opens < closes)
    _sure((closes[:-1] <= opens[1:]) | (on[:-1] < on[1:]))
    opens, closes = numpy.clip(opens, -LARGE, LARGE), numpy.clip(closes, -LARGE, LARGE)
    window = numpy.searchsorted(on * BASE + opens, runs.on * BASE + runs.start, "right") - 1
    _sure(window >= 0)
    _sure(on[window] == runs.on)
    _sure(runs.end - plant.cooling[runs.on] <= closes[window])


def _check_machines(plant: _Plant, runs: _Runs) -> None:
    some = numpy.flatnonzero(plant.kind[runs.on] == MACHINE)
    some = some[numpy.argsort(runs.on[some] * BASE + runs.start[some], kind="stable")]
    _check_sequence(plant, runs.on[some], runs.start[some], runs.end[some], runs.family[some])


def _check_sequence(plant: _Plant, on: Array, start: Array, end: Array, family: Array) -> None:
    """One at a time, with the setup between, of runs in order of resource and time."""
    same = on[1:] == on[:-1]
    minutes = plant.setups.between(on[1:], family[:-1], family[1:])
    _sure((start[1:] - end[:-1] >= numpy.maximum(minutes, 0)) | ~same)


def _check_firings(plant: _Plant, runs: _Runs) -> int:
    """Those that start together: one family, one end, not too much and not too little; one firing at a time
    on each resource. Returns how many there are."""
    some = numpy.flatnonzero(plant.kind[runs.on] == BATCH)
    keys = runs.on[some] * BASE + runs.start[some]
    order = numpy.argsort(keys, kind="stable")
    some, keys = some[order], keys[order]
    first = numpy.flatnonzero(numpy.diff(keys, prepend=keys[:1] - 1))
    lead = numpy.repeat(some[first], numpy.diff(first, append=len(some)))
    _sure((runs.family[some] == runs.family[lead]) & (runs.end[some] == runs.end[lead]))
    lit = some[first]
    load = numpy.add.reduceat(runs.load[some], first) if len(first) else runs.load[:0]
    _sure((load <= plant.capacity[runs.on[lit]]) & (load >= plant.least[runs.on[lit]]))
    _check_sequence(plant, runs.on[lit], runs.start[lit], runs.end[lit], runs.family[lit])
    return len(first)


def _check_pools(plant: _Plant, runs: _Runs) -> None:
    """The loads at every start; what ends then has left."""
    some = numpy.flatnonzero(plant.kind[runs.on] == POOL)
    on, load = runs.on[some], runs.load[some]
    leaving, coming = (on * BASE + runs.end[some]) * 2, (on * BASE + runs.start[some]) * 2 + 1
    order = numpy.argsort(numpy.concatenate([leaving, coming]), kind="stable")
    loads = numpy.cumsum(numpy.concatenate([-load, load])[order])
    starts = order >= len(some)
    _sure(loads[starts] <= plant.capacity[on[order[starts] - len(some)]])


def _concluded(problem: Problem, schedule: Schedule, runs: _Runs, firings: int) -> Passed:
    done = [job for job in problem.jobs if job.operations]
    last = numpy.cumsum([len(job.operations) for job in done], dtype=numpy.int64) - 1
    ends: list[int] = runs.end[last].tolist()
    late = [(job.weight, end - job.due) for job, end in zip(done, ends, strict=True) if end > job.due]
    cost = sum(weight * over for weight, over in late)
    objective = max([0, *ends]) if problem.goal == "makespan" else cost
    if objective != schedule.objective:
        raise _Doubt
    return Passed(objective, len(late), firings)
