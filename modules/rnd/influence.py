"""Which options decide what is made, how it is made, or what it costs; read from the formulas, not tried."""

import re
from collections.abc import Iterable, Iterator

from modules.rnd.language import LanguageError
from modules.rnd.product import Product
from modules.rnd.terms import QUANTITY, options_of

_HOLE = re.compile(r"\{(\w+)(?:\.\w+)?\}")


def influential(product: Product) -> set[str]:
    """Ids of the options that some line of making, packing or price reads, directly or not."""
    return _through(product, set(_read(product))) & product.options.keys()


def reads(product: Product, texts: Iterable[str]) -> set[str]:
    """What these formulas or conditions of one line read, directly or not: options by id, and `quantity`."""
    names: set[str] = set()
    for text in texts:
        names |= set(_terms(product, text))
    return _through(product, names)


def _terms(product: Product, text: str) -> list[str]:
    """What a text speaks of, whether it is a condition or a formula."""
    if not text:
        return []
    try:
        return options_of(product.condition(text))
    except LanguageError:
        return options_of(product.formula(text))


def _through(product: Product, names: set[str]) -> set[str]:
    """The options among these names, and those that derived figures among them read."""
    derived = product.family.making.derived
    waiting = [name for name in names if name in derived]
    while waiting:
        found = set(options_of(product.formula(derived[waiting.pop()]))) - names
        names |= found
        waiting += [name for name in found if name in derived]
    return names & {*product.options, QUANTITY}


def _read(product: Product) -> Iterator[str]:
    making, plan = product.family.making, product.family.artwork
    formulas = [making.good, *(driver.amount for driver in product.family.price)]
    packing = making.packing
    formulas += [packing.pieces_per_carton, packing.kg_per_piece, packing.cubic_metres_per_piece]
    conditions, templates = [product.family.one_shade], []
    for line in making.routing:
        formulas += [line.fixed_minutes, line.minutes_per_piece, line.size_per_piece]
        conditions.append(line.when)
        templates.append(line.family)
    for part in making.bom:
        formulas += [part.per_piece, part.per_good, part.per_order]
        conditions.append(part.when)
        templates.append(part.material)
        yield from part.tell
    if plan:
        yield plan.option
    for text in formulas:
        yield from options_of(product.formula(text)) if text else ()
    for text in conditions:
        yield from options_of(product.condition(text)) if text else ()
    for text in templates:
        yield from _HOLE.findall(text)
