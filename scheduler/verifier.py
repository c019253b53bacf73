"""Is a plan feasible? Recomputed from problem and schedule alone, sharing nothing with the solvers.

Facts (the problem's `fixed`) must stand in the plan unchanged. They are not judged against the rules or each
other; planned work is judged against them like against any other. A fact takes the needs of its operation's
first mode on that resource, of those with its own length if there are such.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scheduler.errors import Rejected
from scheduler.model import Assignment, Job, Mode, Operation, Problem, Schedule
from scheduler.verifier_stations import Findings, Run, Station, check_station

_Places = Mapping[str, Assignment]
MANY = 1_000
"""Assignments from which a plan is looked at as arrays first, where most of the time nothing is wrong."""


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

    def demand(self, name: str) -> None:
        """Raises Rejected, with the first that was found, unless the plan for this problem passed."""
        if not self.feasible:
            kind, examples = next(iter(self.violations.items()))
            raise Rejected(f"the plan for {name} fails the verifier: {kind}: {examples[0]}")


def verify(problem: Problem, schedule: Schedule, *, frozen_before: int | None = None) -> Report:
    """Check every constraint and recompute the objective. Never raises for a wrong plan; it reports.

    `frozen_before`: nothing but facts may start before this moment.
    """
    if len(schedule.assignments) >= MANY:
        from scheduler.verifier_arrays import passed  # loads numpy

        well = passed(problem, schedule, frozen_before)
        if well is not None:
            return Report(True, {}, {}, well.objective, well.late_jobs, well.firings)
    stations = {r.id: Station(r) for r in problem.resources}
    return judge(problem, schedule, stations, frozen_before)


def judge(
    problem: Problem, schedule: Schedule, stations: Mapping[str, Station], frozen_before: int | None = None
) -> Report:
    """As `verify`, with one empty station a resource, in which what runs there is then noted in order."""
    found = Findings()
    facts = {fact.operation: fact for fact in problem.fixed}
    places = _places(schedule, facts, found)
    placed = sum(check_job(job, places, facts, stations, found) for job in problem.jobs)
    if facts or placed < len(places):
        _check_others(problem, places, facts, stations, found)
    firings = sum(check_station(station, problem.setups, found) for station in stations.values())
    if frozen_before is not None:
        _check_frozen(places, facts, frozen_before, found)
    return concluded(schedule, *objective_and_late(problem, places), firings, found)


def concluded(schedule: Schedule, objective: int, late: int, firings: int, found: Findings) -> Report:
    """The report on what was found."""
    if schedule.objective != objective and not found.counts:
        found.add("objective misstated", f"{schedule.objective} instead of {objective}")
    return Report(not found.counts, dict(found.examples), dict(found.counts), objective, late, firings)


def _places(schedule: Schedule, facts: _Places, found: Findings) -> dict[str, Assignment]:
    """Every assignment by operation, the first if it is repeated; facts as the problem has them."""
    places: dict[str, Assignment] = {}
    for place in schedule.assignments:
        if place.operation in places:
            found.add("operation repeated", place.operation)
        else:
            places[place.operation] = place
    for name, fact in facts.items():
        if places.get(name, fact) != fact:
            found.add("fixed operation moved", name)
            places[name] = fact
    return places


def check_job(
    job: Job, places: _Places, facts: _Places, stations: Mapping[str, Station], found: Findings
) -> int:
    """The job's own rules; each operation is noted where it runs. Returns how many are placed."""
    placed, fact, was_fact = 0, False, False
    before: Assignment | None = None
    previous: Operation | None = None
    for op in job.operations:
        place = places.get(op.id)
        if facts:
            was_fact, fact = fact, op.id in facts
        if place is None:
            place = _missing(op, facts, found)
        else:
            placed += 1
        if place is not None:
            note(op, place, fact, stations, found)
            if not fact and (place.start < job.release or place.start < op.release):
                found.add("before release", op.id)
            if before is not None and previous is not None and not (fact and was_fact):
                _check_lag(previous, op, place.start - before.end, found)
        before, previous = place, op
    if job.deadline is not None and before is not None and before.end > job.deadline and not fact:
        found.add("deadline missed", f"{job.id} ends at {before.end}, after {job.deadline}")
    return placed


def _missing(op: Operation, facts: _Places, found: Findings) -> Assignment | None:
    """An operation that the plan leaves out; as a fact it runs all the same."""
    found.add("fixed operation missing" if op.id in facts else "operation missing", op.id)
    return facts.get(op.id)


def _check_lag(previous: Operation, op: Operation, lag: int, found: Findings) -> None:
    if lag < previous.min_lag:
        found.add("min lag broken", f"{previous.id} to {op.id}: {lag} of {previous.min_lag}")
    if previous.max_lag is not None and lag > previous.max_lag:
        found.add("max lag broken", f"{previous.id} to {op.id}: {lag} of {previous.max_lag}")


def note(
    op: Operation, place: Assignment, fact: bool, stations: Mapping[str, Station], found: Findings
) -> None:
    """Put the operation where it runs, and with the pools that its mode needs."""
    station = stations.get(place.resource)
    if station is None:
        found.add("resource not among the modes", f"{op.id} on {place.resource}")
        return
    start, end = place.start, place.end
    station.runs.append((start, end, op.id, op.family, op.size, fact, op.may_pause))
    mode = _mode(op, place, station, fact, found)
    if mode is not None and mode.needs:
        for need in mode.needs:
            if need.resource in stations:
                stations[need.resource].lent.append((start, end, op.id, None, need.amount, fact, False))


def _mode(op: Operation, place: Assignment, station: Station, fact: bool, found: Findings) -> Mode | None:
    """The mode that fits resource and length, else the first on this resource, if any."""
    first: Mode | None = None
    for mode in op.modes:
        if mode.resource == place.resource:
            if station.lasts(mode.minutes, op.may_pause, place.start, place.end):
                return mode
            first = first or mode
    if fact:
        return first
    if first is None:
        found.add("resource not among the modes", f"{op.id} on {place.resource}")
    else:
        found.add("wrong duration", f"{op.id} from {place.start} to {place.end}, not {first.minutes}")
    return first


def _check_others(
    problem: Problem,
    places: _Places,
    facts: _Places,
    stations: Mapping[str, Station],
    found: Findings,
) -> None:
    """Under ids that no operation bears: facts take their whole resource, anything else is unknown."""
    names = {op.id for job in problem.jobs for op in job.operations}
    for fact in facts.values():
        if fact.operation not in names and fact.resource in stations:
            stations[fact.resource].runs.append(blocked_by(fact))
    for name in places:
        if name not in names and name not in facts:
            found.add("operation unknown", name)


def blocked_by(fact: Assignment) -> Run:
    """The run of other occupancy."""
    return fact.start, fact.end, fact.operation, None, None, True, False


def _check_frozen(places: _Places, facts: _Places, frozen_before: int, found: Findings) -> None:
    for name, place in places.items():
        if place.start < frozen_before and name not in facts:
            found.add("in the frozen time", f"{name} at {place.start}, before {frozen_before}")


def objective_and_late(problem: Problem, places: _Places) -> tuple[int, int]:
    """The goal's value over the jobs whose last operation is placed, and how many jobs are late."""
    total = late = last = 0
    for job in problem.jobs:
        place = places.get(job.operations[-1].id) if job.operations else None
        if place is not None:
            if place.end > job.due:
                total += job.weight * (place.end - job.due)
                late += 1
            if place.end > last:
                last = place.end
    return (last if problem.goal == "makespan" else total), late
