"""The solver of one release: is this still possible, and if not, which choices and rules are to blame.

Two copies of the same clauses are kept for the life of the release: one with every rule built in, which only
answers yes or no in microseconds, and one whose rules can be taken away, which finds the smallest blame.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import TypeVar

from pysat.solvers import Glucose4

from modules.rnd.encode import Encoding
from modules.rnd.family import Option
from modules.rnd.glance import Glance, Sight, View
from modules.rnd.keeping import made_once
from modules.rnd.meetings import Meetings
from modules.rnd.product import Product
from modules.rnd.selections import State
from modules.rnd.terms import QUANTITY

T = TypeVar("T")
Parts = Mapping[str, Sequence[int]]
"""Option (or `quantity`) -> the literals its value stands for."""
MANY_RULES = 60
_MOST_CLASHES = 12
_MOST_TRIED = 200
_REMEMBERED = 50_000
_CLASHED = 64
"""Contradictory states whose clashes are remembered."""


@dataclass(frozen=True, slots=True)
class Blame:
    """A smallest set of chosen options that exclude each other, and a smallest set of rules that says so."""

    options: tuple[str, ...]
    rules: tuple[int, ...]


class Oracle:
    """Not thread-safe by itself; `engine.Engine` holds the lock."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.encoding = Encoding(product)
        self.places = {name: place for place, name in enumerate((*product.options, QUANTITY))}
        self.values = {o.id: frozenset(value.id for value in o.values) for o in product.options.values()}
        ruled = [*self.encoding.clauses, *([rule] for rule in self.encoding.rules)]
        self._fast = Glucose4(bootstrap_with=ruled)
        self._blame = Glucose4(bootstrap_with=self.encoding.clauses)
        self.glance = Glance(product, self.encoding)
        self.meetings = Meetings(self.encoding, Glucose4(bootstrap_with=ruled))
        self._pairs: dict[tuple[tuple[int, ...], tuple[int, ...]], bool] = {}
        self._reasons: dict[tuple[tuple[int, ...], tuple[int, ...]], tuple[int, ...]] = {}
        self._clashed: dict[object, tuple[list[Blame], bool]] = {}
        self._asked: tuple[list[int], bool] = [], False
        self.calls = 0

    def parts(self, state: State) -> dict[str, list[int]]:
        """The literals of everything chosen, in the order of the product's options, quantity last."""
        found = {
            name: self._literals(state, option)
            for name, option in self.product.options.items()
            if name in state
        }
        if state.quantity is not None:
            found[QUANTITY] = self.encoding.number_literals(QUANTITY, state.quantity)
        return found

    def _literals(self, state: State, option: Option) -> list[int]:
        value = state.given[option.id]
        if isinstance(value, Decimal):
            return [self.encoding.given[option.id], *self.encoding.number_literals(option.id, value)]
        if option.enumerable:
            return [self.encoding.choice[option.id, value]]
        measured = [f"{option.id}.{fact}" for fact in option.facts if f"{option.id}.{fact}" in state.measured]
        known = [
            lit for name in measured for lit in self.encoding.number_literals(name, state.measured[name])
        ]
        return [self.encoding.given[option.id], *known]

    def possible(self, literals: Iterable[int]) -> bool:
        """Whether some complete configuration has all of these; asked twice in a row, it is solved once."""
        asked = list(literals)
        if asked != self._asked[0] or not asked:
            self.calls += 1
            self._asked = asked, bool(self._fast.solve(assumptions=asked))
        return self._asked[1]

    def witness(self) -> View:
        """The complete configuration that the last `possible` found."""
        model: list[int] = self._fast.get_model()
        return self.glance.whole(model)

    def seen(self, option: Option, parts: Parts, chosen: View, whole: View) -> tuple[Sight, frozenset[str]]:
        """Which values of `option` some complete configuration with all other `parts` has: most are told at a
        glance, from what of them is `chosen` and a `whole` configuration with them, few are searched for."""
        sight, values = self.glance.sight(option, chosen, whole), self.values[option.id]
        if not sight.whole:
            return sight, values
        broken = [value.id for value in option.values if value.id in sight.whole]
        return sight, values.difference(
            value for value in broken
            if value in sight.sure or not self.possible(self._with(parts, option.id, value))
        )  # fmt: skip

    def _with(self, parts: Parts, option: str, value: str) -> list[int]:
        """All other `parts`, and this value."""
        others = [literal for name, own in parts.items() if name != option for literal in own]
        return [*others, self.encoding.choice[option, value]]

    def open_values(self, option: Option, parts: Parts) -> frozenset[str]:
        """Values of `option` with which all of `parts` can be."""
        if not self.possible(_flat(parts, parts)):
            return frozenset()
        return self.seen(option, parts, self.glance.view(parts), self.witness())[1]

    def excludes(self, literals: Sequence[int], wanted: Sequence[int]) -> bool:
        """Whether these two alone cannot go together; remembered, since customers ask it again and again."""
        if len(literals) == len(wanted) == 1:
            return self.meetings.apart(literals[0], wanted[0])
        key = (tuple(literals), tuple(wanted))
        return made_once(self._pairs, key, _REMEMBERED, lambda: not self.possible([*literals, *wanted]))

    def blames(
        self, parts: Parts, wanted: Sequence[int] = (), option: str = "", broken: Sequence[int] = ()
    ) -> list[Blame]:
        """Why `parts` with `wanted` cannot be: every option that is enough by itself, else one smallest
        set. Where `wanted` is a value of `option`, that does not count among `parts`. `broken`: rules that it
        is known to break with nothing but `parts`.
        """
        if not (self.meetings.has_met(wanted) or self.possible(wanted)):
            return [Blame((), self._rules((), wanted))]
        known = self._by_single_rules(parts, option, broken)
        strangers = [name for name in self.meetings.not_met(parts, wanted) if name != option]
        alone: list[tuple[str, ...]] = [
            (name,) for name in strangers if (name,) in known or self.excludes(parts[name], wanted)
        ]  # fmt: skip
        pairs = (names for names in known if len(names) == 2)
        sets = alone or [next(pairs, ()) or self._smallest_options(_but(parts, option), wanted)]
        return [Blame(names, known.get(names) or self._rules(_flat(parts, names), wanted)) for names in sets]

    def _by_single_rules(
        self, parts: Parts, option: str, broken: Sequence[int]
    ) -> dict[tuple[str, ...], tuple[int, ...]]:
        """Sets of `parts`, each with the first of the `broken` rules that reads nothing else but `option`."""
        found: dict[tuple[str, ...], tuple[int, ...]] = {}
        for index in broken:
            reads = self.glance.reads[index]
            names = [name for name in reads if name != option and name in parts]
            found.setdefault(tuple(sorted(names, key=self.places.__getitem__)), (index,))
        return found

    def _smallest_options(self, parts: Parts, wanted: Sequence[int], least: int = 1) -> tuple[str, ...]:
        """A smallest set of `parts` that cannot be with `wanted`, out of what the solver needed to see it; it
        is known to have at least so many."""

        def still(names: Sequence[str]) -> bool:
            return not self.possible([*_flat(parts, names), *wanted])

        if not still(list(parts)):
            return ()
        core = set(self._fast.get_core() or ())
        return tuple(_shrink([name for name in parts if not core.isdisjoint(parts[name])], still, least))

    def _rules(self, literals: Sequence[int], wanted: Sequence[int]) -> tuple[int, ...]:
        """Indices of a smallest set of rules that makes these literals impossible; a single one where
        possible.
        """
        key = (tuple(literals), tuple(wanted))
        return made_once(self._reasons, key, _REMEMBERED, lambda: self._smallest_rules([*literals, *wanted]))

    def without(self, index: int, literals: Sequence[int]) -> tuple[int, ...] | None:
        """The smallest set of the other rules that makes `literals` impossible; None where they are not."""
        others = [rule for place, rule in enumerate(self.encoding.rules) if place != index]
        self.calls += 1
        if self._blame.solve(assumptions=[*literals, *others]):
            return None
        return self._smallest_rules(list(literals), others)

    def _smallest_rules(self, literals: list[int], rules: Sequence[int] | None = None) -> tuple[int, ...]:
        def still(chosen: Sequence[int]) -> bool:
            self.calls += 1
            return not self._blame.solve(assumptions=[*literals, *chosen])

        selectors = self.encoding.rules if rules is None else rules
        if still(()):
            return ()
        if len(selectors) > MANY_RULES:
            still(selectors)
            core = set(self._blame.get_core() or ())
            selectors = [selector for selector in selectors if selector in core]
        return tuple(self.encoding.rules.index(selector) for selector in _shrink(selectors, still))

    def conflict(self, parts: Parts, wanted: Sequence[int]) -> frozenset[str] | None:
        """A smallest set of `parts` that contradicts itself or `wanted`; None where all goes together."""
        if self.possible([*_flat(parts, parts), *wanted]):
            return None
        return frozenset(self._smallest_options(parts, wanted))

    def clashes(self, parts: Parts) -> tuple[list[Blame], bool]:
        """Smallest sets of chosen options that exclude each other (a dozen at most); whether that is all. The
        last answers are remembered, since one click asks for it several times."""
        key = _key(parts)
        if key not in self._clashed:
            if len(self._clashed) >= _CLASHED:
                del self._clashed[next(iter(self._clashed))]
            self._clashed[key] = self._clashes(parts)
        blames, whole = self._clashed[key]
        return list(blames), whole

    def known_clashes(self, parts: Parts) -> list[Blame]:
        """What `clashes` has found for these lately; asks nothing."""
        return self._clashed.get(_key(parts), ([], False))[0]

    def _clashes(self, parts: Parts) -> tuple[list[Blame], bool]:
        found = self._small_clashes(parts)
        queue: list[frozenset[str]] = [
            frozenset()
        ]  # each entry: options left out, one of every set on the way
        seen: set[frozenset[str]] = set()
        while queue and len(found) < _MOST_CLASHES and len(seen) < _MOST_TRIED:
            dropped = queue.pop(0)
            if dropped in seen:
                continue
            seen.add(dropped)
            smallest = next((one for one in found if not one & dropped), None)
            if smallest is None:
                rest = {name: literals for name, literals in parts.items() if name not in dropped}
                if self.possible(_flat(rest, rest)):
                    continue
                smallest = frozenset(self._smallest_options(rest, (), least=3))
                found.append(smallest)
            queue += [dropped | {name} for name in sorted(smallest)]
        order = list(parts)
        named = [tuple(sorted(one, key=order.index)) for one in found[:_MOST_CLASHES]]
        blames = [Blame(names, self._rules(_flat(parts, names), ())) for names in named]
        return blames, not queue and len(found) <= _MOST_CLASHES

    def _small_clashes(self, parts: Parts) -> list[frozenset[str]]:
        """All sets of one and of two; their answers are remembered from click to click."""
        names = [name for name in parts if parts[name]]
        alone = [name for name in names if self.excludes(parts[name], ())]
        rest = [name for name in names if name not in alone]
        return [frozenset({name}) for name in alone] + list(self._clashing_pairs(parts, rest))

    def _clashing_pairs(self, parts: Parts, names: Sequence[str]) -> Iterator[frozenset[str]]:
        """Only those are asked about that are not known to have met."""
        among = {name: parts[name] for name in names}
        for name in names:
            for other in self.meetings.not_met(among, parts[name]):
                if self.places[other] > self.places[name] and self.excludes(parts[name], parts[other]):
                    yield frozenset({name, other})

    def agreeing(self, parts: Parts, clashes: Sequence[Blame] | None = None) -> dict[str, Sequence[int]]:
        """The largest part, taken option by option in order, that does not contradict itself. `clashes`: all
        contradictions there are, if they are known; then nothing is asked."""
        if clashes is not None:
            return _without_clashes(parts, [frozenset(clash.options) for clash in clashes])
        kept: dict[str, Sequence[int]] = {}
        left = list(parts)
        while left:
            agree = self._agree_up_to(parts, kept, left)
            kept |= {name: parts[name] for name in left[:agree]}
            left = left[agree + 1 :]
        return kept

    def _agree_up_to(self, parts: Parts, kept: Parts, left: list[str]) -> int:
        """How many of `left`, from its beginning on, go together with `kept`: halved, not one by one."""
        before = _flat(kept, kept)
        if self.possible([*before, *_flat(parts, left)]):
            return len(left)
        low, high = 0, len(left)  # the first `low` agree, the first `high` do not
        while high - low > 1:
            middle = (low + high) // 2
            fine = self.possible([*before, *_flat(parts, left[:middle])])
            low, high = (middle, high) if fine else (low, middle)
        return low


def _without_clashes(parts: Parts, clashes: Sequence[frozenset[str]]) -> dict[str, Sequence[int]]:
    kept: dict[str, Sequence[int]] = {}
    for name, literals in parts.items():
        if not any(name in clash and clash <= kept.keys() | {name} for clash in clashes):
            kept[name] = literals
    return kept


def _key(parts: Parts) -> object:
    return tuple((name, tuple(literals)) for name, literals in parts.items())


def _but(parts: Parts, option: str) -> Parts:
    return {name: literals for name, literals in parts.items() if name != option}


def _flat(parts: Parts, names: Iterable[str]) -> list[int]:
    return [literal for name in names for literal in parts[name]]


def _shrink(items: Sequence[T], still: Callable[[Sequence[T]], bool], least: int = 1) -> list[T]:
    """A smallest subset (none can be left out) for which `still` holds; single items and pairs are tried
    first, where it is not known to have at least so many.
    """
    for size in range(least, 3):
        if len(items) <= 20:
            small = next((list(some) for some in combinations(items, size) if still(some)), None)
            if small is not None:
                return small
    kept = list(items)
    for item in items:
        fewer = [one for one in kept if one is not item]
        if still(fewer):
            kept = fewer
    return kept
