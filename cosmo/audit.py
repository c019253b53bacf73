"""Auditing: every order rebuilt from its events and compared with what is stored, its log, owners and money.

Reads one snapshot in batches, so it can run beside a working system and on any number of orders.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import TypeVar

from sqlmodel import Session, col, select

from cosmo.db import Database
from cosmo.errors import CosmoError
from cosmo.events import PAYLOADS, Event, Payload, payload_of
from cosmo.ledger import LedgerEntry
from cosmo.lifecycle import differences
from cosmo.orders import Order
from cosmo.payloads import Cancelled, Credited, FewerAccepted, Paid, Placed, StagePayload
from cosmo.stages import KERNEL, VERBS

BATCH = 200
_OWNERS = {verb.event: verb.owner for verb in VERBS.values()}


@dataclass(frozen=True, slots=True)
class Finding:
    """One order's difference, in words."""

    order: str
    what: str

    def __str__(self) -> str:
        return f"{self.order}: {self.what}"


@dataclass(frozen=True, slots=True)
class History:
    """All there is about one order."""

    order: Order
    events: list[Event]
    entries: list[LedgerEntry]

    @property
    def payloads(self) -> list[Payload]:
        """Events of modules that are no longer installed move no order and are left out."""
        return [payload_of(event) for event in self.events if event.type in PAYLOADS]


def audit(database: Database) -> Iterator[Finding | History]:
    """Every order's `History`, each followed by what is wrong with it."""
    with database.read() as session:
        if database.dialect == "postgresql":
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        for history in _histories(session):
            yield history
            for what in _faults(history):
                yield Finding(history.order.number or history.order.id, what)
            session.expunge_all()


def _histories(session: Session) -> Iterator[History]:
    last = ""
    while True:
        batch = select(Order).where(Order.id > last).order_by(col(Order.id)).limit(BATCH)
        orders = session.exec(batch).all()
        if not orders:
            return
        ids = [order.id for order in orders]
        last = ids[-1]
        events = _by_order(session, Event, ids)
        entries = _by_order(session, LedgerEntry, ids)
        for order in orders:
            log = sorted(events.get(order.id, []), key=lambda event: event.seq)
            yield History(order, log, entries.get(order.id, []))


R = TypeVar("R", Event, LedgerEntry)


def _by_order(session: Session, table: type[R], ids: list[str]) -> dict[str, list[R]]:
    rows = session.exec(select(table).where(col(table.order_id).in_(ids)).order_by(col(table.order_id)))
    return {order_id: list(group) for order_id, group in groupby(rows, key=lambda row: row.order_id)}


def _faults(history: History) -> Iterator[str]:
    yield from _gaps(history)
    yield from _state(history)
    yield from _owners(history)
    yield from _money(history)


def _gaps(history: History) -> Iterator[str]:
    found = [event.seq for event in history.events]
    if found != list(range(1, len(found) + 1)):
        yield f"the log is not gapless: {found}"
    if history.order.seq != len(found):
        yield f"seq: stored {history.order.seq}, the log has {len(found)} events"


def _state(history: History) -> Iterator[str]:
    try:
        for name, (stored, rebuilt) in differences(history.order, history.payloads).items():
            yield f"{name}: stored {_plain(stored)}, the events say {_plain(rebuilt)}"
    except CosmoError as error:
        yield f"the log leads nowhere: {error.detail}"


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) or "none" if isinstance(value, tuple) else str(value)


def _owners(history: History) -> Iterator[str]:
    """From placing on the owners are frozen, and a verb is skipped if and only if its owner is off."""
    order, placed = history.order, False
    for payload in history.payloads:
        placed = placed or isinstance(payload, Placed)
        owner = _OWNERS.get(payload.type, KERNEL)
        if placed and isinstance(payload, StagePayload) and owner != KERNEL:
            on = order.owners.get(owner, False)
            if payload.skipped == on:
                yield f"{payload.type}: {owner} is {'on' if on else 'off'}, the event says the opposite"
    if placed and order.number is None:
        yield "placed without a number"


def _money(history: History) -> Iterator[str]:
    """The ledger and the events tell of the same money; what is charged is the price, or the fee."""
    order, payloads = history.order, history.payloads
    told = sum((p.amount for p in payloads if isinstance(p, Paid)), Decimal(0))
    told -= sum((p.amount for p in payloads if isinstance(p, Credited)), Decimal(0))
    paid, charged = _sum(history.entries, "payment"), _sum(history.entries, "charge")
    if paid != told:
        yield f"payments: the ledger has {paid}, the events say {told}"
    if not any(isinstance(p, Placed) for p in payloads):
        return
    fee = next((p.fee for p in payloads if isinstance(p, Cancelled)), None)
    due = Decimal(0) if order.terms == "warranty" else order.price_amount if fee is None else fee
    if charged != due:
        yield f"charges: the ledger has {charged}, the order says {due}"
    credited, less = _sum(history.entries, "credit"), _taken_off(payloads, fee)
    if credited != less:
        yield f"credits: the ledger has {credited}, the events say {less}"
    if any(entry.currency != order.price_currency for entry in history.entries):
        yield "the ledger has another currency than the price"


def _taken_off(payloads: list[Payload], fee: Decimal | None) -> Decimal:
    """What fewer pieces cost less; the fee of a cancelled order stands for all of it."""
    taken = sum((p.amount for p in payloads if isinstance(p, FewerAccepted)), Decimal(0))
    return taken if fee is None else Decimal(0)


def _sum(entries: list[LedgerEntry], kind: str) -> Decimal:
    return sum((entry.amount for entry in entries if entry.kind == kind), Decimal(0))
