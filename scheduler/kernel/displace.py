"""A plan that stands: what has started, who moves, and room for new jobs within all promises."""

from __future__ import annotations

from scheduler.compiling import kernel
from scheduler.kernel.costs import JOBS, JOBS_N, STRAYS, STRAYS_N
from scheduler.kernel.firings import underfull
from scheduler.kernel.memory import (
    ANCHOR,
    ASTRAY,
    AT,
    BATCH,
    DUE,
    END,
    FACT,
    FACTS,
    FIRING,
    FIRST,
    FREE,
    FROZEN,
    IN,
    KIND,
    OPERATION,
    START,
    UNDER,
    Ints,
    N,
    draw,
)
from scheduler.kernel.yielding import end_of, give_way, send_home


@kernel
def freeze_jobs(m: Ints, jobs: Ints, n: int) -> None:
    """Of each of n jobs, note how many operations have started or are facts."""
    for j in range(n):
        job = jobs[j]
        k = 0
        while k < m[job + N]:
            op = m[job + FIRST] + OPERATION * k
            if m[op + FACT] == 0 and m[op + START] >= m[FROZEN]:
                break
            k += 1
        m[job + FREE] = k


@kernel
def begin_facts(m: Ints, ops: Ints, n: int) -> None:
    """N operations have become facts where they stand."""
    for k in range(n):
        op = ops[k]
        if m[op + FACT] == 0:
            m[op + FACT] = 1
            if m[m[op + AT] + KIND] == BATCH:
                m[UNDER] -= underfull(m, m[op + AT], m[op + FIRING])
                m[m[op + FIRING] + FACTS] += 1


@kernel
def anchor_jobs(m: Ints, jobs: Ints, n: int) -> None:
    """Note where n jobs stand as the places they should rather keep."""
    for j in range(n):
        job = jobs[j]
        for k in range(m[job + FREE], m[job + N]):
            op = m[job + FIRST] + OPERATION * k
            m[op + ANCHOR], m[op + ANCHOR + 1], m[op + ANCHOR + 2] = m[op + IN], m[op + START], m[op + END]


@kernel
def list_moved(m: Ints, before: Ints, jobs: Ints, n: int, found: Ints) -> int:
    """Which operations of n jobs stand elsewhere than in a copy of this memory; returns how many."""
    count = 0
    for j in range(n):
        job = jobs[j]
        for k in range(m[job + FREE], m[job + N]):
            op = m[job + FIRST] + OPERATION * k
            if m[op + IN] != before[op + IN] or m[op + START] != before[op + START]:
                found[count] = op
                count += 1
    return count


@kernel
def displace_rounds(m: Ints, w: Ints, rounds: int, work: Ints) -> None:
    """So many rounds, or until the new jobs end when they want to. Who has moved is then among the strays."""
    for _ in range(rounds):
        job = w[w[JOBS] + draw(m, w[JOBS_N])]
        if end_of(m, job) > m[job + DUE]:
            give_way(m, w, job, work)
    send_home(m, w, 0)
    for i in range(w[STRAYS_N]):
        m[w[w[STRAYS] + i] + ASTRAY] = 0
