"""Ruin and recreate over the timetable: take some jobs out, put them back in another order, keep the better.

The timetable always holds a whole feasible plan, so that it can be stopped at any moment.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from scheduler.errors import SchedulerError
from scheduler.lines import FAR
from scheduler.model import Assignment, Job, Operation, Problem
from scheduler.promising import Chain
from scheduler.stations import Kiln
from scheduler.timetable import Timetable

HEAT = 0.05
"""A loss of this part of the mean cost of a late job is followed with a chance of about one in three."""

ASTRAY = 300
"""So many rounds without a new best plan, and the search goes back to the best."""

MOST = 60
"""So many jobs at most are taken out at once."""

Chosen = Mapping[int, int]
"""Job number -> from which of its movable operations on."""


@dataclass(slots=True)
class _Rest:
    """The part of a job that may move, and what binds it to the facts before it."""

    job: Job
    operations: tuple[Operation, ...]
    ready: int
    deadline: int


class Plan:
    """A whole plan in a timetable, what each job costs in it, and the moves that change it."""

    def __init__(
        self,
        problem: Problem,
        timetable: Timetable,
        anchors: Mapping[str, Assignment] | None = None,
        move_cost: int = 0,
    ) -> None:
        self.anchors = anchors or {}
        self.move_cost = move_cost
        self.problem = problem
        self.timetable = timetable
        self.facts = {fact.operation for fact in problem.fixed}
        self.rests = [rest for rest in map(self._rest, problem.jobs) if rest.operations]
        self.number = {
            op.id: (n, k) for n, rest in enumerate(self.rests) for k, op in enumerate(rest.operations)
        }
        self.costs = [self.cost(n) for n in range(len(self.rests))]

    def _rest(self, job: Job) -> _Rest:
        ready, deadline, first = job.release, FAR, 0
        for k, op in enumerate(job.operations):
            if op.id in self.facts:
                place = self.timetable.get(op.id)
                assert place is not None
                first, ready = k + 1, max(job.release, place.end + op.min_lag)
                deadline = FAR if op.max_lag is None else place.end + op.max_lag
        return _Rest(job, job.operations[first:], ready, deadline)

    def end(self, n: int) -> int:
        """When job n ends."""
        place = self.timetable.get(self.rests[n].operations[-1].id)
        assert place is not None
        return place.end

    def cost(self, n: int) -> int:
        """What job n adds to the goal: weighted minutes late, or for a makespan its end."""
        job = self.rests[n].job
        if self.problem.goal == "makespan":
            return self.end(n)
        return job.weight * max(0, self.end(n) - job.due) + self._moves(n)

    def _moves(self, n: int) -> int:
        """What it costs that operations of job n do not stand where they stood."""
        if not self.anchors:
            return 0
        where = [(self.anchors.get(op.id), op.id) for op in self.rests[n].operations]
        away = sum(1 for old, name in where if old is not None and self.timetable.get(name) != old)
        return away * self.move_cost

    def total(self, costs: Iterable[int]) -> int:
        """The goal over some jobs' costs."""
        return max(costs, default=0) if self.problem.goal == "makespan" else sum(costs)

    def take_out(self, chosen: Chosen) -> list[Assignment]:
        """Remove jobs from the given operation on; returns where they stood."""
        return [self.timetable.remove(name) for name in self.names(chosen)]

    def names(self, chosen: Chosen) -> list[str]:
        """The operations that `take_out` removes."""
        return [op.id for n, k in chosen.items() for op in self.rests[n].operations[k:]]

    def put_in(self, n: int, k: int, join_within: int) -> None:
        """Place a job from operation k on where it ends earliest. Raises SchedulerError without a place."""
        rest = self.rests[n]
        ready, deadline = rest.ready, rest.deadline
        if k:
            before = rest.operations[k - 1]
            place = self.timetable.get(before.id)
            assert place is not None
            ready = max(ready, place.end + before.min_lag)
            deadline = FAR if before.max_lag is None else place.end + before.max_lag
        Chain(self.timetable, rest.operations[k:], ready, join_within, deadline).place()

    def restore(self, places: Iterable[Assignment], operations: dict[str, Operation]) -> None:
        """Put back what was taken out."""
        for place in places:
            self.timetable.place(place, operations[place.operation])


