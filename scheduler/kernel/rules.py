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
from scheduler.kernel.chains import insert_chain, latest_start, remove_chain
from scheduler.kernel.desks import (
    A_LOAD,
    BLOCK,
    BUSY,
    EVENTS,
    FILL,
    HEAP,
    LATEST,
    LIKE,
    LOADS,
    PATIENCE,
    QUEUE,
    QUEUE_N,
    READY_EVENT,
    SETTING,
    SETUP,
    SLACK,
    STALE,
    TRIES,
    WAIT,
    WAKE,
    Floats,
    arrive,
    drop_placed,
    enter_job,
    follow,
    key_of,
    place_block,
    score,
    setup_to,
    wake,
)
from scheduler.kernel.heap import pop
from scheduler.kernel.lines import fit_line
from scheduler.kernel.memory import (
    A_JOB,
    AT,
    BATCH,
    CAP,
    DIMS,
    END,
    FACT,
    FAM,
    FAR,
    FIRST,
    FREE,
    KIND,
    LEAST,
    MAX_LAG,
    MIN_LAG,
    NUMBER,
    ON,
    OPERATION,
    READY,
    SIZE,
    SPAN,
    START,
    Ints,
    N,
)
from scheduler.kernel.places import ANY, LIGHT, fit_mode, place, remove


@kernel
def best_waiting(
    m: Ints, d: Ints, worth: Floats, rules: Floats, desk: int, now: int, below: float, value: Floats
) -> int:
    """Where the best in the queue stands whose worth, `value[0]`, is under `below`; -1 for none."""
    spot = -1
    best = -1e300
    at = d[desk + QUEUE]
    for i in range(at, at + 2 * d[desk + QUEUE_N], 2):
        if (now - key_of(m, d, worth, rules, d[i])) / rules[SLACK] < best:
            break
        if m[d[i] + AT] != 0:
            d[desk + STALE] += 1
            continue
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
    """Weigh each load that a kiln could be lit with; returns how many; `value[1 + k]` is load k's worth."""
    loads = d[LOADS] + 1 + m[DIMS]
    count = 0
    at = d[desk + QUEUE]
    for i in range(at, at + 2 * d[desk + QUEUE_N], 2):
        mode = d[i + 1]
        if m[d[i] + AT] != 0:
            d[desk + STALE] += 1
            continue
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
    place.
    """
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
    m: Ints,
    d: Ints,
    worth: Floats,
    rules: Floats,
    jobs: int,
    n: int,
    value: Floats,
    load: Ints,
    own: Ints,
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
