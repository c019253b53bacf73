"""A first plan by rules: time runs forward, and what becomes free takes the most urgent work that suits it.

Urgency is that of ATCS, apparent tardiness cost with setups (Lee, Bhaskaran, Pinedo, A heuristic to minimize
the total weighted tardiness with sequence-dependent setups, 1997), as a logarithm: weight over minutes,
discounted by slack and by the setup it would cost. Kilns weigh whole loads by the same measure and may wait
until a load is full or urgent. Operations bound by a short largest lag are placed together; a long one that
broke is mended last.
"""

from __future__ import annotations

import math

from scheduler.compiling import kernel
from scheduler.kernel.chains import insert_chain, latest_start, put_chain, remove_chain
from scheduler.kernel.heap import pop, push
from scheduler.kernel.lines import fit_line, setup
from scheduler.kernel.memory import (
    A_JOB,
    AT,
    BATCH,
    CAP,
    DEADLINE,
    DIMS,
    DUE,
    END,
    FACT,
    FAM,
    FAR,
    FIRST,
    FREE,
    FROZEN,
    JOB,
    KIND,
    LEAST,
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
    SIZE,
    SPAN,
    START,
    WEIGHT,
    Ints,
    N,
)
from scheduler.kernel.places import ANY, JOIN, LIGHT, fit_mode, place, remove

Floats = list[float]

# The rules. SLACK, SETUP: minutes by which urgency falls by a factor of e; FILL: the part of a kiln's
# capacity worth a firing; PATIENCE: minutes before its latest start at which a load is lit however light.
SLACK, SETUP, FILL, PATIENCE, RULES = range(5)

# The desk `d`. EVENTS: how many are in the heap, COUNT how many there have been. Of each resource, three
# numbers from DESKS on: when it is woken, until when it is busy, what it is set to (-1: nothing); and its
# queue: where, how long.
EVENTS, COUNT, DESKS, DESKS_N, HEAP, BLOCK, LATEST, LOADS, HEAD = range(9)
WAKE, BUSY, SETTING, QUEUE, QUEUE_N, DESK = range(6)
# Of a load at a kiln: a mode of its recipe, until when it may wait.
LIKE, WAIT, A_LOAD = range(3)

READY_EVENT, FREE_EVENT = 0, 1
LOOSE = 1440
"""A largest lag from here on is not watched on the way, but mended at the end."""
TRIES = 6


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
def arrive(
    m: Ints, d: Ints, worth: Floats, rules: Floats, op: int, now: int, work: Ints
) -> bool:
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
    at = d[desk + QUEUE]
    k = at + 2 * d[desk + QUEUE_N]
    number = m[op + NUMBER]
    key = d[d[LATEST] + number] - rules[SLACK] * worth[number]
    while k > at:
        other = m[d[k - 2] + NUMBER]
        if d[d[LATEST] + other] - rules[SLACK] * worth[other] <= key:
            break
        d[k], d[k + 1] = d[k - 2], d[k - 1]
        k -= 2
    d[k], d[k + 1] = op, mode
    d[desk + QUEUE_N] += 1


@kernel
def drop_placed(m: Ints, d: Ints, desk: int) -> None:
    """Those placed meanwhile wait no longer."""
    at = d[desk + QUEUE]
    kept = at
    for i in range(at, at + 2 * d[desk + QUEUE_N], 2):
        if m[d[i] + AT] == 0:
            d[kept], d[kept + 1] = d[i], d[i + 1]
            kept += 2
    d[desk + QUEUE_N] = (kept - at) >> 1


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


@kernel
def best_waiting(
    m: Ints, d: Ints, worth: Floats, rules: Floats, desk: int, now: int, below: float, value: Floats
) -> int:
    """Where the best in the queue stands whose worth, `value[0]`, is under `below`; -1 for none."""
    spot = -1
    best = -1e300
    at = d[desk + QUEUE]
    for i in range(at, at + 2 * d[desk + QUEUE_N], 2):
        this = score(m, d, worth, rules, d[i], now) - setup_to(m, d, desk, d[i + 1]) / rules[SETUP]
        if best < this < below:
            spot, best = i, this
    value[0] = best
    return spot


@kernel
def run_one(
    m: Ints, d: Ints, worth: Floats, rules: Floats, desk: int, now: int, value: Floats, work: Ints
) -> int:
    """Start the best operation that can start now on a machine; returns when to look again."""
    looked = FAR
    below = 1e300
    for _ in range(TRIES):
        spot = best_waiting(m, d, worth, rules, desk, now, below, value)
        if spot < 0:
            return looked
        below = value[0]
        op, mode = d[spot], d[spot + 1]
        change = setup_to(m, d, desk, mode)
        start = fit_mode(m, op, mode, now, FAR, LIGHT)
        if start < 0:
            continue
        if start <= now + change and place_block(m, d, op, mode, now, work):
            if m[op + START] <= now + change:
                d[desk + SETTING], d[desk + BUSY] = m[mode + FAM], m[op + END]
                follow(m, d, op)
                return m[op + END]
            start = m[op + START]
            remove_chain(m, op, d[d[BLOCK] + m[op + NUMBER]])
        looked = min(looked, max(start - change, now + 1))
    return looked


