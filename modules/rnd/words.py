"""The engine's answers in a reader's language."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from cosmo.formats import lower_first, number
from cosmo.i18n import N_, gettext, pick, sentences
from cosmo.ports import Answer, ConflictFound, DomainValue
from cosmo.spec import Names
from modules.rnd.family import Option
from modules.rnd.keeping import made_once
from modules.rnd.mending import Repair
from modules.rnd.product import Product, ReadRule
from modules.rnd.reply import Reading, Reply, Room
from modules.rnd.selections import Change, Given, Problem, State
from modules.rnd.solver import Blame
from modules.rnd.terms import QUANTITY

_MOST_REASONS = 2
_MOST_KEPT = 3
_SAID_KEPT = 5_000
_COMMA = {"zh": "、"}


def answer(
    product: Product,
    selections: Mapping[str, Any],
    state: State,
    reply: Reply,
    locale: str,
    extra: Iterable[Problem] = (),
) -> Answer:
    """The port's answer; `extra` are problems found outside the solver (checks on uploads)."""
    said = _Speaker(product, locale)
    problems = [*state.problems, *extra]
    conflicts = [said.clash(blame) for blame in reply.clashes] + [
        said.problem(problem) for problem in problems
    ]
    return Answer(
        selections=dict(selections),
        domains={
            name: tuple(said.value(name, reading) for reading in readings)
            for name, readings in reply.domains.items()
        },
        inputs={
            option.id: said.input(option, reply)
            for option in product.options.values()
            if not option.enumerable
        },
        complete=reply.complete and not problems,
        conflicts=tuple(conflicts),
    )


def conflicts(
    product: Product, clashes: Iterable[Blame], problems: Iterable[Problem], locale: str
) -> list[ConflictFound]:
    """Contradictions and impossible values, for a refusal."""
    said = _Speaker(product, locale)
    return [said.clash(blame) for blame in clashes] + [said.problem(problem) for problem in problems]


def missing(product: Product, names: Iterable[str], locale: str) -> list[ConflictFound]:
    """One entry for each option that is still to be chosen."""
    return [
        ConflictFound(
            "missing",
            (name,),
            gettext(locale, N_("Choose {option}."), option=pick(product.options[name].name, locale)),
        )
        for name in names
    ]


def repairs(
    product: Product, state: State, clashes: Sequence[Blame], ways: Iterable[Repair], locale: str
) -> list[str]:
    """Each way out as the words of its button: what is kept of what it fought with, and what is changed."""
    said = _Speaker(product, locale)
    return [said.repair(state, clashes, way) for way in ways]


def fill(msgid: str, values: Mapping[str, Any], locale: str) -> str:
    """A sentence with its values: texts in several languages are picked, numbers written as the reader
    writes them.
    """
    return gettext(locale, msgid, **{name: _written(value, locale) for name, value in values.items()})


def _written(value: Any, locale: str) -> Any:
    if isinstance(value, dict):
        return pick(value, locale)
    if isinstance(value, list):
        return _COMMA.get(locale, ", ").join(str(_written(one, locale)) for one in value)
    return number(value, locale) if isinstance(value, (int, Decimal)) else value


