"""The calendar's arithmetic agrees with counting every minute."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from scheduler.calendars import Calendar

Windows = list[tuple[int, int]]
LAST = 60


@st.composite
def windows(draw: st.DrawFn) -> Windows:
    """Up to four windows, some of which touch the one before."""
    cuts = sorted(draw(st.sets(st.integers(0, 40), max_size=8)))
    found = list(zip(cuts[::2], cuts[1::2], strict=False))
    if found and draw(st.booleans()):
        found.append((found[-1][1], found[-1][1] + draw(st.integers(1, 5))))
    return found


def inside_one(found: Windows, start: int, end: int) -> bool:
    return any(a <= start and end <= b for a, b in found)


def pausing(found: Windows, minutes: int) -> list[tuple[int, int]]:
    """Every (start, end) of so many open minutes, counted."""
    opened = sorted(m for a, b in found for m in range(a, b))
    return [(m, opened[k + minutes - 1] + 1) for k, m in enumerate(opened) if k + minutes <= len(opened)]


moments, lengths = st.integers(-3, 45), st.integers(1, 8)


@given(windows(), lengths, moments, moments)
def test_work_that_may_not_pause(found: Windows, minutes: int, head: int, last: int) -> None:
    calendar = Calendar(found)
    right = [s for s in range(head, LAST) if inside_one(found, s, s + minutes)]
    assert calendar.fit(minutes, head) == (right[0] if right else None)
    spread = [s for a, b in calendar.starts(minutes, head, last) for s in range(a, b + 1)]
    assert spread == [s for s in right if s <= last]
    assert calendar.covers(head, head + minutes) == inside_one(found, head, head + minutes)


@given(windows(), lengths)
def test_the_longest_wait(found: Windows, minutes: int) -> None:
    chances = [s for s in range(LAST) if inside_one(found, s, s + minutes)]
    waits = [b - a - 1 for a, b in pairwise(chances)]
    assert Calendar(found).longest_wait(minutes) == max(waits, default=0)
    assert [s for a, b in Calendar(found).chances(minutes) for s in range(a, b + 1)] == chances


@given(windows(), lengths, moments, moments)
def test_work_that_may_pause(found: Windows, minutes: int, start_from: int, end_from: int) -> None:
    calendar, right = Calendar(found), pausing(found, minutes)
    first = next(((s, e) for s, e in right if s >= start_from and e >= end_from), None)
    assert calendar.earliest_pausing(minutes, start_from, end_from) == first
    spread = [
        (s, s + span)
        for a, b, span in calendar.pausing_starts(minutes, start_from, end_from)
        for s in range(a, b + 1)
    ]
    assert spread == [(s, e) for s, e in right if s >= start_from and e <= end_from]


@given(windows(), windows())
def test_what_is_taken_is_closed(found: Windows, taken: Windows) -> None:
    left = {m for a, b in Calendar(found).without(taken).windows for m in range(a, b)}
    assert left == {m for a, b in found for m in range(a, b)} - {m for a, b in taken for m in range(a, b)}
