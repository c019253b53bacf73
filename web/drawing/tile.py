"""A wall or a floor laid with the tile: shape, size, colour, finish, joint, edge and decor, at one scale that
says how big it is. Joints are drawn wider than they are: one of 2 mm would be less than a pixel."""

import random
from collections.abc import Callable
from zlib import crc32

from markupsafe import Markup

from web.drawing.glazes import Glaze, glaze, shade
from web.drawing.laying import LEFT, TALL, TOP, WIDE, Point, Tile, cells_of, scale_of
from web.drawing.motifs import motif
from web.drawing.svg import at, el, join, num, path

Lay = Callable[[Point], Point]
"""From a place on the tiled plane to the place where it is seen."""
_FAR, _DEEP = 112.0, 0.85
"""Where the floor ends at the back, and how much smaller it is there."""
SHAPES = ("rectangle", "hex", "mosaic", "trim")
FINISHES = ("gloss", "satin", "matt", "structured", "polished")
EDGES = ("pressed", "rectified", "bevel")


def tile_wall(spec: Tile, *, uid: str = "", title: str = "", class_: str = "product") -> Markup:
    """The wall in a 600 x 560 box, standing on a floor; or the floor."""
    uid = uid or f"w{crc32(repr(spec).encode()):x}"
    tone, scale = glaze(spec.colour), scale_of(spec)
    cells = cells_of(spec, scale)
    lay = _on_floor if spec.floor else _on_wall
    inside = el(
        "g",
        _grout(spec, lay),
        _pieces(spec, tone, cells, scale, lay),
        _decor(spec, cells, uid, lay),
        _light(spec, uid),
        clip_path=f"url(#{uid}c)",
    )
    label = {"role": "img", "aria_label": title} if title else {"aria_hidden": "true"}
    return el(
        "svg",
        _defs(uid, tone, spec),
        Markup("") if spec.floor else _ground(uid),
        inside,
        _size_mark(spec, scale, tone),
        view_box="0 0 600 560",
        class_=class_,
        **label,
    )


def _on_wall(point: Point) -> Point:
    return point


def _on_floor(point: Point) -> Point:
    """Where a standing eye sees a point of the floor; straight lines stay straight."""
    x, y = point
    near = 1 / (1 + _DEEP * (1 - (y - TOP) / TALL))
    far = 1 / (1 + _DEEP)
    down = (near - far) / (1 - far)
    return 300 + (x - 300) * near, _FAR + (TOP + TALL - _FAR) * down


def _outline(cell: list[Point], lay: Lay) -> str:
    return path([lay(point) for point in cell], close=True)


def _all(lay: Lay) -> str:
    """The whole wall, or floor, as one outline."""
    right, foot = LEFT + WIDE, TOP + TALL
    return _outline([(LEFT, TOP), (right, TOP), (right, foot), (LEFT, foot)], lay)


def _grout(spec: Tile, lay: Lay) -> Markup:
    return el("path", d=_all(lay), fill=spec.grout)


def _pieces(spec: Tile, tone: Glaze, cells: list[list[Point]], scale: float, lay: Lay) -> Markup:
    """Four fired shades of one colour, laid in a fixed disorder, as one path each."""
    rnd = random.Random(7)
    shades = [tone.base, shade(tone.base, 0.965), shade(tone.base, 1.05), shade(tone.base, 0.985)]
    lots: list[list[str]] = [[] for _ in shades]
    for cell in cells:
        lots[rnd.randrange(len(shades))].append(_outline(cell, lay))
    parts = [el("path", d="".join(lot), fill=colour) for lot, colour in zip(lots, shades, strict=True) if lot]
    parts.append(_edges(spec, tone, cells, scale, lay))
    return join(parts)


