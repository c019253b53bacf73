"""Pre-sales: what is made once enough people take it by a day, and who has said so."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from cosmo.columns import DecimalText, Json, UtcDateTime
from cosmo.ids import new_id, new_token


class PresaleState(StrEnum):
    """OPEN takes pledges; REACHED: they become orders; LAPSED: nothing is made."""

    OPEN = "open"
    REACHED = "reached"
    LAPSED = "lapsed"


class PledgeState(StrEnum):
    """PLEDGED stands; WITHDRAWN by its customer; ORDERED is an order; STUCK waits for a person, since it
    could not become one; LAPSED with its pre-sale."""

    PLEDGED = "pledged"
    WITHDRAWN = "withdrawn"
    ORDERED = "ordered"
    STUCK = "stuck"
    LAPSED = "lapsed"


class Presale(SQLModel, table=True):
    """One configuration of a family at one price, to be made from `threshold` on. Times are business time."""

    __tablename__ = "marketing_presale"

    id: str = Field(default_factory=new_id, primary_key=True)
    plant_id: str = Field(foreign_key="cosmo_plant.id", index=True)
    family: str
    release: str | None = None
    """The release it was opened under; its orders are made by it."""
    selections: dict[str, Any] = Field(sa_type=Json)
    title: str
    words: str = ""
    threshold: int
    """In the family's unit."""
    closes_on: date
    """The last day, at the plant."""
    each: Decimal = Field(sa_type=DecimalText)
    """What one costs, before freight and VAT, frozen when it was opened."""
    list_each: Decimal = Field(sa_type=DecimalText)
    """The same without the pre-sale's discount."""
    percent: Decimal = Field(sa_type=DecimalText)
    currency: str
    state: str = Field(default=PresaleState.OPEN, index=True)
    idea_id: str | None = Field(default=None, index=True)
    """The idea it came of, at whoever keeps ideas."""
    opened_at: datetime = Field(sa_type=UtcDateTime)
    opened_by: str
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Pledge(SQLModel, table=True):
    """Somebody takes `quantity` at the pre-sale's price if it is reached. `key` leads them to it."""

    __tablename__ = "marketing_pledge"
    __table_args__ = (UniqueConstraint("presale_id", "sent"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    key: str = Field(default_factory=new_token, unique=True)
    presale_id: str = Field(foreign_key="marketing_presale.id", index=True)
    party_id: str = Field(foreign_key="cosmo_party.id", index=True)
    ship_to_id: str = Field(foreign_key="cosmo_address.id", index=True)
    locale: str
    quantity: int
    freight: Decimal = Field(sa_type=DecimalText)
    """As shown when it was pledged."""
    freight_text: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    state: str = Field(default=PledgeState.PLEDGED, index=True)
    sent: str = Field(default_factory=new_id)
    """Of the form it came from: the same form sent twice is one pledge."""
    order_id: str | None = Field(default=None, foreign_key="cosmo_order.id", index=True)
    error: str = ""
    """Why it is stuck."""
    pledged_at: datetime = Field(sa_type=UtcDateTime)
