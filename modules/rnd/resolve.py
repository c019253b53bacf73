"""From a complete configuration to what is made: bill of materials, routing, work content, price drivers.

Pure: the same product, choices and quantity always give the same `Spec`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_HALF_UP, Decimal
from functools import lru_cache, partial

from cosmo.spec import BomLine, Names, RoutingStep, Spec, started
from modules.rnd.evaluate import Absent, Facts
from modules.rnd.family import LANGUAGES, BomText, FamilyError, RouteLine
from modules.rnd.keeping import made_once
from modules.rnd.product import Product
from modules.rnd.selections import State, facts_of

_WHOLE_UNITS = frozenset({"pcs", "pairs", "sets"})
_THOUSANDTH, _MILLIONTH = Decimal("0.001"), Decimal("0.000001")
_HOLE = re.compile(r"\{(\w+)(?:\.(\w+))?\}")
_STEPS_KEPT = 2_000
VOLUME = "volume_m3"
"""Driver with the packed volume of the whole order, in cubic metres."""


class Unmeasured(FamilyError):
    """A formula needs a figure that is not known for this configuration."""

    type, title = "unmeasured", "Something is not known yet"


def resolve(product: Product, state: State, release: str | None = None) -> Spec:
    """The frozen product for a complete `state` with a quantity. Raises `Unmeasured` where a figure is
    missing.
    """
    try:
        return _Resolving(product, state).spec(release)
    except Absent as absent:
        raise Unmeasured(f"{absent.variable} is not known for this configuration.") from None


def notes(product: Product, state: State) -> list[tuple[str, Names]]:
    """Sentences the customer is told about this configuration: (rule id, text)."""
    work = _Resolving(product, state)
    return [(note.id, note.text) for note in product.family.notes if work.when(note.when)]


def told_of(product: Product, state: State, material: str) -> list[str]:
    """Options whoever makes `material` for this configuration must know, in the model's order."""
    work = _Resolving(product, state)
    lines = [
        line
        for line in product.family.making.bom
        if line.tell and work.code(line.material).upper() == material and work.when(line.when)
    ]
    return list(dict.fromkeys(name for line in lines for name in line.tell))


Line = tuple[str, int]
"""An operation, a material or a price driver of the family: `routing`, `bom` or `price`, and its place."""


def extent(product: Product, state: State) -> tuple[dict[Line, Decimal], dict[str, Decimal]] | None:
    """How much of each operation (minutes) and material a configuration takes, and of each price driver, as
    if nothing were lost on the way; None where a figure is missing.
    """
    try:
        return _Resolving(product, state).extent()
    except Absent:
        return None