class Ruin:
    """The search. Deterministic for a seed and a number of rounds."""

    def __init__(self, plan: Plan, seed: int) -> None:
        self.plan = plan
        self.random = Random(seed)
        self.operations = {op.id: op for rest in plan.rests for op in rest.operations}
        self._late: list[int] = []
        self._stale = 0
        self.count = 0
        self.current = self.best = plan.total(plan.costs)
        self._places = {name: place for name in self.operations if (place := plan.timetable.get(name))}
        self._astray: set[int] = set()
        self._since = 0
        self._return = False

    def round(self) -> int:
        """One ruin and recreate; returns what it gained (0 if the plan is as before)."""
        plan = self.plan
        self.count += 1
        if self._return:
            self._return = False
            self.back_to_best()
        chosen = self.choose(2, 12)
        if not chosen:
            return 0
        before = plan.total(plan.costs[n] for n in chosen)
        old = plan.take_out(chosen)
        placed: dict[int, int] = {}
        try:
            for n in self._order(list(chosen)):
                plan.put_in(n, chosen[n], self.random.choice((0, 0, 240, 720, 1440)))
                placed[n] = chosen[n]
            after = plan.total(plan.cost(n) for n in chosen)
        except SchedulerError:
            after = FAR
        if after > before and not self._tolerated(after - before):
            plan.take_out(placed)
            plan.restore(old, self.operations)
            return 0
        self.note(chosen)
        return before - after

    def note(self, chosen: Iterable[int]) -> None:
        """Take up the costs of jobs that have moved, and remember the plan if it is the best so far."""
        plan = self.plan
        before = plan.total(plan.costs[n] for n in chosen)
        for n in chosen:
            plan.costs[n] = plan.cost(n)
        self._astray.update(chosen)
        if plan.problem.goal == "makespan":
            self.current = plan.total(plan.costs)
        else:
            self.current += plan.total(plan.costs[n] for n in chosen) - before
        if self.current <= self.best:
            self._remember()

    def _remember(self) -> None:
        if self.current < self.best:
            self._since = self.count
        self.best = self.current
        for name in self.plan.names(dict.fromkeys(self._astray, 0)):
            place = self.plan.timetable.get(name)
            assert place is not None
            self._places[name] = place
        self._astray.clear()

    def back_to_best(self) -> None:
        """Put everything where it stood in the best plan so far."""
        astray = dict.fromkeys(sorted(self._astray), 0)
        if astray:
            self.plan.take_out(astray)
            self.plan.restore((self._places[name] for name in self.plan.names(astray)), self.operations)
            self.note(astray)

    def _tolerated(self, loss: int) -> bool:
        """Whether to follow a plan that is worse, for a while: the rarer the more it loses."""
        if loss >= FAR // 2 or self.plan.problem.goal == "makespan":
            return False
        if self.count - self._since > ASTRAY:
            self._since = self.count
            self._return = True
            return False
        heat = HEAT * self.best / (1 + sum(1 for n in self._late if self.plan.costs[n]))
        return heat > 0 and self.random.random() < math.exp(-loss / heat)

    def choose(self, least: int, most: int) -> dict[int, int]:
        """A costly job from where it waits, and what stands where it would like to be, each from there on."""
        first = self._costly()
        if first is None:
            return {}
        if self.random.random() < 0.25:
            chosen = self._whole_firing(first)
            if chosen:
                return chosen
        whole = self.random.random() < 0.4
        rest = self.plan.rests[first]
        k = self._waiting(rest)
        chosen = {first: 0 if whole else k}
        size = self.random.randint(least, most)
        for _ in range(2 * size):
            if len(chosen) >= size:
                break
            step = k if self.random.random() < 0.5 else self.random.randrange(len(rest.operations))
            self._add_neighbours(chosen, rest, step, whole)
        return dict(sorted(chosen.items()))

    def _waiting(self, rest: _Rest) -> int:
        """The index of an operation, the likelier the longer it waits."""
        waits = []
        ready = rest.ready
        for op in rest.operations:
            place = self.plan.timetable.get(op.id)
            assert place is not None
            waits.append(max(1, place.start - ready))
            ready = place.end + op.min_lag
        return self.random.choices(range(len(waits)), waits)[0]

    def _add_neighbours(self, chosen: dict[int, int], rest: _Rest, k: int, whole: bool) -> None:
        """A job that runs on one of the operation's resources in the time before it."""
        op = rest.operations[k]
        place = self.plan.timetable.get(op.id)
        assert place is not None
        mode = self.random.choice(op.modes)
        head = max(rest.ready, place.start - self.random.choice((240, 720, 2880, 10080)))
        names = self.plan.timetable.between(mode.resource, head, place.end)
        if names:
            self._add(chosen, self.random.choice(names), whole)

    def _add(self, chosen: dict[int, int], name: str, whole: bool) -> None:
        spot = self.plan.number.get(name)
        if spot is not None:
            n, k = spot
            chosen[n] = 0 if whole else min(k, chosen.get(n, k))

    def _whole_firing(self, first: int) -> dict[int, int]:
        """Everyone in the firing that a costly job waits for, and in the one before it on some kiln."""
        rest = self.plan.rests[first]
        k = self._waiting(rest)
        op = rest.operations[k]
        place = self.plan.timetable.get(op.id)
        assert place is not None
        if not isinstance(self.plan.timetable.stations[place.resource], Kiln):
            return {}
        chosen: dict[int, int] = {first: k}
        for name in self.plan.timetable.between(place.resource, place.start, place.start + 1):
            self._add(chosen, name, False)
        other = self.random.choice(op.modes).resource
        head = place.start - self.random.choice((0, 360, 720, 1440))
        names = self.plan.timetable.between(other, max(head, rest.ready), place.start)
        if names:
            start = self.plan.timetable.get(names[-1])
            assert start is not None
            for name in self.plan.timetable.between(other, start.start, start.start + 1):
                self._add(chosen, name, False)
        return dict(sorted(chosen.items())) if len(chosen) <= MOST else {}

    def _costly(self) -> int | None:
        """A job drawn by its cost; the list of late ones is renewed now and then."""
        if self._stale <= 0:
            self._late = [n for n, cost in enumerate(self.plan.costs) if cost > 0]
            self._stale = 50
        self._stale -= 1
        if not self._late:
            return None
        if self.plan.problem.goal == "makespan":
            return max(self.random.choices(self._late, k=4), key=lambda n: self.plan.costs[n])
        picks = self.random.choices(self._late, k=3)
        return max(picks, key=lambda n: self.plan.costs[n])

    def _order(self, chosen: Sequence[int]) -> list[int]:
        """The order of putting back: by due time, by cost, or by chance."""
        rests, costs = self.plan.rests, self.plan.costs
        rule = self.random.random()
        if rule < 0.4:
            noise = {n: self.random.gauss(0, 1000) for n in chosen}
            return sorted(chosen, key=lambda n: (rests[n].job.due - costs[n] + noise[n], n))
        if rule < 0.7:
            return sorted(chosen, key=lambda n: (-costs[n] * self.random.uniform(0.5, 1.5), n))
        order = list(chosen)
        self.random.shuffle(order)
        return order
