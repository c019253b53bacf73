"""An exact model (OR-Tools CP-SAT) of some operations, with everything else standing still.

What stands says where each chosen operation may start, setups against the standing neighbours included;
among them the model decides order, mode and firing. `cpsat_tasks` makes the variables, `cpsat_rules` posts
the rules of resources.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from ortools.sat.python import cp_model

from scheduler.cpsat_rules import Rules
from scheduler.cpsat_tasks import Choice, Task, Tasks
from scheduler.earliest import Plant, earliest_places, span_of
from scheduler.free import Free, Run
from scheduler.model import Assignment, Job, Operation, Problem
from scheduler.setups import shortcuts

Found = Callable[[list[Assignment]], None]


@dataclass(frozen=True, slots=True)
class Costs:
    """What counts besides the problem's goal, in its unit: each broken promise, and each operation that does
    not stand where it stood (`anchors`)."""

    broken: int = 0
    moved: int = 0
    anchors: Mapping[str, Assignment] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model found: new places (none if it found nothing), the bound, and whether they meet.

    `impossible`: it is proven that there are no such places.
    """

    places: tuple[Assignment, ...]
    bound: int
    proven: bool
    impossible: bool = False


class Window:
    """The model of `chosen` operations of `jobs`, none of which may stand in `free` any more.

    `until[job id]` bounds the job's end. Raises ValueError if an operation has no place at all below it.
    `circuits`: resources whose order is modelled itself, with all that stands on them; `free` then asks no
    setups there.
    """

    def __init__(
        self,
        problem: Problem,
        free: Free,
        jobs: Sequence[Job],
        chosen: set[str],
        until: Mapping[str, int],
        *,
        costs: Costs | None = None,
        circuits: Mapping[str, Sequence[Run]] | None = None,
    ) -> None:
        self.problem = problem
        self.free = free
        self.model = cp_model.CpModel()
        self.plant = Plant(problem.resources)
        self.tasks: dict[str, Task] = {}
        self._maker = Tasks(self.model, self.plant, free)
        self._circuits = circuits or {}
        self._ends: list[tuple[Job, Task]] = []
        for job in jobs:
            self._add_job(job, chosen, until[job.id])
        Rules(problem, self._maker, self.tasks, self._circuits).post()
        self._set_goal(costs or Costs())

    # ---- jobs ----

    def _add_job(self, job: Job, chosen: set[str], until: int) -> None:
        heads, tails = self._heads(job, chosen), self._tails(job, chosen, until)
        for op, head, tail in zip(job.operations, heads, tails, strict=True):
            if op.id in chosen:
                self.tasks[op.id] = self._maker.add(op, head, tail)
        for before, after in pairwise(job.operations):
            self._link(before, after)
        last = self.tasks.get(job.operations[-1].id)
        if last is not None:
            self._ends.append((job, last))

    def _heads(self, job: Job, chosen: set[str]) -> list[int]:
        """The earliest start of each operation, given what stands of the job."""
        places = {op.id: self.free.get(op.id) for op in job.operations if op.id not in chosen}
        standing = {name: place for name, place in places.items() if place is not None}
        floor = max(job.release, self.free.frozen_before)
        return [start for start, _ in earliest_places(replace(job, release=floor), self.plant, standing)]

    def _tails(self, job: Job, chosen: set[str], until: int) -> list[int]:
        """The latest end of each operation, given what stands of the job."""
        latest = until if job.deadline is None else min(until, job.deadline)
        tails: list[int] = []
        for op in reversed(job.operations):
            latest -= op.min_lag if tails else 0
            tails.append(latest)
            place = None if op.id in chosen else self.free.get(op.id)
            latest = place.start if place else latest - self._shortest(op)
        return tails[::-1]

    def _shortest(self, op: Operation) -> int:
        return min((span_of(m, self.plant.resources[m.resource]) for m in op.modes), default=0)

    def _link(self, before: Operation, after: Operation) -> None:
        """The lags; of a standing neighbour the least one is in head and tail already."""
        first, second = self.tasks.get(before.id), self.tasks.get(after.id)
        if first is not None and second is not None:
            self.model.add(second.start >= first.end + before.min_lag)
            if before.max_lag is not None:
                self.model.add(second.start <= first.end + before.max_lag)
        elif before.max_lag is not None and (first is not None or second is not None):
            place = self.free.get(before.id if first is None else after.id)
            assert place is not None, f"{before.id} and {after.id}"
            if first is not None:
                self.model.add(first.end >= place.start - before.max_lag)
            elif second is not None:
                self.model.add(second.start <= place.end + before.max_lag)

    # ---- goal ----

    def _set_goal(self, costs: Costs) -> None:
        terms: list[cp_model.LinearExprT] = []
        if self.problem.goal == "makespan":
            last = self.model.new_int_var(0, max([0, *(t.tail for t in self.tasks.values())]), "last")
            for _, task in self._ends:
                self.model.add(last >= task.end)
            terms.append(last)
        else:
            terms += [self._late(job, task) for job, task in self._ends if job.weight and task.tail > job.due]
        if costs.broken:
            terms += [costs.broken * self._broken(job, task) for job, task in self._ends]
        if costs.moved:
            for name, place in costs.anchors.items():
                if name in self.tasks:
                    terms.append(costs.moved * self._moved(self.tasks[name], place))
        self.model.minimize(sum(terms))

    def _late(self, job: Job, task: Task) -> cp_model.LinearExprT:
        late = self.model.new_int_var(0, task.tail - job.due, f"late {job.id}")
        self.model.add(late >= task.end - job.due)
        return job.weight * late

    def _broken(self, job: Job, task: Task) -> cp_model.LinearExprT:
        """1 if the job ends after what was promised."""
        if job.promised is None or task.tail <= job.promised:
            return 0
        broken = self.model.new_bool_var(f"broken {job.id}")
        self.model.add(task.end <= job.promised).only_enforce_if(broken.negated())
        return broken

    def _moved(self, task: Task, place: Assignment) -> cp_model.LinearExprT:
        """1 if the task does not stand where it stood."""
        stays = self.model.new_bool_var(f"{task.op.id} stays")
        there = [c.taken for c in task.choices if c.mode.resource == place.resource]
        self.model.add(sum(there) >= stays)
        self.model.add(task.start == place.start).only_enforce_if(stays)
        self.model.add(task.end == place.end).only_enforce_if(stays)
        return 1 - stays

    # ---- solving ----

    def hint(self, places: Mapping[str, Assignment]) -> None:
        """Start the search from where the operations stood."""
        leaders: dict[tuple[str, int], Choice] = {}
        for name, task in self.tasks.items():
            place = places.get(name)
            if place is not None:
                self.model.add_hint(task.start, place.start)
                choice = self._hinted(task, place, leaders)
                for each in task.choices:
                    self.model.add_hint(each.taken, each is choice)

    def _hinted(self, task: Task, place: Assignment, leaders: dict[tuple[str, int], Choice]) -> Choice | None:
        """The choice that means this place; of a new firing the first one leads and the others follow."""
        key = place.resource, place.start
        here = [c for c in task.choices if c.mode.resource == place.resource]
        for choice in here:
            if choice.opening is not None and choice.opening.start == place.start:
                return choice
        if key in leaders:
            return next((c for c in here if c.leader is leaders[key]), None)
        alone = next((c for c in here if c.alone), None)
        if alone is not None and self.plant.resources[place.resource].kind == "batch":
            leaders[key] = alone
        return alone

    def solve(
        self,
        seconds: float,
        *,
        workers: int,
        seed: int,
        effort: float | None = None,
        found: Found | None = None,
    ) -> Answer:
        """Search for `seconds`, or for a deterministic `effort` (then the same answer each time)."""
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = workers
        solver.parameters.random_seed = seed
        solver.parameters.max_time_in_seconds = max(seconds, 0.01)
        if effort is not None:
            solver.parameters.max_deterministic_time = effort
        status = solver.solve(self.model, _Listener(self, found) if found else None)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            bound = round(solver.best_objective_bound) if status == cp_model.UNKNOWN else 0
            return Answer((), bound, False, status == cp_model.INFEASIBLE)
        bound = round(solver.best_objective_bound)
        proven = status == cp_model.OPTIMAL and self.exact()
        return Answer(tuple(self.places(solver.value)), bound, proven)

    def exact(self) -> bool:
        """Whether demanding setups of every pair forbids nothing that the problem allows."""
        used = {c.mode.resource for task in self.tasks.values() for c in task.choices}
        return not used.intersection(shortcuts(self.problem)).difference(self._circuits)

    def places(self, value: Callable[[cp_model.LinearExprT], int]) -> list[Assignment]:
        """The plan that a solution's values mean, in order of time."""
        found = []
        for task in self.tasks.values():
            choice = next(c for c in task.choices if value(c.taken))
            found.append(Assignment(task.op.id, choice.mode.resource, value(task.start), value(task.end)))
        return sorted(found, key=lambda a: (a.start, a.operation))


class _Listener(cp_model.CpSolverSolutionCallback):
    def __init__(self, window: Window, found: Found) -> None:
        super().__init__()
        self._window = window
        self._found = found

    def on_solution_callback(self) -> None:
        self._found(self._window.places(self.value))
