"""What is wrong with a model that can be read: each fault with the smallest set of rules that causes it.

`name`, `contradiction`, `default` and `unmade` block a release. The rest is odd, and an engineer should
know: values that no valid configuration has, rules that never apply or forbid nothing new, options on which
nothing depends that is made or priced, work and material that nobody pays for, lines that are never needed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cosmo.i18n import N_
from modules.rnd.engine import Engine
from modules.rnd.family import FamilyError, Option
from modules.rnd.influence import influential
from modules.rnd.language import LanguageError
from modules.rnd.product import Product
from modules.rnd.resolve import Line
from modules.rnd.selections import read_state
from modules.rnd.solver import Blame, Oracle
from modules.rnd.standard import standard_product
from modules.rnd.terms import QUANTITY
from modules.rnd.unpriced import Coverage, Gap
from web.forms import TAKEN


@dataclass(frozen=True, slots=True)
class Fault:
    """`rules` are indices of a smallest set that causes it; of what is unneeded, the rules that read it.

    `about`: the rule, option, option and value, operation, material or price line it is about, as the file
    `part` names them.
    """

    kind: str
    msgid: str
    values: Mapping[str, Any] = field(default_factory=dict)
    rules: tuple[int, ...] = ()
    about: tuple[str, ...] = ()
    part: str = "options"

    @property
    def blocks(self) -> bool:
        return self.kind in ("name", "contradiction", "default", "unmade")


def faults(engine: Engine) -> Iterator[Fault]:
    """Everything that is wrong; where nothing at all can be ordered that is all that is said."""
    yield from _taken(engine.product)
    blames = engine.contradictions()
    if blames:
        said = N_("The rules contradict each other: nothing at all can be ordered.")
        yield from (Fault("contradiction", said, rules=blame.rules) for blame in blames)
        return
    broken = list(_defaults(engine))
    yield from broken
    if not broken:
        yield from _unmade(engine.product)
    with engine.asking() as oracle:
        yield from _dead(oracle)
        yield from _idle(oracle)
        yield from uncovered(Coverage(oracle))
    yield from _unneeded(engine.product)


def _taken(product: Product) -> Iterator[Fault]:
    """The shop's form says something else by that name. What is released so already stays readable."""
    said = N_("{option} cannot be the name of an option.")
    for name in sorted(TAKEN & product.options.keys()):
        yield Fault("name", said, {"option": name}, about=(name,))


def _defaults(engine: Engine) -> Iterator[Fault]:
    product = engine.product
    for clash in engine.clashes(read_state(product, product.family.defaults, None)):
        names = [product.options[name].name for name in clash.options]
        yield Fault("default", *_not_together(names), clash.rules, clash.options[:1])


def _not_together(names: list[Any]) -> tuple[str, Mapping[str, Any]]:
    if len(names) == 1:
        return N_("The default of {option} can never be."), {"option": names[0]}
    return N_("The defaults of {options} do not go together."), {"options": names}


def _unmade(product: Product) -> Iterator[Fault]:
    """The default configuration is what is made where nobody chooses; it has to resolve."""
    try:
        standard_product(product)
    except (FamilyError, LanguageError) as error:
        yield Fault("unmade", N_("What is offered by default cannot be made: {why}"), {"why": error.detail})


def _dead(oracle: Oracle) -> Iterator[Fault]:
    """Values, stretches of numbers, texts and files that no valid configuration has."""
    for option in oracle.product.options.values():
        if option.enumerable:
            yield from _dead_values(oracle, option)
        elif option.numeric:
            yield from _dead_numbers(oracle, option.id, [oracle.encoding.given[option.id]], option.name)
        elif not oracle.possible([oracle.encoding.given[option.id]]):
            rules = _why(oracle, [oracle.encoding.given[option.id]])
            yield Fault(
                "dead", N_("{option} can never be given."), {"option": option.name}, rules, (option.id,)
            )
    yield from _dead_numbers(oracle, QUANTITY, [], None)


def _dead_values(oracle: Oracle, option: Option) -> Iterator[Fault]:
    for value in option.values:
        wanted = [oracle.encoding.choice[option.id, value.id]]
        if not oracle.possible(wanted):
            told = {"option": option.name, "value": value.name}
            said, about = N_("{option}: {value} can never be chosen."), (option.id, "values", value.id)
            yield Fault("dead", said, told, _why(oracle, wanted), about)


