"""Work and material that nobody pays for, and lines that the rules rule out, are told before a release."""

from typing import Any

import pytest

from modules.rnd import checking
from modules.rnd.checking import Finding, check
from modules.rnd.family import content_of, files_of
from tests.modules.rnd.families import text_of
from tests.modules.rnd.lamp import lamp

WHY = {"en": "So it is.", "de": "So ist es.", "zh": "如此。"}
KINDS = ("unpriced", "never")


def lamp_content() -> dict[str, Any]:
    """The lamp without its cases, which say what it costs."""
    content = content_of(lamp(), "lamp")
    del content["cases"]
    return content


def found(content: dict[str, Any]) -> list[Finding]:
    findings = check(files_of(content), content["slug"], content["plant"]).findings
    assert not [one for one in findings if one.blocks], [checking.sentence(one, "en") for one in findings]
    return [one for one in findings if one.kind in KINDS]


def told(content: dict[str, Any], locale: str = "en") -> list[str]:
    return [checking.sentence(one, locale) for one in found(content)]


def without(content: dict[str, Any], *codes: str) -> dict[str, Any]:
    """The content without these price lines."""
    left = [driver for driver in content["price"] if driver["code"] not in codes]
    assert len(left) == len(content["price"]) - len(codes)
    return content | {"price": left}


def ruled(content: dict[str, Any], *rules: str) -> dict[str, Any]:
    return content | {"rules": [*content["rules"], *({"id": f"X{n}", "rule": rule, "why": WHY}
                                                     for n, rule in enumerate(rules, 1))]}  # fmt: skip


def test_the_lamp_is_covered() -> None:
    """The control of all that follows."""
    assert check(lamp(), "lamp", "lu-ceramics").findings == ()


def test_a_routing_without_a_price_names_its_operations() -> None:
    for content in (without(lamp_content(), "shade", "work", "shield", "setup"), lamp_content()):
        if content["price"]:
            del content["price"]
        (one,) = found(content)
        assert checking.sentence(one, "en") == (
            "There is a routing but no price: no price line covers Build."
        )
        assert (one.blocks, one.place.file, one.place.line > 0) == (False, "making.yaml", True)


def test_what_is_offered_for_nothing_is_told() -> None:
    content = without(lamp_content(), "shade", "work", "setup")
    assert told(content) == ["What is offered by default costs nothing: no price line covers Build."]
    content["price"].append({**lamp_content()["price"][3], "rate": "0.01"})
    assert told(content) == [], "the control: anything at all is a price"


def test_an_operation_without_a_price_line_names_the_value_that_adds_it() -> None:
    (one,) = found(without(lamp_content(), "shield"))
    assert checking.sentence(one, "en") == "Bulb: Hot adds Fit the shield, and no price line covers it."
    assert checking.sentence(one, "de").startswith("Birne: Heiß bringt Schirmen hinzu")
    assert checking.sentence(one, "zh").startswith("灯泡：高温会增加装隔热罩")
    assert (one.kind, one.blocks, one.place.file) == ("unpriced", False, "options.yaml")
    assert "hot" in files_of(lamp_content())["options.yaml"].splitlines()[one.place.line - 1]


def test_a_material_without_a_price_line_is_named_too() -> None:
    content = lamp_content()
    fuse = {"material": "LAMP-FUSE", "name": WHY, "unit": "pcs", "operation": "build"}
    content["making"]["bom"].append(fuse | {"per_piece": "if(bulb = hot, 1, 0)"})
    del content["making"]["routing"][1]
    assert told(content) == [], "the heat shield's price line pays for whatever a hot bulb takes"
    assert told(without(content, "shield")) == ["Bulb: Hot adds LAMP-FUSE, and no price line covers it."]


def test_dyeing_for_nothing_names_every_colour() -> None:
    content = text_of("part")
    del content["cases"]
    assert told(content) == []
    sentences = told(without(content, "dye_litres"))
    assert sentences == [
        f"Colour: {colour} adds Dye, RA-DYE-{{colour}}, and no price line covers it."
        for colour in ("Black", "Blue", "Red", "Green")
    ]


@pytest.mark.parametrize(
    ("option", "when", "said"),
    [
        ({"type": "integer", "min": "0", "max": "9", "default": "0"}, "extra > 3", "Extra: 9 adds Engrave"),
        ({"type": "text", "optional": "true"}, "extra is set", "Extra adds Engrave"),
        ({"type": "file", "optional": "true", "accept": ["image/png"]}, "extra is set", "Extra adds Engrave"),
        ({"type": "text", "optional": "true"}, "extra is not set", "Without Extra there is Engrave more"),
    ],
)
def test_numbers_texts_and_files_are_tried_as_well(option: dict[str, Any], when: str, said: str) -> None:
    content = lamp_content()
    names = {"en": "Extra", "de": "Zugabe", "zh": "附加"}
    content["options"].append({"id": "extra", "group": "all", "name": names, **option})
    engrave = {"en": "Engrave", "de": "Gravieren", "zh": "雕刻"}
    step = {"code": "engrave", "when": when, "name": engrave, "resources": ["BENCH"]}
    content["making"]["routing"].append(step)
    assert told(content) == [f"{said}, and no price line covers it."]
    assert not {*told(content, "de"), *told(content, "zh")} & set(told(content))
    content["price"].append({**content["price"][3], "code": "engraving", "amount": f"if({when}, 1, 0)"})
    assert told(content) == [], "the control: with a price line of its own"


