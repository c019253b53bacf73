"""Money per order: an append-only ledger of charges, payments and credits, and the terms that hold a start.

All amounts kept here are before value-added tax; who pays is asked for the sum with it (`collect`).
Terms are `prepaid`, `deposit:<percent>` or `account:<days>`; `warranty` orders cost nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Table
from sqlmodel import Field, Session, SQLModel, col, select

from cosmo.append_only import append_only
from cosmo.asking import answerers_for
from cosmo.clock import Now
from cosmo.columns import DecimalText, UtcDateTime
from cosmo.errors import Invalid
from cosmo.i18n import N_, Sentence
from cosmo.ids import new_id
from cosmo.lifecycle import Saying, emit, emit_locked, lock
from cosmo.money import round_money
from cosmo.orders import Address, Order
from cosmo.payloads import Credited, HeldPayload, Paid, Unheld
from cosmo.rows import insert_rows
from cosmo.stages import Stage
from cosmo.taxes import also_due

DEPOSIT_OPEN = "deposit-open"


@append_only
class LedgerEntry(SQLModel, table=True):
    """`kind` is charge (owed by the customer, positive), payment or credit (both reduce what is owed)."""

    __tablename__ = "cosmo_ledger"

    id: str = Field(default_factory=new_id, primary_key=True)
    order_id: str = Field(foreign_key="cosmo_order.id", index=True)
    kind: str
    amount: Decimal = Field(sa_type=DecimalText)
    currency: str
    reference: str = ""
    event_time: datetime = Field(sa_type=UtcDateTime)


TABLE: Table = LedgerEntry.__table__  # type: ignore[attr-defined]


def entries(session: Session, order_id: str) -> list[LedgerEntry]:
    query = select(LedgerEntry).where(LedgerEntry.order_id == order_id)
    return sorted(session.exec(query), key=lambda e: e.id)


def total(session: Session, order_id: str, kind: str) -> Decimal:
    return sum((e.amount for e in entries(session, order_id) if e.kind == kind), Decimal(0))


def balance(session: Session, order_id: str) -> Decimal:
    """What the customer still owes; negative if the plant owes."""
    return (
        total(session, order_id, "charge")
        - total(session, order_id, "payment")
        - total(session, order_id, "credit")
    )


def write_entry(
    session: Session, order: Order, kind: str, amount: Decimal, reference: str, now: Now
) -> LedgerEntry:
    entry = LedgerEntry(
        order_id=order.id,
        kind=kind,
        amount=amount,
        currency=order.price_currency,
        reference=reference,
        event_time=now.business,
    )
    session.add(entry)
    return entry


def due_before_start(order: Order) -> Decimal:
    """How much must be paid before work begins."""
    kind, _, figure = order.terms.partition(":")
    if kind == "prepaid":
        return order.price_amount
    if kind == "deposit":
        return round_money(order.price_amount * Decimal(figure) / 100, order.price_currency)
    return Decimal(0)


def open_accounts(session: Session, orders: Sequence[Order], now: Now) -> None:
    """On placing: charge each price, collect prepayments, hold a start while its deposit is open."""
    rows = [_row(order, "charge", order.number or "", now) for order in orders if order.price_amount]
    insert_rows(session, TABLE, rows)
    _collect_prices(session, [o for o in orders if o.terms == "prepaid" and o.price_amount], now)
    waiting = [order for order in orders if order.terms != "prepaid" and due_before_start(order) > 0]
    holds = [Saying(order, HeldPayload(reason=DEPOSIT_OPEN), "kernel") for order in waiting]
    emit_locked(session, holds, now=now)


def _row(order: Order, kind: str, reference: str, now: Now) -> dict[str, Any]:
    """The whole price as an entry."""
    return {
        "id": new_id(),
        "order_id": order.id,
        "kind": kind,
        "amount": order.price_amount,
        "currency": order.price_currency,
        "reference": reference,
        "event_time": now.business,
    }


def _collect_prices(session: Session, orders: Sequence[Order], now: Now) -> None:
    """The prices of new orders, of which nothing is paid: asked for one by one, written down together."""
    addresses = select(Address).where(col(Address.id).in_({order.ship_to_id for order in orders}))
    _kept = session.exec(addresses).all() if orders else []  # the session knows them as long as they are held
    rows = [_row(o, "payment", _asked_for(session, o, Decimal(0), o.price_amount, now), now) for o in orders]
    insert_rows(session, TABLE, rows)
    paid = [Saying(o, Paid(amount=o.price_amount, currency=o.price_currency), "kernel") for o in orders]
    emit_locked(session, paid, now=now)


def _asked_for(session: Session, order: Order, before: Decimal, amount: Decimal, now: Now) -> str:
    """The reference of the payments port, asked for `amount` and its tax where `before` was paid already."""
    asked = also_due(session, order, before, amount)
    payments = answerers_for(session, order).payments
    return payments.collect(session, order.id, asked, order.price_currency, now)


def collect(session: Session, order_id: str, amount: Decimal, now: Now) -> None:
    """Ask the payments port for `amount` and its tax, and record what came before tax."""
    order = lock(session, order_id)
    reference = _asked_for(session, order, total(session, order_id, "payment"), amount, now)
    record_payment(session, order_id, amount, reference, now, actor="kernel")


def record_payment(
    session: Session, order_id: str, amount: Decimal, reference: str, now: Now, *, actor: str
) -> None:
    """Record money that came in; clears the deposit hold once enough is paid."""
    order = lock(session, order_id)
    if amount <= 0:
        raise Invalid("A payment is more than nothing.")
    if amount > balance(session, order_id):
        left, currency = balance(session, order_id), order.price_currency
        raise Invalid(Sentence(N_("Only {left} is open on this order."), left=left, currency=currency))
    write_entry(session, order, "payment", amount, reference, now)
    emit(session, order_id, Paid(amount=amount, currency=order.price_currency), now=now, actor=actor)
    held = DEPOSIT_OPEN in (order.hold_reason or "").split(",")
    if held and total(session, order_id, "payment") >= due_before_start(order):
        emit(session, order_id, Unheld(reason=DEPOSIT_OPEN), now=now, actor="kernel")


def take_off(session: Session, order: Order, amount: Decimal, reference: str, now: Now) -> Decimal:
    """Owe the customer `amount` less; returns how much of what was paid goes back to her."""
    if not amount:
        return Decimal(0)
    write_entry(session, order, "credit", amount, reference, now)
    return _give_back(session, order, max(-balance(session, order.id), Decimal(0)), now)


def follow_change(session: Session, order: Order, difference: Decimal, now: Now) -> None:
    """A changed order costs `difference` more, or less where it is negative: charged, and collected or given
    back as its terms say. A deposit that is no longer enough holds the start."""
    if difference:
        write_entry(session, order, "charge", difference, "change", now)
    open_now = balance(session, order.id)
    if order.terms == "prepaid" and open_now > 0:
        collect(session, order.id, open_now, now)
    _give_back(session, order, max(-open_now, Decimal(0)), now)
    _follow_deposit(session, order, now)


def _follow_deposit(session: Session, order: Order, now: Now) -> None:
    enough = total(session, order.id, "payment") >= due_before_start(order)
    held = DEPOSIT_OPEN in (order.hold_reason or "").split(",")
    if held and enough:
        emit(session, order.id, Unheld(reason=DEPOSIT_OPEN), now=now, actor="kernel")
    elif not held and not enough and order.stage != Stage.IN_PRODUCTION:
        emit(session, order.id, HeldPayload(reason=DEPOSIT_OPEN), now=now, actor="kernel")


def _give_back(session: Session, order: Order, back: Decimal, now: Now) -> Decimal:
    if back:
        write_entry(session, order, "payment", -back, "refund", now)
        payload = Credited(amount=back, currency=order.price_currency)
        emit(session, order.id, payload, now=now, actor="kernel")
    return back


def settle_cancellation(session: Session, order: Order, fee: Decimal, now: Now) -> Decimal:
    """Replace the charge by the fee and give back what was paid beyond it; returns the amount given back."""
    charged, paid = total(session, order.id, "charge"), total(session, order.id, "payment")
    if not charged:
        return Decimal(0)
    credited = total(session, order.id, "credit")
    write_entry(session, order, "charge", fee - charged, "cancellation", now)
    if credited:  # the fee is of what was left of the price
        write_entry(session, order, "credit", -credited, "cancellation", now)
    return _give_back(session, order, max(paid - fee, Decimal(0)), now)
