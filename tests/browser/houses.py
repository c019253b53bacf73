"""A Cosmo of its own: a folder, free ports, processes started and stopped by the test."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2

from cosmo import clock
from cosmo.db import Database
from cosmo.settings import read_settings

MakeHouse = Callable[..., "House"]
ROOT = Path(__file__).resolve().parents[2]
MUG_TO = {
    "name": "Ada Gast",
    "street": "Ring 1",
    "city": "Hamburg",
    "postal_code": "20357",
    "country": "DE",
}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@dataclass(slots=True)
class Process:
    """One `cosmo ...` process; `log` is what it has printed."""

    popen: "subprocess.Popen[bytes]"
    log: Path

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGTERM)
        try:
            self.popen.wait(20)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()


@dataclass(slots=True)
class House:
    """Settings of one installation, its processes, and its clock."""

    home: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    processes: list[Process] = field(default_factory=list)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self, **more: str) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("COSMO_")}
        own = {"COSMO_HOME": str(self.home), "COSMO_PORT": str(self.port)}
        return {**inherited, **own, **self.settings, **more, "PYTHONUNBUFFERED": "1"}

    def run(self, *arguments: str) -> str:
        """A command that ends; what it printed. Fails the test if it failed."""
        command = [sys.executable, "-m", "cosmo", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment(), capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, *arguments: str, **environment: str) -> Process:
        """A command that runs until `stop`."""
        self.home.mkdir(parents=True, exist_ok=True)
        log = self.home / f"{arguments[0]}-{len(self.processes)}.log"
        with log.open("wb") as out:
            popen = subprocess.Popen(
                [sys.executable, "-m", "cosmo", *arguments], cwd=ROOT, stdout=out, stderr=subprocess.STDOUT,
                env=self.environment(**environment),
            )  # fmt: skip
        process = Process(popen, log)
        self.processes.append(process)
        return process

    def until_ready(self, process: Process, base: str = "", seconds: float = 180) -> None:
        """Wait for the server; the test fails with what it printed if it ends instead."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and process.popen.poll() is None:
            try:
                if httpx2.get(f"{base or self.base}/readyz", timeout=2).status_code == 200:
                    return
            except httpx2.TransportError:
                time.sleep(0.1)
        raise AssertionError(process.said())

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.stop()

    def broke(self) -> list[str]:
        """The processes that reported an error of their own."""
        return [p.said() for p in self.processes if "Traceback" in p.said()]

    def set_clock(self, at: datetime, speed: float = 0.0) -> None:
        """Business time stands at `at`, or goes on from there at `speed`."""
        database = Database(read_settings(self.environment()).database_url)
        with database.write() as session:
            clock.set_clock(session, speed=speed, business=at)
        database.dispose()

    def now(self) -> datetime:
        """Business time."""
        return datetime.fromisoformat(httpx2.get(f"{self.base}/api/v1/clock", timeout=30).json()["business"])


def two_of_each(house: House) -> tuple[str, str]:
    """Starts two web processes and two workers; the addresses of the first, the house's own one first."""
    ports = house.port, free_port()
    webs = [house.start("serve", COSMO_PORT=str(port)) for port in ports]
    for _ in range(2):
        house.start("worker")
    one, two = (f"http://127.0.0.1:{port}" for port in ports)
    for web, address in zip(webs, (one, two), strict=True):
        house.until_ready(web, address)
    return one, two


def order_mugs(http: httpx2.Client, quantity: int) -> dict[str, Any]:
    """Plain mugs ordered by a guest, as from another program; once more where the date has moved."""
    family = http.get("/api/v1/families/mug").json()
    body = {"family": "mug", "selections": family["defaults"], "quantity": quantity, "ship_to": MUG_TO}
    quote = http.post("/api/v1/quotes", json=body)
    assert quote.status_code == 201, quote.text
    order = {
        "quote_id": quote.json()["id"],
        "customer": {"name": MUG_TO["name"], "email": "ada@example.test"},
    }
    for attempt in range(4):
        headers = {"Idempotency-Key": f"{order['quote_id']}-{attempt}"}
        answer = http.post("/api/v1/orders", json=order, headers=headers)
        if answer.status_code == 201:
            placed: dict[str, Any] = answer.json()
            return placed
        assert answer.json()["type"] == "promise-moved", answer.text
    raise AssertionError("The date moves faster than one can order.")
