"""Formulas and conditions made into functions come to what the plain reading of them comes to."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial

import pytest

from modules.rnd import formulas
from modules.rnd.evaluate import Absent, Facts, holds, number
from modules.rnd.language import LanguageError
from modules.rnd.product import Product, _texts
from modules.rnd.selections import facts_of
from modules.rnd.terms import (
    And,
    Arithmetic,
    Call,
    Choose,
    Compare,
    Expression,
    Is,
    IsSet,
    Not,
    Number,
    Or,
    Variable,
)
from tests.modules.rnd.families import SLUGS, draws, product

W, H, WALL = Variable("W"), Variable("H"), Variable("artwork", "wall")
TALL, POOL, SET = Compare(">", H, W), Is("use", frozenset({"pool"})), IsSet("artwork")
FACTS = [
    Facts({"use": use}, frozenset({"use", *given}), {name: Decimal(value) for name, value in numbers.items()})
    for use in ("pool", "wall")
    for given in ((), ("artwork",))
    for numbers in ({}, {"W": "3"}, {"W": "3", "H": "7.5"}, {"W": "3", "H": "3", "artwork.wall": "0.8"})
]


def told(work: Callable[[], object]) -> object:
    """What comes of it: a value, or which refusal with which words."""
    try:
        return repr(work())
    except (Absent, LanguageError) as error:
        return type(error).__name__, str(error)


@pytest.mark.parametrize("sign", ["+", "-", "*", "/"])
def test_every_sum_is_the_same(sign: str) -> None:
    for right in (H, Number(Decimal(0)), WALL):
        _same_number(Arithmetic(sign, W, right))


@pytest.mark.parametrize("name", ["min", "max", "ceil", "floor", "round"])
def test_every_function_is_the_same(name: str) -> None:
    _same_number(Call(name, (H,)))
    _same_number(Call(name, (Arithmetic("/", W, H), WALL)))


def test_a_case_that_does_not_apply_is_not_worked_out() -> None:
    _same_number(Choose(POOL, W, Arithmetic("/", W, Number(Decimal(0)))))
    _same_number(Choose(TALL, WALL, H))


@pytest.mark.parametrize("sign", ["=", "!=", "<", "<=", ">", ">="])
def test_every_condition_is_the_same(sign: str) -> None:
    compare, said = Compare(sign, H, W), set()
    for condition in (compare, Not(compare), And((POOL, compare)), Or((SET, compare, POOL)), Or(()), And(())):
        ready = formulas.check(condition)
        for facts in FACTS:
            assert ready(facts) == holds(condition, facts), (condition, facts)
            said.add(ready(facts))
    assert said == {True, False}


def _same_number(expression: Expression) -> None:
    ready = formulas.formula(expression)
    for facts in FACTS:
        plain = told(partial(number, expression, facts))
        assert told(partial(ready, facts)) == plain, (expression, facts)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_formula_of_the_families_is_the_same(slug: str) -> None:
    made, numbers = product(slug), set()
    for state in draws(slug, 25, seed=5):
        facts = facts_of(made, state, {**made.family.making.constants, "good": Decimal(48)})
        numbers |= {_compared(made, kind, text, facts) for _, kind, text in _texts(made.family) if text}
    assert len(numbers) > 10


def _compared(made: Product, kind: str, text: str, facts: Facts) -> object:
    facts = replace(facts, numbers={**facts.numbers, "start": Decimal(50), "pieces": Decimal(49)})
    if kind == "formula":
        plain = told(lambda: number(made.formula(text), facts))
        assert told(lambda: made.worked(text)(facts)) == plain, text
        return plain
    assert made.checked(text)(facts) == holds(made.condition(text), facts), text
    return None
