"""A mug's handle: a round or an angular ribbon that flares where it is pressed onto the wall."""

import math

from markupsafe import Markup

from web.drawing.glazes import Glaze
from web.drawing.profiles import Form
from web.drawing.svg import el, join, num, path

Point = tuple[float, float]


def handle_line(body: Form, kind: str) -> list[Point]:
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
    return path([*left, *reversed(right)], close=True)


def handle(body: Form, wall: Glaze, uid: str, kind: str, shine: float) -> Markup:
    line = handle_line(body, kind)
    along = path(line)
    bright = path(line[len(line) // 4 : len(line) // 2 + 3])
    (x0, y0), (x1, y1) = line[0], line[-1]

    def stroke(
        path: str, colour: str, opacity: float, width: float, dx: float, dy: float, blur: str
    ) -> Markup:
        return el(
            "path",
            d=path,
            fill="none",
            stroke=colour,
            stroke_opacity=opacity,
            stroke_width=width,
            stroke_linecap="round",
            transform=f"translate({num(dx)} {num(dy)})",
            filter=f"url(#{uid}{blur})",
        )

    parts = [
        el("rect", width=600, height=560, fill=wall.base),
        stroke(along, wall.dark, 0.55, 20, 9, 11, "b7"),
        stroke(along, wall.dark, 0.5, 12, -16, 4, "b7"),
        stroke(along, wall.thin, 0.85, 9, 2, -7, "b3"),
        el(
            "ellipse",
            cx=x0 + 22,
            cy=y0 + 6,
            rx=20,
            ry=44,
            fill=wall.dark,
            opacity=".42",
            filter=f"url(#{uid}b7)",
        ),
        el(
            "ellipse",
            cx=x1 + 24,
            cy=y1 + 2,
            rx=24,
            ry=42,
            fill=wall.dark,
            opacity=".5",
            filter=f"url(#{uid}b7)",
        ),
    ]
    if shine:
        parts.append(stroke(bright, "#fff", min(shine + 0.2, 0.8), 5, 3, -4, "b1"))
    shape = el("clipPath", el("path", d=_ribbon(line, 17.5)), id=f"{uid}h")
    return join([el("defs", shape), el("g", join(parts), clip_path=f"url(#{uid}h)")])
