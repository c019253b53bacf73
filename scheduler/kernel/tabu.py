"""Tabu search on the graph of a shop: every step changes a longest way through the plan.

A longest way falls into blocks, runs of operations on one machine. The makespan can only fall if an operation
leaves its block: moves before the first or behind the last of it, or from there into it (N7: Zhang et al.
2007; conditions and estimates by heads and tails: Balas and Vazacopoulos 1998), or on to another machine
(Mastrolilli and Gambardella 2000). The best estimate that is not tabu is taken, even where it makes the plan
longer.

Tabu are pairs, for a while: (a, b) after b was moved before a, and a is not to stand before b again; (x, n +
m) after x left machine m. They are kept in a table by a hash, so two pairs may share an entry: a few more
tabus.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from scheduler.compiling import kernel
from scheduler.kernel.graph import Graph, Numbers, Record, makespan, measure, mode_now, move

NEVER = 1 << 40
"""An estimate that nothing reaches."""


class Clock(Record):
    """One record. `random` is the state of the random numbers; `step` counts; `best` is the shortest makespan
    so far and `since` its step. A pair is tabu for `tenure` to `tenure + spread - 1` steps, a machine `away`
    more.
    """

    __slots__ = ("away", "best", "random", "since", "spread", "step", "tenure")
    away: int
    best: int
    random: int
    since: int
    spread: int
    step: int
    tenure: int


class Choice(Record):
    """A move: x to the right of the anchor in this mode; one of `ties` that had an equal claim."""

    __slots__ = ("anchor", "estimate", "mode", "ties", "x")
    anchor: int
    estimate: int
    mode: int
    ties: int
    x: int


class Memory(NamedTuple):
    """What a search remembers from one step to the next."""

    clock: Sequence[Clock]
    choices: Sequence[Choice]
    """The best move that is allowed, and any of the tabu ones."""
    until: Numbers
    """By a pair's hash, the last step at which it is tabu. The length is a power of two."""
    path: Numbers
    """Scratch: a longest way, from its end."""
    best_left: Numbers
    """The best plan: by node what stands left of it."""
    best_machine: Numbers
    changed: Numbers
    """By machine: 1 if its row in the best plan is not as it is now."""


@kernel
def roll(mem: Memory, below: int) -> int:
    """A random number from 0 to below - 1 (xorshift32, Marsaglia 2003)."""
    x = mem.clock[0].random
    x ^= (x << 13) & 0xFFFFFFFF
    x ^= x >> 17
    x ^= (x << 5) & 0xFFFFFFFF
    mem.clock[0].random = x
    return (x * below) >> 32


@kernel
def entry(mem: Memory, a: int, b: int) -> int:
    """Where in the table the pair (a, b) is."""
    h = (a * 0x9E3779B1 + b * 0x85EBCA77) & 0xFFFFFFFF
    h = ((h ^ (h >> 15)) * 0x2C1B3C6D) & 0xFFFFFFFF
    return (h ^ (h >> 13)) & (len(mem.until) - 1)


@kernel
def find_path(g: Graph, mem: Memory, length: int) -> int:
    """Put a random longest way into `path`, its last operation first. Returns the number of operations."""
    n = g.operations
    x = n
    ties = 0
    for m in range(g.machines):
        y = g.nodes[n + m].left
        if y < n and g.nodes[y].done == length:
            ties += 1
            if roll(mem, ties) == 0:
                x = y
    count = 0
    while x < n:
        mem.path[count] = x
        count += 1
        node = g.nodes[x]
        start = node.done - node.minutes
        by_job = g.nodes[node.before].done == start
        by_machine = g.nodes[node.left].done == start
        if start == 0:
            x = n
        elif by_job and by_machine:
            x = node.before if roll(mem, 2) == 0 else node.left
        else:
            x = node.before if by_job else node.left
    return count


@kernel
def propose(g: Graph, mem: Memory, estimate: int, tabu: int, x: int, anchor: int, mode: int) -> None:
    """Keep a move if it is the best so far. What is tabu counts only if it promises a new best plan."""
    choice = mem.choices[0]
    if tabu and estimate >= mem.clock[0].best:
        choice = mem.choices[1]
        choice.ties += 1
        if roll(mem, choice.ties) != 0:
            return
    elif estimate > choice.estimate:
        return
    elif estimate < choice.estimate:
        choice.ties = 1
    else:
        choice.ties += 1
        if roll(mem, choice.ties) != 0:
            return
    choice.estimate = estimate
    choice.x = x
    choice.anchor = anchor
    choice.mode = mode


