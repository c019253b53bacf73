"""Ruin and recreate: take some jobs out, put them back in another order, keep what is better or nearly so.

After Schrimpf et al., Record breaking optimization results using the ruin and recreate principle, 2000.
"""

from __future__ import annotations

import math

from scheduler.compiling import kernel
from scheduler.kernel.chains import latest_start, put_chain
from scheduler.kernel.costs import (
    CHOSEN,
    CHOSEN_N,
    FRESH,
    GOAL,
    JOBS,
    JOBS_N,
    KEYS,
    LATE,
    LATE_N,
    NOW,
    PICKY,
    job_cost,
    stray,
    total_cost,
)
from scheduler.kernel.memory import (
    AT,
    BATCH,
    COST,
    COUNT,
    DUE,
    END,
    FACT,
    FAR,
    FIRST,
    FREE,
    IN,
    JOB,
    KIND,
    LINE,
    LINE_N,
    MEMBER,
    MIN_LAG,
    MODE,
    MODES,
    MODES_N,
    NEXT,
    OLD,
    ON,
    OPERATION,
    POS,
    READY,
    RELEASE,
    RUN,
    RUN_START,
    SINCE,
    START,
    UNDER,
    WEIGHT,
    WHO,
    Ints,
    N,
    chance,
    draw,
    later,
)
from scheduler.kernel.places import place, remove

LASTS = 50
"""For so many rounds the list of late jobs serves."""
MOST = 60
"""So many jobs at most are taken out at once."""


@kernel
def add_chosen(m: Ints, w: Ints, job: int, k: int) -> None:
    """A job is taken out from its operation k on."""
    k = max(k, m[job + FREE])
    if k >= m[job + N]:
        return
    if m[job + SINCE] < 0:
        w[w[CHOSEN] + w[CHOSEN_N]] = job
        w[CHOSEN_N] += 1
        m[job + SINCE] = k
    elif k < m[job + SINCE]:
        m[job + SINCE] = k


@kernel
def add_operation(m: Ints, w: Ints, op: int, whole: int) -> None:
    """The job of an operation is taken out, from it on or whole."""
    if m[op + JOB] != 0 and m[op + FACT] == 0:
        add_chosen(m, w, m[op + JOB], 0 if whole == 1 else m[op + POS])


@kernel
def add_run(m: Ints, w: Ints, r: int, k: int, whole: int, members: int) -> None:
    """Take out who is in run k of resource r: up to so many members of a firing."""
    who = m[m[r + LINE] + RUN * k + WHO]
    if m[r + KIND] != BATCH:
        add_operation(m, w, who, whole)
        return
    op = m[who + MEMBER]
    for _ in range(draw(m, max(1, m[who + COUNT] - members + 1))):
        op = m[op + NEXT]
    while op != 0 and members > 0 and w[CHOSEN_N] < MOST:
        add_operation(m, w, op, whole)
        op = m[op + NEXT]
        members -= 1


@kernel
def refresh_late(m: Ints, w: Ints) -> None:
    """Renew the list of jobs that cost something."""
    w[LATE_N] = 0
    for j in range(w[JOBS_N]):
        job = w[w[JOBS] + j]
        if m[job + COST] > 0 and m[job + FREE] < m[job + N]:
            w[w[LATE] + w[LATE_N]] = job
            w[LATE_N] += 1
    w[FRESH] = LASTS


@kernel
def costly(m: Ints, w: Ints) -> int:
    """A job drawn by its cost, or 0 if none costs anything."""
    if w[FRESH] <= 0:
        refresh_late(m, w)
    w[FRESH] -= 1
    if w[LATE_N] == 0:
        return 0
    best = w[w[LATE] + draw(m, w[LATE_N])]
    for _ in range(2):
        other = w[w[LATE] + draw(m, w[LATE_N])]
        if m[other + COST] > m[best + COST]:
            best = other
    return best


@kernel
def wait_of(m: Ints, job: int, k: int) -> int:
    """Minutes that operation k of a job waits, at least 1."""
    op = m[job + FIRST] + OPERATION * k
    ready = max(m[job + READY], m[op + RELEASE])
    if k > 0:
        before = op - OPERATION
        ready = max(ready, m[before + END] + m[before + MIN_LAG])
    return max(1, m[op + START] - ready)


@kernel
def waiting(m: Ints, job: int) -> int:
    """The number of an operation that may move, the likelier the longer it waits."""
    total = 0
    for k in range(m[job + FREE], m[job + N]):
        total += wait_of(m, job, k)
    spot = chance(m) % total
    for k in range(m[job + FREE], m[job + N]):
        spot -= wait_of(m, job, k)
        if spot < 0:
            return k
    return m[job + N] - 1


