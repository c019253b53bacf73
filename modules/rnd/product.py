"""A family made ready for use: its words, its rules and formulas read once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from cosmo.ports import DomainValue
from cosmo.spec import BomLine, Names, RoutingStep
from modules.rnd import formulas
from modules.rnd.family import Family, FamilyError, Option, Scale, Value
from modules.rnd.formulas import Check, Formula
from modules.rnd.language import (
    LanguageError,
    Words,
    fact_of,
    read_condition,
    read_formula,
    read_rule,
)
from modules.rnd.svg import UnsafeSvg, read_svg
from modules.rnd.terms import QUANTITY, Condition, Expression, Rule, options_of

RESERVED = frozenset({QUANTITY, "pieces", "good", "start"})
"""Numbers every formula may read; no option may be called so."""
LAST_RESORTS = frozenset({"none", "no", "0"})
"""Values that only take something away are offered last as a way out."""


@dataclass(frozen=True, slots=True)
class ReadRule:
    """One rule of the family: its id, what it says to the solver, what it says to people."""

    id: str
    text: str
    rule: Rule
    why: Names

    @property
    def options(self) -> list[str]:
        return list(dict.fromkeys([*options_of(self.rule.when), *options_of(self.rule.then)]))


class Product:
    """One release. Reading it proves that every rule and formula can be read; errors say where."""

    def __init__(self, family: Family) -> None:
        self.family = family
        self.options: dict[str, Option] = {option.id: option for option in family.options}
        _check_names(family, self.options)
        self.said: dict[tuple[str, str, str], DomainValue] = {}
        """Language, option and value -> the value in words, where nothing speaks against it."""
        self.steps: dict[tuple[object, ...], RoutingStep] = {}
        """Line of the routing and what its formulas came to -> the operation."""
        self.lines: dict[tuple[object, ...], BomLine] = {}
        """Line of the bill of materials, how much of it, and what its words name -> the material's line."""
        self.shut: dict[tuple[object, ...], DomainValue] = {}
        """Language, option and value, what speaks against it and what frees it -> the value in words."""
        self.freed: dict[tuple[str, str, str], str] = {}
        """Language, option and value -> the words of the link that takes it to free another."""
        self.ranked = {option.id: _ranked(option.values) for option in family.options}
        """Option -> its values, those that only take something away last."""
        self.files = tuple(option for option in family.options if option.type == "file")
        self.choice_numbers = dict(_choice_numbers(family))
        self.rule_words = _words(family, QUANTITY)
        making = family.making
        self.words = _words(family, *RESERVED, *making.constants, *making.derived)
        faults: list[tuple[str, str]] = []
        self.rules = tuple(self._read_rules(faults))
        self._formulas: dict[str, Expression] = {}
        self._conditions: dict[str, Condition] = {}
        self._worked: dict[str, Formula] = {}
        self._checks: dict[str, Check] = {}
        faults += _unclear(self)
        if faults:
            raise FamilyError("; ".join(said for said, _ in faults[:5]), faults=faults)

    def is_written(self, name: str) -> bool:
        """Whether customers write it or send it, so that it may say who somebody is."""
        return name in self.options and self.options[name].type in ("text", "file")

    def _read_rules(self, faults: list[tuple[str, str]]) -> Iterator[ReadRule]:
        for text in self.family.rules:
            if not text.rule:
                continue
            if text.why is None:
                faults.append((f"Rule {text.id} has no sentence that says why.", text.rule))
                continue
            try:
                yield ReadRule(text.id, text.rule, self._read(text.rule), text.why)
            except LanguageError as error:
                faults.append((f"Rule {text.id}: {error.detail}", text.rule))

    def _read(self, text: str) -> Rule:
        return read_rule(text, self.rule_words)

    def formula(self, text: str) -> Expression:
        if text not in self._formulas:
            self._formulas[text] = read_formula(text, self.words)
        return self._formulas[text]

    def condition(self, text: str) -> Condition:
        if text not in self._conditions:
            self._conditions[text] = read_condition(text, self.words)
        return self._conditions[text]

    def worked(self, text: str) -> Formula:
        """The formula as a function, made once."""
        if text not in self._worked:
            self._worked[text] = formulas.formula(self.formula(text))
        return self._worked[text]

    def checked(self, text: str) -> Check:
        """The condition as a function, made once."""
        if text not in self._checks:
            self._checks[text] = formulas.check(self.condition(text))
        return self._checks[text]

    @cached_property
    def quantity(self) -> Scale:
        return Scale(min=Decimal(self.family.quantity.min), max=Decimal(self.family.quantity.max))

    def scale(self, dimension: str) -> Scale:
        """The scale of a numeric option, of `quantity`, or of a measured fact (`part.wall`)."""
        if dimension == QUANTITY:
            return self.quantity
        name, _, fact = dimension.partition(".")
        option = self.options[name]
        return option.facts[fact] if fact else option.scale


def _ranked(values: Iterable[Value]) -> tuple[Value, ...]:
    return tuple(sorted(values, key=lambda value: value.id in LAST_RESORTS))


def _choice_numbers(family: Family) -> Iterator[tuple[tuple[str, str], dict[str, Decimal]]]:
    """(option, value) -> the numbers that come with it: its own and its facts'."""
    for option in family.options:
        for value in option.values:
            spoken = {option.id: fact_of(value.id, value.facts, None)}
            spoken |= {f"{option.id}.{fact}": fact_of(value.id, value.facts, fact) for fact in value.facts}
            yield (option.id, value.id), {name: n for name, n in spoken.items() if n is not None}


