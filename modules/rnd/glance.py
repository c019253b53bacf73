"""What single rules say once all that they read is decided: asked of the solver once, remembered from click
to click. Most values of a click are told apart so, without a search."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pysat.solvers import Glucose4

from modules.rnd.encode import Encoding
from modules.rnd.family import Option
from modules.rnd.product import Product
from modules.rnd.terms import QUANTITY

Literals = tuple[int, ...]
View = Mapping[str, Literals]
"""Option (or `quantity`) -> the literals of its value; what is not in it is not decided."""
_REMEMBERED = 300_000


@dataclass(frozen=True, slots=True)
class Sight:
    """Values of one option, and the rules that each of them breaks in one `whole` configuration; `sure` are
    those of them that read nothing but what is chosen, so that no other choice can cure it."""

    whole: Mapping[str, Sequence[int]]
    sure: Mapping[str, Sequence[int]]


class Glance:
    """Not thread-safe by itself. `solver` holds the rules so that each can be taken away."""

    def __init__(self, product: Product, encoding: Encoding, solver: Glucose4) -> None:
        self._product, self._encoding, self._solver = product, encoding, solver
        self.reads = [tuple(rule.options) for rule in product.rules]
        self.touching: dict[str, list[int]] = {}
        for index, names in enumerate(self.reads):
            for name in names:
                self.touching.setdefault(name, []).append(index)
        self._own = {name: self._literals_of(option) for name, option in product.options.items()}
        self._own[QUANTITY] = self._marks(QUANTITY)
        self._known: dict[tuple[int, str, tuple[Literals, ...]], frozenset[str]] = {}

    def _literals_of(self, option: Option) -> list[int]:
        """What decides it: of a choice one of its values, else whether it is given, and every mark."""
        if option.enumerable:
            return [self._encoding.choice[option.id, value.id] for value in option.values]
        measures = [mark for fact in option.facts for mark in self._marks(f"{option.id}.{fact}")]
        return [self._encoding.given[option.id], *self._marks(option.id), *measures]

    def _marks(self, dimension: str) -> list[int]:
        return [mark for _, mark in sorted(self._encoding.order.get(dimension, {}).items())]

    def view(self, parts: Mapping[str, Sequence[int]]) -> dict[str, Literals]:
        """What is chosen and leaves nothing open; of an upload some measures may not be known."""
        return {name: tuple(literals) for name, literals in parts.items() if self._settles(name, literals)}

    def _settles(self, name: str, literals: Sequence[int]) -> bool:
        option = self._product.options.get(name)
        enumerable = option is not None and option.enumerable
        return len(literals) == (1 if enumerable else len(self._own[name]))

    def whole(self, model: Sequence[int]) -> dict[str, Literals]:
        """The complete configuration of a model of the solver's."""
        return {name: self._in(model, name, literals) for name, literals in self._own.items()}

    def _in(self, model: Sequence[int], name: str, literals: Sequence[int]) -> Literals:
        found = tuple(model[literal - 1] for literal in literals)
        option = self._product.options.get(name)
        if option is None or not option.enumerable:
            return found
        return tuple(literal for literal in found if literal > 0) or (-self._encoding.given[name],)

    def sight(self, option: Option, chosen: View, whole: View) -> Sight:
        """What every value of `option` breaks with the rest of `whole`, which holds everything `chosen`."""
        breaks: dict[str, list[int]] = {}
        sure: dict[str, list[int]] = {}
        for index in self.touching.get(option.id, ()):
            broken = self.broken(index, option, whole)
            certain = bool(broken) and all(name in chosen for name in self.reads[index] if name != option.id)
            for value in broken:
                breaks.setdefault(value, []).append(index)
                if certain:
                    sure.setdefault(value, []).append(index)
        return Sight(breaks, sure)

    def broken(self, index: int, option: Option, view: View) -> frozenset[str]:
        """Values of `option` with which this rule is broken, all else that it reads being as in `view`."""
        key = index, option.id, tuple([view[name] for name in self.reads[index] if name != option.id])
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[key] = frozenset(self._tried(index, option, key[2]))
        return found

    def _tried(self, index: int, option: Option, rest: Sequence[Literals]) -> list[str]:
        fixed = [self._encoding.rules[index], *(literal for literals in rest for literal in literals)]
        choice, propagate = self._encoding.choice, self._solver.propagate
        return [v.id for v in option.values if not propagate([*fixed, choice[option.id, v.id]])[0]]
