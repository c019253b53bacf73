"""The promise line: parallel paths from now to the promised day, the one that sets the date drawn heavy."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from web.drawing.svg import Shelf, el, join, pct, stretched, text_width

_TOP, _ROW, _FORK = 46.0, 46.0, 0.055
_NOMINAL = 780.0  # labels are thinned as if the line were this wide; below it, styles hide the minor ones

Branch = Mapping[str, Any]


def promise_line(
    branches: Sequence[Branch],
    *,
    critical: int = 0,
    join_at: float = 1.0,
    trunk: Sequence[Mapping[str, Any]] = (),
    ticks: Sequence[Mapping[str, Any]] = (),
    bands: Sequence[tuple[float, float]] = (),
    flag: str = "",
    now: float = 0.0,
    title: str = "",
) -> Markup:
    """Draw the way to the promised date. All positions are fractions 0..1 of the time shown.

    branches: `{label, note?, nodes: [{at, label, state?}], ready?, wait?}`; `ready` is where its own work
    ends
    (default: its last node), `wait` the words on the dotted rest. `trunk` holds the nodes after the paths
    meet
    at `join_at`. `ticks`: `{at, label}`. `bands`: closed days. `flag` is the label under the promised date.
    State of a node: `done`, `now` or `next` (default).
    """
    order = [critical, *[i for i in range(len(branches)) if i != critical]] if branches else []
    rows = {index: _TOP + _ROW * place for place, index in enumerate(order)}
    middle = (_TOP + max(rows.values(), default=_TOP)) / 2
    foot = max(rows.values(), default=_TOP) + 22
    shelves = {row: Shelf() for row in [*rows.values(), middle]}
    parts = [_bands(bands, foot)]
    for index in reversed(order):
        parts.append(_branch(branches[index], rows[index], middle, join_at, index == critical, now, shelves))
    parts.append(_trunk(trunk, middle, join_at, bool(branches), now, shelves[middle]))
    parts.append(_ticks(ticks, foot, flag))
    parts.append(_ends(middle, now))
    return el(
        "svg", join(parts), class_="pline", width="100%", height=foot + 40, role="img", aria_label=title
    )


def _bands(bands: Sequence[tuple[float, float]], foot: float) -> Markup:
    return join(
        el("rect", class_="ln-band", x=pct(a), width=pct(b - a), y=22, height=foot - 22, rx=6)
        for a, b in bands
    )


def _branch(
    branch: Branch,
    y: float,
    middle: float,
    join_at: float,
    is_critical: bool,
    now: float,
    shelves: dict[float, Shelf],
) -> Markup:
    nodes = branch.get("nodes", ())
    ready = float(branch.get("ready") or (nodes[-1]["at"] if nodes else join_at))
    kind = "ln-main" if is_critical else "ln-side"
    start = min(now + _FORK, ready)
    parts = [
        _bend(now, start, middle, y, kind),
        el("line", class_=kind, x1=pct(start), x2=pct(ready), y1=y, y2=y),
    ]
    if is_critical:
        parts.append(_bend(ready, join_at, y, middle, kind))
    elif ready < join_at:
        knee = max(ready, join_at - _FORK * 0.7)
        parts.append(el("line", class_="ln-wait", x1=pct(ready), x2=pct(knee), y1=y, y2=y))
        parts.append(_bend(knee, join_at, y, middle, "ln-wait"))
    parts.append(_branch_words(branch, y, start, ready, join_at, is_critical, shelves[y]))
    parts.extend(_dot(node, y, is_critical) for node in nodes)
    return join(parts)


def _branch_words(
    branch: Branch, y: float, start: float, ready: float, join_at: float, is_critical: bool, shelf: Shelf
) -> Markup:
    parts: list[Markup] = []
    label, note = str(branch.get("label", "")), str(branch.get("note", ""))
    if is_critical and label:
        shelf.take(start * _NOMINAL, text_width(f"{label} {note}", 13))
        words = [el("tspan", label, class_="b")]
        if note:
            words.append(el("tspan", note, dx=10, class_="ln-minor"))
        parts.append(el("text", join(words), x=pct(start), y=y - 14))
    for node in branch.get("nodes", ()):
        parts.append(_node_label(node, y - 12, shelf))
    if label and not is_critical and shelf.take(start * _NOMINAL, text_width(label)):
        parts.append(el("text", label, x=pct(start), y=y - 12, class_="t ln-minor"))
    wait = str(branch.get("wait") or "")
    if wait and not is_critical:
        parts.append(_centred(wait, (ready + join_at) / 2 - 0.01, y - 12, shelf, "t ln-minor"))
    return join(parts)


def _trunk(
    nodes: Sequence[Mapping[str, Any]], y: float, join_at: float, forked: bool, now: float, shelf: Shelf
) -> Markup:
    if forked or now <= 0:
        parts = [el("line", class_="ln-main", x1=pct(join_at if forked else 0), x2="100%", y1=y, y2=y)]
    else:
        parts = [
            el("line", class_="jn-rest", x1=pct(now), x2="100%", y1=y, y2=y),
            el("line", class_="ln-main", x1="0%", x2=pct(now), y1=y, y2=y),
        ]
    for node in nodes:
        parts.append(_dot(node, y, True))
        parts.append(_node_label(node, y - 17, shelf, minor=False))
    return join(parts)


def _bend(x0: float, x1: float, y0: float, y1: float, kind: str) -> Markup:
    if abs(y0 - y1) < 1 or x1 <= x0:
        return el("line", class_=kind, x1=pct(x0), x2=pct(max(x0, x1)), y1=y0, y2=y1)
    up = y1 < y0
    path = "M0 100C55 100 45 0 100 0" if up else "M0 0C55 0 45 100 100 100"
    return stretched(x0, x1, min(y0, y1), max(y0, y1), path, class_=kind)


def _dot(node: Mapping[str, Any], y: float, heavy: bool) -> Markup:
    state = node.get("state", "next")
    return el(
        "circle",
        class_=f"ln-dot ln-{state}{' ln-heavy' if heavy else ''}",
        cx=pct(node["at"]),
        cy=y,
        r=6.5 if heavy else 4.5,
    )


def _node_label(node: Mapping[str, Any], y: float, shelf: Shelf, minor: bool = True) -> Markup:
    return _centred(
        str(node.get("label", "")), float(node["at"]), y, shelf, "ln-minor" if minor else "ln-step"
    )


def _centred(words: str, at: float, y: float, shelf: Shelf, kind: str) -> Markup:
    width = text_width(words)
    if not words or not shelf.take(at * _NOMINAL - width / 2, width):
        return Markup("")
    return el("text", words, x=pct(at), y=y, text_anchor="middle", class_=kind)


def _ticks(ticks: Sequence[Mapping[str, Any]], foot: float, flag: str) -> Markup:
    shelf, parts = Shelf(14), []
    if flag:
        shelf.take(_NOMINAL + 18 - text_width(flag, 13), text_width(flag, 13))
        # the flag's own words end flush with its disc, a little past the end of the line
        parts.append(el("text", flag, x="100%", dx=18, y=foot + 22, text_anchor="end", class_="b"))
    for place, tick in enumerate(ticks):
        at, words = float(tick["at"]), str(tick["label"])
        first = at < 0.02
        width = text_width(words)
        if not shelf.take(at * _NOMINAL - (0 if first else width / 2), width):
            continue
        minor = "" if first else " ln-minor"
        parts.append(el("line", class_=f"ln-tick{minor}", x1=pct(at), x2=pct(at), y1=foot, y2=foot + 6))
        parts.append(
            el(
                "text",
                words,
                x=pct(at),
                y=foot + 22,
                class_="t" + minor,
                data_tick=place,
                text_anchor="start" if first else "middle",
            )
        )
    return join(parts)


def _ends(y: float, now: float) -> Markup:
    return join([now_dot(now, y), flag_disc(y)])


def now_dot(at: float, y: float, r: float = 8) -> Markup:
    """The ember dot: here is now."""
    ring = el("circle", class_="ln-glow", cx=pct(at), cy=y, r=r * 1.75)
    return join([ring, el("circle", class_="ln-ember", cx=pct(at), cy=y, r=r)])


def flag_disc(y: float, r: float = 15, at: float = 1.0) -> Markup:
    """The flag: the promised day, always at the end of the line."""
    disc = el("circle", class_="ln-goal", cx=0, cy=0, r=r)
    pole = el("path", class_="ln-flag", d="M-4 7V-7H5L2.500-3.500 5 0H-4")
    return el("svg", disc, pole, x=pct(at), y=y, overflow="visible", width=1, height=1)
