"""Requests' sessions: given back though every thread for answers is taken."""

import asyncio
from threading import Event

import pytest
from anyio.to_thread import current_default_thread_limiter
from fastapi.concurrency import run_in_threadpool
from sqlmodel import Session, text

from cosmo.db import Database
from tests import loops
from web import sessions
from web.sessions import Sessions


async def _with_all_threads_taken(database: Database) -> Session:
    """A session that was looked with and given back meanwhile."""
    goes_on, limiter = Event(), current_default_thread_limiter()
    taken: list[asyncio.Task[bool]] = []
    try:
        async with Sessions(database).read() as session:
            await run_in_threadpool(session.execute, text("select 1"))
            for _ in range(int(limiter.total_tokens)):
                taken.append(asyncio.create_task(run_in_threadpool(goes_on.wait, 20)))
            while limiter.available_tokens:
                await asyncio.sleep(0)
    finally:
        goes_on.set()
        await asyncio.gather(*taken)
    return session


def test_a_session_is_given_back_while_all_threads_are_taken(database: Database) -> None:
    assert not loops.run(_with_all_threads_taken(database)).in_transaction()


def test_in_a_common_thread_it_would_wait_for_who_waits_for_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def in_turn(session: Session) -> None:
        async with asyncio.timeout(0.2):
            await run_in_threadpool(session.close)

    monkeypatch.setattr(sessions, "_give_back", in_turn)
    with pytest.raises(TimeoutError):
        loops.run(_with_all_threads_taken(database))
