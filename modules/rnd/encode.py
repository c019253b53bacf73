"""Turns a product's rules into clauses for the solver.

One variable for each value of a choice; numbers are order-encoded over the places where a rule changes its
mind (`width > 900` needs only "width is at least 910"); texts, files and optional numbers have one variable
*is set*. Each rule is guarded by its own selector, so that a contradiction names the rules it needs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from itertools import product as combinations

from modules.rnd.evaluate import Absent, Facts, number
from modules.rnd.family import FamilyError
from modules.rnd.language import LanguageError, fact_of
from modules.rnd.product import Product, ReadRule
from modules.rnd.terms import (
    QUANTITY,
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
    Or,
    Variable,
    variables,
)

MOST_COMBINATIONS = 200_000
"""A comparison that would need more cases than this is refused when the family is read."""
TRUE = 1


class Encoding:
    """Clauses and the variables' meaning. `rules[i]` is the selector of the product's i-th rule."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.clauses: list[list[int]] = [[TRUE]]
        self.last = TRUE
        self.choice: dict[tuple[str, str], int] = {}
        self.given: dict[str, int] = {}
        self.order: dict[str, dict[int, int]] = {}
        self.gates: dict[int, tuple[int, ...]] = {}
        """Literal -> those of which at least one must be true for it to be."""
        self._gate_of: dict[tuple[int, ...], int] = {}
        for option in product.options.values():
            self._declare(option.id)
        self.sides: list[tuple[int, int]] = []
        """For each rule the literals of what it begins with and of what it then asks for."""
        self.rules = [self._rule(read) for read in product.rules]
        self._chains()

    def fresh(self) -> int:
        self.last += 1
        return self.last

    def _declare(self, option_id: str) -> None:
        option = self.product.options[option_id]
        if not option.enumerable:
            self.given[option_id] = self.fresh() if option.optional else TRUE
            return
        values = [self.fresh() for _ in option.values]
        self.choice |= {(option_id, value.id): var for value, var in zip(option.values, values, strict=True)}
        self.clauses += [[-a, -b] for i, a in enumerate(values) for b in values[:i]]
        self.given[option_id] = self.any_of(values)
        if not option.optional:
            self.clauses.append(values)

    def _rule(self, read: ReadRule) -> int:
        selector = self.fresh()
        try:
            when, then = self.literal(read.rule.when), self.literal(read.rule.then)
        except LanguageError as error:
            raise FamilyError(f"Rule {read.id}: {error.detail}", read.text) from None
        self.sides.append((when, then))
        self.clauses.append([-selector, -when, then])
        return selector

    def _chains(self) -> None:
        """At least k+1 implies at least k."""
        for marks in self.order.values():
            places = sorted(marks)
            self.clauses += [[-marks[high], marks[low]] for low, high in pairwise(places)]

    def literal(self, condition: Condition) -> int:
        """A literal that is true exactly when the condition holds."""
        match condition:
            case Is(option, values):
                return self.any_of([self.choice[option, value] for value in sorted(values)])
            case IsSet(option):
                return self.given[option]
            case Not(part):
                return -self.literal(part)
            case And(parts):
                return self.all_of([self.literal(part) for part in parts])
            case Or(parts):
                return self.any_of([self.literal(part) for part in parts])
            case Compare():
                return _Comparison(self, condition).literal()

    def all_of(self, literals: Sequence[int]) -> int:
        return -self.any_of([-literal for literal in literals])

    def any_of(self, literals: Sequence[int]) -> int:
        """A literal equal to the disjunction; constants and single literals make no new variable."""
        wanted = sorted({lit for lit in literals if lit != -TRUE})
        if TRUE in wanted or any(-lit in wanted for lit in wanted):
            return TRUE
        if len(wanted) < 2:
            return wanted[0] if wanted else -TRUE
        key = tuple(wanted)
        if key not in self._gate_of:
            gate = self._gate_of[key] = self.fresh()
            self.gates[gate] = key
            self.clauses += [[gate, -lit] for lit in wanted] + [[-gate, *wanted]]
        return self._gate_of[key]

    def at_least(self, dimension: str, place: int) -> int:
        """The literal *the number stands at `place` of its scale or above*."""
        if place <= 0:
            return TRUE
        if place >= self.product.scale(dimension).count():
            return -TRUE
        marks = self.order.setdefault(dimension, {})
        if place not in marks:
            marks[place] = self.fresh()
        return marks[place]

    def number_literals(self, dimension: str, value: Decimal) -> list[int]:
        """What is known when a number is given: its side of every mark."""
        scale = self.product.scale(dimension)
        return [
            var if value >= scale.at(place) else -var
            for place, var in sorted(self.order.get(dimension, {}).items())
        ]

    def cells(self, dimension: str) -> list[tuple[Decimal, Decimal]]:
        """The stretches of a number within which no rule changes its mind, lowest first."""
        scale = self.product.scale(dimension)
        edges = [0, *sorted(self.order.get(dimension, {})), scale.count()]
        return [(scale.at(low), scale.at(high - 1)) for low, high in pairwise(edges)]


