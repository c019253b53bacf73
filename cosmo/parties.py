"""Who takes part: parties, plants (sites), accounts with roles, and which modules a manufacturer uses."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from cosmo.columns import UtcDateTime
from cosmo.ids import new_id


class PartyKind(StrEnum):
    MANUFACTURER = "manufacturer"
    SUPPLIER = "supplier"
    CARRIER = "carrier"
    CUSTOMER = "customer"
    PLATFORM = "platform"


class Role(StrEnum):
    """What an account may do; `GUEST` is whoever has not signed in."""

    GUEST = "guest"
    CUSTOMER = "customer"
    PLANNER = "planner"
    OPERATOR = "operator"
    ENGINEER = "engineer"
    SELLER = "seller"
    SUPPLIER = "supplier"
    CARRIER = "carrier"
    SERVICE = "service"
    PLATFORM = "platform"


PLANT_ROLES = frozenset({Role.PLANNER, Role.OPERATOR, Role.ENGINEER, Role.SELLER, Role.SERVICE})
"""Roles whose party is a manufacturer."""


class Party(SQLModel, table=True):
    """A company or person. Names and addresses live here and never in the event log."""

    __tablename__ = "cosmo_party"

    id: str = Field(default_factory=new_id, primary_key=True)
    kind: str = Field(index=True)
    name: str
    slug: str | None = Field(default=None, unique=True)
    locale: str = "en"
    email: str | None = None
    phone: str | None = None
    erased_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Plant(SQLModel, table=True):
    """A manufacturer's site: its time zone and currency rule dates and prices made there."""

    __tablename__ = "cosmo_plant"

    id: str = Field(default_factory=new_id, primary_key=True)
    manufacturer_id: str = Field(foreign_key="cosmo_party.id", index=True)
    slug: str = Field(unique=True)
    name: str
    timezone: str = "Europe/Berlin"
    currency: str = "EUR"
    stamp: str = "CO"
    """Two letters before order numbers and on the mark."""
    street: str = ""
    city: str = ""
    postal_code: str = ""
    country: str = "DE"
    buffer_hours: int = 12
    """Added to a plan's end before a date is promised."""
    begin_hours: int = 4
    """Business time from an order to its first possible operation: papers, preparation."""


class Account(SQLModel, table=True):
    """A login: one role at one party. At a manufacturer it is good for all its plants (`cosmo.access`)."""

    __tablename__ = "cosmo_account"

    id: str = Field(default_factory=new_id, primary_key=True)
    party_id: str = Field(foreign_key="cosmo_party.id", index=True)
    role: str
    email: str = Field(unique=True)
    name: str
    locale: str = "en"
    password_hash: str
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class LoginSession(SQLModel, table=True):
    """A browser's session, also a guest's; the cookie holds the secret, this row its SHA-256."""

    __tablename__ = "cosmo_session"

    id: str = Field(default_factory=new_id, primary_key=True)
    secret_hash: str = Field(unique=True)
    account_id: str | None = Field(default=None, foreign_key="cosmo_account.id", index=True)
    locale: str | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)


class ApiKey(SQLModel, table=True):
    """A bearer key that acts as its account; only its SHA-256 is stored."""

    __tablename__ = "cosmo_api_key"

    id: str = Field(default_factory=new_id, primary_key=True)
    account_id: str = Field(foreign_key="cosmo_account.id", index=True)
    label: str
    secret_hash: str = Field(unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ModuleSwitch(SQLModel, table=True):
    """A module switched off (or on again) for one manufacturer; no row means on."""

    __tablename__ = "cosmo_module_switch"

    manufacturer_id: str = Field(foreign_key="cosmo_party.id", primary_key=True)
    module: str = Field(primary_key=True)
    on: bool = True
