"""How long an event takes from the request that causes it to every browser that watches the order."""

import asyncio
import time

import httpx2


async def event_latencies(url: str, order_id: str, token: str, watchers: int, events: int) -> list[float]:
    """Seconds from sending a message on the order to its arrival at each watcher, for each event."""
    limits = httpx2.Limits(max_connections=watchers + 20, max_keepalive_connections=watchers + 20)
    async with httpx2.AsyncClient(base_url=url, timeout=120.0, limits=limits) as client:
        arrived: asyncio.Queue[float] = asyncio.Queue()
        ready = asyncio.Semaphore(0)
        told = await client.get(f"/api/v1/orders/{order_id}/events", params={"token": token})
        after = int(told.raise_for_status().json()[-1]["seq"])
        tasks = [
            asyncio.create_task(_watch(client, f"/track/{token}/events?after={after}", ready, arrived))
            for _ in range(watchers)
        ]
        for _ in range(watchers):
            await ready.acquire()
        await asyncio.sleep(1.0)
        latencies = []
        for n in range(events):
            while not arrived.empty():
                arrived.get_nowait()
            sent = time.perf_counter()
            await _say(client, order_id, token, n)
            latencies += [await asyncio.wait_for(arrived.get(), 30) - sent for _ in range(watchers)]
            await asyncio.sleep(0.2)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return latencies


async def _watch(
    client: httpx2.AsyncClient, path: str, ready: asyncio.Semaphore, arrived: "asyncio.Queue[float]"
) -> None:
    async with client.stream("GET", path) as stream:
        ready.release()
        async for line in stream.aiter_lines():
            if line.startswith("id:"):
                arrived.put_nowait(time.perf_counter())


async def _say(client: httpx2.AsyncClient, order_id: str, token: str, n: int) -> None:
    path = f"/api/v1/orders/{order_id}/messages"
    answer = await client.post(path, params={"token": token}, json={"text": f"Message {n}."})
    answer.raise_for_status()
