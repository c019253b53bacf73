"""An exact model (OR-Tools CP-SAT) of some operations, with everything else in the timetable standing still.

The chosen operations are taken out of the timetable; what is left says where each of them may start, setups
against the standing neighbours included. Among the chosen ones the model decides order, resource and firing.
Setups are demanded of every pair, not only of neighbours: the same thing where a detour is never shorter
(`Window.exact` tells), else a little stricter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ortools.sat.python import cp_model

from scheduler.model import Assignment, Job, Mode, Operation, Problem
from scheduler.stations import Kiln, Machine, Pool
from scheduler.timetable import Timetable

Literal = cp_model.IntVar
Found = Callable[[list[Assignment]], None]


@dataclass(slots=True)
class Choice:
    """A task on one resource, if `taken`. A choice with `alone` needs the resource for itself."""

    task: Task
    resource: str
    minutes: int
    taken: Literal
    family: int = 0
    alone: bool = True


@dataclass(slots=True)
class Task:
    """One chosen operation: when, and the choices of which exactly one is taken."""

    op: Operation
    start: cp_model.IntVar
    end: cp_model.LinearExprT
    head: int
    tail: int
    one_length: bool
    choices: list[Choice] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model found: new places (none if it found nothing), the bound, and whether they meet."""

    places: tuple[Assignment, ...]
    bound: int
    proven: bool