def _words(family: Family, *numbers: str) -> Words:
    choices = {o.id: {v.id: v.facts for v in o.values} for o in family.options if o.enumerable}
    numeric = frozenset(o.id for o in family.options if o.numeric)
    others = frozenset(o.id for o in family.options if o.type in ("text", "file"))
    facts = frozenset((o.id, fact) for o in family.options for fact in o.facts)
    return Words(choices, numeric | frozenset(numbers), others, facts)


def _check_names(family: Family, options: dict[str, Option]) -> None:
    if len(options) != len(family.options):
        raise FamilyError(f"{family.slug}: two options have the same id.")
    taken = RESERVED & options.keys() | (options.keys() & family.making.constants.keys())
    if taken:
        raise FamilyError(
            f"{family.slug}: {sorted(taken)[0]} cannot be the name of an option.", sorted(taken)[0]
        )
    _check_told(family, options)
    _check_freezing(family)
    _check_cancelling(family)
    _check_pictures(family)
    groups = {group.id for group in family.groups}
    for option in family.options:
        _check_option(option, groups)


def _check_told(family: Family, options: dict[str, Option]) -> None:
    for line in family.making.bom:
        unknown = next((name for name in line.tell if name not in options), None)
        if unknown is not None:
            raise FamilyError(f"{family.slug}: {line.material} tells {unknown}, which is no option.", unknown)
        if line.tell and not line.order_specific:
            raise FamilyError(
                f"{family.slug}: {line.material} is not made for one order and tells nothing.", line.material
            )


def _check_freezing(family: Family) -> None:
    """Whatever names a freeze point names an operation that some route has."""
    known = {line.code for line in family.making.routing}
    named = {f"option {option.id}": option.freeze for option in family.options}
    for what, codes in (named | {"the quantity": family.quantity.freeze}).items():
        unknown = next((code for code in codes if code not in known), None)
        if unknown is not None:
            raise FamilyError(
                f"{family.slug}: {what} freezes at {unknown}, which is no operation of its routing.", unknown
            )


def _check_cancelling(family: Family) -> None:
    """What is spent at some point names one that there is."""
    known = {"materials", *(line.code for line in family.making.routing)}
    unknown = next((code for code in family.cancelling if code not in known), None)
    if unknown is not None:
        raise FamilyError(
            f"{family.slug}: cancelling names {unknown}, which is no operation of its routing.", unknown
        )


def _check_pictures(family: Family) -> None:
    """Every picture is a drawing that is safe to show, and whoever names one names one that there is."""
    for picture in family.pictures:
        try:
            read_svg(picture.svg.encode())
        except UnsafeSvg as error:
            said = f"{family.slug}, picture {picture.name}: {error.detail}"
            raise FamilyError(said, picture.name) from None
    if len({picture.name for picture in family.pictures}) != len(family.pictures):
        raise FamilyError(f"{family.slug}: two pictures have the same name.", "pictures")
    for option in family.options:
        for name in (option.picture, *(value.picture for value in option.values)):
            if name and family.picture(name) is None:
                said = f"Option {option.id} is shown with {name}, which is no picture of {family.slug}."
                raise FamilyError(said, name)


def _check_option(option: Option, groups: set[str]) -> None:
    if option.group not in groups:
        raise FamilyError(f"Option {option.id} is in group {option.group}, which does not exist.", option.id)
    if option.enumerable and len({v.id for v in option.values}) != max(1, len(option.values)):
        raise FamilyError(f"Option {option.id} needs values, each with its own id.", option.id)
    if option.numeric and not option.scale.holds(option.scale.min):
        raise FamilyError(f"Option {option.id} has a min above its max.", option.id)
    if option.default is not None and not _may_be(option, option.default):
        raise FamilyError(f"Option {option.id} cannot have the default {option.default}.", option.id)


def _may_be(option: Option, text: str) -> bool:
    if option.enumerable:
        return option.value(text) is not None
    return not option.numeric or option.scale.holds(Decimal(text))


def _unclear(product: Product) -> Iterator[tuple[str, str]]:
    """Read every formula and condition once, so that a mistake is found when a family is read, not when
    ordered.
    """
    for place, kind, text in _texts(product.family):
        if not text:
            continue
        try:
            product.formula(text) if kind == "formula" else product.condition(text)
        except LanguageError as error:
            yield f"{product.family.slug}, {place}: {error.detail}", text


def _texts(family: Family) -> Iterator[tuple[str, str, str]]:
    making = family.making
    yield "good", "formula", making.good
    yield from ((f"derived {name}", "formula", text) for name, text in making.derived.items())
    for line in making.routing:
        place = f"operation {line.code}"
        yield place, "condition", line.when
        yield from (
            (place, "formula", t) for t in (line.fixed_minutes, line.minutes_per_piece, line.size_per_piece)
        )
    for part in making.bom:
        place = f"material {part.material}"
        yield place, "condition", part.when
        yield from ((place, "formula", text) for text in (part.per_piece, part.per_good, part.per_order))
    packing = making.packing
    yield from (
        ("packing", "formula", t)
        for t in (packing.pieces_per_carton, packing.kg_per_piece, packing.cubic_metres_per_piece)
    )
    yield from ((f"price driver {driver.code}", "formula", driver.amount) for driver in family.price)
    yield "one_shade", "condition", family.one_shade
    yield from ((f"note {note.id}", "condition", note.when) for note in family.notes)
    if family.artwork:
        yield "artwork", "condition", family.artwork.used_when
        yield "artwork", "formula", family.artwork.width_mm
        yield "artwork", "formula", family.artwork.height_mm
        yield from (("artwork", "condition", text) for text in family.artwork.lines_when.values())
        yield from (("artwork", "condition", one.when) for one in family.artwork.gamuts)
