"""Customers who click by the clock: a click is due on its second, answered or not as the last one may be."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import httpx2


@dataclass(frozen=True, slots=True)
class Following:
    """A request that an answer causes, sent so many seconds after it, as the page would."""

    request: httpx2.Request
    name: str
    after: float


class Customer(Protocol):
    """Somebody who asks by the clock; what is done in `hear` is not measured."""

    def ask(self, client: httpx2.AsyncClient) -> httpx2.Request:
        """The next request, as things stand now."""
        ...

    def hear(self, response: httpx2.Response) -> tuple[str, Following | None]:
        """What kind of answer it was, and what it causes. Raises where it is none."""
        ...


@dataclass(slots=True)
class Heard:
    """Kind of answer -> seconds of each, counted from when the click was due; `late`: by how much the busiest
    moment of the measuring process delayed a click itself."""

    took: dict[str, list[float]] = field(default_factory=dict)
    late: float = 0.0

    def note(self, kind: str, seconds: float) -> None:
        self.took.setdefault(kind, []).append(seconds)


async def open_loop(
    client: httpx2.AsyncClient, customers: Sequence[Customer], clicks: int, every: float = 1.0
) -> Heard:
    """Let every customer click so often, once `every` second; they begin one after the other within it."""
    heard, begin = Heard(), asyncio.get_running_loop().time() + 0.1
    shift = every / len(customers)
    await asyncio.gather(
        *(
            _by_the_clock(client, one, heard, [begin + n * shift + k * every for k in range(clicks)])
            for n, one in enumerate(customers)
        )
    )
    return heard


async def _by_the_clock(
    client: httpx2.AsyncClient, customer: Customer, heard: Heard, dues: Sequence[float]
) -> None:
    clock, running = asyncio.get_running_loop().time, []
    for due in dues:
        await asyncio.sleep(max(0.0, due - clock()))
        heard.late = max(heard.late, clock() - due)
        running.append(asyncio.create_task(_click(client, customer, heard, due)))
    await asyncio.gather(*running)


async def _click(client: httpx2.AsyncClient, customer: Customer, heard: Heard, due: float) -> None:
    clock = asyncio.get_running_loop().time
    response = await client.send(customer.ask(client))
    took = clock() - due
    kind, following = customer.hear(response)
    heard.note(kind, took)
    if following is not None:
        await asyncio.sleep(following.after)
        (await client.send(following.request)).raise_for_status()
        heard.note(following.name, clock() - due)