@kernel
def reach_back(m: Ints) -> int:
    """How long before an operation's start others are looked at."""
    pick = draw(m, 4)
    if pick == 0:
        return 240
    if pick == 1:
        return 720
    return 2880 if pick == 2 else 10080


@kernel
def any_mode(m: Ints, op: int) -> int:
    """The resource of one of the operation's modes."""
    return m[m[op + MODES] + MODE * draw(m, m[op + MODES_N]) + ON]


@kernel
def someone(m: Ints, r: int, k: int) -> int:
    """The operation in run k of resource r; of a firing's, one by chance."""
    who = m[m[r + LINE] + RUN * k + WHO]
    if m[r + KIND] != BATCH:
        return who
    op = m[who + MEMBER]
    for _ in range(draw(m, max(1, m[who + COUNT]))):
        op = m[op + NEXT]
    return op


@kernel
def to_spare(m: Ints, op: int) -> int:
    """Minutes from the end of an operation's job to when it is due; hardly any for what cannot move."""
    job = m[op + JOB]
    if job == 0 or m[op + FACT] == 1:
        return -FAR
    return m[job + DUE] - m[m[job + FIRST] + OPERATION * (m[job + N] - 1) + END]


@kernel
def add_neighbour(m: Ints, w: Ints, op: int, whole: int) -> None:
    """Take out a job that runs on one of the operation's resources in the time before it."""
    r = any_mode(m, op)
    starts, n = m[r + LINE] + RUN_START, m[r + LINE_N]
    lo = later(m, starts, n, RUN, m[op + START] - reach_back(m) - 1)
    hi = later(m, starts, n, RUN, m[op + END] - 1)
    if hi <= lo:
        return
    best = someone(m, r, lo + draw(m, hi - lo))
    for _ in range(1, w[PICKY]):
        other = someone(m, r, lo + draw(m, hi - lo))
        if to_spare(m, other) > to_spare(m, best):
            best = other
    add_operation(m, w, best, whole)


@kernel
def choose_around(m: Ints, w: Ints, job: int) -> None:
    """A job from where it waits, and what stands where it would like to be, each from there on."""
    whole = 1 if draw(m, 5) < 2 else 0
    k = waiting(m, job)
    add_chosen(m, w, job, 0 if whole == 1 else k)
    size = 2 + draw(m, 11)
    for _ in range(2 * size):
        if w[CHOSEN_N] >= size:
            return
        step = k if draw(m, 2) == 0 else m[job + FREE] + draw(m, m[job + N] - m[job + FREE])
        add_neighbour(m, w, m[job + FIRST] + OPERATION * step, whole)


@kernel
def choose_firing(m: Ints, w: Ints, job: int) -> None:
    """Everyone in the firing that a job waits for, and in one before it on some kiln."""
    k = waiting(m, job)
    op = m[job + FIRST] + OPERATION * k
    r = m[op + AT]
    if m[r + KIND] != BATCH:
        choose_around(m, w, job)
        return
    add_chosen(m, w, job, k)
    add_run(m, w, r, later(m, m[r + LINE] + RUN_START, m[r + LINE_N], RUN, m[op + START] - 1), 0, MOST)
    r = any_mode(m, op)
    k = later(m, m[r + LINE] + RUN_START, m[r + LINE_N], RUN, m[op + START] - 1) - 1 - draw(m, 3)
    if k >= 0 and m[r + KIND] == BATCH and w[CHOSEN_N] < MOST // 2:
        add_run(m, w, r, k, 0, MOST)


@kernel
def choose(m: Ints, w: Ints) -> None:
    """Whom to take out."""
    w[CHOSEN_N] = 0
    job = costly(m, w)
    if job == 0:
        return
    if draw(m, 4) == 0:
        choose_firing(m, w, job)
    else:
        choose_around(m, w, job)


@kernel
def rank(m: Ints, job: int, rule: int) -> int:
    """Where a job comes in the order of putting back: by due time less cost, by cost, the last to be ready
    first, so that others may join its firing, or by chance.
    """
    noise = draw(m, 3000)
    if rule < 4:
        return m[job + DUE] - m[job + COST] // max(1, m[job + WEIGHT]) + noise
    if rule < 6:
        return -m[job + COST] * (1500 + noise) // 3000
    if rule < 8:
        k = m[job + SINCE]
        ready = m[job + READY] if k == 0 else m[m[job + FIRST] + OPERATION * (k - 1) + END]
        return noise // 10 - ready
    return noise


