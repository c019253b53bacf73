"""First plans for a shop: whenever a machine is free and work waits for it, one of the waiting is begun.

`dive` makes such a plan, and where it is given a target goes back to its latest decisions as soon as a
machine's work or a job's rest can no longer be done by then. Shops that are loaded to the brim (each machine
busy nearly all of the time) leave few such decisions, and the right ones are found; in others it soon gives
up.
"""

from __future__ import annotations

from typing import NamedTuple

from scheduler.compiling import kernel
from scheduler.kernel.graph import Graph, Numbers, append_to_row, clear_rows
from scheduler.kernel.tabu import Memory, roll

IDLE = 1 << 40
"""The next start on a machine that nothing waits for."""


class Dive(NamedTuple):
    """A plan in the making."""

    free: Numbers
    """By machine: from when on it is free."""
    load: Numbers
    """By machine: minutes left of what only it can do."""
    start: Numbers
    """By machine: when its next operation could start."""
    ready: Numbers
    """By operation: when it could start, if it waits."""
    rest: Numbers
    """By operation: the least minutes from its start to its job's end."""
    score: Numbers
    """By operation: what has more goes first."""
    follower: Numbers
    """The modes of what waits, in a ring for each machine; len(mode_machine) + m is the machine's own."""
    leader: Numbers
    begun: Numbers
    """By decision: the mode, and when the machine had become free."""
    was_free: Numbers


@kernel
def least_minutes(g: Graph, x: int) -> int:
    """In its shortest mode."""
    fact = g.facts[x]
    least = g.nodes[x].minutes if fact.mode_n == 0 else IDLE
    for mode in range(fact.mode_at, fact.mode_at + fact.mode_n):
        least = min(least, g.mode_minutes[mode])
    return least


@kernel
def refresh(g: Graph, d: Dive, m: int) -> None:
    """When the machine's next operation could start."""
    head = len(g.mode_machine) + m
    soonest = IDLE
    mode = d.follower[head]
    while mode != head:
        soonest = min(soonest, d.ready[g.mode_owner[mode]])
        mode = d.follower[mode]
    d.start[m] = max(soonest, d.free[m])


@kernel
def let_wait(g: Graph, d: Dive, x: int, ready: int) -> None:
    """From now on x waits for its machines."""
    d.ready[x] = ready
    fact = g.facts[x]
    for mode in range(fact.mode_at, fact.mode_at + fact.mode_n):
        m = g.mode_machine[mode]
        head = len(g.mode_machine) + m
        last = d.leader[head]
        d.follower[last] = mode
        d.leader[mode] = last
        d.follower[mode] = head
        d.leader[head] = mode
        refresh(g, d, m)


@kernel
def call_off(g: Graph, d: Dive, x: int) -> None:
    """x waits no more."""
    fact = g.facts[x]
    for mode in range(fact.mode_at, fact.mode_at + fact.mode_n):
        d.follower[d.leader[mode]] = d.follower[mode]
        d.leader[d.follower[mode]] = d.leader[mode]
        refresh(g, d, g.mode_machine[mode])


@kernel
def next_work(g: Graph, x: int) -> int:
    """The next operation of the job from x on that is no wait (or none: beyond the operations)."""
    while x < g.operations and g.facts[x].mode_n == 0:
        x = g.nodes[x].after
    return x


@kernel
def waiting_time(g: Graph, x: int) -> int:
    """The minutes of the waits from x on."""
    minutes = 0
    while x < g.operations and g.facts[x].mode_n == 0:
        minutes += g.nodes[x].minutes
        x = g.nodes[x].after
    return minutes


@kernel
def begin(g: Graph, d: Dive, mem: Memory, noise: int) -> None:
    """Nothing is begun yet. Scores are the jobs' rests, and at random up to `noise` / 1024 of them more."""
    for m in range(g.machines):
        head = len(g.mode_machine) + m
        d.free[m], d.load[m] = 0, 0
        d.follower[head] = head
        d.leader[head] = head
        d.start[m] = IDLE
    for x in range(g.operations - 1, -1, -1):
        after = g.nodes[x].after
        d.rest[x] = least_minutes(g, x) + (d.rest[after] if after < g.operations else 0)
        d.score[x] = d.rest[x] + (d.rest[x] * roll(mem, noise + 1) >> 10)
        if g.facts[x].mode_n == 1:
            d.load[g.mode_machine[g.facts[x].mode_at]] += g.mode_minutes[g.facts[x].mode_at]
    for x in range(g.operations):
        if g.nodes[x].before >= g.operations:
            first = next_work(g, x)
            if first < g.operations:
                let_wait(g, d, first, waiting_time(g, x))


