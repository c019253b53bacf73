"""The operations of one job looking for their places together."""

from __future__ import annotations

from scheduler.compiling import kernel
from scheduler.kernel.memory import (
    AT,
    END,
    FAR,
    FROZEN,
    JOB,
    MAX_LAG,
    MIN_LAG,
    MODE,
    MODES,
    MODES_N,
    OPERATION,
    OUT,
    POS,
    RELEASE,
    Ints,
    N,
)
from scheduler.kernel.places import (
    LIGHT,
    after_for,
    earliest,
    fit_mode,
    is_free,
    mode_end,
    place,
    remove,
)

PATIENCE = 40
"""So often a job in its own way is sent later by a minute or what is needed; then by ever more."""


@kernel
def earliest_start(m: Ints, op: int, not_before: int, end_after: int) -> int:
    """The earliest start in any mode of a place that does not end before `end_after`, or -1."""
    floor = max(not_before, m[op + RELEASE], m[FROZEN])
    best = -1
    for i in range(m[op + MODES_N]):
        mode = m[op + MODES] + MODE * i
        start = fit_mode(m, op, mode, max(floor, after_for(m, op, mode, end_after)), FAR, LIGHT)
        if start >= 0 and (best < 0 or start < best):
            best = start
    return best


@kernel
def latest_start(m: Ints, before: int, end: int) -> int:
    """Until when the operation after `before` must start, if `before` ends so."""
    return FAR if m[before + MAX_LAG] >= FAR else end + m[before + MAX_LAG]


@kernel
def put_chain(m: Ints, first: int, n: int, ready: int, start_by: int, join_within: int, bounds: Ints) -> int:
    """Place n operations from `first` on, each where it ends earliest; a broken largest lag sends the one
    before it later. Returns 0 when all are placed, else the operation that has no place (and places none).

    `ready` and `start_by` bound the first. `bounds` is scratch for n numbers.
    """
    for i in range(n):
        bounds[i] = -FAR
    k = 0
    turned = 0
    while k < n:
        op = first + OPERATION * k
        before = op - OPERATION
        begin, by = ready, start_by
        if k > 0:
            begin, by = m[before + END] + m[before + MIN_LAG], latest_start(m, before, m[before + END])
        end = earliest(m, op, begin, bounds[k], by, join_within)
        if end >= 0:
            place(m, op, m[OUT], m[OUT + 1], end)
            k += 1
            continue
        start = earliest_start(m, op, begin, bounds[k]) if k > 0 and by < FAR else -1
        if start < 0:
            remove_chain(m, first, k)
            return op
        k -= 1
        turned += 1
        step = 1 << max(0, min(turned - PATIENCE, 30))
        bounds[k] = max(m[before + END] + step, start - m[before + MAX_LAG])
        remove(m, before)
    return 0


@kernel
def remove_chain(m: Ints, first: int, n: int) -> None:
    """Give back the places of n operations from `first` on."""
    for k in range(n):
        remove(m, first + OPERATION * k)


@kernel
def copy(source: Ints, at: int, target: Ints, to: int, n: int) -> None:
    """Copy n numbers."""
    for i in range(n):
        target[to + i] = source[at + i]


@kernel
def note(row: Ints, at: int, mode: int, start: int, end: int) -> None:
    """Write a place."""
    row[at], row[at + 1], row[at + 2] = mode, start, end


