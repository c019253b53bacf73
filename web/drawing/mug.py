"""A mug as it will look: shape, capacity, handle, glazes, finish, decoration, gold rim and name."""

import math
from dataclasses import dataclass
from zlib import crc32

from markupsafe import Markup

from web.drawing.artwork import motif_on, name_on, picture_on, zone_on
from web.drawing.glazes import BODY, Glaze, glaze, luminance
from web.drawing.motifs import motif
from web.drawing.mug_light import defs, highlights
from web.drawing.profiles import LOOKING_DOWN, Form, form
from web.drawing.svg import el, join, num

DECAL_INK = "#22377f"
Point = tuple[float, float]


@dataclass(frozen=True)
class Mug:
    """What a mug looks like. Unknown words fall back to a plain soft milk mug, never to an error.

    shape: soft straight tulip barrel cone bistro camp bowl. capacity: ml. handle: C, D or none.
    outer, inner: a glaze name or #rrggbb. finish: gloss, matt, reactive.
    decoration: none, decal, underglaze, laser, hand. artwork: a motif's name, or a picture's address (data: or /...);
    `ratio` is that picture's width over its height. gold: a gold rim. name: a personal name. zone: show the print zone.
    """

    shape: str = "soft"
    capacity: int = 325
    handle: str = "C"
    outer: str = "celadon"
    inner: str = "milk"
    finish: str = "gloss"
    decoration: str = "none"
    artwork: str = "cow-parsley"
    ink: str = DECAL_INK
    ratio: float = 0.75
    gold: bool = False
    name: str = ""
    zone: bool = False


def mug(spec: Mug, *, uid: str = "", title: str = "", shadow: bool = True, class_: str = "mug") -> Markup:
    """The whole drawing. `uid` starts every id inside; give one where the same mug stands twice on a page."""
    uid = uid or f"m{crc32(repr(spec).encode()):x}"
    label = {"role": "img", "aria_label": title} if title else {"aria_hidden": "true"}
    return el("svg", mug_parts(spec, uid, shadow=shadow), view_box="0 0 600 560", class_=class_, **label)


def mug_parts(spec: Mug, uid: str, *, shadow: bool = True) -> Markup:
    """The drawing without its outer svg, for scenes that place it many times."""
    body, wall = form(spec.shape, spec.capacity), glaze(spec.outer)
    raw = spec.outer in ("bisque", "green")
    parts = [defs(uid, body, wall, glaze(spec.inner), spec.finish, raw)]
    if shadow:
        parts.append(_shadow(body, wall, uid))
    if spec.handle.upper() in ("C", "D"):
        parts.append(_handle(body, wall, uid, spec.handle.upper(), 0.0 if raw else _shine(spec.finish)))
    parts += [_foot(body, wall), _wall(spec, body, wall, uid, raw), _rim(body, wall, glaze(spec.inner), uid, spec)]
    return join(parts)


def _shine(finish: str) -> float:
    return {"matt": 0.17, "reactive": 0.5}.get(finish, 0.62)


def _shadow(body: Form, wall: Glaze, uid: str) -> Markup:
    foot = body.half(1)
    ground = body.y(1) + foot * LOOKING_DOWN
    far = el("ellipse", cx=body.cx + 44, cy=ground + 10, rx=body.radius * 1.66, ry=29, fill=f"url(#{uid}g)", opacity=".72")
    near = el("ellipse", cx=body.cx + 5, cy=ground - 4, rx=foot * 1.22, ry=13, fill=wall.dark, opacity=".55",
              filter=f"url(#{uid}b7)")  # fmt: skip
    return join([far, near])


def _run(points: list[Point]) -> str:
    """Points as the data of an open path, to a tenth of a px."""
    return "M" + "L".join(f"{num(round(x, 1))} {num(round(y, 1))}" for x, y in points)


def _handle_points(body: Form, kind: str) -> list[Point]:
    """The centre line of the handle, from its upper to its lower joint."""
    t0, t1 = body.profile.handle
    reach = body.profile.reach * body.scale
    x0, y0 = body.cx + body.half(t0) - 22, body.y(t0) + 8
    x1, y1 = body.cx + body.half(t1) - 22, body.y(t1) + 2
    out = max(x0, x1) + reach + 22
    if kind == "D":
        return _round_corners([(x0, y0), (out - 6, y0 - 12), (out - 2, y1 + 4), (x1, y1)], 42)
    belly = (out + 6, y0 + (y1 - y0) * 0.42)
    upper = _cubic((x0, y0), (x0 + reach * 0.72, y0 - 34), (out + 8, y0 - 4), belly)
    lower = _cubic(belly, (out + 4, y1 - 30), (x1 + reach * 0.62, y1 + 12), (x1, y1))
    return [*upper, *lower[1:]]


