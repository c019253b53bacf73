"""A whole problem on a board: every job and operation, where things stand, and back."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from functools import cached_property
from itertools import compress
from typing import Any

from scheduler.board import Board
from scheduler.bulk import assignments_of, in_turn, time_order
from scheduler.columns import Columns, columns_of_jobs
from scheduler.engine import Pure, best_engine
from scheduler.errors import Conflict
from scheduler.kernel import places
from scheduler.kernel.costs import note_rows
from scheduler.kernel.memory import AT, END, FACT, IN, MODE, MODES, ON, OPERATION, START
from scheduler.model import Assignment, Problem, amounts


class Plan:
    """The problem's facts stand, and what else was placed. Operations lie in the order of the problem."""

    def __init__(
        self,
        problem: Problem,
        *,
        frozen_before: int = 0,
        engine: Pure | None = None,
        columns: Columns | None = None,
    ) -> None:
        """`columns`: of all operations of the problem, where they are at hand."""
        self.problem = problem
        self.engine = engine or best_engine()
        self._columns = columns or columns_of_jobs(problem.jobs)
        self.operations = self._columns.operations
        dims = max((len(amounts(size)) for size in set(self._columns.sizes)), default=1)
        self.board = Board(self.engine, problem.resources, problem.setups, dims)
        facts = {fact.operation for fact in problem.fixed}
        self.jobs, self.first = self.board.add_jobs(problem.jobs, facts, self._columns)
        for fact in problem.fixed:
            self._place_fact(fact)
        self.board.frozen_before = frozen_before

    @cached_property
    def at(self) -> dict[str, int]:
        """Where each operation lies, by its id."""
        count = len(self.operations)
        spots = range(self.first, self.first + OPERATION * count, OPERATION)
        return dict(zip(self._columns.ids, spots, strict=True))

    def copy(self) -> Plan:
        """A plan of the same problem, in a memory of its own, in which the same is placed."""
        other = copy(self)
        other.board = copy(self.board)
        other.board.memory = self.engine.copied(self.board.memory)
        return other

    def _place_fact(self, fact: Assignment) -> None:
        board, at = self.board, self.at.get(fact.operation)
        family: str | None = None
        mode = 0
        if at is None:
            at = board.add_block(fact.operation, fact.resource)
        else:
            op = self.operations[(at - self.first) // OPERATION]
            board.expect(fact.resource)
            family, mode = op.family, self.mode_at(at, [m.resource for m in op.modes], fact.resource)
        board.memory[at + FACT] = 1
        row = board.family(fact.resource, family)
        self.run(places.place_fact, at, mode, board.at[fact.resource], row, fact.start, fact.end)

    def mode_at(self, at: int, resources: list[str], resource: str) -> int:
        """Where the mode on a resource lies of an operation; 0 if there is none."""
        if resource not in resources:
            return 0
        return int(self.board.memory[at + MODES]) + MODE * resources.index(resource)

    def run(self, function: Any, *arguments: Any) -> Any:
        """Call a kernel on the memory."""
        return self.engine.run(function)(self.board.memory, *arguments)

    def load(self, assignments: Iterable[Assignment]) -> None:
        """Place what is not placed yet, in order of time. Raises Conflict if a place is not free."""
        wanted = sorted((a for a in assignments if a.operation in self.at), key=lambda a: a.start)
        rows: list[int] = []
        todo = []
        column = self.column(AT)
        for a in wanted:
            k = (self.at[a.operation] - self.first) // OPERATION
            if column[k] == 0:
                names = [m.resource for m in self.operations[k].modes]
                mode = self.mode_at(self.at[a.operation], names, a.resource)
                if mode == 0:
                    raise Conflict(f"operation {a.operation} has no mode on {a.resource}")
                rows += self.at[a.operation], mode, a.start, a.end
                todo.append(a)
        failed = self.run(places.place_all, self.engine.array(rows), len(todo))
        if failed >= 0:
            a = todo[failed]
            raise Conflict(f"operation {a.operation} on {a.resource}: {a.start}-{a.end} is not free")

    def column(self, field: int) -> list[int]:
        """One field of all operations."""
        first, n = self.first, len(self.operations)
        return self.engine.listed(self.board.memory[first + field : first + OPERATION * n : OPERATION])

    def rows(self, mode_at: int = IN, start_at: int = START) -> Any:
        """Where all operations stand as these fields say, as `kernel.costs.note_rows` writes it."""
        rows = self.engine.ints(3 * len(self.operations))
        self.run(note_rows, self.first, len(self.operations), mode_at, start_at, rows)
        return rows

    def places(self, rows: Any) -> list[Assignment]:
        """What `rows` says, for all operations of the problem."""
        memory, names = self.board.memory, {at: name for name, at in self.board.at.items()}
        numbers = self.engine.listed(rows)
        facts = [fact for fact in self.problem.fixed if fact.operation in self.at]
        known = {fact.operation for fact in facts}
        return facts + [
            Assignment(op.id, names[int(memory[numbers[i] + ON])], numbers[i + 1], numbers[i + 2])
            for i, op in zip(range(0, len(numbers), 3), self.operations, strict=True)
            if op.id not in known
        ]

    def last_ends(self) -> dict[str, int]:
        """When each job ends, by the id of its last operation, where that is placed."""
        at, ends = self.column(AT), self.column(END)
        found, k = {}, -1
        for job in self.problem.jobs:
            k += len(job.operations)
            if job.operations and at[k]:
                found[job.operations[-1].id] = ends[k]
        return found

    def assignments(self) -> list[Assignment]:
        """Where every operation of the problem that is placed stands."""
        return assignments_of(*self._placed())

    def in_time(self) -> list[Assignment]:
        """The same in the order of a schedule; neighbours in time are neighbours in memory."""
        operations, resources, starts, ends = self._placed()
        order = time_order(operations, resources, starts)
        return assignments_of(
            [operations[k] for k in order], [resources[k] for k in order],
            in_turn(starts, order), in_turn(ends, order),
        )  # fmt: skip

    def _placed(self) -> tuple[list[str], list[str], list[int], list[int]]:
        """Operation, resource, start and end of all that is placed, column by column."""
        names = {at: name for name, at in self.board.at.items()}
        ids, at = self._columns.ids, self.column(AT)
        starts, ends = self.column(START), self.column(END)
        if not all(at):
            ids = list(compress(ids, at))
            starts, ends = (list(compress(column, at)) for column in (starts, ends))
        return ids, [names[r] for r in at if r], starts, ends
