"""Time along the drawing: minutes to pixels, and the dates that stand at the axis."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.saying import DAY, Calendar

WEEK = 7 * DAY
STEPS = (5, 10, 30, 60, 180, 360, 720, DAY, 2 * DAY, WEEK, 2 * WEEK, 4 * WEEK, 13 * WEEK, 52 * WEEK)
ROOM = 84
"""Pixels that a date at the axis needs."""


@dataclass(frozen=True, slots=True)
class Scale:
    """From minute `start` to `end` over `width` pixels. x is 0 at the start."""

    start: int
    end: int
    width: float

    @property
    def unit(self) -> float:
        """Pixels a minute."""
        return self.width / (self.end - self.start)

    def x(self, minute: float) -> float:
        """Where a minute is, clipped to what is drawn."""
        return (min(max(minute, self.start), self.end) - self.start) * self.unit

    def shows(self, start: int, end: int) -> bool:
        """Whether any of this time is drawn."""
        return start < self.end and end > self.start


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark at the axis. `strong` where a day (or for long steps a month) begins."""

    minute: int
    label: str
    strong: bool


def step_of(scale: Scale, calendar: Calendar) -> int:
    """The minutes between two labels: the smallest round number with room for a date."""
    if calendar.dated:
        return next((s for s in STEPS if s * scale.unit >= ROOM), STEPS[-1])
    round_numbers = (m * 10**k for k in range(12) for m in (1, 2, 5))
    return next(int(s) for s in round_numbers if s * scale.unit >= ROOM)


def ticks(scale: Scale, calendar: Calendar) -> list[Tick]:
    """The labels of the axis, at round times of the problem's own calendar."""
    step = step_of(scale, calendar)
    zero = _since_monday(calendar) if calendar.dated else 0
    first = scale.start + (-(scale.start + zero)) % step
    return [_tick(minute, step, zero, calendar) for minute in range(first, scale.end, step)]


def _tick(minute: int, step: int, zero: int, calendar: Calendar) -> Tick:
    if not calendar.dated:
        return Tick(minute, f"{minute:,}", False)
    midnight = (minute + zero) % DAY == 0
    if step < DAY and not midnight:
        return Tick(minute, f"{calendar.at(minute):%H:%M}", False)
    return Tick(minute, calendar.day(minute), step < DAY or calendar.at(minute).day <= step // DAY)


def _since_monday(calendar: Calendar) -> int:
    zero = calendar.zero
    return zero.weekday() * DAY + zero.hour * 60 + zero.minute
