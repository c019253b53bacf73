"""What each job costs in the plan, the best plan so far, and the way back to it."""

from __future__ import annotations

from scheduler.compiling import kernel
from scheduler.kernel.memory import (
    ANCHOR,
    ASTRAY,
    AT,
    BEST,
    COST,
    DEADLINE,
    DUE,
    END,
    FIRST,
    FREE,
    IN,
    OPERATION,
    PROMISED,
    START,
    WEIGHT,
    Ints,
    N,
)
from scheduler.kernel.places import place, remove

# What a search keeps. JOBS: a list of the jobs whose costs count, JOBS_N of them. GOAL: 1 for a makespan.
# MOVE, BROKEN: what a moved operation and a broken promise cost. NOW, LEAST: the plan's cost, and at its
# best. LATE, CHOSEN, KEYS, STRAYS: lists of jobs (and of numbers), with how many are in them. FRESH: for how
# many rounds LATE still serves. PICKY: of so many others, the one with most time to spare makes room.
# YIELD: in so many of sixteen rounds others give way to one job.
JOBS, JOBS_N, GOAL, MOVE, BROKEN, NOW, LEAST_COST, LATE, LATE_N, CHOSEN, CHOSEN_N, KEYS = range(12)
STRAYS, STRAYS_N, FRESH, ROUNDS, GAINS, PICKY, YIELD, SEARCH = range(12, 20)
HARD = 1 << 24
"""What a minute after a deadline costs."""


@kernel
def moves_of(m: Ints, job: int) -> int:
    """How many operations of a job stand elsewhere than their anchor."""
    moved = 0
    for k in range(m[job + FREE], m[job + N]):
        op = m[job + FIRST] + OPERATION * k
        if m[op + ANCHOR] != 0 and (m[op + ANCHOR] != m[op + IN] or m[op + ANCHOR + 1] != m[op + START]):
            moved += 1
    return moved


@kernel
def job_cost(m: Ints, w: Ints, job: int) -> int:
    """What a job adds to the goal: weighted minutes late and what moves and broken promises cost; for a
    makespan its end.
    """
    end = m[m[job + FIRST] + OPERATION * (m[job + N] - 1) + END]
    cost = HARD * max(0, end - m[job + DEADLINE])
    if w[GOAL] == 1:
        return cost + end
    cost += m[job + WEIGHT] * max(0, end - m[job + DUE])
    if end > m[job + PROMISED]:
        cost += w[BROKEN]
    if w[MOVE] > 0:
        cost += w[MOVE] * moves_of(m, job)
    return cost


@kernel
def total_cost(m: Ints, w: Ints) -> int:
    """The goal over all jobs' costs as they are noted."""
    total = 0
    for j in range(w[JOBS_N]):
        cost = m[w[w[JOBS] + j] + COST]
        total = max(total, cost) if w[GOAL] == 1 else total + cost
    return total


@kernel
def reckon(m: Ints, w: Ints) -> None:
    """Note what all jobs cost, and that the plan as it stands is the best."""
    for j in range(w[JOBS_N]):
        job = w[w[JOBS] + j]
        m[job + COST] = job_cost(m, w, job)
        m[job + ASTRAY] = 0
        save_job(m, job)
    w[NOW] = total_cost(m, w)
    w[LEAST_COST] = w[NOW]
    w[STRAYS_N] = 0
    w[FRESH] = 0


@kernel
def save_job(m: Ints, job: int) -> None:
    """Note where a job stands as its place in the best plan."""
    for k in range(m[job + FREE], m[job + N]):
        op = m[job + FIRST] + OPERATION * k
        m[op + BEST], m[op + BEST + 1], m[op + BEST + 2] = m[op + IN], m[op + START], m[op + END]


@kernel
def remember(m: Ints, w: Ints) -> None:
    """The plan as it stands is the best so far."""
    w[LEAST_COST] = w[NOW]
    for i in range(w[STRAYS_N]):
        job = w[w[STRAYS] + i]
        m[job + ASTRAY] = 0
        save_job(m, job)
    w[STRAYS_N] = 0


@kernel
def stray(m: Ints, w: Ints, job: int) -> None:
    """A job does not stand where it does in the best plan."""
    if m[job + ASTRAY] == 0:
        m[job + ASTRAY] = 1
        w[w[STRAYS] + w[STRAYS_N]] = job
        w[STRAYS_N] += 1


@kernel
def go_back(m: Ints, w: Ints) -> None:
    """Put everything where it stood in the best plan."""
    for i in range(w[STRAYS_N]):
        job = w[w[STRAYS] + i]
        for k in range(m[job + FREE], m[job + N]):
            if m[m[job + FIRST] + OPERATION * k + AT] != 0:
                remove(m, m[job + FIRST] + OPERATION * k)
    for i in range(w[STRAYS_N]):
        job = w[w[STRAYS] + i]
        for k in range(m[job + FREE], m[job + N]):
            op = m[job + FIRST] + OPERATION * k
            place(m, op, m[op + BEST], m[op + BEST + 1], m[op + BEST + 2])
        m[job + COST] = job_cost(m, w, job)
        m[job + ASTRAY] = 0
    w[STRAYS_N] = 0
    w[NOW] = total_cost(m, w)


@kernel
def note_rows(m: Ints, first: int, n: int, mode_at: int, start_at: int, rows: Ints) -> None:
    """Where n operations from `first` on stand, three numbers each: the mode, start and end that these fields
    of theirs say."""
    for i in range(n):
        op = first + OPERATION * i
        rows[3 * i], rows[3 * i + 1] = m[op + mode_at], m[op + start_at]
        rows[3 * i + 2] = m[op + start_at + 1]


@kernel
def adopt_rows(m: Ints, w: Ints, first: int, rows: Ints) -> None:
    """Put everything that may move where `rows`, made of another memory of the problem, says."""
    clear(m, w)
    for j in range(w[JOBS_N]):
        job = w[w[JOBS] + j]
        for k in range(m[job + FREE], m[job + N]):
            op = m[job + FIRST] + OPERATION * k
            i = 3 * ((op - first) // OPERATION)
            place(m, op, rows[i], rows[i + 1], rows[i + 2])
    reckon(m, w)


@kernel
def clear(m: Ints, w: Ints) -> None:
    """Take everything out that is placed and may move."""
    for j in range(w[JOBS_N]):
        job = w[w[JOBS] + j]
        for k in range(m[job + FREE], m[job + N]):
            if m[m[job + FIRST] + OPERATION * k + AT] != 0:
                remove(m, m[job + FIRST] + OPERATION * k)
