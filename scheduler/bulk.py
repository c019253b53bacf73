"""Thousands of assignments at once: put in order of time by numbers, and made column by column."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from itertools import repeat
from operator import attrgetter
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
