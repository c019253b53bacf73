"""The plan's minutes and the world's instants: origins, calendars in plant-local time, holes in them."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Window = tuple[int, int]
Shift = Sequence[Any]
"""(weekday 0-6, "06:00", "22:00"), plant-local."""

DAY = 1440
WEEK = 7 * DAY
HORIZON = 26 * WEEK
"""How far ahead places are given, in minutes."""


def origin_for(at: datetime) -> datetime:
    """Monday 00:00 UTC four weeks before `at`'s week, so that recent history still has positive minutes."""
    day = at.astimezone(UTC).date() - timedelta(weeks=4)
    return datetime.combine(day - timedelta(days=day.weekday()), time(), UTC)


def minute_of(origin: datetime, at: datetime) -> int:
    """The whole minute `at` lies in."""
    return int((at - origin).total_seconds() // 60)


def minute_after(origin: datetime, at: datetime) -> int:
    """The first whole minute not before `at`: an earliest start."""
    return -minute_of(origin, origin - (at - origin))


def instant(origin: datetime, minute: int) -> datetime:
    return origin + timedelta(minutes=minute)


def windows(shifts: Sequence[Shift], timezone: str, origin: datetime, span: Window) -> tuple[Window, ...]:
    """Open windows within `span`, adjacent ones joined. No shifts: one window, round the clock."""
    if not shifts:
        return (span,)
    zone = ZoneInfo(timezone)
    first = instant(origin, span[0]).astimezone(zone).date() - timedelta(days=1)
    last = instant(origin, span[1]).astimezone(zone).date()
    found: list[Window] = []
    day = first
    while day <= last:
        found += [_window(origin, zone, day, s) for s in shifts if int(s[0]) == day.weekday()]
        day += timedelta(days=1)
    return tuple(_joined(_clipped(found, span)))


def _window(origin: datetime, zone: ZoneInfo, day: date, shift: Shift) -> Window:
    start, end = _clock(zone, day, str(shift[1])), _clock(zone, day, str(shift[2]))
    if end <= start:
        end = _clock(zone, day + timedelta(days=1), str(shift[2]))
    return minute_of(origin, start), minute_of(origin, end)


def _clock(zone: ZoneInfo, day: date, text: str) -> datetime:
    hours, _, minutes = text.partition(":")
    over, hour = divmod(int(hours), 24)
    local = datetime.combine(day + timedelta(days=over), time(hour, int(minutes)), zone)
    return local.astimezone(UTC)


def _clipped(found: Iterable[Window], span: Window) -> list[Window]:
    clipped = [(max(a, span[0]), min(b, span[1])) for a, b in found]
    return sorted((a, b) for a, b in clipped if a < b)


def _joined(found: Iterable[Window]) -> list[Window]:
    joined: list[Window] = []
    for a, b in found:
        if joined and a <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(b, joined[-1][1]))
        else:
            joined.append((a, b))
    return joined


def without(open_: Sequence[Window], holes: Iterable[Window]) -> tuple[Window, ...]:
    """The open windows with the holes cut out."""
    left = list(open_)
    for start, end in holes:
        cut: list[Window] = []
        for a, b in left:
            cut += [(x, y) for x, y in ((a, min(b, start)), (max(a, end), b)) if x < y]
        left = cut
    return tuple(left)


def open_minutes(open_: Iterable[Window], span: Window) -> int:
    """How many minutes of `span` are open."""
    return sum(max(0, min(b, span[1]) - max(a, span[0])) for a, b in open_)