def _edges(spec: Tile, tone: Glaze, cells: list[list[Point]], scale: float, lay: Lay) -> Markup:
    """Pressed edges are soft, rectified ones sharp, a bevel shows its facets."""
    if spec.edge == "rectified":
        return el(
            "path",
            d="".join(_outline(c, lay) for c in cells),
            fill="none",
            stroke=tone.dark,
            stroke_opacity=".16",
        )
    if spec.edge == "bevel" and spec.shape in ("rectangle", "mosaic"):
        return _bevel(tone, cells, min(14.0, 12 * scale + 3), lay)
    cells = [[lay(point) for point in cell] for cell in cells]
    lit = "".join(
        path([(c[-1][0] + 1, c[-1][1] - 1), (c[0][0] + 1, c[0][1] + 1), (c[1][0] - 1, c[1][1] + 1)])
        for c in cells
    )
    dim = "".join(
        path([(c[1][0] - 1, c[1][1] + 1), (c[2][0] - 1, c[2][1] - 1), (c[3][0] + 1, c[3][1] - 1)])
        for c in cells
    )
    if spec.shape == "hex":
        return el(
            "path",
            d="".join(path(c, close=True) for c in cells),
            fill="none",
            stroke=tone.dark,
            stroke_opacity=".28",
            stroke_width="1.4",
        )
    return join(
        [
            el(
                "path",
                d=lit,
                fill="none",
                stroke="#fff",
                stroke_opacity=".55",
                stroke_width="1.6",
                stroke_linejoin="round",
            ),
            el(
                "path",
                d=dim,
                fill="none",
                stroke=tone.dark,
                stroke_opacity=".32",
                stroke_width="1.6",
                stroke_linejoin="round",
            ),
        ]
    )


def _bevel(tone: Glaze, cells: list[list[Point]], depth: float, lay: Lay) -> Markup:
    sides: dict[int, list[str]] = {0: [], 1: [], 2: [], 3: []}
    for cell in cells:
        (x0, y0), (x1, y1) = cell[0], cell[2]
        inner = [
            (x0 + depth, y0 + depth),
            (x1 - depth, y0 + depth),
            (x1 - depth, y1 - depth),
            (x0 + depth, y1 - depth),
        ]
        for k in range(4):
            sides[k].append(_outline([cell[k], cell[(k + 1) % 4], inner[(k + 1) % 4], inner[k]], lay))
    looks = [("#fff", 0.42), (tone.dark, 0.1), (tone.dark, 0.3), ("#fff", 0.16)]
    return join(
        el("path", d="".join(sides[k]), fill=fill, opacity=alpha) for k, (fill, alpha) in enumerate(looks)
    )


def _decor(spec: Tile, cells: list[list[Point]], uid: str, lay: Lay) -> Markup:
    """Decor runs over the wall as one picture, cut by the joints."""
    if spec.decor in ("none", ""):
        return Markup("")
    window = el("defs", el("clipPath", el("path", d="".join(_outline(c, lay) for c in cells)), id=f"{uid}d"))
    if "/" in spec.decor or spec.decor.startswith("data:"):
        art = el(
            "image",
            href=spec.decor,
            x=LEFT,
            y=TOP,
            width=WIDE,
            height=TALL,
            preserve_aspect_ratio="xMidYMid slice",
        )
    else:
        drawn, parts = motif(spec.decor), []
        for width, lines in drawn.strokes.items():
            data = "".join(
                "M" + "L".join(f"{num(round(x, 1))} {num(round(y, 1))}" for x, y in line) for line in lines
            )
            parts.append(el("path", d=data, stroke_width=width))
        for diameter, dots in drawn.dots.items():
            parts.append(
                el(
                    "path",
                    d="".join(f"M{at(x, y)}h.01" for x, y in dots),
                    stroke_width=diameter,
                )
            )
        art = el(
            "g",
            join(parts),
            fill="none",
            stroke=spec.ink,
            stroke_linecap="round",
            stroke_linejoin="round",
            transform="translate(300 12) scale(1.55)",
        )
    art = _in_strips(art, uid) if spec.floor else art
    return join([window, el("g", art, clip_path=f"url(#{uid}d)", opacity=".9")])


def _in_strips(art: Markup, uid: str) -> Markup:
    """A picture on the floor: sent once, shown in strips that grow narrower and flatter to the back."""
    strips, parts = 28, [el("defs", el("g", art, id=f"{uid}a"))]
    for k in range(strips):
        top, foot = (TOP + TALL * (k + n) / strips for n in (0, 1))
        upper, lower = _on_floor((300, top))[1], _on_floor((300, foot))[1]
        left, right = (_on_floor((x, (top + foot) / 2))[0] for x in (LEFT, LEFT + WIDE))
        across, down = (right - left) / WIDE, (lower - upper) / (foot - top)
        window = el("rect", x=LEFT, y=num(top), width=WIDE, height=num(foot - top + 0.6))
        moved = f"matrix({across:.4f} 0 0 {down:.4f} {left - LEFT * across:.2f} {upper - top * down:.2f})"
        parts.append(el("clipPath", window, id=f"{uid}a{k}"))
        parts.append(el("g", el("use", href=f"#{uid}a", clip_path=f"url(#{uid}a{k})"), transform=moved))
    return join(parts)


