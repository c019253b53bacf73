"""The desk where quotes are placed, in batches: one commit and one round of questions serve many orders.

Work that can wait stands aside meanwhile (`cosmo.precedence`).
"""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from cosmo.clock import read_now
from cosmo.db import Database
from cosmo.ports import PlaceOvertaken
from cosmo.together import Answer, Wish, place_together
from web.batches import Batches
from web.door import Door
from web.sessions import Sessions

MOST = 32
"""Orders in one transaction: so long everybody else waits for it."""
_log = logging.getLogger(__name__)


class Desk:
    """Places quotes in batches, one batch at a time.

    A batch waits for who is at the door just now: of many who come at once the first would else be served
    alone, for the price of a whole batch, and all others waited for that.
    """

    def __init__(self, db: Database, sessions: Sessions, door: Door) -> None:
        self._db, self._sessions, self._door = db, sessions, door
        self._batches: Batches[Wish, Answer | None] = Batches(self._answers, MOST, self._turn)

    async def place(self, wish: Wish) -> Answer | None:
        """The answer, once it is committed; None: nothing was written, place it alone."""
        with self._db.precedence.taken():
            return await self._batches.ask(wish)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        await self._door.let_in()
        async with self._sessions.turn():
            yield

    async def _answers(self, wishes: Sequence[Wish]) -> list[Answer | None]:
        placed: dict[int, Answer] = {}
        try:
            placed = await run_in_threadpool(self._placed, wishes)
        except IntegrityError:
            _log.info("another process took one of the keys at the same moment; each order is placed alone")
        except PlaceOvertaken:
            _log.info("time has overtaken one of %d places; each order is placed alone", len(wishes))
        except Exception:
            _log.exception("%d orders could not be placed together; each is placed alone", len(wishes))
        return [placed.get(n) for n in range(len(wishes))]

    def _placed(self, wishes: Sequence[Wish]) -> dict[int, Answer]:
        def work(session: Session) -> dict[int, Answer]:
            return place_together(session, wishes, read_now(session))

        return self._db.retry(work)
