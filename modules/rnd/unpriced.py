"""What is done for nothing, and what is never done: choices without a price line, lines that rules rule out.

Operations, materials and price lines that are not in every product are tried: what decides them is varied,
everything else stays as offered.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import product as combinations
from math import prod
from typing import Any

from modules.rnd.family import Option
from modules.rnd.influence import reads
from modules.rnd.product import Product
from modules.rnd.resolve import Line, extent
from modules.rnd.selections import read_state
from modules.rnd.solver import Oracle
from modules.rnd.standard import lines_of, standard_selections
from modules.rnd.terms import QUANTITY

Choice = tuple[tuple[str, str], ...]
_MOST = 200
"""Combinations tried for one line; beyond that one option is changed at a time."""
_MOST_IN_ALL = 3_000
"""Configurations worked out for a whole family; beyond that likewise, so that who types does not wait."""


@dataclass(frozen=True, slots=True)
class Gap:
    """`option` = `value` (empty: left out) adds `lines` to the same with `other`, and is no dearer, neither
    for a usual order nor for the largest."""

    option: str
    value: str
    other: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Never:
    """A line that no valid configuration has; `rules` by index rule out each choice that would have it."""

    line: Line
    rules: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Made:
    """What a configuration takes, which price lines it has, and its price for a usual and for the largest
    order."""

    lines: Mapping[Line, Decimal]
    priced: frozenset[Line]
    prices: tuple[Decimal, ...]

    def beyond(self, other: "_Made") -> set[Line]:
        """What it takes that `other` does not, if it takes all that `other` does and is no dearer."""
        less = all(amount <= self.lines.get(line, 0) for line, amount in other.lines.items())
        paid = any(mine > theirs for mine, theirs in zip(self.prices, other.prices, strict=True))
        return self.lines.keys() - other.lines.keys() if less and not paid else set()


class Coverage:
    """What a family's configurations come to, each worked out once."""

    def __init__(self, oracle: Oracle) -> None:
        self.oracle, self.product = oracle, oracle.product
        self.usual = standard_selections(self.product)
        quantity = self.product.family.quantity
        self.quantities = tuple(dict.fromkeys((quantity.default, quantity.max)))
        self._known: dict[Choice, _Made | None] = {}

    @cached_property
    def offered(self) -> _Made:
        """What the defaults take and cost; nothing where they cannot be worked out."""
        return self._made(()) or _Made({}, frozenset(), (Decimal(0),))

    def gaps(self) -> Iterator[Gap]:
        """Every choice that adds work or material for nothing, once, with all that it adds."""
        found: dict[tuple[str, str], Gap] = {}
        deciding = {line: self._deciding(line) for line in _lines(self.product) if line[0] != "price"}
        for options in dict.fromkeys(deciding.values()):
            for choice in self._choices(options):
                for gap in self._gaps(choice):
                    if (gap.option, gap.value) not in found and self._possible(choice):
                        found[gap.option, gap.value] = gap
        yield from found.values()

    def never(self) -> Iterator[Never]:
        """Every line that some choice would bring, were there no rules. Nothing is claimed where what may be
        chosen cannot be worked out."""
        for line in _lines(self.product):
            options = self._deciding(line)
            if self._has((), line) or not self._exact(line, options):
                continue
            there = [choice for choice in self._choices(options) if self._has(choice, line)]
            unknown = [choice for choice in self._choices(options) if self._made(choice) is None]
            if there and not any(self._possible(choice) for choice in (*there, *unknown)):
                yield Never(line, self._why(there))

    def _why(self, choices: list[Choice]) -> tuple[int, ...]:
        blames = [self.oracle.blames({}, self._literals(choice))[0] for choice in choices]
        return tuple(sorted({index for blame in blames for index in blame.rules}))

    def _deciding(self, line: Line) -> tuple[str, ...]:
        """The options that decide whether the line is there, in their order."""
        read = reads(self.product, _texts(self.product, line))
        return tuple(name for name in self.product.options if name in read)

    def _exact(self, line: Line, options: tuple[str, ...]) -> bool:
        """Whether trying the choices tells all there is: no numbers, and not too many."""
        counted = QUANTITY in reads(self.product, _texts(self.product, line))
        return not counted and self._few(options) and not any(self._open(name) for name in options)

    def _few(self, options: tuple[str, ...]) -> bool:
        sizes = [len(_values(self.product.options[name])) for name in options]
        return prod(sizes) <= _MOST and len(self._known) < _MOST_IN_ALL

    def _open(self, name: str) -> bool:
        option = self.product.options[name]
        return option.numeric or bool(option.facts)

    def _choices(self, options: tuple[str, ...]) -> Iterator[Choice]:
        values = [_values(self.product.options[name]) for name in options]
        if self._few(options):
            yield from (tuple(zip(options, picked, strict=True)) for picked in combinations(*values))
            return
        yield from (((name, value),) for name, some in zip(options, values, strict=True) for value in some)

    def _possible(self, choice: Choice) -> bool:
        return self.oracle.possible(self._literals(choice))

    def _literals(self, choice: Choice) -> list[int]:
        parts = self.oracle.parts(read_state(self.product, dict(choice), None))
        none = self.oracle.encoding.given
        return [literal for name, _ in choice for literal in parts.get(name, [-none[name]])]

    def _gaps(self, choice: Choice) -> Iterator[Gap]:
        """What one change of one of these options saves, though it takes nothing off the price."""
        made = self._made(choice)
        for name, value in choice if made else ():
            for other in _values(self.product.options[name]):
                less = self._made(tuple((n, other if n == name else v) for n, v in choice))
                added = made.beyond(less) if made and less else set()
                if added:
                    yield Gap(name, value, other, tuple(sorted(added, reverse=True)))

    def _has(self, choice: Choice, line: Line) -> bool:
        made = self._made(choice)
        return made is not None and (line in made.lines or line in made.priced)

    def _made(self, choice: Choice) -> _Made | None:
        if choice not in self._known:
            self._known[choice] = self._worked_out({**self.usual, **dict(choice)})
        return self._known[choice]

    def _worked_out(self, selections: Mapping[str, Any]) -> _Made | None:
        measured = self.product.family.standard
        states = [read_state(self.product, selections, n, measured) for n in self.quantities]
        found = [worked for worked in (extent(self.product, state) for state in states) if worked]
        if len(found) < len(states):
            return None
        codes = {code for _, drivers in found for code in drivers}
        priced = frozenset(("price", n) for n, x in enumerate(self.product.family.price) if x.code in codes)
        prices = [sum(lines_of(self.product, drivers).values(), Decimal(0)) for _, drivers in found]
        return _Made(found[0][0], priced, tuple(prices))


def _lines(product: Product) -> Iterator[Line]:
    making = product.family.making
    for part, some in (("routing", making.routing), ("bom", making.bom), ("price", product.family.price)):
        yield from ((part, n) for n in range(len(some)))


def _texts(product: Product, line: Line) -> tuple[str, ...]:
    """The texts that say whether the line is there."""
    part, n = line
    making = product.family.making
    if part == "routing":
        return (making.routing[n].when,)
    if part == "price":
        return (product.family.price[n].amount,)
    used = making.bom[n]
    return used.when, used.per_piece, used.per_good, used.per_order


def _values(option: Option) -> list[str]:
    """What is worth trying: every value; the ends of a number; something; and nothing, where it may be."""
    if option.enumerable:
        found = [value.id for value in option.values]
    elif option.numeric:
        found = list(dict.fromkeys(str(x) for x in (option.min, option.default, option.max) if x is not None))
    else:
        found = ["standard"]
    return [*found, ""] if option.optional else found
