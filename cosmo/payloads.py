"""Payloads of the kernel's own events; modules bring theirs."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

from cosmo.events import Payload, register

BOTH = frozenset({"customer", "plant"})
PLANT = frozenset({"plant"})


class StagePayload(Payload):
    """Base of the events that move the stage; `skipped` says the owner module was off."""

    skipped: bool = False


class Quoted(StagePayload):
    type: ClassVar[str] = "quoted"
    sentence: ClassVar[str] = "Quoted for {promised_date}."

    promised_date: date
    ready_at: datetime | None = None
    price: Decimal
    currency: str
    held: bool


class Lapsed(StagePayload):
    type: ClassVar[str] = "lapsed"
    sentence: ClassVar[str] = "The quote has lapsed."


class Placed(StagePayload):
    type: ClassVar[str] = "placed"
    sentence: ClassVar[str] = "Ordered. We promise {promised_date}."

    promised_date: date
    ready_at: datetime | None = None
    terms: str = "prepaid"


class Engineered(StagePayload):
    type: ClassVar[str] = "engineered"
    sentence: ClassVar[str] = "Every part and step of your order is worked out."

    release: str | None = None
    start_quantity: int | None = None


class Sourced(StagePayload):
    type: ClassVar[str] = "sourced"
    sentence: ClassVar[str] = "All material is in stock or has a date."


class Scheduled(StagePayload):
    type: ClassVar[str] = "scheduled"
    sentence: ClassVar[str] = "Your order has its place in the plan."

    ready_at: datetime | None = None


class Started(StagePayload):
    type: ClassVar[str] = "started"
    sentence: ClassVar[str] = "Making has begun."

    pieces: int | None = None


class Finished(StagePayload):
    type: ClassVar[str] = "finished"
    sentence: ClassVar[str] = "Everything is made and checked."

    good: int | None = None
    scrapped: int | None = None


class Shipped(StagePayload):
    type: ClassVar[str] = "shipped"
    sentence: ClassVar[str] = "On its way to you."
    audiences: ClassVar[frozenset[str]] = BOTH | {"carrier"}

    shipment: str | None = None


class Delivered(StagePayload):
    type: ClassVar[str] = "delivered"
    sentence: ClassVar[str] = "Delivered."
    audiences: ClassVar[frozenset[str]] = BOTH | {"carrier"}

    shipment: str | None = None


class Closed(StagePayload):
    type: ClassVar[str] = "closed"
    sentence: ClassVar[str] = "This order is complete."


class Cancelled(StagePayload):
    type: ClassVar[str] = "cancelled"
    sentence: ClassVar[str] = "This order is cancelled."

    reason: str
    """A code: customer, plant, proof-rejected, unpaid."""
    fee: Decimal = Decimal(0)
    currency: str = "EUR"


class PromiseMoved(Payload):
    """The date moved; `reason` is a stable code, `cause` an id of what did it (a work centre, a material)."""

    type: ClassVar[str] = "promise-moved"
    sentence: ClassVar[str] = "Your date moved from {old} to {new}. {why}"

    old: date
    new: date
    ready_at: datetime | None = None
    reason: str
    cause: str | None = None

    def words(self) -> dict[str, object]:
        return {"old": self.old, "new": self.new, "why": MOVE_REASONS.get(self.reason, "")}


MOVE_REASONS = {
    "breakdown": "A machine broke down.",
    "material-late": "A material comes later than agreed.",
    "late-start": "The work before yours took longer.",
    "scrap": "Some pieces were not good enough, so we make them again.",
    "condition-missed": "Something we waited for came later.",
    "change": "You changed the order.",
    "earlier": "We can be earlier.",
}
"""Reason code -> sentence (a msgid)."""


class OrderChanged(Payload):
    """What was ordered is another now. `options`: what differs (`quantity` too), by code; the values stand on
    the order. `suppliers`: parties whose demand follows; `off`: modules that would have followed and are off.
    """

    type: ClassVar[str] = "order-changed"
    sentence: ClassVar[str] = "The order was changed. It costs {price}, and we promise {promised_date}."
    hidden: ClassVar[Mapping[str, frozenset[str]]] = {"customer": frozenset({"suppliers"})}

    options: tuple[str, ...]
    quantity: int
    promised_date: date
    ready_at: datetime | None = None
    price: Decimal
    difference: Decimal
    currency: str
    suppliers: tuple[str, ...] = ()
    off: tuple[str, ...] = ()


class HeldPayload(Payload):
    type: ClassVar[str] = "hold-set"
    sentence: ClassVar[str] = "On hold. {why}"

    reason: str
    """A code: deposit-open, proof-open, shortfall-open, claim."""

    def words(self) -> dict[str, object]:
        return {"why": HOLD_REASONS.get(self.reason, "")}


HOLD_REASONS = {
    "deposit-open": "We begin when the deposit is in.",
    "proof-open": "We begin when you approve the proof.",
    "shortfall-open": "Pieces are missing, and you choose how we go on. What is begun is finished meanwhile.",
    "plant": "The plant is looking into it.",
}


class Unheld(Payload):
    type: ClassVar[str] = "hold-cleared"
    sentence: ClassVar[str] = "The hold is over."

    reason: str


class Paid(Payload):
    type: ClassVar[str] = "paid"
    sentence: ClassVar[str] = "Payment received: {amount} before VAT."

    amount: Decimal
    currency: str


class Credited(Payload):
    type: ClassVar[str] = "credited"
    sentence: ClassVar[str] = "{amount} before VAT goes back to you."

    amount: Decimal
    currency: str


class FewerAccepted(Payload):
    """The customer takes fewer pieces than are owed; from now on `pieces` are owed, for `amount` less."""

    type: ClassVar[str] = "fewer-accepted"
    sentence: ClassVar[str] = "You take {pieces} instead of {before}. You pay {amount} less."

    pieces: int
    before: int
    amount: Decimal
    currency: str


class Proposed(Payload):
    """A remake was begun for this order, or this order is one."""

    type: ClassVar[str] = "remake-begun"
    sentence: ClassVar[str] = "We make it again; the new order is linked."

    remake: str


KERNEL_PAYLOADS = (
    Quoted, Lapsed, Placed, Engineered, Sourced, Scheduled, Started, Finished, Shipped, Delivered, Closed,
    Cancelled, PromiseMoved, OrderChanged, HeldPayload, Unheld, Paid, Credited, FewerAccepted,
    Proposed,
)
register(*KERNEL_PAYLOADS)
