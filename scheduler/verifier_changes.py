"""The verifier of a plan that changes: what it says of the whole, at the price of what is new.

It finds out itself what differs from the plan it passed last, and judges by the same rules every job and
every stretch of a resource where something does. Where nothing differs nothing can have become wrong. Like
the verifier it shares nothing with the solvers.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import replace

from scheduler.model import Assignment, Job, Mode, Operation, Problem, Resource, Schedule, SetupMatrix
from scheduler.verifier import Report, blocked_by, check_job, concluded, judge, note
from scheduler.verifier_stations import Findings, Run, Station, check_station

Span = tuple[int, int]
_Places = dict[str, Assignment]
EVER = 1 << 60


class _Known:
    """Assignments as they were last, told apart by identity, so that those that stay cost next to nothing."""

    def __init__(self, assignments: tuple[Assignment, ...]) -> None:
        self._all = assignments
        self._ids = set(map(id, assignments))

    def follow(self, assignments: tuple[Assignment, ...]) -> tuple[_Places, _Places]:
        """Keep others; returns which are new, and which gone, by operation."""
        before, ids = self._all, set(map(id, assignments))
        new, gone = ids - self._ids, self._ids - ids
        come = {a.operation: a for a in assignments if id(a) in new} if new else {}
        left = {a.operation: a for a in before if id(a) in gone} if gone else {}
        self._all, self._ids = assignments, ids
        return come, left


class Watch:
    """Judges one plan after another, each against the one before it that passed.

    `wholes`: how often everything had to be looked at: the first time, after a plan that failed, and where
    the plant has changed in more than its calendars.
    """

    def __init__(self) -> None:
        self.wholes = 0
        self._problem: Problem | None = None
        self._planned, self._fixed = _Known(()), _Known(())
        self._places: dict[str, Assignment] = {}
        self._facts: dict[str, Assignment] = {}
        self._jobs: dict[str, Job] = {}
        self._of: dict[str, tuple[Operation, Job]] = {}
        self._setups: Mapping[str, SetupMatrix] = {}
        self._stations: dict[str, Station] = {}
        self._scratch: dict[str, Station] = {}
        self._longest: dict[str, int] = {}

    def verify(self, problem: Problem, schedule: Schedule) -> Report:
        """As `verifier.verify`."""
        if not self._goes_on(problem):
            return self._whole(problem, schedule)
        found = Findings()
        firings = self._follow(problem, schedule, found)
        if len(schedule.assignments) != len(self._places) - sum(n not in self._of for n in self._facts):
            found.add("operation repeated", "")
        report = concluded(problem, schedule, self._places, firings, found)
        return report if report.feasible else self._whole(problem, schedule)

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
            self._planned, self._fixed = _Known(schedule.assignments), _Known(problem.fixed)
            self._facts = {fact.operation: fact for fact in problem.fixed}
            self._places = self._facts | schedule.by_operation()
            self._jobs = {job.id: job for job in problem.jobs}
            self._of = {op.id: (op, job) for job in problem.jobs for op in job.operations}
            self._setups, self._longest = problem.setups, {}
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
        there = {job.id for job in problem.jobs}
        jobs, closed = self._changed_jobs(problem, there), self._other_calendars(problem)
        new, gone = self._planned.follow(schedule.assignments)
        facts, unfixed = self._fixed.follow(problem.fixed)
        moved = {name for name, a in new.items() if self._places.get(name) != a} | (gone.keys() - new.keys())
        moved |= {name for name, fact in facts.items() if self._places.get(name) != fact}
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
        for job_id in again & self._jobs.keys():
            self._check_job(self._jobs[job_id], found)
        self._check_stations(spans, closed, found)
        kilns = (s for s in self._stations.values() if s.resource.kind == "batch")
        return sum(len({run[0] for run in kiln.runs}) for kiln in kilns)

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

    def _changed_jobs(self, problem: Problem, there: set[str]) -> list[Job]:
        """Jobs that are new or other than before, and those that are gone as they were."""
        known = self._jobs
        changed = [job for job in problem.jobs if known.get(job.id) is not job and known.get(job.id) != job]
        return [*changed, *(known[name] for name in known.keys() - there)]

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
