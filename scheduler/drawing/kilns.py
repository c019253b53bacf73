"""A kiln's row: firings as containers, their fill the load, with the strip of loading, firing and cooling."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from scheduler.drawing.machines import fact_lines, lost_blocks
from scheduler.drawing.scale import Scale
from scheduler.drawing.svg import box, fits, glyph, num, rect, tag, words
from scheduler.drawing.view import BLOCK, Row, View
from scheduler.model import amounts
from scheduler.occupancy import Firing

STRIP = 7.0
"""The pixels that the strip below a container takes."""


def share(load: tuple[int, ...], room: tuple[int, ...]) -> float:
    """How full it is, in the dimension that is fullest."""
    return max((taken / size for taken, size in zip(load, room, strict=False) if size), default=0.0)


def kiln_row(view: View, row: Row, scale: Scale) -> Iterator[str]:
    """All that is in a batch resource, as pieces of SVG."""
    firings = [f for f in view.plan.firings(row.resource.id) if scale.shows(f.start, f.end)]
    real = [f for f in firings if any(m.op for m in f.members)]
    wide = [f for f in real if (f.end - f.start) * scale.unit >= BLOCK]
    yield from _thin(row, scale, [f for f in real if (f.end - f.start) * scale.unit < BLOCK])
    yield _setups(view, row, scale, real)
    for firing in wide:
        yield from _container(view, row, scale, firing)
    yield from _strips(row, scale, real)
    stays = [member for firing in firings for member in firing.members]
    yield fact_lines(row, scale, stays)
    yield from lost_blocks(view, row, scale, [s for s in stays if s.op is None])


def _body(row: Row) -> tuple[float, float]:
    top, height = row.inner
    return top, height - STRIP


def _filled(row: Row, firing: Firing) -> float:
    """The pixels of the container that the load fills."""
    part = min(1.0, share(firing.load(), amounts(row.resource.capacity)))
    return part * _body(row)[1]


def _thin(row: Row, scale: Scale, firings: list[Firing]) -> Iterator[str]:
    """Firings too narrow for a container: their loads side by side in one path."""
    top, height = _body(row)
    pieces = []
    for firing in firings:
        x, level = scale.x(firing.start), _filled(row, firing)
        pieces.append(box(x, top + height - level, max(scale.x(firing.end) - x - 0.3, 0.4), level))
    if pieces:
        yield tag("path", d="".join(pieces), class_="block")


def _setups(view: View, row: Row, scale: Scale, firings: list[Firing]) -> str:
    top, height = _body(row)
    pieces = []
    for before, after in pairwise(firings):
        ops = [next((m.op for m in firing.members if m.op), None) for firing in (before, after)]
        minutes = min(view.plan.setup(row.resource, *ops), after.start - before.end)
        if minutes * scale.unit >= 3:
            x = scale.x(after.start - minutes)
            pieces.append(box(x, top + 2, scale.x(after.start) - x - 1, height - 4))
    return tag("path", d="".join(pieces), class_="setup") if pieces else ""


def _container(view: View, row: Row, scale: Scale, firing: Firing) -> Iterator[str]:
    top, height = _body(row)
    x = scale.x(firing.start)
    width = scale.x(firing.end) - x - 2
    level = _filled(row, firing)
    yield rect(x, top, width, height, "sunken", rx=min(5, width / 4))
    yield rect(x, top + height - level, width, level, "block", rx=min(5, width / 4, level / 2))
    if level > 4:
        yield _across(x, width, top + height - level + 1, "level")
    least = row.resource.least_load / max(amounts(row.resource.capacity)[0], 1)
    if least:
        yield _across(x, width, top + height * (1 - min(least, 1.0)), "full")
    yield from _label(view, row, x, width, firing)


def _across(x: float, width: float, y: float, class_: str) -> str:
    return tag("path", d=f"M{num(x + 1)} {num(y)}h{num(width - 2)}", class_=class_)


def _label(view: View, row: Row, x: float, width: float, firing: Firing) -> Iterator[str]:
    """How full, which recipe, how many lots; who of them is late."""
    top, height = _body(row)
    percent = f"{round(100 * share(firing.load(), amounts(row.resource.capacity)))}%"
    count = len(firing.members)
    rest = f"{firing.family or ''} · {count} {'lot' if count == 1 else 'lots'}"
    low = height < 40 or not fits(rest, width - 14)
    if fits(percent, width - 12, 12 if low else 16):
        yield words(x + 8, top + height - (8 if low else 26), percent, "b" if low else "big")
    if not low or fits(rest, width - 56):
        yield words(x + (48 if low else 8), top + height - (8 if low else 10), rest)
    late = sum(view.is_late(member) for member in firing.members)
    if late and fits(f"{percent} {late} late", width - 44, 13 if low else 12):
        yield glyph("late", x + width - 16, top + 4, 12, "glyph")
        yield words(x + width - 20, top + 14, f"{late} late", "lt small", "end")


def _strips(row: Row, scale: Scale, firings: list[Firing]) -> Iterator[str]:
    """Below each container: loading, firing, and cooling dotted."""
    top, height = row.inner
    y = num(top + height - 2.5)
    kiln = row.resource
    paths: dict[str, list[str]] = {"loading": [], "firing": [], "cooling": []}
    for firing in firings:
        lit, done = firing.start + kiln.loading, firing.end - kiln.cooling
        for name, a, b in (
            ("loading", firing.start, lit),
            ("firing", lit, done),
            ("cooling", done, firing.end),
        ):
            if scale.x(b) - scale.x(a) > 0.2:
                paths[name].append(f"M{num(scale.x(a))} {y}H{num(max(scale.x(b) - 2, scale.x(a) + 0.2))}")
    for name, pieces in paths.items():
        if pieces:
            yield tag("path", d="".join(pieces), class_=name)
