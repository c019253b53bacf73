"""Who waits for an answer goes before what can wait: a customer who orders before the work that follows.

Both compute in one process and, on SQLite, write one at a time. What can wait stands aside while somebody
orders, but only for so long: under any load it gets on.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition
from time import monotonic

ASIDE = 5.0
"""Seconds after which what stands aside goes on all the same."""
QUIET = 0.05
"""Seconds without anybody before what stood aside goes on: who orders seldom comes alone."""


class Waiting:
    """Somebody who waits."""

    def __init__(self, end: Callable[[], None]) -> None:
        self._end: Callable[[], None] | None = end

    def over(self) -> None:
        """Not any more; once more changes nothing."""
        end, self._end = self._end, None
        if end is not None:
            end()


class Precedence:
    """One for each database of a process."""

    def __init__(self, *, aside: float = ASIDE, quiet: float = QUIET) -> None:
        self._aside, self._quiet = aside, quiet
        self._changed = Condition()
        self._waiting = 0
        self._last = 0.0

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Somebody waits for an answer meanwhile."""
        waiting = self.begin()
        try:
            yield
        finally:
            waiting.over()

    def begin(self) -> "Waiting":
        """Somebody waits for an answer until that is `over`."""
        with self._changed:
            self._waiting += 1
        return Waiting(self._end)

    def _end(self) -> None:
        with self._changed:
            self._waiting -= 1
            self._last = monotonic()
            if not self._waiting:
                self._changed.notify_all()

    def stand_aside(self, most: float | None = None) -> None:
        """Return when nobody waits for an answer, or after `most` seconds (None: `aside`)."""
        end = monotonic() + (self._aside if most is None else most)
        with self._changed:
            while (left := min(self._left(), end - monotonic())) > 0:
                self._changed.wait(left)

    def _left(self) -> float:
        """Seconds until it has been quiet for long enough, if nobody comes."""
        return self._aside if self._waiting else self._last + self._quiet - monotonic()
