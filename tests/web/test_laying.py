"""Tiles cover their wall in every way they can be laid: no gap but the joints, and none lies over another."""

import pytest

from web.drawing.captions import caption, laying
from web.drawing.laying import LEFT, TALL, TOP, WAYS, WIDE, Point, Tile, cells_of, pattern, scale_of, ways
from web.drawing.tile import tile_wall

OBLONG = {"width": 300, "height": 600}
SIZES = ((300, 600), (600, 300), (600, 1200), (200, 800), (600, 600), (240, 71))


def box(cell: list[Point]) -> tuple[float, float, float, float]:
    xs, ys = [x for x, _ in cell], [y for _, y in cell]
    return min(xs), min(ys), max(xs), max(ys)


def times_covered(cells: list[list[Point]], x: float, y: float) -> int:
    return sum(1 for a, b, c, d in map(box, cells) if a <= x < c and b <= y < d)


LAID = [(w, h, way) for w, h in SIZES for way in WAYS if way in ways(Tile(width=w, height=h))]


@pytest.mark.parametrize("floor", [False, True])
@pytest.mark.parametrize(("width", "height", "way"), LAID)
def test_every_place_is_covered_once(width: float, height: float, way: str, floor: bool) -> None:
    spec = Tile(width=width, height=height, joint=0, laid=way, floor=floor)
    cells = cells_of(spec, scale_of(spec))
    spots = [
        (LEFT + WIDE * (i + 0.37) / 23, TOP + TALL * (k + 0.41) / 19) for i in range(23) for k in range(19)
    ]
    joint = 0.8  # the least that is drawn
    counts = [times_covered(cells, x, y) for x, y in spots]
    assert max(counts) == 1, "none lies over another"
    inside = [
        times_covered(cells, x + dx, y + dy) for x, y in spots for dx in (0, joint) for dy in (0, joint)
    ]
    gaps = [all(n == 0 for n in inside[4 * k : 4 * k + 4]) for k in range(len(spots))]
    assert not any(gaps), "only joints are open"


def test_herringbone_needs_one_side_that_is_a_multiple_of_the_other() -> None:
    assert "herringbone" in ways(Tile(**OBLONG))
    assert "herringbone" in ways(Tile(shape="trim", width=600, height=200))
    for width, height in ((600, 600), (300, 500), (20, 600), (0, 300)):
        spec = Tile(width=width, height=height, laid="herringbone")
        assert "herringbone" not in ways(spec)
        assert pattern(spec) == "grid", "and is laid as usual"


@pytest.mark.parametrize("shape", ["hex", "mosaic"])
def test_hexagons_and_mosaics_have_one_way(shape: str) -> None:
    assert pattern(Tile(shape=shape, laid="bond")) == shape
    assert laying("tile", {"shape": shape}, "en") is None


@pytest.mark.parametrize("way", WAYS)
def test_each_way_is_another_drawing(way: str) -> None:
    others = {tile_wall(Tile(**OBLONG, laid=other)) for other in WAYS}
    assert len(others) == len(WAYS)
    assert len(tile_wall(Tile(width=200, height=1200, laid=way, floor=True))) < 120_000


def test_the_ways_are_named_and_the_usual_one_is_chosen_by_nothing() -> None:
    told = laying("tile", {"size": "300x600", "laid": "third"}, "en")
    assert told is not None
    assert [(way["value"], way["label"]) for way in told["ways"]] == [
        ("", "in a grid"),
        ("bond", "in running bond"),
        ("third", "shifted by a third"),
        ("herringbone", "in herringbone"),
    ]
    assert [way["value"] for way in told["ways"] if way["chosen"]] == ["third"]
    assert caption("tile", {"size": "300x600", "laid": "third"}, "en").endswith(
        "shifted by a third, joint 2 mm"
    )
    assert laying("mug", {}, "en") is None
