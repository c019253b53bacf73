"""A mug as it will look: shape, capacity, handle, glazes, finish, decoration, gold rim and name."""

import math
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

from markupsafe import Markup

from web.drawing.artwork import motif_on, name_on, picture_on, zone_on
from web.drawing.glazes import BODY, Glaze, glaze, luminance
from web.drawing.motifs import motif
from web.drawing.mug_handle import handle
from web.drawing.mug_light import defs, highlights
from web.drawing.profiles import LOOKING_DOWN, Form, form
from web.drawing.svg import at, el, join, path

DECAL_INK = "#22377f"


@dataclass(frozen=True)
class Mug:
    """What a mug looks like. Unknown words fall back to a plain soft milk mug, never to an error.

    shape: soft straight tulip barrel cone bistro camp bowl. capacity: ml. handle: C, D or none.
    outer, inner: a glaze name or #rrggbb. finish: gloss, matt, reactive.
    decoration: none, decal, underglaze, laser, hand. artwork: a motif's name, or a picture's address (data:
    or /...);
    `ratio` is that picture's width over its height. gold: a gold rim. name: a personal name. zone: show the
    print zone.
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
    nobodys = not (spec.name or spec.artwork)  # what is somebody's is not remembered
    parts = (_parts_kept if nobodys else mug_parts)(spec, uid, shadow=shadow)
    return el("svg", parts, view_box="0 0 600 560", class_=class_, **label)


@lru_cache(maxsize=256)
def _parts_kept(spec: Mug, uid: str, *, shadow: bool) -> Markup:
    return mug_parts(spec, uid, shadow=shadow)


def mug_parts(spec: Mug, uid: str, *, shadow: bool = True) -> Markup:
    """The drawing without its outer svg, for scenes that place it many times."""
    body, wall = form(spec.shape, spec.capacity), glaze(spec.outer)
    raw = spec.outer in ("bisque", "green")
    parts = [defs(uid, body, wall, glaze(spec.inner), spec.finish, raw)]
    if shadow:
        parts.append(_shadow(body, wall, uid))
    if spec.handle.upper() in ("C", "D"):
        parts.append(handle(body, wall, uid, spec.handle.upper(), 0.0 if raw else _shine(spec.finish)))
    parts += [
        _foot(body, wall),
        _wall(spec, body, wall, uid, raw),
        _rim(body, wall, glaze(spec.inner), uid, spec),
    ]
    return join(parts)


def _shine(finish: str) -> float:
    return {"matt": 0.17, "reactive": 0.5}.get(finish, 0.62)


def _shadow(body: Form, wall: Glaze, uid: str) -> Markup:
    foot = body.half(1)
    ground = body.y(1) + foot * LOOKING_DOWN
    far = el(
        "ellipse",
        cx=body.cx + 44,
        cy=ground + 10,
        rx=body.radius * 1.66,
        ry=29,
        fill=f"url(#{uid}g)",
        opacity=".72",
    )
    near = el(
        "ellipse",
        cx=body.cx + 5,
        cy=ground - 4,
        rx=foot * 1.22,
        ry=13,
        fill=wall.dark,
        opacity=".55",
        filter=f"url(#{uid}b7)",
    )
    return join([far, near])


def _foot(body: Form, wall: Glaze) -> Markup:
    """The ring of bare clay the mug stands on."""
    turn = body.edge(1) - 0.03
    upper = [body.point(turn - 2 * turn * i / 24, 1.0) for i in range(25)]
    lower = [(x * 0.985 + body.cx * 0.015, y + 6) for x, y in reversed(upper)]
    ring, edge = path([*upper, *lower], close=True), path(lower)
    return join(
        [
            el("path", d=ring, fill=BODY),
            el("path", d=edge, fill="none", stroke=wall.dark, stroke_opacity=".45", stroke_width=2),
        ]
    )


def _wall(spec: Mug, body: Form, wall: Glaze, uid: str, raw: bool) -> Markup:
    outline = body.outline()
    parts = [el("path", d=outline, fill=wall.base), el("path", d=outline, fill=f"url(#{uid}v)")]
    if wall.speckled or spec.finish == "reactive":
        strength = 0.05 if raw else 0.3 if spec.finish != "reactive" else 0.42
        parts.append(
            el(
                "rect",
                x=body.cx - body.radius * 1.05,
                y=body.top - 40,
                width=body.radius * 2.1,
                height=body.height + 90,
                filter=f"url(#{uid}t)",
                opacity=strength,
            )
        )
    if spec.finish == "reactive":
        parts.append(_runs(body, wall, uid))
    parts.append(_decoration(spec, body, wall, uid))
    if spec.zone:
        parts.append(zone_on(body, "#efe4d6" if luminance(wall.base) < 0.3 else wall.dark))
    if spec.name:
        parts.append(name_on(body, spec.name, spec.ink, uid))
    parts.append(el("path", d=outline, fill=f"url(#{uid}c)"))
    if not raw:
        parts.append(highlights(body, uid, _shine(spec.finish)))
    return el("g", join(parts), clip_path=f"url(#{uid}k)")


def _runs(body: Form, wall: Glaze, uid: str) -> Markup:
    """A reactive glaze runs: the thin tone breaks in a ragged band below the rim."""
    top = [body.point(-1.5 + 3 * i / 30, 0.0) for i in range(31)]
    low = [
        body.point(1.5 - 3 * i / 90, 0.13 + 0.035 * math.sin(i * 0.31) + 0.025 * math.sin(i * 0.83 + 1))
        for i in range(91)
    ]
    return el("path", d=path([*top, *low], close=True), fill=wall.thin, opacity=".5", filter=f"url(#{uid}b3)")


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
        el(
            "path",
            d=f"M{at(cx - rx + 12, top - 6)}A{at(rx - 9, ry - 7)} 0 0 1 {at(cx + rx - 12, top - 6)}",
            fill="none",
            stroke="#fff",
            stroke_opacity=".75",
            stroke_width="1.6",
        ),
    ]
    if spec.gold:
        parts.append(
            el(
                "ellipse",
                cx=cx,
                cy=top + 1,
                rx=rx - 4,
                ry=ry - 3,
                fill="none",
                stroke=f"url(#{uid}a)",
                stroke_width=5,
            )
        )
    return join(parts)
