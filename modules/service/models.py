"""Passports with their warranty, claims and ratings."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from cosmo.columns import UtcDateTime
from cosmo.ids import new_id, new_token


class ClaimState(StrEnum):
    OPEN = "open"
    REMADE = "remade"
    REJECTED = "rejected"


class ClaimKind(StrEnum):
    BROKEN = "broken"
    FLAW = "flaw"
    WRONG = "wrong"
    MISSING = "missing"


class Passport(SQLModel, table=True):
    """The product's public page: `code` is behind the QR code; it leads to no person and no price."""

    __tablename__ = "service_passport"

    order_id: str = Field(foreign_key="cosmo_order.id", primary_key=True)
    code: str = Field(default_factory=new_token, unique=True)
    made_at: datetime = Field(sa_type=UtcDateTime)
    warranty_from: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    warranty_until: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Claim(SQLModel, table=True):
    """What the customer says is wrong, and what became of it."""

    __tablename__ = "service_claim"

    id: str = Field(default_factory=new_id, primary_key=True)
    order_id: str = Field(foreign_key="cosmo_order.id", index=True)
    manufacturer_id: str = Field(foreign_key="cosmo_party.id", index=True)
    kind: str
    pieces: int
    text: str
    attachment_id: str | None = None
    state: str = Field(default=ClaimState.OPEN, index=True)
    answer: str = ""
    remake_id: str | None = Field(default=None, foreign_key="cosmo_order.id")
    opened_at: datetime = Field(sa_type=UtcDateTime)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Rating(SQLModel, table=True):
    """One to five, and a sentence if the customer likes."""

    __tablename__ = "service_rating"

    order_id: str = Field(foreign_key="cosmo_order.id", primary_key=True)
    stars: int
    text: str = ""
    rated_at: datetime = Field(sa_type=UtcDateTime)
