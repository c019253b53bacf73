"""The best plan of a search, which several threads share, and who is told of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from scheduler.model import Assignment

QUIET = 20
"""Between two plans that are told passes so many times what the last one took to tell: telling is Python, and
holds up every thread."""

Tell = Callable[[Iterable[Assignment]], None]


class Shared:
    """The best plan that any thread has found."""

    def __init__(self, tell: Tell | None) -> None:
        self._lock = threading.Lock()
        self._tell = tell
        self._told, self._next = True, 0.0
        self._made: Callable[[], Sequence[Assignment]] = list
        self.cost: int | None = None
        self.rows: Any = None

    @property
    def places(self) -> list[Assignment]:
        """Where everything stands in the best plan; nothing if there is none."""
        return list(self._made())

    def offer(self, cost: int, places: Callable[[], Sequence[Assignment]], rows: Any = None) -> None:
        """Take a plan if it is better than the best. `places` is called when they are asked for, perhaps by
        another thread; `rows` says the same to threads of the same kind.
        """
        with self._lock:
            if self.cost is not None and cost >= self.cost:
                return
            self._told = self.cost is None
            self.cost, self._made, self.rows = cost, places, rows
            if time.monotonic() >= self._next:
                self._say()

    def _say(self) -> None:
        if self._tell is not None and not self._told:
            began = time.monotonic()
            self._tell(self.places)
            now = time.monotonic()
            self._told, self._next = True, now + QUIET * (now - began)

    def end(self) -> None:
        """Tell what has not been told."""
        with self._lock:
            self._say()
