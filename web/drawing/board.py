"""The planner's board: resources as rows, real time left to right, loads as fill, kilns as containers.

Everything is fluid: blocks stand at percentages of the width, text keeps its size. The name column, the
head and
the rows are three drawings, so that the first can stick while the last scrolls.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from web.drawing.blocks import block
from web.drawing.svg import el, join, pct

HEIGHTS = {"line": 46, "slim": 42, "batch": 62, "kiln": 106}
NAMES_WIDTH = 136
LOAD = 22

Row = Mapping[str, Any]


def row_height(row: Row) -> int:
    """Height of a row in px by its kind: line, slim, batch or kiln."""
    return HEIGHTS.get(str(row.get("kind") or "line"), HEIGHTS["line"])


def names(rows: Sequence[Row]) -> Markup:
    """The column of resource names: label, and below it what it holds or when it works."""
    parts, y = [], 0.0
    for row in rows:
        height = row_height(row)
        parts.append(el("line", class_="bd-rule", x1=0, x2="100%", y1=y, y2=y))
        note = str(row.get("note") or "")
        parts.append(el("text", row["label"], class_="h", x=0, y=y + height / 2 + (-2 if note else 4)))
        if note:
            parts.append(el("text", note, x=0, y=y + height / 2 + 14))
        y += height
    parts.append(el("line", class_="bd-rule", x1=0, x2="100%", y1=y, y2=y))
    return el("svg", join(parts), class_="bd bd-names", width=NAMES_WIDTH, height=y + 1)


def load_names(loads: Sequence[Row]) -> Markup:
    """What stands left of the load strips."""
    parts = [el("text", load["label"], x=0, y=24 + LOAD * i + 14) for i, load in enumerate(loads)]
    return el("svg", join(parts), class_="bd", width=NAMES_WIDTH, height=_head_height(loads))


def head(days: Sequence[Row], loads: Sequence[Row], now: Row | None) -> Markup:
    """Days, load strips, and the hour of now. days: `{x, label}`; loads: `{label, cells: [{x, width,
    percent}]}`;
    now: `{x, label}`."""
    height = _head_height(loads)
    parts = [el("text", day["label"], class_="h", x=pct(day["x"]), dx=6, y=14) for day in days]
    for i, load in enumerate(loads):
        parts += [_cell(cell, 24 + LOAD * i) for cell in load["cells"]]
    parts += [
        el("line", class_="bd-col", x1=pct(day["x"]), x2=pct(day["x"]), y1=height - 10, y2=height)
        for day in days
    ]
    if now:
        parts.append(_now_pill(now, height))
    return el("svg", join(parts), class_="bd bd-head", width="100%", height=height)


def _head_height(loads: Sequence[Row]) -> int:
    return LOAD * len(loads) + 24 + 22


def _cell(cell: Row, y: float) -> Markup:
    percent = cell.get("percent") or 0
    kind, alpha, words = _load_look(float(percent))
    rect = el("rect", class_=f"bd-load {kind}", height=19, rx=3, fill_opacity=alpha)
    label = (
        el(
            "text",
            f"{percent}{'!' if percent > 100 else ''}",
            class_=words,
            x="50%",
            y=13.5,
            text_anchor="middle",
        )
        if percent
        else ""
    )
    return el("svg", rect, label, x=pct(cell["x"]), y=y, width=pct(cell["width"]), height=19)


def _load_look(percent: float) -> tuple[str, float, str]:
    """Calm below 85, amber to 100, oxblood with a sign above."""
    if percent <= 0:
        return "is-closed", 0.5, "s"
    if percent > 100:
        return "is-over", 1.0, "inv s"
    if percent > 85:
        return "is-full", 0.36, "b s"
    return "is-calm", 0.06 + 0.24 * (percent / 85) ** 2, "s"


def _now_pill(now: Row, height: int) -> Markup:
    words = str(now["label"])
    pill = join(
        [
            el("line", class_="bd-now", x1=0, x2=0, y1=-6, y2=0),
            el("rect", class_="bd-pill", x=-20, y=-23, width=40, height=17, rx=8.5),
            el("text", words, class_="inv s", x=0, y=-10.5, text_anchor="middle"),
        ]
    )
    return el("svg", pill, x=pct(now["x"]), y=height, width=1, height=1, overflow="visible")


def rows(
    rows: Sequence[Row],
    *,
    days: Sequence[Row] = (),
    now: Row | None = None,
    moves: Sequence[Row] = (),
    title: str = "",
    uid: str = "bd",
) -> Markup:
    """The blocks. rows: `{label, note?, kind, blocks}`; a block is described in `web.drawing.blocks`.

    days: `{x, label, closed?, width?}`. moves: `{x, from_row, to_row, label}`, what a repair takes from one
    row to
    another. now: `{x, label}`.
    """
    tops, y = [], 0.0
    for row in rows:
        tops.append(y)
        y += row_height(row)
    parts = [patterns(uid)]
    parts += [
        el("rect", class_="bd-closed", x=pct(d["x"]), width=pct(d["width"]), y=0, height=y)
        for d in days
        if d.get("closed")
    ]
    parts += [el("line", class_="bd-col", x1=pct(d["x"]), x2=pct(d["x"]), y1=0, y2=y) for d in days]
    for row, top in zip(rows, tops, strict=True):
        height = row_height(row)
        parts.append(el("line", class_="bd-rule", x1=0, x2="100%", y1=top, y2=top))
        drawn = join(
            block(b, str(row.get("kind") or "line"), top, height, uid) for b in row.get("blocks") or ()
        )
        parts.append(el("g", drawn, data_row="", role="group", aria_label=row["label"]))
    parts.append(el("line", class_="bd-rule", x1=0, x2="100%", y1=y, y2=y))
    parts += [_move(move, rows, tops) for move in moves]
    if now:
        parts.append(el("line", class_="bd-now", x1=pct(now["x"]), x2=pct(now["x"]), y1=0, y2=y))
    return el(
        "svg", join(parts), class_="bd bd-rows", width="100%", height=y + 1, role="group", aria_label=title
    )


def patterns(uid: str = "bd") -> Markup:
    """The hatches: `<uid>-add` for what is moved here, `<uid>-lost` for a lost resource."""

    def hatch(name: str, size: int, width: float) -> Markup:
        return el(
            "pattern",
            el("rect", class_=f"{name}-0", width=size, height=size),
            el("path", class_=f"{name}-1", d=f"M0 0V{size}", stroke_width=width),
            id=f"{uid}-{name}",
            width=size,
            height=size,
            pattern_units="userSpaceOnUse",
            pattern_transform="rotate(45)",
        )

    return el("defs", hatch("add", 6, 2.2), hatch("lost", 8, 3))


def _move(move: Row, rows: Sequence[Row], tops: Sequence[float]) -> Markup:
    """An arrow from the row that loses work to the one that takes it, with how much."""
    source, target = int(move["from_row"]), int(move["to_row"])
    up = target < source
    start = tops[source] + 40
    end = tops[target] + (30 if up else row_height(rows[target]) - 30)
    tip = "M-4.500 4 0-4 4.500 4Z" if up else "M-4.500-4 0 4 4.500-4Z"
    words = str(move["label"])
    wide = max(56.0, len(words) * 6.4 + 18)
    middle = tops[source] + 10 if up else tops[target] - 19
    label = join(
        [
            el("rect", class_="bd-moved", x=-wide - 6, y=middle, width=wide, height=19, rx=9.5),
            el("text", words, class_="inv", x=-wide / 2 - 6, y=middle + 13.5, text_anchor="middle"),
            el("line", class_="bd-move", x1=0, x2=0, y1=start, y2=end),
            el("path", class_="bd-tip", d=tip, transform=f"translate(0 {end:g})"),
        ]
    )
    return el("svg", label, x=pct(move["x"]), y=0, width=1, height=1, overflow="visible")
