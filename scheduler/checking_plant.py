"""Are resources and setup matrices well formed?"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from scheduler.errors import ProblemError
from scheduler.model import Resource, SetupMatrix, amounts


def check_matrix(name: str, matrix: SetupMatrix) -> None:
    """Every family once, a row and a column for each, nothing negative."""
    where = f"setup matrix {name}"
    count = len(matrix.families)
    if len(set(matrix.families)) != count:
        raise ProblemError(where, "a family is named twice")
    if len(matrix.minutes) != count or any(len(row) != count for row in matrix.minutes):
        raise ProblemError(where, f"{count} families need {count} rows of {count} minutes")
    if any(minutes < 0 for row in matrix.minutes for minutes in row):
        raise ProblemError(where, "a setup takes less than no time")


def check_resource(resource: Resource, setups: Mapping[str, SetupMatrix]) -> None:
    """Kind, capacity, setups, windows, and what only batch resources have."""
    where = f"resource {resource.id}"
    if resource.kind not in ("machine", "batch", "pool"):
        raise ProblemError(where, f"{resource.kind!r} is not a kind of resource")
    _check_capacity(resource, where)
    _check_firing(resource, where)
    if resource.setup is not None and resource.setup not in setups:
        raise ProblemError(where, f"there is no setup matrix {resource.setup}")
    windows = sorted(resource.calendar)
    for start, end in windows:
        if end <= start:
            raise ProblemError(where, f"its window {start}-{end} is empty")
    for (_, end), (start, _) in pairwise(windows):
        if start < end:
            raise ProblemError(where, f"two of its windows overlap at {start}")


def _check_capacity(resource: Resource, where: str) -> None:
    if resource.kind == "machine":
        return
    capacity = amounts(resource.capacity)
    if not capacity:
        raise ProblemError(where, f"a {resource.kind} needs a capacity")
    if min(capacity) < 0:
        raise ProblemError(where, f"its capacity {resource.capacity} is negative")


def _check_firing(resource: Resource, where: str) -> None:
    """Least load, loading and cooling are a batch resource's, not negative, and to be reached."""
    for name, value in (
        ("least load", resource.least_load),
        ("loading", resource.loading),
        ("cooling", resource.cooling),
    ):
        if value < 0:
            raise ProblemError(where, f"its {name} {value} is negative")
        if value and resource.kind != "batch":
            raise ProblemError(where, f"it has a {name}, but is a {resource.kind}, not a batch resource")
    if resource.kind == "batch" and resource.least_load > amounts(resource.capacity)[0]:
        raise ProblemError(
            where, f"its least load {resource.least_load} is over its capacity {resource.capacity}"
        )
