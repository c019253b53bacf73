"""How many requests use the database at once, decided where waiting costs no thread.

A request's session lives across several worker threads: it is used in one, then in the next, and ended in a
third. If those who wait for the database waited in threads, they could take the very threads that whoever
holds it needs to go on. So requests queue in the event loop: few at a time, and on SQLite one writer.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary

from anyio import CancelScope, CapacityLimiter
from anyio.to_thread import run_sync
from fastapi.concurrency import contextmanager_in_threadpool
from sqlmodel import Session

from cosmo.db import Database
from cosmo.once import kept

AT_ONCE = 12
"""Sessions of requests open at once: fewer than worker threads (40) and than connections (30)."""


class _Queue:
    """The queues of one event loop."""

    def __init__(self, one_writer: bool) -> None:
        self.seats = asyncio.Semaphore(AT_ONCE)
        self.writing = asyncio.Lock() if one_writer else asyncio.Semaphore(AT_ONCE)


class Sessions:
    """Opens a request's session when it is its turn."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._queues: WeakKeyDictionary[asyncio.AbstractEventLoop, _Queue] = WeakKeyDictionary()

    def _queue(self) -> _Queue:
        loop = asyncio.get_running_loop()
        if loop not in self._queues:
            self._queues[loop] = _Queue(one_writer=self._db.dialect == "sqlite")
        return self._queues[loop]

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Session]:
        """A session for looking; what it has read it keeps for as long as the request takes. To open one asks
        the database nothing, and takes no thread."""
        async with self._queue().seats:
            with self._db.read() as session, kept(session):
                try:
                    yield session
                finally:
                    await _give_back(session)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Session]:
        """One transaction, committed at the end. Who waits to write takes no seat from those who read."""
        async with self.turn(), contextmanager_in_threadpool(self._db.write(roams=True)) as session:
            yield session

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """For whoever writes in one thread: it is their turn."""
        queue = self._queue()
        async with queue.writing, queue.seats:
            yield


async def _give_back(session: Session) -> None:
    """End it in a thread of its own: those for answers may all be taken by who waits for such a seat."""
    with CancelScope(shield=True):
        await run_sync(session.close, limiter=CapacityLimiter(1))
