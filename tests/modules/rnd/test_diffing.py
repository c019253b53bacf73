"""What differs between two releases is told thing by thing; the same content differs in nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from cosmo import i18n
from modules.rnd.diffing import LABELS, Change, compare
from modules.rnd.family import Case, Driver, Option, Packing, RouteLine, RuleText, Value, family_of
from tests.modules.rnd.families import SLUGS, text_of

NAMES = {"en": "Mood", "de": "Laune", "zh": "心情"}
Edit = Callable[[dict[str, Any]], Any]


def changes(edit: Edit, slug: str = "mug") -> list[Change]:
    content = text_of(slug)
    edit(content)
    return compare(family_of(text_of(slug)), family_of(content))


def named(change: Change) -> str:
    return str(change.subject["en"] if isinstance(change.subject, dict) else change.subject)


def told(change: Change) -> tuple[str, str, str, str, str]:
    return change.section, change.kind, named(change), change.before, change.after


@pytest.mark.parametrize("slug", SLUGS)
def test_the_same_content_differs_in_nothing(slug: str) -> None:
    """Negative control."""
    assert changes(lambda content: None, slug) == []


def option(content: dict[str, Any], id_: str) -> dict[str, Any]:
    return next(one for one in content["options"] if one["id"] == id_)


def new_option(content: dict[str, Any]) -> None:
    content["options"].append(
        {"id": "mood", "type": "choice", "group": "extras", "name": NAMES, "default": "calm",
         "values": [{"id": "calm", "name": NAMES}]}
    )  # fmt: skip


def without_gift(content: dict[str, Any]) -> None:
    option(content, "packaging")["values"].pop()


def set_(path: str, value: Any) -> Edit:
    """An edit: put `value` at a dotted path."""

    def edit(content: dict[str, Any]) -> None:
        *way, last = path.split(".")
        there: Any = content
        for step in way:
            there = there[int(step) if isinstance(there, list) else step]
        there[int(last) if isinstance(there, list) else last] = value

    return edit


KINDS: list[tuple[Edit, tuple[str, str, str, str, str]]] = [
    (new_option, ("options", "added", "Mood", "", "calm")),
    (lambda c: c["options"].remove(option(c, "gold_rim")), ("options", "removed", "Gold rim", "no, yes", "")),
    (set_("options.0.default", "450"), ("options", "changed", "Capacity", "325", "450")),
    (set_("options.0.freeze", ["glaze"]),
     ("options", "changed", "Capacity", "roller_form, slip_cast", "glaze")),
    (without_gift, ("values", "removed", "Packaging: Gift box", "", "")),
    (lambda c: option(c, "finish")["values"].append({"id": "satin", "name": NAMES}),
     ("values", "added", "Finish: Mood", "", "")),
    (set_("options.1.values.0.facts.peak", "1210"),
     ("values", "changed", "Body: Stoneware", "peak 1220, material STONE", "peak 1210, material STONE")),
    (set_("options.0.values.0.name.de", "Klein"),
     ("texts", "changed", "Capacity: 250 ml", "250 ml", "Klein")),
    (lambda c: c["rules"].pop(0),
     ("rules", "removed", "10", "outer_glaze.cadmium = yes needs body.peak <= 1220", "")),
    (lambda c: c["rules"].insert(0, {"id": "X1", "rule": "quantity > 9 needs body = bone", "why": NAMES}),
     ("rules", "added", "X1", "", "quantity > 9 needs body = bone")),
    (set_("rules.0.rule", "outer_glaze = signal needs body = stoneware"),
     ("rules", "changed", "10", "outer_glaze.cadmium = yes needs body.peak <= 1220",
      "outer_glaze = signal needs body = stoneware")),
    (set_("rules.2.why.en", "It runs."),
     ("texts", "changed", "18", "A reactive glaze runs under a decal.", "It runs.")),
    (set_("making.constants.wet_kg", "0.5"), ("formulas", "changed", "wet_kg", "0.470", "0.5")),
    (set_("making.derived.places", "2 * capacity.size"),
     ("formulas", "changed", "places", "capacity.size", "2 * capacity.size")),
    (set_("making.good", "quantity + 1"), ("formulas", "changed", "Mug", "quantity", "quantity + 1")),
    (set_("making.routing.0.yield", "0.9"), ("formulas", "changed", "Form", "0.97", "0.9")),
    (lambda c: c["making"]["routing"].pop(4), ("formulas", "removed", "Print under the glaze", "0.2", "")),
    (set_("making.bom.0.per_piece", "wet_kg"),
     ("formulas", "changed", "LU-BODY-{body.material}, {body} body", "wet_kg * capacity.size", "wet_kg")),
    (set_("making.packing.kg_per_piece", "1"),
     ("formulas", "changed", "",
      "fired_kg * capacity.size + packaging.kg + 0.9 / 36 * capacity.size", "1")),
    (set_("price.0.rate", "2.10"), ("price", "changed", "Body", "1.90", "2.10")),
    (lambda c: c["price"].pop(0), ("price", "removed", "Body", "start * wet_kg * capacity.size", "")),
    (set_("blurb.zh", "杯"), ("texts", "changed", "Mug", "为您成型、施釉、烧制的马克杯。", "杯")),
    (set_("notes.0.when", "gold_rim = no"), ("texts", "changed", "17", "gold_rim = yes", "gold_rim = no")),
    (set_("groups.0.name.en", "Shape"), ("texts", "changed", "Shape", "Form", "Shape")),
    (set_("quantity.max", "500"), ("options", "changed", "", "20000", "500")),
    (lambda c: c["cases"].pop(), ("cases", "removed", "one, by hand", "", "")),
    (set_("cases.0.quantity", "100"), ("cases", "changed", "as offered", "240", "100")),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "one"), KINDS)
def test_each_kind_of_change_is_told(edit: Edit, one: tuple[str, str, str, str, str]) -> None:
    assert one in map(told, changes(edit))
    assert {change.section for change in changes(edit)} == {one[0]}


def test_one_change_is_told_once() -> None:
    assert [told(change) for change in changes(set_("price.0.rate", "2.10"))] == [
        ("price", "changed", "Body", "1.90", "2.10")
    ]


def test_another_order_is_told_as_such() -> None:
    (one,) = changes(lambda content: option(content, "finish")["values"].reverse())
    assert told(one) == ("values", "changed", "Finish", "gloss, matt, reactive", "reactive, matt, gloss")


@pytest.mark.parametrize("locale", ["de", "zh"])
def test_every_field_of_the_files_has_a_word_in_every_language(locale: str) -> None:
    parts = (Option, Value, RuleText, RouteLine, Driver, Packing, Case)
    fields = {name for part in parts for name in part.model_fields} - {"id", "values"}
    assert fields <= LABELS.keys()
    assert i18n.untranslated(locale, LABELS.values()) == []
