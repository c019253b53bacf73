"""What a customer has chosen, read against the product: values in their types, and what cannot be a value."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from cosmo.errors import Invalid
from cosmo.i18n import N_
from modules.rnd.evaluate import Facts
from modules.rnd.family import Option, Scale
from modules.rnd.product import Product
from modules.rnd.terms import QUANTITY

Given = str | Decimal


@dataclass(frozen=True, slots=True)
class Change:
    """One option set to `value`; None clears it."""

    option: str
    value: Given | None


@dataclass(frozen=True, slots=True)
class Problem:
    """A value that cannot be taken at all, whatever else is chosen. `msgid` is filled with `values`."""

    rule: str
    options: tuple[str, ...]
    msgid: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class State:
    """One configuration, perhaps unfinished. `measured` holds facts of uploads (`part.wall` -> 1.2)."""

    given: Mapping[str, Given]
    quantity: Decimal | None = None
    measured: Mapping[str, Decimal] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def __contains__(self, option: object) -> bool:
        return option in self.given


def read_state(
    product: Product,
    selections: Mapping[str, Any],
    quantity: int | None,
    measured: Mapping[str, Decimal] | None = None,
) -> State:
    """`selections` as typed values; empty ones count as not chosen. An unknown option raises `Invalid`."""
    given: dict[str, Given] = {}
    problems: list[Problem] = []
    for name, raw in selections.items():
        option = product.options.get(name)
        if option is None:
            raise Invalid(
                f"There is no option {name!r}; there are {', '.join(product.options)}.", option=name
            )
        if raw is None or raw == "":
            continue
        value = _read(product, option, raw)
        if isinstance(value, Problem):
            problems.append(value)
        else:
            given[name] = value
    number = _quantity(product, quantity, problems)
    known = {key: value for key, value in (measured or {}).items() if key.partition(".")[0] in given}
    return State(given, number, _snapped(product, known), tuple(problems))


def _quantity(product: Product, quantity: int | None, problems: list[Problem]) -> Decimal | None:
    if quantity is None:
        return None
    scale = product.quantity
    if scale.holds(Decimal(quantity)):
        return Decimal(quantity)
    problems.append(
        Problem(
            "quantity",
            (QUANTITY,),
            N_("Order between {min} and {max}."),
            {"min": int(scale.min), "max": int(scale.max)},
        )
    )
    return None


def _snapped(product: Product, measured: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Measured numbers brought onto their scale: cut to its ends, and down to its step."""
    return {name: _snap(product.scale(name), value) for name, value in measured.items()}


def _snap(scale: Scale, value: Decimal) -> Decimal:
    inside = min(max(value, scale.min), scale.max)
    return inside - (inside - scale.min) % scale.step


def _read(product: Product, option: Option, raw: Any) -> Given | Problem:
    if isinstance(raw, (dict, list)):
        raise Invalid(f"Option {option.id!r} takes a text or a number.", option=option.id)
    text = _as_text(raw)
    if option.enumerable:
        if (option.id, text) not in product.choice_numbers:
            return Problem(
                "value", (option.id,), N_("{option} has no value “{value}”."), _about(option, text)
            )
        return text
    if option.numeric:
        return _number(option, text)
    return _text(product, option, text) if option.type == "text" else text


def _as_text(raw: Any) -> str:
    """JSON's true, 325 and 325.0 as the words *yes* and *325*."""
    if isinstance(raw, bool):
        return "yes" if raw else "no"
    return str(int(raw) if isinstance(raw, float) and raw.is_integer() else raw).strip()


def _about(option: Option, text: str) -> dict[str, Any]:
    return {"option": option.name, "value": text[:40]}


def _number(option: Option, text: str) -> Decimal | Problem:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return Problem(
            "number", (option.id,), N_("{option} is a number; “{value}” is not."), _about(option, text)
        )
    if value.is_finite() and option.scale.holds(value):
        return value
    scale = option.scale
    words = {
        "option": option.name,
        "min": scale.min,
        "max": scale.max,
        "step": scale.step,
        "unit": option.unit,
    }
    return Problem(
        "range", (option.id,), N_("{option} goes from {min} to {max} {unit} in steps of {step}."), words
    )


def _text(product: Product, option: Option, text: str) -> str | Problem:
    text = unicodedata.normalize("NFC", text)
    if len(text) > option.max_length:
        words = {"option": option.name, "most": option.max_length}
        return Problem("length", (option.id,), N_("{option} takes at most {most} letters."), words)
    ranges = product.family.text_glyphs.get(option.id)
    strange = [letter for letter in text if ranges and not _printable(letter, ranges)]
    if strange:
        words = {"option": option.name, "letters": " ".join(dict.fromkeys(strange))}
        return Problem("27", (option.id,), N_("{option}: we cannot print {letters}."), words)
    return text


def _printable(letter: str, ranges: tuple[str, ...]) -> bool:
    bounds = (one.partition("-") for one in ranges)
    return any(int(low, 16) <= ord(letter) <= int(high or low, 16) for low, _, high in bounds)


def facts_of(product: Product, state: State, extra: Mapping[str, Decimal] | None = None) -> Facts:
    """The configuration as conditions and formulas read it; `extra` are constants and derived figures."""
    chosen = {name: value for name, value in state.given.items() if isinstance(value, str)}
    numbers = {name: value for name, value in state.given.items() if isinstance(value, Decimal)}
    if state.quantity is not None:
        numbers[QUANTITY] = state.quantity
    for name, value in chosen.items():
        numbers |= product.choice_numbers.get((name, value), {})
    return Facts(chosen, frozenset(state.given), {**numbers, **state.measured, **(extra or {})})
