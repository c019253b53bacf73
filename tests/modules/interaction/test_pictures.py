"""A drawing shows the customer's product: its own measures, its own colour, nothing that was not chosen."""

import pytest

from cosmo.db import Database
from cosmo.parties import Plant
from modules.rnd.releases import load_families
from tests.factories import MONDAY
from tests.modules.interaction.conftest import MUGS
from tests.modules.rnd.families import product
from tests.web_fixtures import Visitor
from web.drawing.cabinet import COLOURS
from web.drawing.pictures import mug_of, picture

MEASURED = {"part": "x", "part.longest": "80.0", "part.middle": "50.0", "part.shortest": "30.5"}


def test_a_part_shows_what_was_measured() -> None:
    drawn = str(picture("part", MEASURED))
    assert [side for side in ("80 mm", "50 mm", "30.5 mm") if side not in drawn] == []
    assert "120 mm" not in drawn


def test_a_part_without_a_file_names_no_size() -> None:
    assert "mm</text>" not in str(picture("part", {"colour": "black"}))


def test_every_colour_of_the_cabinet_is_drawn_as_its_swatch_says() -> None:
    colour = product("cabinet").options["colour"]
    assert {value.id: COLOURS.get(value.id) for value in colour.values} == {
        value.id: value.swatch for value in colour.values
    }
    carcass = product("cabinet").options["carcass"]
    assert [value.id for value in carcass.values if value.id not in COLOURS] == []


def test_every_front_of_the_cabinet_looks_its_own_way() -> None:
    fronts = [value.id for value in product("cabinet").options["front"].values]
    drawn = {str(picture("cabinet", {"front": front, "colour": "petrol"})) for front in fronts}
    assert len(drawn) == len(fronts) == 3


@pytest.mark.parametrize("decoration", ["decal", "lowfire", "underglaze", "laser", "hand_paint"])
def test_nothing_is_drawn_as_printed_before_there_is_artwork(decoration: str) -> None:
    looks = mug_of({"decoration": decoration})
    assert (looks.artwork, looks.zone) == ("", True)
    with_artwork = mug_of({"decoration": decoration, "artwork": "a1"})
    assert (with_artwork.artwork, with_artwork.zone) == ("/artwork/a1", False)
    named = mug_of({"decoration": decoration, "personal_name": "Mila"})
    assert (named.artwork, named.zone) == ("", False)
    assert 'stroke-dasharray="6 6"' in str(picture("mug", {"decoration": decoration}))
    assert 'stroke-dasharray="6 6"' not in str(picture("mug", {"decoration": "none"}))


def test_values_are_shown_with_their_pictures_and_a_choice_with_its_help(
    client: Visitor, database: Database, mugs: Plant
) -> None:
    with database.write() as session:
        load_families(session, MUGS.parent / "tile", mugs, MONDAY)
    page = client.get("/configure/tile").text
    for shape in ("rectangle", "hex", "mosaic", "trim"):
        assert page.count(f'src="/picture/tile-1/shape_{shape}.svg"') == 1
    assert "/picture/" not in client.get("/configure/mug").text, "a family without any"
    assert "Stoneware is warm and sturdy" in client.get("/configure/mug").text
