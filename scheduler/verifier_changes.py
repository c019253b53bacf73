"""The verifier of a plan that changes: what it says of the whole, at the price of what is new.

It finds out itself what differs from the plan it passed last, and judges by the same rules every job and
every stretch of a resource where something does. Where nothing differs nothing can have become wrong. Like
the verifier it shares nothing with the solvers.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter, is_

from scheduler.model import Assignment, Job, Mode, Operation, Problem, Resource, Schedule, SetupMatrix
from scheduler.verifier import Report, blocked_by, check_job, concluded, judge, note, objective_and_late
from scheduler.verifier_stations import Findings, Run, Station, check_station

Span = tuple[int, int]
_Places = dict[str, Assignment]
EVER = 1 << 60
AT_ONCE = 32
"""So many assignments are compared together."""


def differing(
    before: Sequence[Assignment], now: Sequence[Assignment]
) -> tuple[list[Assignment], list[Assignment]]:
    """What came and what left between two plans, in one walk along both.

    Whatever their orders are, each of `before` is one of `now` or has left, and each of `now` is one of
    `before` or has come. Where both are in order of time, nobody comes and leaves without having moved.
    """
    come: list[Assignment] = []
    left: list[Assignment] = []
    i = j = 0
    while i < len(before) and j < len(now):
        if before[i : i + AT_ONCE] == now[j : j + AT_ONCE]:  # the very same ones are not looked into
            i, j = i + AT_ONCE, j + AT_ONCE
            continue
        while i < len(before) and j < len(now) and before[i] is now[j]:
            i, j = i + 1, j + 1
        one, other = (_when(plan[k]) if k < len(plan) else None for plan, k in ((before, i), (now, j)))
        if one is not None and (other is None or one <= other):
            left.append(before[i])
            i += 1
        if other is not None and (one is None or other <= one):
            come.append(now[j])
            j += 1
    return come + list(now[j:]), left + list(before[i:])


_when = attrgetter("start", "resource", "operation")


class Watch:
    """Judges one plan after another, each against the one before it that passed.

    `wholes`: how often everything had to be looked at: the first time, after a plan that failed, and where
    the plant has changed in more than its calendars.
    """

    def __init__(self) -> None:
        self.wholes = 0
        self._problem: Problem | None = None
        self._planned: tuple[Assignment, ...] = ()
        self._fixed: tuple[Assignment, ...] = ()
        self._places: dict[str, Assignment] = {}
        self._facts: dict[str, Assignment] = {}
        self._jobs: dict[str, Job] = {}
        self._of: dict[str, tuple[Operation, Job]] = {}
        self._setups: Mapping[str, SetupMatrix] = {}
        self._stations: dict[str, Station] = {}
        self._scratch: dict[str, Station] = {}
        self._longest: dict[str, int] = {}
        self._firings: dict[str, int] = {}
        self._costs: dict[str, int] = {}

    def verify(self, problem: Problem, schedule: Schedule) -> Report:
        """As `verifier.verify`."""
        if not self._goes_on(problem):
            return self._whole(problem, schedule)
        found = Findings()
        firings = self._follow(problem, schedule, found)
        if len(schedule.assignments) != len(self._places) - self._strangers():
            found.add("operation repeated", "")
        report = concluded(schedule, *self._objective(problem), firings, found)
        return report if report.feasible else self._whole(problem, schedule)

    def _objective(self, problem: Problem) -> tuple[int, int]:
        """The goal's value and how many jobs are late; what each late job costs is known."""
        if problem.goal == "makespan":
            return objective_and_late(problem, self._places)
        return sum(self._costs.values()), len(self._costs)

    def _reckon(self, jobs: Iterable[Job]) -> None:
        """What these jobs cost, where they are late."""
        for job in jobs:
            place = self._places.get(job.operations[-1].id) if job.operations else None
            self._costs.pop(job.id, None)
            if place is not None and place.end > job.due:
                self._costs[job.id] = job.weight * (place.end - job.due)

    def _strangers(self) -> int:
        """How many facts are other occupancy."""
        return len(self._facts) - sum(map(self._of.__contains__, self._facts))

    # ---- everything ----

    def _goes_on(self, problem: Problem) -> bool:
        """Whether this is the plant that is known, but for its calendars."""
        known = self._problem
        if known is None or problem.setups != known.setups or len(problem.resources) != len(known.resources):
            return False
        return all(
            one is other or replace(one, calendar=()) == replace(other, calendar=())
            for one, other in zip(problem.resources, known.resources, strict=True)
        )

    def _whole(self, problem: Problem, schedule: Schedule) -> Report:
        self.wholes += 1
        stations = {r.id: Station(r) for r in problem.resources}
        report = judge(problem, schedule, stations)
        self._problem = problem if report.feasible else None
        if report.feasible:
            self._planned, self._fixed = schedule.assignments, problem.fixed
            self._facts = {fact.operation: fact for fact in problem.fixed}
            self._places = self._facts | schedule.by_operation()
            self._jobs = {job.id: job for job in problem.jobs}
            self._of = {op.id: (op, job) for job in problem.jobs for op in job.operations}
            self._setups, self._longest, self._firings, self._costs = problem.setups, {}, {}, {}
            self._reckon(problem.jobs)
            self._stations, self._scratch = stations, {r.id: Station(r) for r in problem.resources}
            for station in stations.values():
                self._keep(station)
        return report

    def _keep(self, station: Station) -> None:
        """Runs as they are kept: plain and in order."""
        for runs in (station.runs, station.lent):
            runs[:] = sorted(_plain(run) for run in runs)
            for run in runs:
                self._reach(station.resource.id, run)

    def _reach(self, resource: str, run: Run) -> None:
        self._longest[resource] = max(run[1] - run[0], self._longest.get(resource, 0))

    # ---- what is new ----

    def _follow(self, problem: Problem, schedule: Schedule, found: Findings) -> int:
        """Judge what differs and keep it; returns how many firings there are. What is kept is of use only if
        nothing was found."""
        there, jobs = self._changed_jobs(problem)
        closed = self._other_calendars(problem)
        new, gone = map(_by_operation, differing(self._planned, schedule.assignments))
        facts, unfixed = map(_by_operation, differing(self._fixed, problem.fixed))
        self._planned, self._fixed = schedule.assignments, problem.fixed
        moved = self._elsewhere(new) | (gone.keys() - new.keys()) | self._elsewhere(facts)
        touched = {op.id for job in jobs for op in self._other_work(job, there)} | self._pausing(closed)
        touched |= moved | (unfixed.keys() - facts.keys())
        spans: dict[str, list[Span]] = defaultdict(list)
        for name in touched:
            self._leave(name, spans)
        self._replace_jobs(jobs, there)
        self._replace_places(new, gone, facts, unfixed)
        self._problem = problem
        for name in touched & self._places.keys():
            self._enter(name, spans, found)
        self._check_facts(moved & self._facts.keys(), found)
        again = {self._of[name][1].id for name in touched & self._of.keys()} | {job.id for job in jobs}
        for job_id in again - self._jobs.keys():
            self._costs.pop(job_id, None)
        for job_id in again & self._jobs.keys():
            self._check_job(self._jobs[job_id], found)
            self._reckon([self._jobs[job_id]])
        self._check_stations(spans, closed, found)
        return self._count_firings(spans)

    def _elsewhere(self, places: _Places) -> set[str]:
        """Those that are not where they are known to be."""
        known = self._places
        return {name for name, a in places.items() if known.get(name) is not a and known.get(name) != a}

    def _count_firings(self, touched: Container[str]) -> int:
        """How many firings there are; those of a kiln that nothing has touched are known."""
        for name, station in self._stations.items():
            if station.resource.kind == "batch" and (name in touched or name not in self._firings):
                self._firings[name] = len({run[0] for run in station.runs})
        return sum(self._firings.values())

    def _replace_places(self, new: _Places, gone: _Places, facts: _Places, unfixed: _Places) -> None:
        """Also of other occupancy, which stands in no schedule."""
        for name in gone:
            del self._places[name]
        for name in unfixed:
            del self._facts[name]
            if name not in self._of:
                self._places.pop(name, None)
        self._facts |= facts
        self._places |= {name: fact for name, fact in facts.items() if name not in self._of}
        self._places |= new

    def _check_facts(self, names: Iterable[str], found: Findings) -> None:
        for name in names:
            if self._places.get(name, self._facts[name]) != self._facts[name]:
                found.add("fixed operation moved", name)

    def _other_work(self, job: Job, there: Container[str]) -> tuple[Operation, ...]:
        """The operations of a job before and now, where they are not the same."""
        before = self._jobs[job.id].operations if job.id in self._jobs else ()
        now = job.operations if job.id in there else ()
        return () if before == now else (*before, *now)

    def _check_stations(
        self, spans: Mapping[str, list[Span]], closed: Container[str], found: Findings
    ) -> None:
        for name, station in self._stations.items():
            if name in closed:
                self._check(station, -EVER, EVER, found)
            else:
                self._check_around(station, spans.get(name, ()), found)

    def _changed_jobs(self, problem: Problem) -> tuple[Container[str], list[Job]]:
        """Which jobs are there; and those that are new or other than before, and those gone as they were."""
        known = self._jobs
        before = self._problem.jobs if self._problem is not None else ()
        if len(before) == len(problem.jobs) and all(map(is_, before, problem.jobs)):
            return known.keys(), []
        there = {job.id for job in problem.jobs}
        changed = [job for job in problem.jobs if known.get(job.id) is not job and known.get(job.id) != job]
        return there, [*changed, *(known[name] for name in known.keys() - there)]

    def _replace_jobs(self, changed: Iterable[Job], there: Container[str]) -> None:
        for job in changed:
            for op in self._jobs.pop(job.id).operations if job.id in self._jobs else ():
                del self._of[op.id]
        for job in changed:
            if job.id in there:
                self._jobs[job.id] = job
                self._of |= {op.id: (op, job) for op in job.operations}

    def _other_calendars(self, problem: Problem) -> dict[str, Resource]:
        """Resources that are open at other times than before; their stations know it from here on."""
        closed = {}
        for resource in problem.resources:
            station = self._stations[resource.id]
            if station.resource is not resource and station.resource.calendar != resource.calendar:
                closed[resource.id] = resource
                fresh = Station(resource)
                fresh.runs, fresh.lent = station.runs, station.lent
                self._stations[resource.id], self._scratch[resource.id] = fresh, Station(resource)
        return closed

    def _pausing(self, closed: Iterable[str]) -> set[str]:
        """Work whose length depends on a calendar that has changed."""
        return {run[2] for name in closed for run in self._stations[name].runs if run[6]}

    # ---- runs ----

    def _runs(self, name: str) -> Iterator[tuple[str, list[Run], Run]]:
        """The runs of an operation, or of other occupancy: on which resource, in which list, and the run."""
        place, fact = self._places[name], name in self._facts
        if name in self._of:
            note(self._of[name][0], place, fact, self._scratch, Findings())
        elif fact:
            self._scratch[place.resource].runs.append(blocked_by(place))
        touched = {place.resource, *(r for mode in self._modes(name) for r in _needed(mode))}
        for r in touched & self._scratch.keys():
            scratch, station = self._scratch[r], self._stations[r]
            for new, kept in ((scratch.runs, station.runs), (scratch.lent, station.lent)):
                yield from ((r, kept, _plain(run)) for run in new)
                new.clear()

    def _modes(self, name: str) -> tuple[Mode, ...]:
        return self._of[name][0].modes if name in self._of else ()

    def _leave(self, name: str, spans: dict[str, list[Span]]) -> None:
        if name in self._places:
            for r, kept, run in self._runs(name):
                del kept[bisect_left(kept, run)]
                spans[r].append(run[:2])

    def _enter(self, name: str, spans: dict[str, list[Span]], found: Findings) -> None:
        if name not in self._of and name not in self._facts:
            found.add("operation unknown", name)
        for r, kept, run in self._runs(name):
            insort(kept, run)
            spans[r].append(run[:2])
            self._reach(r, run)

    # ---- judging ----

    def _check_job(self, job: Job, found: Findings) -> None:
        check_job(job, self._places, self._facts, self._scratch, found)
        for op in job.operations:
            place = self._places.get(op.id)
            for r in (*(n for mode in op.modes for n in _needed(mode)), *([place.resource] if place else ())):
                if r in self._scratch:
                    self._scratch[r].runs.clear()
                    self._scratch[r].lent.clear()

    def _check_around(self, station: Station, spans: Iterable[Span], found: Findings) -> None:
        """The stretches in which something is new, each with what it touches before and after."""
        reach = self._longest.get(station.resource.id, 0)
        merged: list[list[int]] = []
        for start, end in sorted((start - reach, end) for start, end in spans):
            if merged and start <= merged[-1][1]:
                merged[-1][1] = max(end, merged[-1][1])
            else:
                merged.append([start, end])
        for start, end in merged:
            self._check(station, start, end, found)

    def _check(self, station: Station, start: int, end: int, found: Findings) -> None:
        """Everything that starts from `start` to `end`, and on a line the neighbours of that."""
        part = Station.__new__(Station)
        part.resource, part.before = station.resource, station.before
        part.runs, part.lent = (self._part(station, r, start, end) for r in (station.runs, station.lent))
        first = min((run[0] for runs in (part.runs, part.lent) for run in runs[:1]), default=0)
        window = bisect_right(station.closes, first)
        part.opens, part.closes = station.opens[window:], station.closes[window:]
        check_station(part, self._setups, found)

    def _part(self, station: Station, runs: list[Run], start: int, end: int) -> list[Run]:
        first, last = bisect_left(runs, (start,)), bisect_left(runs, (end + 1,))
        if station.resource.kind != "pool":
            first, last = _with_firing(runs, first - 1, -1), _with_firing(runs, last, 1) + 1
        facts = self._facts
        return [(*run[:5], True, run[6]) if run[2] in facts else run for run in runs[max(first, 0) : last]]


def _by_operation(assignments: Iterable[Assignment]) -> _Places:
    return {a.operation: a for a in assignments}


def _with_firing(runs: list[Run], k: int, step: int) -> int:
    """The last of those that start together with run k, going on by `step`."""
    while 0 <= k + step < len(runs) and 0 <= k < len(runs) and runs[k + step][0] == runs[k][0]:
        k += step
    return k


def _needed(mode: Mode) -> Iterator[str]:
    return (need.resource for need in mode.needs)


def _plain(run: Run) -> Run:
    """A run without saying whether it is a fact, since that changes by itself."""
    return (*run[:5], False, run[6]) if run[5] else run
