"""A fired test tile: how a glaze is shown, always with its name beside it."""

from functools import lru_cache
from zlib import crc32

from markupsafe import Markup

from web.drawing.glazes import glaze
from web.drawing.mug_handle import handle_line
from web.drawing.profiles import LOOKING_DOWN, form
from web.drawing.svg import el, join, path

SIGN_STEPS = 14
"""Pieces of a side of a shape's sign: at 44 px within a tenth of a pixel or so of the curve."""


@lru_cache(maxsize=128)
def swatch(name: str, *, finish: str = "gloss", uid: str = "") -> Markup:
    """A 56 px test tile of a glaze (a name or #rrggbb); matt ones have no sheen, reactive ones run."""
    uid = uid or f"s{crc32(f'{name}{finish}'.encode()):x}"
    tone = glaze(name)
    fall = [(0, tone.thin), (0.18, tone.base), (0.7, tone.base), (1, tone.deep)]
    if finish == "reactive":
        fall = [(0, tone.thin), (0.32, tone.thin), (0.42, tone.base), (0.75, tone.deep), (1, tone.dark)]
    stops = join(el("stop", offset=at, stop_color=colour) for at, colour in fall)
    sheen = join(
        [
            el("stop", offset=0, stop_color="#fff", stop_opacity=".75"),
            el("stop", offset=".45", stop_color="#fff", stop_opacity=0),
        ]
    )
    parts = [
        el(
            "defs",
            el("linearGradient", stops, id=uid + "a", x1=0, y1=0, x2=0, y2=1),
            el("linearGradient", sheen, id=uid + "b", x1=0, y1=0, x2=1, y2=1),
        ),
        el("rect", width=56, height=56, rx=10, fill=f"url(#{uid}a)"),
    ]
    if finish != "matt":
        parts.append(
            el(
                "path",
                d="M10 0H36L14 56H10A10 10 0 0 1 0 46V10A10 10 0 0 1 10 0Z",
                fill=f"url(#{uid}b)",
                opacity=".5",
            )
        )
    parts.append(
        el(
            "rect",
            x=".5",
            y=".5",
            width=55,
            height=55,
            rx="9.5",
            fill="none",
            stroke=tone.dark,
            stroke_opacity=".28",
        )
    )
    return el("svg", join(parts), class_="swatch", view_box="0 0 56 56", aria_hidden="true")


@lru_cache(maxsize=32)
def shape_sign(shape: str) -> Markup:
    """A mug shape as a few lines, to stand above its word in a choice. Every page of the configurator has
    all of them."""
    body = form(shape)
    rim = body.half(0)
    line = handle_line(body, "C")
    parts = [
        el("path", d=body.outline_of(SIGN_STEPS), fill="currentColor", fill_opacity=".08"),
        el("ellipse", cx=body.cx, cy=body.top, rx=rim, ry=rim * LOOKING_DOWN),
        el("path", d=path(line[2:-2:3]), stroke_width=26),
    ]
    drawn = el("g", join(parts), fill="none", stroke="currentColor", stroke_width=13, stroke_linejoin="round")
    return el("svg", drawn, class_="shape", view_box="40 20 540 500", aria_hidden="true")
