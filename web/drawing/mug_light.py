"""Light on a mug: gradients, blurs and the window's reflection."""

from markupsafe import Markup

from web.drawing.glazes import Glaze
from web.drawing.profiles import Form
from web.drawing.svg import el, join, path

Stops = list[tuple[float, str, float]]


def _stops(stops: Stops) -> Markup:
    return join(
        el("stop", offset=at, stop_color=colour, stop_opacity=None if alpha == 1 else alpha)
        for at, colour, alpha in stops
    )


def _across(uid: str, stops: Stops) -> Markup:
    return el("linearGradient", _stops(stops), id=uid, x1=0, x2=1)


def _down(uid: str, stops: Stops) -> Markup:
    return el("linearGradient", _stops(stops), id=uid, x1=0, x2=0, y1=0, y2=1)


def _blur(uid: str, amount: float, room: int = 50) -> Markup:
    return el(
        "filter",
        el("feGaussianBlur", std_deviation=amount),
        id=uid,
        x=f"-{room}%",
        y=f"-{room}%",
        width=f"{100 + 2 * room}%",
        height=f"{100 + 2 * room}%",
    )


def defs(uid: str, body: Form, wall: Glaze, inside: Glaze, finish: str, raw: bool) -> Markup:
    """Everything the drawing refers to, ids starting with `uid`."""
    dark, white = wall.dark, "#fff"
    glow = 0.5 if finish != "matt" and not raw else 0.3
    parts = [
        _across(
            uid + "c",
            [
                (0, dark, 0.62),
                (0.05, dark, 0.36),
                (0.17, dark, 0.08),
                (0.3, white, 0.2 * glow / 0.5),
                (0.46, white, 0.04),
                (0.66, dark, 0.14),
                (0.86, dark, 0.44),
                (0.955, dark, 0.62),
                (1, dark, 0.36),
            ],
        ),
        _down(
            uid + "v",
            [
                (0, wall.thin, 0.75),
                (0.12, wall.thin, 0.12),
                (0.5, wall.deep, 0),
                (0.84, wall.deep, 0.62),
                (1, dark, 0.72),
            ],
        ),
        el(
            "linearGradient",
            _stops(
                [
                    (0, inside.dark, 0.38),
                    (0.36, inside.dark, 0.1),
                    (0.75, white, 0.35),
                    (1, inside.dark, 0.16),
                ]
            ),
            id=uid + "i",
            x1=0,
            x2=1,
            y1=".1",
            y2=".35",
        ),
        _down(uid + "j", [(0, inside.dark, 0), (1, inside.dark, 0.26)]),
        _down(uid + "s", [(0, white, 0.95), (0.55, white, 0.55), (1, white, 0)]),
        _across(
            uid + "l",
            [
                (0, wall.thin, 1),
                (0.3, white if not raw else wall.thin, 1),
                (0.6, wall.thin, 1),
                (1, wall.base, 1),
            ],
        ),
        _across(
            uid + "a",
            [
                (0, "#9a7428", 1),
                (0.25, "#f3dc93", 1),
                (0.5, "#c9a24a", 1),
                (0.75, "#f0d68a", 1),
                (1, "#8f6b22", 1),
            ],
        ),
        el("radialGradient", _stops([(0, dark, 0.5), (0.55, dark, 0.2), (1, dark, 0)]), id=uid + "g"),
        _blur(uid + "b0", 0.55, 10),
        _blur(uid + "b1", 5 if finish == "matt" else 1.6, 30),
        _blur(uid + "b3", 3),
        _blur(uid + "b7", 7),
        _speckle(uid + "t", finish),
        el("clipPath", el("path", d=body.outline()), id=uid + "k"),
    ]
    return el("defs", join(parts))


def _speckle(uid: str, finish: str) -> Markup:
    fine = ".5 .42" if finish != "reactive" else ".09 .045"
    curve = (
        "0 0 0 0 0  0 0 0 0 0  0 0 0 0 0  0 0 0 -9 3.4"
        if finish != "reactive"
        else "0 0 0 0 0  0 0 0 0 0  0 0 0 0 0  0 0 0 -6 3"
    )
    return el(
        "filter",
        el("feTurbulence", type="fractalNoise", baseFrequency=fine, numOctaves=2, seed=4),
        el("feColorMatrix", values=curve),
        id=uid,
        x=0,
        y=0,
        width="100%",
        height="100%",
    )


def _band(body: Form, a: float, b: float, t0: float, t1: float) -> str:
    """A patch of wall between two angles and two heights, as path data."""
    left = [body.point(a, t0 + (t1 - t0) * i / 14) for i in range(15)]
    top = [body.point(a + (b - a) * i / 4, t0) for i in range(5)]
    right = [body.point(b, t1 - (t1 - t0) * i / 14) for i in range(15)]
    return path([*reversed(left), *top, *reversed(right)], close=True)


def highlights(body: Form, uid: str, shine: float) -> Markup:
    """The studio window: a broad and a narrow pane on the left, a thin edge light on the right."""
    low = 0.78 if body.profile.at(0.8) > 0.8 else 0.62
    broad = el(
        "path",
        d=_band(body, -0.82, -0.54, 0.06, low),
        fill=f"url(#{uid}s)",
        opacity=shine,
        filter=f"url(#{uid}b1)",
    )
    narrow = el(
        "path",
        d=_band(body, -0.465, -0.385, 0.07, low - 0.12),
        fill=f"url(#{uid}s)",
        opacity=shine * 0.62,
        filter=f"url(#{uid}b1)",
    )
    edge = path(body.point(1.0, 0.09 + (low - 0.08) * i / 12) for i in range(13))
    right = el(
        "path",
        d=edge,
        fill="none",
        stroke="#fff",
        stroke_opacity=shine * 0.5,
        stroke_width=5,
        stroke_linecap="round",
        filter=f"url(#{uid}b1)",
    )
    return join([broad, narrow, right])
