"""What the guide itself shows: everything of the sample pages, and one of each drawing."""

from dataclasses import replace
from typing import Any

from web.drawing.cabinet import Cabinet, cabinet
from web.drawing.laying import Tile
from web.drawing.mug import Mug, mug
from web.drawing.part import Part, part
from web.drawing.profiles import SHAPES
from web.drawing.scenes import rack
from web.drawing.tile import tile_wall
from web.styleguide import sample_plant, sample_shop, sample_supplier

ICONS = [
    "check",
    "kept",
    "thin",
    "late",
    "now",
    "clock",
    "lock",
    "flag",
    "flame",
    "truck",
    "box",
    "camera",
    "message",
    "nowifi",
    "edit",
    "plus",
    "minus",
    "right",
    "down",
    "arrow",
    "early",
    "scan",
    "play",
    "pause",
    "fast",
    "next-day",
    "x",
    "swap",
    "user",
    "menu",
    "theme",
    "globe",
    "basket",
    "upload",
    "download",
    "print",
    "search",
    "undo",
    "calendar",
    "people",
    "kiln",
    "star",
    "link",
    "info",
    "out",
]
COLOURS = (
    ["ground", "surface", "sunken", "ink", "ink-2", "ink-3", "control", "cobalt", "cobalt-wash"],
    ["now", "now-w", "kept", "kept-w", "thin", "thin-w", "late", "late-w"],
    ["p1", "p2", "p3", "p4", "p5", "block"],
)
_LOOKS = ("celadon", "milk", "tenmoku", "cobalt", "oat", "blush", "ash", "signal")


def guide(stem: str, pages: list[str]) -> dict[str, Any]:
    """Context of `styleguide/guide.html`; `stem` and `pages` name the written pages to link to."""
    return {
        "stem": stem,
        "pages": pages,
        "icons": ICONS,
        "colours": COLOURS,
        "shop": sample_shop.configure(),
        "track": sample_shop.track(),
        "plan": sample_plant.plan(),
        "supplier": sample_supplier.supplier(),
        "one": _one(),
        "three": _three(),
        "drawings": [*_mugs(), *_others()],
    }


def _one() -> dict[str, Any]:
    return {
        "title": "One path, in firing now, delivered on Friday 26 June",
        "branches": [],
        "trunk": [
            {"at": 0.15, "label": "Forming", "state": "done"},
            {"at": 0.4, "label": "Firing", "state": "done"},
            {"at": 0.8, "label": "Ships"},
        ],
        "ticks": [{"at": 0.2, "label": "Mon 15"}, {"at": 0.6, "label": "Mon 22"}],
        "flag": "Fri 26 June",
        "now": 0.5,
    }


def _three() -> dict[str, Any]:
    def branch(label: str, ready: float, *nodes: tuple[float, str], wait: str = "") -> dict[str, Any]:
        return {
            "label": label,
            "nodes": [{"at": a, "label": n} for a, n in (*nodes, (ready, ""))],
            "wait": wait,
        }

    return {
        "title": "Three paths; the fronts set the date",
        "critical": 1,
        "join_at": 0.78,
        "branches": [
            branch("Carcass", 0.42, (0.2, "Cut"), (0.33, "Drill"), wait="waits 6 days"),
            branch("Fronts painted outside", 0.66),
            branch("Hinges", 0.5, (0.5, "Delivered"), wait="waits 4 days"),
        ],
        "trunk": [{"at": 0.78, "label": "Assembled"}, {"at": 0.9, "label": "Ships"}],
        "ticks": [{"at": 0, "label": "Today"}, {"at": 0.5, "label": "Mon 6"}],
        "flag": "Wed 15 July",
    }


def _mugs() -> list[tuple[Any, str]]:
    drawn = []
    for shape, colour in zip(SHAPES, _LOOKS, strict=True):
        looks = Mug(shape=shape, outer=colour, handle="D" if shape in ("straight", "cone") else "C")
        if shape in ("soft", "straight", "camp"):
            looks = replace(looks, decoration="decal")
        if shape == "tulip":
            looks = replace(looks, finish="reactive")
        if shape == "barrel":
            looks = replace(looks, gold=True)
        if shape == "bistro":
            looks = replace(looks, name="Hanna", finish="matt")
        drawn.append((mug(looks, uid=f"g{shape}", title=f"{shape} mug in {colour}"), f"{shape}, {colour}"))
    soft = replace(sample_shop.CELADON, artwork="waves", decoration="laser", outer="cobalt")
    drawn.append((mug(soft, uid="glaser", title="Laser-cut waves"), "laser, waves"))
    drawn.append((rack(sample_shop.CELADON, "bisque", uid="gr", title="Bisque mugs"), "rack, bisque"))
    return drawn


def _others() -> list[tuple[Any, str]]:
    tiles = [
        Tile(),
        Tile(shape="hex", width=180, colour="cobalt", finish="matt", edge="rectified"),
        Tile(width=300, height=100, colour="milk", edge="bevel"),
        Tile(width=300, height=600, colour="blush", finish="structured", decor="cow-parsley"),
        Tile(shape="mosaic", width=25, colour="oat"),
    ]
    cabinets = [Cabinet(), Cabinet(width=600, drawers=3, front="shaker", colour="sage")]
    parts = [Part(), Part(x=80, y=120, z=90, colour="blue", finish="smoothed", wall=8)]
    return [
        *((tile_wall(t, title="A tiled wall"), f"{t.shape}, {t.colour}, {t.finish}") for t in tiles),
        *((cabinet(c, title="A cabinet"), f"{c.front}, {c.colour}") for c in cabinets),
        *((part(p, title="A printed part"), f"{p.colour}, {p.finish}") for p in parts),
    ]
