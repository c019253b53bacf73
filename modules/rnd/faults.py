"""What is wrong with a model that can be read: each fault with the smallest set of rules that causes it.

`contradiction`, `default` and `unmade` block a release. The rest is odd, and an engineer should know: values
that no valid configuration has, rules that never apply or forbid nothing new, options on which nothing
depends that is made or priced.
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
from modules.rnd.selections import read_state
from modules.rnd.solver import Blame, Oracle
from modules.rnd.standard import standard_product
from modules.rnd.terms import QUANTITY


@dataclass(frozen=True, slots=True)
class Fault:
    """`rules` are indices of a smallest set that causes it; of what is unneeded, the rules that read it.

    `about`: the rule, option, or option and value it is about, as the files name them.
    """

    kind: str
    msgid: str
    values: Mapping[str, Any] = field(default_factory=dict)
    rules: tuple[int, ...] = ()
    about: tuple[str, ...] = ()

    @property
    def blocks(self) -> bool:
        return self.kind in ("contradiction", "default", "unmade")


def faults(engine: Engine) -> Iterator[Fault]:
    """Everything that is wrong; where nothing at all can be ordered that is all that is said."""
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
    yield from _unneeded(engine.product)


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
            yield Fault("idle", said, {"id": rule.id}, never, (rule.id,))
            continue
        known = oracle.without(index, [when, -then])
        if known is not None:
            said = N_("Rule {id} forbids nothing that is not forbidden without it.")
            yield Fault("idle", said, {"id": rule.id}, known, (rule.id,))


def _unneeded(product: Product) -> Iterator[Fault]:
    read = influential(product)
    for option in product.options.values():
        if option.id not in read:
            rules = tuple(i for i, rule in enumerate(product.rules) if option.id in rule.options)
            said = N_("{option} changes neither what is made, nor how, nor the price.")
            yield Fault("unneeded", said, {"option": option.name}, rules, (option.id,))
