"""Racks and shelves drawn in place of photographs; pages mark them as illustrations."""

from dataclasses import replace
from zlib import crc32

from markupsafe import Markup

from web.drawing.mug import Mug, mug_parts
from web.drawing.svg import el, join

_STAGES = ("formed", "bisque", "glazed", "fired")


def rack(
    spec: Mug,
    stage: str = "glazed",
    *,
    width: float = 236,
    height: float = 134,
    title: str = "",
    uid: str = "",
) -> Markup:
    """A row of mugs on a board at a stage: formed, bisque, glazed (raw, matt) or fired (as ordered).

    The mug is drawn once and used many times, so the scene costs little more than one mug.
    """
    stage = stage if stage in _STAGES else "glazed"
    uid = uid or f"r{crc32(f'{spec!r}{stage}{width}x{height}'.encode()):x}"
    parts = [_defs(uid, _as_at(spec, stage), stage in ("formed", "bisque")), _room(uid, width, height, stage)]
    clay = stage in ("formed", "bisque")
    far = [_stand(uid, width * (0.165 * k - 0.08), height * 0.005, height * 0.42) for k in range(8)]
    parts.append(el("g", join(far), opacity=".75", filter=f"url(#{uid}f)"))
    step, top, size = (0.3, 0.2, 0.73) if clay else (0.42, 0.13, 0.83)
    parts += [_stand(uid, width * (step * k - 0.07), height * top, height * size) for k in range(5)]
    parts.append(el("rect", width=width, height=height, fill=f"url(#{uid}w)"))
    label = {"role": "img", "aria_label": title} if title else {"aria_hidden": "true"}
    return el(
        "svg",
        join(parts),
        class_="scene",
        view_box=f"0 0 {width:g} {height:g}",
        preserve_aspect_ratio="xMidYMid slice",
        **label,
    )


def _as_at(spec: Mug, stage: str) -> Mug:
    if stage == "fired":
        return replace(spec, zone=False)
    bare = replace(spec, decoration="none", gold=False, name="", zone=False, finish="matt")
    clay = {"formed": "green", "bisque": "bisque"}.get(stage)
    return replace(bare, outer=clay, inner=clay) if clay else bare


def _stand(uid: str, x: float, y: float, size: float) -> Markup:
    return el("use", href=f"#{uid}m", x=x, y=y, width=size * 600 / 560, height=size)


def _defs(uid: str, spec: Mug, warm: bool) -> Markup:
    wall = ("#f3ead9", "#b7a78d") if warm else ("#e3e9e4", "#b5bfb8")
    board = ("#b98d5c", "#7d5a37") if warm else ("#98a29c", "#838e88")
    light = join(
        [
            el("stop", offset=0, stop_color="#fff", stop_opacity=".18"),
            el("stop", offset=".5", stop_color="#fff", stop_opacity=0),
            el("stop", offset=1, stop_color="#000", stop_opacity=".16"),
        ]
    )
    return join(
        [
            el("symbol", mug_parts(spec, uid + "x"), id=uid + "m", view_box="0 0 600 560"),
            el(
                "defs",
                el("filter", el("feGaussianBlur", std_deviation="2.2"), id=uid + "f"),
                el("linearGradient", _two(*wall), id=uid + "b", x1=0, y1=0, x2=1, y2=1),
                el("linearGradient", _two(*board), id=uid + "d", x1=0, y1=0, x2=0, y2=1),
                el("linearGradient", light, id=uid + "w", x1=0, x2=1),
            ),
        ]
    )


def _two(a: str, b: str) -> Markup:
    return join([el("stop", offset=0, stop_color=a), el("stop", offset=1, stop_color=b)])


def _room(uid: str, width: float, height: float, stage: str) -> Markup:
    parts = [el("rect", width=width, height=height, fill=f"url(#{uid}b)")]
    if stage in ("formed", "bisque"):
        parts.append(
            el(
                "rect",
                y=height * 0.41,
                width=width,
                height=height * 0.05,
                fill="#a47d52",
                opacity=".5",
                filter=f"url(#{uid}f)",
            )
        )
    parts.append(el("rect", y=height * 0.8, width=width, height=height * 0.2, fill=f"url(#{uid}d)"))
    return join(parts)
