"""A machine's row: runs in the colour of their family, setups hatched before them, late ones marked."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from scheduler.drawing.scale import Scale
from scheduler.drawing.svg import box, fits, glyph, num, rect, tag, width_of, words
from scheduler.drawing.view import BLOCK, Row, View
from scheduler.occupancy import Stay, window_at
from scheduler.saying import span

SETUP = 1.5
"""The least pixels at which a setup is drawn."""


@dataclass(frozen=True, slots=True)
class Thin:
    """One or more neighbouring runs that together are drawn from x to x + width."""

    x: float
    width: float
    paint: int
    late: bool


def machine_row(view: View, row: Row, scale: Scale) -> Iterator[str]:
    """All that is on a machine, as pieces of SVG."""
    shown = [s for s in view.plan.stays[row.resource.id] if scale.shows(s.start, s.end)]
    yield _setups(view, row, scale, shown)
    least = BLOCK / scale.unit
    thin = [s for s in shown if s.op is not None and s.end - s.start < least]
    yield from _thin_paths(row, thinned(view, row, scale, thin))
    for stay in shown:
        if stay.end - stay.start >= least:
            yield from _block(view, row, scale, stay)
    yield _facts(row, scale, shown)
    yield from _lost(view, row, scale, [s for s in shown if s.op is None])


def _setups(view: View, row: Row, scale: Scale, shown: list[Stay]) -> str:
    """Each setup lies just before the run that it is for."""
    top, height = row.inner
    pieces = []
    for before, after in pairwise(shown):
        minutes = min(view.plan.setup(row.resource, before.op, after.op), after.start - before.end)
        if minutes * scale.unit >= SETUP:
            x = scale.x(after.start - minutes)
            pieces.append(box(x, top + 2, scale.x(after.start) - x, height - 4))
    return tag("path", d="".join(pieces), class_="setup") if pieces else ""


def thinned(view: View, row: Row, scale: Scale, stays: Iterable[Stay]) -> Iterator[Thin]:
    """Runs of less than a pixel join their neighbours: at most one piece a pixel, in its longest paint."""
    group: list[Stay] = []
    for stay in stays:
        if group and scale.x(stay.start) >= int(scale.x(group[0].start)) + 1:
            yield _together(view, row, scale, group)
            group = []
        group.append(stay)
        if scale.x(stay.end) >= int(scale.x(group[0].start)) + 1:
            yield _together(view, row, scale, group)
            group = []
    if group:
        yield _together(view, row, scale, group)


def _together(view: View, row: Row, scale: Scale, group: list[Stay]) -> Thin:
    minutes: Counter[int] = Counter()
    for stay in group:
        minutes[view.paints.paint(row.resource, stay.op)] += stay.end - stay.start
    worked = sum(scale.x(s.end) - scale.x(s.start) for s in group)
    late = any(view.is_late(s) for s in group)
    return Thin(scale.x(group[0].start), max(worked, 0.4), minutes.most_common(1)[0][0], late)


def _thin_paths(row: Row, pieces: Iterable[Thin]) -> Iterator[str]:
    """One path a paint, and one for the marks of late jobs."""
    top, height = row.inner
    paths: dict[str, list[str]] = defaultdict(list)
    for thin in pieces:
        paths[f"d{thin.paint}"].append(box(thin.x, top, thin.width, height))
        if thin.late:
            paths["latemark"].append(box(thin.x, top + height - 3, thin.width, 3))
    for name in sorted(paths, key=lambda n: n == "latemark"):
        yield tag("path", d="".join(paths[name]), class_=name)


def _block(view: View, row: Row, scale: Scale, stay: Stay) -> Iterator[str]:
    """A run wide enough to stand alone, with its job's id where there is room."""
    if stay.op is None:
        return
    late = view.is_late(stay)
    name = "late" if late else f"f{view.paints.paint(row.resource, stay.op)}"
    parts = list(_open_parts(row, scale, stay))
    for x, width in parts:
        yield rect(x, row.inner[0], max(width - 1, 1), row.inner[1], name, rx=min(5, width / 4))
    if stay.op.may_pause:
        yield _rests(row, scale, stay)
    if parts:
        yield from _label(row, *max(parts, key=lambda part: part[1]), stay, late)


def _open_parts(row: Row, scale: Scale, stay: Stay) -> Iterator[tuple[float, float]]:
    """Where it is really worked on: all of it, but for one that pauses only the open time."""
    if stay.op is None or not stay.op.may_pause:
        yield scale.x(stay.start), scale.x(stay.end) - scale.x(stay.start)
        return
    for a, b in sorted(row.resource.calendar):
        if a < stay.end and b > stay.start:
            x = scale.x(max(a, stay.start))
            yield x, scale.x(min(b, stay.end)) - x


def _rests(row: Row, scale: Scale, stay: Stay) -> str:
    middle = num(row.inner[0] + row.inner[1] / 2)
    cuts = [stay.start, *(t for w in sorted(row.resource.calendar) for t in w if stay.start < t < stay.end)]
    closed = [
        f"M{num(scale.x(a))} {middle}H{num(scale.x(b))}"
        for a, b in zip(cuts, [*cuts[1:], stay.end], strict=True)
        if window_at(sorted(row.resource.calendar), a) is None
    ]
    return tag("path", d="".join(closed), class_="rest") if closed else ""


def _label(row: Row, x: float, width: float, stay: Stay, late: bool) -> Iterator[str]:
    """Whose it is, and the sign that it is late, in the part where there is most room."""
    top, height = row.inner
    text = stay.job.id if stay.job else stay.name
    tall = height >= 30
    if fits(text, width - 12 - (15 if late and not tall else 0)):
        y = top + height - 7 if late and tall else top + height / 2 + 4
        yield words(x + 7, y, text, "lt" if late else None)
    if late and width >= BLOCK + 4 and height >= 14:
        yield glyph("late", x + width - 16, top + (3 if tall else height / 2 - 6), 12, "glyph")


def _facts(row: Row, scale: Scale, shown: list[Stay]) -> str:
    """What has started or is frozen stands on a line."""
    bottom = num(row.inner[0] + row.inner[1])
    lines = [
        f"M{num(scale.x(s.start))} {bottom}H{num(scale.x(s.end))}"
        for s in shown
        if s.fact and s.op is not None
    ]
    return tag("path", d="".join(lines), class_="fact") if lines else ""


def _lost(view: View, row: Row, scale: Scale, shown: list[Stay]) -> Iterator[str]:
    """Other occupancy: a breakdown, a service. It says until when."""
    top, height = row.inner
    for stay in shown:
        x, width = scale.x(stay.start), scale.x(stay.end) - scale.x(stay.start)
        yield rect(x, top, max(width, 1), height, "lost", rx=min(5, width / 4))
        text = f"{stay.name} until {view.calendar.moment(stay.end)}"
        text = text if fits(text, width - 28) else f"{stay.name} {span(stay.end - stay.start)}"
        if fits(text, width - 28):
            yield rect(x + 8, top + height / 2 - 10, width_of(text) + 12, 20, "paper", rx=5)
            yield words(x + 14, top + height / 2 + 4, text, "lt")


lost_blocks, fact_lines = _lost, _facts
"""Kilns and pools draw these in the same way."""
