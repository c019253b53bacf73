"""Formulas and conditions made into functions once, for what is worked out again and again.

They come to what the plain reading in `evaluate` comes to; tests compare the two.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import TypeAlias

from modules.rnd.evaluate import Absent, Facts, call, divided
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
    Variable,
)

Formula: TypeAlias = Callable[[Facts], Decimal]
"""The exact value; raises `Absent` where something it reads is not there."""
Check: TypeAlias = Callable[[Facts], bool]


def formula(expression: Expression) -> Formula:
    match expression:
        case Number(value):
            return lambda facts: value
        case Variable():
            return _read(expression)
        case Arithmetic(sign, left, right):
            return _arithmetic(sign, formula(left), formula(right))
        case Call(name, arguments):
            ready = [formula(argument) for argument in arguments]
            return lambda facts: call(name, [one(facts) for one in ready])
        case Choose(condition, then, otherwise):
            holds, first, second = check(condition), formula(then), formula(otherwise)
            return lambda facts: first(facts) if holds(facts) else second(facts)


def check(condition: Condition) -> Check:
    match condition:
        case Is(option, values):
            return lambda facts: facts.chosen.get(option) in values
        case IsSet(option):
            return lambda facts: option in facts.given
        case Not(part):
            holds = check(part)
            return lambda facts: not holds(facts)
        case And(parts):
            every = [check(part) for part in parts]
            return lambda facts: all(one(facts) for one in every)
        case Or(parts):
            some = [check(part) for part in parts]
            return lambda facts: any(one(facts) for one in some)
        case Compare():
            return _compare(condition)


def _read(variable: Variable) -> Formula:
    name = str(variable)

    def read(facts: Facts) -> Decimal:
        found = facts.numbers.get(name)
        if found is None:
            raise Absent(variable)
        return found

    return read


def _arithmetic(sign: str, left: Formula, right: Formula) -> Formula:
    match sign:
        case "+":
            return lambda facts: left(facts) + right(facts)
        case "-":
            return lambda facts: left(facts) - right(facts)
        case "*":
            return lambda facts: left(facts) * right(facts)
    return lambda facts: divided(left(facts), right(facts))


def _compare(compare: Compare) -> Check:
    relation, left, right = RELATIONS[compare.sign], formula(compare.left), formula(compare.right)

    def holds(facts: Facts) -> bool:
        try:
            return relation(left(facts), right(facts))
        except Absent:
            return False

    return holds
