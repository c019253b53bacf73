"""Placing under load: how fast held quotes become orders, and how fast what follows from them is done.

Each client has one connection and places its next quote when the last one is answered. The clients send bytes
prepared beforehand and read plain answers: on two cores what they compute is taken from the server.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import urlsplit

from sqlmodel import func, select

from cosmo.db import Database
from cosmo.outbox import Delivery, DeliveryState
from seeds.bench.serving import Served
from seeds.bench.table import Table, quantile

PATIENCE = 900.0
"""Seconds until what follows is not waited for any longer."""
_OPEN = (DeliveryState.PENDING.value, DeliveryState.LEASED.value)


def place_all(
    server: Served, key: str, quotes: list[str], clients: int
) -> tuple[list[float], float, list[dict[str, Any]]]:
    """Place these quotes: seconds each took, seconds for all, the orders as answered."""
    todo: SimpleQueue[str] = SimpleQueue()
    for quote_id in quotes:
        todo.put(quote_id)
    took, orders, ready = [], [], threading.Barrier(clients + 1)

    def client() -> None:
        with _connection(server) as connection:
            ready.wait()
            for quote_id in _each(todo):
                began = time.perf_counter()
                orders.append(_place(connection, key, quote_id))
                took.append(time.perf_counter() - began)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    ready.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    if len(orders) < len(quotes):
        raise RuntimeError(f"only {len(orders)} of {len(quotes)} quotes were placed")
    return took, time.perf_counter() - began, orders


@contextmanager
def _connection(server: Served) -> Iterator[HTTPConnection]:
    """A connection that is open already: opening one is not what is measured."""
    connection = HTTPConnection(urlsplit(server.url).netloc, timeout=60)
    connection.request("GET", "/healthz")
    connection.getresponse().read()
    yield connection
    connection.close()


def _each(todo: "SimpleQueue[str]") -> Iterator[str]:
    while True:
        try:
            yield todo.get_nowait()
        except Empty:
            return


def _place(connection: HTTPConnection, key: str, quote_id: str) -> dict[str, Any]:
    body = {"quote_id": quote_id, "customer": {"name": "Café Wiese", "email": "customer@wiese.example"}}
    headers = {
        "Authorization": f"Bearer {key}",
        "Content-Type": "application/json",
        "Idempotency-Key": f"bench-{quote_id}",
    }
    connection.request("POST", "/api/v1/orders", json.dumps(body).encode(), headers)
    response = connection.getresponse()
    answer = response.read()
    if response.status != 201:
        raise RuntimeError(f"{response.status}: {answer.decode()[:300]}")
    told: dict[str, Any] = json.loads(answer)
    return told


def follow_up(server: Served, name: str, orders: int, table: Table) -> None:
    """Wait until all that follows is done, and say how long it took; called right after the last answer."""
    began, open_first = time.perf_counter(), 0
    database = Database(server.database_url)
    done_before = _count(database, DeliveryState.DONE.value)
    while left := _count(database, *_OPEN):
        open_first = open_first or left
        if time.perf_counter() - began > PATIENCE:
            break
        time.sleep(0.25)
    seconds = time.perf_counter() - began
    done = _count(database, DeliveryState.DONE.value) - done_before
    database.dispose()
    note = f"{done} deliveries after the last of {orders} orders was placed, {open_first} waiting then"
    rest = f", {left} still open" if left else ""
    table.add(f"what follows, {name}", f"{done / seconds:.1f}/s, {seconds:.0f} s{rest}", note)


def _count(database: Database, *states: str) -> int:
    with database.read() as session:
        query = select(func.count()).select_from(Delivery).where(Delivery.state.in_(states))  # type: ignore[attr-defined]
        return session.exec(query).one()


def placed_row(took: list[float], elapsed: float, name: str, clients: int, table: Table) -> None:
    rate = f"{len(took) / elapsed:.0f}/s"
    spread = f"p50 {quantile(took, 0.5) * 1000:.0f} ms, p99 {quantile(took, 0.99) * 1000:.0f} ms"
    note = f"{len(took)} held quotes placed by {clients} clients, each durable; what follows is queued"
    table.add(f"orders placed, {name}", f"{rate}, {spread}", note)
