"""What may wait runs one at a time, gives way to answers, and ends where nobody waits for it any more."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest
from sqlmodel import Session

from cosmo.db import Database
from cosmo.precedence import Precedence
from tests.loops import run
from web.lane import Lane, NobodyWaits, Pause
from web.sessions import Sessions

SOON = 20.0
"""Seconds until a test gives up."""
Work = Callable[[Session, Pause], str]


class Asking:
    """A request whose client may hang up."""

    def __init__(self, answers: Precedence) -> None:
        self.state = SimpleNamespace(waiting=answers.begin())
        self.hung_up = asyncio.Event()
        self.noticed = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await self.hung_up.wait()
        self.noticed.set()
        return {"type": "http.disconnect"}


def in_lane(
    database: Database, play: Callable[[Lane, Precedence], Awaitable[None]], patience: float = SOON
) -> None:
    answers = Precedence(quiet=0)

    async def go() -> None:
        await asyncio.wait_for(play(Lane(Sessions(database), answers, patience=patience), answers), SOON)

    run(go())


async def until(event: Event) -> None:
    assert await asyncio.to_thread(event.wait, SOON)


async def begun(lane: Lane, asking: Asking, work: Work) -> "asyncio.Task[str]":
    task = asyncio.create_task(lane.run(asking, work))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    return task


def test_one_at_a_time(database: Database) -> None:
    async def play(lane: Lane, answers: Precedence) -> None:
        inside, go_on, second = Event(), Event(), Event()

        def first(session: Session, pause: Pause) -> str:
            inside.set()
            assert go_on.wait(SOON)
            return "first"

        def other(session: Session, pause: Pause) -> str:
            second.set()
            return "second"

        one = await begun(lane, Asking(answers), first)
        await until(inside)
        two = await begun(lane, Asking(answers), other)
        assert not await asyncio.to_thread(second.wait, 0.2), "the next one waits for this one"
        go_on.set()
        assert [await one, await two] == ["first", "second"]

    in_lane(database, play)


def test_it_gives_way_while_somebody_waits_for_an_answer(database: Database) -> None:
    async def play(lane: Lane, answers: Precedence) -> None:
        inside, go_on, passed = Event(), Event(), Event()

        def work(session: Session, pause: Pause) -> str:
            inside.set()
            assert go_on.wait(SOON)
            pause()
            passed.set()
            return "done"

        task = await begun(lane, Asking(answers), work)
        await until(inside)
        somebody = answers.begin()
        go_on.set()
        assert not await asyncio.to_thread(passed.wait, 0.1), "somebody waits"
        somebody.over()
        assert await task == "done"

    in_lane(database, play)


def test_it_gets_on_all_the_same(database: Database) -> None:
    """Its patience is spent once, not at every pause."""

    async def play(lane: Lane, answers: Precedence) -> None:
        def work(session: Session, pause: Pause) -> str:
            for _ in range(200):
                pause()
            return "done"

        somebody, began = answers.begin(), time.monotonic()
        assert await (await begun(lane, Asking(answers), work)) == "done"
        assert 0.1 <= time.monotonic() - began < SOON / 2
        somebody.over()

    in_lane(database, play, patience=0.1)


def test_what_nobody_waits_for_any_more_is_never_begun(database: Database) -> None:
    async def play(lane: Lane, answers: Precedence) -> None:
        inside, go_on = Event(), Event()
        done: list[str] = []

        def first(session: Session, pause: Pause) -> str:
            inside.set()
            assert go_on.wait(SOON)
            return "first"

        def stale(session: Session, pause: Pause) -> str:
            done.append("stale")
            return "stale"

        one = await begun(lane, Asking(answers), first)
        await until(inside)
        asking = Asking(answers)
        two = await begun(lane, asking, stale)
        asking.hung_up.set()
        await asking.noticed.wait()
        go_on.set()
        assert await one == "first"
        with pytest.raises(NobodyWaits):
            await two
        assert not done

    in_lane(database, play)


def test_what_is_under_way_ends_at_its_next_pause(database: Database) -> None:
    async def play(lane: Lane, answers: Precedence) -> None:
        inside, go_on = Event(), Event()
        done: list[int] = []

        def work(session: Session, pause: Pause) -> str:
            for n in range(5):
                pause()
                done.append(n)
                inside.set()
                assert go_on.wait(SOON)
            return "done"

        asking = Asking(answers)
        task = await begun(lane, asking, work)
        await until(inside)
        asking.hung_up.set()
        await asking.noticed.wait()
        await asyncio.sleep(0)
        go_on.set()
        with pytest.raises(NobodyWaits):
            await task
        assert done == [0]
        assert await (await begun(lane, Asking(answers), lambda session, pause: "next")) == "next"

    in_lane(database, play)


def test_answers_are_given_while_it_stands_aside(database: Database) -> None:
    """It waits in a thread of its own: the loop goes on, or nobody would ever be answered."""

    async def play(lane: Lane, answers: Precedence) -> None:
        somebody = answers.begin()
        task = await begun(lane, Asking(answers), lambda session, pause: "done")
        await asyncio.sleep(0.05)
        assert not task.done(), "somebody waits"
        somebody.over()
        assert await task == "done"

    in_lane(database, play)
