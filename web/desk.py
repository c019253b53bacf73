"""The desk where quotes are placed, in batches: one commit and one round of questions serve many orders.

Work that can wait stands aside meanwhile (`cosmo.precedence`).
"""

import logging
from collections.abc import Sequence

from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from cosmo.clock import read_now
from cosmo.db import Database
from cosmo.ports import PlaceOvertaken
from cosmo.together import Answer, Wish, place_together
from web.batches import Batches
from web.sessions import Sessions

MOST = 32
"""Orders in one transaction: so long everybody else waits for it."""
_log = logging.getLogger(__name__)


class Desk:
    """Places quotes in batches, one batch at a time."""

    def __init__(self, db: Database, sessions: Sessions) -> None:
        self._db = db
        self._batches: Batches[Wish, Answer | None] = Batches(self._answers, MOST, sessions.turn)

    async def place(self, wish: Wish) -> Answer | None:
        """The answer, once it is committed; None: nothing was written, place it alone."""
        with self._db.precedence.taken():
            return await self._batches.ask(wish)

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