@kernel
def try_later(g: Graph, mem: Memory, u: int, v: int) -> None:
    """Propose u right of v, which is behind it in the same block; v must not wait for u through u's job."""
    follower = g.nodes[u].after
    if v == follower or g.nodes[v].tail < g.nodes[follower].tail:
        return
    now, tabu = mem.clock[0].step, 0
    end = g.nodes[g.nodes[u].left].done
    x = u
    while x != v:
        x = g.nodes[x].right
        node = g.nodes[x]
        start = max(end, g.nodes[node.before].done)
        g.facts[x].way = start
        end = start + node.minutes
        if mem.until[entry(mem, x, u)] >= now:
            tabu = 1
    way = max(g.nodes[follower].tail, g.nodes[g.nodes[v].right].tail) + g.nodes[u].minutes
    longest = max(end, g.nodes[g.nodes[u].before].done) + way
    while x != u:
        node = g.nodes[x]
        way = max(way, g.nodes[node.after].tail) + node.minutes
        longest = max(longest, g.facts[x].way + way)
        x = node.left
    propose(g, mem, longest, tabu, u, v, -1)


@kernel
def try_earlier(g: Graph, mem: Memory, u: int, v: int) -> None:
    """Propose v left of u, which is ahead of it in the same block; u must not lead to v through v's job."""
    leader = g.nodes[v].before
    if u == leader or g.nodes[u].done < g.nodes[leader].done:
        return
    now, tabu = mem.clock[0].step, 0
    way = g.nodes[g.nodes[v].right].tail
    x = v
    while x != u:
        x = g.nodes[x].left
        node = g.nodes[x]
        way = max(way, g.nodes[node.after].tail) + node.minutes
        g.facts[x].way = way
        if mem.until[entry(mem, v, x)] >= now:
            tabu = 1
    end = max(g.nodes[leader].done, g.nodes[g.nodes[u].left].done) + g.nodes[v].minutes
    longest = end + max(way, g.nodes[g.nodes[v].after].tail)
    while x != v:
        node = g.nodes[x]
        start = max(end, g.nodes[node.before].done)
        longest = max(longest, start + g.facts[x].way)
        end = start + node.minutes
        x = node.right
    propose(g, mem, longest, tabu, v, g.nodes[u].left, -1)


@kernel
def try_block(g: Graph, mem: Memory, low: int, high: int, count: int) -> None:
    """Propose what can be done in the block path[low] (its last operation) to path[high] (its first).

    The way starts in its first block and ends in its last: nothing is won at these two ends.
    """
    last, first = mem.path[low], mem.path[high]
    if high == low + 1:
        try_later(g, mem, first, last)
        return
    if low > 0:
        for k in range(low + 1, high + 1):
            try_later(g, mem, mem.path[k], last)
        for k in range(low + 1, high):
            try_earlier(g, mem, mem.path[k], last)
    if high < count - 1:
        for k in range(low, high):
            try_earlier(g, mem, first, mem.path[k])
        for k in range(low + 1, high):
            try_later(g, mem, first, mem.path[k])


@kernel
def try_blocks(g: Graph, mem: Memory, count: int) -> None:
    """Propose what can be done in every block of the path."""
    low = 0
    while low < count:
        high = low
        while high + 1 < count and g.nodes[mem.path[high]].left == mem.path[high + 1]:
            high += 1
        if high > low:
            try_block(g, mem, low, high, count)
        low = high + 1


@kernel
def try_machine(g: Graph, mem: Memory, v: int, mode: int) -> None:
    """Propose every place for v on another machine that cannot close a ring: not behind what v's job leads
    to, nor before what v's job waits for."""
    n = g.operations
    node = g.nodes[v]
    ready, tail = g.nodes[node.before].done, g.nodes[node.after].tail
    too_early = ready - g.nodes[node.before].minutes
    too_late = g.nodes[node.after].done if node.after < n else NEVER
    machine = n + g.mode_machine[mode]
    tabu = 1 if mem.until[entry(mem, v, machine)] >= mem.clock[0].step else 0
    x = machine
    while True:
        y = g.nodes[x].right
        if y >= n or (y != node.before and g.nodes[y].done > too_early):
            estimate = max(ready, g.nodes[x].done) + g.mode_minutes[mode] + max(tail, g.nodes[y].tail)
            propose(g, mem, estimate, tabu, v, x, mode)
        x = y
        if x >= n or x == node.after or g.nodes[x].done - g.nodes[x].minutes >= too_late:
            return


