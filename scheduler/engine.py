"""Which kernels run: the compiled ones, or while they are not there the pure twins, which give the same
results.

An Engine also makes the lists that its kernels take.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from scheduler.compiling import compiled, loaded, ready

F = TypeVar("F", bound=Callable[..., Any])


class Pure:
    """Kernels as they stand, on Python lists."""

    def run(self, function: F) -> F:
        """The kernel to call."""
        return function

    def ints(self, size: int) -> Any:
        """So many zeros."""
        return [0] * size

    def array(self, numbers: Sequence[int]) -> Any:
        """These numbers."""
        return list(numbers)

    def floats(self, numbers: Sequence[float]) -> Any:
        """These floats."""
        return list(numbers)

    def grown(self, array: Any, size: int) -> Any:
        """The array with room for `size`."""
        array.extend([0] * (size - len(array)))
        return array

    def copied(self, array: Any) -> Any:
        """Another array with the same numbers."""
        return array.copy()

    def copied_over(self, old: Any, array: Any, size: int) -> Any:
        """The first so many numbers of the array, written over an old copy (or None) where it has room."""
        return array[:size]

    def write(self, array: Any, at: int, numbers: Sequence[int]) -> None:
        """Put numbers from index `at` on."""
        array[at : at + len(numbers)] = numbers

    def write_records(self, array: Any, at: int, size: int, fields: Mapping[int, Sequence[int]]) -> None:
        """Put these fields into blank records of a size that lie one after the other from `at` on; each
        field's numbers are record by record."""
        for field, column in fields.items():
            if any(column):  # what is zero is zero already
                array[at + field : at + size * len(column) : size] = column

    def clear(self, array: Any, at: int, count: int) -> None:
        """Put so many zeros from index `at` on."""
        array[at : at + count] = [0] * count

    def taken(self, array: Any, spots: Sequence[int], field: int) -> list[int]:
        """The numbers that are `field` further on than these indices."""
        return [array[spot + field] for spot in spots]

    def below(self, array: Any, spots: Sequence[int], field: int, limit: int) -> list[int]:
        """Those of these indices where the number that is `field` further on is below a limit."""
        return [spot for spot in spots if array[spot + field] < limit]

    def listed(self, array: Any) -> list[int]:
        """The numbers as a list of Python's."""
        return list(array)


FEW = 200
"""Records up to which a table of them is not worth its making."""


class Compiled(Pure):
    """Kernels compiled by numba, on numpy arrays."""

    def __init__(self) -> None:
        import numpy

        self._numpy = numpy
        self._known: dict[Callable[..., Any], Any] = {}

    def run(self, function: F) -> F:
        known = self._known.get(function)
        if known is None:
            known = self._known[function] = compiled(function)
        found: F = known
        return found

    def ints(self, size: int) -> Any:
        return self._numpy.zeros(size, self._numpy.int64)

    def array(self, numbers: Sequence[int]) -> Any:
        return self._numpy.array(numbers, self._numpy.int64)

    def floats(self, numbers: Sequence[float]) -> Any:
        return self._numpy.array(numbers, self._numpy.float64)

    def grown(self, array: Any, size: int) -> Any:
        larger = self.ints(size)
        larger[: len(array)] = array
        return larger

    def copied_over(self, old: Any, array: Any, size: int) -> Any:
        if old is None or len(old) < size:
            old = self._numpy.empty(size + size // 8, self._numpy.int64)
        old[:size] = array[:size]
        return old

    def write(self, array: Any, at: int, numbers: Sequence[int]) -> None:
        array[at : at + len(numbers)] = numbers

    def write_records(self, array: Any, at: int, size: int, fields: Mapping[int, Sequence[int]]) -> None:
        count = max(map(len, fields.values()))
        if count < FEW:
            super().write_records(array, at, size, fields)
            return
        table = self._numpy.empty((count, len(fields)), self._numpy.int64)
        for k, column in enumerate(fields.values()):
            table[:, k] = self._numpy.fromiter(column, self._numpy.int64, count) if any(column) else 0
        array[at : at + size * count].reshape(count, size)[:, list(fields)] = table  # once along the memory

    def clear(self, array: Any, at: int, count: int) -> None:
        array[at : at + count] = 0

    def taken(self, array: Any, spots: Sequence[int], field: int) -> list[int]:
        found: list[int] = array[self.array(spots) + field].tolist()
        return found

    def below(self, array: Any, spots: Sequence[int], field: int, limit: int) -> list[int]:
        indices = self.array(spots)
        found: list[int] = indices[array[indices + field] < limit].tolist()
        return found

    def listed(self, array: Any) -> list[int]:
        found: list[int] = array.tolist()
        return found


@cache
def pure_engine() -> Pure:
    """The twins."""
    return Pure()


@cache
def compiled_engine() -> Compiled:
    """The compiled kernels; the first calls compile them, or read them from disk."""
    return Compiled()


WORTH = 5_000
"""Operations from which it is worth loading the compiled kernels, which takes a second or two."""


def best_engine(operations: int | None = None) -> Pure:
    """The compiled kernels where they are on disk, else the twins.

    `operations`: so many are to be placed, by somebody who waits; for few of them nothing is loaded.
    """
    few = operations is not None and operations < WORTH
    return pure_engine() if (few and not loaded()) or not ready() else compiled_engine()
