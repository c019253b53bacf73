"""A cabinet: carcass, fronts, drawers, a centre post where it is wide, light under the top."""

from dataclasses import dataclass
from zlib import crc32

from markupsafe import Markup

from web.drawing.glazes import luminance, shade
from web.drawing.svg import at, el, join, num, path

Point = tuple[float, float]
COLOURS = {
    "white": "#f1f1ee",
    "oat": "#ddd0b8",
    "sage": "#a3ae98",
    "linen": "#e9e3d6",
    "fog": "#c3c8c9",
    "petrol": "#1f4e57",
    "brick": "#a4523d",
    "night": "#22272e",
    "birch": "#e2cfa8",
    "graphite": "#4a4f52",
    "blue": "#3d5a80",
    "oak": "#c9a878",
    "walnut": "#7a563c",
    "ash": "#d8c9ae",
}
_WOOD = frozenset({"oak", "walnut", "ash"})
FRONTS = ("slab", "shaker", "grooved", "glass")
_PANE, _FRAME = "#8d9a9d", 24.0


@dataclass(frozen=True)
class Cabinet:
    """width, height, depth: mm. front: slab, shaker, grooved or glass (its drawers are slabs).
    colour: a name of COLOURS or #rrggbb. drawers: how many; the rest of the height is doors.
    led: light under the top."""

    width: float = 800
    height: float = 720
    depth: float = 560
    front: str = "slab"
    colour: str = "oak"
    carcass: str = "white"
    drawers: int = 0
    led: bool = False


def cabinet(spec: Cabinet, *, uid: str = "", title: str = "", class_: str = "product") -> Markup:
    """The cabinet in a 600 x 560 box, seen a little from the right and above."""
    uid = uid or f"k{crc32(repr(spec).encode()):x}"
    scale = min(380 / (spec.width + spec.depth * 0.28), 400 / (spec.height + spec.depth * 0.2))
    wide, tall, deep = (v * scale for v in (spec.width, spec.height, spec.depth))
    x0, y1 = (600 - wide - deep * 0.28) / 2, 486.0
    y0 = y1 - tall
    slant = (deep * 0.28, -deep * 0.2)
    front = COLOURS.get(spec.colour, spec.colour if spec.colour.startswith("#") else COLOURS["white"])
    body = COLOURS.get(spec.carcass, spec.carcass if spec.carcass.startswith("#") else COLOURS["white"])
    parts = [
        _defs(uid, spec.colour),
        _shadow(uid, x0, y1, wide, slant),
        _body(x0, y0, wide, tall, slant, body),
    ]
    parts.append(_fronts(spec, uid, x0, y0, wide, tall - 26, scale, front))
    parts.append(el("rect", x=x0 + 8, y=y1 - 24, width=wide - 16, height=24, fill=shade(body, 0.5, 0.3)))
    if spec.led:
        parts.append(el("rect", x=x0 - 6, y=y0 - 2, width=wide + 12, height=tall * 0.4, fill=f"url(#{uid}g)"))
    parts.append(_marks(spec, x0, y0, y1, wide, slant))
    label = {"role": "img", "aria_label": title} if title else {"aria_hidden": "true"}
    return el("svg", join(parts), view_box="0 0 600 560", class_=class_, **label)


def _poly(points: list[Point], fill: str, **more: object) -> Markup:
    return el(
        "path",
        d=path(points, close=True),
        fill=fill,
        **more,
    )


def _defs(uid: str, colour: str) -> Markup:
    grain = join(
        [
            el("feTurbulence", type="fractalNoise", baseFrequency=".11 .007", numOctaves=3, seed=5),
            el("feColorMatrix", values="0 0 0 0 .22  0 0 0 0 .13  0 0 0 0 .06  0 0 0 -2.4 1.4"),
        ]
    )
    sheen = join(
        [
            el("stop", offset=0, stop_color="#fff", stop_opacity=".22"),
            el("stop", offset=".5", stop_color="#fff", stop_opacity=0),
            el("stop", offset=1, stop_color="#000", stop_opacity=".14"),
        ]
    )
    glow = join(
        [
            el("stop", offset=0, stop_color="#ffe3ad", stop_opacity=".75"),
            el("stop", offset=1, stop_color="#ffe3ad", stop_opacity=0),
        ]
    )
    return el(
        "defs",
        el("filter", grain, id=uid + "w", x=0, y=0, width="100%", height="100%") if colour in _WOOD else "",
        el("linearGradient", sheen, id=uid + "s", x1=0, y1=0, x2=1, y2=1),
        el("linearGradient", glow, id=uid + "g", x1=0, x2=0, y1=0, y2=1),
        el(
            "filter",
            el("feGaussianBlur", std_deviation=10),
            id=uid + "b",
            x="-20%",
            y="-80%",
            width="140%",
            height="260%",
        ),
    )