@kernel
def gather(
    m: Ints, d: Ints, worth: Floats, rules: Floats, desk: int, like: int, now: int, value: Floats, load: Ints
) -> int:
    """The load of the recipe and duration of mode `like` at a kiln: the most urgent that fit together, in
    `load` as operations and modes; returns how many.

    `value[0]` is the logarithm of its worth; d[LOADS] its earliest latest start, followed by its size.
    """
    size = d[LOADS] + 1
    cap = m[m[like + ON] + CAP]
    for x in range(m[DIMS]):
        d[size + x] = 0
    count = 0
    total = 0.0
    d[d[LOADS]] = FAR
    at = d[desk + QUEUE]
    for i in range(at, at + 2 * d[desk + QUEUE_N], 2):
        op, mode = d[i], d[i + 1]
        if m[op + AT] != 0 or m[mode + FAM] != m[like + FAM] or m[mode + SPAN] != m[like + SPAN]:
            continue
        fitting = True
        for x in range(m[DIMS]):
            fitting = fitting and d[size + x] + m[m[op + SIZE] + x] <= m[cap + x]
        if not fitting:
            continue
        for x in range(m[DIMS]):
            d[size + x] += m[m[op + SIZE] + x]
        load[2 * count], load[2 * count + 1] = op, mode
        count += 1
        total += math.exp(max(-500.0, min(500.0, score(m, d, worth, rules, op, now))))
        d[d[LOADS]] = min(d[d[LOADS]], d[d[LATEST] + m[op + NUMBER]])
    value[0] = math.log(total) if total > 0.0 else -1e300
    return count


@kernel
def is_listed(m: Ints, d: Ints, loads: int, count: int, mode: int) -> bool:
    """Whether a load of the mode's recipe and duration is in the list."""
    for k in range(count):
        like = d[loads + A_LOAD * k + LIKE]
        if m[like + FAM] == m[mode + FAM] and m[like + SPAN] == m[mode + SPAN]:
            return True
    return False


@kernel
def list_loads(
    m: Ints, d: Ints, worth: Floats, rules: Floats, desk: int, now: int, value: Floats, load: Ints
) -> int:
    """Weigh each load that could be lit at a kiln; returns how many; `value[1 + k]` is the worth of load k."""
    loads = d[LOADS] + 1 + m[DIMS]
    count = 0
    at = d[desk + QUEUE]
    for i in range(at, at + 2 * d[desk + QUEUE_N], 2):
        mode = d[i + 1]
        if is_listed(m, d, loads, count, mode):
            continue
        gather(m, d, worth, rules, desk, mode, now, value, load)
        r, size = m[mode + ON], d[d[LOADS] + 1]
        wait = now
        if size < m[r + LEAST]:
            wait = FAR
        elif size < rules[FILL] * m[m[r + CAP]]:
            wait = int(d[d[LOADS]] - rules[PATIENCE])
        d[loads + A_LOAD * count + LIKE], d[loads + A_LOAD * count + WAIT] = mode, wait
        value[1 + count] = value[0] - setup_to(m, d, desk, mode) / (10 * rules[SETUP])
        count += 1
    return count


@kernel
def fire(
    m: Ints, d: Ints, worth: Floats, rules: Floats, desk: int, now: int, value: Floats, load: Ints, work: Ints
) -> int:
    """Light the best load at a kiln if it is worth it; returns when to look again."""
    loads = d[LOADS] + 1 + m[DIMS]
    looked = FAR
    n = list_loads(m, d, worth, rules, desk, now, value, load)
    for _ in range(n):
        best = -1
        for k in range(n):
            if d[loads + A_LOAD * k + LIKE] != 0 and (best < 0 or value[1 + k] > value[1 + best]):
                best = k
        mode, wait = d[loads + A_LOAD * best + LIKE], d[loads + A_LOAD * best + WAIT]
        d[loads + A_LOAD * best + LIKE] = 0
        if wait > now:
            looked = min(looked, wait)
            continue
        change = setup_to(m, d, desk, mode)
        start = fit_line(m, m[mode + ON], m[mode + FAM], m[mode + SPAN], now, FAR)
        if start < 0:
            continue
        count = gather(m, d, worth, rules, desk, mode, now, value, load)
        if start <= now + change and light(m, d, start, load, count, work):
            d[desk + SETTING], d[desk + BUSY] = m[mode + FAM], start + m[mode + SPAN]
            return start + m[mode + SPAN]
        looked = min(looked, max(start - change, now + 1))
    return looked


