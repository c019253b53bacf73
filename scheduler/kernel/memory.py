"""The memory that all kernels work on: one flat list of integers, with records in it.

A record is named by where it begins; `m[op + START]` is a field of it. Times are minutes, 0 is no record (the
head lies there). The Board lays the records out and makes room; kernels never do. One list instead of many
objects is what makes calls between kernels cheap and compiling quick.

A size or a load is D numbers, D being `m[DIMS]`.
"""

from __future__ import annotations

from scheduler.compiling import kernel

Ints = list[int]
"""A list in the pure twin, a numpy array of int64 when compiled."""
FAR = 1 << 60
MACHINE, BATCH, POOL = 0, 1, 2

# The head. FROZEN: nothing is placed before. SPARE: the first firing that is not in use, linked by MEMBER.
# UNDER: how many firings are lighter than they may be. RANDOM: the state of the random numbers. OUT: what
# `earliest` found (mode, start).
DIMS, FROZEN, SPARE, UNDER, RANDOM, OUT, HEAD = 0, 1, 2, 3, 4, 5, 16

# A resource. Windows (open, close) lie at WIN; the setup matrix, SET_N wide, at SET (0: none). Runs lie
# sorted at LINE, five numbers each; a pool's staircase at STAIR, a time and a load each. RANK: its number in
# the problem.
KIND, CAP, WIN, WIN_N, SET, SET_N, LEAST, COOLING, LINE, LINE_N, STAIR, STAIR_N, RANK, RESOURCE = range(14)

# A run of a line. REACH: the largest END so far, as facts may overlap. WHO: its operation, or the firing.
RUN_START, RUN_END, REACH, FAMILY, WHO, RUN = range(6)

# A mode. SPAN: the minutes from start to end (open ones, for work that pauses). NEED: where its needs lie,
# two numbers each: the pool, and where the size is.
ON, SPAN, FAM, NEED, NEED_N, MODE = range(6)

# An operation. Placed: IN which mode (0 for a fact without one), AT which resource (0: not placed), AS which
# family, from START to END. Members of a FIRING are linked by NEXT and BEFORE. What is kept for a search:
# where it stood before a round (OLD), in the best plan (BEST), and where it should rather stay (ANCHOR):
# mode, start, end.
JOB, POS, MODES, MODES_N, SIZE, RELEASE, MIN_LAG, MAX_LAG, PAUSES, FACT = range(10)
IN, AT, AS, START, END, FIRING, NEXT, BEFORE = range(10, 18)
OLD, BEST, ANCHOR, NUMBER, OPERATION = 18, 21, 24, 27, 28

# A job. Its N operations lie one after the other from FIRST; those before FREE are facts. SINCE: from which
# operation on it is taken out (-1: it is not). ASTRAY: 1 if it stands elsewhere than in the best plan.
FIRST, N, FREE, READY, DUE, DEADLINE, PROMISED, WEIGHT, COST, SINCE, ASTRAY, A_JOB = range(12)

# A firing; its load follows.
MEMBER, COUNT, FACTS, LOAD = range(4)


@kernel
def chance(m: Ints) -> int:
    """The next random number, 0 to 2**32 - 1 (xorshift32, Marsaglia 2003)."""
    x = m[RANDOM]
    x ^= (x << 13) & 0xFFFFFFFF
    x ^= x >> 17
    x ^= (x << 5) & 0xFFFFFFFF
    m[RANDOM] = x
    return x


@kernel
def draw(m: Ints, n: int) -> int:
    """A random number from 0 to n - 1."""
    return (chance(m) * n) >> 32


@kernel
def shift(m: Ints, source: int, target: int, n: int) -> None:
    """Move n numbers from `source` on to `target` on; the two may overlap. Compiled by `native.shift`."""
    m[target : target + n] = m[source : source + n]


@kernel
def later(m: Ints, at: int, n: int, step: int, moment: int) -> int:
    """The first of n numbers, `step` apart from `at` on and rising, that is after `moment`; n if none is."""
    lo, hi = 0, n
    while lo < hi:
        mid = (lo + hi) >> 1
        if m[at + mid * step] > moment:
            hi = mid
        else:
            lo = mid + 1
    return lo
