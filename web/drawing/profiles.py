"""The eight mug shapes as surfaces of revolution, and where a point on the wall lands on the picture."""

import math
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property, lru_cache

from web.drawing.svg import at, path

LOOKING_DOWN = 0.237  # how much of a horizontal circle the eye sees: height of its ellipse over its width


@dataclass(frozen=True)
class Profile:
    """radii: (height from rim 0 to foot 1, radius as part of `radius`), px at 325 ml."""

    radius: float
    height: float
    radii: tuple[tuple[float, float], ...]
    handle: tuple[float, float] = (0.2, 0.74)
    reach: float = 116.0

    def at(self, t: float) -> float:
        """Radius at height t, as part of `radius`: a monotone cubic through the given points."""
        ts = [p[0] for p in self.radii]
        i = min(max(bisect_right(ts, t) - 1, 0), len(ts) - 2)
        (t0, r0), (t1, r1) = self.radii[i], self.radii[i + 1]
        u = (min(max(t, 0.0), 1.0) - t0) / (t1 - t0)
        m0, m1 = _slope(self.radii, i) * (t1 - t0), _slope(self.radii, i + 1) * (t1 - t0)
        return (
            (2 * u**3 - 3 * u**2 + 1) * r0
            + (u**3 - 2 * u**2 + u) * m0
            + (3 * u**2 - 2 * u**3) * r1
            + (u**3 - u**2) * m1
        )


def _slope(points: tuple[tuple[float, float], ...], i: int) -> float:
    def secant(k: int) -> float:
        return (points[k + 1][1] - points[k][1]) / (points[k + 1][0] - points[k][0])

    if i == 0:
        return secant(0)
    if i == len(points) - 1:
        return secant(i - 1) * 1.4
    left, right = secant(i - 1), secant(i)
    return 0.0 if left * right < 0 else (left + right) / 2


PROFILES: dict[str, Profile] = {
    "soft": Profile(
        152, 372, ((0, 1), (0.3, 1), (0.62, 0.99), (0.78, 0.955), (0.88, 0.885), (0.955, 0.755), (1, 0.58))
    ),
    "straight": Profile(142, 372, ((0, 1), (0.5, 1), (0.92, 1), (0.965, 0.985), (1, 0.93))),
    "tulip": Profile(
        150,
        380,
        (
            (0, 1),
            (0.1, 0.925),
            (0.3, 0.87),
            (0.55, 0.94),
            (0.74, 0.96),
            (0.88, 0.84),
            (0.96, 0.66),
            (1, 0.52),
        ),
        (0.22, 0.78),
        112,
    ),
    "barrel": Profile(
        162,
        350,
        ((0, 0.86), (0.2, 0.955), (0.5, 1), (0.78, 0.965), (0.93, 0.86), (1, 0.74)),
        (0.24, 0.76),
        106,
    ),
    "cone": Profile(156, 376, ((0, 1), (0.5, 0.85), (0.9, 0.73), (0.965, 0.7), (1, 0.64)), (0.18, 0.7), 108),
    "bistro": Profile(
        168,
        300,
        ((0, 1), (0.3, 0.985), (0.55, 0.93), (0.75, 0.81), (0.9, 0.63), (0.95, 0.57), (1, 0.56)),
        (0.16, 0.66),
        104,
    ),
    "camp": Profile(
        158,
        312,
        ((0, 1.02), (0.03, 1.0), (0.08, 0.99), (0.5, 0.99), (0.93, 0.985), (0.975, 0.96), (1, 0.9)),
        (0.19, 0.76),
        104,
    ),
    "bowl": Profile(
        192,
        268,
        ((0, 1), (0.25, 0.985), (0.5, 0.9), (0.72, 0.73), (0.88, 0.53), (0.94, 0.44), (1, 0.43)),
        (0.12, 0.58),
        92,
    ),
}
SHAPES = tuple(PROFILES)
CAPACITIES = (250, 325, 450)


@dataclass(frozen=True)
class Form:
    """A profile at one capacity, standing on the picture: centre line, rim and scale in px."""

    profile: Profile
    cx: float
    top: float
    scale: float

    @property
    def radius(self) -> float:
        return self.profile.radius * self.scale

    @property
    def height(self) -> float:
        return self.profile.height * self.scale

    def half(self, t: float) -> float:
        """Half the width of the silhouette at height t."""
        return self.radius * self.profile.at(t)

    def y(self, t: float) -> float:
        """The height of the centre of the circle at t."""
        return self.top + self.height * t

    def point(self, angle: float, t: float) -> tuple[float, float]:
        """Where the wall at `angle` (0 faces the eye, radians) and height t lands."""
        half = self.half(t)
        return self.cx + half * math.sin(angle), self.y(t) + half * LOOKING_DOWN * math.cos(angle)

    def edge(self, t: float) -> float:
        """The angle at which the wall at height t turns out of sight; a right angle on a straight wall.

        Seen a little from above, a wall that narrows downward hides its own flank, so its outline lies
        toward the front.
        """
        step = 0.004
        low, high = max(t - step, 0.0), min(t + step, 1.0)
        slope = (self.half(high) - self.half(low)) / (high - low)
        return math.acos(min(max(-LOOKING_DOWN * slope / self.height, -0.3), 0.97))

    def outline(self) -> str:
        """The silhouette with the whole rim ellipse, as path data."""
        return self._outline

    @cached_property
    def _outline(self) -> str:
        return self.outline_of(40)

    def outline_of(self, steps: int) -> str:
        """The same from so many pieces a side, where few will do."""
        heights = [1 - (1 - i / steps) ** 2 for i in range(steps + 1)]
        right = [self.point(self.edge(t), t) for t in heights]
        left = [self.point(-self.edge(t), t) for t in reversed(heights)]
        foot, rim = self.half(1), self.half(0)
        below = f"A{at(foot, foot * LOOKING_DOWN)} 0 0 1 "
        above = f"A{at(rim, rim * LOOKING_DOWN)} 0 0 1 {at(*right[0])}Z"
        return path(right) + below + path(left).removeprefix("M") + above


@lru_cache(maxsize=64)
def form(shape: str, capacity: int = 325, cx: float = 252.0, foot: float = 460.0) -> Form:
    """A shape at a capacity (ml), standing with its foot at y = `foot`. Unknown shapes are drawn soft."""
    profile = PROFILES.get(shape, PROFILES["soft"])
    scale = (max(capacity, 60) / 325) ** (1 / 3)
    return Form(profile, cx, foot - profile.height * scale, scale)
