"""The order: one configured item in some quantity, from draft to closed, with one promise."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Field, SQLModel

from cosmo.columns import DecimalText, Json, UtcDateTime
from cosmo.ids import new_id, new_token


class Address(SQLModel, table=True):
    """Where an order goes; personal, so it is kept out of the events and can be erased."""

    __tablename__ = "cosmo_address"

    id: str = Field(default_factory=new_id, primary_key=True)
    name: str = ""
    street: str = ""
    city: str = ""
    postal_code: str = ""
    country: str = "DE"


class Basket(SQLModel, table=True):
    """Orders placed together."""

    __tablename__ = "cosmo_basket"

    id: str = Field(default_factory=new_id, primary_key=True)
    session_id: str | None = Field(default=None, index=True)
    customer_id: str | None = Field(default=None, foreign_key="cosmo_party.id")
    created_at: datetime = Field(sa_type=UtcDateTime)


class NumberRow(SQLModel, table=True):
    """Gives out order numbers without a hot row."""

    __tablename__ = "cosmo_number"

    id: int | None = Field(default=None, primary_key=True)
    order_id: str


class Order(SQLModel, table=True):
    """Stage, flags and promise are written by `lifecycle` only; the events can rebuild them."""

    __tablename__ = "cosmo_order"

    id: str = Field(default_factory=new_id, primary_key=True)
    number: str | None = Field(default=None, unique=True)
    manufacturer_id: str = Field(foreign_key="cosmo_party.id", index=True)
    plant_id: str = Field(foreign_key="cosmo_plant.id", index=True)
    customer_id: str | None = Field(default=None, foreign_key="cosmo_party.id", index=True)
    basket_id: str | None = Field(default=None, foreign_key="cosmo_basket.id", index=True)
    session_id: str | None = Field(default=None, index=True)
    """The guest session that asked for the quote."""
    remake_of: str | None = Field(default=None, foreign_key="cosmo_order.id", index=True)
    ship_to_id: str | None = Field(default=None, foreign_key="cosmo_address.id")

    family: str
    release: str | None = None
    selections: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    pieces: list[dict[str, str]] = Field(default_factory=list, sa_type=Json)
    """Per-piece texts, where BOM and route do not change."""
    quantity: int
    locale: str = "en"

    stage: str = Field(default="draft", index=True)
    seq: int = 0
    held: bool = False
    hold_reason: str | None = None
    owners: dict[str, bool] = Field(default_factory=dict, sa_type=Json)
    """Module name -> on or off, frozen when the order is placed."""

    terms: str = "prepaid"
    price_amount: Decimal = Field(default=Decimal(0), sa_type=DecimalText)
    price_currency: str = "EUR"
    price_lines: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)

    requested_date: date | None = None
    first_promise: date | None = None
    promised_date: date | None = Field(default=None, index=True)
    ready_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    offer_code: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """As the customer wrote it with the quote; whether it counts is the price's business."""
    promise: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """The whole promise as told: hinges, conditions, earlier, held (see cosmo.promise.Promise)."""
    quote_expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    """Wall time."""
    former: dict[str, Any] | None = Field(default=None, sa_type=Json)
    """What the quote was before it was last asked for anew (see cosmo.comparing.Former)."""

    tracking_token: str = Field(default_factory=new_token, unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    placed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class OrderSpec(SQLModel, table=True):
    """The order's BOM, routing and work content (see cosmo.spec.Spec). Once `frozen_at` is set it
    differs only where the order is changed (cosmo.changing), which its log tells."""

    __tablename__ = "cosmo_order_spec"

    order_id: str = Field(foreign_key="cosmo_order.id", primary_key=True)
    spec: dict[str, Any] = Field(sa_type=Json)
    frozen_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class StandardProduct(SQLModel, table=True):
    """A family's standard BOM, routing and list price: the kernel's answer when rnd or marketing is off."""

    __tablename__ = "cosmo_standard_product"

    family: str = Field(primary_key=True)
    plant_id: str = Field(foreign_key="cosmo_plant.id", index=True)
    name: dict[str, str] = Field(sa_type=Json)
    spec: dict[str, Any] = Field(sa_type=Json)
    """A `Spec` for a quantity of one; quantities scale it."""
    list_price: Decimal = Field(sa_type=DecimalText)
    currency: str = "EUR"
