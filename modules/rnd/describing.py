"""A family in words: its options, its rules, how it is made; for the shop and for the engineer's page."""

from dataclasses import asdict
from typing import Any

from cosmo.i18n import pick
from modules.rnd.engine import Engine
from modules.rnd.family import Option
from modules.rnd.product import Product
from modules.rnd.selections import read_state
from modules.rnd.words import answer


def describe(engine: Engine, locale: str, release: str) -> dict[str, Any]:
    """Options with texts and domains, groups, defaults, quantity, rules in words; everything in one
    language. Not to be changed: it is put together once.
    """
    known = engine.described.get((locale, release))
    if known is None:
        known = engine.described[locale, release] = _described(engine, locale, release)
    return known


def _described(engine: Engine, locale: str, release: str) -> dict[str, Any]:
    product = engine.product
    family = product.family
    state = read_state(product, {}, None)
    said = answer(product, {}, state, engine.answer(state), locale)
    return {
        "slug": family.slug,
        "name": pick(family.name, locale),
        "blurb": pick(family.blurb, locale),
        "plant": family.plant,
        "release": release,
        "drawing": family.drawing,
        "unit": family.unit,
        "quantity": family.quantity.model_dump(exclude={"freeze"}),
        "groups": [{"id": group.id, "name": pick(group.name, locale)} for group in family.groups],
        "options": [option_told(option, locale) for option in family.options],
        "domains": {name: [asdict(value) for value in values] for name, values in said.domains.items()},
        "inputs": {name: dict(told) for name, told in said.inputs.items()},
        "defaults": family.defaults,
        "rules": rules_told(product, locale),
    }


def option_told(option: Option, locale: str) -> dict[str, Any]:
    """One option as data."""
    return {
        "id": option.id,
        "type": option.type,
        "group": option.group,
        "name": pick(option.name, locale),
        "help": pick(option.help, locale) if option.help else "",
        "picture": option.picture or "",
        "required": not option.optional,
        "default": option.default,
        "unit": option.unit,
        "accept": list(option.accept),
        "freeze": list(option.freeze),
        "values": [
            {"value": value.id, "label": pick(value.name, locale), "swatch": value.swatch or "",
             "picture": value.picture or ""}
            for value in option.values
        ],
    }


def rules_told(product: Product, locale: str) -> list[dict[str, str]]:
    """Every rule: its number, how it is written, its sentence, the options it speaks of."""
    return [
        {"id": rule.id, "rule": rule.text, "text": pick(rule.why, locale), "options": ", ".join(rule.options)}
        for rule in product.rules
    ]
