"""The desk of the dispatch rules: which resource is woken when, what waits for it, and how urgent that is.

Urgency is that of ATCS (see `kernel.rules`).
"""

from __future__ import annotations

import math

from scheduler.compiling import kernel
from scheduler.kernel.chains import put_chain
from scheduler.kernel.heap import push
from scheduler.kernel.lines import setup
from scheduler.kernel.memory import (
    AT,
    BATCH,
    DEADLINE,
    DUE,
    END,
    FAM,
    FAR,
    FIRST,
    FREE,
    FROZEN,
    JOB,
    KIND,
    MAX_LAG,
    MIN_LAG,
    MODE,
    MODES,
    MODES_N,
    NUMBER,
    ON,
    OPERATION,
    POOL,
    POS,
    RANK,
    READY,
    RELEASE,
    SPAN,
    WEIGHT,
    Ints,
    N,
    shift,
)
from scheduler.kernel.places import JOIN, fit_mode, place

Floats = list[float]

# The rules. SLACK, SETUP: minutes by which urgency falls by a factor of e; FILL: the part of a kiln's
# capacity worth a firing; PATIENCE: minutes before its latest start at which a load is lit however light.
SLACK, SETUP, FILL, PATIENCE, RULES = range(5)

# The desk `d`. EVENTS: how many are in the heap, COUNT how many there have been. Of each resource, three
# numbers from DESKS on: when it is woken, until when it is busy, what it is set to (-1: nothing); its queue:
# where, how long; and how often since it was tidied a placed operation was met in it.
EVENTS, COUNT, DESKS, DESKS_N, HEAP, BLOCK, LATEST, LOADS, HEAD = range(9)
WAKE, BUSY, SETTING, QUEUE, QUEUE_N, STALE, DESK = range(7)
# Of a load at a kiln: a mode of its recipe, until when it may wait.
LIKE, WAIT, A_LOAD = range(3)

READY_EVENT, FREE_EVENT = 0, 1
LOOSE = 1440
"""A largest lag from here on is not watched on the way, but mended at the end."""
TRIES = 6
UNTIDY = 20
"""So often a placed operation may be met in a queue until it is tidied."""


@kernel
def tell(d: Ints, moment: int, rank: int, what: int) -> None:
    """Add an event."""
    d[COUNT] += 1
    push(d, d[HEAP], d[EVENTS], moment, rank, d[COUNT], what)
    d[EVENTS] += 1


@kernel
def wake(d: Ints, desk: int, moment: int) -> None:
    """The resource of a desk decides at `moment`, or earlier if it would anyway."""
    if d[desk + WAKE] > moment:
        d[desk + WAKE] = moment
        tell(d, moment, FREE_EVENT, desk)


@kernel
def least_span(m: Ints, op: int) -> int:
    """The duration of an operation in its quickest mode."""
    least = FAR
    for i in range(m[op + MODES_N]):
        least = min(least, m[m[op + MODES] + MODE * i + SPAN])
    return least


@kernel
def enter_job(m: Ints, d: Ints, worth: Floats, job: int) -> None:
    """How urgent each of a job's operations is; the first that may move becomes ready at its time."""
    tail = 0
    block = 0
    last = m[job + N] - 1
    for k in range(last, m[job + FREE] - 1, -1):
        op = m[job + FIRST] + OPERATION * k
        number = m[op + NUMBER]
        span = least_span(m, op)
        block = block + 1 if k < last and m[op + MAX_LAG] < LOOSE else 1
        tail += span + (m[op + MIN_LAG] if k < last else 0)
        d[d[BLOCK] + number] = block
        d[d[LATEST] + number] = min(m[job + DUE], m[job + DEADLINE]) - tail
        worth[number] = math.log(max(float(m[job + WEIGHT]), 0.01) / max(span, 1))
    ready_next(m, d, job, m[job + FREE])


@kernel
def ready_next(m: Ints, d: Ints, job: int, k: int) -> None:
    """The first operation of a job from k on that is not placed becomes ready in its time."""
    while k < m[job + N] and m[m[job + FIRST] + OPERATION * k + AT] != 0:
        k += 1
    if k == m[job + N]:
        return
    op = m[job + FIRST] + OPERATION * k
    ready = max(m[job + READY], m[op + RELEASE], m[FROZEN])
    if k > 0:
        before = op - OPERATION
        ready = max(ready, m[before + END] + m[before + MIN_LAG])
    tell(d, ready, READY_EVENT, op)


@kernel
def score(m: Ints, d: Ints, worth: Floats, rules: Floats, op: int, now: int) -> float:
    """The logarithm of the ATC index."""
    number = m[op + NUMBER]
    return worth[number] - max(0, d[d[LATEST] + number] - now) / rules[SLACK]


