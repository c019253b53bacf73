"""What comes in and goes out over /api/v1. Quantities are decimal strings in the named unit."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from cosmo.spec import Names

Quantity = Annotated[Decimal, Field(gt=0, max_digits=16, decimal_places=6)]
LotNumber = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f]+$")]
LineIds = Annotated[list[str], Field(max_length=200)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CounterIn(_In):
    """Another date than the one asked for, for the whole order or for some of its lines."""

    date: date
    lines: LineIds = []


class AnnouncedLine(_In):
    id: str
    quantity: Quantity


class AnnouncementIn(_In):
    """An advance ship notice: what comes when. Without `lines`, all that is outstanding."""

    date: date
    asn: LotNumber | None = None
    lines: Annotated[list[AnnouncedLine], Field(max_length=200)] = []


class DeliveredLine(_In):
    id: str
    quantity: Quantity | None = None
    lot_number: LotNumber | None = None


class DeliveryIn(_In):
    """Goods handed over. Without `lines`, all that is outstanding. A lot number that was sent for the same
    line before changes nothing."""

    lot_number: LotNumber | None = None
    lines: Annotated[list[DeliveredLine], Field(max_length=200)] = []


class ReceiptIn(_In):
    """Goods booked in by the plant: on a purchase order line, or (with `material`) without one."""

    line: str | None = None
    material: str | None = None
    quantity: Quantity | None = None
    lot_number: LotNumber | None = None


class Capacity(BaseModel):
    plant: str
    """Slug of the plant that is supplied."""
    per_week: int
    unit: str


class DayOut(BaseModel):
    """Demand for one material on one day."""

    date: date
    plant: str
    material: str
    name: Names
    unit: str
    firm: Decimal
    held: Decimal
    held_likely: Decimal
    """Of `held`: how much is likely to be ordered, going by earlier quotes like it."""
    held_unknown: Decimal
    """Of `held`: how much too little history says anything of."""
    likely: Decimal
    """Usual for the week, beyond what is firm, likely of `held`, or unknown of it."""


class DemandOut(BaseModel):
    start: date
    until: date
    capacities: list[Capacity]
    days: list[DayOut]


class FactOut(BaseModel):
    label: Names
    value: Names


class FileOut(BaseModel):
    """`href` is for this supplier alone, while the line is open."""

    label: Names
    name: str
    href: str


class BriefOut(BaseModel):
    """What to make of an item for one order alone: its size, its artwork, what is printed on it."""

    facts: list[FactOut] = []
    files: list[FileOut] = []


class PurchaseLineOut(BaseModel):
    """One line. `due` is the day it is expected as known now; `detail` and, while the line is
    open, `brief` say what to make, never for whom."""

    id: str
    material: str
    name: Names
    detail: Names
    brief: BriefOut | None = None
    quantity: Decimal
    unit: str
    price: Decimal
    state: str
    asked_for: date
    confirmed: date | None
    announced: date | None
    announced_quantity: Decimal | None
    asn: str | None
    due: date
    received: Decimal
    received_at: datetime | None


class PurchaseOut(BaseModel):
    """A purchase order; `state` is that of the line that is furthest behind. Prices are per unit."""

    id: str
    number: str
    plant: str
    state: str
    currency: str
    sent_at: datetime | None
    lines: list[PurchaseLineOut]


class PlantPurchaseOut(PurchaseOut):
    supplier: str
    """The supplier's name; empty where the buyer has to find one."""


class MaterialOut(BaseModel):
    """A material of the plant. `cover_days`: how long the stock lasts at the last four weeks' rate."""

    code: str
    name: Names
    unit: str
    supplier: str
    lead_days: int
    order_specific: bool
    on_hand: Decimal
    pegged: Decimal
    free: Decimal
    on_order: Decimal
    wanted: Decimal
    reorder_point: Decimal
    order_up_to: Decimal
    cover_days: int | None
    next_due: date | None
    late: int


class LotOut(BaseModel):
    id: str
    number: str
    material: str
    quantity: Decimal
    unit: str
    received_at: datetime
    expires_at: datetime | None
