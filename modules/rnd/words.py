"""The engine's answers in a reader's language."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from cosmo.formats import number
from cosmo.i18n import N_, gettext, pick
from cosmo.ports import Answer, ConflictFound, DomainValue
from cosmo.spec import Names
from modules.rnd.engine import Change, Reading, Reply, Room
from modules.rnd.family import Option
from modules.rnd.product import Product, ReadRule
from modules.rnd.selections import Problem, State
from modules.rnd.solver import Blame
from modules.rnd.terms import QUANTITY

_MOST_REASONS = 2
_SPACE = {"zh": ""}


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


def fill(msgid: str, values: Mapping[str, Any], locale: str) -> str:
    """A sentence with its values: texts in several languages are picked, numbers written as the reader
    writes them.
    """
    return gettext(locale, msgid, **{name: _written(value, locale) for name, value in values.items()})


def _written(value: Any, locale: str) -> Any:
    if isinstance(value, dict):
        return pick(value, locale)
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

    def _joined(self, sentences: Iterable[str]) -> str:
        return _SPACE.get(self.locale, " ").join(dict.fromkeys(sentences))

    def problem(self, problem: Problem) -> ConflictFound:
        return ConflictFound(
            problem.rule, problem.options, fill(problem.msgid, problem.values, self.locale).strip()
        )

    def why(self, blames: tuple[Blame, ...]) -> str:
        return self._joined(
            self.pick(rule.why) for blame in blames[:_MOST_REASONS] for rule in self._rules(blame)
        )

    def value(self, name: str, reading: Reading) -> DomainValue:
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
        return {option.id: _plain(change.value)}, self._(
            N_("Switch to {value} to free it"), value=self._named(option, change)
        )

    def _named(self, option: Option, change: Change) -> str:
        if isinstance(change.value, Decimal):
            return f"{self.pick(option.name)} {number(change.value, self.locale)} {option.unit}".strip()
        value = option.value(str(change.value))
        label = self.pick(value.name) if value else str(change.value)
        plain = value is not None and value.id in ("none", "no", "0", "yes")
        return f"{self.pick(option.name)}: {label}" if plain else label

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
            "min": _plain(room.low),
            "max": _plain(room.high),
            "step": _plain(option.step),
            "why": self.why(room.blames),
        }


def _plain(value: str | Decimal) -> str | int | float:
    """Numbers as JSON has them."""
    if isinstance(value, str):
        return value
    return int(value) if value == value.to_integral_value() else float(value)
