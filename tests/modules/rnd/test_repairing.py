"""Ways out as the kernel hears them: in words, resolved, with uploads looked at again."""

import io
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlmodel import Session

from cosmo import attachments
from cosmo.asking import Answerers
from cosmo.db import Database
from cosmo.parties import Plant
from cosmo.ports import Ask, WaysOut
from cosmo.repairing import mended
from cosmo.settings import Settings
from modules.rnd.configuring import answer, resolved
from modules.rnd.repairing import MOST_TOLD, ModelledRepairer
from tests.factories import NOW
from tests.modules.rnd.families import product
from tests.modules.rnd.pictures import png
from tests.modules.rnd.test_releases import TO

Out = Callable[..., WaysOut]


def wish(quantity: int = 240, locale: str = "en", **changes: Any) -> Ask:
    return Ask("mug", {**product("mug").family.defaults, **changes}, quantity, TO, locale=locale)


@pytest.fixture
def out(lu: Plant, database: Database) -> Out:
    def ways_out(ask: Ask, most: int = 3) -> WaysOut:
        with database.read() as session:
            return ModelledRepairer().ways_out(session, ask, most)

    return ways_out


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en", {"Keep matt and take stoneware", "Keep bone china and take gloss"}),
        ("de", {"Matt behalten und Steinzeug nehmen", "Knochenporzellan behalten und Glänzend nehmen"}),
        ("zh", {"保留哑光，改选炻器", "保留骨瓷，改选亮光"}),
    ],
)
def test_a_repair_says_what_is_kept_and_what_is_taken(out: Out, locale: str, words: set[str]) -> None:
    told = out(wish(body="bone", finish="matt", locale=locale))
    assert words <= {one.label for one in told.repairs}


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en", "Keep reactive and order 2,000"),
        ("de", "Reaktiv behalten und 2.000 bestellen"),
        ("zh", "保留窑变，订购数量改为 2,000"),
    ],
)
def test_quantities_are_ordered(out: Out, locale: str, words: str) -> None:
    told = {one.label: one.changes for one in out(wish(finish="reactive", locale=locale)).repairs}
    assert told[words] == {"quantity": 2000}


def test_what_is_left_out_and_several_things_at_once_are_said(out: Out) -> None:
    named = {one.label: one.changes for one in out(wish(decoration="none", personal_name="Mia")).repairs}
    assert named["Keep decoration: None and leave out personal name"] == {"personal_name": ""}
    two = out(wish(body="bone", finish="matt", outer_glaze="signal"))
    assert two.repairs[0].label == "Keep signal and matt, take stoneware"
    assert two.repairs[0].changes == {"body": "stoneware"}


def test_a_repair_is_what_is_then_made(out: Out, database: Database) -> None:
    ask = wish(body="bone", finish="matt")
    told = out(ask)
    assert told.as_chosen is not None
    assert {line.material for line in told.as_chosen.bom} >= {"LU-BODY-BONE"}
    with database.read() as session:
        for one in told.repairs:
            made = mended(ask, one.changes)
            assert answer(session, "mug", made.selections, made.quantity, "en").conflicts == ()
            assert one.spec == resolved(session, made)


def test_what_is_not_complete_has_no_product_yet(out: Out) -> None:
    part = {"body": "bone", "finish": "matt"}
    told = out(Ask("mug", part, 240, TO))
    assert told.repairs
    assert {one.spec for one in told.repairs} == {None}
    assert told.as_chosen is None


def test_few_changes_are_enough_and_not_too_many_ways_are_told(out: Out) -> None:
    ask = wish(body="bone", outer_glaze="signal", finish="reactive", shape="custom", shape_file="")
    told = out(ask).repairs
    sizes = [len(one.changes) for one in told]
    assert 3 <= len(told) <= MOST_TOLD
    assert sizes == sorted(sizes)
    assert len(set(sizes[:-1])) == 1, "no more changes once there are enough with fewer"
    assert len({frozenset(one.changes) for one in told[:3]}) > 1, "different options come before other values"


def test_nothing_conflicts_nothing_is_repaired(out: Out) -> None:
    assert out(wish()) == WaysOut()


def test_without_the_module_there_is_nothing_to_repair(lu: Plant, database: Database) -> None:
    with database.read() as session:
        plain = Answerers(frozenset()).repairer.ways_out(session, wish(body="bone", finish="matt"), 3)
        assert plain == WaysOut()
        modelled = Answerers(frozenset({"rnd"})).repairer.ways_out(
            session, wish(body="bone", finish="matt"), 3
        )
    assert modelled.repairs


@pytest.mark.parametrize(
    ("wrong", "quantity", "changes"),
    [
        ({"body": "gold"}, 240, [{"body": "stoneware"}, {"body": "porcelain"}, {"body": "bone"}]),
        ({"personal_name": "x" * 99}, 240, [{"personal_name": ""}]),
        ({}, 90_000, [{"quantity": 20_000}]),
    ],
)
def test_what_can_never_be_is_replaced(
    out: Out, wrong: Mapping[str, str], quantity: int, changes: list[dict[str, Any]]
) -> None:
    assert [dict(one.changes) for one in out(wish(quantity, **wrong)).repairs] == changes


@pytest.mark.parametrize(("pixels", "moves"), [(600, False), (4000, True)])
def test_a_picture_that_would_be_printed_too_large_rules_a_repair_out(
    lu: Plant, database: Database, settings: Settings, pixels: int, moves: bool
) -> None:
    """600 pixels are enough for the 45 mm inside, not for the outside; low-fire red may not go inside."""
    database.files = settings.attachments
    with database.write() as session:
        art = _kept(session, settings, png(pixels, pixels))
        ask = wish(decoration="lowfire", print_zone="inside", artwork=art)
        assert [c.rule for c in answer(session, "mug", ask.selections, 240, "en").conflicts] == ["11"]
        told = ModelledRepairer().ways_out(session, ask, 3).repairs
        assert {"decoration": "decal"} in [one.changes for one in told]
        assert any("print_zone" in one.changes for one in told) == moves
        for one in told:
            made = mended(ask, one.changes)
            assert answer(session, "mug", made.selections, made.quantity, "en").conflicts == ()


def _kept(session: Session, settings: Settings, content: bytes) -> str:
    return attachments.store(session, settings.attachments, io.BytesIO(content), "art.png", now=NOW).id
