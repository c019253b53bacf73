"""Repairs of an impossible selection: the fewest changes after which all that is chosen goes together.

A tree over the smallest conflicts: every repair lets go of a choice of each conflict there is, so each branch
lets go of one more of them. It is searched breadth first: fewer changes come first, a set that contains a
repair is cut off, and no smallest set of up to `MOST_CHANGES` options is missed.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from modules.rnd.family import Option
from modules.rnd.selections import Change, State
from modules.rnd.solver import Oracle, Parts
from modules.rnd.terms import QUANTITY

MOST_CHANGES = 3
MOST_WAYS = 12
"""Most combinations of values told for one set of options."""
_MOST_TRIED = 2_000
_Value = tuple[Change, list[int]]
_Known = tuple[frozenset[str], frozenset[str]]
"""Options that must be left out for the conflict to hold, and the conflict."""


@dataclass(frozen=True, slots=True)
class Repair:
    """Changes in the order of the options, the quantity last; all of them are needed."""

    changes: tuple[Change, ...]

    @property
    def options(self) -> frozenset[str]:
        return frozenset(change.option for change in self.changes)


class Mending:
    """The search for one state. `wrote`: options whose value can never be taken, with the number written."""

    def __init__(self, oracle: Oracle, state: State, wrote: Mapping[str, Decimal | None]) -> None:
        self.oracle, self.state, self.wrote = oracle, state, wrote
        self.options, self.encoding = oracle.product.options, oracle.encoding
        self.parts = {name: literals for name, literals in oracle.parts(state).items() if name not in wrote}
        self._known: list[_Known] = [
            (frozenset(), frozenset(clash.options)) for clash in oracle.known_clashes(self.parts)
        ]

    def ways(self) -> Iterator[Repair]:
        """Fewest changes first; the ways with the same options stand together."""
        for names in self._sets():
            ordered = sorted(names, key=self._place)
            by_choice = sorted(ordered, key=self._numeric)  # numbers last: the nearest that fits the choices
            for changes in islice(self._filled(by_choice, self._without(names)), MOST_WAYS):
                yield Repair(tuple(sorted(changes, key=lambda change: self._place(change.option))))

    def _place(self, name: str) -> int:
        return len(self.options) if name == QUANTITY else list(self.options).index(name)

    def _numeric(self, name: str) -> bool:
        return name == QUANTITY or self.options[name].numeric

    def _sets(self) -> Iterator[frozenset[str]]:
        """Smallest sets of options whose change makes the rest possible."""
        found: list[frozenset[str]] = []
        tried: set[frozenset[str]] = set()
        queue = deque([frozenset(self.wrote)] if all(map(self._loose, self.wrote)) else [])
        while queue and len(tried) < _MOST_TRIED:
            gone = queue.popleft()
            if gone in tried or len(gone) > MOST_CHANGES or any(one <= gone for one in found):
                continue
            tried.add(gone)
            conflict = self._conflict(gone)
            if conflict is not None:
                queue.extend(gone | {name} for name in sorted(conflict) if self._loose(name))
            elif gone:
                found.append(gone)
                yield gone

    def _loose(self, name: str) -> bool:
        """Whether there is something else to offer for it; for a text or a file only to leave it out."""
        option = self.options.get(name)
        return option is None or option.enumerable or option.numeric or option.optional

    def _conflict(self, gone: frozenset[str]) -> frozenset[str] | None:
        empty = frozenset(name for name in gone if self._emptied(name))
        for needs, known in self._known:
            if needs <= empty and known.isdisjoint(gone):
                return known
        conflict = self.oracle.conflict(self._without(gone), self._left_out(empty))
        if conflict is not None:
            self._known.append((empty, conflict))
        return conflict

    def _emptied(self, name: str) -> bool:
        return not self._numeric(name) and not self.options[name].enumerable

    def _left_out(self, names: frozenset[str]) -> list[int]:
        return [-self.encoding.given[name] for name in sorted(names)]

    def _without(self, gone: frozenset[str]) -> dict[str, Sequence[int]]:
        return {name: literals for name, literals in self.parts.items() if name not in gone}

    def _filled(self, names: Sequence[str], fixed: Parts) -> Iterator[tuple[Change, ...]]:
        """Values for `names` that go with what is `fixed` and with each other."""
        if not names:
            yield ()
            return
        name, *others = names
        for change, literals in self._values(name, fixed):
            yield from ((change, *more) for more in self._filled(others, {**fixed, name: literals}))
            if self._numeric(name):
                return  # the nearest number is enough

    def _values(self, name: str, fixed: Parts) -> Iterator[_Value]:
        """What else the option can be with all that is `fixed`."""
        option = self.options.get(name)
        if option is None or option.numeric:
            yield from self._going(self._numbers(name), fixed)
        elif option.enumerable:
            yield from self._choices(option, fixed)
        if option is not None and option.optional:
            yield from self._going([(Change(name, None), [-self.encoding.given[name]])], fixed)

    def _going(self, changes: Iterable[_Value], fixed: Parts) -> Iterator[_Value]:
        """Those of them that go with all that is `fixed`."""
        flat = [literal for literals in fixed.values() for literal in literals]
        return (one for one in changes if self.oracle.possible([*flat, *one[1]]))

    def _choices(self, option: Option, fixed: Parts) -> Iterator[_Value]:
        going = self.oracle.open_values(option, fixed) - {self.state.given.get(option.id)}
        for value in self.oracle.product.ranked[option.id]:
            if value.id in going:
                yield Change(option.id, value.id), [self.encoding.choice[option.id, value.id]]

    def _numbers(self, name: str) -> Iterator[_Value]:
        """One number of each stretch in which no rule changes its mind, the nearest first."""
        now = self._now(name)
        nearest = [min(max(now, low), high) for low, high in self.encoding.cells(name)]
        given = [self.encoding.given[name]] if name != QUANTITY else []
        for number in sorted(nearest, key=lambda number: (abs(number - now), number)):
            yield Change(name, number), [*given, *self.encoding.number_literals(name, number)]

    def _now(self, name: str) -> Decimal:
        """The number written; one off the scale is brought onto it."""
        value = self.state.quantity if name == QUANTITY else self.state.given.get(name)
        if isinstance(value, Decimal):
            return value
        scale, wrote = self.oracle.product.scale(name), self.wrote.get(name)
        inside = min(max(scale.min if wrote is None else wrote, scale.min), scale.max)
        return inside - (inside - scale.min) % scale.step
