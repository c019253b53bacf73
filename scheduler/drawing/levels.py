"""The zoom levels of a page: how much time fills its width, and what is still worth drawing."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.drawing.scale import WEEK, Scale
from scheduler.drawing.view import View
from scheduler.saying import DAY

WIDEST = 120_000
"""Pixels beyond which a level is left out; `--from` and `--until` show such detail instead."""
MOST_RUNS = 25_000
"""A level that would draw more runs one by one than this is left out."""
SPANS = (("Month", 30 * DAY), ("Week", WEEK), ("Day", DAY), ("Shift", 480), ("Hour", 60))


@dataclass(frozen=True, slots=True)
class Level:
    """One zoom: its name, and the scale of all that is shown."""

    name: str
    scale: Scale


def levels(view: View, width: float) -> list[Level]:
    """All in one width first, then closer and closer looks as long as they show more."""
    whole = Level("All", view.whole(width))
    found = [whole]
    for name, minutes in _spans(view):
        scale = view.whole(width * (view.end - view.start) / minutes)
        closer = scale.unit > 1.5 * found[-1].scale.unit
        if (
            closer
            and scale.width <= WIDEST
            and _drawn(view, scale) <= MOST_RUNS
            and not _enough(view, found[-1])
        ):
            found.append(Level(name, scale))
    return found


def _spans(view: View) -> list[tuple[str, float]]:
    """Calendar spans where there are dates; otherwise a quarter of the time, a sixteenth, and so on."""
    if view.calendar.dated:
        return [(name, float(minutes)) for name, minutes in SPANS]
    length = view.end - view.start
    return [(f"{4**k}×", length / 4**k) for k in (1, 2, 3)]


def _drawn(view: View, scale: Scale) -> int:
    """How many runs would be blocks of their own."""
    least = 14 / scale.unit
    return sum(place.end - place.start >= least for place in view.plan.places.values())


def _enough(view: View, level: Level) -> bool:
    """Nine in ten runs have room for their names already."""
    lengths = sorted(place.end - place.start for place in view.plan.places.values())
    return bool(lengths) and lengths[len(lengths) // 10] * level.scale.unit >= 40
