"""When a resource is open, and when work of some length can be done in it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import accumulate, pairwise

Span = tuple[int, int]


class Calendar:
    """Open windows in order of time.

    Windows that touch stay two windows: what may not pause runs inside one of them.
    """

    __slots__ = ("_worked", "closes", "opens")

    def __init__(self, windows: Iterable[Span]) -> None:
        ordered = sorted(windows)
        self.opens = [start for start, _ in ordered]
        self.closes = [end for _, end in ordered]
        self._worked = [0, *accumulate(end - start for start, end in ordered)]

    @property
    def windows(self) -> list[Span]:
        """The windows as (start, end)."""
        return list(zip(self.opens, self.closes, strict=True))

    @property
    def total(self) -> int:
        """All open minutes."""
        return self._worked[-1]

    def without(self, blocked: Iterable[Span]) -> Calendar:
        """The calendar with some stretches closed."""
        left: list[Span] = []
        closed = sorted(blocked)
        for start, end in self.windows:
            for a, b in closed:
                if b > start and a < end:
                    if a > start:
                        left.append((start, a))
                    start = b
            if start < end:
                left.append((start, end))
        return Calendar(left)

    # ---- what may not pause ----

    def fit(self, minutes: int, after: int) -> int | None:
        """The earliest start at or after `after` of so many minutes inside one window."""
        opens, closes = self.opens, self.closes
        for w in range(max(bisect_right(opens, after) - 1, 0), len(opens)):
            start = opens[w] if opens[w] > after else after
            if start + minutes <= closes[w]:
                return start
        return None

    def covers(self, start: int, end: int) -> bool:
        """Whether one window holds the whole time from start to end."""
        w = bisect_right(self.opens, start) - 1
        return w >= 0 and end <= self.closes[w]

    def starts(self, minutes: int, head: int, last: int) -> list[Span]:
        """Stretches (first, last) of starts from `head` to `last` of so many minutes inside one window."""
        found = []
        for w in range(max(bisect_right(self.opens, head) - 1, 0), len(self.opens)):
            first, final = max(self.opens[w], head), min(self.closes[w] - minutes, last)
            if self.opens[w] > last:
                break
            if first <= final:
                found.append((first, final))
        return found

    def chances(self, minutes: int) -> list[Span]:
        """All stretches (first, last) of starts of so many minutes inside one window."""
        both = zip(self.opens, self.closes, strict=True)
        return [(start, end - minutes) for start, end in both if end - start >= minutes]

    def last_chance(self, minutes: int) -> int | None:
        """The last start of so many minutes inside one window."""
        both = zip(reversed(self.opens), reversed(self.closes), strict=True)
        return next((end - minutes for start, end in both if end - start >= minutes), None)

    def longest_wait(self, minutes: int) -> int:
        """How long a start between the first and the last chance is put off at most."""
        return max((later - last - 1 for (_, last), (later, _) in pairwise(self.chances(minutes))), default=0)

    # ---- what may pause ----

    def worked(self, moment: int) -> int:
        """Open minutes before a moment."""
        w = bisect_right(self.opens, moment) - 1
        return self._worked[w] + min(moment, self.closes[w]) - self.opens[w] if w >= 0 else 0

    def begin(self, after: int) -> int | None:
        """The first open minute at or after `after`."""
        return self.fit(1, after)

    def reached(self, worked: int) -> int | None:
        """When so many open minutes (at least one) are over."""
        w = bisect_left(self._worked, worked) - 1
        return self.opens[w] + worked - self._worked[w] if worked <= self.total else None

    def done(self, start: int, minutes: int) -> int | None:
        """The end of so many open minutes from an open start on."""
        return self.reached(self.worked(start) + minutes)

    def earliest_pausing(self, minutes: int, start_from: int, end_from: int) -> Span | None:
        """The earliest (start, end) of so many open minutes with start and end not before the given."""
        needed = max(self.worked(start_from), self.worked(end_from - 1) + 1 - minutes)
        start = self.begin(max(start_from, (self.reached(needed + 1) or 0) - 1))
        end = None if start is None or needed + minutes > self.total else self.done(start, minutes)
        return None if start is None or end is None else (start, end)

    def pausing_starts(self, minutes: int, head: int, tail: int) -> list[tuple[int, int, int]]:
        """Stretches (first start, last start, span) between `head` and `tail` that all last equally long."""
        found: list[tuple[int, int, int]] = []
        start = self.begin(head)
        while start is not None:
            end = self.done(start, minutes)
            if end is None or end > tail:
                break
            w, v = bisect_right(self.opens, start) - 1, bisect_left(self.opens, end) - 1
            more = min(self.closes[w] - 1 - start, self.closes[v] - end, tail - end)
            found.append((start, start + more, end - start))
            start = self.begin(start + more + 1)
        return found


def other_boundaries(before: Iterable[Span], now: Iterable[Span]) -> Span:
    """The first and the last minute at which one of two calendars opens or closes and the other does not."""
    one, other = ({(minute, k) for w in windows for k, minute in enumerate(w)} for windows in (before, now))
    minutes = [minute for minute, _ in one ^ other]
    return min(minutes), max(minutes)