@dataclass(frozen=True, slots=True)
class _Case:
    """One value of one dimension: its literal and the numbers that go with it."""

    literal: int
    numbers: dict[str, Decimal]


class _Comparison:
    """Compiles a comparison by cases over all its dimensions but the longest number, which is cut into
    stretches; where there is no number, over all but the longest choice, of which values go together."""

    def __init__(self, encoding: Encoding, compare: Compare) -> None:
        self.encoding, self.compare = encoding, compare
        self.product = encoding.product
        if _has_choose(compare.left) or _has_choose(compare.right):
            raise LanguageError("if(…) is for formulas; in rules write one rule for each case.")
        found = dict.fromkeys(self._dimension(variable) for variable in variables(compare))
        numeric = [name for name in found if name not in self.product.options or not self._is_choice(name)]
        self.inner = max(numeric, key=lambda name: self.product.scale(name).count(), default=None)
        choices = [] if numeric else found
        self.choice = max(choices, key=lambda name: len(self.product.options[name].values), default=None)
        self.outer = [name for name in found if name not in (self.inner, self.choice)]

    def _is_choice(self, name: str) -> bool:
        return self.product.options[name].enumerable

    def _dimension(self, variable: Variable) -> str:
        """A choice's facts move together; each measured fact of an upload moves on its own."""
        option = self.product.options.get(variable.name)
        return str(variable) if option and option.type == "file" else variable.name

    def literal(self) -> int:
        cases = [self._cases(name) for name in self.outer]
        self._refuse_if_huge(cases)
        alternatives = []
        for combination in combinations(*cases):
            numbers = {key: value for case in combination for key, value in case.numbers.items()}
            sides = [case.literal for case in combination]
            alternatives.append(self.encoding.all_of([*sides, self._inner_literal(numbers)]))
        return self.encoding.all_of([*self._presence(), self.encoding.any_of(alternatives)])

    def _refuse_if_huge(self, cases: list[list[_Case]]) -> None:
        size = 1
        for each in cases:
            size *= len(each)
        if self.choice:
            size *= len(self.product.options[self.choice].values)
        if self.inner and not self._straight():
            size *= self.product.scale(self.inner).count()
        if size > MOST_COMBINATIONS:
            raise LanguageError("A comparison in a rule has too many cases; split it or use coarser steps.")

    def _presence(self) -> list[int]:
        names = [*self.outer, *filter(None, (self.inner, self.choice))]
        owners = {name.partition(".")[0] for name in names if name != QUANTITY}
        return [self.encoding.given[name] for name in sorted(owners)]

    def _cases(self, name: str) -> list[_Case]:
        if name in self.product.options and self._is_choice(name):
            return list(self._choice_cases(name))
        scale = self.product.scale(name)
        return [
            _Case(
                self.encoding.all_of([self.encoding.at_least(name, k), -self.encoding.at_least(name, k + 1)]),
                {name: scale.at(k)},
            )
            for k in range(scale.count())
        ]

    def _choice_cases(self, name: str) -> Iterator[_Case]:
        for value in self.product.options[name].values:
            facts: list[str | None] = [None, *value.facts]
            numbers = {
                str(Variable(name, fact)): found
                for fact in facts
                if (found := fact_of(value.id, value.facts, fact)) is not None
            }
            yield _Case(self.encoding.choice[name, value.id], numbers)

    def _inner_literal(self, numbers: dict[str, Decimal]) -> int:
        if self.choice is not None:
            cases = self._choice_cases(self.choice)
            sign = self.compare.sign
            return self.encoding.any_of(
                [case.literal for case in cases if self._true(sign, {**numbers, **case.numbers})]
            )
        if self.inner is None:
            return TRUE if self._true(self.compare.sign, numbers) else -TRUE
        if self._straight():
            return self._by_bisection(self.inner, numbers)
        places = range(self.product.scale(self.inner).count())
        return self._stretches([k for k in places if self._at(self.compare.sign, k, numbers)])

    def _true(self, sign: str, numbers: dict[str, Decimal]) -> bool:
        facts = Facts(numbers=numbers)
        try:
            return RELATIONS[sign](number(self.compare.left, facts), number(self.compare.right, facts))
        except Absent:
            return False

    def _at(self, sign: str, place: int, numbers: dict[str, Decimal]) -> bool:
        assert self.inner is not None
        return self._true(sign, {**numbers, self.inner: self.product.scale(self.inner).at(place)})

    def _straight(self) -> bool:
        """Whether the longest dimension enters as a straight line, so that its truth flips at most once."""
        assert self.inner is not None
        return all(_degree(side, self.inner) <= 1 for side in (self.compare.left, self.compare.right))

    def _by_bisection(self, name: str, numbers: dict[str, Decimal]) -> int:
        match self.compare.sign:
            case "=":
                return self.encoding.all_of(
                    [self._half(name, "<=", numbers), self._half(name, ">=", numbers)]
                )
            case "!=":
                return self.encoding.any_of([self._half(name, "<", numbers), self._half(name, ">", numbers)])
        return self._half(name, self.compare.sign, numbers)

    def _half(self, name: str, sign: str, numbers: dict[str, Decimal]) -> int:
        """The literal of a monotone comparison: true up to a place, or from a place on."""
        low, high = 0, self.product.scale(name).count() - 1
        first, last = self._at(sign, low, numbers), self._at(sign, high, numbers)
        if first == last:
            return TRUE if first else -TRUE
        while high - low > 1:
            middle = (low + high) // 2
            if self._at(sign, middle, numbers) == first:
                low = middle
            else:
                high = middle
        mark = self.encoding.at_least(name, high)
        return -mark if first else mark

    def _stretches(self, places: list[int]) -> int:
        assert self.inner is not None
        ends: list[list[int]] = []
        for place in places:
            if ends and ends[-1][1] == place - 1:
                ends[-1][1] = place
            else:
                ends.append([place, place])
        at_least = self.encoding.at_least
        inner = self.inner
        return self.encoding.any_of(
            [self.encoding.all_of([at_least(inner, low), -at_least(inner, high + 1)]) for low, high in ends]
        )


def _has_choose(expression: Expression) -> bool:
    match expression:
        case Choose():
            return True
        case Arithmetic(_, left, right):
            return _has_choose(left) or _has_choose(right)
        case Call(_, arguments):
            return any(_has_choose(argument) for argument in arguments)
    return False


def _degree(expression: Expression, name: str) -> int:
    """0: does not read `name`; 1: straight in it; 2: anything else."""
    match expression:
        case Variable():
            return int(str(expression) == name or expression.name == name)
        case Arithmetic(sign, left, right):
            a, b = _degree(left, name), _degree(right, name)
            if sign in "+-":
                return max(a, b)
            return 2 if b and (a or sign == "/") else a + b
        case _:
            return 2 if any(name in (str(v), v.name) for v in variables(expression)) else 0