@kernel
def key_of(m: Ints, d: Ints, worth: Floats, rules: Floats, op: int) -> float:
    """Where an operation comes in a queue. At a moment t its score is at most (t - key) / rules[SLACK]."""
    number = m[op + NUMBER]
    return d[d[LATEST] + number] - rules[SLACK] * worth[number]


@kernel
def place_block(m: Ints, d: Ints, op: int, mode: int, ready: int, work: Ints) -> bool:
    """Place an operation in a mode (0: in any) and what a short lag ties to it; places none if it cannot."""
    modes, n = m[op + MODES], m[op + MODES_N]
    if mode != 0:
        m[op + MODES], m[op + MODES_N] = mode, 1
    failed = put_chain(m, op, d[d[BLOCK] + m[op + NUMBER]], ready, FAR, 0, work)
    m[op + MODES], m[op + MODES_N] = modes, n
    return failed == 0


@kernel
def follow(m: Ints, d: Ints, op: int) -> None:
    """What comes after the block that an operation begins becomes ready."""
    ready_next(m, d, m[op + JOB], m[op + POS] + d[d[BLOCK] + m[op + NUMBER]])


@kernel
def desk_of(m: Ints, d: Ints, r: int) -> int:
    """Where the desk of a resource lies in `d`."""
    return d[DESKS] + DESK * m[r + RANK]


@kernel
def arrive(m: Ints, d: Ints, worth: Floats, rules: Floats, op: int, now: int, work: Ints) -> bool:
    """An operation may start from now on: it takes a pool, joins a firing, or waits. False if it has no
    place."""
    if m[m[m[op + MODES] + ON] + KIND] == POOL:
        if not place_block(m, d, op, 0, now, work):
            return False
        follow(m, d, op)
        return True
    if d[d[BLOCK] + m[op + NUMBER]] == 1 and join_decided(m, op, now):
        follow(m, d, op)
        return True
    for i in range(m[op + MODES_N]):
        mode = m[op + MODES] + MODE * i
        desk = desk_of(m, d, m[mode + ON])
        put_in_queue(m, d, worth, rules, desk, op, mode)
        wake(d, desk, max(now, d[desk + BUSY]))
    return True


@kernel
def put_in_queue(m: Ints, d: Ints, worth: Floats, rules: Floats, desk: int, op: int, mode: int) -> None:
    """An operation waits, in the order of urgency. A queue holds operations and their modes in turn."""
    at, n = d[desk + QUEUE], d[desk + QUEUE_N]
    key = key_of(m, d, worth, rules, op)
    lo, hi = 0, n
    while lo < hi:
        mid = (lo + hi) >> 1
        if key_of(m, d, worth, rules, d[at + 2 * mid]) > key:
            hi = mid
        else:
            lo = mid + 1
    shift(d, at + 2 * lo, at + 2 * lo + 2, 2 * (n - lo))
    d[at + 2 * lo], d[at + 2 * lo + 1] = op, mode
    d[desk + QUEUE_N] = n + 1


@kernel
def drop_placed(m: Ints, d: Ints, desk: int) -> None:
    """Those placed meanwhile wait no longer, once they have been met often enough."""
    if d[desk + STALE] < UNTIDY:
        return
    at = d[desk + QUEUE]
    kept = at
    for i in range(at, at + 2 * d[desk + QUEUE_N], 2):
        if m[d[i] + AT] == 0:
            d[kept], d[kept + 1] = d[i], d[i + 1]
            kept += 2
    d[desk + QUEUE_N] = (kept - at) >> 1
    d[desk + STALE] = 0


@kernel
def join_decided(m: Ints, op: int, now: int) -> bool:
    """Join the firing that ends first of those that are decided but have not begun."""
    best = 0
    best_end = FAR
    for i in range(m[op + MODES_N]):
        mode = m[op + MODES] + MODE * i
        if m[m[mode + ON] + KIND] == BATCH:
            start = fit_mode(m, op, mode, max(now, m[FROZEN]), FAR, JOIN)
            if start >= 0 and start + m[mode + SPAN] < best_end:
                best, best_end = mode, start + m[mode + SPAN]
    if best == 0:
        return False
    place(m, op, best, best_end - m[best + SPAN], best_end)
    return True


@kernel
def setup_to(m: Ints, d: Ints, desk: int, mode: int) -> int:
    """Minutes of setup from what a resource is set to."""
    before = d[desk + SETTING]
    return 0 if before < 0 else setup(m, m[mode + ON], before, m[mode + FAM])
