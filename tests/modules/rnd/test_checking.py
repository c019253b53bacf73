"""What is wrong with a model is found before its release, with its place and the smallest set of rules."""

from collections.abc import Iterator
from itertools import product as combinations

import pytest

from cosmo.db import Database
from cosmo.parties import Plant
from modules.rnd import checking
from modules.rnd.checking import Finding, check
from modules.rnd.engine import Engine
from modules.rnd.evaluate import keeps
from modules.rnd.family import FamilyError, content_of, family_of, files_of, read_files
from modules.rnd.faults import Fault, faults
from modules.rnd.product import Product
from modules.rnd.releases import release
from modules.rnd.selections import facts_of, read_state
from tests.factories import NOW
from tests.modules.rnd.families import FOLDER, SLUGS, product, text_of

PLANTS = {"mug": "lu-ceramics", "tile": "lu-ceramics", "cabinet": "hansa-cabinets", "part": "rhein-additive"}
KNOWN = {
    "mug": {"handle"},
    "tile": {"use", "slip", "joint"},
    "cabinet": set(),
    "part": set(),
}
"""Options of the seed on which nothing depends that is made or priced: what the check warns of, and rightly.

A handle is formed at the same operation for the same price; the tile's use, slip class and joint only decide
which other values go with them.
"""
WHY = {"en": "So it is.", "de": "So ist es.", "zh": "如此。"}


def found(slug: str, files: dict[str, str]) -> list[Finding]:
    return list(check(files, slug, PLANTS[slug]).findings)


def with_rules(slug: str, *rules: str) -> dict[str, str]:
    """The family's files with rules X1, X2 and so on added."""
    content = text_of(slug)
    del content["cases"]
    content["rules"] += [{"id": f"X{n}", "rule": rule, "why": WHY} for n, rule in enumerate(rules, 1)]
    return files_of(content)


def ids(finding: Finding) -> set[str]:
    return {id_ for id_, _ in finding.rules}


def of_kind(kind: str, findings: list[Finding]) -> list[Finding]:
    return [one for one in findings if one.kind == kind]


@pytest.mark.parametrize("slug", SLUGS)
def test_the_seed_is_sound_and_its_warnings_are_known(slug: str) -> None:
    """Negative control of every kind of finding: without a fault there is none."""
    checked = check(read_files(FOLDER / slug), slug, PLANTS[slug])
    assert checked.errors == []
    assert {one.kind for one in checked.warnings} <= {"unneeded"}
    named = {one.values["option"]["en"] for one in checked.warnings}
    assert named == {product(slug).options[id_].name["en"] for id_ in KNOWN[slug]}


def test_a_contradiction_names_its_two_rules() -> None:
    (one,) = found(
        "mug", with_rules("mug", "always body = bone", "always finish = gloss", "always body = stoneware")
    )
    assert (one.kind, one.blocks, ids(one)) == ("contradiction", True, {"X1", "X3"})
    assert checking.sentence(one, "en").startswith("The rules contradict each other")
    assert [place.file for _, place in one.rules] == ["rules.yaml"] * 2


def test_defaults_that_do_not_go_together_name_the_rule() -> None:
    files = with_rules("mug", "capacity = 325 excludes shape = soft")
    (one,) = [one for one in found("mug", files) if one.blocks]
    assert (one.kind, ids(one)) == ("default", {"X1"})
    assert checking.sentence(one, "en") == "The defaults of Capacity, Shape do not go together."
    assert checking.sentence(one, "zh") != checking.sentence(one, "en")


def test_an_option_called_as_the_shops_form_calls_something_else_is_refused() -> None:
    """Bug: `laid` was taken for how the picture shows it, and the option could never be chosen."""
    content = text_of("mug")
    name = next(one for one in content["options"] if one["id"] == "personal_name")
    content["options"].append({**name, "id": "laid"})
    (one,) = [one for one in found("mug", files_of(content)) if one.blocks]
    assert (one.kind, one.place.file) == ("name", "options.yaml")
    assert checking.sentence(one, "en") == "laid cannot be the name of an option."
    assert checking.sentence(one, "zh") != checking.sentence(one, "en")


def test_a_default_that_cannot_be_made_is_told() -> None:
    content = text_of("mug")
    content["making"]["bom"][0]["operation"] = "slip_cast"
    (one,) = [one for one in found("mug", files_of(content)) if one.blocks]
    assert one.kind == "unmade"
    assert "none of its operations is on the route" in checking.sentence(one, "en")


def test_a_dead_value_names_the_smallest_set() -> None:
    """Matt needs bone, bone excludes matt (rule 26): two rules, and no others, kill matt."""
    dead = of_kind("dead", found("mug", with_rules("mug", "finish = matt needs body = bone")))
    assert [checking.sentence(one, "en") for one in dead] == ["Finish: Matt can never be chosen."]
    assert ids(dead[0]) == {"26", "X1"}
    assert not dead[0].blocks
    assert dead[0].place.file == "options.yaml"


