"""Pictures of tile, cabinet and part: each changes with the choices it must show, and with no other; and says
in three languages what it shows."""

import re
from typing import Any

import pytest

from cosmo.i18n import add_locales
from web.app import HERE
from web.drawing.captions import caption
from web.drawing.pictures import picture


@pytest.fixture(autouse=True)
def shells_words() -> None:
    """As every app adds them."""
    add_locales(HERE / "locales")


TILE = {"use": "wall", "size": "300x600", "shape": "rectangle", "joint": "3", "edge": "rectified"}
CABINET = {"width": "600", "height": "720", "depth": "560", "drawers": "2"}
PART = {"part.longest": "120", "part.middle": "80.5", "part.shortest": "20"}
SHOWN: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("tile", TILE, {"use": "floor"}),
    ("tile", TILE, {"joint": "2"}),
    ("tile", TILE, {"joint": "8"}),
    ("tile", TILE, {"size": "600x300"}),
    ("tile", TILE, {"size": "200x200"}),
    ("tile", TILE, {"shape": "hex"}),
    ("tile", TILE, {"shape": "mosaic"}),
    ("tile", TILE | {"use": "floor"}, {"joint": "8"}),
    ("cabinet", CABINET, {"width": "900"}),
    ("cabinet", CABINET, {"height": "1800"}),
    ("cabinet", CABINET, {"depth": "350"}),
    ("cabinet", CABINET, {"drawers": "3"}),
    ("part", PART, {"part.longest": "140"}),
    ("part", PART, {"part.middle": "60"}),
    ("part", PART, {"part.shortest": "40"}),
    ("mug", {}, {"handle": "none"}),
    ("mug", {}, {"gold_rim": "yes"}),
    ("mug", {}, {"capacity": "450"}),
]
NOT_SHOWN = [("tile", TILE, {"packing": "room"}), ("cabinet", CABINET, {"hinge": "push"}),
             ("part", PART, {"tolerance": "fine"}), ("mug", {}, {"packaging": "gift"})]  # fmt: skip


def lines(drawing: str, chosen: dict[str, Any]) -> str:
    """The shapes alone, without what is written on them or said of them."""
    return re.sub(r"<text.*?</text>", "", str(picture(drawing, chosen, uid="one")))


@pytest.mark.parametrize(("drawing", "before", "change"), SHOWN)
def test_what_must_be_seen_changes_lines_and_caption(
    drawing: str, before: dict[str, Any], change: dict[str, Any]
) -> None:
    after = before | change
    assert lines(drawing, after) != lines(drawing, before)
    for locale in ("en", "de", "zh"):
        assert caption(drawing, after, locale) != caption(drawing, before, locale)


@pytest.mark.parametrize(("drawing", "before", "change"), NOT_SHOWN)
def test_what_cannot_be_seen_changes_nothing(
    drawing: str, before: dict[str, Any], change: dict[str, Any]
) -> None:
    """The control: the comparison above does not tell differences where there are none."""
    after = before | change
    assert lines(drawing, after) == lines(drawing, before)
    assert caption(drawing, after, "en") == caption(drawing, before, "en")


@pytest.mark.parametrize(
    ("drawing", "chosen", "said"),
    [
        ("tile", TILE | {"use": "floor", "shape": "hex"},
         ("On a floor: 300 × 300 mm as hexagons, joint 3 mm",
          "Auf dem Boden: 300 × 300 mm als Sechsecke, Fuge 3 mm",
          "地面：300 × 300 毫米，六角形铺贴，缝宽 3 毫米")),
        ("tile", TILE | {"size": "600x300"},
         ("On a wall: 600 × 300 mm in running bond, joint 3 mm",
          "An der Wand: 600 × 300 mm im Halbverband, Fuge 3 mm",
          "墙面：600 × 300 毫米，错缝铺贴，缝宽 3 毫米")),
        ("cabinet", CABINET | {"drawers": "1"},
         ("Cabinet: 600 mm wide, 720 mm high, 560 mm deep, 1 drawer",
          "Schrank: 600 mm breit, 720 mm hoch, 560 mm tief, 1 Schublade",
          "柜子：宽 600 毫米，高 720 毫米，深 560 毫米，1 个抽屉")),
        ("part", PART,
         ("The box of your part: 120 × 80.5 × 20 mm", "Der Kasten um Ihr Teil: 120 × 80,5 × 20 mm",
          "您零件的外框：120 × 80.5 × 20 毫米")),
        ("mug", {"gold_rim": "yes", "personal_name": "Ada", "decoration": "decal", "artwork": "a1"},
         ("Mug of 325 ml, C handle, gold rim, your artwork, “Ada”",
          "Becher mit 325 ml, C-Henkel, Goldrand, Ihr Motiv, „Ada“",
          "325 毫升马克杯，C 形柄，金边，您的图案，“Ada”")),
    ],
)  # fmt: skip
def test_it_says_what_it_shows(drawing: str, chosen: dict[str, Any], said: tuple[str, str, str]) -> None:
    assert tuple(caption(drawing, chosen, locale) for locale in ("en", "de", "zh")) == said


def test_a_part_without_a_file_promises_no_size() -> None:
    assert not re.search(r"\d", caption("part", {}, "en"))
    assert "mm" not in str(picture("part", {}, uid="one"))


def test_a_joint_can_be_seen_at_every_width() -> None:
    """Drawn to scale, joints of 1, 2 and 3 mm of a large tile were all one pixel."""
    large = TILE | {"size": "600x600"}
    drawn = {joint: lines("tile", large | {"joint": str(joint)}) for joint in (1, 2, 3, 5, 10)}
    assert len(set(drawn.values())) == 5


@pytest.mark.parametrize("decor", ["none", "library", "upload"])
def test_a_floor_carries_its_decor_once(decor: str) -> None:
    floor = TILE | {"use": "floor", "decor": decor, "artwork": "a1"}
    drawn = str(picture("tile", floor, uid="one"))
    assert drawn.count("/artwork/a1") == (1 if decor == "upload" else 0)
    assert drawn.count("<use") == (28 if decor != "none" else 0)


def test_a_floor_narrows_to_the_back() -> None:
    """The outline is a trapezium; that of a wall a rectangle."""

    def outline(use: str) -> list[tuple[float, float]]:
        found = re.search(r'clipPath id="onec"><path d="M([^"]+)Z"', lines("tile", TILE | {"use": use}))
        assert found is not None
        pairs = [corner.split(" ") for corner in found[1].split("L")]
        return [(float(x), float(y)) for x, y in pairs]

    (l0, t0), (r0, _), (r1, b1), (l1, _) = outline("floor")
    assert r0 - l0 < 0.6 * (r1 - l1)
    assert t0 < b1
    (l0, _), (r0, _), (r1, _), (l1, _) = outline("wall")
    assert (l0, r0) == (l1, r1)
