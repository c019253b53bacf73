"""Artwork bent round a wall: line motifs point by point, uploaded pictures in narrow strips, names on an
arc."""

import math

from markupsafe import Markup

from web.drawing.motifs import Motif
from web.drawing.profiles import LOOKING_DOWN, Form
from web.drawing.svg import at, el, join, num, path

_STRIPS = 22
TURN = 0.02  # the artwork's middle, radians to the right of facing the eye


def _place(form: Form, x: float, y: float, size: float) -> tuple[float, float]:
    """Flat artwork coordinates (px at 325 ml, y from the top of the print zone) to the picture."""
    t = 0.05 + y * size / form.height
    return form.point(TURN + x * size / form.radius, t)


def motif_on(form: Form, motif: Motif, ink: str, *, heavier: float = 1.0) -> Markup:
    """A line motif on the wall; dots are strokes without length, so each diameter is one path."""
    size = min(form.height / 372, form.radius / 148) * 1.0
    parts = []
    for width, lines in motif.strokes.items():
        data = "".join(path(_place(form, x, y, size) for x, y in line) for line in lines)
        parts.append(el("path", d=data, stroke_width=width * heavier * size))
    for diameter, dots in motif.dots.items():
        data = "".join(f"M{at(x, y)}h.01" for x, y in (_place(form, *dot, size) for dot in dots))
        parts.append(el("path", d=data, stroke_width=diameter * heavier * size))
    return el("g", join(parts), fill="none", stroke=ink, stroke_linecap="round", stroke_linejoin="round")


def flat_motif(motif: Motif, ink: str = "#22377f", label: str = "") -> Markup:
    """The motif laid flat, as on the sheet: for thumbnails beside a file name."""
    parts = []
    for width, lines in motif.strokes.items():
        parts.append(el("path", d="".join(path(line) for line in lines), stroke_width=width * 1.3))
    for diameter, dots in motif.dots.items():
        parts.append(
            el(
                "path",
                d="".join(f"M{at(x, y)}h.01" for x, y in dots),
                stroke_width=diameter,
            )
        )
    group = el("g", join(parts), fill="none", stroke=ink, stroke_linecap="round", stroke_linejoin="round")
    return el(
        "svg",
        group,
        view_box="-130 10 260 275",
        class_="thumb",
        role="img" if label else None,
        aria_label=label or None,
        aria_hidden=None if label else "true",
    )


def picture_on(form: Form, href: str, uid: str, *, ratio: float = 0.75, width: float = 0.62) -> Markup:
    """An uploaded picture in the print zone. `ratio` is its width over its height, `width` in radians each
    side.

    The picture is referenced once and shown through narrow windows, each squeezed as the wall turns away.
    """
    tall = min(2 * width * form.radius / max(ratio, 0.05), form.height * 0.62)
    half = min(width, tall * ratio / 2 / form.radius)
    t0 = 0.42 - tall / 2 / form.height
    parts = [
        el(
            "defs",
            el(
                "image",
                id=f"{uid}p",
                href=href,
                x=0,
                y=0,
                width=100 * ratio,
                height=100,
                preserve_aspect_ratio="none",
            ),
        )
    ]
    for i in range(_STRIPS):
        parts.append(_strip(form, uid, ratio, tall, t0, half, i))
    return el("g", join(parts))


def _strip(form: Form, uid: str, ratio: float, tall: float, t0: float, half: float, i: int) -> Markup:
    a, b = (TURN - half + 2 * half * k / _STRIPS for k in (i, i + 1))
    middle = t0 + tall / 2 / form.height
    (x0, _), (x1, _) = form.point(a, middle), form.point(b, middle)
    y = form.point((a + b) / 2, t0)[1]
    # a hair of overlap, so that no seam of glaze shows between two windows
    box = f"{num(100 * ratio * i / _STRIPS)} 0 {num(100 * ratio / _STRIPS)} 100"
    return el(
        "svg",
        el("use", href=f"#{uid}p"),
        x=x0 - 0.15,
        y=y,
        width=x1 - x0 + 0.4,
        height=tall,
        view_box=box,
        preserve_aspect_ratio="none",
    )


def zone_on(form: Form, ink: str) -> Markup:
    """The dashed border of the print zone: 10 mm from the rim, 8 mm from the handle."""
    angles = [-1.02 + 2.12 * i / 40 for i in range(41)]
    top = [form.point(a, 0.075) for a in angles]
    side = [form.point(angles[-1], 0.075 + 0.69 * i / 12) for i in range(13)]
    foot = [form.point(a, 0.765) for a in reversed(angles)]
    back = [form.point(angles[0], 0.765 - 0.69 * i / 12) for i in range(13)]
    return el(
        "path",
        d=path([*top, *side, *foot, *back]) + "Z",
        fill="none",
        stroke=ink,
        stroke_opacity=".8",
        stroke_width="1.8",
        stroke_dasharray="6 6",
        stroke_linecap="round",
    )


def name_on(form: Form, name: str, ink: str, uid: str, *, t: float = 0.86) -> Markup:
    """A personal name along the wall, following its curve."""
    half = form.half(t) * 0.96
    y = form.y(t)
    round_it = f"A{at(half, half * LOOKING_DOWN)} 0 0 0 "
    arc = f"M{at(form.cx - half, y)}{round_it}{at(form.cx + half, y)}"
    size = min(30.0, 2 * half * math.cos(0.5) / max(len(name), 4) * 1.5) * form.scale
    words = el("textPath", name, href=f"#{uid}n", startOffset="50%", text_anchor="middle")
    return join(
        [
            el("defs", el("path", id=f"{uid}n", d=arc)),
            el(
                "text",
                words,
                font_size=size,
                font_weight=500,
                font_family="Instrument Sans, system-ui, sans-serif",
                fill=ink,
            ),
        ]
    )