@kernel
def try_machines(g: Graph, mem: Memory, count: int) -> None:
    """Propose other machines for every operation of the path."""
    for k in range(count):
        x = mem.path[k]
        fact = g.facts[x]
        if fact.mode_n > 1:
            for mode in range(fact.mode_at, fact.mode_at + fact.mode_n):
                if g.mode_machine[mode] != fact.machine:
                    try_machine(g, mem, x, mode)


@kernel
def choose_move(g: Graph, mem: Memory, length: int) -> int:
    """Look at a random longest way. Returns which choice holds the move to make; -1 if there is none."""
    mem.choices[0].estimate = NEVER
    mem.choices[0].ties = 0
    mem.choices[1].ties = 0
    count = find_path(g, mem, length)
    try_blocks(g, mem, count)
    try_machines(g, mem, count)
    if mem.choices[0].ties:
        return 0
    return 1 if mem.choices[1].ties else -1


@kernel
def forbid_return(g: Graph, mem: Memory, choice: Choice) -> None:
    """Before the move is made: make tabu what would undo it."""
    n = g.operations
    clock = mem.clock[0]
    until = clock.step + clock.tenure + roll(mem, clock.spread)
    x, anchor = choice.x, choice.anchor
    if choice.mode >= 0:
        mem.until[entry(mem, x, n + g.facts[x].machine)] = until + clock.away
    elif anchor < n and g.nodes[anchor].done > g.nodes[x].done:
        y = x
        while y != anchor:
            y = g.nodes[y].right
            mem.until[entry(mem, x, y)] = until
    else:
        y = g.nodes[x].left
        while y != anchor:
            mem.until[entry(mem, y, x)] = until
            y = g.nodes[y].left


@kernel
def make_move(g: Graph, mem: Memory, choice: Choice) -> None:
    """Make the chosen move."""
    forbid_return(g, mem, choice)
    mem.changed[g.facts[choice.x].machine] = 1
    mode = choice.mode
    if mode < 0:
        mode = mode_now(g, choice.x)
    mem.changed[g.mode_machine[mode]] = 1
    move(g, choice.x, choice.anchor, mode)


@kernel
def keep_plan(g: Graph, mem: Memory, length: int) -> None:
    """The plan as it is now is the best: copy the rows of the machines that have changed since the last."""
    mem.clock[0].best = length
    mem.clock[0].since = mem.clock[0].step
    n = g.operations
    for m in range(g.machines):
        if mem.changed[m]:
            mem.changed[m] = 0
            x = g.nodes[n + m].left
            mem.best_left[n + m] = x
            while x < n:
                mem.best_left[x] = g.nodes[x].left
                mem.best_machine[x] = m
                x = g.nodes[x].left


@kernel
def begin_anew(g: Graph, mem: Memory) -> int:
    """Make the graph's plan the one to start from, and the best. Returns its makespan; -1 for a ring."""
    length = measure(g)
    for i in range(len(mem.until)):
        mem.until[i] = -1
    for m in range(g.machines):
        mem.changed[m] = 1
    keep_plan(g, mem, length)
    return length


@kernel
def restore_best(g: Graph, mem: Memory) -> int:
    """Go back to the best plan. Returns its makespan."""
    for x in range(g.operations + g.machines):
        if x >= g.operations or g.facts[x].mode_n:  # waits stand in no row
            g.nodes[x].left = mem.best_left[x]
            g.nodes[g.nodes[x].left].right = x
    for x in range(g.operations):
        if g.facts[x].mode_n:
            g.facts[x].machine = mem.best_machine[x]
            g.nodes[x].minutes = g.mode_minutes[mode_now(g, x)]
    for m in range(g.machines):
        mem.changed[m] = 0
    return measure(g)


@kernel
def tabu_search(g: Graph, mem: Memory, steps: int, patience: int, bound: int) -> int:
    """Go on for so many steps, or until `patience` steps have found no better plan, the makespan is down to
    the bound, or nothing can be moved. Returns the steps made.
    """
    clock = mem.clock[0]
    length = makespan(g)
    for step in range(steps):
        if clock.best <= bound or clock.step - clock.since > patience:
            return step
        clock.step += 1
        which = choose_move(g, mem, length)
        if which < 0:
            return step
        make_move(g, mem, mem.choices[which])
        length = makespan(g)
        if length < clock.best:
            keep_plan(g, mem, length)
    return steps