def test_what_the_rules_forbid_needs_no_price() -> None:
    content = ruled(without(lamp_content(), "shield"), "always bulb = cool")
    assert [one.kind for one in found(content)] == ["never"]


def test_what_may_not_be_left_out_needs_no_price_without_it() -> None:
    content = lamp_content()
    names = {"en": "Extra", "de": "Zugabe", "zh": "附加"}
    content["options"].append(
        {"id": "extra", "group": "all", "name": names, "type": "text", "optional": "true"}
    )
    engrave = {"en": "Engrave", "de": "Gravieren", "zh": "雕刻"}
    step = {"code": "engrave", "when": "extra is not set", "name": engrave, "resources": ["BENCH"]}
    content["making"]["routing"].append(step)
    assert len(found(content)) == 1, "the control"
    assert found(ruled(content, "always extra is set")) == []


def test_a_line_that_the_rules_rule_out_names_a_smallest_set_of_them() -> None:
    """Paper alone, and paper takes no hot bulb: two rules, and nothing is ever shielded."""
    content = ruled(lamp_content(), "always shade = paper", "quantity > 50 needs bulb = cool")
    content["options"][0]["default"] = "paper"
    findings = found(content)
    assert [checking.sentence(one, "en") for one in findings] == [
        "Fit the shield is on no route: the rules rule out whatever needs it.",
        "Price line Heat shield is never charged: the rules rule out whatever it is for.",
    ]
    assert [{id_ for id_, _ in one.rules} for one in findings] == [{"L1", "X1"}] * 2
    assert [(one.place.file, one.place.line > 0) for one in findings] == [
        ("making.yaml", True),
        ("price.yaml", True),
    ]
    for gone in ("L1", "X1"):
        fewer = content | {"rules": [rule for rule in content["rules"] if rule["id"] != gone]}
        assert found(fewer) == [], f"the set is smallest: without {gone} the shield is fitted"


def test_a_material_that_is_never_used_is_told() -> None:
    content = ruled(lamp_content(), "always bulb = cool")
    fuse = {"material": "LAMP-FUSE", "name": WHY, "unit": "pcs", "operation": "build", "per_piece": "1"}
    content["making"]["bom"].append(fuse | {"when": "bulb = hot"})
    assert "Material LAMP-FUSE is never used: the rules rule out whatever needs it." in told(content)


def test_a_line_that_hangs_on_the_quantity_is_not_said_to_be_never_needed() -> None:
    """Not every quantity is tried, so nothing is claimed: 37 cool ones are shielded."""
    content = lamp_content()
    when = "bulb = hot or (bulb = cool and quantity = 37)"
    content["making"]["routing"][1]["when"] = when
    content["price"][2]["amount"] = f"if({when}, good, 0)"
    assert found(ruled(content, "always bulb = cool")) == []


def test_a_family_of_very_many_choices_is_looked_through_one_option_at_a_time() -> None:
    """Four options of nine values each decide one operation: what a single choice adds is still found."""
    content = lamp_content()
    for n in range(4):
        values = [{"id": f"v{k}", "name": WHY} for k in range(9)]
        option = {"id": f"o{n}", "type": "choice", "group": "all", "name": {**WHY, "en": f"O{n}"}}
        content["options"].append({**option, "default": "v0", "values": values})
    engrave = {"name": {"en": "Engrave", "de": "Gravieren", "zh": "雕刻"}, "resources": ["BENCH"]}
    when = "o0 = v1 or (o1 = v2 and o2 = v3 and o3 = v4)"
    content["making"]["routing"].append({"code": "engrave", "when": when, **engrave})
    assert told(content) == [f"O0: {WHY['en']} adds Engrave, and no price line covers it."]
    assert found(ruled(content, "always o0 = v0", "always o1 = v0")) == [], "not all of them were tried"


def test_what_cannot_be_worked_out_may_need_the_line_and_nothing_is_claimed() -> None:
    """A warm bulb is shielded, for as many minutes as it has watts; no watts are offered by default."""
    content = ruled(lamp_content(), "bulb = hot excludes shade = glass", "bulb = warm needs watts is set")
    warm = {"id": "warm", "name": {"en": "Warm", "de": "Warm", "zh": "温"}}
    content["options"][1]["values"].append(warm)
    watts = {"id": "watts", "type": "integer", "group": "all", "name": WHY, "optional": "true"}
    content["options"].append({**watts, "unit": "W", "min": "1", "max": "9", "step": "1"})
    shield = content["making"]["routing"][1]
    shield |= {"when": "bulb in (hot, warm)", "minutes_per_piece": "if(bulb = warm, watts, 1)"}
    content["price"][2]["amount"] = "if(bulb in (hot, warm), good, 0)"
    assert "never" not in [one.kind for one in found(content)]
    without_warm = ruled(content, "always bulb = cool")
    assert [one.kind for one in found(without_warm)] == ["never", "never"], "the control"
