"""Comparisons between facts of choices become clauses that say the same, and few of them."""

from collections.abc import Mapping
from itertools import product as combined
from typing import Any

import pytest

from modules.rnd.evaluate import keeps
from modules.rnd.family import family_of
from modules.rnd.product import Product
from modules.rnd.selections import facts_of, read_state
from modules.rnd.solver import Oracle
from tests.modules.rnd.families import text_of

VALUES = range(1, 7)


def _option(name: str, values: range, *, optional: bool) -> dict[str, Any]:
    told = dict.fromkeys(("en", "de", "zh"), name)
    made = [{"id": f"{name}{v}", "name": told, "facts": {"size": str(v)}} for v in values]
    chosen = {"optional": True} if optional else {"default": made[0]["id"]}
    return {"id": name, "type": "choice", "group": "form", "name": told, "values": made, **chosen}


def with_rule(text: str, values: range = VALUES) -> Product:
    """The mug with three more choices, the last optional, and one rule about their sizes."""
    content = text_of("mug")
    content["options"] += [_option(name, values, optional=name == "r") for name in ("p", "q", "r")]
    why = dict.fromkeys(("en", "de", "zh"), "No.")
    content["rules"].append({"id": "sizes", "rule": text, "why": why})
    return Product(family_of(content))


def _allowed(made: Product, chosen: Mapping[str, str]) -> bool:
    (rule,) = (read.rule for read in made.rules if read.id == "sizes")
    return keeps(rule, facts_of(made, read_state(made, chosen, None)))


@pytest.mark.parametrize(
    "text",
    [
        "p = p2 needs q.size + r.size <= 7",
        "r = r3 excludes p.size * q.size > 11",
        "p.size + q.size > r.size needs r.size * p.size >= 6",
        "q = q1 needs p.size = r.size",
    ],
)
def test_sizes_of_choices_are_compared_as_the_rule_says(text: str) -> None:
    made = with_rule(text)
    oracle = Oracle(made)
    told = set()
    for p, q, r in combined(VALUES, VALUES, (*VALUES, None)):
        chosen = {"p": f"p{p}", "q": f"q{q}", **({"r": f"r{r}"} if r else {})}
        parts = oracle.parts(read_state(made, chosen, None))
        absent = [] if r else [-oracle.encoding.given["r"]]
        literals = [literal for own in parts.values() for literal in own]
        told.add(oracle.possible([*literals, *absent]))
        assert oracle.possible([*literals, *absent]) == _allowed(made, chosen), chosen
    assert told == {True, False}


def test_a_comparison_of_two_choices_needs_no_variable_for_every_pair() -> None:
    values = range(1, 13)
    plain = Oracle(with_rule("p = p1 needs q = q1", values)).encoding.last
    compared = Oracle(with_rule("p = p1 needs q.size + r.size <= 14", values)).encoding.last
    assert compared - plain < len(values) ** 2 / 2
