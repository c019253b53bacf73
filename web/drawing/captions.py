"""What a product's picture shows, in words: its accessible name, and the line below it."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from cosmo import formats
from cosmo.i18n import N_, gettext, ngettext
from web.drawing.laying import pattern, usual, ways
from web.drawing.pictures import Chosen, cabinet_of, mug_of, part_of, tile_of
from web.drawing.solid import solid

PLACES = {
    "wall": N_("On a wall"),
    "floor": N_("On a floor"),
    "outdoor": N_("On a terrace"),
    "pool": N_("In a pool"),
    "facade": N_("On a facade"),
}
PATTERNS = {
    "grid": N_("in a grid"),
    "bond": N_("in running bond"),
    "third": N_("shifted by a third"),
    "herringbone": N_("in herringbone"),
    "hex": N_("as hexagons"),
    "mosaic": N_("as a mosaic"),
}
HANDLES = {"C": N_("C handle"), "D": N_("D handle"), "none": N_("no handle")}


def caption(drawing: str, chosen: Chosen, locale: str) -> str:
    """As `pictures.picture` draws it: "On a floor: 600 × 600 mm in a grid, joint 3 mm"."""
    return _CAPTIONS.get(drawing, _parcel)(chosen, locale)


def laying(drawing: str, chosen: Chosen, locale: str) -> dict[str, Any] | None:
    """In which ways the tile can be laid in the picture, the usual one first; None for what is laid in one
    way only, or not at all."""
    tile = tile_of(chosen)
    if drawing != "tile" or len(ways(tile)) < 2:
        return None
    others = [way for way in ways(tile) if way != usual(tile)]
    named = [("", usual(tile)), *((way, way) for way in others)]
    return {
        "label": gettext(locale, N_("Laid in the picture")),
        "hint": gettext(locale, N_("For the picture only; your order does not carry it.")),
        "ways": [
            {"value": value, "label": gettext(locale, PATTERNS[way]), "chosen": way == pattern(tile)}
            for value, way in named
        ],
    }


def turning(drawing: str, chosen: Chosen, locale: str) -> dict[str, Any] | None:
    """What the page needs to turn the product in 3D (see `turn.js`); None for what is only drawn."""
    if drawing != "mug":
        return None
    around = str(chosen.get("print_zone") or "front")
    msgid = N_("{drawn}. Turn it by dragging or with the arrow keys.")
    return {
        "data": json.dumps(solid(mug_of(chosen), around), separators=(",", ":")),
        "label": gettext(locale, msgid, drawn=_mug(chosen, locale)),
        "lost": gettext(locale, N_("This browser cannot show it in 3D. The drawing stays.")),
        "buttons": [
            ("open", gettext(locale, N_("Turn it"))),
            ("left", gettext(locale, N_("Turn left"))),
            ("right", gettext(locale, N_("Turn right"))),
            ("back", gettext(locale, N_("Back to the drawing"))),
        ],
    }


def _tile(chosen: Chosen, locale: str) -> str:
    tile = tile_of(chosen)
    return gettext(
        locale,
        N_("{place}: {width} × {height} mm {pattern}, joint {joint} mm"),
        place=gettext(locale, PLACES.get(str(chosen.get("use")), PLACES["wall"])),
        width=_written(tile.width, locale),
        height=_written(tile.width if tile.shape in ("hex", "mosaic") else tile.height, locale),
        pattern=gettext(locale, PATTERNS[pattern(tile)]),
        joint=_written(tile.joint, locale),
    )


def _cabinet(chosen: Chosen, locale: str) -> str:
    one = cabinet_of(chosen)
    sides = {n: _written(v, locale) for n, v in zip("whd", (one.width, one.height, one.depth), strict=True)}
    told = gettext(locale, N_("Cabinet: {w} mm wide, {h} mm high, {d} mm deep"), **sides)
    drawers = ngettext(locale, "{n} drawer", "{n} drawers", one.drawers) if one.drawers else ""
    return _listed([told, drawers], locale)


def _part(chosen: Chosen, locale: str) -> str:
    one = part_of(chosen)
    if not one.measures:
        return gettext(locale, N_("A block in place of your part; its box is drawn from your file"))
    sides = {n: _written(v, locale) for n, v in zip("xyz", (one.x, one.y, one.z), strict=True)}
    return gettext(locale, N_("The box of your part: {x} × {y} × {z} mm"), **sides)


def _mug(chosen: Chosen, locale: str) -> str:
    one = mug_of(chosen)
    printed = one.decoration != "none" and "/" in one.artwork
    told = [
        gettext(locale, N_("Mug of {n} ml"), n=formats.number(one.capacity, locale)),
        gettext(locale, HANDLES[one.handle]),
        gettext(locale, N_("gold rim")) if one.gold else "",
        gettext(locale, N_("your artwork")) if printed else "",
        gettext(locale, N_("“{name}”"), name=one.name) if one.name else "",
    ]
    return _listed(told, locale)


def _parcel(chosen: Chosen, locale: str) -> str:
    return gettext(locale, N_("A parcel in place of the product"))


def _listed(parts: list[str], locale: str) -> str:
    return gettext(locale, N_(", ")).join(part for part in parts if part)


def _written(value: float, locale: str) -> str:
    return formats.number(Decimal(str(round(value, 1))), locale)


_CAPTIONS: dict[str, Callable[[Chosen, str], str]] = {
    "mug": _mug,
    "tile": _tile,
    "cabinet": _cabinet,
    "part": _part,
}