class Window:
    """The model of `chosen` operations of `jobs`, none of which may stand in the timetable any more.

    `until[job id]` bounds the job's end. Raises ValueError if an operation has no place at all below it.
    """

    def __init__(
        self,
        problem: Problem,
        timetable: Timetable,
        jobs: Sequence[Job],
        chosen: set[str],
        until: Mapping[str, int],
    ) -> None:
        self.problem = problem
        self.timetable = timetable
        self.model = cp_model.CpModel()
        self.tasks: dict[str, Task] = {}
        self._alone: dict[str, list[Choice]] = defaultdict(list)
        self._pooled: dict[str, list[Choice]] = defaultdict(list)
        self._entries: dict[tuple[str, int], list[Choice]] = defaultdict(list)
        self._room: dict[tuple[str, int], int] = {}
        self._ends: list[tuple[Job, cp_model.LinearExprT]] = []
        for job in jobs:
            self._add_job(job, chosen, until[job.id])
        self._share_firings()
        for task in self.tasks.values():
            self.model.add_exactly_one(choice.taken for choice in task.choices)
        for resource, choices in self._alone.items():
            self._one_at_a_time(resource, choices)
        for resource, choices in self._pooled.items():
            self._sizes_add_up(resource, choices)
        self._set_goal()

    # ---- operations and their choices ----

    def _add_job(self, job: Job, chosen: set[str], until: int) -> None:
        heads, tails = _heads(job, self.timetable), _tails(job, self.timetable, until)
        before: Operation | None = None
        for op, head, tail in zip(job.operations, heads, tails, strict=True):
            if op.id in chosen:
                self._add_task(op, head, tail)
            if before is not None:
                self._link(before, op)
            before = op
        if before is not None and before.id in self.tasks:
            self._ends.append((job, self.tasks[before.id].end))

    def _add_task(self, op: Operation, head: int, tail: int) -> None:
        both = [(mode, self._starts(op, mode, head, tail)) for mode in op.modes]
        options = [(mode, [*fresh, *joined]) for mode, (fresh, joined) in both]
        options = [(mode, spans) for mode, spans in options if spans]
        if not options:
            raise ValueError(f"operation {op.id} has no place before {tail}")
        every = cp_model.Domain.from_intervals([list(span) for _, spans in options for span in spans])
        start = self.model.new_int_var_from_domain(every, f"start {op.id}")
        lengths = {mode.minutes for mode, _ in options}
        one_length = len(lengths) == 1
        end: cp_model.LinearExprT = (
            start + lengths.pop() if one_length else self.model.new_int_var(head, tail, f"end {op.id}")
        )
        task = self.tasks[op.id] = Task(op, start, end, head, tail, one_length)
        for mode, _ in options:
            for choice in self._choices(task, mode):
                self._fix_end(choice)
                task.choices.append(choice)

    def _starts(
        self, op: Operation, mode: Mode, head: int, tail: int
    ) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """Stretches of possible starts on one resource: of its own, and where it joins a firing."""
        station = self.timetable.stations[mode.resource]
        if isinstance(station, Pool):
            if op.size > station.profile.capacity:
                return [], []
            windows = zip(station.profile.opens, station.profile.closes, strict=True)
            spans = [(max(a, head), min(b, tail) - mode.minutes) for a, b in windows]
            return [(a, b) for a, b in spans if a <= b], []
        if isinstance(station, Kiln):
            if op.size > station.capacity:
                return [], []
            joined = [(s, s) for s, _ in station.openings(op, mode.minutes, head, tail)]
            return station.line.chances(station.family(op), mode.minutes, head, tail), joined
        assert isinstance(station, Machine)
        return station.line.chances(station.family(op), mode.minutes, head, tail), []

    def _choices(self, task: Task, mode: Mode) -> list[Choice]:
        """One for the resource itself, and at a kiln one more for each standing firing to join."""
        fresh, joined = self._starts(task.op, mode, task.head, task.tail)
        station = self.timetable.stations[mode.resource]
        family = 0 if isinstance(station, Pool) else station.family(task.op)  # type: ignore[attr-defined]
        choices = []
        if fresh:
            choice = self._choice(task, mode, family)
            domain = cp_model.Domain.from_intervals([list(span) for span in fresh])
            self.model.add_linear_expression_in_domain(task.start, domain).only_enforce_if(choice.taken)
            (self._pooled if isinstance(station, Pool) else self._alone)[mode.resource].append(choice)
            choices.append(choice)
        for start, _ in joined:
            choice = self._choice(task, mode, family, alone=False)
            self.model.add(task.start == start).only_enforce_if(choice.taken)
            self._entries[mode.resource, start].append(choice)
            assert isinstance(station, Kiln)
            firing = station.firings[start, start + mode.minutes, family]
            self._room[mode.resource, start] = station.capacity - firing.load
            choices.append(choice)
        return choices

    def _choice(self, task: Task, mode: Mode, family: int, alone: bool = True) -> Choice:
        taken = self.model.new_bool_var(f"{task.op.id} on {mode.resource}")
        return Choice(task, mode.resource, mode.minutes, taken, family, alone)

    def _fix_end(self, choice: Choice) -> None:
        task = choice.task
        if not task.one_length:
            self.model.add(task.end == task.start + choice.minutes).only_enforce_if(choice.taken)

    def _link(self, before: Operation, after: Operation) -> None:
        """The lags, where both are chosen; a standing neighbour is in head and tail already."""
        first, second = self.tasks.get(before.id), self.tasks.get(after.id)
        if first is not None and second is not None:
            self.model.add(second.start >= first.end + before.min_lag)
            if before.max_lag is not None:
                self.model.add(second.start <= first.end + before.max_lag)
        elif first is not None and before.max_lag is not None:
            place = self.timetable.get(after.id)
            assert place is not None
            self.model.add(first.end >= place.start - before.max_lag)
        elif second is not None and before.max_lag is not None:
            place = self.timetable.get(before.id)
            assert place is not None
            self.model.add(second.start <= place.end + before.max_lag)

    # ---- resources ----

    def _one_at_a_time(self, resource: str, choices: list[Choice]) -> None:
        """No overlap, each run stretched by the least setup after it, and exact setups pair by pair."""
        station = self.timetable.stations[resource]
        assert isinstance(station, (Machine, Kiln))
        setups = station.line.setups
        families = sorted({c.family for c in choices})
        least = {f: min(setups.rows[f][g] for g in families) if setups else 0 for f in families}
        spans = [
            self.model.new_optional_fixed_size_interval_var(
                c.task.start, c.minutes + least[c.family], c.taken, f"{c.task.op.id} at {resource}"
            )
            for c in choices
        ]
        if len(spans) > 1:
            self.model.add_no_overlap(spans)
        if setups is None:
            return
        for i, one in enumerate(choices):
            for other in choices[i + 1 :]:
                there, back = setups.rows[one.family][other.family], setups.rows[other.family][one.family]
                if there > least[one.family] or back > least[other.family]:
                    self._apart(one, other, there, back)

    def _apart(self, one: Choice, other: Choice, there: int, back: int) -> None:
        """One before the other with its setup, or the other way round."""
        if one.task.op.id == other.task.op.id:
            return
        if one.task.tail + there <= other.task.head or other.task.tail + back <= one.task.head:
            return
        order = self.model.new_bool_var("")
        both = [one.taken, other.taken]
        a, b = one.task.start, other.task.start
        self.model.add(b >= a + (one.minutes + there)).only_enforce_if([order, *both])
        self.model.add(a >= b + (other.minutes + back)).only_enforce_if([order.negated(), *both])

    def _sizes_add_up(self, resource: str, choices: list[Choice]) -> None:
        """Cumulative with the standing load, as far as it could matter."""
        pool = self.timetable.stations[resource]
        assert isinstance(pool, Pool)
        profile = pool.profile
        total = sum(c.task.op.size for c in choices)
        head = min(c.task.head for c in choices)
        tail = max(c.task.tail for c in choices)
        spans, sizes = [], []
        for start, end, load in zip(profile.times, profile.times[1:], profile.loads, strict=False):
            if load + total > profile.capacity and start < tail and end > head and load > 0:
                spans.append(self.model.new_fixed_size_interval_var(start, end - start, ""))
                sizes.append(min(load, profile.capacity))
        if spans or total > profile.capacity:
            for c in choices:
                span = self.model.new_optional_fixed_size_interval_var(c.task.start, c.minutes, c.taken, "")
                spans.append(span)
                sizes.append(c.task.op.size)
            self.model.add_cumulative(spans, sizes, profile.capacity)

    def _share_firings(self) -> None:
        """Standing firings fill up to their room; of new ones the first member leads and others follow."""
        for key, entries in self._entries.items():
            load = sum(c.task.op.size * c.taken for c in entries)
            self.model.add(load <= self._room[key])
        for resource, choices in list(self._alone.items()):
            station = self.timetable.stations[resource]
            if isinstance(station, Kiln):
                self._follow(station, choices)

    def _follow(self, kiln: Kiln, choices: list[Choice]) -> None:
        for i, leader in enumerate(choices):
            load = []
            for other in choices[i + 1 :]:
                same = (other.family, other.minutes) == (leader.family, leader.minutes)
                fits = other.task.op.size + leader.task.op.size <= kiln.capacity
                if same and fits and _may_meet(leader.task, other.task):
                    mode = Mode(leader.resource, leader.minutes)
                    choice = self._choice(other.task, mode, leader.family, alone=False)
                    self.model.add_implication(choice.taken, leader.taken)
                    self.model.add(other.task.start == leader.task.start).only_enforce_if(choice.taken)
                    self._fix_end(choice)
                    other.task.choices.append(choice)
                    load.append(other.task.op.size * choice.taken)
            if load:
                self.model.add(sum(load) <= kiln.capacity - leader.task.op.size)

    # ---- goal ----

    def _set_goal(self) -> None:
        if self.problem.goal == "makespan":
            last = self.model.new_int_var(0, max((t.tail for t in self.tasks.values()), default=0), "last")
            for _, end in self._ends:
                self.model.add(last >= end)
            self.model.minimize(last)
            return
        cost: list[cp_model.LinearExprT] = []
        for job, end in self._ends:
            tail = self.tasks[job.operations[-1].id].tail
            if job.weight and tail > job.due:
                late = self.model.new_int_var(0, tail - job.due, f"late {job.id}")
                self.model.add(late >= end - job.due)
                cost.append(job.weight * late)
        self.model.minimize(sum(cost) if cost else 0)

    # ---- solving ----

    def hint(self, places: Mapping[str, Assignment]) -> None:
        """Start the search from where the operations stood."""
        for name, task in self.tasks.items():
            if name in places:
                self.model.add_hint(task.start, places[name].start)

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
            return Answer((), 0, False)
        bound = round(solver.best_objective_bound)
        proven = status == cp_model.OPTIMAL and self.exact()
        return Answer(tuple(self.places(solver.value)), bound, proven)

    def exact(self) -> bool:
        """Whether demanding setups of every pair forbids nothing that the problem allows."""
        return all(self._no_shortcut(resource, choices) for resource, choices in self._alone.items())

    def _no_shortcut(self, resource: str, choices: list[Choice]) -> bool:
        station = self.timetable.stations[resource]
        assert isinstance(station, (Machine, Kiln))
        if station.line.setups is None:
            return True
        rows = station.line.setups.rows
        families = {c.family for c in choices} | set(station.line.families)
        least = min(c.minutes for c in choices)
        return all(
            rows[a][c] <= rows[a][b] + least + rows[b][c]
            for a in families
            for b in families
            for c in families
        )

    def places(self, value: Callable[[cp_model.IntVar], int]) -> list[Assignment]:
        """The plan that a solution's values mean, in order of time."""
        found = []
        for task in self.tasks.values():
            start = value(task.start)
            choice = next(c for c in task.choices if value(c.taken))
            found.append(Assignment(task.op.id, choice.resource, start, start + choice.minutes))
        return sorted(found, key=lambda a: (a.start, a.operation))


class _Listener(cp_model.CpSolverSolutionCallback):
    def __init__(self, window: Window, found: Found) -> None:
        super().__init__()
        self._window = window
        self._found = found

    def on_solution_callback(self) -> None:
        self._found(self._window.places(self.value))


def _heads(job: Job, timetable: Timetable) -> list[int]:
    """The earliest start of each operation, given what stands."""
    heads = []
    ready = job.release
    for op in job.operations:
        head = max(ready, op.release, timetable.frozen_before)
        heads.append(head)
        place = timetable.get(op.id)
        least = min((m.minutes for m in op.modes), default=0)
        ready = (place.end if place else head + least) + op.min_lag
    return heads


def _tails(job: Job, timetable: Timetable, until: int) -> list[int]:
    """The latest end of each operation, given what stands."""
    tails = []
    latest = until
    for before, op in zip([None, *job.operations[::-1]], job.operations[::-1], strict=False):
        tail = latest - op.min_lag if before is not None else latest
        tails.append(tail)
        place = timetable.get(op.id)
        least = min((m.minutes for m in op.modes), default=0)
        latest = place.start if place else tail - least
    return tails[::-1]


def _may_meet(one: Task, other: Task) -> bool:
    return one.head <= other.tail and other.head <= one.tail
