"""Thousands of assignments at once: put in order of time by numbers, and made column by column."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Sequence
from itertools import repeat
from operator import attrgetter, is_, itemgetter
from typing import Any

from scheduler.model import Assignment

in_time = attrgetter("start", "resource", "operation")
"""The order of a schedule's assignments."""
MANY = 2_000
"""Assignments from which numpy sorts quicker."""
FARTHEST = 1 << 50
"""Times before it, times a number of resources, are numbers of 64 bits."""


def assignments_of(
    operations: Sequence[str], resources: Iterable[str], starts: Iterable[int], ends: Iterable[int]
) -> list[Assignment]:
    """One assignment a row of the columns; a fraction of what calling the class for each would take."""
    made = list(map(object.__new__, repeat(Assignment, len(operations))))
    for name, column in (
        ("operation", operations), ("resource", resources), ("start", starts), ("end", ends),
    ):  # fmt: skip
        put = Assignment.__dict__[name].__set__  # past the frozen class's own, which refuses
        deque(map(put, made, column), maxlen=0)
    return made


def in_order(places: Sequence[Assignment]) -> list[Assignment]:
    """The same as `sorted(places, key=in_time)`."""
    if len(places) < MANY:
        return sorted(places, key=in_time)
    columns = [a.operation for a in places], [a.resource for a in places], [a.start for a in places]
    return [places[k] for k in time_order(*columns)]


def time_order(operations: Sequence[str], resources: Sequence[str], starts: Sequence[int]) -> list[int]:
    """Which rows of the columns come first, second, ... in order of time, then of resource, then of name."""
    import numpy

    rank = {name: k for k, name in enumerate(sorted(set(resources)))}
    moments = numpy.array(starts)
    if moments.dtype.kind != "i" or abs(moments).max(initial=0) * len(rank) >= FARTHEST:
        rows = list(zip(starts, resources, operations, strict=True))
        return sorted(range(len(rows)), key=rows.__getitem__)
    keys = moments * len(rank) + numpy.fromiter(map(rank.__getitem__, resources), numpy.int64, len(resources))
    order = keys.argsort(kind="stable")
    rows_in_order: list[int] = order.tolist()
    for first, last in _alike(keys[order]):
        rows_in_order[first:last] = sorted(rows_in_order[first:last], key=operations.__getitem__)
    return rows_in_order


def changed_in_order(
    ordered: Sequence[Assignment], gone: Iterable[Assignment], new: Iterable[Assignment]
) -> list[Assignment]:
    """The same in order of time without those that have gone, if they were there, and with new ones."""
    steps = [(bisect_left(ordered, in_time(a), key=in_time), 0, a) for a in sorted(new, key=in_time)]
    for a in gone:
        at = bisect_left(ordered, in_time(a), key=in_time)
        if at < len(ordered) and ordered[at] is a:
            steps.append((at, 1, a))
    found: list[Assignment] = []
    done = 0
    for at, leaves, a in sorted(steps, key=itemgetter(0, 1)):
        found += ordered[done:at]
        done = at + leaves
        if not leaves:
            found.append(a)
    return found + list(ordered[done:])


def the_same(one: Sequence[object], other: Sequence[object]) -> bool:
    """Whether these are the very same objects in the same order; none of them is looked into."""
    return len(one) == len(other) and all(map(is_, one, other))


def in_turn(numbers: Sequence[int], order: Sequence[int]) -> list[int]:
    """The numbers in this order, as new objects that lie side by side in memory."""
    import numpy

    found: list[int] = numpy.array(numbers)[numpy.array(order, numpy.int64)].tolist()
    return found


def _alike(keys: Any) -> Iterable[tuple[int, int]]:
    """The stretches of sorted keys that are the same, as from where to where: a firing's members, say."""
    import numpy

    bounds = numpy.flatnonzero(numpy.diff(keys, prepend=keys[:1] - 1, append=keys[-1:] + 1))
    several = numpy.diff(bounds) > 1
    return zip(bounds[:-1][several].tolist(), bounds[1:][several].tolist(), strict=True)
