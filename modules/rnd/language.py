"""Reads the small language of product families.

    rule       := condition ("needs" | "excludes") condition | "always" condition
    condition  := "and" / "or" / "not" over comparisons, with brackets
    comparison := body = BIa | slip in (R11, R12) | name is set | name is not set | W > 900
                | drawers * 140 > H - 80 | slip.barefoot >= 18 | outdoor        (a value only one option has)
    formula    := numbers, options, facts, + - * /, min max ceil floor round, if(condition, a, b)

Nothing is evaluated by Python itself. Errors name the place and say what is known there.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NoReturn, TypeVar

from cosmo.errors import Invalid
from modules.rnd.terms import (
    FUNCTIONS,
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

T = TypeVar("T")
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)(?![\w])|(?P<word>\w+)|'(?P<quoted>[^']*)'"
    r"|(?P<sign><=|>=|!=|[=<>+\-*/(),.]))"
)
_KEYWORDS = {"needs", "excludes", "always", "and", "or", "not", "in", "is", "set", "if"}
_DEPTH = 40


class LanguageError(Invalid):
    """A rule or formula that cannot be read; `detail` says where and why."""

    type, title = "language", "This rule or formula cannot be read"


@dataclass(frozen=True)
class Words:
    """What may be spoken of: choices with their values (and each value's facts), numbers, other options."""

    choices: Mapping[str, Mapping[str, Mapping[str, str]]]
    """option -> value -> fact -> text."""
    numbers: frozenset[str]
    """Numeric options, `quantity`, constants and derived figures."""
    others: frozenset[str]
    """Texts and files: only `is set` applies."""
    facts: frozenset[tuple[str, str]] = frozenset()
    """(option, fact) pairs measured from an upload."""


def number_of(text: str) -> Decimal | None:
    """The number a value or fact spells, or None."""
    return Decimal(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else None


def fact_of(value: str, facts: Mapping[str, str], fact: str | None) -> Decimal | None:
    """A choice's number: the value itself where it spells one, or one of its facts; None if it has none."""
    text = value if fact is None else facts.get(fact, "")
    return number_of(text)


def read_rule(text: str, words: Words) -> Rule:
    return _Reader(text, words).whole(_Reader.rule)


def read_condition(text: str, words: Words) -> Condition:
    return _Reader(text, words).whole(_Reader.condition)


def read_formula(text: str, words: Words) -> Expression:
    return _Reader(text, words).whole(_Reader.expression)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def _tokens(text: str) -> list[_Token]:
    found, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise LanguageError(f"“{text}”: “{text[at:].strip()[:12]}” is not understood.")
        kind = match.lastgroup or ""
        found.append(_Token(kind, match.group(kind), match.start(kind)))
        at = match.end()
    return [*found, _Token("end", "", len(text))]


class _Reader:
    """Recursive descent over one text; `_try` steps back where a bracket may open either kind of thing."""

    def __init__(self, text: str, words: Words) -> None:
        self.text, self.words = text, words
        self.tokens, self.at, self.depth = _tokens(text), 0, 0

    def whole(self, part: "Callable[[_Reader], T]") -> T:
        result = part(self)
        if self.here.kind != "end":
            self.fail(f"“{self.here.text}” is not expected")
        return result

    @property
    def here(self) -> _Token:
        return self.tokens[self.at]

    def fail(self, why: str) -> NoReturn:
        raise LanguageError(f"“{self.text}”, at letter {self.here.at + 1}: {why}.")

    def take(self, *texts: str) -> str | None:
        """Step over one of these signs or keywords, if it stands here."""
        if self.here.kind in ("word", "sign") and self.here.text in texts:
            self.at += 1
            return self.tokens[self.at - 1].text
        return None

    def want(self, text: str) -> None:
        if self.take(text) is None:
            self.fail(f"“{text}” is expected")

    def rule(self) -> Rule:
        if self.take("always"):
            return Rule(And(()), self.condition())
        when = self.condition()
        verb = self.take("needs", "excludes")
        if verb is None:
            self.fail("“needs” or “excludes” is expected")
        then = self.condition()
        return Rule(when, then if verb == "needs" else Not(then))

    def condition(self) -> Condition:
        parts = [self._all()]
        while self.take("or"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _all(self) -> Condition:
        parts = [self._one()]
        while self.take("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _one(self) -> Condition:
        self.depth += 1
        if self.depth > _DEPTH:
            self.fail("there are too many brackets")
        try:
            if self.take("not"):
                return Not(self._one())
            return self._bracketed() or self._comparison()
        finally:
            self.depth -= 1

    def _bracketed(self) -> Condition | None:
        start = self.at
        if self.take("(") is None:
            return None
        try:
            inner = self.condition()
            self.want(")")
        except LanguageError:
            inner = None
        if inner is None or (self.here.kind == "sign" and self.here.text not in ("(", ")", ",")):
            self.at = start  # the bracket belongs to a sum, not to a condition
            return None
        return inner

    def _comparison(self) -> Condition:
        return self._about_choice() or self._about_numbers()

    def _about_choice(self) -> Condition | None:
        """Statements whose left side is an option by name, or a bare value."""
        start = self.at
        name = self._plain_word()
        if name is None:
            return None
        known = name in self.words.choices or name in self.words.others or name in self.words.numbers
        if not known:
            return self._bare(name)
        fact = self._plain_word() if self.take(".") else None
        if self.take("is"):
            return self._set(name)
        said = self._choice_values(name, fact) if name in self.words.choices else None
        if said is None:
            self.at = start
        return said

    def _plain_word(self) -> str | None:
        token = self.here
        if token.kind != "word" or token.text in _KEYWORDS or self._is_call(token):
            return None
        self.at += 1
        return token.text

    def _is_call(self, token: _Token) -> bool:
        """`floor(…)` is a function, `floor` alone may be a value."""
        return token.text in FUNCTIONS and self.tokens[self.at + 1].text == "("

    def _set(self, name: str) -> Condition:
        negated = self.take("not") is not None
        self.want("set")
        return Not(IsSet(name)) if negated else IsSet(name)

    def _bare(self, value: str) -> Is:
        """`outdoor` alone stands for `use = outdoor` where only one option has such a value."""
        owners = [option for option, values in self.words.choices.items() if value in values]
        if len(owners) == 1:
            return Is(owners[0], frozenset({value}))
        self.at -= 1
        if owners:
            self.fail(f"“{value}” is a value of {' and of '.join(owners)}; write {owners[0]} = {value}")
        self.fail(f"“{value}” is neither an option nor a value")

    def _choice_values(self, option: str, fact: str | None) -> Condition | None:
        """`= v`, `!= v`, `in (v, …)`; None where numbers are compared instead."""
        sign = self.take("=", "!=", "in")
        if sign is None:
            return None
        wanted = self._list() if sign == "in" else self._single()
        if wanted is None:
            return None
        chosen = self._matching(option, fact, wanted)
        return Not(Is(option, chosen)) if sign == "!=" else Is(option, chosen)

    def _single(self) -> list[str] | None:
        """One value; None where an expression follows (a number option, or more arithmetic)."""
        token, after = self.here, self.tokens[self.at + 1]
        sums = after.kind == "sign" and after.text in "+-*/."
        if token.kind not in ("word", "number", "quoted") or token.text in self.words.numbers or sums:
            return None
        self.at += 1
        return [token.text]

    def _list(self) -> list[str]:
        self.want("(")
        found: list[str] = []
        while True:
            if self.here.kind not in ("word", "number", "quoted"):
                self.fail("a value is expected")
            found.append(self.here.text)
            self.at += 1
            if not self.take(","):
                break
        self.want(")")
        return found

    def _matching(self, option: str, fact: str | None, wanted: list[str]) -> frozenset[str]:
        values = self.words.choices[option]
        spoken = {value: (value if fact is None else facts.get(fact, "")) for value, facts in values.items()}
        unknown = [word for word in wanted if word not in spoken.values()]
        if unknown:
            self.fail(f"{option}{'.' + fact if fact else ''} has no value “{unknown[0]}”")
        return frozenset(value for value, word in spoken.items() if word in wanted)

    def _about_numbers(self) -> Condition:
        left = self.expression()
        sign = self.take(*RELATIONS)
        if sign is None:
            self.fail("a comparison is expected")
        return self._narrowed(Compare(sign, left, self.expression()))

    def _narrowed(self, compare: Compare) -> Condition:
        """A comparison of one choice with a plain number is a set of its values."""
        match compare:
            case Compare(sign, Variable(name, fact), Number(limit)) if name in self.words.choices:
                values = self.words.choices[name]
                numbers = {value: fact_of(value, facts, fact) for value, facts in values.items()}
                passes = RELATIONS[sign]
                return Is(
                    name, frozenset(v for v, n in numbers.items() if n is not None and passes(n, limit))
                )
            case _:
                return compare

    def expression(self) -> Expression:
        left = self._term()
        while sign := self.take("+", "-"):
            left = Arithmetic(sign, left, self._term())
        return left

    def _term(self) -> Expression:
        left = self._factor()
        while sign := self.take("*", "/"):
            left = Arithmetic(sign, left, self._factor())
        return left

    def _factor(self) -> Expression:
        self.depth += 1
        if self.depth > _DEPTH:
            self.fail("there are too many brackets")
        try:
            return self._atom()
        finally:
            self.depth -= 1

    def _atom(self) -> Expression:
        if self.here.kind == "number":
            self.at += 1
            return Number(Decimal(self.tokens[self.at - 1].text))
        if self.take("-"):
            return Arithmetic("-", Number(Decimal(0)), self._factor())
        if self.take("("):
            inner = self.expression()
            self.want(")")
            return inner
        return self._named()

    def _named(self) -> Expression:
        if self.take("if"):
            return self._choose()
        if self._is_call(self.here):
            self.at += 1
            return Call(self.tokens[self.at - 1].text, self._arguments())
        name = self._plain_word()
        if name is None:
            self.fail("a number is expected")
        return self._variable(name, self._plain_word() if self.take(".") else None)

    def _choose(self) -> Expression:
        self.want("(")
        condition = self.condition()
        self.want(",")
        then = self.expression()
        self.want(",")
        otherwise = self.expression()
        self.want(")")
        return Choose(condition, then, otherwise)

    def _arguments(self) -> tuple[Expression, ...]:
        self.want("(")
        found = [self.expression()]
        while self.take(","):
            found.append(self.expression())
        self.want(")")
        return tuple(found)

    def _variable(self, name: str, fact: str | None) -> Variable:
        if name in self.words.numbers and fact is None:
            return Variable(name)
        if (name, fact) in self.words.facts:
            return Variable(name, fact)
        if name in self.words.choices and self._has_number(name, fact):
            return Variable(name, fact)
        self.at -= 1
        if name in self.words.choices and fact is None:
            self.fail(f"say what “{name}” should be, as in {name} = {min(self.words.choices[name])}")
        self.fail(f"“{name}{'.' + fact if fact else ''}” is not a number known here")

    def _has_number(self, option: str, fact: str | None) -> bool:
        values = self.words.choices[option]
        return any(fact_of(value, facts, fact) is not None for value, facts in values.items())
