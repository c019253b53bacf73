"""What a condition or formula comes to for one configuration. The slow, plain reading: the solver must
agree.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from modules.rnd.language import LanguageError
from modules.rnd.terms import (
    RELATIONS,
    And,
    Arithmetic,
    Call,
    Choose,
    Compare,
    Condition,
    Expression,
    Is,
    IsSet,
    Not,
    Number,
    Or,
    Rule,
    Variable,
)


class Absent(Exception):
    """A formula reads a number that this configuration does not have."""

    def __init__(self, variable: Variable) -> None:
        super().__init__(str(variable))
        self.variable = variable


@dataclass(frozen=True)
class Facts:
    """One configuration as the language sees it."""

    chosen: Mapping[str, str] = field(default_factory=dict)
    """Choice option -> value."""
    given: frozenset[str] = frozenset()
    """Options of any type that have a value."""
    numbers: Mapping[str, Decimal] = field(default_factory=dict)
    """Numeric options, quantity, constants, derived figures, and `option.fact` of what is chosen or
    uploaded.
    """


def holds(condition: Condition, facts: Facts) -> bool:
    match condition:
        case Is(option, values):
            return facts.chosen.get(option) in values
        case IsSet(option):
            return option in facts.given
        case Not(part):
            return not holds(part, facts)
        case And(parts):
            return all(holds(part, facts) for part in parts)
        case Or(parts):
            return any(holds(part, facts) for part in parts)
        case Compare(sign, left, right):
            try:
                return RELATIONS[sign](number(left, facts), number(right, facts))
            except Absent:
                return False


def keeps(rule: Rule, facts: Facts) -> bool:
    """Whether the configuration keeps the rule."""
    return not holds(rule.when, facts) or holds(rule.then, facts)


def number(expression: Expression, facts: Facts) -> Decimal:
    """The expression's exact value; `Absent` where something it reads is not there."""
    match expression:
        case Number(value):
            return value
        case Variable():
            return _lookup(expression, facts)
        case Arithmetic(sign, left, right):
            return _arithmetic(sign, number(left, facts), number(right, facts))
        case Call(name, arguments):
            return call(name, [number(argument, facts) for argument in arguments])
        case Choose(condition, then, otherwise):
            return number(then if holds(condition, facts) else otherwise, facts)


def _lookup(variable: Variable, facts: Facts) -> Decimal:
    found = facts.numbers.get(str(variable))
    if found is None:
        raise Absent(variable)
    return found


def _arithmetic(sign: str, left: Decimal, right: Decimal) -> Decimal:
    match sign:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    return divided(left, right)


def divided(left: Decimal, right: Decimal) -> Decimal:
    if right == 0:
        raise LanguageError("A formula divides by zero for this configuration.")
    return left / right


def call(name: str, arguments: list[Decimal]) -> Decimal:
    match name:
        case "min":
            return min(arguments)
        case "max":
            return max(arguments)
    mode = {"ceil": ROUND_CEILING, "floor": ROUND_FLOOR, "round": ROUND_HALF_UP}[name]
    return arguments[0].to_integral_value(mode)
