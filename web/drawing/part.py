"""A printed part as a box with its measures: what can honestly be shown of a file nobody has turned yet."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from zlib import crc32

from markupsafe import Markup

from web.drawing.glazes import luminance, shade
from web.drawing.svg import el, join, num, path

Point = tuple[float, float]
Size = tuple[float, float, float]
Place = Callable[[float, float, float], Point]
COLOURS = {
    "natural": "#e9e6df",
    "black": "#2b2d2f",
    "grey": "#9aa0a3",
    "blue": "#2f5aa8",
    "red": "#b53b35",
    "green": "#3f7d5c",
    "yellow": "#e2b33c",
}
FINISHES = ("raw", "blasted", "smoothed", "dyed")
_COS, _SIN = math.cos(math.radians(30)), math.sin(math.radians(30))


@dataclass(frozen=True)
class Part:
    """x, y, z: mm of the bounding box. colour: a name of COLOURS or #rrggbb. finish: raw, blasted, smoothed
    or dyed.
    wall: mm, drawn as the rim of a hollow part; 0 draws it solid.
    measures: write its three sides beside it; not for a part of no known size."""

    x: float = 120
    y: float = 80
    z: float = 60
    colour: str = "natural"
    finish: str = "blasted"
    wall: float = 0
    measures: bool = True


def part(spec: Part, *, uid: str = "", title: str = "", class_: str = "product") -> Markup:
    """The part in a 600 x 560 box, in equal perspective, with its three measures."""
    uid = uid or f"p{crc32(repr(spec).encode()):x}"
    scale = min(305 / ((spec.x + spec.y) * _COS), 320 / (spec.z + (spec.x + spec.y) * _SIN))
    colour = COLOURS.get(spec.colour, spec.colour if spec.colour.startswith("#") else COLOURS["natural"])
    size = (spec.x * scale, spec.y * scale, spec.z * scale)
    middle = 300 - (size[0] - size[1]) * _COS / 2
    foot = 440.0 - max(0, 60 - size[2] / 6)

    def place(x: float, y: float, z: float) -> Point:
        return middle + (x - y) * _COS, foot - z - (size[0] + size[1] - x - y) * _SIN + (
            size[0] + size[1]
        ) * _SIN * 0.12

    parts = [_defs(uid, spec), _shadow(uid, place, size), *_faces(place, size, colour, uid, spec)]
    if spec.measures:
        parts.append(_marks(spec, place, size))
    label = {"role": "img", "aria_label": title} if title else {"aria_hidden": "true"}
    return el("svg", join(parts), view_box="0 0 600 560", class_=class_, **label)


def _faces(place: Place, size: Size, colour: str, uid: str, spec: Part) -> list[Markup]:
    sx, sy, sz = size
    tones = (
        (shade(colour, 1.25), shade(colour, 0.86), shade(colour, 0.7))
        if luminance(colour) > 0.05
        else (shade(colour, 1.35), shade(colour, 1.06), shade(colour, 0.75))
    )
    top = [place(0, 0, sz), place(sx, 0, sz), place(sx, sy, sz), place(0, sy, sz)]
    left = [place(0, sy, sz), place(sx, sy, sz), place(sx, sy, 0), place(0, sy, 0)]
    right = [place(sx, sy, sz), place(sx, 0, sz), place(sx, 0, 0), place(sx, sy, 0)]
    body = [
        el("path", d=path(face, close=True), fill=tone, stroke=tone, stroke_width=7, stroke_linejoin="round")
        for face, tone in ((left, tones[1]), (right, tones[2]), (top, tones[0]))
    ]
    edges = (
        "M"
        + "L".join(f"{num(x)} {num(y)}" for x, y in (top[3], top[2], top[1]))
        + f"M{num(top[2][0])} {num(top[2][1])}L{num(left[2][0])} {num(left[2][1])}"
    )
    rest = [
        _pocket(place, size, colour, spec),
        _grain(uid, spec, [*left, *right, *top]),
        el(
            "path",
            d=edges,
            fill="none",
            stroke="#fff",
            stroke_opacity=".5" if spec.finish == "smoothed" else ".28",
            stroke_width=3,
            stroke_linejoin="round",
            stroke_linecap="round",
        ),
    ]
    return [*body, *rest]


def _pocket(place: Place, size: Size, colour: str, spec: Part) -> Markup:
    """The hollow, as deep as the part, behind its wall."""
    if spec.wall <= 0:
        return Markup("")
    sx, sy, sz = size
    rim = min(max(spec.wall * sx / spec.x, 3.0), min(sx, sy) * 0.35)
    mouth = [
        place(rim, rim, sz),
        place(sx - rim, rim, sz),
        place(sx - rim, sy - rim, sz),
        place(rim, sy - rim, sz),
    ]
    depth = min(sz * 0.8, 60.0)
    back = [mouth[0], mouth[1], (mouth[1][0], mouth[1][1] + depth), (mouth[0][0], mouth[0][1] + depth)]
    side = [mouth[0], mouth[3], (mouth[3][0], mouth[3][1] + depth), (mouth[0][0], mouth[0][1] + depth)]
    clip = f"pk{crc32(repr(spec).encode()):x}"
    return join(
        [
            el("defs", el("clipPath", el("path", d=path(mouth, close=True)), id=clip)),
            el(
                "g",
                el("path", d=path(mouth, close=True), fill=shade(colour, 0.42)),
                el("path", d=path(back, close=True), fill=shade(colour, 0.62)),
                el("path", d=path(side, close=True), fill=shade(colour, 0.52)),
                clip_path=f"url(#{clip})",
            ),
        ]
    )


def _grain(uid: str, spec: Part, points: list[Point]) -> Markup:
    """Raw and blasted powder parts are matt and a little sandy; smoothed ones are not."""
    strength = {"raw": 0.2, "blasted": 0.11, "dyed": 0.1}.get(spec.finish, 0.0)
    if not strength:
        return Markup("")
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    window = el(
        "defs",
        el("clipPath", *(el("path", d=path(points[k : k + 4], close=True)) for k in (0, 4, 8)), id=f"{uid}c"),
    )
    sand = el(
        "rect",
        x=min(xs),
        y=min(ys),
        width=max(xs) - min(xs),
        height=max(ys) - min(ys),
        filter=f"url(#{uid}t)",
        opacity=strength,
    )
    return join([window, el("g", sand, clip_path=f"url(#{uid}c)")])


def _defs(uid: str, spec: Part) -> Markup:
    return el(
        "defs",
        el(
            "filter",
            el("feGaussianBlur", std_deviation=12),
            id=uid + "b",
            x="-30%",
            y="-60%",
            width="160%",
            height="220%",
        ),
        el(
            "filter",
            el("feTurbulence", type="fractalNoise", baseFrequency="1.1", numOctaves=2, seed=3),
            el("feColorMatrix", values="0 0 0 0 0  0 0 0 0 0  0 0 0 0 0  0 0 0 -6 2.9"),
            id=uid + "t",
            x=0,
            y=0,
            width="100%",
            height="100%",
        ),
    )


def _shadow(uid: str, place: Place, size: Size) -> Markup:
    sx, sy, _ = size
    ground = [place(-6, -6, 0), place(sx + 14, -6, 0), place(sx + 14, sy + 10, 0), place(-6, sy + 10, 0)]
    return el("path", d=path(ground, close=True), fill="#11171a", opacity=".3", filter=f"url(#{uid}b)")


def _marks(spec: Part, place: Place, size: Size) -> Markup:
    sx, sy, sz = size
    words = {"font_size": 17, "fill": "#455056", "class_": "dw-text"}
    (ax, ay), (bx, by), (cx, cy) = place(sx / 2, sy, 0), place(sx, sy / 2, 0), place(sx, 0, sz / 2)
    return join(
        [
            el("text", f"{num(spec.x)} mm", x=ax - 26, y=ay + 20, dy=".8em", text_anchor="end", **words),
            el("text", f"{num(spec.y)} mm", x=bx + 26, y=by + 20, dy=".8em", **words),
            el("text", f"{num(spec.z)} mm", x=cx + 18, y=cy, dy=".35em", **words),
        ]
    )
