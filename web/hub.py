"""One thread per process that turns committed events into messages for many watchers.

It looks when this process commits, and every 150 ms for what other processes committed. A message is made
once per view (audience and language) and handed to every watcher's queue; a watcher too slow to empty its
queue is dropped and resumes where it was.
"""

import asyncio
import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from time import monotonic, sleep

from sqlalchemy import func, or_
from sqlmodel import Session, SQLModel, col, select

from cosmo.db import Database
from cosmo.events import Event
from cosmo.orders import Order
from cosmo.touches import Touch

log = logging.getLogger("cosmo.web.hub")
POLL, PAUSE = 0.15, 0.02
QUEUE = 200
GAP_SECONDS = 60.0
"""How long a position that is missing may still be committed by a slow transaction."""


@dataclass(frozen=True, slots=True)
class Message:
    """Bytes for the wire; `seq` is the order's, 0 on boards."""

    seq: int
    data: bytes


@dataclass(frozen=True, slots=True)
class View:
    """How one group of watchers sees a topic. `render` makes an event's message; boards have none."""

    key: tuple[str, ...]
    render: Callable[[Session, Order, Event], Message] | None = None


@dataclass(eq=False, slots=True)
class Watcher:
    """One stream's end of the hub; use from its own event loop only."""

    topic: str
    view: View
    loop: asyncio.AbstractEventLoop
    queue: "asyncio.Queue[Message | None]" = field(default_factory=lambda: asyncio.Queue(QUEUE))
    dropped: bool = False

    def offer(self, message: Message | None) -> None:
        """Give a message; None, or a full queue, drops the watcher, who finds the end of its stream."""
        if self.dropped:
            return
        if self.queue.full():
            self.queue.get_nowait()
            message = None
        self.dropped = message is None
        self.queue.put_nowait(message)


Parcel = tuple[Watcher, Message | None]


class _Cursor:
    """New rows of a growing table, also those committed out of the order of their ids."""

    def __init__(self, table: type[SQLModel], key: str, session: Session) -> None:
        self._table, self._key = table, getattr(table, key)
        self._last: int = session.exec(select(func.coalesce(func.max(self._key), 0))).one()
        self._missing: dict[int, float] = {}

    def new(self, session: Session) -> list[SQLModel]:
        wanted = self._key > self._last
        if self._missing:
            wanted = or_(wanted, self._key.in_(list(self._missing)))
        rows = list(session.exec(select(self._table).where(wanted).order_by(self._key).limit(2000)))
        self._note({getattr(row, self._key.key) for row in rows})
        return rows

    def _note(self, seen: set[int]) -> None:
        now = monotonic()
        for number in seen & self._missing.keys():
            del self._missing[number]
        top = max(seen, default=self._last)
        for number in range(max(self._last + 1, top - 5000), top):
            if number not in seen:
                self._missing[number] = now + GAP_SECONDS
        self._last = max(self._last, top)
        self._missing = {n: until for n, until in self._missing.items() if until > now}


class Hub:
    """Watchers by topic: `order:<id>`, `plant:<id>`, `party:<id>`."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._lock = threading.Lock()
        self._watchers: dict[str, set[Watcher]] = defaultdict(set)
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._cursors: tuple[_Cursor, _Cursor] | None = None
        self._closed = False
        db.on_commit.append(self._wake.set)

    def watch(self, topic: str, view: View) -> Watcher:
        """Begin to collect messages; what is committed from now on is not missed."""
        watcher = Watcher(topic, view, asyncio.get_running_loop())
        with self._lock:
            self._watchers[topic].add(watcher)
        return watcher

    def ensure_running(self) -> None:
        """Start to look, from now on; blocks for one query. Call after `watch` and before a replay."""
        with self._lock:
            if self._cursors is None:
                with self._db.read() as session:
                    self._cursors = (_Cursor(Event, "position", session), _Cursor(Touch, "id", session))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="cosmo-hub", daemon=True)
                self._thread.start()

    def leave(self, watcher: Watcher) -> None:
        with self._lock:
            self._watchers[watcher.topic].discard(watcher)
            if not self._watchers[watcher.topic]:
                del self._watchers[watcher.topic]

    def watching(self) -> int:
        """How many streams are open."""
        with self._lock:
            return sum(len(group) for group in self._watchers.values())

    def close(self) -> None:
        """Stop the thread; open streams end by themselves."""
        self._closed = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
        if self._wake.set in self._db.on_commit:
            self._db.on_commit.remove(self._wake.set)

    def _run(self) -> None:
        while not self._closed:
            self._wake.wait(POLL)
            self._wake.clear()
            try:
                self._look()
            except Exception:
                log.exception("The live streams could not look for news; they try again.")
                sleep(1.0)
            sleep(PAUSE)

    def _look(self) -> None:
        with self._lock:
            cursors = self._cursors
            if not self._watchers:
                self._cursors = None
                return
        if cursors is None:
            return
        with self._db.read() as session:
            events = [row for row in cursors[0].new(session) if isinstance(row, Event)]
            touches = [row for row in cursors[1].new(session) if isinstance(row, Touch)]
            if events or touches:
                self._spread(self._messages(session, events, touches))

    def _messages(self, session: Session, events: Sequence[Event], touches: Sequence[Touch]) -> list[Parcel]:
        found: list[Parcel] = []
        boards = {row.topic for row in touches}
        orders = _orders(session, {event.order_id for event in events})
        for event in events:
            order = orders[event.order_id]
            boards |= {f"plant:{order.plant_id}", f"manufacturer:{order.manufacturer_id}"}
            found += self._told(session, order, event)
        for topic in sorted(boards):
            found += [(watcher, LOOK_AGAIN) for watcher in self._group(topic)]
        return found

    def _told(self, session: Session, order: Order, event: Event) -> Iterable[Parcel]:
        made: dict[tuple[str, ...], Message | None] = {}
        for watcher in self._group(f"order:{order.id}"):
            if watcher.view.key not in made:
                made[watcher.view.key] = _made(watcher.view, session, order, event)
            yield watcher, made[watcher.view.key]

    def _group(self, topic: str) -> list[Watcher]:
        with self._lock:
            return list(self._watchers.get(topic, ()))

    def _spread(self, messages: Sequence[Parcel]) -> None:
        by_loop: dict[asyncio.AbstractEventLoop, list[Parcel]] = defaultdict(list)
        for watcher, message in messages:
            by_loop[watcher.loop].append((watcher, message))
        for loop, batch in by_loop.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(_offer_all, batch)


LOOK_AGAIN = Message(0, b"event: changed\r\ndata: look again\r\n\r\n")
"""A named message: htmx fires it as the DOM event `changed` on the element that holds the stream."""


def _made(view: View, session: Session, order: Order, event: Event) -> Message | None:
    """The message; None drops those who watch this view, so that they come back and nobody else is hurt."""
    if view.render is None:
        return LOOK_AGAIN
    try:
        return view.render(session, order, event)
    except Exception:
        log.exception("Event %s of order %s cannot be told as %s.", event.seq, order.id, view.key)
        return None


def _offer_all(batch: Sequence[Parcel]) -> None:
    for watcher, message in batch:
        watcher.offer(message)


def _orders(session: Session, ids: set[str]) -> dict[str, Order]:
    if not ids:
        return {}
    return {order.id: order for order in session.exec(select(Order).where(col(Order.id).in_(ids)))}
