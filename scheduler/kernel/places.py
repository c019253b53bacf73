"""Where an operation could go, and taking and giving back a place."""

from __future__ import annotations

from scheduler.compiling import kernel
from scheduler.kernel.firings import enter_firing, fit_join, leave_firing
from scheduler.kernel.lines import (
    end_of_work,
    enter_line,
    fit_line,
    fit_pausing,
    leave_line,
    start_of_work,
)
from scheduler.kernel.memory import (
    AS,
    AT,
    BATCH,
    END,
    FAM,
    FAR,
    FROZEN,
    IN,
    KIND,
    LEAST,
    MODE,
    MODES,
    MODES_N,
    NEED,
    NEED_N,
    ON,
    OUT,
    PAUSES,
    POOL,
    RELEASE,
    SIZE,
    SPAN,
    START,
    Ints,
)
from scheduler.kernel.pools import add_load, fit_pool, pool_free

# How a place is sought: among firings that are there; also lighting one that is heavy enough; in any case.
JOIN, LIGHT, ANY = 0, 1, 2


@kernel
def mode_end(m: Ints, op: int, mode: int, start: int) -> int:
    """When an operation begun in a mode at `start` ends; -1 if it cannot be begun then."""
    if m[op + PAUSES] == 1:
        return end_of_work(m, m[mode + ON], start, m[mode + SPAN])
    return start + m[mode + SPAN]


@kernel
def fit_fresh(m: Ints, op: int, mode: int, after: int, limit: int, how: int) -> int:
    """As `fit_mode`, without joining firings and without needs."""
    r = m[mode + ON]
    if m[r + KIND] == POOL:
        return fit_pool(m, r, m[op + SIZE], m[mode + SPAN], after, limit)
    if m[op + PAUSES] == 1:
        return fit_pausing(m, r, m[mode + FAM], m[mode + SPAN], after, limit)
    if how == LIGHT and m[r + KIND] == BATCH and m[m[op + SIZE]] < m[r + LEAST]:
        return -1
    return fit_line(m, r, m[mode + FAM], m[mode + SPAN], after, limit)


@kernel
def fit_free(m: Ints, op: int, mode: int, after: int, limit: int, how: int) -> int:
    """As `fit_mode`, without needs."""
    r, span = m[mode + ON], m[mode + SPAN]
    if m[r + KIND] != BATCH:
        return fit_fresh(m, op, mode, after, limit, how)
    joined = fit_join(m, r, m[mode + FAM], span, m[op + SIZE], max(after, m[FROZEN]), limit)
    if how == JOIN:
        return joined
    start = fit_fresh(m, op, mode, after, limit if joined < 0 else joined + span - 1, how)
    return joined if start < 0 else start


@kernel
def fit_mode(m: Ints, op: int, mode: int, after: int, limit: int, how: int) -> int:
    """The earliest start >= after of an operation in a mode that ends by `limit`, or -1."""
    while True:
        start = fit_free(m, op, mode, after, limit, how)
        if start < 0 or m[mode + NEED_N] == 0:
            return start
        free = needs_free(m, mode, start, mode_end(m, op, mode, start))
        if free == start:
            return start
        after = free


@kernel
def needs_free(m: Ints, mode: int, start: int, end: int) -> int:
    """`start` if all that the mode needs besides is free; else an earliest start at which it may be."""
    for n in range(m[mode + NEED_N]):
        need = m[mode + NEED] + 2 * n
        free = pool_free(m, m[need], m[need + 1], start, end)
        if free > start:
            return free
    return start


@kernel
def after_for(m: Ints, op: int, mode: int, end_after: int) -> int:
    """A start before which the operation in this mode would end before `end_after`."""
    if m[op + PAUSES] == 1 and end_after > -FAR:
        return start_of_work(m, m[mode + ON], m[mode + SPAN], end_after)
    return end_after - m[mode + SPAN]


@kernel
def earliest(m: Ints, op: int, not_before: int, end_after: int, start_by: int, join_within: int) -> int:
    """The end of the place that ends earliest, in any mode, or -1. Its mode and start stand at OUT.

    It starts from `not_before` to `start_by` and does not end before `end_after`. With `join_within` a firing
    that is there is preferred to a new one that ends up to so many minutes earlier.
    """
    best = earliest_how(m, op, not_before, end_after, start_by, FAR, LIGHT)
    if join_within > 0 and m[m[m[op + MODES] + ON] + KIND] == BATCH:
        mode, start = m[OUT], m[OUT + 1]
        joined = earliest_how(m, op, not_before, end_after, start_by, best + join_within, JOIN)
        if joined >= 0:
            return joined
        m[OUT], m[OUT + 1] = mode, start
    return best


