"""The rules of resources in an exact model: one at a time with setups, shared firings, loads of pools.

Setups are demanded of every pair on a resource, not only of neighbours: the same where a detour is never
shorter, else a little stricter. Where the order itself is modelled (`circuits`), they are of neighbours only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from ortools.sat.python import cp_model

from scheduler.cpsat_tasks import Choice, Task, Tasks, stretches
from scheduler.free import Run
from scheduler.model import Problem, Resource, amounts
from scheduler.setups import Setups, setups_of

Taking = tuple[Choice, int]
"""A choice and what it takes of one dimension of a pool."""


class Rules:
    """Posts what the tasks owe each other on their resources, and that each takes one choice."""

    def __init__(
        self,
        problem: Problem,
        maker: Tasks,
        tasks: Mapping[str, Task],
        circuits: Mapping[str, Sequence[Run]],
    ) -> None:
        self.model, self.plant, self.free, self.maker = maker.model, maker.plant, maker.free, maker
        self.setups = {r.id: setups_of(problem, r) for r in problem.resources}
        self.tasks = tasks
        self.circuits = circuits

    def post(self) -> None:
        """All rules. Following a firing makes new choices, so it comes first."""
        alone = self._alone()
        for name, choices in alone.items():
            if self.plant.resources[name].kind == "batch":
                for i, leader in enumerate(choices):
                    self._share(self.plant.resources[name], leader, choices[i + 1 :])
        self._fill_standing()
        for task in self.tasks.values():
            self.model.add_exactly_one(choice.taken for choice in task.choices)
        for name, choices in alone.items():
            self._one_at_a_time(name, choices)
        for name, takings in self._takings().items():
            self._add_up(self.plant.resources[name], takings)

    def _alone(self) -> dict[str, list[Choice]]:
        """The choices that have a machine, or light a firing, for themselves, by resource."""
        found: dict[str, list[Choice]] = defaultdict(list)
        for task in self.tasks.values():
            for choice in task.choices:
                if choice.alone and self.plant.resources[choice.mode.resource].kind != "pool":
                    found[choice.mode.resource].append(choice)
        return found

    # ---- firings ----

    def _share(self, kiln: Resource, leader: Choice, others: Sequence[Choice]) -> None:
        """Of a new firing the first member leads; those after it in the list may follow."""
        followers: list[Choice] = []
        for other in others:
            alike = (other.family, other.size) == (leader.family, leader.size)
            if alike and _may_meet(leader.task, other.task) and self._both_fit(kiln, leader, other):
                follower = self.maker.choose(other.task, other.mode, other.pieces, alone=False, leader=leader)
                self.model.add_implication(follower.taken, leader.taken)
                self.model.add(other.task.start == leader.task.start).only_enforce_if(follower.taken)
                followers.append(follower)
        for d, capacity in enumerate(amounts(kiln.capacity)):
            if followers:
                self.model.add(_load(followers, d) <= capacity - _size(leader, d))
        if _size(leader, 0) < kiln.least_load:
            enough = _load(followers, 0) + _size(leader, 0) >= kiln.least_load
            self.model.add(enough).only_enforce_if(leader.taken)

    def _both_fit(self, kiln: Resource, one: Choice, other: Choice) -> bool:
        return all(_size(one, d) + _size(other, d) <= most for d, most in enumerate(amounts(kiln.capacity)))

    def _fill_standing(self) -> None:
        """Standing firings fill up to their room, and are not left under their least load."""
        entries: dict[tuple[str, int], list[Choice]] = defaultdict(list)
        for task in self.tasks.values():
            for choice in task.choices:
                if choice.opening is not None:
                    entries[choice.mode.resource, choice.opening.start].append(choice)
        for members in entries.values():
            opening = members[0].opening
            assert opening is not None
            for d, room in enumerate(opening.room):
                self.model.add(_load(members, d) <= room)
            if opening.lacking:
                self.model.add(_load(members, 0) >= opening.lacking)

    # ---- one at a time ----

    def _one_at_a_time(self, resource: str, choices: list[Choice]) -> None:
        """No overlap, each run stretched by the least setup after it, and exact setups pair by pair."""
        setups = self.setups[resource]
        ordered = resource in self.circuits
        families = {c.family for c in choices}
        least = {f: 0 if ordered else min(setups.between(f, g) for g in families) for f in families}
        if len(choices) > 1:
            self.model.add_no_overlap([self._interval(c, least[c.family]) for c in choices])
        if ordered:
            self._in_circuit(setups, choices, self.circuits[resource])
        elif setups.matrix is not None:
            for i, one in enumerate(choices):
                for other in choices[i + 1 :]:
                    self._apart(setups, least, one, other)

    def _interval(self, choice: Choice, more: int = 0) -> cp_model.IntervalVar:
        """The time a choice takes, if it is taken, and some minutes more."""
        task, name = choice.task, f"{choice.task.op.id} at {choice.mode.resource}"
        if isinstance(choice.size, int):
            size = choice.size + more
            return self.model.new_optional_fixed_size_interval_var(task.start, size, choice.taken, name)
        return self.model.new_optional_interval_var(
            task.start, choice.size + more, task.end + more, choice.taken, name
        )

    def _apart(self, setups: Setups, least: Mapping[str | None, int], one: Choice, other: Choice) -> None:
        """One before the other with its setup, or the other way round."""
        there = setups.between(one.family, other.family)
        back = setups.between(other.family, one.family)
        if there <= least[one.family] and back <= least[other.family]:
            return
        a, b = one.task, other.task
        if a is b or a.tail + there <= b.head or b.tail + back <= a.head:
            return
        order, both = self.model.new_bool_var(""), [one.taken, other.taken]
        self.model.add(b.start >= a.end + there).only_enforce_if([order, *both])
        self.model.add(a.start >= b.end + back).only_enforce_if([order.negated(), *both])

    def _in_circuit(self, setups: Setups, choices: list[Choice], runs: Sequence[Run]) -> None:
        """Who follows whom: through all choices that are taken and all that stands, from nobody to nobody."""
        ends: list[tuple[Any, Any, str | None]] = [(c.task.start, c.task.end, c.family) for c in choices]
        ends += [(run.start, run.end, run.family) for run in runs]
        arcs: list[tuple[int, int, cp_model.LiteralT]] = []
        for i, choice in enumerate(choices, 1):
            arcs.append((i, i, choice.taken.negated()))
        for i in range(1, len(ends) + 1):
            arcs += [(0, i, self.model.new_bool_var("")), (i, 0, self.model.new_bool_var(""))]
        if not runs:
            arcs.append((0, 0, self.model.new_bool_var("")))
        for i, (_, end, family) in enumerate(ends, 1):
            for j, (start, _, following) in enumerate(ends, 1):
                stand = i > len(choices) and j > len(choices)
                if i == j or (stand and i > j):
                    continue
                next_to = self.model.new_bool_var("")
                arcs.append((i, j, next_to))
                if not stand:
                    setup = setups.between(family, following)
                    self.model.add(start >= end + setup).only_enforce_if(next_to)
        self.model.add_circuit(arcs)

    # ---- pools ----

    def _takings(self) -> dict[str, list[tuple[Choice, tuple[int, ...]]]]:
        """What the choices take of pools, as their own place or as a need."""
        found: dict[str, list[tuple[Choice, tuple[int, ...]]]] = defaultdict(list)
        for task in self.tasks.values():
            for choice in task.choices:
                mode = choice.mode
                if self.plant.resources[mode.resource].kind == "pool":
                    found[mode.resource].append((choice, amounts(task.op.size)))
                for need in mode.needs:
                    found[need.resource].append((choice, (need.amount,)))
        return found

    def _add_up(self, pool: Resource, takings: list[tuple[Choice, tuple[int, ...]]]) -> None:
        for d, capacity in enumerate(amounts(pool.capacity)):
            sizes = [(choice, size[d]) for choice, size in takings if d < len(size) and size[d] > 0]
            if sizes:
                self._cumulative(pool, d, capacity, sizes)

    def _cumulative(self, pool: Resource, d: int, capacity: int, sizes: list[Taking]) -> None:
        """With the standing load, as far as it could matter; where it alone is too much nothing starts."""
        total = sum(size for _, size in sizes)
        head, tail = min(c.task.head for c, _ in sizes), max(c.task.tail for c, _ in sizes)
        spans: list[cp_model.IntervalVar] = []
        demands: list[int] = []
        for start, end, load in stretches(self.free, pool.id, head, tail):
            if 0 < load[d] < capacity < load[d] + total:
                spans.append(self.model.new_fixed_size_interval_var(start, end - start, ""))
                demands.append(load[d])
        if spans or total > capacity:
            spans += [self._interval(choice) for choice, _ in sizes]
            demands += [size for _, size in sizes]
            self.model.add_cumulative(spans, demands, capacity)


def _size(choice: Choice, d: int) -> int:
    size = amounts(choice.task.op.size)
    return size[d] if d < len(size) else 0


def _load(choices: Sequence[Choice], d: int) -> cp_model.LinearExprT:
    return sum(_size(choice, d) * choice.taken for choice in choices)


def _may_meet(one: Task, other: Task) -> bool:
    return one.head <= other.tail and other.head <= one.tail
