"""The relay: the only thing that talks to the broker. It leases due deliveries and sends their ids.

Any number of processes may run one. A broker that is down only delays: what could not be sent is due again.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event as Flag
from threading import Thread

from sqlalchemy import bindparam, update
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from cosmo.clock import wall_time
from cosmo.columns import UtcDateTime
from cosmo.db import Database
from cosmo.delivering import deliver, due
from cosmo.outbox import Delivery, DeliveryState

LEASE = timedelta(seconds=60)
POLL = 0.2
"""Seconds between looks when nothing in this process was written."""
BROKER_AGAIN = 2.0
"""Seconds between attempts while the broker is down."""
BATCH = 100
_log = logging.getLogger(__name__)


_WALL = bindparam("wall", type_=UtcDateTime)


def _due_in_order() -> SelectOfScalar[Delivery]:
    found = select(Delivery).where(due(_WALL)).order_by(col(Delivery.position), col(Delivery.id))
    return found.with_for_update(skip_locked=True, of=Delivery)


# put together once: it is asked after every commit, and putting it together costs several times the asking
_DUE = _due_in_order()
_ANYTHING = select(Delivery.id).where(due(_WALL)).limit(1)


def lease_due(session: Session, wall: datetime, limit: int = BATCH) -> list[str]:
    """Mark due deliveries as sent and return their ids in the order of their events."""
    rows = session.exec(_DUE.limit(limit), params={"wall": wall}).all()
    for row in rows:
        row.state, row.lease_until = DeliveryState.LEASED, wall + LEASE
        session.add(row)
    return [row.id for row in rows]


def give_back(session: Session, ids: list[str], wall: datetime) -> None:
    """What was leased and could not be sent is due at once; it has cost no attempt."""
    mine = (col(Delivery.id).in_(ids), col(Delivery.state) == DeliveryState.LEASED)
    values = {"state": DeliveryState.PENDING, "next_at": wall, "lease_until": None}
    session.execute(update(Delivery).where(*mine).values(**values))


def end_leases(session: Session, wall: datetime) -> None:
    """Everything leased is due again: for a process that starts and held its messages in memory.

    If another process is working on one it is only sent twice, which changes nothing.
    """
    mine = col(Delivery.state) == DeliveryState.LEASED
    session.execute(update(Delivery).where(mine).values(lease_until=wall))


def anything_due(session: Session, wall: datetime) -> bool:
    """A look without a lock, so that an idle relay never writes."""
    return session.exec(_ANYTHING, params={"wall": wall}).first() is not None


class Relay:
    """A thread that sends what is due: at once after a commit in this process, else within 200 ms."""

    def __init__(self, database: Database, send: Callable[[str], object], *, poll: float = POLL) -> None:
        self._database, self._send, self._poll = database, send, poll
        self._down = False
        self._stopping = Flag()
        self._flag = Flag()
        self._thread = Thread(target=self._run, name="relay", daemon=True)

    def start(self) -> None:
        self._database.on_commit.append(self.wake)
        self._thread.start()

    def wake(self) -> None:
        """Look now."""
        self._flag.set()

    def stop(self) -> None:
        """Finish the batch in hand and end."""
        self._stopping.set()
        if self.wake in self._database.on_commit:
            self._database.on_commit.remove(self.wake)
        self._flag.set()
        self._thread.join()

    def step(self) -> int:
        """Lease and send one batch; how many were sent. While the broker is down, one row tries it out."""
        wall = wall_time()
        with self._database.read() as session:
            if not anything_due(session, wall):
                return 0
        limit = 1 if self._down else BATCH
        ids = self._database.retry(lambda session: lease_due(session, wall, limit))
        return self._send_all(ids)

    def _send_all(self, ids: list[str]) -> int:
        for sent, delivery_id in enumerate(ids):
            try:
                self._send(delivery_id)
            except Exception as error:
                self._broker_fails(error)
                self._give_back(ids[sent:])
                return sent
        if ids and self._down:
            self._down = False
            _log.warning("the broker is back")
        return len(ids)

    def _give_back(self, ids: list[str]) -> None:
        self._database.retry(lambda session: give_back(session, ids, wall_time()))

    def _broker_fails(self, error: Exception) -> None:
        if not self._down:
            _log.error("the broker is down, deliveries wait in the database: %s", error)
        self._down = True

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._database.precedence.stand_aside()
            self._flag.clear()
            if not self._step_safely():
                self._flag.wait(self._poll)
            if self._down:  # commits do not shorten this wait: asking again at once is of no use
                self._stopping.wait(BROKER_AGAIN)

    def _step_safely(self) -> int:
        try:
            return self.step()
        except Exception:
            _log.exception("the relay could not look for deliveries")
            self._stopping.wait(BROKER_AGAIN)
            return 0


def drain(database: Database, most: int = 10_000) -> int:
    """Apply everything that is due, here and now, without a broker; how many. For tests and tools."""
    done = 0
    while done < most:
        ids = database.retry(lambda session: lease_due(session, wall_time()))
        if not ids:
            return done
        for delivery_id in ids:
            deliver(database, delivery_id)
        done += len(ids)
    raise RuntimeError(f"still not at rest after {most} deliveries")