class _Resolving:
    """One resolution; figures come in the order they depend on each other."""

    def __init__(self, product: Product, state: State) -> None:
        self.product, self.state = product, state
        self.making = product.family.making
        known = facts_of(product, state, self.making.constants)
        self.figures: dict[str, Decimal] = dict(known.numbers)
        self.facts = Facts(known.chosen, known.given, self.figures)  # grows with the figures
        self._entered: dict[int, Facts] = {}
        for name, text in self.making.derived.items():
            self._figure(name, text)

    def _figure(self, name: str, text: str) -> None:
        """A derived figure; one that reads something not chosen stays unknown until a line needs it."""
        try:
            self.figures[name] = self.value(text)
        except Absent:
            return

    def value(self, text: str, facts: Facts | None = None) -> Decimal:
        return self.product.worked(text)(facts or self.facts)

    def _for(self, pieces: int) -> Facts:
        """What a line's formulas read: everything, and how many pieces enter its operation. Once it is asked
        for, no figure comes to the others any more."""
        known = self._entered.get(pieces)
        if known is None:
            numbers = {**self.figures, "pieces": Decimal(pieces)}
            known = self._entered[pieces] = Facts(self.facts.chosen, self.facts.given, numbers)
        return known

    def when(self, text: str) -> bool:
        return not text or self.product.checked(text)(self.facts)

    def spec(self, release: str | None) -> Spec:
        good = int(self.value(self.making.good).to_integral_value(ROUND_CEILING))
        lines = [line for line in self.making.routing if self.when(line.when)]
        entering = _entering(lines, good)
        start = entering[0] if entering else good
        self.figures |= {"good": Decimal(good), "start": Decimal(start)}
        routing = tuple(self._step(line, pieces) for line, pieces in zip(lines, entering, strict=True))
        packing = self.making.packing
        return Spec(
            title={
                language: self._words(self.product.family.title[language], language) for language in LANGUAGES
            },
            unit=self.product.family.unit,
            quantity=good,
            start_quantity=start,
            bom=self._bom({step.code: pieces for step, pieces in zip(routing, entering, strict=True)}),
            routing=routing,
            mass_kg=(self.value(packing.kg_per_piece) * good).quantize(_THOUSANDTH, ROUND_HALF_UP),
            pieces_per_carton=max(Decimal(1), _short(self.value(packing.pieces_per_carton))),
            drivers=self._drivers(good),
            release=release,
            one_shade=bool(self.product.family.one_shade) and self.when(self.product.family.one_shade),
        )

    def extent(self) -> tuple[dict[Line, Decimal], dict[str, Decimal]]:
        good = int(self.value(self.making.good).to_integral_value(ROUND_CEILING))
        self.figures |= {"good": Decimal(good), "start": Decimal(good)}
        routing, bom = self.making.routing, self.making.bom
        done = {("routing", n): self._minutes(x, good) for n, x in enumerate(routing) if self.when(x.when)}
        used = {("bom", n): self._amount(x, good) for n, x in enumerate(bom) if self.when(x.when)}
        return done | {line: amount for line, amount in used.items() if amount > 0}, self._drivers(good)

    def _minutes(self, line: RouteLine, pieces: int) -> Decimal:
        facts = self._for(pieces)
        return self.value(line.fixed_minutes, facts) + self.value(line.minutes_per_piece, facts) * pieces

    def _step(self, line: RouteLine, pieces: int) -> RoutingStep:
        """One that reads the same figures was made before; it never changes."""
        facts, made = self._for(pieces), self.product.steps
        texts = (line.fixed_minutes, line.minutes_per_piece, line.size_per_piece)
        figures = [self.value(text, facts) for text in texts]
        family = self.code(line.family)
        key = (id(line), *figures, family)
        return made_once(made, key, _STEPS_KEPT, lambda: _routing_step(line, figures, family))

    def _bom(self, entering: Mapping[str, int]) -> tuple[BomLine, ...]:
        """Lines of what is used; the same material at the same operation becomes one line."""
        merged: dict[tuple[str, str], BomLine] = {}
        for text in self.making.bom:
            line = self._bom_line(text, entering) if self.when(text.when) else None
            if line is None:
                continue
            key = (line.material, line.operation or "")
            if key in merged:
                line = line.model_copy(update={"quantity": line.quantity + merged[key].quantity})
            merged[key] = line
        return tuple(merged.values())

    def _bom_line(self, text: BomText, entering: Mapping[str, int]) -> BomLine | None:
        """None where nothing of it is used. The same words and as much of it make the same line, which never
        changes; what a customer wrote is in no line that is kept."""
        operation = next((code for code in text.operation if code in entering), None)
        if operation is None:
            raise FamilyError(f"{text.material}: none of its operations is on the route.")
        quantity = self._amount(text, entering[operation])
        if quantity <= 0:
            return None
        rounded, names = _rounded(quantity, text.unit), _named(text)
        make = partial(self._in_words, text, rounded, operation)
        if any(self.product.is_written(name) for name in names):
            return make()
        key = (id(text), str(rounded), operation, *(self._chosen_word(name, None) for name in names))
        return made_once(self.product.lines, key, _STEPS_KEPT, make)

    def _in_words(self, text: BomText, quantity: Decimal, operation: str) -> BomLine:
        return BomLine(
            material=self.code(text.material).upper(),
            name={language: self._words(text.name[language], language) for language in LANGUAGES},
            quantity=quantity,
            unit=text.unit,
            order_specific=text.order_specific,
            operation=operation,
        )

    def _amount(self, text: BomText, pieces: int) -> Decimal:
        if text.per_order:
            return self.value(text.per_order)
        if text.per_good:
            return self.value(text.per_good) * self.figures["good"]
        facts = self._for(pieces)
        return self.value(text.per_piece, facts) * pieces

    def _drivers(self, good: int) -> dict[str, Decimal]:
        amounts = {driver.code: self.value(driver.amount) for driver in self.product.family.price}
        amounts[VOLUME] = self.value(self.making.packing.cubic_metres_per_piece) * good
        return {code: _short(amount) for code, amount in amounts.items() if amount}

    def code(self, template: str) -> str:
        """`{body}` becomes the value's id, `{body.material}` its fact."""
        if "{" not in template:
            return template
        return _HOLE.sub(lambda hole: self._chosen_word(hole[1], hole[2]), template)

    def _chosen_word(self, name: str, fact: str | None) -> str:
        chosen = self.state.given.get(name)
        if not isinstance(chosen, str):
            return "" if chosen is None else format(chosen, "f")
        value = self.product.options[name].value(chosen)
        return chosen if value is None or fact is None else value.facts.get(fact, "")

    def _words(self, template: str, language: str) -> str:
        """`{body}` becomes the value's name in that language."""
        if "{" not in template:
            return template
        return _HOLE.sub(lambda hole: self._label(hole[1], language), template)

    def _label(self, name: str, language: str) -> str:
        chosen = self.state.given.get(name)
        value = self.product.options[name].value(chosen) if isinstance(chosen, str) else None
        return value.name[language] if value else self._chosen_word(name, None)


