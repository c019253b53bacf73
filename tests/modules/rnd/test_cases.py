"""Regression cases: what they compare, what they say where it differs, and how they are taken and kept."""

from typing import Any

import pytest
import yaml

from modules.rnd import cases
from modules.rnd.cases import Difference
from modules.rnd.checking import check, sentence
from modules.rnd.engine import Engine
from modules.rnd.family import Case, family_of, files_of, read_files
from modules.rnd.product import Product
from modules.rnd.tryout import try_out
from tests.modules.rnd.families import FOLDER, SLUGS, text_of

FILES = (
    "",
    "# nothing yet\n",
    "[]\n",
    "- {id: a, quantity: 1}\n- {id: b, quantity: 2}",
    "- id: a\n  quantity: 1\n",
)


def engine(content: dict[str, Any]) -> Engine:
    return Engine(Product(family_of(content)))


def first_fails(content: dict[str, Any]) -> list[Difference]:
    """Where the first case of the family differs."""
    made = engine(content)
    return cases.run(made, made.product.family.cases[0])


@pytest.mark.parametrize("slug", SLUGS)
def test_the_seed_has_cases_and_they_pass(slug: str) -> None:
    made = engine(text_of(slug))
    assert len(made.product.family.cases) >= 3
    for case in made.product.family.cases:
        assert case.bom
        assert case.routing
        assert case.price["total"] > 0
        assert cases.run(made, case) == []


def test_a_changed_recipe_shows_expected_against_found_line_by_line() -> None:
    content = text_of("mug")
    content["making"]["constants"]["wet_kg"] = "0.500"
    assert first_fails(content) == [
        Difference("bom", "LU-BODY-PORC · roller_form", "133.01 kg", "141.5 kg"),
        Difference("price", "body", "252.72", "268.85"),
        Difference("price", "total", "845.79", "861.92"),
    ]


def test_a_new_and_a_missing_operation_are_told_where_they_stand() -> None:
    content = text_of("mug")
    bisque = next(x for x in content["making"]["routing"] if x["code"] == "bisque")
    content["making"]["routing"].remove(bisque)
    del content["cancelling"]["bisque"]
    content["making"]["routing"].append({**bisque, "code": "wash", "yield": "1"})
    told = [one for one in first_fails(content) if one.what == "routing"]
    assert told == [
        Difference("routing", "handle_dry", "bisque", ""),
        Difference("routing", "inspect_pack", "", "wash"),
    ]


def test_a_new_and_a_missing_material_are_told() -> None:
    content = text_of("mug")
    box = next(x for x in content["making"]["bom"] if x["material"] == "LU-BOX")
    box["material"] = "LU-CRATE"
    assert [(x.subject, x.expected, x.found) for x in first_fails(content)] == [
        ("LU-BOX · inspect_pack", "240 pcs", ""),
        ("LU-CRATE · inspect_pack", "", "240 pcs"),
    ]


def test_a_selection_that_is_not_possible_any_more_says_so_in_words() -> None:
    content = text_of("mug")
    why = {"en": "Never.", "de": "Nie.", "zh": "不。"}
    content["rules"].append({"id": "X1", "rule": "capacity = 325 excludes shape = soft", "why": why})
    assert first_fails(content) == [Difference("selection", "as offered", "", "Never.")]


def test_what_a_case_does_not_state_is_not_compared() -> None:
    made = engine(text_of("mug"))
    bare = Case(id="bare", quantity=240)
    assert cases.run(made, bare) == []
    total = Case.model_validate({"id": "total", "quantity": "240", "price": {"total": "845.79"}})
    assert cases.run(made, total) == []
    wrong = Case.model_validate({"id": "total", "quantity": "240", "price": {"total": "845.78"}})
    assert cases.run(made, wrong) == [Difference("price", "total", "845.78", "845.79")]


def test_a_new_option_does_not_break_old_cases() -> None:
    content = text_of("mug")
    value = {"id": "calm", "name": content["name"]}
    mood = {"id": "mood", "type": "choice", "group": "extras", "name": content["name"], "default": "calm"}
    content["options"].append({**mood, "values": [value]})
    assert first_fails(content) == []


def test_a_failed_case_blocks_a_release_and_names_its_place() -> None:
    files = read_files(FOLDER / "mug")
    files["price.yaml"] = files["price.yaml"].replace("rate: 1.90", "rate: 2.10")
    told = [one for one in check(files, "mug", "lu-ceramics").findings if one.blocks]
    assert [one.kind for one in told] == ["case"] * 4
    assert sentence(told[0], "en") == "Case “as offered” does not give what it should."
    assert (told[0].place.file, told[0].place.line) == ("cases.yaml", 2)
    assert told[0].lines[0] == Difference("price", "body", "252.72", "279.32")


def test_a_try_out_is_taken_as_a_case_that_passes() -> None:
    made = engine(text_of("mug"))
    tried = try_out(made, {**made.product.family.defaults, "gold_rim": "yes"}, "36", "en", "mug-1")
    assert tried.spec is not None
    text = read_files(FOLDER / "mug")["cases.yaml"]
    taken = cases.taken(made.product, tried.selections, tried.spec, tried.quantity, "gold, three dozen")
    after = cases.with_case(text, taken)
    assert after.startswith(text), "what was there stays to the letter"
    content = text_of("mug")
    content["cases"] = yaml.load(after, Loader=yaml.BaseLoader)
    made = engine(content)
    assert [case.id for case in made.product.family.cases][-1] == "gold, three dozen"
    assert cases.run(made, made.product.family.cases[-1]) == []


@pytest.mark.parametrize("place", range(4))
def test_expecting_what_is_found_replaces_that_case_and_nothing_else(place: int) -> None:
    content = text_of("mug")
    content["making"]["constants"]["wet_kg"] = "0.500"
    made = engine(content)
    case = made.product.family.cases[place]
    text = read_files(FOLDER / "mug")["cases.yaml"].replace("- id: one, by", "# By hand.\n- id: one, by")
    after = cases.with_case(text, cases.again(made, case))
    content["cases"] = yaml.load(after, Loader=yaml.BaseLoader)
    failing = [bool(cases.run(made, one)) for one in family_of(content).cases]
    assert failing == [other != place for other in range(4)]
    assert "# By hand." in after
    before = yaml.load(text, Loader=yaml.BaseLoader)
    assert [x for i, x in enumerate(content["cases"]) if i != place] == [
        x for i, x in enumerate(before) if i != place
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing yet\n",
        "[]\n",
        "- {id: a, quantity: 1}\n- {id: b, quantity: 2}",
        "- id: a\n  quantity: 1\n",
    ],
)
def test_a_case_finds_its_place_in_every_kind_of_file(text: str) -> None:
    before = yaml.load(text, Loader=yaml.BaseLoader) or []
    for id_ in ("a", "b", "new"):
        after = yaml.load(cases.with_case(text, {"id": id_, "quantity": "7"}), Loader=yaml.BaseLoader)
        wanted = {case["id"]: case for case in before} | {id_: {"id": id_, "quantity": "7"}}
        assert {case["id"]: case for case in after} == wanted


def test_a_case_with_an_unknown_key_is_refused_with_its_place() -> None:
    content = text_of("mug")
    content["cases"][1]["colour"] = "red"
    (one,) = check(files_of(content), "mug", "lu-ceramics").errors
    assert one.place.file == "cases.yaml"