def _dead_numbers(oracle: Oracle, name: str, given: list[int], label: Any) -> Iterator[Fault]:
    """Neighbouring stretches with the same reason are told as one."""
    found: list[tuple[Any, Any, tuple[int, ...]]] = []
    alive = False
    for low, high in oracle.encoding.cells(name):
        wanted = [*given, *oracle.encoding.number_literals(name, low)]
        if oracle.possible(wanted):
            alive = True
            continue
        rules = _why(oracle, wanted)
        if found and not alive and found[-1][2] == rules:
            low = found.pop()[0]
        found.append((low, high, rules))
        alive = False
    for low, high, rules in found:
        told = {"low": low, "high": high}
        if label is None:
            yield Fault("dead", N_("A quantity from {low} to {high} can never be ordered."), told, rules)
        else:
            said = N_("{option} from {low} to {high} can never be chosen.")
            yield Fault("dead", said, {"option": label, **told}, rules, (name,))


def _why(oracle: Oracle, wanted: list[int]) -> tuple[int, ...]:
    blames: list[Blame] = oracle.blames({}, wanted)
    return blames[0].rules


def _idle(oracle: Oracle) -> Iterator[Fault]:
    """Rules that never apply, and rules that forbid nothing which the others do not forbid already."""
    for index, (when, then) in enumerate(oracle.encoding.sides):
        rule = oracle.product.rules[index]
        never = oracle.without(index, [when])
        if never is not None:
            said = N_("Rule {id} never applies: what it begins with cannot be.")
            yield Fault("idle", said, {"id": rule.id}, never, (rule.id,), "rules")
            continue
        known = oracle.without(index, [when, -then])
        if known is not None:
            said = N_("Rule {id} forbids nothing that is not forbidden without it.")
            yield Fault("idle", said, {"id": rule.id}, known, (rule.id,), "rules")


def _unneeded(product: Product) -> Iterator[Fault]:
    read = influential(product)
    for option in product.options.values():
        if option.id not in read:
            rules = tuple(i for i, rule in enumerate(product.rules) if option.id in rule.options)
            said = N_("{option} changes neither what is made, nor how, nor the price.")
            yield Fault("unneeded", said, {"option": option.name}, rules, (option.id,))


def uncovered(coverage: Coverage) -> Iterator[Fault]:
    """Work and material without a price, and lines that the rules rule out."""
    family = coverage.product.family
    if not family.price or not coverage.offered.prices[0]:
        yield _free(coverage)
    else:
        yield from (_gap(coverage.product, gap) for gap in coverage.gaps())
    for never in coverage.never():
        part, code, label = _called(coverage.product, never.line)
        yield Fault("never", _NEVER[never.line[0]], {"line": label}, never.rules, (code,), part)


_NEVER = {
    "routing": N_("{line} is on no route: the rules rule out whatever needs it."),
    "bom": N_("Material {line} is never used: the rules rule out whatever needs it."),
    "price": N_("Price line {line} is never charged: the rules rule out whatever it is for."),
}


def _free(coverage: Coverage) -> Fault:
    """Nothing is charged for what is offered, or for anything at all."""
    product = coverage.product
    said = N_("What is offered by default costs nothing: no price line covers {lines}.")
    if not product.family.price:
        said = N_("There is a routing but no price: no price line covers {lines}.")
    routing = product.family.making.routing
    there = [line.name for n, line in enumerate(routing) if ("routing", n) in coverage.offered.lines]
    names = there or [line.name for line in routing]
    return Fault("unpriced", said, {"lines": names}, about=(routing[0].code,), part="making")


def _gap(product: Product, gap: Gap) -> Fault:
    option = product.options[gap.option]
    value = option.value(gap.value)
    told: dict[str, Any] = {"option": option.name, "lines": [_called(product, x)[2] for x in gap.lines]}
    about: tuple[str, ...] = (option.id, "values", value.id) if value else (option.id,)
    if value or (gap.value and option.numeric):
        told["value"] = value.name if value else gap.value
        return Fault("unpriced", _VALUE_ADDS, told, about=about)
    return Fault("unpriced", _GIVEN_ADDS if gap.value else _LEFT_OUT_ADDS, told, about=about)


_VALUE_ADDS = N_("{option}: {value} adds {lines}, and no price line covers it.")
_GIVEN_ADDS = N_("{option} adds {lines}, and no price line covers it.")
_LEFT_OUT_ADDS = N_("Without {option} there is {lines} more, and no price line covers it.")


def _called(product: Product, line: Line) -> tuple[str, str, Any]:
    """The file it stands in, what it is called there, and to people."""
    part, n = line
    family = product.family
    if part == "routing":
        return "making", family.making.routing[n].code, family.making.routing[n].name
    if part == "price":
        return "price", family.price[n].code, family.price[n].name
    return "making", family.making.bom[n].material, family.making.bom[n].material
