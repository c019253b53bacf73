"""Every rule of every family: a configuration on which it fires, and one beside it on which it does not."""

from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from modules.rnd.engine import Engine
from modules.rnd.selections import State, read_state
from tests.modules.rnd.families import SLUGS, configured, product

Choices = dict[str, str | None]
PRINT: Choices = {"decoration": "decal", "artwork": "x"}
SHAPED: Choices = {"shape": "custom", "shape_file": "x"}
POOL: Choices = {"use": "pool", "finish": "structured", "slip": "R11"}
PAVER: Choices = {"use": "outdoor", "thickness": "20", "slip": "R11"}


@dataclass(frozen=True)
class Case:
    """`fires` breaks rule `id` and nothing else; `fine` differs in little and keeps every rule."""

    slug: str
    id: str
    fires: Choices
    fine: Choices
    quantity: tuple[int | None, int | None] = (None, None)
    measured: dict[str, str] = field(default_factory=dict)


CASES = [
    Case("tile", "1", POOL | {"body": "BIII"}, POOL | {"body": "BIa"}),
    Case("tile", "2", {"use": "floor", "thickness": "6"}, {"use": "wall", "thickness": "6"}),
    Case("tile", "3", PAVER | {"slip": "R10"}, PAVER),
    Case("tile", "3", PAVER | {"thickness": "9.5"}, PAVER | {"slip": "R13"}),
    Case("tile", "4", {"finish": "polished", "slip": "R10"}, {"finish": "polished", "slip": "R9"}),
    Case("tile", "5", POOL | {"slip": "R10"}, POOL),
    Case("tile", "5", POOL | {"finish": "matt"}, POOL | {"slip": "R12"}),
    Case("tile", "6", {"size": "600x1200", "edge": "bevel"}, {"size": "600x600", "edge": "bevel"}),
    Case(
        "tile",
        "6",
        {"size": "cut", "cut_width": "601", "cut_length": "300", "edge": "pressed"},
        {"size": "cut", "cut_width": "600", "cut_length": "300", "edge": "pressed"},
    ),
    Case("tile", "7", {"joint": "1.5", "edge": "pressed"}, {"joint": "2", "edge": "pressed"}),
    Case(
        "tile",
        "8",
        {"use": "wall", "thickness": "20", "body": "BIII"},
        {"use": "wall", "thickness": "9.5", "body": "BIII"},
    ),
    Case("tile", "9", {"shape": "hex", "edge": "bevel"}, {"shape": "rectangle", "edge": "bevel"}),
    Case("tile", "T3", {"shape": "mosaic", "size": "300x600"}, {"shape": "mosaic", "size": "300x300"}),
    Case(
        "mug",
        "10",
        {"outer_glaze": "signal", "body": "porcelain"},
        {"outer_glaze": "signal", "body": "stoneware"},
    ),
    Case(
        "mug",
        "11",
        {"decoration": "lowfire", "artwork": "x", "print_zone": "inside"},
        {"decoration": "decal", "artwork": "x", "print_zone": "inside"},
    ),
    Case(
        "mug",
        "18",
        PRINT | {"finish": "reactive"},
        PRINT | {"finish": "reactive", "decoration": "underglaze"},
        (2400, 2400),
    ),
    Case("mug", "18b", {"finish": "reactive"}, {"finish": "reactive"}, (1999, 2000)),
    Case("mug", "20", SHAPED, SHAPED, (999, 1000)),
    Case("mug", "26", {"body": "bone", "finish": "matt"}, {"body": "bone", "finish": "gloss"}),
    Case(
        "mug",
        "27",
        {"personal_name": "Mia", "decoration": "laser", "artwork": "x"},
        PRINT | {"personal_name": "Mia"},
    ),
    Case("cabinet", "H1", {"width": "910"}, {"width": "900"}),
    Case(
        "cabinet",
        "H2",
        {"drawers": "5", "height": "770", "drawer_load": "15"},
        {"drawers": "5", "height": "780", "drawer_load": "15"},
    ),
    Case("cabinet", "H3", {"width": "810", "drawer_load": "50"}, {"width": "800", "drawer_load": "50"}),
    Case(
        "cabinet",
        "H4",
        {"drawers": "4", "drawer_load": "50", "height": "900"},
        {"drawers": "3", "drawer_load": "50", "height": "900"},
    ),
    Case("cabinet", "H5", {"led": "full", "transformer": "w20"}, {"led": "strip", "transformer": "w20"}),
    Case("cabinet", "H6", {"depth": "340"}, {"depth": "340", "drawers": "0"}),
    Case("cabinet", "H7", {"front": "glass", "hinge": "push"}, {"front": "shaker", "hinge": "push"}),
    Case("part", "R1", {}, {}, measured={"part.wall": "0.79"}),
    Case("part", "R2", {}, {}, measured={"part.longest": "380.1"}),
    Case("part", "R2", {}, {}, measured={"part.middle": "300.1", "part.longest": "310"}),
    Case(
        "part", "R3", {"material": "pa12gf", "colour": "black"}, {"material": "pa12gf", "colour": "natural"}
    ),
    Case("part", "R4", {"finish": "smoothed", "tolerance": "fine"}, {"finish": "smoothed"}),
    Case("part", "R5", {"tolerance": "fine"}, {}, measured={"part.longest": "200.1"}),
]
NEEDED = [
    ("mug", "M1", {"decoration": "laser"}, ("artwork",)),
    ("mug", "20b", {"shape": "custom"}, ("shape_file",)),
    ("tile", "T1", {"size": "cut", "cut_width": "300"}, ("cut_length",)),
    ("tile", "T2", {"decor": "upload"}, ("artwork",)),
]
"""Rules that ask for something: (family, rule, what is chosen, what is missing then)."""


