"""Plots of a bench run as SVG: objective over time, how latencies spread, growth. Light and dark."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from scheduler.drawing.picture import at, svg_document
from scheduler.drawing.svg import line, num, rect, tag, words

WIDTH, HEIGHT = 640.0, 300.0
LEFT, RIGHT, TOP, BOTTOM = 64.0, 16.0, 44.0, 76.0
Points = Sequence[tuple[float, float]]


def plot(
    title: str,
    x_name: str,
    y_name: str,
    curves: Mapping[str, Points],
    *,
    log_x: bool = False,
    steps: bool = False,
) -> str:
    """Lines over one pair of axes, at most five. `steps`: a value holds until the next one."""
    x = _axis([p for points in curves.values() for p, _ in points], log_x, LEFT, WIDTH - RIGHT)
    y = _axis([0.0, *(p for points in curves.values() for _, p in points)], False, HEIGHT - BOTTOM, TOP)
    content = words(16, 24, title, "h") + words(LEFT, TOP - 8, y_name, "small")
    content += words(WIDTH - RIGHT, HEIGHT - BOTTOM + 32, x_name, "small", "end")
    content += "".join(_grid(x, y))
    for n, (name, points) in enumerate(curves.items()):
        content += _line(points, x, y, n % 5 + 1, steps)
        content += at(LEFT + n % 2 * 260, HEIGHT - 30 + n // 2 * 16, _key(name, n % 5 + 1))
    extra = 16 * max(0, (len(curves) - 1) // 2)
    style = "<style>" + "".join(f".c{n}{{stroke:var(--p{n});stroke-width:2;fill:none}}" for n in range(1, 6))
    return svg_document(WIDTH, HEIGHT + extra, f"{style}</style>{content}", title)


POINTS = 400
"""A curve needs no more."""


def ecdf(values: Sequence[float]) -> list[tuple[float, float]]:
    """(value, percent of all that do not exceed it); of many values some, and all of the largest."""
    ordered = sorted(values)
    step, last = -(-len(ordered) // POINTS), len(ordered) - POINTS // 4
    kept = ((k, value) for k, value in enumerate(ordered) if k % step == step - 1 or k >= last)
    return [(value, 100 * (k + 1) / len(ordered)) for k, value in kept]


class _axis:
    """From values to pixels."""

    def __init__(self, values: Sequence[float], log: bool, start: float, end: float) -> None:
        self.log = log
        self.start, self.end = start, end
        kept = [v for v in values if v > 0] if log else list(values)
        self.low, self.high = min(kept, default=0.1 if log else 0.0), max(kept, default=1.0)
        if self.high <= self.low:
            self.high = self.low * 10 if log else self.low + 1

    def at(self, value: float) -> float:
        """The pixel of a value."""
        if self.log:
            value, low, high = math.log(max(value, self.low)), math.log(self.low), math.log(self.high)
        else:
            low, high = self.low, self.high
        return self.start + (value - low) / (high - low) * (self.end - self.start)

    def ticks(self) -> list[float]:
        """About five round values."""
        if self.log:
            exponents = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            return [t for e in exponents for m in (1, 3) if self.low <= (t := m * 10.0**e) <= self.high]
        step = 10.0 ** math.floor(math.log10((self.high - self.low) / 4))
        step *= next(m for m in (1, 2, 5, 10) if (self.high - self.low) / (step * m) <= 5)
        first = math.ceil(self.low / step)
        return [k * step for k in range(first, math.floor(self.high / step + 1e-9) + 1)]


def _grid(x: _axis, y: _axis) -> list[str]:
    pieces = [line(LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM, "rule-2")]
    for tick in y.ticks():
        pieces.append(line(LEFT, y.at(tick), WIDTH - RIGHT, y.at(tick), "rule"))
        pieces.append(words(LEFT - 8, y.at(tick) + 4, f"{tick:g}", "small", "end"))
    for tick in x.ticks():
        pieces.append(words(x.at(tick), HEIGHT - BOTTOM + 16, f"{tick:g}", "small", "middle"))
    return pieces


def _line(points: Points, x: _axis, y: _axis, paint: int, steps: bool) -> str:
    if not points:
        return ""
    places = [(num(x.at(a)), num(y.at(b))) for a, b in points]
    path = f"M{places[0][0]} {places[0][1]}"
    path += "".join(f"H{a}V{b}" if steps else f"L{a} {b}" for a, b in places[1:])
    dots = (
        ""
        if steps or len(points) > 12
        else "".join(rect(float(a) - 3, float(b) - 3, 6, 6, f"d{paint}", 3) for a, b in places)
    )
    return tag("path", d=path, class_=f"c{paint}") + dots


def _key(name: str, paint: int) -> str:
    return line(0, -4, 18, -4, f"c{paint}") + words(26, 0, name)
