"""An order's journey from left to right in real time: what happened, what is now, what is to come."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from web.drawing.promise_line import flag_disc, now_dot
from web.drawing.svg import Shelf, el, join, pct, text_width

_Y, _NOMINAL, _PHOTO_H = 172.0, 1314.0, 134.0

Stage = Mapping[str, Any]


def journey(
    stages: Sequence[Stage],
    *,
    now: float,
    goal: Stage,
    bands: Sequence[tuple[float, float]] = (),
    cut: Mapping[str, Any] | None = None,
    title: str = "",
) -> Markup:
    """Draw the promise line of one order, fluid in width. Positions are fractions 0..1 from order to
    promised date.

    stages: `{at, label, when, note?, state, picture?}`, state `done`, `now` or `next`; `picture` is markup
    of a scene
    (or an `<image>`), shown over its stage. goal: `{label, when,
    reached?}`, the line is whole once it is reached. cut: `{at, from, label, until}`, what is
    still the
    customer's to change and until when. bands: closed days.
    """
    done_to = (
        now
        if goal.get("reached") or any(s.get("state") == "now" for s in stages)
        else max((s["at"] for s in stages if s["state"] == "done"), default=0.0)
    )
    pictures = [s for s in stages if s.get("picture")]
    parts = [
        el("rect", class_="ln-band", x=pct(a), width=pct(b - a), y=_Y - 14, height=28, rx=6) for a, b in bands
    ]
    parts += [_picture(stage, pictures) for stage in pictures]
    parts.append(el("line", class_="jn-rest", x1=pct(done_to), x2="100%", y1=_Y, y2=_Y))
    parts.append(el("line", class_="ln-main", x1="0%", x2=pct(done_to), y1=_Y, y2=_Y))
    shelves = Shelves()
    shelves.first.take(
        _NOMINAL + 20 - text_width(str(goal["label"]), 13), text_width(str(goal["label"]), 13) + 10
    )
    drawn = [_stage(stage, shelves) for stage in stages]
    parts += [*shelves.drops, *drawn]
    parts.append(_goal(goal))
    if cut:
        parts.append(_cut(cut))
    height = 264 if shelves.second.take(-200, 3000) else 306
    return el("svg", join(parts), class_="journey", width="100%", height=height, role="img", aria_label=title)


class Shelves:
    """Room for words under the line: names and days, notes below them, and a second row for names without
    room."""

    def __init__(self) -> None:
        self.first, self.notes, self.second = Shelf(10), Shelf(10), Shelf(10)
        self.drops: list[Markup] = []
        """The lines down to the second row, which lie below all words."""


def _picture(stage: Stage, pictures: Sequence[Stage]) -> Markup:
    """The picture over its stage, no wider than the room to its neighbour."""
    later = [s["at"] - stage["at"] for s in pictures if s["at"] > stage["at"]]
    width = min(236.0, min(later) * 1060 - 12) if later else 236.0
    uid = f"jp{pictures.index(stage)}"
    window = el("clipPath", el("rect", width=width, height=_PHOTO_H, rx=10), id=uid)
    edge = el("rect", class_="jn-frame", x=".5", y=".5", width=width - 1, height=_PHOTO_H - 1, rx=9.5)
    frame = el(
        "svg",
        el("defs", window),
        el("g", Markup(stage["picture"]), clip_path=f"url(#{uid})"),
        edge,
        x=-7,
        y=0,
        width=width,
        height=_PHOTO_H,
    )
    stem = el("line", class_="jn-stem", x1=0, x2=0, y1=_PHOTO_H + 5, y2=_Y - 10)
    return el("svg", frame, stem, x=pct(stage["at"]), y=0, width=1, height=1, overflow="visible")


def _stage(stage: Stage, shelves: Shelves) -> Markup:
    state, at = stage.get("state", "next"), float(stage["at"])
    label, when, note = (str(stage.get(key) or "") for key in ("label", "when", "note"))
    left, width = at * _NOMINAL - 6, max(text_width(label, 13.4), text_width(when, 12.5))
    dx = -8 if state == "now" else -6
    parts = [_mark(state, at)]
    if shelves.first.take(left, width):
        parts += _words(label, when, at, dx, _Y + 32, state)
    elif shelves.second.take(left, width):
        shelves.drops.append(el("line", class_="jn-drop", x1=pct(at), x2=pct(at), y1=_Y + 11, y2=_Y + 80))
        parts += _words(label, when, at, dx, _Y + 94, state)
    else:
        parts.insert(0, el("title", f"{label} {when}"))
    if note and shelves.notes.take(left, text_width(note, 12.5)):
        parts.append(el("text", note, class_="t", x=pct(at), dx=dx, y=_Y + 68))
    return el("g", *parts)


def _words(label: str, when: str, at: float, dx: int, y: float, state: str) -> list[Markup]:
    kind = {"done": "b", "now": "n"}.get(state)
    return [
        el("text", label, class_=kind, x=pct(at), dx=dx, y=y),
        el("text", when, class_="t", x=pct(at), dx=dx, y=y + 18),
    ]


def _mark(state: str, at: float) -> Markup:
    if state == "now":
        return now_dot(at, _Y, 9)
    if state != "done":
        return el("circle", class_="ln-dot ln-next jn-dot", cx=pct(at), cy=_Y, r=7)
    tick = el("path", class_="jn-tick", d="M-3 0-.8 2.200 3.200-2.200")
    return join(
        [
            el("circle", class_="jn-done", cx=pct(at), cy=_Y, r=7),
            el("svg", tick, x=pct(at), y=_Y, width=1, height=1, overflow="visible"),
        ]
    )


def _goal(goal: Stage) -> Markup:
    return join(
        [
            flag_disc(_Y, 16),
            el("text", goal["label"], class_="b", x="100%", dx=20, y=_Y + 38, text_anchor="end"),
            el("text", goal["when"], class_="t", x="100%", dx=20, y=_Y + 56, text_anchor="end"),
        ]
    )


def _cut(cut: Mapping[str, Any]) -> Markup:
    """What is still the customer's to change stands on the line itself, ending where it closes."""
    at, start, y = float(cut["at"]), float(cut["from"]), _Y - 34
    arrow = el("path", class_="jn-arrow", d="M0 0l-5-4v8Z")
    parts = [
        el("line", class_="jn-cut", x1=pct(start), x2=pct(at), y1=y, y2=y),
        el("line", class_="jn-cut", x1=pct(at), x2=pct(at), y1=y, y2=_Y - 10),
        el("svg", arrow, x=pct(at), y=y, width=1, height=1, overflow="visible"),
        el("text", cut["label"], class_="b", x=pct(at), y=y - 26, text_anchor="end"),
        el("text", cut["until"], x=pct(at), y=y - 9, text_anchor="end"),
    ]
    return join(parts)