@kernel
def next_machine(g: Graph, d: Dive) -> int:
    """Where the next operation could start first."""
    chosen = 0
    for m in range(1, g.machines):
        if d.start[m] < d.start[chosen]:
            chosen = m
    return chosen


@kernel
def is_hopeless(g: Graph, d: Dive, now: int, target: int) -> int:
    """Whether some machine's work can no more be done by the target. One that nothing waits for now stays
    idle for a minute at least: what is still to come has not ended yet.
    """
    for m in range(g.machines):
        soonest = max(d.free[m], now + 1 if d.start[m] > now else now)
        if d.load[m] and soonest + d.load[m] > target:
            return 1
    return 0


@kernel
def preference(g: Graph, d: Dive, mode: int) -> int:
    """The score, less twice what the mode takes longer than the shortest."""
    x = g.mode_owner[mode]
    after = g.nodes[x].after
    least = d.rest[x] - (d.rest[after] if after < g.operations else 0)
    return d.score[x] - 2 * (g.mode_minutes[mode] - least)


@kernel
def select(g: Graph, d: Dive, m: int, tried: int, target: int) -> int:
    """The best mode to begin on the machine, of those after `tried` (-1: none was). Returns -1 if there is
    none, or if the machine's work, or one of the waiting jobs, can no more be done by the target.
    """
    start = d.start[m]
    if is_hopeless(g, d, start, target):
        return -1
    limit = preference(g, d, tried) if tried >= 0 else 0
    best, highest = -1, 0
    head = len(g.mode_machine) + m
    mode = d.follower[head]
    while mode != head:
        x = g.mode_owner[mode]
        if d.ready[x] <= start:
            if start + d.rest[x] > target:
                return -1
            value = preference(g, d, mode)
            allowed = tried < 0 or value < limit or (value == limit and mode > tried)
            if allowed and (best < 0 or value > highest or (value == highest and mode < best)):
                best, highest = mode, value
        mode = d.follower[mode]
    return best


@kernel
def commence(g: Graph, d: Dive, k: int, mode: int) -> None:
    """Decision k: begin in this mode as soon as its machine can."""
    x, m = g.mode_owner[mode], g.mode_machine[mode]
    d.begun[k] = mode
    d.was_free[k] = d.free[m]
    end = d.start[m] + g.mode_minutes[mode]
    d.free[m] = end
    if g.facts[x].mode_n == 1:
        d.load[m] -= g.mode_minutes[mode]
    call_off(g, d, x)
    after = g.nodes[x].after
    following = next_work(g, after)
    if following < g.operations:
        let_wait(g, d, following, end + waiting_time(g, after))


@kernel
def take_back(g: Graph, d: Dive, k: int) -> None:
    """Undo decision k, the latest."""
    mode = d.begun[k]
    x, m = g.mode_owner[mode], g.mode_machine[mode]
    following = next_work(g, g.nodes[x].after)
    if following < g.operations:
        call_off(g, d, following)
    d.free[m] = d.was_free[k]
    if g.facts[x].mode_n == 1:
        d.load[m] += g.mode_minutes[mode]
    let_wait(g, d, x, d.ready[x])


@kernel
def dive(g: Graph, d: Dive, mem: Memory, noise: int, target: int, slack: int, dead_ends: int) -> int:
    """Decide until everything has begun, and put it into the graph's rows. Returns how many decisions were
    made: fewer than there are if it met so many dead ends, or none is left to try; the rows are then as
    before.
    """
    begin(g, d, mem, noise)
    work = 0
    for x in range(g.operations):
        work += 1 if g.facts[x].mode_n else 0
    k, tried = 0, -1
    while k < work:
        m = next_machine(g, d)
        mode = select(g, d, m, tried, target + (d.start[m] * slack >> 10))
        tried = -1
        if mode >= 0:
            commence(g, d, k, mode)
            k += 1
            continue
        dead_ends -= 1
        if k == 0 or dead_ends < 0:
            return k
        k -= 1
        tried = d.begun[k]
        take_back(g, d, k)
    clear_rows(g)
    for i in range(work):
        append_to_row(g, g.mode_owner[d.begun[i]], d.begun[i])
    return work