def _cubic(a: Point, b: Point, c: Point, d: Point, steps: int = 22) -> list[Point]:
    def mix(u: float, k: int) -> float:
        v = 1 - u
        return v**3 * a[k] + 3 * v * v * u * b[k] + 3 * v * u * u * c[k] + u**3 * d[k]

    return [(mix(i / steps, 0), mix(i / steps, 1)) for i in range(steps + 1)]


def _round_corners(points: list[Point], radius: float) -> list[Point]:
    """A run of straight stretches with rounded corners, evenly sampled."""
    out: list[Point] = [points[0]]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        start, end = _toward(corner, before, radius), _toward(corner, after, radius)
        out += [_between(out[-1], start, i / 8) for i in range(1, 9)]
        out += _cubic(start, _between(start, corner, 0.6), _between(end, corner, 0.6), end, 12)[1:]
    return [*out, *(_between(out[-1], points[-1], i / 8) for i in range(1, 9))]


def _between(a: Point, b: Point, u: float) -> Point:
    return a[0] + (b[0] - a[0]) * u, a[1] + (b[1] - a[1]) * u


def _toward(a: Point, b: Point, distance: float) -> Point:
    return _between(a, b, min(distance / (math.hypot(b[0] - a[0], b[1] - a[1]) or 1.0), 0.5))


def _ribbon(line: list[Point], half: float) -> str:
    """The handle's outline: even in the middle, flaring where it is pressed onto the wall."""
    left: list[Point] = []
    right: list[Point] = []
    last = len(line) - 1
    for i, (x, y) in enumerate(line):
        ax, ay = line[max(i - 1, 0)]
        bx, by = line[min(i + 1, last)]
        length = math.hypot(bx - ax, by - ay) or 1.0
        s = i / last
        wide = half * (1 + math.exp(-(((s - 0.05) / 0.06) ** 2)) + math.exp(-(((s - 0.95) / 0.06) ** 2)))
        nx, ny = -(by - ay) / length * wide, (bx - ax) / length * wide
        left.append((x + nx, y + ny))
        right.append((x - nx, y - ny))
    return _run([*left, *reversed(right)]) + "Z"


