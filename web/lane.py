"""Work that nobody's next step hangs on: one piece at a time, beside what somebody waits for, and not at all
once nobody wants it any more.

Who clicks on leaves behind what was asked for the click before: the browser hangs up. What is not begun then
is never begun, and what is under way is left where it stands.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from threading import Event
from time import monotonic
from typing import TypeVar
from weakref import WeakKeyDictionary

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from sqlmodel import Session

from cosmo.precedence import Precedence
from web.sessions import Sessions

T = TypeVar("T")
Pause = Callable[[], None]
PATIENCE = 0.5
"""Seconds that one piece of work stands aside in all; then it goes on, whoever waits."""


class NobodyWaits(Exception):
    """Who asked has gone; there is nothing to answer."""


class Lane:
    """One for each web process. `before` are those that go before what is done here."""

    def __init__(self, sessions: Sessions, *before: Precedence, patience: float = PATIENCE) -> None:
        self._sessions, self._before, self._patience = sessions, before, patience
        self._free: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()

    async def run(self, request: Request, work: Callable[[Session, Pause], T]) -> T:
        """`work` with a session for looking, when it is its turn. It calls its `Pause` now and then, which
        waits for who goes before. Raises `NobodyWaits` once the client has hung up."""
        request.state.waiting.over()
        async with _watched(request) as gone, self._turn():
            await asyncio.sleep(0)  # who watches has a look
            if gone.is_set():
                raise NobodyWaits
            pause = _Pausing(gone, self._before, self._patience)
            async with self._sessions.read() as session:
                return await run_in_threadpool(_given_way, work, session, pause)

    def _turn(self) -> asyncio.Lock:
        return self._free.setdefault(asyncio.get_running_loop(), asyncio.Lock())


def _given_way(work: Callable[[Session, Pause], T], session: Session, pause: Pause) -> T:
    pause()
    return work(session, pause)


class _Pausing:
    """What the work calls, in its thread."""

    def __init__(self, gone: Event, before: tuple[Precedence, ...], patience: float) -> None:
        self._gone, self._before, self._left = gone, before, patience

    def __call__(self) -> None:
        began = monotonic()
        for precedence in self._before:
            precedence.stand_aside(self._left)
        self._left = max(0.0, self._left - (monotonic() - began))
        if self._gone.is_set():
            raise NobodyWaits


@asynccontextmanager
async def _watched(request: Request) -> AsyncIterator[Event]:
    """An event that is set when the client hangs up."""
    gone = Event()

    async def watch() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            continue
        gone.set()

    watching = asyncio.create_task(watch())
    try:
        yield gone
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
