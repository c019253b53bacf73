"""A closed parcel, for whatever has no drawing of its own: card, a band of tape, a blank label."""

from markupsafe import Markup

from web.drawing.svg import el, path

_TOP = ((300.0, 96.0), (500.0, 176.0), (300.0, 256.0), (100.0, 176.0))
_LEFT = ((100.0, 176.0), (300.0, 256.0), (300.0, 470.0), (100.0, 390.0))
_RIGHT = ((300.0, 256.0), (500.0, 176.0), (500.0, 390.0), (300.0, 470.0))
_BAND = ((388.0, 131.2), (412.0, 140.8), (212.0, 220.8), (188.0, 211.2))
_END = ((188.0, 211.2), (212.0, 220.8), (212.0, 276.8), (188.0, 267.2))
_LABEL = ((340.0, 338.0), (440.0, 298.0), (440.0, 356.0), (340.0, 396.0))
_FACES = ((_TOP, "#d9bd92"), (_LEFT, "#c9a878"), (_RIGHT, "#b39164"), (_BAND, "#ece2cf"), (_END, "#ddd0b6"),
          (_LABEL, "#f4f1ea"))  # fmt: skip


def parcel(*, uid: str, title: str = "", shadow: bool = True, class_: str = "product") -> Markup:
    """The parcel in a 600 x 560 box; it says no size."""
    faces = [el("path", d=path(points, close=True), fill=colour) for points, colour in _FACES]
    label = {"role": "img", "aria_label": title} if title else {"aria_hidden": "true"}
    ground = (_blur(uid), _ground(uid)) if shadow else ()
    return el("svg", *ground, *faces, view_box="0 0 600 560", class_=class_, **label)


def _blur(uid: str) -> Markup:
    stops = (
        el("stop", offset="0", stop_color="#11171a", stop_opacity=0.28),
        el("stop", offset="1", stop_color="#11171a", stop_opacity="0"),
    )
    return el("defs", el("radialGradient", *stops, id=f"{uid}g"))


def _ground(uid: str) -> Markup:
    return el("ellipse", cx="310", cy="432", rx="250", ry="62", fill=f"url(#{uid}g)")
