"""The drawing of a configured product: which drawing a family uses, and which choice is which of its parameters."""

from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from web.drawing import glazes
from web.drawing.mug import Mug, mug
from web.drawing.profiles import SHAPES

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
        capacity=int(chosen.get("capacity") or 325),
        handle={"c": "C", "d": "D"}.get(str(chosen.get("handle", "c")), "none"),
        outer=_glaze(chosen.get("outer_glaze"), "celadon"),
        inner=_glaze(chosen.get("inner_glaze"), "milk"),
        finish=str(chosen.get("finish") or "gloss"),
        decoration={"hand_paint": "hand", "lowfire": "decal"}.get(decoration, decoration),
        artwork=_artwork(chosen),
        gold=chosen.get("gold_rim") == "yes",
        name=str(chosen.get("personal_name") or ""),
    )
    return looks


def _artwork(chosen: Chosen) -> str:
    attachment = chosen.get("artwork")
    return f"/artwork/{attachment}" if attachment else "cow-parsley"


def _glaze(name: Any, default: str) -> str:
    return str(name) if name in glazes.GLAZES else default


def _mug(chosen: Chosen, uid: str, title: str, shadow: bool) -> Markup:
    return mug(mug_of(chosen), uid=uid, title=title, shadow=shadow)


def _parcel(chosen: Chosen, uid: str, title: str, shadow: bool) -> Markup:
    label = Markup("<title>{}</title>").format(title) if title else Markup("")
    return Markup(
        '<svg class="mug" viewBox="0 0 400 400" role="img">{}<path class="parcel" d="M60 140 200 80l140 60v140'
        'l-140 60-140-60zM60 140l140 60 140-60M200 200v140"/></svg>'
    ).format(label)


_DRAWINGS: dict[str, Callable[[Chosen, str, str, bool], Markup]] = {"mug": _mug}