@dataclass(frozen=True, slots=True)
class PrintZone:
    """Where artwork is printed, in millimetres; `lines` names the line widths that apply.

    `gamut`: hue angle and the largest chroma that can be fired there, empty where colours are not looked at;
    `dark`: the lightness up to which every colour counts as fired; `deviation`: percent by which the customer
    accepts that colours differ.
    """

    width_mm: Decimal
    height_mm: Decimal
    lines: str
    gamut: tuple[tuple[Decimal, Decimal], ...] = ()
    deviation: int = 0
    dark: Decimal = Decimal(0)


def print_zone(product: Product, state: State) -> PrintZone | None:
    """The printable zone of this configuration; None where nothing is printed or its size is not chosen
    yet.
    """
    plan = product.family.artwork
    if plan is None:
        return None
    work = _Resolving(product, state)
    if not work.when(plan.used_when):
        return None
    lines = next((name for name, text in plan.lines_when.items() if work.when(text)), "lines")
    fired = next((one for one in plan.gamuts if not one.when or work.when(one.when)), None)
    try:
        zone = PrintZone(work.value(plan.width_mm), work.value(plan.height_mm), lines)
    except Absent:
        return None
    if fired is None:
        return zone
    return replace(zone, gamut=fired.limits, deviation=plan.colour_deviation_percent, dark=fired.dark)


def _routing_step(line: RouteLine, figures: Sequence[Decimal], family: str) -> RoutingStep:
    fixed, per_piece, size = map(_short, figures)
    return RoutingStep(
        code=line.code,
        name=line.name,
        resources=line.resources,
        speed=line.speed,
        fixed_minutes=fixed,
        minutes_per_piece=per_piece,
        family=family or None,
        size_per_piece=size,
        yield_rate=line.yield_,
        min_lag=line.min_lag,
        max_lag=line.max_lag,
    )


def _named(text: BomText) -> list[str]:
    """Options that the line's material or its words name, as often as they do."""
    return [name for template in (text.material, *text.name.values()) for name in _holes(template)]


@lru_cache(maxsize=4_096)
def _holes(template: str) -> tuple[str, ...]:
    return tuple(name for name, _ in _HOLE.findall(template))


def _entering(lines: list[RouteLine], good: int) -> list[int]:
    """Pieces that enter each operation so that `good` are expected at the end."""
    yields = [line.yield_ for line in lines]
    return [started(good, yields[place:]) for place in range(len(yields))]


def _short(value: Decimal) -> Decimal:
    """Six decimals, cut: a third of a minute times three must not become more than a minute."""
    return _plain(value.quantize(_MILLIONTH, ROUND_DOWN))


def _rounded(quantity: Decimal, unit: str) -> Decimal:
    """Things are counted whole, upwards; masses and lengths to a thousandth, never down to nothing."""
    if unit in _WHOLE_UNITS:
        return quantity.to_integral_value(ROUND_CEILING)
    return max(_plain(quantity.quantize(_THOUSANDTH, ROUND_HALF_UP)), _THOUSANDTH)


def _plain(value: Decimal) -> Decimal:
    """Without trailing noughts and never as a power of ten."""
    text = format(value, "f")
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)
