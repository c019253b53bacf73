"""Firings of a batch resource: who is in, under which recipe, and how heavy they are."""

from __future__ import annotations

from scheduler.compiling import kernel
from scheduler.kernel.lines import enter_line, leave_line
from scheduler.kernel.memory import (
    AS,
    AT,
    BEFORE,
    COUNT,
    DIMS,
    END,
    FACT,
    FACTS,
    FAMILY,
    FIRING,
    LEAST,
    LINE,
    LINE_N,
    LOAD,
    MEMBER,
    NEXT,
    RUN,
    RUN_END,
    RUN_START,
    SIZE,
    SPARE,
    START,
    UNDER,
    WHO,
    Ints,
    later,
)
from scheduler.kernel.pools import fits


@kernel
def fit_join(m: Ints, r: int, family: int, span: int, size: int, after: int, limit: int) -> int:
    """The earliest start >= after of a firing with room for a size that ends by `limit`, or -1."""
    line, n = m[r + LINE], m[r + LINE_N]
    for k in range(later(m, line + RUN_START, n, RUN, after - 1), n):
        run = line + RUN * k
        start = m[run + RUN_START]
        if start > limit - span:
            return -1
        alike = m[run + FAMILY] == family and m[run + RUN_END] - start == span
        if alike and fits(m, r, m[run + WHO] + LOAD, size):
            return start
    return -1


@kernel
def find_firing(m: Ints, r: int, family: int, start: int, end: int) -> int:
    """The firing of exactly this span and recipe, or 0."""
    line, n = m[r + LINE], m[r + LINE_N]
    for k in range(later(m, line + RUN_START, n, RUN, start - 1), n):
        run = line + RUN * k
        if m[run + RUN_START] != start:
            return 0
        if m[run + RUN_END] == end and m[run + FAMILY] == family:
            return m[run + WHO]
    return 0


@kernel
def underfull(m: Ints, r: int, firing: int) -> int:
    """1 if a firing is lighter than its resource may be lit, and no fact is in it."""
    if m[firing + COUNT] == 0 or m[firing + FACTS] > 0 or m[firing + LOAD] >= m[r + LEAST]:
        return 0
    return 1


@kernel
def open_firing(m: Ints, op: int) -> int:
    """A new firing where operation `op` stands."""
    firing = m[SPARE]
    m[SPARE] = m[firing + MEMBER]
    m[firing + MEMBER], m[firing + COUNT], m[firing + FACTS] = 0, 0, 0
    for d in range(m[DIMS]):
        m[firing + LOAD + d] = 0
    enter_line(m, m[op + AT], m[op + START], m[op + END], m[op + AS], firing)
    return firing


@kernel
def enter_firing(m: Ints, op: int) -> None:
    """An operation whose place is written already joins its firing or opens it."""
    r = m[op + AT]
    firing = find_firing(m, r, m[op + AS], m[op + START], m[op + END])
    if firing == 0:
        firing = open_firing(m, op)
    m[UNDER] -= underfull(m, r, firing)
    first = m[firing + MEMBER]
    m[op + FIRING], m[op + BEFORE], m[op + NEXT] = firing, 0, first
    if first != 0:
        m[first + BEFORE] = op
    m[firing + MEMBER] = op
    m[firing + COUNT] += 1
    m[firing + FACTS] += m[op + FACT]
    for d in range(m[DIMS]):
        m[firing + LOAD + d] += m[m[op + SIZE] + d]
    m[UNDER] += underfull(m, r, firing)


@kernel
def leave_firing(m: Ints, op: int) -> None:
    """An operation leaves its firing; the last one closes it."""
    r, firing = m[op + AT], m[op + FIRING]
    m[UNDER] -= underfull(m, r, firing)
    if m[op + BEFORE] != 0:
        m[m[op + BEFORE] + NEXT] = m[op + NEXT]
    else:
        m[firing + MEMBER] = m[op + NEXT]
    if m[op + NEXT] != 0:
        m[m[op + NEXT] + BEFORE] = m[op + BEFORE]
    m[firing + COUNT] -= 1
    m[firing + FACTS] -= m[op + FACT]
    for d in range(m[DIMS]):
        m[firing + LOAD + d] -= m[m[op + SIZE] + d]
    m[UNDER] += underfull(m, r, firing)
    if m[firing + COUNT] == 0:
        leave_line(m, r, m[op + START], firing)
        m[firing + MEMBER] = m[SPARE]
        m[SPARE] = firing