@kernel
def earliest_how(
    m: Ints, op: int, not_before: int, end_after: int, start_by: int, end_by: int, how: int
) -> int:
    """As `earliest`, ending by `end_by`, sought as `how` says."""
    floor = max(not_before, m[op + RELEASE], m[FROZEN])
    best = -1
    limit = end_by
    for i in range(m[op + MODES_N]):
        mode = m[op + MODES] + MODE * i
        bound = limit if m[op + PAUSES] == 1 else min(limit, start_by + m[mode + SPAN])
        start = fit_mode(m, op, mode, max(floor, after_for(m, op, mode, end_after)), bound, how)
        if start >= 0 and start <= start_by:
            best = mode_end(m, op, mode, start)
            m[OUT], m[OUT + 1] = mode, start
            limit = best - 1
    return best


@kernel
def take(m: Ints, op: int, r: int, family: int, start: int, end: int) -> None:
    """Write the place of an operation and enter it; whether it is free is not asked. Not its needs."""
    m[op + AT], m[op + AS], m[op + START], m[op + END] = r, family, start, end
    if m[r + KIND] == BATCH:
        enter_firing(m, op)
        return
    enter_line(m, r, start, end, family, op)
    if m[r + KIND] == POOL:
        add_load(m, r, m[op + SIZE], start, end, 1)


@kernel
def add_needs(m: Ints, mode: int, start: int, end: int, sign: int) -> None:
    """Take, or with sign -1 give back, what a mode needs besides."""
    for n in range(m[mode + NEED_N]):
        need = m[mode + NEED] + 2 * n
        add_load(m, m[need], m[need + 1], start, end, sign)


@kernel
def place(m: Ints, op: int, mode: int, start: int, end: int) -> None:
    """An operation takes a place in a mode, and what it needs besides; whether it is free is not asked."""
    m[op + IN] = mode
    take(m, op, m[mode + ON], m[mode + FAM], start, end)
    add_needs(m, mode, start, end, 1)


@kernel
def place_fact(m: Ints, op: int, mode: int, r: int, family: int, start: int, end: int) -> None:
    """An operation stands there whatever the rules say; with `mode` 0 it needs nothing besides."""
    m[op + IN] = mode
    take(m, op, r, family, start, end)
    if mode != 0:
        add_needs(m, mode, start, end, 1)


@kernel
def remove(m: Ints, op: int) -> None:
    """An operation gives its place back."""
    r = m[op + AT]
    if m[r + KIND] == BATCH:
        leave_firing(m, op)
    else:
        leave_line(m, r, m[op + START], op)
        if m[r + KIND] == POOL:
            add_load(m, r, m[op + SIZE], m[op + START], m[op + END], -1)
    if m[op + IN] != 0:
        add_needs(m, m[op + IN], m[op + START], m[op + END], -1)
    m[op + AT] = 0


@kernel
def is_free(m: Ints, op: int, mode: int, start: int, end: int) -> bool:
    """Whether an operation could be placed so; that nothing is placed in the frozen time is not asked."""
    if mode_end(m, op, mode, start) != end:
        return False
    return fit_mode(m, op, mode, start, end, ANY) == start


@kernel
def place_all(m: Ints, places: Ints, n: int) -> int:
    """Take n places, each four numbers: operation, mode, start, end. Returns -1, or the number of the first
    that is not free; those before it are then placed."""
    for k in range(n):
        op, mode, start, end = places[4 * k], places[4 * k + 1], places[4 * k + 2], places[4 * k + 3]
        if not is_free(m, op, mode, start, end):
            return k
        place(m, op, mode, start, end)
    return -1


@kernel
def place_free(m: Ints, places: Ints, n: int, taken: Ints) -> None:
    """As `place_all`, leaving out what is not free by then; `taken` says 1 for each that was taken."""
    for k in range(n):
        op, mode, start, end = places[4 * k], places[4 * k + 1], places[4 * k + 2], places[4 * k + 3]
        if is_free(m, op, mode, start, end):
            place(m, op, mode, start, end)
            taken[k] = 1
