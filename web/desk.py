"""The desk where quotes are placed: whoever comes while one batch is written makes up the next one.

So nobody waits for company, and under load one commit and one round of questions serve many orders. Work that
can wait stands aside meanwhile (`cosmo.precedence`).
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from cosmo.clock import read_now
from cosmo.db import Database
from cosmo.together import Answer, Wish, place_together
from web.sessions import Sessions

MOST = 32
"""Orders in one transaction: so long everybody else waits for it."""
_log = logging.getLogger(__name__)
_Waiting = tuple[Wish, asyncio.Future[Answer | None]]


@dataclass(slots=True)
class _Queue:
    """Who waits in one event loop, and who serves them."""

    waiting: list[_Waiting] = field(default_factory=list)
    serving: asyncio.Task[None] | None = None


class Desk:
    """Places quotes in batches, one batch at a time."""

    def __init__(self, db: Database, sessions: Sessions) -> None:
        self._db, self._sessions = db, sessions
        self._queues: WeakKeyDictionary[asyncio.AbstractEventLoop, _Queue] = WeakKeyDictionary()

    async def place(self, wish: Wish) -> Answer | None:
        """The answer, once it is committed; None: nothing was written, place it alone."""
        loop = asyncio.get_running_loop()
        queue = self._queues.setdefault(loop, _Queue())
        answer: asyncio.Future[Answer | None] = loop.create_future()
        queue.waiting.append((wish, answer))
        if queue.serving is None:
            queue.serving = loop.create_task(self._serve(queue))
        with self._db.precedence.taken():
            return await answer

    async def _serve(self, queue: _Queue) -> None:
        try:
            while queue.waiting:
                await self._serve_some(queue)
        finally:
            queue.serving = None

    async def _serve_some(self, queue: _Queue) -> None:
        async with self._sessions.turn():
            batch, queue.waiting[:] = queue.waiting[:MOST], queue.waiting[MOST:]
            answers = await self._answers([wish for wish, _ in batch])
        for n, (_, waiting) in enumerate(batch):
            if not waiting.done():  # a client may have gone meanwhile
                waiting.set_result(answers.get(n))

    async def _answers(self, wishes: Sequence[Wish]) -> dict[int, Answer]:
        try:
            return await run_in_threadpool(self._placed, wishes)
        except IntegrityError:
            return {}  # another process took one of the keys at the same moment
        except Exception:
            _log.exception("%d orders could not be placed together; each is placed alone", len(wishes))
            return {}

    def _placed(self, wishes: Sequence[Wish]) -> dict[int, Answer]:
        def work(session: Session) -> dict[int, Answer]:
            return place_together(session, wishes, read_now(session))

        return self._db.retry(work)