def _shadow(uid: str, x0: float, y1: float, wide: float, slant: Point) -> Markup:
    return el(
        "ellipse",
        cx=x0 + wide / 2 + slant[0] / 2,
        cy=y1 + 4,
        rx=(wide + slant[0]) * 0.56,
        ry=16,
        fill="#11171a",
        opacity=".26",
        filter=f"url(#{uid}b)",
    )


def _body(x0: float, y0: float, wide: float, tall: float, slant: Point, body: str) -> Markup:
    sx, sy = slant
    top = [(x0, y0), (x0 + sx, y0 + sy), (x0 + wide + sx, y0 + sy), (x0 + wide, y0)]
    side = [
        (x0 + wide, y0),
        (x0 + wide + sx, y0 + sy),
        (x0 + wide + sx, y0 + tall + sy - 6),
        (x0 + wide, y0 + tall),
    ]
    return join(
        [
            _poly(top, shade(body, 1.3)),
            _poly(side, shade(body, 0.82, 0.5)),
            _poly(
                [(x0, y0), (x0 + wide, y0), (x0 + wide, y0 + tall - 20), (x0, y0 + tall - 20)],
                shade(body, 0.92, 0.5),
            ),
        ]
    )


def _fronts(
    spec: Cabinet, uid: str, x0: float, y0: float, wide: float, tall: float, scale: float, colour: str
) -> Markup:
    """Drawers from the top, doors below; two doors above 600 mm, a post between them above 900."""
    gap, parts, y = max(3 * scale, 2.0), [], y0 + 5
    drawers = min(max(spec.drawers, 0), 6)
    share = 1.0 if drawers >= 3 else 0.28 * drawers
    each = (tall - 8) * share / drawers if drawers else 0
    for _ in range(drawers):
        parts.append(_panel(spec, uid, x0 + 4, y, wide - 8, each - gap, colour, "drawer"))
        y += each
    rest = y0 + tall - y - 2
    if rest > 30:
        doors = 2 if spec.width > 600 else 1
        post = 22 * scale if spec.width > 900 else gap
        leaf = (wide - 8 - post * (doors - 1)) / doors
        for k in range(doors):
            kind = "left" if k == 0 and doors == 2 else "right"
            parts.append(_panel(spec, uid, x0 + 4 + k * (leaf + post), y, leaf, rest, colour, kind))
    return join(parts)


