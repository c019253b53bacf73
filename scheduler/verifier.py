"""Is a plan feasible? Recomputed from problem and schedule alone, sharing nothing with the solvers.

Facts (the problem's `fixed`) must stand in the plan unchanged. They are not judged against the rules or each
other; planned work is judged against them like against any other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from scheduler.model import Assignment, Job, Operation, Problem, Resource, Schedule

EXAMPLES = 3
_Table = dict[tuple[str | None, str | None], int]


@dataclass(frozen=True, slots=True)
class Report:
    """What the verifier found.

    `violations` maps each kind to its first examples, `counts` to how many there are. `objective` is
    recomputed in the goal's unit.
    """

    feasible: bool
    violations: dict[str, list[str]]
    counts: dict[str, int]
    objective: int
    late_jobs: int
    firings: int


@dataclass(slots=True)
class _Findings:
    examples: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, kind: str, example: str) -> None:
        self.counts[kind] += 1
        if len(self.examples[kind]) < EXAMPLES:
            self.examples[kind].append(example)


@dataclass(frozen=True, slots=True)
class _Run:
    """One assignment with its operation; without one it is other occupancy. A fact is not judged."""

    place: Assignment
    operation: Operation | None
    fact: bool

    @property
    def name(self) -> str:
        return self.place.operation


def verify(problem: Problem, schedule: Schedule) -> Report:
    """Check every constraint and recompute the objective. Never raises for a wrong plan; it reports."""
    found = _Findings()
    runs = _collect(problem, schedule, found)
    resources = {r.id: r for r in problem.resources}
    by_resource: dict[str, list[_Run]] = defaultdict(list)
    for run in runs.values():
        if run.place.resource in resources:
            by_resource[run.place.resource].append(run)
    firings = 0
    for resource_id, here in by_resource.items():
        resource = resources[resource_id]
        here.sort(key=lambda r: (r.place.start, r.place.end, r.name))
        _check_calendar(resource, here, found)
        if resource.kind == "machine":
            _check_sequence(resource, _setups(problem, resource), here, found)
        elif resource.kind == "pool":
            _check_pool(resource, here, found)
        else:
            firings += _check_firings(resource, _setups(problem, resource), here, found)
    for job in problem.jobs:
        _check_job(job, runs, found)
    objective, late = _objective(problem, runs)
    if schedule.objective != objective and not found.counts:
        found.add("objective misstated", f"{schedule.objective} instead of {objective}")
    return Report(not found.counts, dict(found.examples), dict(found.counts), objective, late, firings)


def _collect(problem: Problem, schedule: Schedule, found: _Findings) -> dict[str, _Run]:
    """Every run by operation id, with what is missing, unknown or repeated reported."""
    operations = {op.id: op for job in problem.jobs for op in job.operations}
    facts = {a.operation: a for a in problem.fixed}
    runs: dict[str, _Run] = {}
    for place in schedule.assignments:
        if place.operation in runs:
            found.add("operation repeated", place.operation)
        elif place.operation in facts:
            if place != facts[place.operation]:
                found.add("fixed operation moved", place.operation)
            runs[place.operation] = _Run(facts[place.operation], operations.get(place.operation), True)
        elif place.operation not in operations:
            found.add("operation unknown", place.operation)
        else:
            runs[place.operation] = _Run(place, operations[place.operation], False)
            _check_mode(place, operations[place.operation], found)
    for name, fact in facts.items():
        if name not in runs:
            if name in operations:
                found.add("fixed operation missing", name)
            runs[name] = _Run(fact, operations.get(name), True)
    for name in operations:
        if name not in runs:
            found.add("operation missing", name)
    return runs


def _check_mode(place: Assignment, operation: Operation, found: _Findings) -> None:
    minutes = [m.minutes for m in operation.modes if m.resource == place.resource]
    if not minutes:
        found.add("resource not among the modes", f"{operation.id} on {place.resource}")
    elif place.end - place.start not in minutes:
        found.add("wrong duration", f"{operation.id} takes {place.end - place.start}, not {minutes[0]}")


def _check_calendar(resource: Resource, runs: Iterable[_Run], found: _Findings) -> None:
    """Both lists go forward in time, so one walk over the windows serves all runs."""
    windows = sorted(resource.calendar)
    w = 0
    for run in runs:
        if run.fact:
            continue
        while w < len(windows) and windows[w][1] <= run.place.start:
            w += 1
        if w == len(windows) or run.place.start < windows[w][0] or run.place.end > windows[w][1]:
            found.add("outside the calendar", f"{run.name} on {resource.id} at {run.place.start}")


def _setups(problem: Problem, resource: Resource) -> _Table:
    """The resource's setup minutes by pair of families; empty where no matrix is named."""
    if resource.setup is None:
        return {}
    matrix = problem.setups[resource.setup]
    return {
        (before, after): minutes
        for before, row in zip(matrix.families, matrix.minutes, strict=True)
        for after, minutes in zip(matrix.families, row, strict=True)
    }