class _Speaker:
    def __init__(self, product: Product, locale: str) -> None:
        self.product, self.locale = product, locale

    def _(self, msgid: str, **values: Any) -> str:
        return gettext(self.locale, msgid, **values)

    def pick(self, names: Names) -> str:
        return pick(names, self.locale)

    def _rules(self, blame: Blame) -> list[ReadRule]:
        return [self.product.rules[index] for index in blame.rules]

    def clash(self, blame: Blame) -> ConflictFound:
        rules = self._rules(blame)
        sentence = self._joined(self.pick(rule.why) for rule in rules)
        return ConflictFound(", ".join(rule.id for rule in rules) or "value", blame.options, sentence)

    def _joined(self, said: Iterable[str]) -> str:
        return sentences(dict.fromkeys(said), self.locale)

    def problem(self, problem: Problem) -> ConflictFound:
        return ConflictFound(
            problem.rule, problem.options, fill(problem.msgid, problem.values, self.locale).strip()
        )

    def why(self, blames: tuple[Blame, ...]) -> str:
        return self._joined(
            self.pick(rule.why) for blame in blames[:_MOST_REASONS] for rule in self._rules(blame)
        )

    def value(self, name: str, reading: Reading) -> DomainValue:
        if not reading.available:
            return self._shut(name, reading)
        key = (self.locale, name, reading.value)
        said = self.product.said.get(key)
        if said is None:
            said = self.product.said[key] = self._in_words(name, reading)
        return said

    def _shut(self, name: str, reading: Reading) -> DomainValue:
        """Said once for the same rules and the same way out, as long as there is room."""
        rules, frees = [blame.rules for blame in reading.blames[:_MOST_REASONS]], reading.frees
        key = (self.locale, name, reading.value, *rules, _way_key(frees))
        return made_once(self.product.shut, key, _SAID_KEPT, lambda: self._in_words(name, reading))

    def _in_words(self, name: str, reading: Reading) -> DomainValue:
        value = self.product.options[name].value(reading.value)
        assert value is not None
        frees, label = self._way_out(reading.frees)
        return DomainValue(
            value=reading.value,
            label=self.pick(value.name),
            available=reading.available,
            why=self.why(reading.blames),
            frees=frees,
            frees_label=label,
            swatch=value.swatch or "",
            picture=value.picture or "",
        )

    def _way_out(self, change: Change | None) -> tuple[dict[str, Any] | None, str]:
        """The change as a selection (an empty text clears), and the words of the link that makes it."""
        if change is None:
            return None, ""
        if change.option == QUANTITY:
            assert isinstance(change.value, Decimal)
            wanted = int(change.value)
            return {QUANTITY: wanted}, self._(N_("Order {n} to free it"), n=number(wanted, self.locale))
        option = self.product.options[change.option]
        if change.value is None:
            return {option.id: ""}, self._(N_("Leave out {option} to free it"), option=self.pick(option.name))
        return {option.id: plain(change.value)}, self._switch(option, change)

    def _switch(self, option: Option, change: Change) -> str:
        """Said once of each value of a choice."""
        key = (self.locale, option.id, str(change.value))
        said = self.product.freed.get(key)
        if said is None:
            said = self._(N_("Switch to {value} to free it"), value=self._named(option, change))
            if option.enumerable:
                self.product.freed[key] = said
        return said

    def _named(self, option: Option, change: Change) -> str:
        if isinstance(change.value, Decimal):
            return f"{self.pick(option.name)} {number(change.value, self.locale)} {option.unit}".strip()
        value = option.value(str(change.value))
        label = self.pick(value.name) if value else str(change.value)
        bare = value is not None and value.id in ("none", "no", "0", "yes")
        wordless = not any(letter.isalpha() for letter in label)
        return f"{self.pick(option.name)}: {label}" if bare or wordless else label

    def repair(self, state: State, clashes: Sequence[Blame], way: Repair) -> str:
        """Keep matt and take stoneware."""
        changes = self._changes(way)
        fought = [name for clash in clashes if way.options & set(clash.options) for name in clash.options]
        kept = [name for name in dict.fromkeys(fought) if name not in way.options][:_MOST_KEPT]
        if kept:
            listed = self._listed(self._kept(state, name) for name in kept)
            msgid = N_("keep {kept} and {change}") if len(kept) == 1 else N_("keep {kept}, {change}")
            changes = self._(msgid, kept=listed, change=changes)
        return changes[:1].upper() + changes[1:]

    def _changes(self, way: Repair) -> str:
        taken = [c for c in way.changes if c.value is not None and c.option != QUANTITY]
        left = [c for c in way.changes if c.value is None]
        said = [
            self._(N_("take {values}"), values=self._listed(self._short(c) for c in taken)) if taken else "",
            self._(N_("leave out {options}"), options=self._listed(self._optional(c.option) for c in left))
            if left
            else "",
            *(self._ordered(c.value) for c in way.changes if c.option == QUANTITY),
        ]
        first, *rest = [clause for clause in said if clause]
        for clause in rest:
            first = self._(N_("{first} and {second}"), first=first, second=clause)
        return first

    def _ordered(self, value: Given | None) -> str:
        assert isinstance(value, Decimal)
        return self._(N_("order {n}"), n=number(value, self.locale))

    def _short(self, change: Change) -> str:
        return lower_first(self._named(self.product.options[change.option], change), self.locale)

    def _optional(self, name: str) -> str:
        return lower_first(self.pick(self.product.options[name].name), self.locale)

    def _kept(self, state: State, name: str) -> str:
        if name == QUANTITY:
            assert state.quantity is not None
            return self._(N_("quantity {n}"), n=number(state.quantity, self.locale))
        option = self.product.options[name]
        if option.type in ("text", "file"):
            return self._optional(name)
        return self._short(Change(name, state.given[name]))

    def _listed(self, words: Iterable[str]) -> str:
        *first, last = words
        if not first:
            return last
        comma = _COMMA.get(self.locale, ", ")
        return self._(N_("{these} and {that}"), these=comma.join(first), that=last)

    def input(self, option: Option, reply: Reply) -> dict[str, Any]:
        """What a field needs; `min` and `max` are what is possible now, `why` says what makes them
        narrower.
        """
        room = reply.rooms.get(option.id)
        told: dict[str, Any] = {
            "type": option.type,
            "required": reply.required[option.id],
            "label": self.pick(option.name),
            "min": None,
            "max": option.max_length if option.type == "text" else None,
            "step": None,
            "accept": list(option.accept),
            "unit": option.unit,
            "why": "",
        }
        return {**told, **self._room(option, room)} if room else told

    def _room(self, option: Option, room: Room) -> dict[str, Any]:
        return {
            "min": plain(room.low),
            "max": plain(room.high),
            "step": plain(option.step),
            "why": self.why(room.blames),
        }


def plain(value: Given | None) -> str | int | float:
    """Numbers as JSON has them; an empty text for nothing."""
    if value is None or isinstance(value, str):
        return value or ""
    return int(value) if value == value.to_integral_value() else float(value)


def _way_key(change: Change | None) -> tuple[str, str | None] | None:
    """Ways that are said alike: 10 and 10.0 are equal, but not written alike."""
    if change is None:
        return None
    return change.option, None if change.value is None else str(change.value)
