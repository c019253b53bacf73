"""Answers one click: which values are still possible, which are not and why, what contradicts what.

`available` means: with everything else that is chosen, some complete configuration has this value. While
choices contradict each other, a value is judged against the largest part of the other choices (in the order
of the options) that agrees with itself, so that a customer can always choose a way out. Nothing is ever
changed for her.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from threading import Lock

from modules.rnd.family import FamilyError, Option
from modules.rnd.mending import LAST_RESORTS, Mending, Repair
from modules.rnd.product import Product
from modules.rnd.selections import Change, State, read_state
from modules.rnd.solver import Blame, Oracle, Parts
from modules.rnd.terms import QUANTITY


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of one option. `blames` say why it is not available, `frees` what single change would free
    it.
    """

    value: str
    available: bool
    blames: tuple[Blame, ...] = ()
    frees: Change | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """The stretch of numbers that is possible now; `blames` where rules make it narrower than the scale."""

    low: Decimal
    high: Decimal
    blames: tuple[Blame, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """The engine's answer, language-neutral. `missing` are options without which it is not complete."""

    domains: dict[str, tuple[Reading, ...]]
    rooms: dict[str, Room]
    required: dict[str, bool]
    clashes: tuple[Blame, ...]
    missing: tuple[str, ...]

    @property
    def complete(self) -> bool:
        return not self.clashes and not self.missing


class Engine:
    """One release's solver, kept for the life of the process. Safe to call from many threads."""

    def __init__(self, product: Product, digest: str = "") -> None:
        self.product, self.digest = product, digest
        self._oracle = Oracle(product)
        self._lock = Lock()

    def answer(self, state: State) -> Reply:
        with self._lock:
            return _Click(self._oracle, state).reply()

    def check(self) -> None:
        """Refuse a family that nobody can order: rules that contradict each other, or a default that breaks
        one.
        """
        clashes = self.contradictions()
        if clashes:
            raise FamilyError(self._said("Its rules contradict each other", clashes))
        clashes = self.clashes(read_state(self.product, self.product.family.defaults, None))
        if clashes:
            raise FamilyError(self._said("Its defaults contradict each other", clashes))

    def contradictions(self) -> list[Blame]:
        """Why nothing at all can be ordered; empty where something can."""
        with self.asking() as oracle:
            return [] if oracle.possible(()) else oracle.blames({})

    @contextmanager
    def asking(self) -> Iterator[Oracle]:
        """The solver itself, for questions that no click asks; nobody else is answered meanwhile."""
        with self._lock:
            yield self._oracle

    def _said(self, what: str, blames: list[Blame]) -> str:
        rules = ", ".join(self.product.rules[index].id for blame in blames for index in blame.rules)
        return f"{self.product.family.slug}: {what} (rules {rules})."

    def clashes(self, state: State) -> list[Blame]:
        """Only the contradictions; cheaper than a whole answer."""
        with self._lock:
            parts = self._oracle.parts(state)
            everything = [literal for literals in parts.values() for literal in literals]
            return [] if self._oracle.possible(everything) else self._oracle.clashes(parts)[0]

    def repairs(self, state: State, wrote: Mapping[str, Decimal | None] | None = None) -> Iterator[Repair]:
        """Every smallest set of changes after which all that is chosen goes together, fewest changes first.

        `wrote` are options whose value can never be taken (with the number that was written, if it is one):
        each of them is changed. Take what is needed and leave the rest: it is found step by step.
        """
        mending = Mending(self._oracle, state, wrote or {})
        ways = mending.ways()
        while True:
            with self._lock:
                found = next(ways, None)
            if found is None:
                return
            yield found

    def missing(self, state: State) -> tuple[str, ...]:
        """What is still to be chosen before it can be made."""
        with self._lock:
            return _Click(self._oracle, state).missing()


class _Click:
    """The work for one state; the lock is held."""

    def __init__(self, oracle: Oracle, state: State) -> None:
        self.oracle, self.state = oracle, state
        self.product, self.encoding = oracle.product, oracle.encoding
        self.parts: Parts = oracle.parts(state)
        everything = [literal for literals in self.parts.values() for literal in literals]
        self.agrees = oracle.possible(everything)
        self.seen = oracle.witness() if self.agrees else set()
        self.clashes, self._all = ([], True) if self.agrees else oracle.clashes(self.parts)
        self._agreeing = self.parts if self.agrees else oracle.agreeing(self.parts)

    def reply(self) -> Reply:
        options = self.product.options.values()
        return Reply(
            {option.id: tuple(self._readings(option)) for option in options if option.enumerable},
            {option.id: self._room(option) for option in options if option.numeric},
            {option.id: self._required(option) for option in options if not option.enumerable},
            tuple(self.clashes),
            self.missing(),
        )

    def _others(self, option: str) -> Parts:
        """Everything chosen but `option`, or the largest part of it that agrees with itself.

        An option that is in no contradiction changes nothing about what agrees with what.
        """
        innocent = self._all and not any(option in clash.options for clash in self.clashes)
        source = self._agreeing if innocent else self.parts
        others = {name: literals for name, literals in source.items() if name != option}
        return others if innocent else self.oracle.agreeing(others)

    def _readings(self, option: Option) -> Iterator[Reading]:
        others = self._others(option.id)
        flat = [literal for literals in others.values() for literal in literals]
        for value in option.values:
            wanted = [self.encoding.choice[option.id, value.id]]
            if self._possible(others, flat, wanted, free=option.id not in self.parts):
                yield Reading(value.id, True)
            else:
                blames = self.oracle.blames(others, wanted)
                yield Reading(value.id, False, tuple(blames), self._way_out(others, wanted, blames))

    def _possible(self, others: Parts, flat: list[int], wanted: list[int], *, free: bool) -> bool:
        if self.agrees and wanted[0] in self.seen:
            return True
        if any(self.oracle.excludes(literals, wanted) for literals in others.values() if literals):
            return False
        found = self.oracle.possible([*flat, *wanted])
        if found and free and self.agrees:
            self.seen |= self.oracle.witness()  # it agrees with all choices, so it proves other values too
        return found

    def _way_out(self, others: Parts, wanted: Sequence[int], blames: list[Blame]) -> Change | None:
        """The one change of another option that frees `wanted`; it must take away every blame at once."""
        shared = set(blames[0].options).intersection(*(blame.options for blame in blames))
        for name in (name for name in others if name in shared):
            rest = [literal for other, literals in others.items() if other != name for literal in literals]
            if self.oracle.possible([*rest, *wanted]):
                change = self._change(name, [*rest, *wanted])
                if change is not None:
                    return change
        return None

    def _change(self, name: str, rest: list[int]) -> Change | None:
        option = self.product.options.get(name)
        if option is None or option.numeric:
            return self._other_number(name, rest)
        if not option.enumerable:
            may_go = option.optional and self.oracle.possible([*rest, -self.encoding.given[name]])
            return Change(name, None) if may_go else None
        ranked = sorted(option.values, key=lambda value: value.id in LAST_RESORTS)
        for value in ranked:
            if self.oracle.possible([*rest, self.encoding.choice[name, value.id]]):
                return Change(name, value.id)
        return None

    def _other_number(self, name: str, rest: list[int]) -> Change | None:
        """The nearest number that is possible."""
        value = self.state.quantity if name == QUANTITY else self.state.given[name]
        assert isinstance(value, Decimal)
        nearest = [min(max(value, low), high) for low, high in self.encoding.cells(name)]
        for number in sorted(nearest, key=lambda number: abs(number - value)):
            if self.oracle.possible([*rest, *self.encoding.number_literals(name, number)]):
                return Change(name, number)
        return None

    def _room(self, option: Option) -> Room:
        scale, cells = option.scale, self.encoding.cells(option.id)
        whole = Room(scale.min, scale.min + (scale.count() - 1) * scale.step)
        if len(cells) == 1:
            return whole
        others = self._others(option.id)
        flat = [literal for literals in others.values() for literal in literals]
        good = [cell for cell in cells if self._cell_possible(option, cell[0], flat)]
        if not good or (good[0][0], good[-1][1]) == (whole.low, whole.high):
            return whole
        bad = cells[0] if good[0] != cells[0] else cells[-1]
        wanted = [self.encoding.given[option.id], *self.encoding.number_literals(option.id, bad[0])]
        return Room(good[0][0], good[-1][1], tuple(self.oracle.blames(others, wanted)))

    def _cell_possible(self, option: Option, number: Decimal, flat: list[int]) -> bool:
        given = self.encoding.given[option.id]
        return self.oracle.possible([*flat, given, *self.encoding.number_literals(option.id, number)])

    def _required(self, option: Option) -> bool:
        if not option.optional:
            return True
        others = self._others(option.id)
        flat = [literal for literals in others.values() for literal in literals]
        return not self.oracle.possible([*flat, -self.encoding.given[option.id]])

    def missing(self) -> tuple[str, ...]:
        """Options that are needed and not chosen; when choices contradict, only the plainly required ones."""
        absent = [option for option in self.product.options.values() if option.id not in self.parts]
        plain = tuple(option.id for option in absent if not option.optional)
        if not self.agrees:
            return plain
        chosen = [literal for literals in self.parts.values() for literal in literals]
        left_out = [option for option in absent if option.optional]
        if self.oracle.possible([*chosen, *(-self.encoding.given[option.id] for option in left_out)]):
            return plain
        return plain + self._needed(chosen, left_out)

    def _needed(self, chosen: list[int], left_out: list[Option]) -> tuple[str, ...]:
        """Which of the options left out must be given: those that cannot stay empty one after the other."""
        empty: list[int] = []
        needed = []
        for option in left_out:
            if self.oracle.possible([*chosen, *empty, -self.encoding.given[option.id]]):
                empty.append(-self.encoding.given[option.id])
            else:
                needed.append(option.id)
        return tuple(needed)