def _light(spec: Tile, uid: str) -> Markup:
    parts = [el("rect", x=LEFT, y=TOP, width=WIDE, height=TALL, fill=f"url(#{uid}v)")]
    if spec.finish == "structured":
        parts.append(
            el("rect", x=LEFT, y=TOP, width=WIDE, height=TALL, filter=f"url(#{uid}t)", opacity=".13")
        )
    strength = {"gloss": 0.34, "polished": 0.55, "satin": 0.16}.get(spec.finish, 0.0)
    if strength:
        band = f"M{num(LEFT + 60)} {num(TOP)}h150l-190 {num(TALL)}h-150Z"
        thin = f"M{num(LEFT + 260)} {num(TOP)}h34l-190 {num(TALL)}h-34Z"
        parts.append(el("path", d=band + thin, fill="#fff", opacity=strength, filter=f"url(#{uid}b)"))
    return join(parts)


def _defs(uid: str, tone: Glaze, spec: Tile) -> Markup:
    soft = 3 if spec.finish == "polished" else 9
    fall = join(
        [
            el("stop", offset=0, stop_color="#fff", stop_opacity=".16"),
            el("stop", offset=".45", stop_color="#fff", stop_opacity=0),
            el("stop", offset=1, stop_color=tone.dark, stop_opacity=".26"),
        ]
    )
    return el(
        "defs",
        el("clipPath", el("path", d=_all(_on_floor if spec.floor else _on_wall)), id=uid + "c"),
        el("linearGradient", fall, id=uid + "v", x1=0, y1=0, x2=".35", y2=1),
        el(
            "linearGradient",
            join(
                [
                    el("stop", offset=0, stop_color="#000", stop_opacity=".22"),
                    el("stop", offset=1, stop_color="#000", stop_opacity=0),
                ]
            ),
            id=uid + "f",
            x1=0,
            x2=0,
            y1=0,
            y2=1,
        ),
        el(
            "filter",
            el("feGaussianBlur", std_deviation=soft),
            id=uid + "b",
            x="-20%",
            y="-20%",
            width="140%",
            height="140%",
        ),
        el(
            "filter",
            el("feTurbulence", type="fractalNoise", baseFrequency=".03 .3", numOctaves=3, seed=9),
            el("feColorMatrix", values="0 0 0 0 0  0 0 0 0 0  0 0 0 0 0  0 0 0 -3 1.7"),
            id=uid + "t",
            x=0,
            y=0,
            width="100%",
            height="100%",
        ),
    )


def _ground(uid: str) -> Markup:
    return join(
        [
            el(
                "rect",
                x=LEFT + 10,
                y=TOP + TALL,
                width=WIDE - 20,
                height=34,
                fill=f"url(#{uid}f)",
                opacity=".5",
            ),
            el("line", x1=0, x2=600, y1=TOP + TALL, y2=TOP + TALL, stroke="#000", stroke_opacity=".12"),
        ]
    )


def _size_mark(spec: Tile, scale: float, tone: Glaze) -> Markup:
    """How wide one tile is, as a measure under the wall: size needs a number."""
    wide = spec.width * scale
    y = TOP + TALL + 24
    bar = f"M{num(LEFT)} {num(y - 5)}v10M{num(LEFT)} {num(y)}h{num(wide)}M{num(LEFT + wide)} {num(y - 5)}v10"
    words = (
        f"{num(spec.width)} mm"
        if spec.shape in ("hex", "mosaic")
        else f"{num(spec.width)} × {num(spec.height)} mm"
    )
    return join(
        [
            el("path", d=bar, class_="dw-mark", fill="none", stroke="#5a656b"),
            el(
                "text",
                words,
                class_="dw-text",
                x=LEFT + max(wide, 0) + 12,
                y=y,
                dy=".32em",
                font_size=16,
                fill="#455056",
            ),
        ]
    )
