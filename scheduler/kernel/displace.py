"""Room for new jobs among those that stand: a ruin and recreate that keeps every promise."""

from __future__ import annotations

from scheduler.compiling import kernel
from scheduler.kernel.costs import NOW, STRAYS, STRAYS_N
from scheduler.kernel.memory import ASTRAY, FIRST, FREE, FROZEN, OPERATION, START, Ints, N
from scheduler.kernel.ruin import try_round


@kernel
def freeze_jobs(m: Ints, jobs: Ints, n: int) -> None:
    """Of each of n jobs, note how many operations have started."""
    for j in range(n):
        job = jobs[j]
        k = m[job + FREE]
        while k < m[job + N] and m[m[job + FIRST] + OPERATION * k + START] < m[FROZEN]:
            k += 1
        m[job + FREE] = k


@kernel
def displace_rounds(m: Ints, w: Ints, rounds: int, work: Ints) -> None:
    """So many rounds, or until the new jobs end when they want to. Who has moved is then among the strays."""
    for _ in range(rounds):
        if w[NOW] <= 0:
            break
        try_round(m, w, 0.0, work)
    for i in range(w[STRAYS_N]):
        m[w[w[STRAYS] + i] + ASTRAY] = 0
