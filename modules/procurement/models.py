"""Procurement's tables. Quantities are exact decimals in the material's own unit.

`Lot.pegged` and `PurchaseLine.pegged` are the sums of their pegs; they are kept beside the stock so that
what is free is known from a handful of rows, and they change only in `pegging`, under the material's lock.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from cosmo.append_only import append_only
from cosmo.columns import DecimalText, Json, UtcDateTime
from cosmo.ids import new_id

ZERO = Decimal(0)


class NeedState(StrEnum):
    HELD = "held"
    """Quoted: shown to the supplier, never ordered."""
    FIRM = "firm"
    ISSUED = "issued"
    """All of it went into the product."""
    RELEASED = "released"
    """The order was cancelled."""


class LineState(StrEnum):
    ASKED = "asked"
    CONFIRMED = "confirmed"
    COUNTERED = "countered"
    """The supplier named another date than the one asked for."""
    ANNOUNCED = "announced"
    RECEIVED = "received"
    WITHDRAWN = "withdrawn"


ANSWERED = frozenset({LineState.CONFIRMED, LineState.COUNTERED, LineState.ANNOUNCED, LineState.RECEIVED})
"""The supplier has said something; the line cannot be withdrawn any more."""


class Supplier(SQLModel, table=True):
    """What one supplier (a kernel party) is to one manufacturer."""

    __tablename__ = "procurement_supplier"
    __table_args__ = (UniqueConstraint("party_id", "manufacturer_id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    party_id: str = Field(foreign_key="cosmo_party.id", index=True)
    manufacturer_id: str = Field(foreign_key="cosmo_party.id", index=True)
    capacity_per_week: int | None = None
    """In `capacity_unit`; None is unknown."""
    capacity_unit: str = "pcs"
    currency: str = "EUR"
    general: bool = False
    """Supplies what has no supplier of its own."""


class Material(SQLModel, table=True):
    """What a plant buys. Order-specific materials are bought per order and never kept in stock."""

    __tablename__ = "procurement_material"
    __table_args__ = (UniqueConstraint("plant_id", "code"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    plant_id: str = Field(foreign_key="cosmo_plant.id", index=True)
    code: str
    name: dict[str, str] = Field(sa_type=Json)
    unit: str
    supplier_id: str | None = Field(default=None, foreign_key="procurement_supplier.id", index=True)
    lead_days: int
    """Calendar days from ordering to the door; an arrival on a weekend moves to Monday."""
    order_specific: bool = False
    reorder_point: Decimal = Field(default=ZERO, sa_type=DecimalText)
    order_up_to: Decimal = Field(default=ZERO, sa_type=DecimalText)
    min_quantity: Decimal = Field(default=ZERO, sa_type=DecimalText)
    pack_size: Decimal = Field(default=ZERO, sa_type=DecimalText)
    """Zero: any quantity."""
    price: Decimal = Field(default=ZERO, sa_type=DecimalText)
    """Per unit, in the supplier's currency."""
    shelf_days: int | None = None


