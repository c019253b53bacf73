"""OR-Tools by hand: the straightforward interval model that its manual teaches, for comparison.

One optional interval a mode, calendars as domains of the starts, no-overlap on machines, cumulative on pools;
setups, and firings that are either the same or apart, by a pair of booleans each. Nothing is decomposed.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

from ortools.sat.python import cp_model

from scheduler.errors import SchedulerError
from scheduler.model import Assignment, Mode, Operation, Problem, Resource, Schedule, amounts, objective_of

MOST_PAIRS = 2_000_000
"""With more pairs than this the model is not built: it would take the machine's memory."""
Heard = Callable[[float, int], None]


class TooLarge(SchedulerError):
    """The model would have too many pairs of operations."""


@dataclass(slots=True)
class Choice:
    """An operation in one of its modes."""

    op: Operation
    mode: Mode
    start: Any
    end: Any
    here: Any
    interval: Any


def solve(
    problem: Problem,
    seconds: float,
    workers: int,
    seed: int,
    heard: Heard | None = None,
    most_pairs: int | None = None,
) -> Schedule:
    """The best plan in so many seconds, the building of the model included.

    Raises TooLarge, or SchedulerError when nothing is found in time.
    """
    began = time.monotonic()
    _refuse_large(problem, most_pairs or MOST_PAIRS)
    built = _Model(problem)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(0.1, seconds - (time.monotonic() - began))
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = seed
    status = solver.solve(built.model, _Listener(heard) if heard else None)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise SchedulerError(f"nothing found in {seconds:g} s")
    return built.schedule(solver, status == cp_model.OPTIMAL, time.monotonic() - began)


def pairs(problem: Problem) -> int:
    """How many pairs of operations need booleans of their own."""
    demand: dict[str, int] = defaultdict(int)
    for job in problem.jobs:
        for op in job.operations:
            for mode in op.modes:
                demand[mode.resource] += 1
    paired = [r for r in problem.resources if r.kind == "batch" or (r.kind == "machine" and r.setup)]
    return sum(demand[r.id] * (demand[r.id] - 1) // 2 for r in paired)


def _refuse_large(problem: Problem, most: int) -> None:
    count = pairs(problem)
    if count > most:
        raise TooLarge(f"not built: {count / 1e6:.1f} million pairs of operations")


class _Listener(cp_model.CpSolverSolutionCallback):
    """Tells of each better plan."""

    def __init__(self, heard: Heard) -> None:
        super().__init__()
        self.heard = heard

    def on_solution_callback(self) -> None:
        self.heard(time.monotonic(), int(self.objective_value))


class _Model:
    """The model of a whole problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.model = cp_model.CpModel()
        self.resources = {r.id: r for r in problem.resources}
        self.at: dict[str, list[Choice]] = defaultdict(list)
        self.choices: dict[str, list[Choice]] = {}
        self.spans = {op.id: self._operation(op) for job in problem.jobs for op in job.operations}
        for resource in problem.resources:
            self._resource(resource, self.at[resource.id])
        for job in problem.jobs:
            self._job(job.operations, job.release)
        self._goal()

    def _operation(self, op: Operation) -> tuple[Any, Any]:
        model, horizon = self.model, self.problem.horizon
        start, end = model.new_int_var(0, horizon, ""), model.new_int_var(0, horizon, "")
        self.choices[op.id] = [self._mode(op, mode, start, end) for mode in op.modes]
        model.add_exactly_one(c.here for c in self.choices[op.id])
        return start, end

    def _mode(self, op: Operation, mode: Mode, start: Any, end: Any) -> Choice:
        windows = [
            [a, b - mode.minutes] for a, b in self.resources[mode.resource].calendar if b - mode.minutes >= a
        ]
        domain = cp_model.Domain.from_intervals(windows or [[0, 0]])
        own = self.model.new_int_var_from_domain(domain, "")
        here = self.model.new_bool_var("")
        if not windows:
            self.model.add(here == 0)
        interval = self.model.new_optional_fixed_size_interval_var(own, mode.minutes, here, "")
        self.model.add(start == own).only_enforce_if(here)
        self.model.add(end == own + mode.minutes).only_enforce_if(here)
        choice = Choice(op, mode, own, own + mode.minutes, here, interval)
        self.at[mode.resource].append(choice)
        return choice

    def _resource(self, resource: Resource, here: list[Choice]) -> None:
        sizes = [amounts(c.op.size)[0] for c in here]
        if resource.kind == "machine":
            self.model.add_no_overlap([c.interval for c in here])
            if resource.setup:
                for a, b in combinations(here, 2):
                    self._apart(resource, a, b, [])
            return
        self.model.add_cumulative([c.interval for c in here], sizes, amounts(resource.capacity)[0])
        if resource.kind == "batch":
            for a, b in combinations(here, 2):
                self._fired(resource, a, b)

    def _fired(self, resource: Resource, a: Choice, b: Choice) -> None:
        """Two lots are in one firing, or their firings are apart."""
        if (a.op.family, a.mode.minutes) != (b.op.family, b.mode.minutes):
            self._apart(resource, a, b, [])
            return
        together = self.model.new_bool_var("")
        self.model.add(a.start == b.start).only_enforce_if(together)
        self._apart(resource, a, b, [together])

    def _apart(self, resource: Resource, a: Choice, b: Choice, unless: list[Any]) -> None:
        model = self.model
        first, second = model.new_bool_var(""), model.new_bool_var("")
        there, back = self._setup(resource, a.op, b.op), self._setup(resource, b.op, a.op)
        model.add(b.start >= a.end + there).only_enforce_if(first)
        model.add(a.start >= b.end + back).only_enforce_if(second)
        model.add_bool_or([first, second, *unless, a.here.negated(), b.here.negated()])

    def _setup(self, resource: Resource, before: Operation, after: Operation) -> int:
        if resource.setup is None or before.family is None or after.family is None:
            return 0
        matrix = self.problem.setups[resource.setup]
        return matrix.minutes[matrix.families.index(before.family)][matrix.families.index(after.family)]

    def _job(self, operations: tuple[Operation, ...], release: int) -> None:
        for op in operations:
            self.model.add(self.spans[op.id][0] >= max(release, op.release))
        for before, after in pairwise(operations):
            gap = self.spans[after.id][0] - self.spans[before.id][1]
            self.model.add(gap >= before.min_lag)
            if before.max_lag is not None:
                self.model.add(gap <= before.max_lag)

    def _goal(self) -> None:
        ends = [(job, self.spans[job.operations[-1].id][1]) for job in self.problem.jobs if job.operations]
        if self.problem.goal == "makespan":
            last = self.model.new_int_var(0, self.problem.horizon, "")
            self.model.add_max_equality(last, [end for _, end in ends])
            self.model.minimize(last)
            return
        late = []
        for job, end in ends:
            over = self.model.new_int_var(0, self.problem.horizon, "")
            self.model.add(over >= end - job.due)
            late.append(job.weight * over)
        self.model.minimize(sum(late))

    def schedule(self, solver: cp_model.CpSolver, proven: bool, seconds: float) -> Schedule:
        chosen = [next(c for c in several if solver.value(c.here)) for several in self.choices.values()]
        places = tuple(
            Assignment(
                c.op.id, c.mode.resource, solver.value(c.start), solver.value(c.start) + c.mode.minutes
            )
            for c in chosen
        )
        objective = objective_of(self.problem, {place.operation: place.end for place in places})
        bound = int(solver.best_objective_bound)
        status = "optimal" if proven else "feasible"
        return Schedule(self.problem.name, objective, bound, status, seconds, places)
