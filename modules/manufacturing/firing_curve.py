"""A firing's curve: what was set, where it stands now, when it opens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cosmo import formats
from cosmo.clock import Now
from cosmo.i18n import N_, gettext, pick
from modules.manufacturing.lists import Firing

Point = tuple[float, float]
"""(minute after lighting, degrees C)"""
_ROOM_ABOVE = 1.12
"""The drawing's height as a multiple of the peak."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A recipe's points, stretched to the length of one run (minutes)."""

    points: tuple[Point, ...]
    minutes: float

    @property
    def peak(self) -> float:
        return max(heat for _, heat in self.points)

    @property
    def held(self) -> tuple[float, float]:
        """From when to when it stands at its peak."""
        at = [minute for minute, heat in self.points if heat >= self.peak - 1]
        return at[0], at[-1]

    def heat(self, minute: float) -> float:
        """Degrees C at a minute after lighting."""
        before = self.points[0]
        for point in self.points:
            if point[0] >= minute:
                return _between(before, point, minute)
            before = point
        return before[1]


def _between(a: Point, b: Point, minute: float) -> float:
    if b[0] == a[0]:
        return b[1]
    return a[1] + (b[1] - a[1]) * (minute - a[0]) / (b[0] - a[0])


def curve_of(firing: Firing) -> Curve | None:
    """The run's curve as set in its recipe; None where the plant has not given one."""
    known = firing.recipe.get("curve")
    if not isinstance(known, Sequence) or len(known) < 2:
        return None
    minutes = (firing.end - firing.start).total_seconds() / 60
    last = float(known[-1][0]) or 1.0
    points = tuple((float(m) * minutes / last, float(c)) for m, c in known)
    return Curve(points, minutes)


def card(firing: Firing, locale: str, timezone: str, now: Now, uid: str = "kiln") -> dict[str, Any] | None:
    """What `macros/kiln.html` draws; None without a curve."""
    curve = curve_of(firing)
    if curve is None:
        return None
    here = min(max((now.business - firing.start).total_seconds() / 60, 0.0), curve.minutes)
    return {
        "uid": uid,
        "live": gettext(locale, N_("Live, {time}"), time=formats.clock(now.business, locale, timezone)),
        "heard_at": now.wall.isoformat(),
        "stale": gettext(locale, N_("Last heard %s")),
        "lines": _lines(firing, locale, timezone, now),
        "points": [(m / curve.minutes, heat / (curve.peak * _ROOM_ABOVE)) for m, heat in curve.points],
        "now": here / curve.minutes,
        "now_label": gettext(locale, N_("{heat} °C now"), heat=_degrees(curve.heat(here), locale)),
        "hold": 1 / _ROOM_ABOVE,
        "hold_label": _hold(firing, curve, locale, timezone),
        "labels": _labels(firing, curve, locale, timezone, now),
        "title": pick(firing.name, locale),
    }


def _degrees(heat: float, locale: str) -> str:
    return formats.number(round(heat), locale)


def _lines(firing: Firing, locale: str, timezone: str, now: Now) -> list[str]:
    opens = formats.daytime(firing.end, locale, timezone, now.business)
    kiln = pick(firing.centre.name, locale)
    return [
        gettext(locale, N_("In the {firing}."), firing=pick(firing.name, locale)),
        gettext(locale, N_("{kiln} opens {when}."), kiln=kiln, when=opens),
    ]


def _hold(firing: Firing, curve: Curve, locale: str, timezone: str) -> str:
    begins, ends = (firing.start + timedelta(minutes=m) for m in curve.held)
    words = {
        "heat": _degrees(curve.peak, locale),
        "begins": formats.clock(begins, locale, timezone),
        "ends": formats.clock(ends, locale, timezone),
    }
    if begins == ends:
        return gettext(locale, N_("{heat} °C at {begins}"), **words)
    return gettext(locale, N_("{heat} °C, held {begins} to {ends}"), **words)


def _labels(
    firing: Firing, curve: Curve, locale: str, timezone: str, now: Now
) -> list[Mapping[str, Any]]:
    cools = firing.start + timedelta(minutes=curve.held[1])

    def at(when: datetime) -> str:
        return formats.clock(when, locale, timezone)

    cooling = gettext(locale, N_("Cools from {time}"), time=at(cools))
    return [
        {"at": 0, "label": gettext(locale, N_("Lit {time}"), time=at(firing.start))},
        {"at": curve.held[1] / curve.minutes, "label": cooling},
        {"at": 1, "label": _opens(firing, locale, timezone, now)},
    ]


def _opens(firing: Firing, locale: str, timezone: str, now: Now) -> str:
    when = formats.daytime(firing.end, locale, timezone, now.business)
    return gettext(locale, N_("Opens {when}"), when=when)
