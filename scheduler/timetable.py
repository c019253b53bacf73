"""The one index of free slots, open firings and load profiles that promise, repair and improvement share."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from scheduler.board import Board
from scheduler.columns import columns_of
from scheduler.engine import Pure, best_engine
from scheduler.errors import Conflict, ProblemError, Unsolvable
from scheduler.kernel import chains, places
from scheduler.kernel.firings import find_firing
from scheduler.kernel.memory import (
    AT,
    END,
    FACT,
    FAR,
    LINE,
    LINE_N,
    MEMBER,
    MODE,
    MODES,
    NEXT,
    OPERATION,
    OUT,
    RUN,
    RUN_END,
    RUN_START,
    START,
    WHO,
)
from scheduler.model import Assignment, Operation, Resource, SetupMatrix, amounts

F = TypeVar("F")
MOST_DEAD = 5000
"""So many operations that are gone may still lie in the arrays before they are made anew."""


class Timetable:
    """Who is where, and what is free. Nothing before `frozen_before` can be taken or joined.

    `place` and `remove` keep the index as they go; `earliest` changes nothing. `version` grows with each
    change, so that a caller can tell whether a place it was shown may be gone.
    """

    def __init__(
        self,
        resources: Iterable[Resource],
        setups: Mapping[str, SetupMatrix] | None = None,
        *,
        frozen_before: int = 0,
        engine: Pure | None = None,
    ) -> None:
        self.resources = tuple(resources)
        self.setups = dict(setups or {})
        self.version = 0
        self.engine = engine or best_engine(0)
        self.board = Board(self.engine, self.resources, self.setups)
        self.frozen_before = frozen_before
        self._around = {r.id: r.loading + r.cooling for r in self.resources}
        self._placed: dict[str, tuple[Assignment, Operation | None]] = {}
        self._facts: set[str] = set()
        self._at: dict[str, int] = {}
        self._names: dict[int, str] = {}
        self._name_at = {at: name for name, at in self.board.at.items()}
        self._resource = {r.id: r for r in self.resources}
        self._windows: dict[str, tuple[Sequence[tuple[int, int]], list[tuple[int, int]]]] = {}
        self._dead = 0
        self._homes: dict[str, int] = {}

    def __contains__(self, operation_id: object) -> bool:
        return operation_id in self._placed

    def __len__(self) -> int:
        return len(self._placed)

    @property
    def frozen_before(self) -> int:
        """Nothing is placed before this minute."""
        return self.board.frozen_before

    @frozen_before.setter
    def frozen_before(self, moment: int) -> None:
        self.board.frozen_before = moment

    def get(self, operation_id: str) -> Assignment | None:
        """Where an operation is, or None."""
        found = self._placed.get(operation_id)
        return found[0] if found else None

    def operation(self, operation_id: str) -> Operation:
        """What stands there. Raises Conflict if it is not placed, or blocks its resource."""
        _, operation = self._placed.get(operation_id, (None, None))
        if operation is None:
            raise Conflict(f"operation {operation_id} is not placed")
        return operation

    def assignments(self) -> Iterator[Assignment]:
        """Everything placed, in the order it was placed."""
        return (assignment for assignment, _ in self._placed.values())

    # ---- taking and giving back ----

    def place(self, assignment: Assignment, operation: Operation) -> None:
        """Take this place. Raises Conflict if it is not free, frozen, or the operation placed already."""
        self.place_all([assignment], [operation])

    def place_all(self, assignments: Sequence[Assignment], operations: Sequence[Operation]) -> None:
        """Take places, all or none. Raises Conflict as `place`."""
        if not assignments:
            return
        self._tidy()
        mark = self.board.mark()
        spots = self._spots(operations)
        try:
            rows: list[int] = []
            for op, assignment, operation in zip(spots, assignments, operations, strict=True):
                rows += op, self._mode_for(op, assignment, operation), assignment.start, assignment.end
            failed = self.run(places.place_all, self.engine.array(rows), len(assignments))
            if failed >= 0:
                for op in spots[:failed]:
                    self.run(places.remove, op)
                a = assignments[failed]
                raise Conflict(f"operation {a.operation} on {a.resource}: {a.start}-{a.end} is not free")
        except Conflict:
            self.board.forget(mark)
            raise
        for op, assignment, operation in zip(spots, assignments, operations, strict=True):
            self._note(op, assignment, operation)

    def _spots(self, operations: Sequence[Operation]) -> list[int]:
        """Where operations lie; those of no job that is known are made known."""
        if not self._homes:
            first = self._known(operations)
            return [first + OPERATION * k for k in range(len(operations))]
        strange = [op for op in operations if op.id not in self._homes]
        first = self._known(strange) if strange else 0
        spots = {op.id: first + OPERATION * k for k, op in enumerate(strange)}
        return [self._homes[op.id] if op.id in self._homes else spots[op.id] for op in operations]

    def _mode_for(self, o: int, assignment: Assignment, operation: Operation) -> int:
        """The mode of an assignment. Raises Conflict where it cannot be taken whatever else is planned."""
        name = assignment.operation
        if name in self._placed:
            raise Conflict(f"operation {name} is placed already")
        if assignment.start < self.frozen_before:
            raise Conflict(f"operation {name} would start in the frozen time")
        minutes = assignment.end - assignment.start
        for k, mode in enumerate(operation.modes):
            if mode.resource == assignment.resource and (
                operation.may_pause or mode.minutes + self._around[mode.resource] == minutes
            ):
                return self._read(o + MODES) + MODE * k
        raise Conflict(f"operation {name} has no mode of {minutes} minutes on {assignment.resource}")

    def place_fact(self, assignment: Assignment, operation: Operation | None = None) -> None:
        """Take this place whatever the rules say: it has started, is frozen, or blocks the resource.

        Without an operation it takes the whole resource for that time.
        """
        if assignment.operation in self._placed:
            raise Conflict(f"operation {assignment.operation} is placed already")
        self._tidy()
        board = self.board
        r = board.at.get(assignment.resource)
        if r is None:
            raise ProblemError(
                f"operation {assignment.operation}", f"there is no resource {assignment.resource}"
            )
        if operation is None:
            o, mode, family = board.add_block(assignment.operation, assignment.resource), 0, None
        else:
            o, family = self._spots([operation])[0], operation.family
            board.expect(assignment.resource)
            mode = self._mode_of(o, assignment, operation)
        row = board.family(assignment.resource, family)
        board.memory[o + FACT] = 1
        self.run(places.place_fact, o, mode, r, row, assignment.start, assignment.end)
        self._facts.add(assignment.operation)
        self._note(o, assignment, operation)

    def _mode_of(self, o: int, assignment: Assignment, operation: Operation) -> int:
        """The mode on the assignment's resource; 0 where there is none."""
        for k, mode in enumerate(operation.modes):
            if mode.resource == assignment.resource:
                return self._read(o + MODES) + MODE * k
        return 0

    def _read(self, at: int) -> int:
        return int(self.board.memory[at])

    def _known(self, operations: Sequence[Operation]) -> int:
        for op in operations:
            if len(amounts(op.size)) > self.board.dims:
                raise ProblemError(f"operation {op.id}", "its size has more dimensions than any capacity")
        return self.board.add(columns_of(operations))

    def run(self, function: Callable[..., F], *arguments: Any) -> F:
        """Call a kernel on the memory."""
        return self.engine.run(function)(self.board.memory, *arguments)

    def _note(self, o: int, assignment: Assignment, operation: Operation | None) -> None:
        self._at[assignment.operation] = o
        self._names[o] = assignment.operation
        self._placed[assignment.operation] = (assignment, operation)
        self.version += 1

    def remove(self, operation_id: str) -> Assignment:
        """Give a place back and return it. Raises Conflict if the operation is not placed.

        Where a setup takes longer than the two by way of this operation, what follows may now be too soon
        (see `Roster.hurt_by_leaving`).
        """
        if operation_id not in self._placed:
            raise Conflict(f"operation {operation_id} is not placed")
        assignment, _ = self._placed.pop(operation_id)
        o = self._at.pop(operation_id)
        del self._names[o]
        self.run(places.remove, o)
        if operation_id in self._facts:
            self._facts.remove(operation_id)
            self.board.memory[o + FACT] = 0
        self._dead += operation_id not in self._homes
        self.version += 1
        return assignment

    def put_back(self, assignments: Iterable[Assignment], operations: Mapping[str, Operation]) -> None:
        """Take places again that were just given back, frozen or not."""
        wanted = sorted(assignments, key=lambda a: a.start)
        frozen, self.frozen_before = self.frozen_before, -FAR
        try:
            self.place_all(wanted, [operations[a.operation] for a in wanted])
        finally:
            self.frozen_before = frozen

    def _tidy(self) -> None:
        """Make the arrays anew when most of what is in them is gone."""
        if self._dead <= MOST_DEAD + len(self._placed):
            return
        placed, facts = list(self._placed.values()), self._facts
        fresh = self._empty()
        for assignment, operation in placed:
            if assignment.operation in facts:
                fresh.place_fact(assignment, operation)
        plain = [(a, op) for a, op in placed if op is not None and a.operation not in facts]
        fresh.place_all([a for a, _ in plain], [op for _, op in plain])
        fresh.frozen_before, fresh.version = self.frozen_before, self.version
        self.__dict__.update(fresh.__dict__)

    def _empty(self) -> Timetable:
        """Another timetable of this plant, with nothing placed."""
        return Timetable(self.resources, self.setups, engine=self.engine)

    # ---- questions ----

    def earliest(
        self,
        operation: Operation,
        not_before: int,
        *,
        end_after: int = -FAR,
        start_by: int = FAR,
        join_within: int = 0,
    ) -> Assignment | None:
        """The place with the earliest end, in any of the modes, that starts at or after `not_before`.

        `end_after`: it must not end before this. `start_by`: it must not start after this. `join_within`: a
        firing that exists is preferred to a new one that ends up to so many minutes earlier. None if the
        calendars hold no such place.
        """
        self._tidy()
        mark = self.board.mark()
        o = self._known([operation])
        try:
            end = int(self.run(places.earliest, o, not_before, end_after, start_by, join_within))
            if end < 0:
                return None
            return self._assignment(operation, o, self._read(OUT), self._read(OUT + 1), end)
        finally:
            self.board.forget(mark)

    def _assignment(self, operation: Operation, o: int, m: int, start: int, end: int) -> Assignment:
        k = (m - self._read(o + MODES)) // MODE
        return Assignment(operation.id, operation.modes[k].resource, start, end)

    def chain(self, operations: Sequence[Operation], ready: int, start_by: int, join_within: int) -> Found:
        """Where consecutive operations of one job would go so that the last ends earliest; changes nothing.

        `ready` and `start_by` bound the start of the first. Exact as long as the job does not meet itself.
        Raises Unsolvable, naming the operation, where the calendars hold no place.
        """
        self._tidy()
        n = len(operations)
        mark = self.board.mark()
        first = self._known(operations)
        own, work = self.engine.ints(3 * n * n), self.engine.ints(3 * n * n)
        try:
            failed = self.run(chains.solve_chain, first, n, ready, start_by, join_within, own, work)
            if failed:
                raise self._unsolvable(operations, (failed - first) // OPERATION)
            rows = self.engine.listed(own)
            alone = [number for k in range(n) for number in rows[3 * n * k + 3 * k : 3 * n * k + 3 * k + 3]]
            last = self._places(operations, first, rows[3 * n * (n - 1) :])
            return Found(last, self._places(operations, first, alone), alone[2::3])
        finally:
            self.board.forget(mark)

    def insert(
        self, operations: Sequence[Operation], ready: int, start_by: int = FAR, join_within: int = 0
    ) -> list[Assignment]:
        """Place consecutive operations of one job where the last ends earliest.

        Where the job gets into its own way, one operation after the other. Raises Unsolvable, naming the
        operation, and places none.
        """
        self._tidy()
        n = len(operations)
        mark = self.board.mark()
        first = self._known(operations)
        own, work = self.engine.ints(3 * n * n), self.engine.ints(3 * n * n)
        failed = self.run(chains.insert_chain, first, n, ready, start_by, join_within, own, work)
        if failed:
            self.board.forget(mark)
            raise self._unsolvable(operations, (failed - first) // OPERATION)
        return self._noted(operations, first)

    def _noted(self, operations: Sequence[Operation], first: int) -> list[Assignment]:
        """The places that consecutive operations, lying from `first` on, have taken in the memory."""
        found = []
        for k, operation in enumerate(operations):
            found.append(self._place_of(first + OPERATION * k, operation))
            self._note(first + OPERATION * k, found[-1], operation)
        return found

    def _place_of(self, o: int, operation: Operation) -> Assignment:
        name = self._name_at[self._read(o + AT)]
        return Assignment(operation.id, name, self._read(o + START), self._read(o + END))

    def _places(self, operations: Sequence[Operation], first: int, row: Sequence[int]) -> list[Assignment]:
        triples = zip(row[::3], row[1::3], row[2::3], strict=True)
        return [
            self._assignment(operation, first + OPERATION * k, mode, start, end)
            for k, (operation, (mode, start, end)) in enumerate(zip(operations, triples, strict=True))
        ]

    def _unsolvable(self, operations: Sequence[Operation], k: int) -> Unsolvable:
        return Unsolvable(operations[k].id, self._why_not(operations, k))

    def _why_not(self, operations: Sequence[Operation], k: int) -> str:
        lag = operations[k - 1].max_lag if k else None
        if lag is not None:
            return f"no open place within {lag} minutes after operation {operations[k - 1].id}"
        names = ", ".join(mode.resource for mode in operations[k].modes)
        return f"no free place left in the calendars of {names}"

    # ---- what stands ----

    def joins(self, assignment: Assignment, operation: Operation) -> bool:
        """Whether the operation, placed so, shares a firing that exists."""
        if self.resource(assignment.resource).kind != "batch":
            return False
        r = self.board.at[assignment.resource]
        family = self.board.family(assignment.resource, operation.family)
        return self.run(find_firing, r, family, assignment.start, assignment.end) != 0

    def is_unlit(self, assignment: Assignment) -> bool:
        """Whether the place is a firing's and no such firing is planned."""
        if self.resource(assignment.resource).kind != "batch":
            return False
        starts, _, _ = self._line(assignment.resource)
        k = bisect_left(starts, assignment.start)
        return k == len(starts) or bool(starts[k] != assignment.start)

    def _line(self, resource: str) -> tuple[Any, Any, Any]:
        """Starts, ends and runs (operations; firings of a kiln) on a resource, in order of time."""
        r, memory = self.board.at[resource], self.board.memory
        line, stop = memory[r + LINE], memory[r + LINE] + RUN * memory[r + LINE_N]
        starts, ends, who = (memory[line + field : stop : RUN] for field in (RUN_START, RUN_END, WHO))
        return starts, ends, who

    def room_around(self, assignment: Assignment) -> tuple[int | None, int | None]:
        """Minutes from the end of what is planned before it, and to the start of what is planned after it, on
        its resource; None where nothing is. For a place that is not taken."""
        starts, ends, _ = self._line(assignment.resource)
        at = bisect_left(starts, assignment.start)
        before = assignment.start - int(ends[at - 1]) if at else None
        after = int(starts[at]) - assignment.end if at < len(starts) else None
        return before, after

    def between(self, resource: str, start: int, end: int) -> list[str]:
        """The operations that start on a resource in [start, end), in order of time."""
        return [name for run in self.runs_between(resource, start, end) for name in run]

    def runs_between(self, resource: str, start: int, end: int) -> Iterator[list[str]]:
        """Those that start on a resource in [start, end), in order of time: each by itself, in a firing
        together."""
        starts, _, runs = self._line(resource)
        batch = self.resource(resource).kind == "batch"
        for i in range(bisect_left(starts, start), bisect_left(starts, end)):
            yield sorted(self._members(int(runs[i]))) if batch else [self._names[int(runs[i])]]

    def resource(self, name: str) -> Resource:
        """A resource by its id."""
        return self._resource[name]

    def windows(self, name: str) -> Sequence[tuple[int, int]]:
        """When a resource is open, in order of time."""
        calendar = self._resource[name].calendar
        known = self._windows.get(name)
        if known is None or known[0] is not calendar:
            known = self._windows[name] = calendar, sorted(calendar)
        return known[1]

    def _members(self, firing: int) -> list[str]:
        o = self._read(firing + MEMBER)
        found = []
        while o:
            found.append(self._names[o])
            o = self._read(o + NEXT)
        return found


@dataclass(frozen=True, slots=True)
class Found:
    """Places that are free together; and each operation's place and end had it been the last."""

    places: list[Assignment]
    first: list[Assignment]
    alone: list[int]
