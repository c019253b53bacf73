"""Runs that follow one another on a machine or a kiln, with setups between, inside the calendar."""

from __future__ import annotations

from scheduler.compiling import kernel
from scheduler.kernel.memory import (
    COOLING,
    FAMILY,
    FAR,
    LINE,
    LINE_N,
    REACH,
    RUN,
    RUN_END,
    RUN_START,
    SET,
    SET_N,
    WHO,
    WIN,
    WIN_N,
    Ints,
    later,
    shift,
)


@kernel
def enter_line(m: Ints, r: int, start: int, end: int, family: int, who: int) -> None:
    """Put a run into the line of resource r."""
    line, n = m[r + LINE], m[r + LINE_N]
    k = later(m, line + RUN_START, n, RUN, start)
    while k > 0 and m[line + RUN * (k - 1)] == start and m[line + RUN * (k - 1) + RUN_END] > end:
        k -= 1
    spot = line + RUN * k
    shift(m, spot, spot + RUN, RUN * (n - k))
    m[spot + RUN_START], m[spot + RUN_END], m[spot + REACH] = start, end, -FAR
    m[spot + FAMILY], m[spot + WHO] = family, who
    m[r + LINE_N] = n + 1
    refresh_reach(m, r, k)


@kernel
def refresh_reach(m: Ints, r: int, k: int) -> None:
    """Reckon the reach anew from run k on, as far as it changes."""
    line = m[r + LINE]
    reach = m[line + RUN * (k - 1) + REACH] if k > 0 else -FAR
    for i in range(k, m[r + LINE_N]):
        run = line + RUN * i
        reach = max(reach, m[run + RUN_END])
        if m[run + REACH] == reach:
            return
        m[run + REACH] = reach


@kernel
def leave_line(m: Ints, r: int, start: int, who: int) -> None:
    """Take a run out of the line of resource r."""
    line, n = m[r + LINE], m[r + LINE_N]
    k = later(m, line + RUN_START, n, RUN, start - 1)
    while m[line + RUN * k + WHO] != who:
        k += 1
    shift(m, line + RUN * (k + 1), line + RUN * k, RUN * (n - 1 - k))
    m[r + LINE_N] = n - 1
    if k < n - 1:
        m[line + RUN * k + REACH] = -FAR
        refresh_reach(m, r, k)


@kernel
def setup(m: Ints, r: int, before: int, after: int) -> int:
    """Minutes of setup between two families on resource r."""
    if m[r + SET] == 0:
        return 0
    return m[m[r + SET] + before * m[r + SET_N] + after]


@kernel
def gap_from(m: Ints, r: int, k: int, family: int, after: int) -> int:
    """From when the gap before run k can be used by a family."""
    if k == 0:
        return after
    run = m[r + LINE] + RUN * (k - 1)
    return max(after, m[run + REACH], m[run + RUN_END] + setup(m, r, m[run + FAMILY], family))


@kernel
def gap_until(m: Ints, r: int, k: int, family: int) -> int:
    """Until when the gap before run k can be used by a family."""
    if k == m[r + LINE_N]:
        return FAR
    run = m[r + LINE] + RUN * k
    return m[run + RUN_START] - setup(m, r, family, m[run + FAMILY])


@kernel
def fit_line(m: Ints, r: int, family: int, span: int, after: int, limit: int) -> int:
    """The earliest start >= after of a new run that ends by `limit`, or -1. Cooling may outlast a window."""
    line, n = m[r + LINE], m[r + LINE_N]
    last = limit - span
    win, windows = m[r + WIN], m[r + WIN_N]
    w = later(m, win + 1, windows, 2, after)
    k = later(m, line + RUN_START, n, RUN, after)
    while True:
        lo = after
        if k > 0:
            lo = max(lo, m[line + RUN * (k - 1) + REACH])
        if lo > last:
            return -1
        if k == n or m[line + RUN * k] - lo >= span:
            while w < windows and m[win + 2 * w + 1] <= lo:
                w += 1
            lo = gap_from(m, r, k, family, lo)
            hi = gap_until(m, r, k, family)
            for v in range(w, windows):
                start = max(lo, m[win + 2 * v])
                if start + span > hi:
                    break
                if start > last:
                    return -1
                if start + span - m[r + COOLING] <= m[win + 2 * v + 1]:
                    return start
        if k == n:
            return -1
        k += 1


@kernel
def fit_pausing(m: Ints, r: int, family: int, span: int, after: int, limit: int) -> int:
    """As `fit_line` for work that rests while the machine is closed."""
    n = m[r + LINE_N]
    k = later(m, m[r + LINE] + RUN_START, n, RUN, after)
    while True:
        lo = gap_from(m, r, k, family, after)
        w = later(m, m[r + WIN] + 1, m[r + WIN_N], 2, lo)
        if w == m[r + WIN_N]:
            return -1
        start = max(lo, m[m[r + WIN] + 2 * w])
        end = end_of_work(m, r, start, span)
        if end < 0 or end > limit:
            return -1
        if end <= gap_until(m, r, k, family):
            return start
        if k == n:
            return -1
        k += 1


@kernel
def end_of_work(m: Ints, r: int, start: int, minutes: int) -> int:
    """When work of so many open minutes that begins at `start` ends; -1 if `start` is closed or the calendar
    ends before."""
    win, windows = m[r + WIN], m[r + WIN_N]
    w = later(m, win + 1, windows, 2, start)
    if w == windows or m[win + 2 * w] > start:
        return -1
    left = minutes
    for v in range(w, windows):
        opens = max(start, m[win + 2 * v])
        if opens + left <= m[win + 2 * v + 1]:
            return opens + left
        left -= m[win + 2 * v + 1] - opens
    return -1


@kernel
def start_of_work(m: Ints, r: int, minutes: int, end: int) -> int:
    """The earliest start of so many open minutes that do not end before `end`; -FAR if any start will do."""
    win = m[r + WIN]
    left = minutes
    for w in range(later(m, win, m[r + WIN_N], 2, end - 1) - 1, -1, -1):
        closes = min(end, m[win + 2 * w + 1])
        if closes - left >= m[win + 2 * w]:
            return closes - left
        left -= closes - m[win + 2 * w]
    return -FAR
