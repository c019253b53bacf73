"""A plan for a shop as a graph: every operation stands after its job's and its machine's previous one.

Nodes 0 to n - 1 are the operations, job by job. Node n + m is machine m's own: right of it stands the first
operation on the machine, left of it the last, so that insertion knows no special case. The last node stands
before and after every job. These take no time, and their `done` and `tail` stay 0.

A wait is an operation too, on no machine: a release, or the least lag between two operations.
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from typing import NamedTuple

from scheduler.compiling import kernel

Numbers = MutableSequence[int]


class Record:
    """Fields that are integers, all 0 at first."""

    __slots__: tuple[str, ...] = ()

    def __init__(self) -> None:
        for name in self.__slots__:
            setattr(self, name, 0)


class Narrow(Record):
    """Integers of 32 bits when compiled."""

    __slots__: tuple[str, ...] = ()


class Node(Narrow):
    """An operation in its place: 32 bytes, half a line of the processor's cache.

    `before` and `after` are its job's neighbours, `left` and `right` its machine's. `done` is its earliest
    end, the longest way to it; `tail` the longest way from its start to the end of everything. `place` is its
    index in the graph's order.
    """

    __slots__ = ("after", "before", "done", "left", "minutes", "place", "right", "tail")
    after: int
    before: int
    done: int
    left: int
    minutes: int
    place: int
    right: int
    tail: int


class Fact(Narrow):
    """What is seldom asked of an operation: its `machine` (-1: a wait), and its modes, `mode_n` from
    `mode_at` on. `mark` and `way` are scratch; `mark` is 0 outside of a kernel.
    """

    __slots__ = ("machine", "mark", "mode_at", "mode_n", "way")
    machine: int
    mark: int
    mode_at: int
    mode_n: int
    way: int


class Graph(NamedTuple):
    """A shop with one plan, which the kernels change in place."""

    operations: int
    machines: int
    nodes: Sequence[Node]
    facts: Sequence[Fact]
    mode_machine: Numbers
    mode_minutes: Numbers
    mode_owner: Numbers
    order: Numbers
    """The operations, each after those it waits for."""
    moved: Numbers
    """Scratch, one for each operation."""


@kernel
def put_in_order(g: Graph) -> int:
    """Sort the operations anew. Returns how many could be: all, unless some wait for each other in a ring."""
    n = g.operations
    found = 0
    for x in range(n):
        g.facts[x].mark = (1 if g.nodes[x].before < n else 0) + (1 if g.nodes[x].left < n else 0)
        if g.facts[x].mark == 0:
            g.order[found] = x
            found += 1
    k = 0
    while k < found:
        node = g.nodes[g.order[k]]
        node.place = k
        k += 1
        y = node.after
        for _ in range(2):
            if y < n:
                g.facts[y].mark -= 1
                if g.facts[y].mark == 0:
                    g.order[found] = y
                    found += 1
            y = node.right
    for x in range(n):
        g.facts[x].mark = 0
    return found


@kernel
def run_forward(g: Graph, place: int) -> None:
    """Bring `done` up to date from a place in the order on.

    All of it, without asking what has changed: asking costs more than it saves (three times as much with
    10,000 operations), since the processor cannot guess the answers.
    """
    for k in range(place, g.operations):
        node = g.nodes[g.order[k]]
        node.done = max(g.nodes[node.before].done, g.nodes[node.left].done) + node.minutes


@kernel
def run_backward(g: Graph, place: int) -> None:
    """Bring `tail` up to date from a place in the order back to the first."""
    for k in range(place, -1, -1):
        node = g.nodes[g.order[k]]
        node.tail = max(g.nodes[node.after].tail, g.nodes[node.right].tail) + node.minutes


@kernel
def makespan(g: Graph) -> int:
    """The end of the last operation on any machine."""
    end = 0
    for m in range(g.machines):
        end = max(end, g.nodes[g.nodes[g.operations + m].left].done)
    return end


@kernel
def measure(g: Graph) -> int:
    """Sort, and compute `done` and `tail` of every operation. Returns the makespan; -1 if there is a ring."""
    if put_in_order(g) < g.operations:
        return -1
    run_forward(g, 0)
    run_backward(g, g.operations - 1)
    return makespan(g)


@kernel
def shift_later(g: Graph, x: int, end: int) -> None:
    """Move x in the order behind the place `end`, and with it whatever waits for it up to there."""
    free = g.nodes[x].place
    moved = 0
    for k in range(free, end + 1):
        y = g.order[k]
        if y == x or g.facts[g.nodes[y].before].mark or g.facts[g.nodes[y].left].mark:
            g.facts[y].mark = 1
            g.moved[moved] = y
            moved += 1
        else:
            g.order[free] = y
            g.nodes[y].place = free
            free += 1
    for k in range(moved):
        y = g.moved[k]
        g.facts[y].mark = 0
        g.order[free + k] = y
        g.nodes[y].place = free + k


@kernel
def shift_earlier(g: Graph, x: int, end: int) -> None:
    """Move x in the order before the place `end`, and with it whatever it waits for down to there."""
    free = g.nodes[x].place
    moved = 0
    for k in range(free, end - 1, -1):
        y = g.order[k]
        if y == x or g.facts[g.nodes[y].after].mark or g.facts[g.nodes[y].right].mark:
            g.facts[y].mark = 1
            g.moved[moved] = y
            moved += 1
        else:
            g.order[free] = y
            g.nodes[y].place = free
            free -= 1
    for k in range(moved):
        y = g.moved[k]
        g.facts[y].mark = 0
        g.order[free - k] = y
        g.nodes[y].place = free - k


@kernel
def relink(g: Graph, x: int, anchor: int) -> None:
    """Take x from its machine's row and let it stand right of the anchor."""
    node = g.nodes[x]
    g.nodes[node.left].right = node.right
    g.nodes[node.right].left = node.left
    node.left = anchor
    node.right = g.nodes[anchor].right
    g.nodes[node.right].left = x
    g.nodes[anchor].right = x


