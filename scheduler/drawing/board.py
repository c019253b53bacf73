"""The board: rows under an axis of dates, with closed time shaded and the load of each day above."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise

from scheduler.drawing.kilns import kiln_row, share
from scheduler.drawing.machines import machine_row
from scheduler.drawing.pools import pool_row
from scheduler.drawing.scale import Scale, Tick, ticks
from scheduler.drawing.svg import box, cut, fits, line, num, rect, tag, width_of, words
from scheduler.drawing.view import View, holds
from scheduler.model import amounts

AXIS = 24.0
HEAT = 22.0
DRAW = {"machine": machine_row, "batch": kiln_row, "pool": pool_row}
NAMES = {"machine": "Machines load", "batch": "Kilns load", "pool": "Pools load"}


def head_height(view: View) -> float:
    """Of the axis with the load strips under it."""
    return AXIS + HEAT * len(kinds(view)) + 8


def kinds(view: View) -> list[str]:
    """The kinds of resource there are, in the order of the strips."""
    return [kind for kind in NAMES if any(row.resource.kind == kind for row in view.rows)]


# ---- the rows ----


def rows(view: View, scale: Scale) -> Iterator[str]:
    """Everything below the axis, at the origin of the rows."""
    marks = ticks(scale, view.calendar)
    yield rect(0, 0, scale.width, view.height, "paper")
    yield _closed(view, scale)
    yield _grid(view, scale, marks)
    for row in view.rows:
        yield from DRAW[row.resource.kind](view, row, scale)


def _closed(view: View, scale: Scale) -> str:
    """Closed time, all rows in one path; gaps of less than half a pixel are left out."""
    pieces = []
    for row in view.rows:
        clock = scale.start
        for a, b in [*sorted(row.resource.calendar), (scale.end, scale.end)]:
            x, width = scale.x(clock), scale.x(a) - scale.x(clock)
            if a > clock and width >= 0.5:
                pieces.append(box(x, row.top, width, row.height))
            clock = max(clock, b)
    return tag("path", d="".join(pieces), class_="closed") if pieces else ""


def _grid(view: View, scale: Scale, marks: list[Tick]) -> str:
    across = "".join(f"M0 {num(row.top)}H{num(scale.width)}" for row in view.rows)
    down = "".join(f"M{num(scale.x(mark.minute))} 0V{num(view.height)}" for mark in marks)
    return tag("path", d=f"{down}{across}M0 {num(view.height)}H{num(scale.width)}", class_="rule")


# ---- the axis and the loads ----


def head(view: View, scale: Scale) -> Iterator[str]:
    """Dates, and how much of each stretch's open time is used, by kind of resource."""
    marks = ticks(scale, view.calendar)
    yield rect(0, 0, scale.width, head_height(view), "paper")
    for mark in marks:
        x = scale.x(mark.minute) + 6
        if x + width_of(mark.label, 13) <= scale.width:
            yield words(x, 15, mark.label, "h" if mark.strong else None)
        yield line(scale.x(mark.minute), 2, scale.x(mark.minute), head_height(view), "rule")
    for place, kind in enumerate(kinds(view)):
        yield from _heat(view, scale, marks, kind, AXIS + HEAT * place)


def _heat(view: View, scale: Scale, marks: list[Tick], kind: str, y: float) -> Iterator[str]:
    cuts = [scale.start, *(m.minute for m in marks if m.minute > scale.start), scale.end]
    for (a, b), part in zip(pairwise(cuts), used(view, kind, cuts), strict=True):
        percent = round(100 * part)
        x, width = scale.x(a), scale.x(b) - scale.x(a) - 2
        yield _cell(x, y, width, percent)
        if percent and fits(str(percent), width, 11):
            yield words(
                x + width / 2, y + 13.5, str(percent), "b small" if percent > 85 else "small", "middle"
            )


def _cell(x: float, y: float, width: float, percent: int) -> str:
    if not percent or percent > 85:
        return rect(x, y, width, 19, "heat-busy" if percent else "heat-0", rx=3)
    depth = round(0.06 + 0.24 * (percent / 85) ** 2, 2)
    return tag(
        "rect",
        x=float(x),
        y=float(y),
        width=float(max(width, 0)),
        height=19,
        rx=3,
        class_="heat",
        opacity=depth,
    )


def used(view: View, kind: str, cuts: list[int]) -> list[float]:
    """The part of the open time that resources of a kind use, between each two cuts; kilns, pools by load."""
    available, taken = [0.0] * (len(cuts) - 1), [0.0] * (len(cuts) - 1)
    for row in view.rows:
        if row.resource.kind == kind:
            room = amounts(row.resource.capacity)
            for a, b in row.resource.calendar:
                _spread(available, cuts, a, b, 1.0)
            for stay in view.plan.stays[row.resource.id]:
                part = 1.0 if kind == "machine" else share(stay.taken, room)
                _spread(taken, cuts, stay.start, stay.end, part)
    return [min(t / a, 1.0) if a else 0.0 for t, a in zip(taken, available, strict=True)]


def _spread(cells: list[float], cuts: list[int], start: int, end: int, part: float) -> None:
    """Add the minutes from start to end, weighed, to the cells that they fall into."""
    cell = max(bisect_right(cuts, start) - 1, 0)
    while cell < len(cells) and cuts[cell] < end:
        cells[cell] += part * max(0, min(end, cuts[cell + 1]) - max(start, cuts[cell]))
        cell += 1


# ---- the names ----


def names(view: View, width: float) -> Iterator[str]:
    """The resources' names, at the origin of the rows."""
    yield rect(0, 0, width, view.height, "paper")
    for row in view.rows:
        sub, middle = holds(row.resource), row.top + row.height / 2
        yield line(0, row.top, width, row.top, "rule")
        tall = row.height >= 40 and bool(sub)
        yield words(0, middle + (-2 if tall else 4), cut(row.resource.id, width - 8, 13), "h")
        if tall:
            yield words(0, middle + 14, cut(sub, width - 8, 12))
    yield line(0, view.height, width, view.height, "rule")


def head_names(view: View, width: float) -> Iterator[str]:
    """The names of the load strips, at the origin of the axis."""
    yield rect(0, 0, width, head_height(view), "paper")
    for place, kind in enumerate(kinds(view)):
        yield words(0, AXIS + HEAT * place + 14, NAMES[kind])
