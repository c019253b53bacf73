"""The drawing of a configured product: which choice is which parameter of the family's drawing."""

from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from web.drawing import glazes
from web.drawing.cabinet import Cabinet, cabinet
from web.drawing.laying import Tile
from web.drawing.mug import Mug, mug
from web.drawing.parcel import parcel
from web.drawing.part import Part, part
from web.drawing.profiles import SHAPES
from web.drawing.tile import tile_wall

Chosen = Mapping[str, Any]


def picture(
    drawing: str, chosen: Chosen, *, uid: str = "hero", title: str = "", shadow: bool = True
) -> Markup:
    """The product as SVG; families without a drawing of their own get a plain parcel."""
    draw = _DRAWINGS.get(drawing, _parcel)
    return draw(chosen, uid, title, shadow)


def tint(drawing: str, chosen: Chosen) -> str:
    """The class that tints the stage after the product's main colour."""
    name = str(chosen.get("outer_glaze", "")) if drawing == "mug" else ""
    return f"tint-{name}" if name in glazes.GLAZES else ""


def mug_of(chosen: Chosen) -> Mug:
    """A mug family's choices as the mug that is drawn."""
    shape = str(chosen.get("shape", "soft"))
    decoration = str(chosen.get("decoration", "none"))
    looks = Mug(
        shape=shape if shape in SHAPES else "soft",
        capacity=int(_number(chosen.get("capacity"), 325)) or 325,
        handle={"c": "C", "d": "D"}.get(str(chosen.get("handle", "c")), "none"),
        outer=_glaze(chosen.get("outer_glaze"), "celadon"),
        inner=_glaze(chosen.get("inner_glaze"), "milk"),
        finish=str(chosen.get("finish") or "gloss"),
        decoration={"hand_paint": "hand", "lowfire": "decal"}.get(decoration, decoration),
        artwork=_artwork(chosen),
        zone=decoration != "none" and not _artwork(chosen) and not chosen.get("personal_name"),
        gold=chosen.get("gold_rim") == "yes",
        name=str(chosen.get("personal_name") or ""),
    )
    return looks


def _artwork(chosen: Chosen) -> str:
    """Nothing but the customer's own is shown as printed."""
    attachment = chosen.get("artwork")
    return f"/artwork/{attachment}" if attachment else ""


def _glaze(name: Any, default: str) -> str:
    return str(name) if name in glazes.GLAZES else default


def _mug(chosen: Chosen, uid: str, title: str, shadow: bool) -> Markup:
    return mug(mug_of(chosen), uid=uid, title=title, shadow=shadow)


TILE_COLOURS = {
    "chalk": "#ece9e1",
    "sand": "#d6c6a8",
    "clay": "#b5765a",
    "slate": "#5b6166",
    "moss": "#6f7d5c",
    "ink": "#23272b",
}


FLOORS = ("floor", "outdoor", "pool")
"""Uses that one stands on."""


def tile_of(chosen: Chosen) -> Tile:
    """A tile family's choices as the wall or floor that is drawn."""
    width, height = _measures(chosen)
    return Tile(
        shape=str(chosen.get("shape") or "rectangle"),
        width=width,
        height=height,
        colour=TILE_COLOURS.get(str(chosen.get("colour")), "#ece9e1"),
        finish=str(chosen.get("finish") or "matt"),
        joint=_number(chosen.get("joint"), 2),
        edge=str(chosen.get("edge") or "pressed"),
        decor=_tile_decor(chosen),
        floor=chosen.get("use") in FLOORS,
        laid=str(chosen.get("laid") or ""),
    )


def _tile(chosen: Chosen, uid: str, title: str, shadow: bool) -> Markup:
    return tile_wall(tile_of(chosen), uid=uid, title=title)


def _measures(chosen: Chosen) -> tuple[float, float]:
    size = str(chosen.get("size") or "600x600")
    if size == "cut":
        return _number(chosen.get("cut_width"), 300), _number(chosen.get("cut_length"), 600)
    one, _, other = size.partition("x")
    return _number(one, 600), _number(other, 600)


def _tile_decor(chosen: Chosen) -> str:
    decor = str(chosen.get("decor") or "none")
    if decor == "upload":
        return f"/artwork/{chosen['artwork']}" if chosen.get("artwork") else "none"
    return "cow-parsley" if decor == "library" else "none"


def cabinet_of(chosen: Chosen) -> Cabinet:
    """A cabinet family's choices as the cabinet that is drawn."""
    return Cabinet(
        width=_number(chosen.get("width"), 600),
        height=_number(chosen.get("height"), 720),
        depth=_number(chosen.get("depth"), 560),
        front={"flat": "slab"}.get(str(chosen.get("front")), str(chosen.get("front") or "slab")),
        colour=str(chosen.get("colour") or "linen"),
        carcass=str(chosen.get("carcass") or "white"),
        drawers=int(_number(chosen.get("drawers"), 0)),
        led=str(chosen.get("led") or "no") != "no",
    )


def _cabinet(chosen: Chosen, uid: str, title: str, shadow: bool) -> Markup:
    return cabinet(cabinet_of(chosen), uid=uid, title=title)


def part_of(chosen: Chosen) -> Part:
    """A part family's choices, with what was measured from the file, as the box that is drawn."""
    x, y, z = (_number(chosen.get(f"part.{side}"), 0) for side in ("longest", "middle", "shortest"))
    colour, finish = str(chosen.get("colour") or "natural"), str(chosen.get("finish") or "blasted")
    if not (x and y and z):  # no file yet: a part to look at, of no size
        return Part(colour=colour, finish=finish, measures=False)
    return Part(x, y, z, colour=colour, finish=finish)


def _part(chosen: Chosen, uid: str, title: str, shadow: bool) -> Markup:
    return part(part_of(chosen), uid=uid, title=title)


def _number(value: Any, default: float) -> float:
    """A drawing is shown for unfinished and wrong measures too."""
    try:
        number = float(str(value))
    except ValueError:
        return default
    return number if 0 <= number <= 5000 else default


def _parcel(chosen: Chosen, uid: str, title: str, shadow: bool) -> Markup:
    return parcel(uid=uid, title=title, shadow=shadow)


_DRAWINGS: dict[str, Callable[[Chosen, str, str, bool], Markup]] = {
    "mug": _mug,
    "tile": _tile,
    "cabinet": _cabinet,
    "part": _part,
}