def test_a_dead_stretch_of_numbers_and_a_dead_upload_are_told() -> None:
    dead = of_kind("dead", found("cabinet", with_rules("cabinet", "always width <= 900")))
    told = [checking.sentence(one, "en") for one in dead]
    assert "Width from 910 to 1,800 can never be chosen." in told
    mug = of_kind("dead", found("mug", with_rules("mug", "artwork is set needs quantity < 1")))
    (upload,) = [one for one in mug if "given" in one.msgid]
    assert (checking.sentence(upload, "en"), ids(upload)) == ("Artwork can never be given.", {"X1"})
    (laser,) = [one for one in mug if "Laser" in checking.sentence(one, "en")]
    assert ids(laser) == {"X1", "M1", "27"}, "no artwork, so a name, so a decal"
    few = of_kind("dead", found("mug", with_rules("mug", "always quantity >= 12")))
    assert [checking.sentence(one, "en") for one in few] == ["A quantity from 1 to 11 can never be ordered."]


def test_a_rule_that_never_applies_names_what_forbids_its_beginning() -> None:
    idle = of_kind(
        "idle", found("mug", with_rules("mug", "body = bone and finish = matt needs gold_rim = yes"))
    )
    assert [checking.sentence(one, "en") for one in idle] == [
        "Rule X1 never applies: what it begins with cannot be."
    ]
    assert ids(idle[0]) == {"26"}


def test_a_rule_that_says_nothing_new_names_what_says_it_already() -> None:
    idle = of_kind("idle", found("mug", with_rules("mug", "finish = matt excludes body = bone")))
    assert {checking.sentence(one, "en") for one in idle} == {
        "Rule X1 forbids nothing that is not forbidden without it.",
        "Rule 26 forbids nothing that is not forbidden without it.",
    }
    assert {frozenset(ids(one)) for one in idle} == {frozenset({"26"}), frozenset({"X1"})}


def test_a_rule_that_is_always_true_needs_no_other() -> None:
    idle = of_kind(
        "idle", found("mug", with_rules("mug", "quantity >= 1 needs body in (stoneware, porcelain, bone)"))
    )
    assert [ids(one) for one in idle] == [set()]


def test_an_option_that_changes_nothing_names_the_rules_that_read_it() -> None:
    content = text_of("mug")
    option = {"id": "mood", "type": "choice", "group": "extras", "name": WHY, "default": "calm"}
    content["options"].append(
        {**option, "values": [{"id": "calm", "name": WHY}, {"id": "wild", "name": WHY}]}
    )
    content["rules"].append({"id": "X1", "rule": "mood = wild excludes finish = matt", "why": WHY})
    told = [one for one in found("mug", files_of(content)) if one.values.get("option") == WHY]
    assert [(one.kind, ids(one), one.place.file) for one in told] == [("unneeded", {"X1"}, "options.yaml")]
    content["price"][0]["amount"] = "if(mood = wild, 2, 1) * start * wet_kg * capacity.size"
    assert not [one for one in found("mug", files_of(content)) if one.values.get("option") == WHY]


SMALLEST = [
    ("mug", ("always body = bone", "always finish = gloss", "always body = stoneware")),
    ("mug", ("finish = matt needs body = bone",)),
    ("mug", ("body = bone and finish = matt needs gold_rim = yes",)),
    ("tile", ("pool needs body = BIII",)),
    ("cabinet", ("always drawers = 5", "always drawer_load = 50", "always height < 800")),
]


@pytest.mark.parametrize(("slug", "rules"), SMALLEST)
def test_without_any_one_of_the_named_rules_the_fault_is_gone(slug: str, rules: tuple[str, ...]) -> None:
    """The set is smallest: take one rule away, and this fault is not told any more."""
    files = with_rules(slug, *rules)
    told = [one for one in found(slug, files) if one.rules and one.kind != "unneeded"]
    assert told
    for one in told:
        for id_, _ in one.rules:
            assert key(one) not in {key(left) for left in found(slug, without_rule(slug, rules, id_))}


def key(finding: Finding) -> tuple[str, str]:
    return finding.kind, checking.sentence(finding, "en")


def without_rule(slug: str, rules: tuple[str, ...], id_: str) -> dict[str, str]:
    content = content_of(with_rules(slug, *rules), slug)
    content["rules"] = [rule for rule in content["rules"] if rule["id"] != id_]
    return files_of(content)


def test_what_is_called_dead_is_dead_by_the_slow_reading() -> None:
    """Every complete configuration of a small family, read plainly: no valid one has the dead value."""
    made = small()
    alive = {tuple(sorted(state.items())) for state in every(made) if valid(made, state)}
    for option in made.family.options:
        for value in option.values:
            told = any(
                one.kind == "dead" and one.about[-1] == value.id and one.about[0] == option.id
                for one in faults_of(made)
            )
            assert told == (not any((option.id, value.id) in state for state in alive)), (option.id, value.id)