@kernel
def chain_end(
    m: Ints, first: int, k: int, moment: int, ready: int, start_by: int, join_within: int, n: int, own: Ints,
    work: Ints,
) -> int:
    """The earliest end, not before `moment`, of operation k of a chain with its predecessors placed to suit;
    -1 if
    there is none. Nothing is placed.

    Row k of `work` (n rows of 3n numbers) then holds mode, start and end of operations 0 to k. The rows below
    k of `own` hold the same for each operation's earliest end where no moment is asked for.
    """
    op = first + OPERATION * k
    row = 3 * n * k
    if k == 0:
        end = earliest(m, op, ready, moment, start_by, join_within)
        if end >= 0:
            note(work, 0, m[OUT], m[OUT + 1], end)
        return end
    before, below, spot = op - OPERATION, row - 3 * n, row + 3 * k
    own_end = own[below + 3 * k - 1]
    begin, by = own_end + m[before + MIN_LAG], latest_start(m, before, own_end)
    best = earliest(m, op, begin, moment, by, join_within)
    if best >= 0:
        copy(own, below, work, row, 3 * k)
        note(work, spot, m[OUT], m[OUT + 1], best)
    if by >= FAR:
        return best
    for i in range(m[op + MODES_N]):
        mode = m[op + MODES] + MODE * i
        after = begin
        while True:
            floor = max(after, m[op + RELEASE], m[FROZEN], after_for(m, op, mode, moment))
            start = fit_mode(m, op, mode, floor, FAR if best < 0 else best - 1, LIGHT)
            if start < 0:
                break
            need = start - m[before + MAX_LAG]
            end_before = own_end
            if own_end < need:
                end_before = chain_end(m, first, k - 1, need, ready, start_by, join_within, n, own, work)
            if end_before < 0:
                break
            if end_before + m[before + MIN_LAG] <= start:
                best = mode_end(m, op, mode, start)
                if own_end >= need:
                    copy(own, below, work, row, 3 * k)
                else:
                    copy(work, below, work, row, 3 * k)
                note(work, spot, mode, start, best)
                break
            after = end_before + m[before + MIN_LAG]
    return best


@kernel
def solve_chain(
    m: Ints, first: int, n: int, ready: int, start_by: int, join_within: int, own: Ints, work: Ints
) -> int:
    """The places with the earliest end of the last of n operations, in the last row of `own`: mode, start,
    end of each. Returns 0, or the operation that has no place. Exact as long as the job does not meet itself.

    `ready` and `start_by` bound the first. `own` and `work` are scratch for 3 * n * n numbers each.
    """
    for k in range(n):
        if chain_end(m, first, k, -FAR, ready, start_by, join_within, n, own, work) < 0:
            return first + OPERATION * k
        copy(work, 3 * n * k, own, 3 * n * k, 3 * (k + 1))
    return 0


@kernel
def take_chain(m: Ints, first: int, n: int, own: Ints) -> bool:
    """Place n operations as the last row of `own` says; none where they are in each other's way."""
    for k in range(n):
        op, at = first + OPERATION * k, 3 * n * (n - 1) + 3 * k
        if not is_free(m, op, own[at], own[at + 1], own[at + 2]):
            remove_chain(m, first, k)
            return False
        place(m, op, own[at], own[at + 1], own[at + 2])
    return True


@kernel
def insert_chain(
    m: Ints, first: int, n: int, ready: int, start_by: int, join_within: int, own: Ints, work: Ints
) -> int:
    """Place n operations where the last one ends earliest. Returns 0, or the operation that has no place."""
    failed = solve_chain(m, first, n, ready, start_by, join_within, own, work)
    if failed != 0 or take_chain(m, first, n, own):
        return failed
    return put_chain(m, first, n, ready, start_by, join_within, work)


@kernel
def push_all(m: Ints, turns: Ints, n: int, own: Ints, work: Ints) -> None:
    """Place n operations of jobs in their turn, each with those that largest lags tie to it, where the last
    ends earliest. A turn is the operation and from when its job may begin; what has no place is left out."""
    for k in range(n):
        op, ready, start_by = turns[2 * k], turns[2 * k + 1], FAR
        if m[op + AT] != 0:
            continue
        if m[op + POS] > 0:
            before = op - OPERATION
            if m[before + AT] == 0:
                continue
            ready = max(ready, m[before + END] + m[before + MIN_LAG])
            if m[before + MAX_LAG] < FAR:
                start_by = m[before + END] + m[before + MAX_LAG]
        insert_chain(m, op, tied_to(m, op), ready, start_by, 0, own, work)


@kernel
def tied_to(m: Ints, op: int) -> int:
    """How many operations largest lags tie together from here on, as far as none of them is placed."""
    count, left = 1, m[m[op + JOB] + N] - m[op + POS]
    while count < left and m[op + MAX_LAG] < FAR and m[op + OPERATION + AT] == 0:
        count += 1
        op += OPERATION
    return count
