"""A pool's row: the load over time, under the line of what it holds."""

from __future__ import annotations

from collections.abc import Iterator

from scheduler.drawing.kilns import share
from scheduler.drawing.machines import lost_blocks
from scheduler.drawing.scale import Scale
from scheduler.drawing.svg import num, tag
from scheduler.drawing.view import Row, View
from scheduler.model import amounts


def pool_row(view: View, row: Row, scale: Scale) -> Iterator[str]:
    """A pool's load profile, as pieces of SVG."""
    top, height = row.inner
    yield tag("path", d=f"M0 {num(top)}H{num(scale.width)}", class_="full")
    steps = profile(view, row, scale)
    if any(level for _, level in steps):
        edge = "".join(f"V{num(top + height * (1 - level))}H{num(x)}" for x, level in _runs(steps, scale))
        bottom = num(top + height)
        yield tag("path", d=f"M{num(steps[0][0])} {bottom}{edge}V{bottom}z", class_="block")
        yield tag("path", d=f"M{num(steps[0][0])} {bottom}{edge}V{bottom}", class_="level")
    others = [s for s in view.plan.stays[row.resource.id] if s.op is None and scale.shows(s.start, s.end)]
    yield from lost_blocks(view, row, scale, others)


def profile(view: View, row: Row, scale: Scale) -> list[tuple[float, float]]:
    """(x, part of the room that is taken from there on), at most one entry a pixel: its highest load."""
    room = amounts(row.resource.capacity)
    steps: list[tuple[float, float]] = [(0.0, 0.0)]
    for minute, load in view.plan.load(row.resource.id):
        level, x = min(1.0, share(load, room)), scale.x(minute)
        if minute >= scale.end:
            break
        if minute <= scale.start:
            steps = [(0.0, level)]
        elif int(x) == int(steps[-1][0]) and len(steps) > 1:
            steps[-1] = (steps[-1][0], max(level, steps[-1][1]))
        else:
            steps.append((x, level))
    return steps


def _runs(steps: list[tuple[float, float]], scale: Scale) -> Iterator[tuple[float, float]]:
    """(x where it ends, level) of each stretch."""
    for (_, level), end in zip(steps, [*(x for x, _ in steps[1:]), scale.width], strict=True):
        yield end, level
