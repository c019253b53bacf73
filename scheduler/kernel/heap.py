"""A heap of events: the earliest first; of one moment those that are ready before those that wake, then in
the order of being pushed. An event is four numbers, from `at` on: moment, rank, count, what.
"""

from __future__ import annotations

from scheduler.compiling import kernel
from scheduler.kernel.memory import Ints


@kernel
def comes_before(d: Ints, a: int, b: int) -> bool:
    """Whether the event at a comes before the event at b."""
    for i in range(3):
        if d[a + i] != d[b + i]:
            return d[a + i] < d[b + i]
    return False


@kernel
def swap(d: Ints, a: int, b: int) -> None:
    """Exchange the events at a and b."""
    for i in range(4):
        kept = d[a + i]
        d[a + i] = d[b + i]
        d[b + i] = kept


@kernel
def push(d: Ints, at: int, size: int, moment: int, rank: int, count: int, what: int) -> None:
    """Add an event to a heap of `size` events."""
    k = size
    d[at + 4 * k], d[at + 4 * k + 1], d[at + 4 * k + 2], d[at + 4 * k + 3] = moment, rank, count, what
    while k > 0 and comes_before(d, at + 4 * k, at + 4 * ((k - 1) >> 1)):
        swap(d, at + 4 * k, at + 4 * ((k - 1) >> 1))
        k = (k - 1) >> 1


@kernel
def pop(d: Ints, at: int, size: int) -> None:
    """Take the first event from a heap of `size` events; it then stands last."""
    last = size - 1
    swap(d, at, at + 4 * last)
    k = 0
    while True:
        least = k
        for child in range(2 * k + 1, 2 * k + 3):
            if child < last and comes_before(d, at + 4 * child, at + 4 * least):
                least = child
        if least == k:
            return
        swap(d, at + 4 * k, at + 4 * least)
        k = least
