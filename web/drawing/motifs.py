"""Line drawings that go on a mug when nobody has uploaded one: strokes in a flat 240 x 270 box."""

import math
import random
from dataclasses import dataclass, field
from functools import lru_cache

Point = tuple[float, float]


@dataclass
class Motif:
    """Strokes by line width, and dots by diameter; x from -120 to 120 around the middle, y from 0 down to
    270."""

    strokes: dict[float, list[list[Point]]] = field(default_factory=dict)
    dots: dict[float, list[Point]] = field(default_factory=dict)

    def line(self, width: float, points: list[Point]) -> None:
        self.strokes.setdefault(width, []).append(points)

    def dot(self, diameter: float, point: Point) -> None:
        self.dots.setdefault(round(diameter * 2) / 2, []).append(point)


def _bow(a: Point, bend: Point, b: Point, steps: int = 12) -> list[Point]:
    def mix(t: float, k: int) -> float:
        return (1 - t) ** 2 * a[k] + 2 * (1 - t) * t * bend[k] + t * t * b[k]

    return [(mix(i / steps, 0), mix(i / steps, 1)) for i in range(steps + 1)]


def _polar(origin: Point, degrees: float, length: float, squeeze: float = 1.0) -> Point:
    angle = math.radians(degrees)
    return origin[0] + math.cos(angle) * length, origin[1] + math.sin(angle) * length * squeeze


def _umbel(motif: Motif, heart: Point, radius: float, rays: int, lean: float, rnd: random.Random) -> None:
    """A flower head: rays of nearly one length, each ending in a small fan of dots."""
    big = radius > 38
    for i in range(rays):
        side = i / (rays - 1) - 0.5
        tip = _polar(heart, -90 + lean + side * 152, radius * (1.04 - 0.5 * side * side), 0.87)
        knee = ((heart[0] + tip[0]) / 2, (heart[1] + tip[1]) / 2 - 5)
        motif.line(1.5 if big else 1.25, _bow(heart, knee, tip, 7))
        for j in range(7 if big else 5):
            fan = -90 + lean * 0.6 + (j - (3 if big else 2)) * (27 if big else 36) + side * 74
            end = _polar(tip, fan, radius * (0.2 + 0.03 * rnd.random()), 0.92)
            motif.line(0.9, [tip, end])
            motif.dot(rnd.uniform(3, 4.6) if big else rnd.uniform(2.4, 3.6), end)


def _fern(motif: Motif, root: Point, degrees: float, length: float) -> None:
    """A leaf cut twice: a rib, leaflets in pairs, teeth on the leaflets."""
    tip = _polar(root, degrees, length)
    motif.line(1.3, _bow(root, ((root[0] + tip[0]) / 2, (root[1] + tip[1]) / 2 - 5), tip, 8))
    for step in (0.26, 0.44, 0.62, 0.8, 1.0):
        knot = (
            root[0] + (tip[0] - root[0]) * step,
            root[1] + (tip[1] - root[1]) * step - 4 * math.sin(math.pi * step),
        )
        reach = length * (0.42 - 0.22 * step)
        for side in (-1, 1):
            leaf = _polar(knot, degrees + side * 50, reach)
            motif.line(1.1, [knot, leaf])
            for part in (0.5, 0.82):
                tooth = (knot[0] + (leaf[0] - knot[0]) * part, knot[1] + (leaf[1] - knot[1]) * part)
                for turn in (-42, 42):
                    motif.line(0.9, [tooth, _polar(tooth, degrees + side * 50 + turn, reach * 0.3)])


def _cow_parsley() -> Motif:
    motif, rnd = Motif(), random.Random(11)
    motif.line(2.2, _bow((8, 268), (0, 176), (-12, 92), 18))
    motif.line(1.8, _bow((4, 214), (40, 172), (58, 134)))
    motif.line(1.7, _bow((2, 198), (-42, 170), (-70, 142)))
    motif.line(1.5, _bow((10, 268), (58, 228), (92, 206)))
    _umbel(motif, (-12, 92), 58, 9, -3, rnd)
    _umbel(motif, (58, 134), 40, 7, 10, rnd)
    _umbel(motif, (-70, 142), 33, 7, -14, rnd)
    _umbel(motif, (92, 206), 25, 6, 14, rnd)
    _fern(motif, (6, 238), -154, 56)
    _fern(motif, (7, 244), -20, 40)
    _fern(motif, (1, 184), -150, 26)
    return motif


def _waves() -> Motif:
    motif = Motif()
    for row in range(9):
        y = 60 + row * 20
        points = [
            (float(x), y + 7 * math.sin(x / 17 + row * 0.7) * (1 - abs(x) / 190)) for x in range(-112, 113, 7)
        ]
        motif.line(2.6 - row * 0.16, points)
    return motif


def _grid() -> Motif:
    motif = Motif()
    for step in range(-110, 111, 22):
        motif.line(1.6, [(float(step), float(y)) for y in range(50, 231, 12)])
    for y in range(50, 231, 20):
        motif.line(1.6, [(float(x), float(y)) for x in range(-110, 111, 10)])
    return motif


_DRAWN = {"cow-parsley": _cow_parsley, "waves": _waves, "grid": _grid}
MOTIFS = tuple(_DRAWN)


@lru_cache(maxsize=len(_DRAWN) + 1)
def motif(name: str) -> Motif:
    """A motif by name; an unknown name gives cow parsley."""
    return _DRAWN.get(name, _cow_parsley)()
