"""`cosmo serve` as real processes: it comes up, shares a database with another one, and stops when asked."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest
from sqlmodel import select

from cosmo.clock import read_now
from cosmo.codes import issue_code
from cosmo.db import Database
from cosmo.parties import Plant
from cosmo.registry import registry, switch
from tests.factories import make_plant, make_standard_product
from tests.web.test_streams import blocks

Start = Callable[..., tuple[str, subprocess.Popen[bytes]]]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """`start(database_url)` runs `cosmo serve` on a free port; (its address, the process)."""
    running: list[subprocess.Popen[bytes]] = []

    def run(database_url: str) -> tuple[str, subprocess.Popen[bytes]]:
        port = _free_port()
        address = f"http://127.0.0.1:{port}"
        home = tmp_path / f"home{len(running)}"
        env = os.environ | {
            "COSMO_HOME": str(home),
            "COSMO_PORT": str(port),
            "COSMO_DATABASE_URL": database_url,
        }
        process = subprocess.Popen([sys.executable, "-m", "cosmo", "serve"], env=env)
        running.append(process)
        return address, process

    yield run
    for process in running:
        process.kill()
        process.wait()


def until_ready(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        assert process.poll() is None, "it stopped by itself"
        try:
            if httpx2.get(f"{address}/readyz", timeout=5).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.2)
    raise AssertionError("not ready in time")


def _offer_a_cup(database_url: str) -> None:
    database = Database(database_url)
    with database.write() as session:
        make_standard_product(session, make_plant(session))
    database.dispose()


def _order_at(address: str) -> dict[str, str]:
    body = {"family": "cup", "quantity": 2, "customer": {"name": "Ada", "email": "ada@example.test"}}
    with httpx2.Client(base_url=address, timeout=30) as client:
        answer = client.post("/api/v1/orders", json=body)
    assert answer.status_code == 201, answer.text
    placed: dict[str, str] = answer.json()
    return placed


def test_two_processes_tell_each_others_events(start: Start, postgres_url: str) -> None:
    (one, first), (two, second) = start(postgres_url), start(postgres_url)
    until_ready(one, first)
    until_ready(two, second)
    _offer_a_cup(postgres_url)
    _switch_all_off(postgres_url)
    placed = _order_at(one)
    token = placed["tracking_url"].rpartition("/")[2]
    address = f"{two}/track/{token}/events"
    with httpx2.stream("GET", address, timeout=30) as response:
        messages = blocks(response)
        assert [next(messages)["id"] for _ in range(2)] == ["1", "2"]
        with httpx2.Client(base_url=one, timeout=30) as client:
            began = _cancel(client, placed["id"], token, postgres_url)
        _until_cancelled(messages)
        assert time.monotonic() - began < 1.5


def _switch_all_off(database_url: str) -> None:
    database = Database(database_url)
    with database.write() as session:
        plant = session.exec(select(Plant)).one()
        for name in registry().modules:
            switch(session, plant.manufacturer_id, name, False)
    database.dispose()


def _cancel(client: httpx2.Client, order_id: str, token: str, database_url: str) -> float:
    database = Database(database_url)
    with database.write() as session:
        code = issue_code(session, order_id, "cancel", read_now(session))
    database.dispose()
    path = f"/api/v1/orders/{order_id}/cancellation"
    client.post(path, params={"token": token}, json={"code": code})
    return time.monotonic()


def _until_cancelled(messages: Iterator[dict[str, str]]) -> None:
    for message in messages:
        if "data" in message:
            return


def test_it_stops_when_asked_with_a_stream_open(start: Start, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'cosmo.db'}"
    address, process = start(url)
    until_ready(address, process)
    _offer_a_cup(url)
    _switch_all_off(url)
    token = _order_at(address)["tracking_url"].rpartition("/")[2]
    with httpx2.stream("GET", f"{address}/track/{token}/events", timeout=30) as response:
        assert next(blocks(response))["id"] == "1"
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) in (0, -signal.SIGTERM)
    assert time.monotonic() - began < 20
