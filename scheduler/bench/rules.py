"""Dispatching by rules, as plants and textbooks do it, for comparison. It shares nothing with the solvers.

Time runs forward. Whenever a machine is free it takes the waiting operation that its rule likes best; a kiln
takes the best one and whatever of the same recipe fits in with it. Nothing looks ahead, so a largest lag can
break; the verifier then says so. The second depth of the model (needs, pauses, loading) is not understood.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush

from scheduler.errors import ProblemError
from scheduler.model import (
    Assignment,
    Job,
    Mode,
    Operation,
    Problem,
    Resource,
    Schedule,
    amounts,
    objective_of,
)

NEAR = 2 * 1440
"""An operation whose largest lag runs out within so many minutes goes first, whatever the rule."""


@dataclass(slots=True, eq=False)
class Task:
    """An operation on its way: when it became ready, and what follows it."""

    op: Operation
    job: Job
    place: int
    rest: int
    """The least minutes from its start to the job's end."""
    ready: int = 0
    must_start: int | None = None
    done: bool = False


Rule = Callable[[Task, int, int, int], float]
"""(task, minutes here, setup before it, now) -> urgency; the lowest goes first."""


def edd(task: Task, minutes: int, setup: int, now: int) -> float:
    """Earliest due date."""
    return task.job.due


def fifo(task: Task, minutes: int, setup: int, now: int) -> float:
    """First come, first served."""
    return task.ready


def spt(task: Task, minutes: int, setup: int, now: int) -> float:
    """Shortest processing time."""
    return minutes


def mwr(task: Task, minutes: int, setup: int, now: int) -> float:
    """Most work remaining, for makespan."""
    return -task.rest


def slack(task: Task, minutes: int, setup: int, now: int) -> float:
    """Least slack a remaining minute of work."""
    return (task.job.due - now - task.rest) / max(task.rest, 1)


def atcs(slack_scale: float, setup_scale: float) -> Rule:
    """Apparent tardiness cost with setups (Lee, Bhaskaran and Pinedo 1997), as a logarithm."""

    def rule(task: Task, minutes: int, setup: int, now: int) -> float:
        spare = max(task.job.due - now - task.rest, 0)
        worth = math.log(max(task.job.weight, 0.01) / max(minutes, 1))
        return spare / slack_scale + setup / setup_scale - worth

    return rule


RULES: dict[str, Rule] = {"EDD": edd, "FIFO": fifo, "SPT": spt, "MWR": mwr, "slack": slack}


def dispatch(
    problem: Problem, rule: Rule, *, fill: float = 0.0, patience: int = 600, whole_loads: bool = False
) -> Schedule:
    """A plan by one rule. `fill`: a kiln waits for such a part of its room, unless somebody is as urgent as
    `patience` minutes of slack. `whole_loads`: it weighs loads by the sum of their members' indices.
    Raises ProblemError where an operation finds no place.
    """
    floor = Floor(problem, rule, fill, patience, whole_loads)
    places = floor.run()
    ends = {place.operation: place.end for place in places}
    return Schedule(problem.name, objective_of(problem, ends), None, "dispatch", 0.0, tuple(places))


