"""Who is in a firing leaves it to those whose promises are broken, and goes in again after them."""

from __future__ import annotations

from scheduler.compiling import kernel
from scheduler.kernel.costs import CHOSEN_N, GAINS, LEAST_COST, NOW, go_back, remember, stray
from scheduler.kernel.memory import (
    AT,
    BATCH,
    END,
    FACT,
    FIRST,
    JOB,
    KIND,
    LINE,
    LINE_N,
    MEMBER,
    NEXT,
    OPERATION,
    PROMISED,
    RUN,
    RUN_START,
    SINCE,
    SIZE,
    START,
    UNDER,
    WHO,
    Ints,
    N,
    draw,
    later,
)
from scheduler.kernel.rounds import list_broken, recost
from scheduler.kernel.ruin import any_mode, someone, waiting
from scheduler.kernel.yielding import end_of, lift, lift_rest, put_down, put_rest, ready_of

LOOKED_AT = 6
"""Of so many in the firings that a job would like to be in, the largest is the measure of who is large."""


@kernel
def exchange_rounds(m: Ints, w: Ints, rounds: int, found: Ints, gone: Ints, work: Ints) -> None:
    """So many rounds of `exchange`, or until no promise is broken. `found`, for all jobs twice, and `gone`,
    for all jobs, are scratch."""
    for _ in range(rounds):
        count = list_broken(m, w, found)
        if count == 0:
            return
        exchange(m, w, found, count, gone, work)


@kernel
def exchange(m: Ints, w: Ints, found: Ints, count: int, gone: Ints, work: Ints) -> bool:
    """One round: one or all of a firing leave it, one of `found` (see `rounds.list_broken`) is put in anew,
    then whoever of them can end as promised, then those who left; whether that makes the plan better. Else
    all stands as in the best plan."""
    job, under = found[2 * draw(m, count)], m[UNDER]
    step = m[job + FIRST] + OPERATION * waiting(m, job)
    leaving = choose_leaving(m, step, gone)
    for i in range(leaving):
        leave(m, w, gone[i])
    good = leaving > 0 and keep_promise(m, w, step, work)
    if good:
        keep_promises(m, w, found, count, work)
    for i in range(leaving):
        good = good and put_rest(m, gone[i], work)
    if good and m[UNDER] <= under:
        recost(m, w)
        if w[NOW] < w[LEAST_COST]:
            w[GAINS] += 1
            remember(m, w)
            return True
    go_back(m, w)
    return False


@kernel
def keep_promises(m: Ints, w: Ints, found: Ints, count: int, work: Ints) -> None:
    """Put those in anew who then end as promised: first who is no larger than one drawn by chance, beginning
    with anybody, then all others."""
    first = draw(m, count)
    most = size_of(m, m[found[2 * draw(m, count)] + FIRST])
    for i in range(2 * count):
        job = found[2 * ((first + i) % count)]
        if i >= count or size_of(m, m[job + FIRST]) <= most:
            keep_promise(m, w, m[job + FIRST] + OPERATION * waiting(m, job), work)


@kernel
def size_of(m: Ints, op: int) -> int:
    """How much room an operation takes in a firing; 0 where it takes none."""
    return m[m[op + SIZE]] if m[op + SIZE] != 0 else 0


@kernel
def choose_leaving(m: Ints, step: int, gone: Ints) -> int:
    """Note who leaves a firing that begins before an operation and once that is ready: everybody, or who is
    as large as the largest of some; returns how many do."""
    r = any_mode(m, step)
    if m[r + KIND] != BATCH:
        return 0
    starts, n = m[r + LINE] + RUN_START, m[r + LINE_N]
    lo = later(m, starts, n, RUN, ready_of(m, step) - 1)
    hi = later(m, starts, n, RUN, m[step + START] - 1)
    if hi <= lo:
        return 0
    least = 0
    if draw(m, 2) == 0:
        for _ in range(LOOKED_AT):
            least = max(least, size_of(m, someone(m, r, lo + draw(m, hi - lo))))
    return those_in(m, r, lo + draw(m, hi - lo), least, gone)


@kernel
def those_in(m: Ints, r: int, k: int, least: int, gone: Ints) -> int:
    """Note the members of run k of a kiln that are no smaller than this, the first promised first; returns
    how many they are, 0 where one may not leave."""
    op = m[m[m[r + LINE] + RUN * k + WHO] + MEMBER]
    count = 0
    while op != 0:
        if not may_leave(m, op):
            return 0
        if size_of(m, op) >= least:
            i = count
            while i > 0 and m[m[gone[i - 1] + JOB] + PROMISED] > m[m[op + JOB] + PROMISED]:
                gone[i] = gone[i - 1]
                i -= 1
            gone[i] = op
            count += 1
        op = m[op + NEXT]
    return count


@kernel
def may_leave(m: Ints, op: int) -> bool:
    """Whether an operation is one of a job and has not begun."""
    return m[op + JOB] != 0 and m[op + FACT] == 0


@kernel
def leave(m: Ints, w: Ints, op: int) -> None:
    """Take an operation and all that follows it in its job out."""
    w[CHOSEN_N] = 0
    lift(m, w, op, 1)
    lift_rest(m, w, 0)
    stray(m, w, m[op + JOB])
    m[m[op + JOB] + SINCE] = -1


@kernel
def keep_promise(m: Ints, w: Ints, op: int, work: Ints) -> bool:
    """Put a job whose promise is broken in anew from an operation on if it then ends as promised; whether it
    does. Else it stays where it is."""
    job, under = m[op + JOB], m[UNDER]
    last = m[job + FIRST] + OPERATION * (m[job + N] - 1)
    if m[last + AT] == 0 or m[last + END] <= m[job + PROMISED]:
        return False
    w[CHOSEN_N] = 0
    lift(m, w, op, 1)
    lift_rest(m, w, 0)
    kept = put_rest(m, op, work) and end_of(m, job) <= m[job + PROMISED] and m[UNDER] <= under
    if kept:
        stray(m, w, job)
    else:
        put_down(m, w)
    m[job + SINCE] = -1
    return kept