@kernel
def move(g: Graph, x: int, anchor: int, mode: int) -> None:
    """Let x stand right of the anchor, on the anchor's machine, in this mode. Must not close a ring."""
    n = g.operations
    node = g.nodes[x]
    was_left, was_right = node.left, node.right
    relink(g, x, anchor)
    g.facts[x].machine = g.mode_machine[mode]
    node.minutes = g.mode_minutes[mode]
    if anchor < n and g.nodes[anchor].place > node.place:
        shift_later(g, x, g.nodes[anchor].place)
    elif node.right < n and g.nodes[node.right].place < node.place:
        shift_earlier(g, x, g.nodes[node.right].place)
    first, last = node.place, node.place
    if was_right < n:
        first = min(first, g.nodes[was_right].place)
    if was_left < n:
        last = max(last, g.nodes[was_left].place)
    run_forward(g, first)
    run_backward(g, last)


@kernel
def mode_now(g: Graph, x: int) -> int:
    """The mode x is done in: the one on its machine (there is no second)."""
    mode = g.facts[x].mode_at
    while g.mode_machine[mode] != g.facts[x].machine:
        mode += 1
    return mode


@kernel
def clear_rows(g: Graph) -> None:
    """Take every operation from its machine."""
    n = g.operations
    for x in range(n + g.machines):
        nobody = n + g.machines if x < n else x
        g.nodes[x].left = nobody
        g.nodes[x].right = nobody


@kernel
def append_to_row(g: Graph, x: int, mode: int) -> None:
    """Let x, which stands nowhere, be the last on the mode's machine."""
    machine = g.operations + g.mode_machine[mode]
    node = g.nodes[x]
    node.left = g.nodes[machine].left
    node.right = machine
    g.nodes[node.left].right = x
    g.nodes[machine].left = x
    g.facts[x].machine = g.mode_machine[mode]
    node.minutes = g.mode_minutes[mode]


@kernel
def set_plan(g: Graph, sequence: Numbers, modes: Numbers) -> int:
    """Let operations stand on their machines in this sequence, in modes[x] each; waits are left out. Returns
    the makespan. No sequence that keeps every job's own order closes a ring."""
    clear_rows(g)
    for k in range(len(sequence)):
        x = sequence[k]
        if g.facts[x].mode_n:
            append_to_row(g, x, modes[x])
    return measure(g)


@kernel
def get_plan(g: Graph, keys: Numbers, modes: Numbers) -> None:
    """Write a key and the mode of every operation (-1 for waits).

    The key is twice the middle between earliest and latest start, up to a constant: it grows along every job
    and along every machine, and so does any mean of the keys of several plans along every job.
    """
    for x in range(g.operations):
        node = g.nodes[x]
        keys[x] = node.done - node.minutes - node.tail
        modes[x] = mode_now(g, x) if g.facts[x].mode_n else -1
