"""Each job's aim: the time by which the rules are to have it done, moved by how late it came out last."""

from __future__ import annotations

from scheduler.compiling import kernel
from scheduler.kernel.costs import job_cost
from scheduler.kernel.memory import A_JOB, DUE, END, FAR, FIRST, HEAD, OPERATION, UNDER, Ints, N, draw

# What urging keeps: a head as the memory's, with the state of its own random numbers; and of each job, from
# AIMS on, when it is due, its aim, and its aim in the best plan.
AIMS = HEAD
TRUE, AIM, KEPT, AN_AIM = range(4)

A_DAY = 1440
"""A job that is earlier than by this counts as early by this."""


@kernel
def take_aim(m: Ints, a: Ints, jobs: int, n: int) -> None:
    """The rules see each job's aim as its due time."""
    for j in range(n):
        m[jobs + A_JOB * j + DUE] = a[AIMS + AN_AIM * j + AIM]


@kernel
def judge(m: Ints, a: Ints, w: Ints, jobs: int, n: int) -> int:
    """Due times are the true ones again; returns what the plan costs by them, FAR where a firing is too
    light."""
    cost = 0
    for j in range(n):
        job = jobs + A_JOB * j
        m[job + DUE] = a[AIMS + AN_AIM * j + TRUE]
        cost += job_cost(m, w, job)
    return cost if m[UNDER] == 0 else FAR


@kernel
def urge(m: Ints, a: Ints, jobs: int, n: int, sooner: int, later: int) -> None:
    """The next aims: who was late is urged on, who was early may wait, each by chance more or less; at most
    by `sooner` and `later` thousandths of how late or early it was.
    """
    for j in range(n):
        job = jobs + A_JOB * j
        early = m[job + DUE] - m[m[job + FIRST] + OPERATION * (m[job + N] - 1) + END]
        aim = AIMS + AN_AIM * j + AIM
        if early < 0:
            a[aim] += early * draw(a, sooner) // 1000
        else:
            a[aim] += min(early, A_DAY) * draw(a, later) // 1000


@kernel
def keep_aims(a: Ints, n: int) -> None:
    """These aims made the best plan."""
    for j in range(n):
        a[AIMS + AN_AIM * j + KEPT] = a[AIMS + AN_AIM * j + AIM]


@kernel
def shake_aims(a: Ints, n: int, within: int) -> None:
    """Back to the aims of the best plan, each moved by up to so many minutes."""
    for j in range(n):
        a[AIMS + AN_AIM * j + AIM] = a[AIMS + AN_AIM * j + KEPT] + draw(a, 2 * within + 1) - within
