"""How long an event takes from its commit to whoever watches its order."""

import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from statistics import median

import httpx2
from sqlmodel import col, select

from cosmo.db import Database
from cosmo.events import Event
from tests.web.test_streams import blocks

PATIENCE = 120.0
"""Seconds; how long it really takes is measured and told, since a busy machine is slow."""


@dataclass(slots=True)
class Stopwatch:
    """When each event of one order was there in the database, and when a stream, if one is named, told."""

    database: Database
    order_id: str
    stream: str = ""
    committed: dict[int, float] = field(default_factory=dict)
    arrived: dict[int, float] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        for what in (self._look, self._listen) if self.stream else (self._look,):
            self.threads.append(threading.Thread(target=what, daemon=True))
            self.threads[-1].start()

    def _look(self) -> None:
        while not self.over.wait(0.01):
            self._look_once()

    def _look_once(self) -> None:
        with self.database.read() as session:
            events = select(Event.seq).where(Event.order_id == self.order_id)
            for seq in session.exec(events.where(col(Event.seq) > max(self.committed, default=0))):
                self.committed.setdefault(seq, time.time())

    def _listen(self) -> None:
        with suppress(httpx2.TransportError), httpx2.stream("GET", self.stream, timeout=PATIENCE) as response:
            for block in blocks(response):
                if "data" in block:
                    self.arrived.setdefault(int(block["id"]), time.time())
                if self.over.is_set():
                    return

    def stop(self) -> None:
        """No more looking; what has been seen stays."""
        self.over.set()
        self.threads[0].join()
        self._look_once()

    def caught_up(self) -> bool:
        return bool(self.committed) and self.arrived.keys() >= self.committed.keys()

    def latencies(self, shown: dict[int, float], since: int) -> list[float]:
        """Seconds from commit to `shown`, of the events after `since`."""
        return [max(0.0, at - self.committed[seq]) for seq, at in shown.items() if seq > since]


def told(values: list[float]) -> str:
    """p50 and the slowest."""
    return f"{len(values)} events, p50 {median(values) * 1000:.0f} ms, max {max(values) * 1000:.0f} ms"
