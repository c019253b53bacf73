"""The best plan of a search, which several threads share, and who is told of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from scheduler.model import Assignment

TELLING = 0.2
"""Seconds between two plans that are told."""

Tell = Callable[[Iterable[Assignment]], None]


class Shared:
    """The best plan that any thread has found."""

    def __init__(self, tell: Tell | None) -> None:
        self._lock = threading.Lock()
        self._tell = tell
        self._told, self._telling = True, 0.0
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
            if time.monotonic() > self._telling + TELLING:
                self._say()

    def _say(self) -> None:
        if self._tell is not None and not self._told:
            self._tell(self.places)
            self._told, self._telling = True, time.monotonic()

    def end(self) -> None:
        """Tell what has not been told."""
        with self._lock:
            self._say()