def _panel(
    spec: Cabinet, uid: str, x: float, y: float, wide: float, tall: float, colour: str, kind: str
) -> Markup:
    box = {"x": x, "y": y, "width": wide, "height": tall, "rx": 1.5}
    parts = [el("rect", fill=colour, **box)]
    if spec.colour in _WOOD:
        parts.append(el("rect", filter=f"url(#{uid}w)", opacity=".5", **box))
    if spec.front == "shaker" and min(wide, tall) > 60:
        rail = min(26.0, tall * 0.22)
        inner = {"x": x + rail, "y": y + rail, "width": wide - 2 * rail, "height": tall - 2 * rail}
        parts += [
            el("rect", fill=shade(colour, 0.93), **inner),
            el(
                "path",
                d=f"M{num(x + rail)} {num(y + tall - rail)}V{num(y + rail)}H{num(x + wide - rail)}",
                fill="none",
                stroke="#000",
                stroke_opacity=".3",
            ),
            el(
                "path",
                d=f"M{num(x + wide - rail)} {num(y + rail)}V{num(y + tall - rail)}H{num(x + rail)}",
                fill="none",
                stroke="#fff",
                stroke_opacity=".45",
            ),
        ]
    if spec.front == "glass" and kind != "drawer" and min(wide, tall) > 60:
        parts.append(_pane(x + _FRAME, y + _FRAME, wide - 2 * _FRAME, tall - 2 * _FRAME, uid, spec.led))
    if spec.front == "grooved":
        lines = "".join(f"M{num(x + k * 16)} {num(y + 2)}v{num(tall - 4)}" for k in range(1, int(wide // 16)))
        parts.append(el("path", d=lines, stroke="#000", stroke_opacity=".2"))
    parts += [
        el("rect", fill=f"url(#{uid}s)", **box),
        el("rect", fill="none", stroke="#000", stroke_opacity=".22", **box),
    ]
    parts.append(_pull(x, y, wide, tall, kind, "#c4c9cb" if luminance(colour) < 0.06 else "#2b2f31"))
    return join(parts)


def _pane(x: float, y: float, wide: float, tall: float, uid: str, lit: bool) -> Markup:
    """A pane in its frame: the back and two shelves behind it, and the light that falls across it."""
    box = {"x": x, "y": y, "width": wide, "height": tall}
    shelves = "".join(f"M{num(x)} {num(y + tall * k / 3)}h{num(wide)}" for k in (1, 2))
    slope = min(wide * 0.35, tall * 0.5)
    light = [(x + wide * 0.3, y), (x + wide * 0.62, y), (x + wide * 0.62 - slope, y + tall)]
    light.append((x + wide * 0.3 - slope, y + tall))
    clip = f"{uid}p{num(x)}".replace(".", "-")
    return join(
        [
            el("defs", el("clipPath", el("rect", **box), id=clip)),
            el("rect", fill="#d9c9a0" if lit else _PANE, **box),
            el("path", d=shelves, stroke="#fff", stroke_opacity=".55", stroke_width=5),
            el("path", d=shelves, stroke="#000", stroke_opacity=".28", transform="translate(0 4)"),
            el("g", _poly(light, "#fff", opacity=".2"), clip_path=f"url(#{clip})"),
            el("rect", fill="none", stroke="#000", stroke_opacity=".35", **box),
        ]
    )


def _pull(x: float, y: float, wide: float, tall: float, kind: str, metal: str) -> Markup:
    if kind == "drawer":
        return el(
            "rect", x=x + wide / 2 - 34, y=y + min(tall / 2, 26) - 3, width=68, height=6, rx=3, fill=metal
        )
    px = x + wide - 15 if kind == "left" else x + 9
    return el("rect", x=px, y=y + max(tall * 0.12, 14), width=6, height=min(78, tall * 0.4), rx=3, fill=metal)


def _marks(spec: Cabinet, x0: float, y0: float, y1: float, wide: float, slant: Point) -> Markup:
    """The three measures, each with its number."""
    looks = {"fill": "none", "stroke": "#5a656b", "class_": "dw-mark"}
    words = {"font_size": 16, "fill": "#455056", "class_": "dw-text"}
    bx = x0 - 22
    return join(
        [
            el(
                "path",
                d=f"M{at(x0, y1 + 22)}v10M{at(x0, y1 + 27)}h{num(wide)}M{at(x0 + wide, y1 + 22)}v10",
                **looks,
            ),
            el(
                "text",
                f"{num(spec.width)} mm",
                x=x0 + wide / 2,
                y=y1 + 35,
                dy=".8em",
                text_anchor="middle",
                **words,
            ),
            el(
                "path",
                d=f"M{num(bx - 5)} {num(y0)}h10M{num(bx)} {num(y0)}V{num(y1)}M{num(bx - 5)} {num(y1)}h10",
                **looks,
            ),
            el(
                "text",
                f"{num(spec.height)}",
                x=bx - 10,
                y=(y0 + y1) / 2,
                dy=".35em",
                text_anchor="end",
                **words,
            ),
            el(
                "text",
                f"{num(spec.depth)}",
                x=x0 + wide + slant[0] + 8,
                y=y0 + slant[1] - 12,
                text_anchor="middle",
                **words,
            ),
        ]
    )