def _state(case: Case, choices: Choices, quantity: int | None, measured: dict[str, str]) -> State:
    state = configured(case.slug, quantity, **choices)
    if not measured:
        return state
    known = {**state.measured, **{name: Decimal(number) for name, number in measured.items()}}
    return read_state(product(case.slug), state.given, int(state.quantity or 1), known)


@pytest.fixture(scope="module")
def engines() -> dict[str, Engine]:
    return {slug: Engine(product(slug)) for slug in SLUGS}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.slug}-{case.id}")
def test_a_rule_fires_where_it_should_and_nowhere_else(case: Case, engines: dict[str, Engine]) -> None:
    engine = engines[case.slug]
    broken = engine.answer(_state(case, case.fires, case.quantity[0], case.measured))
    named = {product(case.slug).rules[index].id for clash in broken.clashes for index in clash.rules}
    assert named == {case.id}
    assert engine.answer(_state(case, case.fine, case.quantity[1], {})).complete


@pytest.mark.parametrize(("slug", "rule", "choices", "missing"), NEEDED, ids=lambda value: str(value))
def test_a_rule_that_asks_for_something_says_what_is_missing(
    slug: str, rule: str, choices: Choices, missing: tuple[str, ...], engines: dict[str, Engine]
) -> None:
    assert engines[slug].answer(configured(slug, 1000, **choices)).missing == missing
    assert rule in {read.id for read in product(slug).rules}


@pytest.mark.parametrize("slug", SLUGS)
def test_no_rule_is_without_a_case(slug: str) -> None:
    told = {case.id for case in CASES if case.slug == slug} | {rule for s, rule, _, _ in NEEDED if s == slug}
    assert told == {rule.id for rule in product(slug).rules}


@pytest.mark.parametrize("slug", SLUGS)
def test_no_value_is_dead(slug: str, engines: dict[str, Engine]) -> None:
    reply = engines[slug].answer(read_state(product(slug), {}, None))
    assert all(reading.available for readings in reply.domains.values() for reading in readings)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_text_is_there_in_three_languages_and_differs_where_it_should(slug: str) -> None:
    for rule in product(slug).rules:
        assert len({rule.why[language] for language in ("en", "de", "zh")}) == 3
        assert rule.why["en"].endswith(".")
        assert "!" not in "".join(rule.why.values())


def test_the_inside_is_offered_no_cadmium_colour() -> None:
    """Rule 11, the other half: the palette inside simply has none."""
    mug = product("mug").options
    cadmium = {value.id for value in mug["outer_glaze"].values if value.facts.get("cadmium")}
    assert cadmium == {"signal"}
    assert not cadmium & {value.id for value in mug["inner_glaze"].values}


def test_mug_and_tile_have_the_options_of_the_list() -> None:
    mug, tile = set(product("mug").options), set(product("tile").options)
    assert mug == {
        "capacity",
        "body",
        "shape",
        "shape_file",
        "handle",
        "inner_glaze",
        "outer_glaze",
        "finish",
        "decoration",
        "artwork",
        "print_zone",
        "gold_rim",
        "backstamp",
        "personal_name",
        "packaging",
    }
    assert tile >= {
        "use",
        "body",
        "size",
        "shape",
        "thickness",
        "colour",
        "finish",
        "slip",
        "decor",
        "faces",
        "colour_set",
        "edge",
        "joint",
        "shade",
        "packing",
    }
    assert len(mug - {"shape_file"}) + 1 == 15
    assert len(tile - {"cut_width", "cut_length", "artwork"}) + 1 == 16
