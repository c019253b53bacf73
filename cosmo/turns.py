"""First come, first served among the writers of one process.

SQLite lets a writer wait by looking again ever more rarely, so that under load the last to look never writes.
"""

from collections import deque
from threading import Lock, get_ident

_ROAMING = 0
"""No thread's number."""


class NoTurn(TimeoutError):
    """Others wrote all the time; trying again later may go well."""


class Turns:
    """A lock that is handed on in the order of asking. `with turns:` is one turn."""

    def __init__(self, patience: float) -> None:
        """`patience`: seconds to wait for a turn before `NoTurn`."""
        self._patience = patience
        self._inside = Lock()
        self._queue: deque[Lock] = deque()
        self._holder: int | None = None

    def __enter__(self) -> None:
        me = get_ident()
        with self._inside:
            if self._holder == me:
                raise RuntimeError(
                    "This thread is writing already; pass its session on, do not open a second one."
                )
            if self._holder is None:
                self._holder = me
                return
            ticket = Lock()
            ticket.acquire()
            self._queue.append(ticket)
        if not ticket.acquire(timeout=self._patience):
            self._give_up(ticket)
        self._holder = me

    def roam(self) -> None:
        """This turn goes on in other threads, and any thread may end it: the web's requests do so."""
        self._holder = _ROAMING

    def _give_up(self, ticket: Lock) -> None:
        """Leave the queue, unless the turn came in this very moment."""
        with self._inside:
            if ticket in self._queue:
                self._queue.remove(ticket)
                raise NoTurn(f"no turn to write within {self._patience:g} seconds")

    def __exit__(self, *_: object) -> None:
        with self._inside:
            if self._queue:
                self._holder = _ROAMING  # handed on: nobody else may take it
                self._queue.popleft().release()
            else:
                self._holder = None
