"""The mug as measures and colours, from which a browser turns it: the form, handle and glazes of the drawing.

Lengths are the drawing's px at 325 ml, heights run from the foot up, angles are radians to the right of
facing the eye.
"""

from typing import Any

from web.drawing.artwork import TURN
from web.drawing.glazes import BODY, glaze, luminance
from web.drawing.mug import Mug
from web.drawing.mug_handle import handle_line
from web.drawing.profiles import Form, form

_ROWS = 40
WALL = 9.0
"""How thick the wall is drawn."""
GOLD = "#c9a14a"
SHINE = {"matt": 0.12, "reactive": 0.5}
_HALF, _TALL, _MIDDLE = 0.62, 0.62, 0.42
"""The print zone of the drawing: radians each side, part of the height, and where its middle is."""
_BESIDE_HANDLE = 0.4


def solid(spec: Mug, around: str = "front") -> dict[str, Any]:
    """What `mug3d.js` draws. `around`: where it is printed: front, both, wrap or inside."""
    body, wall, inside = form(spec.shape, spec.capacity), glaze(spec.outer), glaze(spec.inner)
    foot = body.y(1)
    line = handle_line(body, spec.handle) if spec.handle in ("C", "D") else []
    return {
        "height": round(body.height, 1),
        "radii": [round(body.half(i / _ROWS), 1) for i in range(_ROWS + 1)],
        "wall": WALL,
        "handle": [[round(x - body.cx, 1), round(foot - y, 1)] for x, y in line],
        "outer": {"base": wall.base, "thin": wall.thin, "dark": wall.dark},
        "inner": {"base": inside.base, "thin": inside.thin, "dark": inside.dark},
        "foot": BODY,
        "rim": GOLD if spec.gold else wall.thin,
        "gold": spec.gold,
        "shine": SHINE.get(spec.finish, 0.62),
        "speckled": wall.speckled or spec.finish == "reactive",
        "reactive": spec.finish == "reactive",
        "art": _art(spec, body, around),
        "zone": _zone(wall.base, wall.dark) if spec.zone else None,
        "name": {"text": spec.name, "ink": spec.ink, "t": 0.86} if spec.name else None,
    }


def _zone(base: str, dark: str) -> dict[str, Any]:
    """The border of the print zone where nothing is printed yet."""
    ink = "#efe4d6" if luminance(base) < 0.3 else dark
    return {"from": -1.02, "to": 1.1, "top": 0.075, "low": 0.765, "ink": ink}


def _art(spec: Mug, body: Form, around: str) -> dict[str, Any] | None:
    """The customer's picture and its places on the wall; none where nothing of theirs is printed."""
    if spec.decoration == "none" or "/" not in spec.artwork:
        return None
    room = 3.14159 - _BESIDE_HANDLE if around == "wrap" else _HALF
    tall = min(2 * room * body.radius / max(spec.ratio, 0.05), body.height * _TALL)
    half = min(room, tall * spec.ratio / 2 / body.radius)
    top, low = (_MIDDLE + side * tall / 2 / body.height for side in (-1, 1))
    middles = {"both": [TURN, TURN + 3.14159], "inside": [3.14159]}.get(around, [TURN])
    if around == "wrap" and half > 1.5708 - _BESIDE_HANDLE:
        middles = [-1.5708]  # so wide that it would run under the handle: its middle lies opposite
    return {
        "href": spec.artwork,
        "inside": around == "inside",
        "opacity": 0.78 if spec.decoration in ("underglaze", "hand") else 0.93,
        "places": [
            {"from": round(m - half, 3), "to": round(m + half, 3), "top": round(top, 3), "low": round(low, 3)}
            for m in middles
        ],
    }