def small() -> Product:
    content = text_of("mug")
    keep = ("body", "finish", "decoration", "print_zone")
    content = {**content, "price": [], "cases": [], "notes": [], "artwork": None, "text_glyphs": {}}
    content["cancelling"] = {}
    content["options"] = [o for o in content["options"] if o["id"] in keep]
    content["options"] = [
        {k: v for k, v in o.items() if k not in ("freeze", "default")} for o in content["options"]
    ]
    rules = ("finish = reactive needs body = bone", "body = bone needs decoration = hand_paint",
             "decoration = hand_paint excludes print_zone in (front, both, wrap, inside)")  # fmt: skip
    content["rules"] = [{"id": str(n), "rule": rule, "why": WHY} for n, rule in enumerate(rules)]
    step = {"code": "make", "name": WHY, "resources": ["X"]}
    content["making"] = {"routing": [step], "packing": {"kg_per_piece": "1"}}
    content["quantity"] = {"max": "10", "default": "1"}
    return Product(family_of(content))


def faults_of(made: Product) -> list[Fault]:
    return list(faults(Engine(made)))


def every(made: Product) -> Iterator[dict[str, str]]:
    options = made.family.options
    for values in combinations(*([value.id for value in option.values] for option in options)):
        yield {option.id: value for option, value in zip(options, values, strict=True)}


def valid(made: Product, chosen: dict[str, str]) -> bool:
    facts = facts_of(made, read_state(made, chosen, 1))
    return all(keeps(rule.rule, facts) for rule in made.rules)


UNREADABLE: list[tuple[str, str, str, int, str]] = [
    ("rules.yaml", "  rule:", "rule:", 3, "cannot be read"),
    (
        "rules.yaml",
        "body = bone excludes",
        "body = stone excludes",
        39,
        "has no value",
    ),
    ("rules.yaml", "excludes finish = matt", "excludes", 39, "expected"),
    ("options.yaml", "zh: 坯体", "zx: 坯体", 14, "a text is needed in zh"),
    (
        "options.yaml",
        "default: soft",
        "default: sofd",
        25,
        "cannot have the default",
    ),
    ("price.yaml", "amount: good * decals", "amount: good * decal", 26, "decal"),
    (
        "making.yaml",
        "per_piece: decals",
        "per_piece: decals +",
        145,
        "expected",
    ),
    ("family.yaml", "slug: mug", "slug: cup", 3, "has to stay mug"),
]


@pytest.mark.parametrize(("file", "old", "new", "line", "said"), UNREADABLE)
def test_what_cannot_be_read_is_told_with_file_and_line(
    file: str, old: str, new: str, line: int, said: str
) -> None:
    files = read_files(FOLDER / "mug")
    assert old in files[file]
    files[file] = files[file].replace(old, new, 1)
    blocking = [one for one in found("mug", files) if one.blocks]
    assert [(one.place.file, one.place.line) for one in blocking] == [(file, line)]
    assert said in checking.sentence(blocking[0], "en")


def test_every_unclear_rule_and_formula_is_told_at_once() -> None:
    files = read_files(FOLDER / "mug")
    for old, new in (("body = bone", "body = stone"), ("is set needs", "is needs")):
        files["rules.yaml"] = files["rules.yaml"].replace(old, new)
    files["price.yaml"] = files["price.yaml"].replace("good * decals", "good *")
    assert {one.place.file for one in found("mug", files)} == {"rules.yaml", "price.yaml"}
    assert len(found("mug", files)) == 3


KNOTS = (
    "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
    "- &a [*a]\n",
    "[" * 50_000,
    "- {id: a}\n--- \n- {id: b}\n",
    "\t- id: a\n",
    "? [a, b]\n: c\n",
    "- [1, 2]\n- null\n- !!python/object:os.system x\n",
)


@pytest.mark.parametrize("text", KNOTS)
@pytest.mark.parametrize("file", ["rules.yaml", "family.yaml", "cases.yaml"])
def test_a_text_in_knots_is_told_and_breaks_nothing(file: str, text: str) -> None:
    blocking = [one for one in found("mug", {**read_files(FOLDER / "mug"), file: text}) if one.blocks]
    assert blocking
    assert all(checking.sentence(one, "en") for one in blocking)


def test_missing_and_empty_files_are_told() -> None:
    files = read_files(FOLDER / "mug")
    assert [one.place.file for one in found("mug", {**files, "family.yaml": ""})] == ["family.yaml"]
    without = {name: text for name, text in files.items() if name != "options.yaml"}
    assert any("options" in checking.sentence(one, "en") for one in found("mug", without))


def test_what_blocks_is_refused_and_a_warning_is_not(lu: Plant, database: Database) -> None:
    with database.write() as session:
        content = content_of(with_rules("mug", "finish = matt excludes body = bone"), "mug")
        assert release(session, content, lu, NOW.business).number == 2
        content = content_of(with_rules("mug", "always body = bone", "always body = stoneware"), "mug")
        with pytest.raises(FamilyError, match=r"contradict each other.*\(X1, X2\)"):
            release(session, content, lu, NOW.business)
