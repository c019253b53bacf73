"""Carriers with their services, shipments and the labelled units they consist of."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlmodel import Field, SQLModel

from cosmo.columns import DecimalText, Json, UtcDateTime
from cosmo.ids import new_id


class ShipmentState(StrEnum):
    PACKED = "packed"
    PICKED_UP = "picked_up"
    DELIVERED = "delivered"


class CarrierService(SQLModel, table=True):
    """One service of one carrier from one plant: days in transit and freight by zone."""

    __tablename__ = "logistics_service"

    id: str = Field(default_factory=new_id, primary_key=True)
    plant_id: str = Field(foreign_key="cosmo_plant.id", index=True)
    carrier_id: str = Field(foreign_key="cosmo_party.id", index=True)
    code: str
    name: dict[str, str] = Field(sa_type=Json)
    standard: bool = True
    pickup_hour: int = 15
    """Local hour on working days at which the carrier calls."""
    zones: dict[str, Any] = Field(sa_type=Json)
    """Zone -> {"days": working days in transit, "base": amount, "per_kg": amount}; see zones.py."""


class Shipment(SQLModel, table=True):
    """One consignment of one order."""

    __tablename__ = "logistics_shipment"

    id: str = Field(default_factory=new_id, primary_key=True)
    number: str = Field(unique=True)
    order_id: str = Field(foreign_key="cosmo_order.id", index=True)
    plant_id: str = Field(foreign_key="cosmo_plant.id", index=True)
    carrier_id: str | None = Field(default=None, foreign_key="cosmo_party.id", index=True)
    service: str = ""
    state: str = Field(default=ShipmentState.PACKED, index=True)
    pieces: int
    mass_kg: Decimal = Field(sa_type=DecimalText)
    packed_at: datetime = Field(sa_type=UtcDateTime)
    expected_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    picked_up_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    delivered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    received_by: str = ""
    """Who took it in; personal, so never in an event."""


class HandlingUnit(SQLModel, table=True):
    """One labelled carton or pallet."""

    __tablename__ = "logistics_unit"

    id: str = Field(default_factory=new_id, primary_key=True)
    shipment_id: str = Field(foreign_key="logistics_shipment.id", index=True)
    sscc: str = Field(unique=True)
    pieces: Decimal = Field(sa_type=DecimalText)
    """In the product's unit, so 1.08 for a box of tiles."""
    mass_kg: Decimal = Field(sa_type=DecimalText)


class SerialRow(SQLModel, table=True):
    """Gives out the serial references inside SSCCs, never twice."""

    __tablename__ = "logistics_serial"

    id: int | None = Field(default=None, primary_key=True)
    shipment_id: str