def _setup(table: _Table, before: Operation | None, after: Operation | None) -> int:
    """Minutes between two runs; nothing where one of them is other occupancy."""
    if not table or before is None or after is None:
        return 0
    return table.get((before.family, after.family), 0)


def _check_sequence(resource: Resource, table: _Table, runs: list[_Run], found: _Findings) -> None:
    """One at a time: against the neighbour with its setup, and against whatever earlier run ends last."""
    longest: _Run | None = None
    for before, after in zip([None, *runs], runs, strict=False):
        if before is not None and not (before.fact and after.fact):
            gap = after.place.start - before.place.end
            if gap < 0:
                found.add("overlap", f"{before.name} and {after.name} on {resource.id}")
            elif gap < _setup(table, before.operation, after.operation):
                found.add("setup too short", f"{before.name} to {after.name} on {resource.id}")
        if longest is not None and longest is not before and _collide(longest, after):
            found.add("overlap", f"{longest.name} and {after.name} on {resource.id}")
        if longest is None or after.place.end > longest.place.end:
            longest = after


def _collide(earlier: _Run, later: _Run) -> bool:
    return later.place.start < earlier.place.end and not (earlier.fact and later.fact)


def _check_pool(resource: Resource, runs: list[_Run], found: _Findings) -> None:
    """Loads at every start; over capacity counts where planned work is part of it."""
    capacity = resource.capacity or 0
    moments: list[tuple[int, int, _Run]] = []
    for run in runs:
        moments += [(run.place.start, 1, run), (run.place.end, 0, run)]
    moments.sort(key=lambda m: (m[0], m[1]))
    load = planned = 0
    for moment, starting, run in moments:
        size = run.operation.size if run.operation else capacity
        load += size if starting else -size
        planned += (0 if run.fact else 1) * (1 if starting else -1)
        if starting and planned and load > capacity:
            found.add("pool over capacity", f"{resource.id} at {moment}: {load} of {capacity}")


def _check_firings(resource: Resource, table: _Table, runs: list[_Run], found: _Findings) -> int:
    """Runs that start together are one firing; returns how many firings there are."""
    firings: list[list[_Run]] = []
    for run in runs:
        if firings and firings[-1][0].place.start == run.place.start:
            firings[-1].append(run)
        else:
            firings.append([run])
    for firing in firings:
        if not all(run.fact for run in firing):
            _check_firing(resource, firing, found)
    heads = [max(firing, key=lambda r: r.place.end) for firing in firings]
    merged = [_Run(h.place, h.operation, all(r.fact for r in f)) for h, f in zip(heads, firings, strict=True)]
    _check_sequence(resource, table, merged, found)
    return len(firings)


def _check_firing(resource: Resource, firing: list[_Run], found: _Findings) -> None:
    where = f"{resource.id} at {firing[0].place.start}"
    if len({run.operation.family if run.operation else None for run in firing}) > 1:
        found.add("two recipes in one firing", where)
    if len({run.place.end for run in firing}) > 1:
        found.add("one firing, two ends", where)
    capacity = resource.capacity or 0
    load = sum(run.operation.size if run.operation else capacity for run in firing)
    if load > capacity:
        found.add("firing over capacity", f"{where}: {load} of {capacity}")


def _check_job(job: Job, runs: dict[str, _Run], found: _Findings) -> None:
    before: _Run | None = None
    for op in job.operations:
        run = runs.get(op.id)
        if run is None:
            before = None
            continue
        if not run.fact and run.place.start < max(job.release, op.release):
            found.add("before release", op.id)
        if before is not None and before.operation is not None and not (run.fact and before.fact):
            _check_lag(before, before.operation, run, found)
        before = run


def _check_lag(before: _Run, previous: Operation, run: _Run, found: _Findings) -> None:
    lag = run.place.start - before.place.end
    if lag < previous.min_lag:
        found.add("min lag broken", f"{previous.id} to {run.name}: {lag} of {previous.min_lag}")
    if previous.max_lag is not None and lag > previous.max_lag:
        found.add("max lag broken", f"{previous.id} to {run.name}: {lag} of {previous.max_lag}")


def _objective(problem: Problem, runs: dict[str, _Run]) -> tuple[int, int]:
    """The goal's value over the jobs whose last operation is placed, and how many jobs are late."""
    total = late = last = 0
    for job in problem.jobs:
        run = runs.get(job.operations[-1].id) if job.operations else None
        if run is not None:
            over = max(0, run.place.end - job.due)
            total += job.weight * over
            late += over > 0
            last = max(last, run.place.end)
    return (last if problem.goal == "makespan" else total), late
