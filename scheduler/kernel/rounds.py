"""Rounds that make a plan better: whole jobs taken out and put back, and others giving way to late ones."""

from __future__ import annotations

from scheduler.compiling import kernel
from scheduler.kernel.costs import (
    CHOSEN_N,
    GAINS,
    JOBS,
    JOBS_N,
    LEAST_COST,
    NOW,
    ROUNDS,
    STRAYS,
    STRAYS_N,
    YIELD,
    go_back,
    job_cost,
    remember,
)
from scheduler.kernel.memory import COST, FREE, PROMISED, Ints, N, draw
from scheduler.kernel.ruin import choose_around, costly, put_anew, try_round
from scheduler.kernel.yielding import end_of, give_way, send_home

SHAKEN = 16
"""In one of so many rounds for a promise whole jobs are put in anew."""


@kernel
def ruin_rounds(m: Ints, w: Ints, rounds: int, heat: float, floor: int, work: Ints) -> int:
    """So many rounds of ruin and recreate, or until the cost is `floor`; returns how many were done. Of
    sixteen, YIELD let others give way to a job instead.

    `heat` is the mean loss, in the goal's unit, that is accepted for a while. `work` is scratch for the
    operations of a job.
    """
    for done in range(rounds):
        if w[LEAST_COST] <= floor:
            return done
        w[ROUNDS] += 1
        yielding = draw(m, 16) < w[YIELD]
        changed = yield_to_one(m, w, work) if yielding else try_round(m, w, heat, work)
        if changed and w[NOW] <= w[LEAST_COST]:
            if w[NOW] < w[LEAST_COST]:
                w[GAINS] += 1
            remember(m, w)
    return rounds


@kernel
def yield_to_one(m: Ints, w: Ints, work: Ints) -> bool:
    """Others give way to a job drawn by its cost; whether they did."""
    job = costly(m, w)
    return job != 0 and give_way(m, w, job, work)


@kernel
def list_broken(m: Ints, w: Ints, found: Ints) -> int:
    """The jobs that end after their promises, and by how much, two numbers each; returns how many."""
    count = 0
    for j in range(w[JOBS_N]):
        job = w[w[JOBS] + j]
        over = end_of(m, job) - m[job + PROMISED]
        if over > 0 and m[job + FREE] < m[job + N]:
            found[2 * count], found[2 * count + 1] = job, over
            count += 1
    return count


@kernel
def save_promise(m: Ints, w: Ints, job: int, rounds: int, work: Ints) -> bool:
    """Let others give way, in so many rounds, until a job ends by its promise; whether it does and that is
    worth what has moved. Else all stands as it did in the best plan, where it stood before."""
    for done in range(rounds):
        if end_of(m, job) <= m[job + PROMISED]:
            break
        if done % SHAKEN < SHAKEN - 1:
            give_way(m, w, job, work)
        else:
            w[CHOSEN_N] = 0
            choose_around(m, w, job)
            put_anew(m, w, 0.0, work)
    if w[STRAYS_N] > 0 and end_of(m, job) <= m[job + PROMISED]:
        send_home(m, w, job)
        recost(m, w)
    if w[NOW] < w[LEAST_COST]:
        remember(m, w)
        return True
    go_back(m, w)
    return False


@kernel
def recost(m: Ints, w: Ints) -> None:
    """Note again what those cost who have moved since the best plan."""
    for i in range(w[STRAYS_N]):
        job = w[w[STRAYS] + i]
        cost = job_cost(m, w, job)
        w[NOW] += cost - m[job + COST]
        m[job + COST] = cost
