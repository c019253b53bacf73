"""Loads that add up to at most a capacity, in each dimension, inside the calendar: a staircase."""

from __future__ import annotations

from scheduler.compiling import kernel
from scheduler.kernel.memory import CAP, DIMS, FAR, STAIR, STAIR_N, WIN, WIN_N, Ints, later, shift


@kernel
def fits(m: Ints, r: int, load: int, size: int) -> bool:
    """Whether a size still fits beside a load on resource r."""
    room = True
    for d in range(m[DIMS]):
        room = room and m[load + d] + m[size + d] <= m[m[r + CAP] + d]
    return room


@kernel
def fit_pool(m: Ints, r: int, size: int, span: int, after: int, limit: int) -> int:
    """The earliest start >= after that ends by `limit`, or -1."""
    stair, n, step = m[r + STAIR], m[r + STAIR_N], 1 + m[DIMS]
    win, windows = m[r + WIN], m[r + WIN_N]
    start = after
    w = later(m, win + 1, windows, 2, start)
    x = later(m, stair, n, step, start) - 1
    while w < windows:
        start = max(start, m[win + 2 * w])
        if start > limit - span:
            return -1
        if start + span > m[win + 2 * w + 1]:
            w += 1
            continue
        while x + 1 < n and m[stair + step * (x + 1)] <= start:
            x += 1
        full = first_full(m, r, x, start + span, size)
        if full < 0:
            return start
        if full + 1 == n:
            return -1
        start = m[stair + step * (full + 1)]
        while w < windows and m[win + 2 * w + 1] <= start:
            w += 1
    return -1


@kernel
def first_full(m: Ints, r: int, x: int, until: int, size: int) -> int:
    """The first stair from x on, before `until`, on which there is no room; -1 if there is on all."""
    stair, step = m[r + STAIR], 1 + m[DIMS]
    y = x
    while y < m[r + STAIR_N] and (y == x or m[stair + step * y] < until):
        if not fits(m, r, stair + step * y + 1, size):
            return y
        y += 1
    return -1


@kernel
def stair_at(m: Ints, r: int, moment: int) -> int:
    """The number of the stair that begins at `moment`, made if there is none."""
    stair, n, step = m[r + STAIR], m[r + STAIR_N], 1 + m[DIMS]
    x = later(m, stair, n, step, moment) - 1
    if m[stair + step * x] == moment:
        return x
    shift(m, stair + step * x, stair + step * (x + 1), step * (n - x))
    m[stair + step * (x + 1)] = moment
    m[r + STAIR_N] = n + 1
    return x + 1


@kernel
def add_load(m: Ints, r: int, size: int, start: int, end: int, sign: int) -> None:
    """Add a size to, or with sign -1 take it from, the staircase of pool r."""
    step = 1 + m[DIMS]
    x = stair_at(m, r, start)
    y = stair_at(m, r, end)
    for i in range(x, y):
        for d in range(m[DIMS]):
            m[m[r + STAIR] + step * i + 1 + d] += sign * m[size + d]
    merge_stair(m, r, y)
    merge_stair(m, r, x)


@kernel
def merge_stair(m: Ints, r: int, x: int) -> None:
    """Drop a stair that is as high as the one before it."""
    step = 1 + m[DIMS]
    here = m[r + STAIR] + step * x
    for d in range(1, step):
        if m[here + d] != m[here - step + d]:
            return
    m[r + STAIR_N] -= 1
    shift(m, here + step, here, step * (m[r + STAIR_N] - x))


@kernel
def pool_free(m: Ints, r: int, size: int, start: int, end: int) -> int:
    """`start` if the size fits all the time from start to end; else the earliest start >= it at which it may;
    FAR if never."""
    found = fit_pool(m, r, size, end - start, start, FAR)
    return FAR if found < 0 else found
