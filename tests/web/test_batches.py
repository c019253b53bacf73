"""Who asks at the same time is answered together; nobody waits for company; one failure is its batch's."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from tests import loops
from web.batches import Batches


class Clerk:
    """Answers with ten times what was asked, once it may; what is negative it cannot answer."""

    def __init__(self, most: int = 100) -> None:
        self.batches: list[list[int]] = []
        self.may = asyncio.Event()
        self.asked = Batches(self._answer, most, self._turn)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        await self.may.wait()
        yield

    async def _answer(self, wishes: Sequence[int]) -> list[int]:
        self.batches.append(list(wishes))
        await asyncio.sleep(0)
        if min(wishes) < 0:
            raise ValueError("less than nothing")
        return [10 * wish for wish in wishes]


def test_who_comes_before_its_turn_is_in_it_and_each_gets_the_own_answer() -> None:
    async def story() -> None:
        clerk = Clerk(most=3)
        first = asyncio.create_task(clerk.asked.ask(1))
        await asyncio.sleep(0.01)
        others = [asyncio.create_task(clerk.asked.ask(n)) for n in (2, 3, 4)]
        await asyncio.sleep(0.01)
        clerk.may.set()
        assert await asyncio.gather(first, *others) == [10, 20, 30, 40]
        assert clerk.batches == [[1, 2, 3], [4]]

    loops.run(story())


def test_nobody_waits_for_company() -> None:
    async def story() -> None:
        clerk = Clerk()
        clerk.may.set()
        assert [await clerk.asked.ask(n) for n in (1, 2)] == [10, 20]
        assert clerk.batches == [[1], [2]]

    loops.run(story())


def test_what_fails_is_told_to_its_batch_and_the_next_one_is_answered() -> None:
    async def story() -> None:
        clerk = Clerk(most=2)
        clerk.may.set()
        found = await asyncio.gather(*[clerk.asked.ask(n) for n in (1, -1, 3)], return_exceptions=True)
        assert [str(each) for each in found] == ["less than nothing", "less than nothing", "30"]

    loops.run(story())


def test_who_goes_away_keeps_nobody_from_an_answer() -> None:
    async def story() -> None:
        clerk = Clerk()
        gone, stays = (asyncio.create_task(clerk.asked.ask(n)) for n in (1, 2))
        await asyncio.sleep(0)
        gone.cancel()
        clerk.may.set()
        async with asyncio.timeout(5):
            assert await stays == 20
        with pytest.raises(asyncio.CancelledError):
            await gone

    loops.run(story())


class OneByOne(Clerk):
    """Each batch waits until it may be answered anew."""

    async def _answer(self, wishes: Sequence[int]) -> list[int]:
        self.may.clear()
        return await super()._answer(wishes)


def test_settled_waits_for_all_who_have_asked_and_for_nobody_later() -> None:
    async def story() -> None:
        clerk, went_on = OneByOne(most=2), list[int]()

        async def ask(n: int) -> None:
            await clerk.asked.ask(n)
            went_on.append(n)

        async with asyncio.timeout(5):
            await clerk.asked.settled()  # nobody has asked
            asking = [asyncio.create_task(ask(n)) for n in (1, 2, 3)]
            await asyncio.sleep(0)
            settled = asyncio.create_task(clerk.asked.settled())
            await asyncio.sleep(0)
            asking += [asyncio.create_task(ask(n)) for n in (4, 5)]
            for gone_on in ([1, 2], [1, 2, 3, 4]):
                assert not settled.done()
                clerk.may.set()
                await asyncio.sleep(0.01)
                assert went_on == gone_on
            await settled
            clerk.may.set()
            await asyncio.gather(*asking)

    loops.run(story())


def test_settled_goes_on_where_answers_fail_or_nobody_wants_them_any_more() -> None:
    async def story() -> None:
        clerk = Clerk(most=1)
        asking = [asyncio.create_task(clerk.asked.ask(n)) for n in (-1, 2)]
        await asyncio.sleep(0)
        settled = asyncio.create_task(clerk.asked.settled())
        await asyncio.sleep(0)
        asking[1].cancel()
        clerk.may.set()
        async with asyncio.timeout(5):
            await settled
        assert isinstance(asking[0].exception(), ValueError)

    loops.run(story())