def _handle(body: Form, wall: Glaze, uid: str, kind: str, shine: float) -> Markup:
    line = _handle_points(body, kind)
    run = _run(line)
    bright = _run(line[len(line) // 4 : len(line) // 2 + 3])
    (x0, y0), (x1, y1) = line[0], line[-1]

    def stroke(path: str, colour: str, opacity: float, width: float, dx: float, dy: float, blur: str) -> Markup:
        return el("path", d=path, fill="none", stroke=colour, stroke_opacity=opacity, stroke_width=width, stroke_linecap="round",
                  transform=f"translate({num(dx)} {num(dy)})", filter=f"url(#{uid}{blur})")  # fmt: skip

    parts = [
        el("rect", width=600, height=560, fill=wall.base),
        stroke(run, wall.dark, 0.55, 20, 9, 11, "b7"),
        stroke(run, wall.dark, 0.5, 12, -16, 4, "b7"),
        stroke(run, wall.thin, 0.85, 9, 2, -7, "b3"),
        el("ellipse", cx=x0 + 22, cy=y0 + 6, rx=20, ry=44, fill=wall.dark, opacity=".42", filter=f"url(#{uid}b7)"),
        el("ellipse", cx=x1 + 24, cy=y1 + 2, rx=24, ry=42, fill=wall.dark, opacity=".5", filter=f"url(#{uid}b7)"),
    ]
    if shine:
        parts.append(stroke(bright, "#fff", min(shine + 0.2, 0.8), 5, 3, -4, "b1"))
    shape = el("clipPath", el("path", d=_ribbon(line, 17.5)), id=f"{uid}h")
    return join([el("defs", shape), el("g", join(parts), clip_path=f"url(#{uid}h)")])


def _foot(body: Form, wall: Glaze) -> Markup:
    """The ring of bare clay the mug stands on."""
    turn = body.edge(1) - 0.03
    upper = [body.point(turn - 2 * turn * i / 24, 1.0) for i in range(25)]
    lower = [(x * 0.985 + body.cx * 0.015, y + 6) for x, y in reversed(upper)]
    ring, edge = _run([*upper, *lower]) + "Z", _run(lower)
    return join([el("path", d=ring, fill=BODY),
                 el("path", d=edge, fill="none", stroke=wall.dark, stroke_opacity=".45", stroke_width=2)])  # fmt: skip


def _wall(spec: Mug, body: Form, wall: Glaze, uid: str, raw: bool) -> Markup:
    outline = body.outline()
    parts = [el("path", d=outline, fill=wall.base), el("path", d=outline, fill=f"url(#{uid}v)")]
    if wall.speckled or spec.finish == "reactive":
        strength = 0.05 if raw else 0.3 if spec.finish != "reactive" else 0.42
        parts.append(el("rect", x=body.cx - body.radius * 1.05, y=body.top - 40, width=body.radius * 2.1, height=body.height + 90,
                        filter=f"url(#{uid}t)", opacity=strength))  # fmt: skip
    if spec.finish == "reactive":
        parts.append(_runs(body, wall, uid))
    parts.append(_decoration(spec, body, wall, uid))
    if spec.zone:
        parts.append(zone_on(body, wall.dark))
    if spec.name:
        parts.append(name_on(body, spec.name, spec.ink, uid))
    parts.append(el("path", d=outline, fill=f"url(#{uid}c)"))
    if not raw:
        parts.append(highlights(body, uid, _shine(spec.finish)))
    return el("g", join(parts), clip_path=f"url(#{uid}k)")


def _runs(body: Form, wall: Glaze, uid: str) -> Markup:
    """A reactive glaze runs: the thin tone breaks in a ragged band below the rim."""
    top = [body.point(-1.5 + 3 * i / 30, 0.0) for i in range(31)]
    low = [body.point(1.5 - 3 * i / 90, 0.13 + 0.035 * math.sin(i * 0.31) + 0.025 * math.sin(i * 0.83 + 1)) for i in range(91)]
    return el("path", d=_run([*top, *low]) + "Z", fill=wall.thin, opacity=".5", filter=f"url(#{uid}b3)")


def _decoration(spec: Mug, body: Form, wall: Glaze, uid: str) -> Markup:
    if spec.decoration == "none" or not spec.artwork:
        return Markup("")
    if "/" in spec.artwork or spec.artwork.startswith("data:"):
        art = picture_on(body, spec.artwork, uid, ratio=spec.ratio)
    elif spec.decoration == "laser":
        # engraved down to the clay: a bright cut with a dark upper edge
        cut = motif_on(body, motif(spec.artwork), wall.dark, heavier=1.15)
        light = motif_on(body, motif(spec.artwork), "#efe4d6" if luminance(wall.base) < 0.3 else wall.dark)
        art = join([el("g", cut, opacity=".5", transform="translate(-.6 -.8)"), light])
    else:
        art = motif_on(body, motif(spec.artwork), spec.ink, heavier=1.5 if spec.decoration == "hand" else 1.0)
    under = spec.decoration in ("underglaze", "hand")
    return el("g", art, opacity=".78" if under else ".93", filter=f"url(#{uid}b0)" if under else None)


def _rim(body: Form, wall: Glaze, inside: Glaze, uid: str, spec: Mug) -> Markup:
    rx = body.half(0)
    ry, cx, top = rx * LOOKING_DOWN, body.cx, body.top
    inner = {"cx": cx, "cy": top + 2.5, "rx": rx - 9, "ry": ry - 7}
    parts = [
        el("ellipse", cx=cx, cy=top, rx=rx, ry=ry, fill=f"url(#{uid}l)"),
        el("ellipse", cx=cx, cy=top, rx=rx, ry=ry, fill="none", stroke=wall.dark, stroke_opacity=".22"),
        *(el("ellipse", fill=fill, **inner) for fill in (inside.base, f"url(#{uid}i)", f"url(#{uid}j)")),
        el("path", d=f"M{num(cx - rx + 12)} {num(top - 6)}A{num(rx - 9)} {num(ry - 7)} 0 0 1 {num(cx + rx - 12)} {num(top - 6)}",
           fill="none", stroke="#fff", stroke_opacity=".75", stroke_width="1.6"),
    ]  # fmt: skip
    if spec.gold:
        parts.append(el("ellipse", cx=cx, cy=top + 1, rx=rx - 4, ry=ry - 3, fill="none", stroke=f"url(#{uid}a)", stroke_width=5))
    return join(parts)
