"""Trying a release out: one state of its configurator with what would be made, for the engineer's page."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from cosmo.i18n import pick
from cosmo.ports import Answer
from cosmo.spec import Spec
from modules.rnd import words
from modules.rnd.engine import Engine
from modules.rnd.family import FamilyError
from modules.rnd.language import LanguageError
from modules.rnd.resolve import notes, resolve
from modules.rnd.selections import read_state
from modules.rnd.standard import list_price


@dataclass(frozen=True, slots=True)
class Tried:
    """`spec` and `price` (list rates, before offers and freight) are there once the configuration is
    complete.
    """

    selections: Mapping[str, Any]
    quantity: int
    answer: Answer
    spec: Spec | None
    price: Decimal | None
    notes: list[str]
    wrong: str = ""
    """What was typed as the quantity and is none."""


def try_out(engine: Engine, typed: Mapping[str, str], counted: str, locale: str, release: str) -> Tried:
    """`typed` and the quantity as a form sends them; names that are no options are left alone. A required
    upload is a usual one.
    """
    product = engine.product
    whole = counted.isascii() and counted.isdecimal() and len(counted) < 10
    quantity = int(counted) if whole else product.family.quantity.default
    tried = _tried(engine, typed, quantity, locale, release)
    return tried if whole or not counted else replace(tried, wrong=counted, spec=None, price=None)


def _tried(engine: Engine, typed: Mapping[str, str], quantity: int, locale: str, release: str) -> Tried:
    product = engine.product
    uploads = {name.partition(".")[0]: "standard" for name in product.family.standard}
    selections = {name: value for name, value in typed.items() if name in product.options} | uploads
    state = read_state(product, selections, quantity, product.family.standard)
    said = words.answer(product, selections, state, engine.answer(state), locale)
    spec = _spec(engine, selections, quantity, release) if said.complete else None
    told = [pick(text, locale) for _, text in notes(product, state)]
    return Tried(selections, quantity, said, spec, list_price(product, spec) if spec else None, told)


def _spec(engine: Engine, selections: Mapping[str, Any], quantity: int, release: str) -> Spec | None:
    state = read_state(engine.product, selections, quantity, engine.product.family.standard)
    try:
        return resolve(engine.product, state, release)
    except (FamilyError, LanguageError):
        return None
