"""What single rules say once all that they read is decided: read off their gates once, remembered from click
to click. Most values of a click are told apart so, without a search."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from modules.rnd.encode import TRUE, Encoding
from modules.rnd.family import Option
from modules.rnd.keeping import made_once
from modules.rnd.product import Product
from modules.rnd.terms import QUANTITY

Literals = tuple[int, ...]
View = Mapping[str, Literals]
"""Option (or `quantity`) -> the literals of its value; what is not in it is not decided."""
_REMEMBERED = 300_000
_SEEN = 10_000
"""Options with what stands around them: with sixty options some hundred different clicks that agree; one that
contradicts itself brings some for each value that is shut."""


@dataclass(frozen=True, slots=True)
class Sight:
    """Values of one option, and the rules that each of them breaks in one `whole` configuration; `sure` are
    those of them that read nothing but what is chosen, so that no other choice can cure it."""

    whole: Mapping[str, Sequence[int]]
    sure: Mapping[str, Sequence[int]]


@dataclass(frozen=True, slots=True)
class _Look:
    """One rule at one option: with which of its values it is broken, by what the `others` it reads have."""

    others: tuple[str, ...]
    had: Callable[[View], object]
    known: dict[object, frozenset[str]] = field(default_factory=dict)


class Glance:
    """Not thread-safe by itself."""

    def __init__(self, product: Product, encoding: Encoding) -> None:
        self._encoding = encoding
        self.reads = [tuple(rule.options) for rule in product.rules]
        self.touching: dict[str, dict[int, _Look]] = {}
        self.beside: dict[str, set[str]] = {name: set() for name in (*product.options, QUANTITY)}
        """What some rule reads together with it."""
        self._between: dict[tuple[str, str], list[int]] = {}
        for index, names in enumerate(self.reads):
            for name in names:
                self._touch(index, name, [one for one in names if one != name])
        self._own = {name: self._literals_of(option) for name, option in product.options.items()}
        self._own[QUANTITY] = self._marks(QUANTITY)
        self._choices = frozenset(name for name, option in product.options.items() if option.enumerable)
        self._remembered = 0
        self._around = {name: _look(sorted(others)).had for name, others in self.beside.items()}
        self._seen: dict[tuple[str, object], dict[str, list[int]]] = {}

    def _touch(self, index: int, name: str, others: Sequence[str]) -> None:
        self.touching.setdefault(name, {})[index] = _look(others)
        self.beside[name].update(others)
        for other in others:
            self._between.setdefault((name, other), []).append(index)

    def between(self, name: str, other: str) -> Sequence[int]:
        """Rules that read both."""
        return self._between.get((name, other), ())

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
        return len(literals) == (1 if name in self._choices else len(self._own[name]))

    def whole(self, model: Sequence[int]) -> dict[str, Literals]:
        """The complete configuration of a model of the solver's."""
        return {name: self._in(model, name, literals) for name, literals in self._own.items()}

    def _in(self, model: Sequence[int], name: str, literals: Sequence[int]) -> Literals:
        if name not in self._choices:
            return tuple([model[literal - 1] for literal in literals])
        for literal in literals:
            if model[literal - 1] > 0:  # of a choice one value at most is true
                return (literal,)
        return (-self._encoding.given[name],)

    def sight(self, option: Option, chosen: View, whole: View) -> Sight:
        """What every value of `option` breaks with the rest of `whole`, which holds everything `chosen`."""
        breaks = self._breaks(option, whole)
        sure = {value: self._certain(option, rules, chosen) for value, rules in breaks.items()}
        return Sight(breaks, {value: rules for value, rules in sure.items() if rules})

    def _certain(self, option: Option, rules: Iterable[int], chosen: View) -> list[int]:
        """Those of them that read nothing else but what is chosen."""
        looks = self.touching[option.id]
        return [index for index in rules if all(name in chosen for name in looks[index].others)]

    def _breaks(self, option: Option, whole: View) -> dict[str, list[int]]:
        """Value -> the rules it breaks; remembered by what all the options have that rules read with it."""
        key = option.id, self._around[option.id](whole)
        return made_once(self._seen, key, _SEEN, lambda: self._broken_values(option, whole))

    def _broken_values(self, option: Option, whole: View) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for index in self.touching.get(option.id, ()):
            for value in self.broken(index, option, whole):
                found.setdefault(value, []).append(index)
        return found

    def broken(self, index: int, option: Option, view: View) -> frozenset[str]:
        """Values of `option` with which this rule is broken, all else that it reads being as in `view`."""
        look = self.touching[option.id][index]
        had = look.had(view)
        found = look.known.get(had)
        if found is None:
            self._make_room()
            decided = (literal for name in look.others for literal in view[name])
            found = look.known[had] = self._read_off(index, option, decided)
        return found

    def _make_room(self) -> None:
        if self._remembered >= _REMEMBERED:
            self._remembered = 0
            for looks in self.touching.values():
                for look in looks.values():
                    look.known.clear()
        self._remembered += 1

    def _read_off(self, index: int, option: Option, decided: Iterable[int]) -> frozenset[str]:
        when, then = self._encoding.sides[index]
        true = _Truth(self._encoding, option, decided).where
        broken = true(when) & ~true(then)
        return frozenset(value.id for k, value in enumerate(option.values) if broken >> k & 1)


def _look(others: Sequence[str]) -> _Look:
    return _Look(tuple(others), itemgetter(*others) if others else lambda view: ())


class _Truth:
    """With which values of one option a literal is true, all else being `decided`: a bit for each value."""

    def __init__(self, encoding: Encoding, option: Option, decided: Iterable[int]) -> None:
        self._gates, self._every = encoding.gates, (1 << len(option.values)) - 1
        self._known = dict.fromkeys((TRUE, *decided), self._every)
        self._known |= {encoding.choice[option.id, v.id]: 1 << k for k, v in enumerate(option.values)}

    def where(self, literal: int) -> int:
        if literal < 0:
            return self._every & ~self.where(-literal)
        if literal not in self._known:
            self._known[literal] = self._any(self._gates.get(literal, ()))
        return self._known[literal]

    def _any(self, literals: Iterable[int]) -> int:
        """Of no literals: what is not decided to be true is not."""
        found = 0
        for literal in literals:
            found |= self.where(literal)
        return found