@kernel
def arrange(m: Ints, w: Ints) -> None:
    """Put the chosen in an order."""
    rule = draw(m, 10)
    for i in range(w[CHOSEN_N]):
        job = w[w[CHOSEN] + i]
        key = rank(m, job, rule)
        k = i
        while k > 0 and w[w[KEYS] + k - 1] > key:
            w[w[KEYS] + k] = w[w[KEYS] + k - 1]
            w[w[CHOSEN] + k] = w[w[CHOSEN] + k - 1]
            k -= 1
        w[w[KEYS] + k] = key
        w[w[CHOSEN] + k] = job


@kernel
def take_out(m: Ints, w: Ints) -> int:
    """Take the chosen out, noting where they stood; returns what they cost."""
    cost = 0
    for i in range(w[CHOSEN_N]):
        job = w[w[CHOSEN] + i]
        cost += m[job + COST]
        for k in range(m[job + SINCE], m[job + N]):
            op = m[job + FIRST] + OPERATION * k
            m[op + OLD], m[op + OLD + 1], m[op + OLD + 2] = m[op + IN], m[op + START], m[op + END]
            remove(m, op)
    return cost


@kernel
def put_back_job(m: Ints, job: int, join_within: int, work: Ints) -> bool:
    """Place a job from where it was taken out; false if there is no place."""
    k = m[job + SINCE]
    first = m[job + FIRST] + OPERATION * k
    ready, by = m[job + READY], FAR
    if k > 0:
        before = first - OPERATION
        ready = max(ready, m[before + END] + m[before + MIN_LAG])
        by = latest_start(m, before, m[before + END])
    return put_chain(m, first, m[job + N] - k, ready, by, join_within, work) == 0


@kernel
def undo(m: Ints, w: Ints, placed: int) -> None:
    """Take out again the first `placed` of the chosen, and put all where they stood."""
    for i in range(placed):
        job = w[w[CHOSEN] + i]
        for k in range(m[job + SINCE], m[job + N]):
            remove(m, m[job + FIRST] + OPERATION * k)
    for i in range(w[CHOSEN_N]):
        job = w[w[CHOSEN] + i]
        for k in range(m[job + SINCE], m[job + N]):
            op = m[job + FIRST] + OPERATION * k
            place(m, op, m[op + OLD], m[op + OLD + 1], m[op + OLD + 2])
        m[job + SINCE] = -1


@kernel
def patience(m: Ints) -> int:
    """For how long a firing that exists is preferred to a new one, in one round."""
    pick = draw(m, 5)
    if pick < 2:
        return 0
    if pick == 2:
        return 240
    return 720 if pick == 3 else 1440


@kernel
def recreate(m: Ints, w: Ints, most: int, work: Ints) -> int:
    """Put the chosen back in their order; returns how many were placed, negative where the round has failed:
    one has no place, or together they cost more than `most`.
    """
    join = patience(m)
    cost = 0
    for i in range(w[CHOSEN_N]):
        job = w[w[CHOSEN] + i]
        if not put_back_job(m, job, join, work):
            return -i - 1
        after = job_cost(m, w, job)
        cost = max(cost, after) if w[GOAL] == 1 else cost + after
        if cost > most:
            return -i - 2
    return w[CHOSEN_N]


@kernel
def settle(m: Ints, w: Ints) -> None:
    """Note the costs of the chosen as they stand now."""
    for i in range(w[CHOSEN_N]):
        job = w[w[CHOSEN] + i]
        cost = job_cost(m, w, job)
        w[NOW] += cost - m[job + COST]
        m[job + COST] = cost
        m[job + SINCE] = -1
        stray(m, w, job)
    if w[GOAL] == 1:
        w[NOW] = total_cost(m, w)


@kernel
def try_round(m: Ints, w: Ints, heat: float, work: Ints) -> bool:
    """One round; whether the plan changed."""
    choose(m, w)
    return put_anew(m, w, heat, work)


@kernel
def put_anew(m: Ints, w: Ints, heat: float, work: Ints) -> bool:
    """Put those who were chosen in again in another order; whether the plan changed."""
    if w[CHOSEN_N] == 0:
        return False
    arrange(m, w)
    under = m[UNDER]
    most = take_out(m, w)
    if w[GOAL] == 1:
        most = w[NOW]
    elif heat > 0.0:
        most += int(-heat * math.log((chance(m) + 1) / 4294967296.0))
    placed = recreate(m, w, most, work)
    if placed < 0 or m[UNDER] > under:
        undo(m, w, placed if placed >= 0 else -placed - 1)
        return False
    settle(m, w)
    return True
