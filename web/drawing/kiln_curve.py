"""The firing curve on the kiln card: solid to now, dotted after."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from web.drawing.svg import el, join, num, pct

Point = tuple[float, float]


def kiln_curve(
    points: Sequence[Point],
    *,
    now: float,
    now_label: str = "",
    hold: float | None = None,
    hold_label: str = "",
    labels: Sequence[Mapping[str, Any]] = (),
    title: str = "",
    height: int = 196,
    uid: str = "kiln",
) -> Markup:
    """Draw a firing. `points` are (time, heat), both 0..1 of what is shown (time from lit to open, heat
    from cold to
    a little above the peak); `now` is a time fraction. `hold` is the heat of the dotted level, with its
    words.
    `labels` stand under the curve: `{at, label}`, the first flush left, the last flush right.
    """
    top, foot = 34.0, height - 34.0
    here = _heat_at(points, now)
    y = foot - here * (foot - top)
    past = [*((t, h) for t, h in points if t < now), (now, here)]
    rest = [(now, here), *((t, h) for t, h in points if t > now)]
    parts = [_defs(uid)]
    if hold is not None:
        level = foot - hold * (foot - top)
        parts.append(el("line", class_="kc-level", x1=0, x2="100%", y1=level, y2=level))
        if hold_label:
            parts.append(
                el("text", hold_label, class_="kc-hold", x="100%", dx=-28, y=level - 8, text_anchor="end")
            )
    parts.append(
        _stretch(top, foot, [_area(past, uid), _run(rest, "kc-rest"), _run(past, "kc-past", f"url(#{uid}l)")])
    )
    shown = min(max(now, 0.02), 0.98)  # whole, also just after it was lit
    parts += [
        el("circle", class_="kc-halo", cx=pct(shown), cy=y, r=16),
        el("circle", class_="kc-now", cx=pct(shown), cy=y, r=6.5),
    ]
    if now_label:
        left = now > 0.3
        below = y + 26 if y + 26 < foot else y - 24  # the foot's words keep their line
        parts.append(
            el(
                "text",
                now_label,
                class_="b",
                x=pct(now),
                dx=-22 if left else 22,
                y=y - 8 if left else below,
                text_anchor="end" if left else "start",
            )
        )
    parts += [_foot_label(label, i, len(labels), height) for i, label in enumerate(labels)]
    return el("svg", join(parts), class_="curve", width="100%", height=height, role="img", aria_label=title)


def _heat_at(points: Sequence[Point], at: float) -> float:
    for (t0, h0), (t1, h1) in pairwise(points):
        if t0 <= at <= t1:
            return h0 + (h1 - h0) * ((at - t0) / (t1 - t0) if t1 > t0 else 0)
    return points[-1][1] if points else 0.0


def _stretch(top: float, foot: float, parts: list[Markup]) -> Markup:
    return el(
        "svg",
        join(parts),
        x=0,
        y=top,
        width="100%",
        height=foot - top,
        view_box="0 0 1000 1000",
        preserve_aspect_ratio="none",
        overflow="visible",
    )


def _data(points: Sequence[Point]) -> str:
    return " ".join(f"{num(t * 1000)},{num(1000 - h * 1000)}" for t, h in points)


def _run(points: Sequence[Point], class_: str, stroke: str | None = None) -> Markup:
    return el(
        "polyline",
        points=_data(points),
        fill="none",
        class_=class_,
        stroke=stroke,
        vector_effect="non-scaling-stroke",
    )


def _area(points: Sequence[Point], uid: str) -> Markup:
    first, last = points[0][0] * 1000, points[-1][0] * 1000
    return el("polygon", points=f"{num(first)},1000 {_data(points)} {num(last)},1000", fill=f"url(#{uid}a)")


def _foot_label(label: Mapping[str, Any], place: int, count: int, height: int) -> Markup:
    if place == 0:
        return el("text", label["label"], x=0, dx=28, y=height - 12, class_="kc-foot")
    if place == count - 1:
        return el(
            "text", label["label"], x="100%", dx=-28, y=height - 12, text_anchor="end", class_="kc-foot"
        )
    return el(
        "text",
        label["label"],
        x=pct(label["at"]),
        y=height - 12,
        text_anchor="middle",
        class_="kc-foot kc-mid",
    )


def _defs(uid: str) -> Markup:
    fall = join(
        [
            el("stop", offset=0, stop_color="#ffb27a", stop_opacity=".55"),
            el("stop", offset=1, stop_color="#ffb27a", stop_opacity=0),
        ]
    )
    glow = join(
        [
            el("stop", offset=0, stop_color="#ff8a4c", stop_opacity=".5"),
            el("stop", offset=1, stop_color="#fff1e2"),
        ]
    )
    return el(
        "defs",
        el("linearGradient", fall, id=uid + "a", x1=0, y1=0, x2=0, y2=1),
        el("linearGradient", glow, id=uid + "l"),
    )
