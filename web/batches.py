"""Who asks the same at the same time is answered together: whoever comes while one batch is answered makes up
the next one. So nobody waits for company, and under load one round of questions serves many.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

W = TypeVar("W")
A = TypeVar("A")


@dataclass(slots=True)
class _Queue(Generic[W, A]):
    """Who waits in one event loop, and who serves them."""

    waiting: list[tuple[W, asyncio.Future[A]]] = field(default_factory=list)
    answering: list[asyncio.Future[A]] = field(default_factory=list)
    """Those of the last batch, also when they have their answers."""
    serving: asyncio.Task[None] | None = None


class Batches(Generic[W, A]):
    """Answers wishes in batches of `most` at most, one batch at a time. `answer` gives each wish its answer,
    in order; in `turn` a batch waits until it may begin, and who comes meanwhile is in it."""

    def __init__(
        self,
        answer: Callable[[Sequence[W]], Awaitable[Sequence[A]]],
        most: int,
        turn: Callable[[], AbstractAsyncContextManager[None]] = nullcontext,
    ) -> None:
        self._answer, self._most, self._turn = answer, most, turn
        self._queues: WeakKeyDictionary[asyncio.AbstractEventLoop, _Queue[W, A]] = WeakKeyDictionary()

    async def ask(self, wish: W) -> A:
        """The answer to this wish; raises what answering its batch raised."""
        loop = asyncio.get_running_loop()
        queue = self._queues.setdefault(loop, _Queue())
        answer: asyncio.Future[A] = loop.create_future()
        queue.waiting.append((wish, answer))
        if queue.serving is None:
            queue.serving = loop.create_task(self._serve(queue))
        return await answer

    async def settled(self) -> None:
        """Return when all who have asked until now have their answers, and have gone on until they wait for
        something else."""
        queue = self._queues.get(asyncio.get_running_loop(), _Queue[W, A]())
        asked = [*queue.answering, *(answer for _, answer in queue.waiting)]
        if not all(answer.done() for answer in asked):
            await asyncio.wait(asked)

    async def _serve(self, queue: _Queue[W, A]) -> None:
        try:
            while queue.waiting:
                await self._serve_some(queue)
        finally:
            queue.serving = None

    async def _serve_some(self, queue: _Queue[W, A]) -> None:
        async with self._turn():
            batch, queue.waiting[:] = queue.waiting[: self._most], queue.waiting[self._most :]
            queue.answering = [answer for _, answer in batch]
            try:
                answers = await self._answer([wish for wish, _ in batch])
            except Exception as error:
                for waiting in _still(batch):
                    waiting.set_exception(error)
                return
        for (_, waiting), answer in zip(batch, answers, strict=True):
            if not waiting.done():  # a client may have gone meanwhile
                waiting.set_result(answer)


def _still(batch: Sequence[tuple[W, asyncio.Future[A]]]) -> list[asyncio.Future[A]]:
    return [waiting for _, waiting in batch if not waiting.done()]
