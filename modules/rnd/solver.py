"""The solver of one release: is this still possible, and if not, which choices and rules are to blame.

Two copies of the same clauses are kept for the life of the release: one with every rule built in, which only
answers yes or no in microseconds, and one whose rules can be taken away, which finds the smallest blame.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import TypeVar

from pysat.solvers import Glucose4

from modules.rnd.encode import Encoding
from modules.rnd.family import Option
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
        self._fast = Glucose4(
            bootstrap_with=[*self.encoding.clauses, *([rule] for rule in self.encoding.rules)]
        )
        self._blame = Glucose4(bootstrap_with=self.encoding.clauses)
        self._pairs: dict[tuple[tuple[int, ...], tuple[int, ...]], bool] = {}
        self._reasons: dict[tuple[tuple[int, ...], tuple[int, ...]], tuple[int, ...]] = {}
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
        self.calls += 1
        return bool(self._fast.solve(assumptions=list(literals)))

    def witness(self) -> set[int]:
        """The complete configuration that the last `possible` found: its true literals."""
        return {literal for literal in self._fast.get_model() if literal > 0}

    def excludes(self, literals: Sequence[int], wanted: Sequence[int]) -> bool:
        """Whether these two alone cannot go together; remembered, since customers ask it again and again."""
        key = (tuple(literals), tuple(wanted))
        if key not in self._pairs:
            if len(self._pairs) >= _REMEMBERED:
                self._pairs.clear()
            self._pairs[key] = not self.possible([*literals, *wanted])
        return self._pairs[key]

    def blames(self, parts: Parts, wanted: Sequence[int] = ()) -> list[Blame]:
        """Why `parts` with `wanted` cannot be: every option that is enough by itself, else one smallest
        set.
        """
        if not self.possible(wanted):
            return [Blame((), self._rules((), wanted))]
        sets: list[tuple[str, ...]] = [
            (name,) for name in parts if parts[name] and self.excludes(parts[name], wanted)
        ]
        sets = sets or [self._smallest_options(parts, wanted)]
        return [Blame(names, self._rules(_flat(parts, names), wanted)) for names in sets]

    def _smallest_options(self, parts: Parts, wanted: Sequence[int]) -> tuple[str, ...]:
        def still(names: Sequence[str]) -> bool:
            return not self.possible([*_flat(parts, names), *wanted])

        return tuple(_shrink([name for name in parts if parts[name]], still))

    def _rules(self, literals: Sequence[int], wanted: Sequence[int]) -> tuple[int, ...]:
        """Indices of a smallest set of rules that makes these literals impossible; a single one where
        possible.
        """
        key = (tuple(literals), tuple(wanted))
        if key not in self._reasons:
            if len(self._reasons) >= _REMEMBERED:
                self._reasons.clear()
            self._reasons[key] = self._smallest_rules([*literals, *wanted])
        return self._reasons[key]

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
        core = set(self._fast.get_core() or ())
        blamed = {name: parts[name] for name in parts if not core.isdisjoint(parts[name])}
        return frozenset(self._smallest_options(blamed, wanted)) if blamed else frozenset()

    def clashes(self, parts: Parts) -> tuple[list[Blame], bool]:
        """Smallest sets of chosen options that exclude each other (a dozen at most); whether that is all."""
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
                smallest = frozenset(self._smallest_options(rest, ()))
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
        pairs = [{a, b} for a, b in combinations(rest, 2) if self.excludes(parts[a], parts[b])]
        return [frozenset({name}) for name in alone] + [frozenset(pair) for pair in pairs]

    def agreeing(self, parts: Parts) -> dict[str, Sequence[int]]:
        """The largest part, taken option by option in order, that does not contradict itself."""
        kept: dict[str, Sequence[int]] = {}
        for name, literals in parts.items():
            alone = any(self.excludes(other, literals) for other in kept.values() if other and literals)
            if not alone and self.possible([*_flat(kept, kept), *literals]):
                kept[name] = literals
        return kept


def _flat(parts: Parts, names: Iterable[str]) -> list[int]:
    return [literal for name in names for literal in parts[name]]


def _shrink(items: Sequence[T], still: Callable[[Sequence[T]], bool]) -> list[T]:
    """A smallest subset (none can be left out) for which `still` holds; single items and pairs are tried
    first.
    """
    for size in (1, 2):
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