@kernel
def light(m: Ints, d: Ints, start: int, load: Ints, count: int, work: Ints) -> bool:
    """Light a load; whether anything is in it in the end."""
    lit = False
    for i in range(count):
        op, mode = load[2 * i], load[2 * i + 1]
        if d[d[BLOCK] + m[op + NUMBER]] > 1:
            if place_block(m, d, op, mode, start, work):
                lit = lit or m[op + START] == start
                follow(m, d, op)
        elif fit_mode(m, op, mode, start, start + m[mode + SPAN], ANY) == start:
            place(m, op, mode, start, start + m[mode + SPAN])
            follow(m, d, op)
            lit = True
    return lit


@kernel
def decide(
    m: Ints, d: Ints, worth: Floats, rules: Floats, desk: int, now: int, value: Floats, load: Ints, work: Ints
) -> None:
    """A resource starts something if it can, and knows when to look again."""
    drop_placed(m, d, desk)
    if d[desk + QUEUE_N] == 0:
        return
    if m[m[d[d[desk + QUEUE] + 1] + ON] + KIND] == BATCH:
        looked = fire(m, d, worth, rules, desk, now, value, load, work)
    else:
        looked = run_one(m, d, worth, rules, desk, now, value, work)
    if looked < FAR:
        wake(d, desk, max(looked, now + 1))


@kernel
def is_broken(m: Ints, job: int) -> bool:
    """Whether something of a job is not placed, or comes too late after what is before it."""
    for k in range(m[job + N]):
        op = m[job + FIRST] + OPERATION * k
        if m[op + AT] == 0:
            return True
        if k > 0 and m[op + FACT] == 0:
            before = op - OPERATION
            if m[op + START] - m[before + END] > m[before + MAX_LAG]:
                return True
    return False


@kernel
def mend_job(m: Ints, job: int, own: Ints, work: Ints) -> int:
    """Place all of a job that may move anew, where it ends earliest; returns 0, or what has no place."""
    for k in range(m[job + FREE], m[job + N]):
        if m[m[job + FIRST] + OPERATION * k + AT] != 0:
            remove(m, m[job + FIRST] + OPERATION * k)
    first = m[job + FIRST] + OPERATION * m[job + FREE]
    ready, by = m[job + READY], FAR
    if m[job + FREE] > 0:
        before = first - OPERATION
        ready = max(ready, m[before + END] + m[before + MIN_LAG])
        by = latest_start(m, before, m[before + END])
    return insert_chain(m, first, m[job + N] - m[job + FREE], ready, by, 0, own, work)


@kernel
def bind_to_facts(m: Ints, jobs: int, n: int, own: Ints, work: Ints) -> int:
    """What a largest lag binds to a fact is placed first, the most pressing first; returns 0, or what has no
    place."""
    while True:
        best = 0
        soonest = FAR
        for j in range(n):
            job = jobs + A_JOB * j
            free = m[job + FREE]
            if free == 0 or free == m[job + N] or m[m[job + FIRST] + OPERATION * free + AT] != 0:
                continue
            before = m[job + FIRST] + OPERATION * (free - 1)
            if latest_start(m, before, m[before + END]) < soonest:
                best, soonest = job, latest_start(m, before, m[before + END])
        if best == 0:
            return 0
        failed = mend_job(m, best, own, work)
        if failed != 0:
            return failed


@kernel
def dispatch(
    m: Ints, d: Ints, worth: Floats, rules: Floats, jobs: int, n: int, value: Floats, load: Ints, own: Ints,
    work: Ints,
) -> int:
    """Place n jobs by the rules. Returns 0, or an operation that has no place."""
    failed = bind_to_facts(m, jobs, n, own, work)
    if failed != 0:
        return failed
    for j in range(n):
        if m[jobs + A_JOB * j + FREE] < m[jobs + A_JOB * j + N]:
            enter_job(m, d, worth, jobs + A_JOB * j)
    while d[EVENTS] > 0:
        pop(d, d[HEAP], d[EVENTS])
        d[EVENTS] -= 1
        event = d[HEAP] + 4 * d[EVENTS]
        now, kind, what = d[event], d[event + 1], d[event + 3]
        if kind == READY_EVENT:
            if m[what + AT] == 0 and not arrive(m, d, worth, rules, what, now, work):
                return what
        elif d[what + WAKE] == now:
            d[what + WAKE] = FAR
            decide(m, d, worth, rules, what, now, value, load, work)
    for j in range(n):
        if is_broken(m, jobs + A_JOB * j):
            failed = mend_job(m, jobs + A_JOB * j, own, work)
            if failed != 0:
                return failed
    return 0
