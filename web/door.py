"""The door where programs show their API keys: all who come at the same time are looked up at once.

Otherwise each request of a rush would take a thread and a connection only to ask who sends it.
"""

from collections.abc import Sequence

from fastapi.concurrency import run_in_threadpool

from cosmo.clock import Now, read_now
from cosmo.db import Database
from cosmo.identity import Principal, by_keys
from web.batches import Batches

MOST = 200
"""Keys in one question."""
Seen = tuple[Now, Principal | None]


class Door:
    """Looks keys up in batches, one batch at a time."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._batches: Batches[str, Seen] = Batches(self._answers, MOST)

    async def ask(self, key: str) -> Seen:
        """The time, and whose key it is; None for an unknown or revoked one."""
        return await self._batches.ask(key)

    async def let_in(self) -> None:
        """Return when all who are at the door now have gone in."""
        await self._batches.settled()

    async def _answers(self, keys: Sequence[str]) -> list[Seen]:
        return await run_in_threadpool(self._seen, keys)

    def _seen(self, keys: Sequence[str]) -> list[Seen]:
        with self._db.read() as session:
            now, known = read_now(session), by_keys(session, set(keys))
        return [(now, known.get(key)) for key in keys]
