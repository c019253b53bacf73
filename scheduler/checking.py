"""Is the problem well formed, and can each operation run at all? Every refusal names the thing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import TypeVar

from scheduler.bulk import the_same
from scheduler.checking_plant import check_matrix, check_resource
from scheduler.columns import Columns, columns_of_jobs
from scheduler.earliest import Plant, earliest_places, plant_of, span_of
from scheduler.errors import ProblemError, Unsolvable
from scheduler.model import (
    Assignment,
    Job,
    Mode,
    Need,
    Operation,
    Problem,
    Resource,
    SetupMatrix,
    amounts,
)

FAR = 1 << 60


def check_problem(problem: Problem, columns: Columns | None = None) -> None:
    """Raise ProblemError or Unsolvable for the first thing that is wrong; return nothing when all is well.
    `columns`: of all its operations, where they are at hand.

    Unsolvable is raised for what can be told of one operation: no mode that is ever open long enough, a size
    over every capacity. `check_jobs` tells what cannot be of a whole job.
    """
    resources = _unique("resource", problem.resources)
    _unique("job", problem.jobs)
    for name, matrix in problem.setups.items():
        check_matrix(name, matrix)
    for resource in problem.resources:
        check_resource(resource, problem.setups)
    _check_fixed(problem, resources)
    if problem.goal not in ("weighted_tardiness", "makespan"):
        raise ProblemError(f"problem {problem.name}", f"{problem.goal!r} is not a goal")
    facts = {a.operation: a for a in problem.fixed}
    checks = _Checks(plant_of(problem), problem.setups)
    if not _surely_sound(problem, columns or columns_of_jobs(problem.jobs), facts, checks):
        _check_one_by_one(problem, facts, checks)


def _surely_sound(
    problem: Problem, columns: Columns, facts: Mapping[str, Assignment], checks: _Checks
) -> bool:
    """Whether all jobs, and one of the operations of each sort, pass, and no id is used twice."""
    if len(set(columns.ids)) < len(columns.ids):
        return False
    try:
        for job in problem.jobs:
            _check_job(job, facts)
        for op in columns.unlike(facts):
            checks.check(op, fixed=op.id in facts)
    except (ProblemError, Unsolvable):
        return False
    return True


def _check_one_by_one(problem: Problem, facts: Mapping[str, Assignment], checks: _Checks) -> None:
    """Jobs and operations in their order, so that the first that is wrong is named."""
    seen: set[str] = set()
    for job in problem.jobs:
        _check_job(job, facts)
        for op in job.operations:
            if op.id in seen:
                raise ProblemError(f"operation {op.id}", "the id is used twice")
            seen.add(op.id)
            checks.check(op, fixed=op.id in facts)


def check_changes(before: Problem, problem: Problem, begun_in_order: Callable[[Iterable[str]], bool]) -> None:
    """As `check_problem`, where `before` has passed it: only what differs is looked at. `begun_in_order`:
    whether the facts among the operations of each of its jobs come first.

    That all operations may go somewhere in other calendars is not asked; who places them will tell.
    """
    resources = _unique("resource", problem.resources)
    others = not the_same(problem.jobs, before.jobs)
    jobs = _unique("job", problem.jobs) if others else {}
    known = {id(resource) for resource in before.resources}
    for resource in problem.resources:
        if id(resource) not in known:
            check_resource(resource, problem.setups)
    _check_fixed(problem, resources)
    facts = {a.operation: a for a in problem.fixed}
    if not begun_in_order(facts):
        for job in problem.jobs:
            _check_job(job, facts)
    seen = {id(job) for job in before.jobs} if others else ()
    changed = [job for job in jobs.values() if id(job) not in seen]
    checks = _Checks(plant_of(problem), problem.setups) if changed else None
    for job in changed:
        _check_job(job, facts)
        for op in job.operations:
            assert checks is not None
            checks.check(op, fixed=op.id in facts)


def check_jobs(problem: Problem, columns: Columns | None = None) -> None:
    """Raise Unsolvable for a job whose lags or deadline cannot be kept even with the plant for itself.
    `columns`: of all its operations, where they are at hand.

    For a problem that passed `check_problem`. Not for repairs: where facts and breakdowns have made a lag or
    a deadline impossible, the work must still be planned.
    """
    facts = {a.operation: a for a in problem.fixed}
    checks = _Checks(plant_of(problem), problem.setups)
    columns = columns or columns_of_jobs(problem.jobs)
    done = 0
    for job in problem.jobs:
        rows = range(done, done + len(job.operations))
        if job.deadline is not None or checks.lags_in_doubt(job, columns, rows):
            _check_alone(job, checks.plant, facts)
        done = rows.stop


def check_operation(
    op: Operation,
    resources: Mapping[str, Resource],
    setups: Mapping[str, SetupMatrix],
    *,
    fixed: bool = False,
) -> None:
    """Check one operation against its resources; a fixed one is a fact and need not fit."""
    _Checks(Plant(resources.values()), setups).check(op, fixed=fixed)


_Thing = TypeVar("_Thing", Resource, Job)


def _unique(kind: str, things: Iterable[_Thing]) -> dict[str, _Thing]:
    found: dict[str, _Thing] = {}
    for thing in things:
        if thing.id in found:
            raise ProblemError(f"{kind} {thing.id}", "the id is used twice")
        found[thing.id] = thing
    return found


def _check_fixed(problem: Problem, resources: Mapping[str, Resource]) -> None:
    seen: set[str] = set()
    for fact in problem.fixed:
        wrong = None
        if fact.operation in seen:
            wrong = "it is fixed twice"
        elif fact.resource not in resources:
            wrong = f"there is no resource {fact.resource}"
        elif fact.end <= fact.start:
            wrong = f"it ends at {fact.end}, not after its start at {fact.start}"
        if wrong is not None:
            raise ProblemError(f"fixed operation {fact.operation}", wrong)
        seen.add(fact.operation)


def _check_job(job: Job, facts: Mapping[str, object]) -> None:
    if job.weight < 0:
        raise ProblemError(f"job {job.id}", f"its weight {job.weight} is negative")
    if not job.operations:
        raise ProblemError(f"job {job.id}", "it has no operations")
    if facts:
        for before, after in pairwise(job.operations):
            if after.id in facts and before.id not in facts:
                raise ProblemError(f"operation {before.id}", f"it is not fixed, but {after.id} after it is")


def _check_alone(job: Job, plant: Plant, facts: Mapping[str, Assignment]) -> None:
    """Lags and deadline, as if the job had the plant for itself."""
    places = earliest_places(job, plant, facts)
    last, end = job.operations[-1], places[-1][1]
    if job.deadline is not None and end > job.deadline and last.id not in facts:
        raise Unsolvable(
            last.id, f"it cannot end before {end}, after the deadline {job.deadline} of {job.id}"
        )


class _Checks:
    """The checks of operations. What one was found to be is remembered for all that are like it."""

    def __init__(self, plant: Plant, setups: Mapping[str, SetupMatrix]) -> None:
        self.plant = plant
        self._families = {name: frozenset(matrix.families) for name, matrix in setups.items()}
        self._sound: dict[object, tuple[object, int, int]] = {}
        """Of operations whose modes are alike: these, and up to which size and release one surely fits."""
        self._kin: set[tuple[int, str | None]] = set()
        """Modes with families that are at home on all their resources."""
        self._last: dict[tuple[int, int], int] = {}
        self._waits: dict[tuple[int, int], tuple[int, int]] = {}
        self._soons: dict[tuple[int, int], int] = {}

    def check(self, op: Operation, *, fixed: bool) -> None:
        """Raise for the first thing wrong with an operation; a fixed one need not fit."""
        _check_numbers(op)
        dimensions = 1 if isinstance(op.size, int) else len(op.size)
        alike = (id(op.modes), op.may_pause, dimensions)
        sound = self._sound.get(alike)
        if sound is None:
            for mode in op.modes:
                self._check_mode(op, mode)
            _check_told_apart(op)
            sound = self._sound[alike] = (op.modes, *max(map(self._surely, op.modes), default=(-1, -FAR)))
        elif (id(op.modes), op.family) not in self._kin:
            for mode in op.modes:
                self._check_family(op, self.plant.resources[mode.resource])
        self._kin.add((id(op.modes), op.family))
        if not fixed and not (isinstance(op.size, int) and op.size <= sound[1] and op.release <= sound[2]):
            self._check_some_mode_open(op)

    def _check_mode(self, op: Operation, mode: Mode) -> None:
        resource = self.plant.resources.get(mode.resource)
        if resource is None:
            raise _wrong(op, f"there is no resource {mode.resource}")
        if mode.minutes < 1:
            raise _wrong(op, f"{mode.minutes} minutes on {mode.resource} is less than one")
        self._check_family(op, resource)
        if op.may_pause and resource.kind != "machine":
            raise _wrong(op, f"it may pause, but {resource.id} is a {resource.kind}, not a machine")
        if op.may_pause and mode.needs:
            raise _wrong(op, f"it may pause, so it cannot need {mode.needs[0].resource} besides")
        if resource.kind != "machine" and len(amounts(op.size)) > len(amounts(resource.capacity)):
            raise _wrong(op, f"its size {op.size} has more dimensions than the capacity of {resource.id}")
        if mode.needs:
            self._check_needs(op, mode)

    def _check_family(self, op: Operation, resource: Resource) -> None:
        if op.family is None:
            if resource.kind == "batch" or (resource.setup is not None and resource.kind == "machine"):
                raise _wrong(op, f"it names no family, which {resource.id} needs")
        elif resource.setup is not None and op.family not in self._families[resource.setup]:
            raise _wrong(op, f"family {op.family} is not in setup matrix {resource.setup}")

    def _check_needs(self, op: Operation, mode: Mode) -> None:
        seen = {mode.resource}
        for need in mode.needs:
            pool = self.plant.resources.get(need.resource)
            if pool is None:
                raise _wrong(op, f"there is no pool {need.resource}, which it needs")
            if pool.kind != "pool":
                raise _wrong(op, f"it needs {pool.id}, which is a {pool.kind}, not a pool")
            if need.amount < 0:
                raise _wrong(op, f"it needs {need.amount} of {pool.id}, less than nothing")
            if need.resource in seen:
                raise _wrong(op, f"one of its modes names {pool.id} twice")
            seen.add(need.resource)

    def _surely(self, mode: Mode) -> tuple[int, int]:
        """Up to which size and which release a mode is possible for sure, whatever else is to be asked."""
        if mode.needs:
            return -1, -FAR
        resource = self.plant.resources[mode.resource]
        calendar, minutes = self.plant.calendars[mode.resource], resource.loading + mode.minutes
        key = (id(calendar), minutes)
        if key not in self._last:
            last = calendar.last_chance(minutes)
            self._last[key] = -FAR if last is None else last
        return FAR if resource.kind == "machine" else amounts(resource.capacity)[0], self._last[key]

    def _check_some_mode_open(self, op: Operation) -> None:
        if not op.modes:
            raise Unsolvable(op.id, "it has no mode")
        reasons = [self._why_closed(op, mode) for mode in op.modes]
        if all(reasons):
            raise Unsolvable(op.id, "; ".join(dict.fromkeys(r for r in reasons if r)))

    def _why_closed(self, op: Operation, mode: Mode) -> str | None:
        """Why the mode can never be taken, or None."""
        resource = self.plant.resources[mode.resource]
        over = zip(amounts(op.size), amounts(resource.capacity), strict=False)
        if resource.kind != "machine" and any(size > room for size, room in over):
            return f"its size {op.size} is over the capacity {resource.capacity} of {resource.id}"
        for need in mode.needs:
            room = amounts(self.plant.resources[need.resource].capacity)[0]
            if need.amount > room:
                return f"it needs {need.amount} of {need.resource}, whose capacity is {room}"
        if self.plant.earliest(replace(op, modes=(mode,)), op.release, -FAR) is not None:
            return None
        if op.may_pause:
            return f"{resource.id} has less than {mode.minutes} open minutes for it"
        if (
            mode.needs
            and self.plant.calendars[mode.resource].fit(resource.loading + mode.minutes, op.release)
            is not None
        ):
            names = " and ".join([resource.id, *(need.resource for need in mode.needs)])
            return f"{names} are never open together for {span_of(mode, resource)} minutes for it"
        return f"{resource.id} has no open window of {resource.loading + mode.minutes} minutes for it"

    def lags_in_doubt(self, job: Job, columns: Columns, rows: range) -> bool:
        """Whether some largest lag is shorter than the next operation may have to wait for a window."""
        for k in rows[1:]:
            lag = columns.max_lags[k - 1]
            if lag is not None:
                soon = self._soon(columns.operations[k], columns.kinds[k], lag - columns.min_lags[k - 1])
                if job.release < max(soon, columns.releases[k]):
                    return True
        return False

    def _soon(self, op: Operation, kind: int, slack: int) -> int:
        """From when on some mode lets an operation of this kind start within `slack` after it is ready."""
        known = self._soons.get((kind, slack))
        if known is None:
            waits = [self._wait(mode) for mode in op.modes if not mode.needs]
            known = min((first - slack for first, wait in waits if wait <= slack), default=FAR)
            self._soons[kind, slack] = known
        return known

    def _wait(self, mode: Mode) -> tuple[int, int]:
        """The first start of a mode without needs, and how long one is put off at most."""
        calendar = self.plant.calendars[mode.resource]
        minutes = self.plant.resources[mode.resource].loading + mode.minutes
        key = (id(calendar), minutes)
        if key not in self._waits:
            chances = calendar.chances(minutes)
            self._waits[key] = (chances[0][0] if chances else FAR, calendar.longest_wait(minutes))
        return self._waits[key]


def _wrong(op: Operation, reason: str) -> ProblemError:
    return ProblemError(f"operation {op.id}", reason)


def _check_numbers(op: Operation) -> None:
    if op.min_lag < 0:
        raise ProblemError(f"operation {op.id}", f"its smallest lag {op.min_lag} is negative")
    if op.max_lag is not None and op.max_lag < op.min_lag:
        raise Unsolvable(op.id, f"its largest lag {op.max_lag} is below its smallest {op.min_lag}")
    if op.size == ():
        raise ProblemError(f"operation {op.id}", "its size has no dimension")
    if (op.size if isinstance(op.size, int) else min(op.size)) < 0:
        raise ProblemError(f"operation {op.id}", f"its size {op.size} is negative")


def _check_told_apart(op: Operation) -> None:
    """A plan names resource and times only: they must tell which needs are taken."""
    needs: dict[tuple[str, int], tuple[Need, ...]] = {}
    for mode in op.modes:
        if needs.setdefault((mode.resource, mode.minutes), mode.needs) != mode.needs:
            raise ProblemError(
                f"operation {op.id}",
                f"two of its modes take {mode.minutes} minutes on {mode.resource} but differ in their needs",
            )
