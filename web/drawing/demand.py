"""What a supplier will be asked for, week by week: certainty is pattern, one hue, against the own
capacity."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from web.drawing.svg import el, join, pct

_LEFT, _TOP = 0.0, 26.0

Week = Mapping[str, Any]


def demand_bars(
    weeks: Sequence[Week],
    *,
    capacity: float | None = None,
    capacity_label: str = "",
    ticks: Sequence[Mapping[str, Any]] = (),
    title: str = "",
    height: int = 262,
    uid: str = "dm",
) -> Markup:
    """Draw the bars. weeks: `{label, firm, held, likely, total, current?, href?, title?}`, quantities as
    numbers and
    `total` in words ("6.5k"). `capacity` is the same unit a week; ticks: `{value, label}` on the axis."""
    most = max([w["firm"] + w["held"] + w["likely"] for w in weeks] + [capacity or 0, 1]) * 1.18
    foot = height - 34.0

    def y(value: float) -> float:
        return float(foot - value / most * (foot - _TOP))

    parts = [hatch(uid)]
    for tick in ticks:
        parts.append(el("line", class_="dm-grid", x1=0, x2="100%", y1=y(tick["value"]), y2=y(tick["value"])))
        parts.append(
            el(
                "text",
                tick["label"],
                x=0,
                dx=-10,
                y=y(tick["value"]) + 4,
                text_anchor="end",
                class_="dm-tick",
            )
        )
    parts.append(el("line", class_="dm-foot", x1=0, x2="100%", y1=foot, y2=foot))
    line = y(capacity) if capacity else None
    if line is not None:
        parts.append(el("line", class_="dm-cap", x1=0, x2="100%", y1=line, y2=line))
        parts.append(el("text", capacity_label, class_="dm-cap-t", x="100%", y=line - 8, text_anchor="end"))
    step = 1 / max(len(weeks), 1)
    parts += [_week(week, i * step, step, foot, y, line, uid) for i, week in enumerate(weeks)]
    return el("svg", join(parts), class_="demand", width="100%", height=height, role="img", aria_label=title)


def round_ticks(most: float) -> list[int]:
    """Three or so round values below `most`."""
    step = 1
    while most / step > 5:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return list(range(step, int(most), step))


def hatch(uid: str = "dm") -> Markup:
    """The pattern of what is held."""
    return el(
        "defs",
        el(
            "pattern",
            el("rect", class_="dm-h0", width=6, height=6),
            el("path", class_="dm-h1", d="M0 0V6"),
            id=f"{uid}-held",
            width=6,
            height=6,
            pattern_units="userSpaceOnUse",
            pattern_transform="rotate(45)",
        ),
    )


def key(kind: str, uid: str = "dm") -> Markup:
    """A small sample for the legend: firm, held or likely."""
    if kind == "held":
        shape = el("rect", width=18, height=14, rx=2, fill=f"url(#{uid}-held)")
    elif kind == "likely":
        shape = el("rect", class_="dm-likely", x=".75", y=".75", width="16.5", height="12.5", rx=2)
    else:
        shape = el("rect", class_="dm-firm", width=18, height=14, rx=2)
    return el("svg", shape, view_box="0 0 18 14", width=18, height=14, aria_hidden="true")


def _week(week: Week, at: float, step: float, foot: float, y: Any, line: float | None, uid: str) -> Markup:
    firm, held, likely = (float(week.get(k) or 0) for k in ("firm", "held", "likely"))
    top = y(firm + held + likely)
    parts = [el("title", week["title"])] if week.get("title") else []
    if firm:
        parts.append(
            el("rect", class_="dm-bar dm-firm", x="10%", width="80%", y=y(firm), height=foot - y(firm))
        )
    if held:
        low, high = (y(firm) - 1.5 if firm else foot), y(firm + held)
        parts.append(
            el(
                "rect",
                class_="dm-bar",
                x="10%",
                width="80%",
                y=high,
                height=max(low - high, 1),
                fill=f"url(#{uid}-held)",
            )
        )
    if likely:
        low = y(firm + held) - 1.5
        parts.append(
            el("rect", class_="dm-likely", x="11%", width="78%", y=top + 0.75, height=max(low - top - 1.5, 1))
        )
    # a total that would stand on the capacity line goes above it
    words = line - 8 if line is not None and line <= top < line + 20 else top - 7
    parts.append(el("text", week["total"], class_="b dm-total", x="50%", y=words, text_anchor="middle"))
    parts.append(
        el(
            "text",
            week["label"],
            class_="b" if week.get("current") else "dm-week",
            x="50%",
            y=foot + 18,
            text_anchor="middle",
        )
    )
    return el(
        "svg",
        join(parts),
        class_="dm-col",
        x=pct(at),
        width=pct(step),
        y=0,
        height=foot + 34,
        overflow="visible",
    )
