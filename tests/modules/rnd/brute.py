"""The rules once more, the slow way: does any complete configuration agree with what is given?

Shares no code with the solver's encoding: rules are evaluated on whole configurations, found by trying every
value of the options they speak of.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from modules.rnd.evaluate import keeps
from modules.rnd.product import Product, ReadRule
from modules.rnd.selections import State, facts_of
from tests.modules.rnd.families import marks_of

ABSENT = "-"


class Brute:
    """Tries every combination. Rules that share no undecided option are tried apart."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.marks = marks_of(product)
        self.known: dict[tuple[object, ...], bool] = {}
        self.names = {rule.id: frozenset(rule.options) for rule in product.rules}

    def possible(self, state: State) -> bool:
        """Whether some completion of `state` keeps every rule."""
        return all(self._part_possible(state, rules) for rules in self._parts(state))

    def _undecided(self, state: State, rule: ReadRule) -> set[str]:
        """Names of the rule that are not given, and uploads some of whose measures are not known."""
        return {name for name in self.names[rule.id] if not self._decided(state, name)}

    def _decided(self, state: State, name: str) -> bool:
        if name == "quantity":
            return state.quantity is not None
        if name not in state.given:
            return False
        return all(f"{name}.{fact}" in state.measured for fact in self.product.options[name].facts)

    def _parts(self, state: State) -> list[list[ReadRule]]:
        parts: list[tuple[set[str], list[ReadRule]]] = []
        for rule in self.product.rules:
            names, rules = self._undecided(state, rule), [rule]
            for part in [part for part in parts if part[0] & names]:
                parts.remove(part)
                names, rules = names | part[0], part[1] + rules
            parts.append((names, rules))
        return [rules for _, rules in parts]

    def _part_possible(self, state: State, rules: list[ReadRule]) -> bool:
        names = sorted(frozenset().union(*(self.names[rule.id] for rule in rules)))
        part = only(state, names)
        told = (part.quantity, *part.given.items(), *part.measured.items())
        key = (tuple(rule.id for rule in rules), told)
        if key not in self.known:
            self.known[key] = self._extend(
                part, sorted(names, key=lambda n: not self._decided(part, n)), set(), rules
            )
        return self.known[key]

    def _extend(self, state: State, names: list[str], done: set[str], open_rules: list[ReadRule]) -> bool:
        """Decide the next name in every way; what is given comes first, so that it breaks at once."""
        due = [rule for rule in open_rules if done >= self.names[rule.id]]
        if due:
            facts = facts_of(self.product, state)
            if not all(keeps(rule.rule, facts) for rule in due):
                return False
        left = [rule for rule in open_rules if rule not in due]
        if not left:
            return True
        name, *rest = [name for name in names if any(name in self.names[rule.id] for rule in left)]
        return any(self._extend(one, rest, done | {name}, left) for one in self._values(state, name))

    def _values(self, state: State, name: str) -> Iterator[State]:
        if name == "quantity":
            if state.quantity is not None:
                yield state
            else:
                yield from (replace(state, quantity=number) for number in self.marks[name])
            return
        option = self.product.options[name]
        if name in state.given:
            yield from self._measures(state, name)
            return
        if option.optional:
            yield state
        if option.enumerable:
            yield from (_with(state, name, value.id) for value in option.values)
        elif option.numeric:
            yield from (_with(state, name, number) for number in self.marks[name])
        else:
            yield from self._measures(_with(state, name, "x"), name)

    def _measures(self, state: State, name: str) -> Iterator[State]:
        """Every combination of measures not known yet."""
        for fact in self.product.options[name].facts:
            full = f"{name}.{fact}"
            if full not in state.measured:
                for number in self.marks[full]:
                    measured = {**state.measured, full: number}
                    yield from self._measures(replace(state, measured=measured), name)
                return
        yield state


def _with(state: State, name: str, value: str | Decimal) -> State:
    return replace(state, given={**state.given, name: value})


def without(state: State, name: str) -> State:
    """`state` with one option (or the quantity) taken back."""
    if name == "quantity":
        return replace(state, quantity=None)
    given = {key: value for key, value in state.given.items() if key != name}
    measured: Mapping[str, Decimal] = {k: v for k, v in state.measured.items() if k.partition(".")[0] != name}
    return replace(state, given=given, measured=measured)


def choosing(state: State, name: str, value: str | Decimal) -> State:
    return replace(state, quantity=Decimal(value)) if name == "quantity" else _with(state, name, value)


def only(state: State, names: Collection[str]) -> State:
    """`state` with nothing but these options."""
    return State(
        {name: state.given[name] for name in names if name in state.given},
        state.quantity if "quantity" in names else None,
        {fact: number for fact, number in state.measured.items() if fact.partition(".")[0] in names},
    )