class Floor:
    """One run of the clock."""

    def __init__(self, problem: Problem, rule: Rule, fill: float, patience: int, whole_loads: bool) -> None:
        self.problem = problem
        self.rule = rule
        self.fill = fill
        self.patience = patience
        self.whole_loads = whole_loads
        self.resources = {r.id: r for r in problem.resources}
        self.windows = {r.id: sorted(r.calendar) for r in problem.resources}
        self.opens = {name: [a for a, _ in windows] for name, windows in self.windows.items()}
        self.waiting: dict[str, dict[Task, Mode]] = defaultdict(dict)
        self.free_at: dict[str, int] = defaultdict(int)
        self.before: dict[str, Operation] = {}
        self.load: dict[str, int] = defaultdict(int)
        self.events: list[tuple[int, int, str, Task | None]] = []
        self.tasks = {job.id: tasks_of(job) for job in problem.jobs}
        self.places: list[Assignment] = []
        self.count = 0
        self.setups = {
            name: {
                (a, b): row[k]
                for a, row in zip(m.families, m.minutes, strict=True)
                for k, b in enumerate(m.families)
            }
            for name, m in problem.setups.items()
        }

    def run(self) -> list[Assignment]:
        for job in self.problem.jobs:
            if job.operations:
                self._push(max(job.release, job.operations[0].release), "", self.tasks[job.id][0])
        while self.events:
            now = self.events[0][0]
            for resource in self._happened(now):
                self._decide(resource, now)
        lost = next((t for waiting in self.waiting.values() for t in waiting if not t.done), None)
        if lost is not None:
            raise ProblemError(f"operation {lost.op.id}", "the rule finds no place for it")
        return self.places

    def _push(self, moment: int, resource: str, task: Task | None) -> None:
        self.count += 1
        heappush(self.events, (moment, self.count, resource, task))

    def _happened(self, now: int) -> list[str]:
        """Take in all events of this minute; the resources that decide then, quickest modes first."""
        asked: dict[str, None] = {}
        while self.events and self.events[0][0] == now:
            _, _, resource, task = heappop(self.events)
            if resource == "" and task is not None:
                task.ready = now
                for mode in sorted(task.op.modes, key=lambda m: m.minutes):
                    self.waiting[mode.resource][task] = mode
                    asked[mode.resource] = None
                continue
            if task is not None:
                self.load[resource] -= amounts(task.op.size)[0]
            asked[resource] = None
        return list(asked)

    def _decide(self, name: str, now: int) -> None:
        """What a resource does now; when it will be asked again is in the events."""
        resource = self.resources[name]
        if resource.kind == "pool":
            self._fill_pool(resource, now)
        elif self.free_at[name] <= now and self.waiting[name]:
            opening = self._opening(name, now)
            if opening > now:
                if opening < math.inf:
                    self._push(int(opening), name, None)
            elif resource.kind == "machine":
                self._run_best(resource, now)
            else:
                self._fire_best(resource, now)

    def _opening(self, name: str, now: int) -> float:
        k = bisect_right(self.opens[name], now) - 1
        if k >= 0 and now < self.windows[name][k][1]:
            return now
        return self.opens[name][k + 1] if k + 1 < len(self.opens[name]) else math.inf

    def _closing(self, name: str, now: int) -> int:
        return self.windows[name][bisect_right(self.opens[name], now) - 1][1]

    def _setup(self, resource: Resource, after: Operation) -> int:
        before = self.before.get(resource.id)
        if before is None or resource.setup is None:
            return 0
        return self.setups[resource.setup].get((before.family or "", after.family or ""), 0)

    def _key(self, resource: Resource, task: Task, mode: Mode, now: int) -> tuple[bool, float, int, int]:
        pressing = task.must_start is not None and task.must_start - now < NEAR
        setup = self._setup(resource, task.op) if resource.kind == "machine" else 0
        urgency = float(task.must_start or 0) if pressing else self.rule(task, mode.minutes, setup, now)
        return not pressing, urgency, task.ready, task.place

    def _ranked(self, resource: Resource, now: int) -> list[tuple[Task, Mode]]:
        waiting = self.waiting[resource.id]
        for task in [t for t in waiting if t.done]:
            del waiting[task]
        return sorted(waiting.items(), key=lambda item: self._key(resource, item[0], item[1], now))

    def _fill_pool(self, resource: Resource, now: int) -> None:
        room = amounts(resource.capacity)[0]
        for task, mode in self._ranked(resource, now):
            size = amounts(task.op.size)[0]
            if self.load[resource.id] + size <= room and now + mode.minutes <= self._closing(
                resource.id, now
            ):
                self.load[resource.id] += size
                self._start([task], resource, now, mode.minutes)
                self._push(now + mode.minutes, resource.id, task)

    def _run_best(self, resource: Resource, now: int) -> None:
        """The best that is done before the window closes; a setup may have to pass first."""
        ends = self._closing(resource.id, now)
        for task, mode in self._ranked(resource, now):
            start = max(now, self.free_at[resource.id] + self._setup(resource, task.op))
            if start + mode.minutes <= ends:
                self._start([task], resource, start, mode.minutes)
                return
        if ends < self.windows[resource.id][-1][1]:
            self._push(ends, resource.id, None)

    def _fire_best(self, resource: Resource, now: int) -> None:
        """The best load, once its setup has passed and it is full or urgent enough."""
        ends, room = self._closing(resource.id, now), amounts(resource.capacity)[0]
        for load, minutes in self._loads(resource, now, room):
            start = max(now, self.free_at[resource.id] + self._setup(resource, load[0].op))
            if start + minutes > ends:
                continue
            wait = max(start, self._worth_waiting(load, room, now))
            if wait > now:
                self._push(wait, resource.id, None)
                return
            self._start(load, resource, start, minutes)
            return
        if ends < self.windows[resource.id][-1][1]:
            self._push(ends, resource.id, None)

    def _loads(self, resource: Resource, now: int, room: int) -> list[tuple[list[Task], int]]:
        """A load of each recipe, most urgent first, in the order of their most urgent members."""
        loads: dict[tuple[str | None, int], list[Task]] = {}
        left: dict[tuple[str | None, int], int] = {}
        for task, mode in self._ranked(resource, now):
            recipe = (task.op.family, mode.minutes)
            size = amounts(task.op.size)[0]
            if size <= left.setdefault(recipe, room):
                loads.setdefault(recipe, []).append(task)
                left[recipe] -= size
        found = [(load, minutes) for (_, minutes), load in loads.items()]
        if self.whole_loads:
            found.sort(key=lambda item: -self._worth(resource, item[0], item[1], now))
        return found

    def _worth(self, resource: Resource, load: list[Task], minutes: int, now: int) -> float:
        """Batch-ATC: the indices of a load's members add up."""
        setup = self._setup(resource, load[0].op)
        keys = [self.rule(task, minutes, setup, now) for task in load]
        least = min(keys)
        return math.log(sum(math.exp(least - key) for key in keys)) - least

    def _worth_waiting(self, load: list[Task], room: int, now: int) -> int:
        """Until when a load that is not full may wait."""
        if sum(amounts(t.op.size)[0] for t in load) >= self.fill * room:
            return now
        urgent = min(t.job.due - t.rest for t in load) - self.patience
        limits = [t.must_start - self.patience for t in load if t.must_start is not None]
        return min([urgent, *limits])

    def _start(self, load: list[Task], resource: Resource, start: int, minutes: int) -> None:
        end = start + minutes
        for task in load:
            task.done = True
            self.places.append(Assignment(task.op.id, resource.id, start, end))
            self._follow(task, end)
        if resource.kind != "pool":
            self.free_at[resource.id] = end
            self.before[resource.id] = load[0].op
            self._push(end, resource.id, None)

    def _follow(self, task: Task, end: int) -> None:
        """The job's next operation becomes ready in its time."""
        tasks = self.tasks[task.job.id]
        if task.place + 1 < len(tasks):
            following = tasks[task.place + 1]
            if task.op.max_lag is not None:
                following.must_start = end + task.op.max_lag
            self._push(max(end + task.op.min_lag, following.op.release), "", following)


def tasks_of(job: Job) -> list[Task]:
    """A job's operations with the least time that each leaves to its end."""
    tasks: list[Task] = []
    rest = 0
    for place in range(len(job.operations) - 1, -1, -1):
        op = job.operations[place]
        rest += min(m.minutes for m in op.modes) + (op.min_lag if tasks else 0)
        tasks.append(Task(op, job, place, rest))
    return tasks[::-1]
