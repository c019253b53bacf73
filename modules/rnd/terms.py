"""What the small language means once read: conditions, rules and formulas as plain trees.

A *condition* is true or false of a configuration, an *expression* is a number. A statement about something
that is not chosen is false: `depth > 400` does not hold while no depth is given.
"""

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

QUANTITY = "quantity"
"""The ordered quantity; never an option, always at hand in rules and formulas."""


@dataclass(frozen=True, slots=True)
class Is:
    """The choice `option` has one of `values`."""

    option: str
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class IsSet:
    """Something is chosen, written or uploaded for `option`."""

    option: str


@dataclass(frozen=True, slots=True)
class Compare:
    """`left` stands in relation `sign` (= != < <= > >=) to `right`."""

    sign: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Not:
    part: "Condition"


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Number:
    value: Decimal


@dataclass(frozen=True, slots=True)
class Variable:
    """A number: a numeric option, the quantity, a derived figure, or a `fact` of a choice or an upload."""

    name: str
    fact: str | None = None

    def __str__(self) -> str:
        return f"{self.name}.{self.fact}" if self.fact else self.name


@dataclass(frozen=True, slots=True)
class Arithmetic:
    sign: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Call:
    """`name` is one of `FUNCTIONS`."""

    name: str
    arguments: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Choose:
    """`if(condition, then, otherwise)`."""

    condition: "Condition"
    then: "Expression"
    otherwise: "Expression"


Condition: TypeAlias = Is | IsSet | Compare | Not | And | Or
Expression: TypeAlias = Number | Variable | Arithmetic | Call | Choose

FUNCTIONS = frozenset({"min", "max", "ceil", "floor", "round"})
RELATIONS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """Where `when` holds, `then` must hold. An `excludes` rule has a negated `then`."""

    when: Condition
    then: Condition


def variables(term: Condition | Expression) -> Iterator[Variable]:
    """Every number the term reads, in order of appearance."""
    match term:
        case Variable():
            yield term
        case Compare(_, left, right) | Arithmetic(_, left, right):
            yield from variables(left)
            yield from variables(right)
        case Not(part):
            yield from variables(part)
        case And(parts) | Or(parts) | Call(_, parts):
            for one in parts:
                yield from variables(one)
        case Choose(condition, then, otherwise):
            for branch in (condition, then, otherwise):
                yield from variables(branch)
        case _:
            return


def options_of(term: Condition | Expression) -> list[str]:
    """Ids of every option (or `quantity`) the term speaks of, each once, in order of appearance."""
    return list(dict.fromkeys(_names(term)))


def _names(term: Condition | Expression) -> Iterator[str]:
    match term:
        case Is(option, _) | IsSet(option):
            yield option
        case Variable(name, _):
            yield name
        case Compare(_, left, right) | Arithmetic(_, left, right):
            yield from _names(left)
            yield from _names(right)
        case Not(part):
            yield from _names(part)
        case And(parts) | Or(parts) | Call(_, parts):
            for one in parts:
                yield from _names(one)
        case Choose(condition, then, otherwise):
            for branch in (condition, then, otherwise):
                yield from _names(branch)
        case _:
            return