class Lot(SQLModel, table=True):
    """A traceable quantity in stock under the supplier's lot number."""

    __tablename__ = "procurement_lot"
    __table_args__ = (UniqueConstraint("material_id", "line_id", "number"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    material_id: str = Field(foreign_key="procurement_material.id", index=True)
    number: str
    line_id: str | None = Field(default=None, foreign_key="procurement_purchase_line.id", index=True)
    order_id: str | None = Field(default=None, foreign_key="cosmo_order.id", index=True)
    """Bought for this order alone."""
    received: Decimal = Field(sa_type=DecimalText)
    on_hand: Decimal = Field(sa_type=DecimalText)
    pegged: Decimal = Field(default=ZERO, sa_type=DecimalText)
    received_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    empty: bool = Field(default=False, index=True)


class Need(SQLModel, table=True):
    """Demand: one order's quantity of one material for one operation."""

    __tablename__ = "procurement_need"
    __table_args__ = (
        UniqueConstraint("order_id", "material_id", "operation"),
        Index("ix_procurement_need_state", "state", "material_id", "needed_by"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    order_id: str = Field(foreign_key="cosmo_order.id")
    plant_id: str = Field(foreign_key="cosmo_plant.id")
    material_id: str = Field(foreign_key="procurement_material.id")
    operation: str
    name: dict[str, str] = Field(sa_type=Json)
    """As the order's bill of materials says it."""
    planned: Decimal = Field(sa_type=DecimalText)
    """As resolved; shares issued are shares of it."""
    quantity: Decimal = Field(sa_type=DecimalText)
    """Planned, and what was taken beyond it to make a shortfall again."""
    issued: Decimal = Field(default=ZERO, sa_type=DecimalText)
    order_specific: bool = False
    needed_by: datetime = Field(sa_type=UtcDateTime)
    expected_at: datetime = Field(sa_type=UtcDateTime)
    """When the last of it is there, as known now: from stock, receipts, or the lead time."""
    short: bool = False
    """Not pegged in full."""
    state: str = Field(default=NeedState.HELD)
    created_at: datetime = Field(sa_type=UtcDateTime)

    @property
    def open(self) -> Decimal:
        """What is not yet issued."""
        return self.quantity - self.issued


class PurchaseNumber(SQLModel, table=True):
    """Gives out purchase order numbers without a hot row."""

    __tablename__ = "procurement_number"

    id: int | None = Field(default=None, primary_key=True)
    purchase_id: str


class PurchaseOrder(SQLModel, table=True):
    """An order to a supplier. While `sent_at` is None it still collects the day's needs."""

    __tablename__ = "procurement_purchase"

    id: str = Field(default_factory=new_id, primary_key=True)
    number: str = Field(unique=True)
    plant_id: str = Field(foreign_key="cosmo_plant.id", index=True)
    supplier_id: str | None = Field(default=None, foreign_key="procurement_supplier.id", index=True)
    """None: the plant's buyer has to find one; goods are booked in by the plant."""
    day: date = Field(index=True)
    """The plant's calendar day it was opened on."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)


class PurchaseLine(SQLModel, table=True):
    """One material on a purchase order. `due` is the day it is expected, as known now."""

    __tablename__ = "procurement_purchase_line"

    id: str = Field(default_factory=new_id, primary_key=True)
    purchase_id: str = Field(foreign_key="procurement_purchase.id", index=True)
    material_id: str = Field(foreign_key="procurement_material.id", index=True)
    order_id: str | None = Field(default=None, foreign_key="cosmo_order.id", index=True)
    """Bought for this order alone; not told to the supplier."""
    detail: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    """What the supplier reads beside the material's name; free of the customer's identity."""
    quantity: Decimal = Field(sa_type=DecimalText)
    extra: Decimal = Field(default=ZERO, sa_type=DecimalText)
    """Wanted for stock, beyond what is pegged."""
    received: Decimal = Field(default=ZERO, sa_type=DecimalText)
    pegged: Decimal = Field(default=ZERO, sa_type=DecimalText)
    price: Decimal = Field(default=ZERO, sa_type=DecimalText)
    asked_for: date
    due: date = Field(index=True)
    confirmed: date | None = None
    announced: date | None = None
    announced_quantity: Decimal | None = Field(default=None, sa_type=DecimalText)
    asn: str | None = None
    state: str = Field(default=LineState.ASKED, index=True)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    received_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    open: bool = Field(default=True, index=True)
    """Something is still expected on it."""

    @property
    def outstanding(self) -> Decimal:
        return max(self.quantity - self.received, ZERO) if self.open else ZERO


class Peg(SQLModel, table=True):
    """Links supply to its demand, both ways: a quantity of a lot or of a purchase line to one need."""

    __tablename__ = "procurement_peg"
    __table_args__ = (CheckConstraint("(lot_id IS NULL) <> (line_id IS NULL)", name="one_source"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    need_id: str = Field(foreign_key="procurement_need.id", index=True)
    lot_id: str | None = Field(default=None, foreign_key="procurement_lot.id", index=True)
    line_id: str | None = Field(default=None, foreign_key="procurement_purchase_line.id", index=True)
    quantity: Decimal = Field(sa_type=DecimalText)


@append_only
class Movement(SQLModel, table=True):
    """Every change of stock; a lot's quantity on hand is the sum of its movements."""

    __tablename__ = "procurement_movement"

    id: int | None = Field(default=None, primary_key=True)
    material_id: str = Field(foreign_key="procurement_material.id", index=True)
    lot_id: str = Field(foreign_key="procurement_lot.id", index=True)
    order_id: str | None = Field(default=None, foreign_key="cosmo_order.id", index=True)
    operation: str | None = None
    kind: str
    """opening, receipt, issue, expiry or count."""
    quantity: Decimal = Field(sa_type=DecimalText)
    """Signed."""
    at: datetime = Field(sa_type=UtcDateTime)
