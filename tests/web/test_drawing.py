"""Drawings: pure, safe, well-formed; what is asked for is in them."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from web.drawing.cabinet import Cabinet, cabinet
from web.drawing.glazes import GLAZES, glaze, luminance, tint
from web.drawing.laying import Tile
from web.drawing.mug import Mug, mug
from web.drawing.part import Part, part
from web.drawing.pictures import picture
from web.drawing.profiles import PROFILES, SHAPES, form
from web.drawing.scenes import rack
from web.drawing.svg import again, el
from web.drawing.swatch import shape_sign, swatch
from web.drawing.tile import tile_wall

NASTY = '"><script>alert(1)</script>'


def parse(svg: str) -> ElementTree.Element:
    """Well-formed XML, or the test fails."""
    return ElementTree.fromstring(svg)


def ids(svg: str) -> list[str]:
    return re.findall(r'\bid="([^"]+)"', svg)


def check(svg: str) -> None:
    """What every drawing owes the page: parses, carries no style or script, refers only to its own ids."""
    parse(svg)
    assert " style=" not in svg
    assert "<script" not in svg
    assert len(ids(svg)) == len(set(ids(svg)))
    referred = set(re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"', svg))
    assert {a or b for a, b in referred} <= set(ids(svg))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("decoration", ["none", "decal", "underglaze", "laser", "hand"])
def test_every_mug_draws(shape: str, decoration: str) -> None:
    check(
        mug(
            Mug(shape=shape, decoration=decoration, gold=True, name="Hanna", zone=True, finish="reactive"),
            title="x",
        )
    )


def test_the_same_mug_is_the_same_text() -> None:
    spec = Mug(decoration="decal")
    assert mug(spec) == mug(spec)
    assert mug(spec) != mug(Mug(decoration="decal", outer="cobalt"))


def test_an_uploaded_picture_is_bent_in_strips_but_sent_once() -> None:
    svg = mug(Mug(decoration="decal", artwork="/attachments/7"))
    assert svg.count("/attachments/7") == 1
    assert svg.count('href="#') >= 20


def test_no_handle_no_name_no_gold_unless_asked() -> None:
    plain = mug(Mug(handle="none"))
    assert "textPath" not in plain
    assert "textPath" in mug(Mug(name="李明"))
    assert len(plain) < len(mug(Mug(handle="C")))


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=20), st.text(max_size=20), st.integers(-5, 9000), st.text(max_size=30))
def test_a_mug_draws_whatever_it_is_given(shape: str, colour: str, capacity: int, name: str) -> None:
    printable = "".join(ch for ch in name if ch.isprintable())
    check(mug(Mug(shape=shape, outer=colour, capacity=capacity, name=printable, decoration="decal")))


def test_words_from_outside_are_escaped() -> None:
    for svg in (
        mug(Mug(name=NASTY)),
        mug(Mug(artwork=f"/{NASTY}", decoration="decal")),
        tile_wall(Tile(decor=f"/{NASTY}")),
    ):
        check(svg)


def test_bigger_mugs_are_drawn_bigger_on_the_same_ground() -> None:
    small, large = form("soft", 250), form("soft", 450)
    assert small.radius < large.radius
    assert small.y(1) == pytest.approx(large.y(1))


@pytest.mark.parametrize("shape", SHAPES)
def test_profiles_are_smooth_and_positive(shape: str) -> None:
    profile = PROFILES[shape]
    radii = [profile.at(i / 200) for i in range(201)]
    assert min(radii) > 0.3
    assert max(radii) < 1.1
    assert max(abs(a - b) for a, b in pairwise(radii)) < 0.06


@pytest.mark.parametrize("stage", ["formed", "bisque", "glazed", "fired", "unheard of"])
def test_racks_draw_the_mug_once(stage: str) -> None:
    svg = rack(Mug(decoration="decal"), stage, title="Mugs on a board")
    check(svg)
    assert svg.count("<symbol") == 1


@pytest.mark.parametrize("name", [*GLAZES, "#336699", "nonsense"])
@pytest.mark.parametrize("finish", ["gloss", "matt", "reactive"])
def test_swatches(name: str, finish: str) -> None:
    check(swatch(name, finish=finish))


def test_a_glaze_from_a_colour_shades_from_thin_to_dark() -> None:
    tone = glaze("#5a8f7b")
    assert luminance(tone.thin) > luminance(tone.base) > luminance(tone.deep) > luminance(tone.dark)
    assert tint("celadon") == "tint-celadon"
    assert tint("#5a8f7b") == "tint-milk"


@pytest.mark.parametrize("shape", SHAPES)
def test_shape_signs_are_small(shape: str) -> None:
    svg = shape_sign(shape)
    check(svg)
    assert len(svg) < 2600


@pytest.mark.parametrize("shape", ["rectangle", "hex", "mosaic", "trim"])
@pytest.mark.parametrize("edge", ["pressed", "rectified", "bevel"])
@pytest.mark.parametrize("finish", ["gloss", "satin", "matt", "structured", "polished"])
def test_tile_walls(shape: str, edge: str, finish: str) -> None:
    svg = tile_wall(Tile(shape=shape, edge=edge, finish=finish, width=150, height=75))
    check(svg)
    assert "150" in "".join(parse(svg).itertext())


@settings(max_examples=25, deadline=None)
@given(st.floats(20, 1200), st.floats(20, 1200), st.floats(0, 10))
def test_tile_walls_stay_small_at_every_size(width: float, height: float, joint: float) -> None:
    assert len(tile_wall(Tile(width=width, height=height, joint=joint))) < 120_000


def test_a_wide_cabinet_gets_its_post_and_says_its_measures() -> None:
    wide, narrow = cabinet(Cabinet(width=1000)), cabinet(Cabinet(width=500))
    check(wide)
    check(narrow)
    words = [text for text in parse(wide).itertext() if text.strip()]
    assert words == ["1000 mm", "720", "560"], "figures alone are read in every language"
    assert wide.count("<rect") > narrow.count("<rect")


@given(st.integers(0, 12), st.sampled_from(["slab", "shaker", "grooved", "?"]), st.booleans())
def test_cabinets_draw(drawers: int, front: str, led: bool) -> None:
    check(cabinet(Cabinet(drawers=drawers, front=front, led=led, colour="walnut")))


@given(st.floats(1, 380), st.floats(1, 380), st.floats(1, 380), st.floats(0, 50))
def test_parts_draw_at_every_size(x: float, y: float, z: float, wall: float) -> None:
    check(part(Part(x=x, y=y, z=z, wall=wall)))


def test_again_renames_everything_but_the_shells_icons() -> None:
    svg = str(
        el(
            "svg",
            el("g", el("use", href="#i-lock"), el("use", href="#a"), fill="url(#b)"),
            el("i", id="a"),
            el("i", id="b"),
        )
    )
    assert again(svg, "v") == svg.replace('"#a"', '"#va"').replace("#b)", "#vb)").replace('id="', 'id="v')
    assert 'href="#i-lock"' in again(svg)


def test_what_has_no_drawing_of_its_own_is_a_parcel_of_no_size() -> None:
    drawn = str(picture("plain", {"width": "600"}, uid="one", title=NASTY))
    check(drawn)
    assert drawn.count("<path") == 6, "three faces, the tape over two of them, the label"
    assert "mm" not in drawn
    assert "mm" in str(picture("cabinet", {"width": "600"}, uid="one")), "the control"
    check(str(picture("anything", {}, uid="two", shadow=False)))
