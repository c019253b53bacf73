"""Operations as variables of an exact model: when each starts and ends, and in which of its modes.

A mode may give several choices: a run of its own, and at a batch resource one for each standing firing that
it could join. Exactly one choice is taken. Where an operation may pause, its length depends on its start: the
starts are cut into stretches of equal length.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ortools.sat.python import cp_model

from scheduler.calendars import Calendar, Span
from scheduler.earliest import Plant, span_of
from scheduler.free import Free, Opening
from scheduler.model import Mode, Operation, Resource, amounts

Literal = cp_model.IntVar
Piece = tuple[int, cp_model.Domain]
"""A length from start to end, and the starts that have it."""


@dataclass(slots=True)
class Choice:
    """A task in one mode, if `taken`. One that is `alone` needs the resource for itself.

    `pieces` tell lengths and starts; `size` is the length, a variable if there are several. `opening` is the
    standing firing that is joined, `leader` the choice whose new firing is joined.
    """

    task: Task
    mode: Mode
    taken: Literal
    pieces: Sequence[Piece]
    size: cp_model.LinearExprT
    alone: bool = True
    opening: Opening | None = None
    leader: Choice | None = None

    @property
    def family(self) -> str | None:
        """The row in the setups, and the recipe."""
        return self.task.op.family


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


@dataclass(slots=True)
class Option:
    """A mode with where it may start: in a run of its own, or with a standing firing."""

    mode: Mode
    fresh: list[Piece]
    entries: list[tuple[Opening, Piece]]


class Tasks:
    """Makes the variables of operations, as the standing plan lets them be."""

    def __init__(self, model: cp_model.CpModel, plant: Plant, free: Free) -> None:
        self.model, self.plant, self.free = model, plant, free

    def add(self, op: Operation, head: int, tail: int) -> Task:
        """The task of an operation between `head` and `tail`. Raises ValueError if it has no place there."""
        options = [option for mode in op.modes if (option := self._option(op, mode, head, tail))]
        pieces = [p for o in options for p in [*o.fresh, *(piece for _, piece in o.entries)]]
        if not pieces:
            raise ValueError(f"operation {op.id} has no place from {head} to {tail}")
        every = _union(domain for _, domain in pieces)
        lengths = {length for length, _ in pieces}
        start = self.model.new_int_var_from_domain(every, f"start {op.id}")
        end: cp_model.LinearExprT = start + min(lengths)
        if len(lengths) > 1:
            end = self.model.new_int_var(head + min(lengths), tail, f"end {op.id}")
        task = Task(op, start, end, head, tail, len(lengths) == 1)
        for option in options:
            if option.fresh:
                self.choose(task, option.mode, option.fresh)
            for opening, piece in option.entries:
                self.choose(task, option.mode, [piece], alone=False, opening=opening)
        return task

    def choose(
        self,
        task: Task,
        mode: Mode,
        pieces: Sequence[Piece],
        *,
        alone: bool = True,
        opening: Opening | None = None,
        leader: Choice | None = None,
    ) -> Choice:
        """One more choice of a task, with what follows for its start and end if it is taken."""
        taken = self.model.new_bool_var(f"{task.op.id} on {mode.resource}")
        choice = Choice(task, mode, taken, pieces, pieces[0][0], alone, opening, leader)
        task.choices.append(choice)
        if len(pieces) == 1:
            self._bind(task, pieces[0], taken)
            return choice
        lengths = [length for length, _ in pieces]
        choice.size = self.model.new_int_var(min(lengths), max(lengths), "")
        literals = [self.model.new_bool_var("") for _ in pieces]
        self.model.add(sum(literals) == taken)
        for piece, literal in zip(pieces, literals, strict=True):
            self._bind(task, piece, literal)
            self.model.add(choice.size == piece[0]).only_enforce_if(literal)
        return choice

    def _bind(self, task: Task, piece: Piece, literal: Literal) -> None:
        length, domain = piece
        self.model.add_linear_expression_in_domain(task.start, domain).only_enforce_if(literal)
        if not task.one_length:
            self.model.add(task.end == task.start + length).only_enforce_if(literal)

    # ---- where a mode may start ----

    def _option(self, op: Operation, mode: Mode, head: int, tail: int) -> Option | None:
        resource = self.plant.resources[mode.resource]
        span, most = span_of(mode, resource), amounts(resource.capacity)
        if resource.kind != "machine" and any(s > c for s, c in zip(amounts(op.size), most, strict=False)):
            return None
        if resource.kind == "pool":
            inside = self._room(resource, amounts(op.size), span, head, tail)
            return Option(mode, _pieces([(span, self._with_needs(mode, span, head, tail, inside))]), [])
        spans = self.free.chances(mode.resource, op, mode.minutes, head, tail)
        if op.may_pause:
            return Option(mode, _pausing(self.plant.calendars[mode.resource], mode.minutes, spans, tail), [])
        fresh = self._with_needs(mode, span, head, tail, _domain(spans))
        entries: list[tuple[Opening, Piece]] = []
        if resource.kind == "batch":
            for opening in self.free.openings(mode.resource, op, mode.minutes, head, tail):
                at = self._with_needs(mode, span, head, tail, _domain([(opening.start, opening.start)]))
                entries += [(opening, piece) for piece in _pieces([(span, at)])]
        return Option(mode, _pieces([(span, fresh)]), entries)

    def _with_needs(
        self, mode: Mode, span: int, head: int, tail: int, domain: cp_model.Domain
    ) -> cp_model.Domain:
        """The starts at which the pools that the mode needs are open and have room, too."""
        for need in mode.needs:
            if not domain.is_empty():
                pool = self.plant.resources[need.resource]
                domain = domain.intersection_with(self._room(pool, (need.amount,), span, head, tail))
        return domain

    def _room(
        self, pool: Resource, size: tuple[int, ...], span: int, head: int, tail: int
    ) -> cp_model.Domain:
        """Starts at which the pool is open to the end, and what stands leaves room all the time."""
        domain = _domain(self.plant.calendars[pool.id].starts(span, head, tail - span))
        capacity = amounts(pool.capacity)
        for start, end, load in stretches(self.free, pool.id, head, tail):
            if any(n + s > c for n, s, c in zip(load, _padded(size, capacity), capacity, strict=True)):
                blocked = _domain([(start - span + 1, end - 1)])
                domain = domain.intersection_with(blocked.complement())
        return domain


def stretches(free: Free, pool: str, head: int, tail: int) -> list[tuple[int, int, tuple[int, ...]]]:
    """The profile of a pool as (start, end, load)."""
    steps = free.profile(pool, head, tail)
    ends = [*(moment for moment, _ in steps[1:]), tail]
    return [(start, end, load) for (start, load), end in zip(steps, ends, strict=True) if start < end]


def _padded(size: tuple[int, ...], capacity: tuple[int, ...]) -> tuple[int, ...]:
    return (*size, *[0] * (len(capacity) - len(size)))


def _domain(spans: Sequence[Span]) -> cp_model.Domain:
    return cp_model.Domain.from_intervals([list(span) for span in spans])


def _union(domains: Iterable[cp_model.Domain]) -> cp_model.Domain:
    return cp_model.Domain.from_flat_intervals([n for d in domains for n in d.flattened_intervals()])


def _pieces(pieces: list[Piece]) -> list[Piece]:
    return [(length, domain) for length, domain in pieces if not domain.is_empty()]


def _pausing(calendar: Calendar, minutes: int, spans: Sequence[Span], tail: int) -> list[Piece]:
    """The starts in these stretches by how long the work then lasts, pauses included."""
    by_length: dict[int, list[Span]] = {}
    for first, last in spans:
        until = calendar.done(last, minutes) or tail
        for a, b, length in calendar.pausing_starts(minutes, first, min(until, tail)):
            by_length.setdefault(length, []).append((a, b))
    return [(length, _domain(starts)) for length, starts in sorted(by_length.items())]
