"""Price lists, offers, the catalogue, terms agreed with a customer, and papers (invoices, credit notes)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from cosmo.columns import DecimalText, Json, UtcDateTime
from cosmo.ids import new_id
from modules.marketing import library_models as library_models  # its table belongs with these
from modules.marketing import presale_models as presale_models  # its tables belong with these


class PriceList(SQLModel, table=True):
    """List rates of one family in one currency, for everybody or for a segment of the customers.

    Of those that are valid one with an end counts before one without, then the newest; a segment's list has
    only the rates that are other ones for it. A list that has counted is never changed, only ended."""

    __tablename__ = "marketing_price_list"

    id: str = Field(default_factory=new_id, primary_key=True)
    plant_id: str = Field(foreign_key="cosmo_plant.id", index=True)
    family: str = Field(index=True)
    currency: str
    valid_from: datetime = Field(sa_type=UtcDateTime)
    valid_to: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lines: list[dict[str, Any]] = Field(sa_type=Json)
    """Each {code, name, unit, rate, kind, cost}; kind: amount, percent, minimum or rush (see pricing.py)."""
    digest: str
    """SHA-256 of the family's own lines, so that loading the same file twice changes nothing."""
    segment: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Of customers (`CustomerSegment`); empty: for everybody."""
    base: list[dict[str, Any]] = Field(
        default_factory=list, sa_type=Json, sa_column_kwargs={"server_default": "[]"}
    )
    """The lines as the family's release has them: what differs, a seller has changed."""
    written_by: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """The seller's actor; empty: it came with the family."""


class Offer(SQLModel, table=True):
    """A quantity offer: `percent` off the goods from `from_quantity` pieces on, while it is valid."""

    __tablename__ = "marketing_offer"

    id: str = Field(default_factory=new_id, primary_key=True)
    plant_id: str = Field(foreign_key="cosmo_plant.id", index=True)
    family: str = Field(index=True)
    name: dict[str, str] = Field(sa_type=Json)
    percent: Decimal = Field(sa_type=DecimalText)
    from_quantity: int
    valid_from: datetime = Field(sa_type=UtcDateTime)
    valid_to: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Campaign(SQLModel, table=True):
    """A named time in which some families cost less: for everybody, or for who knows its code."""

    __tablename__ = "marketing_campaign"

    id: str = Field(default_factory=new_id, primary_key=True)
    plant_id: str = Field(foreign_key="cosmo_plant.id", index=True)
    name: dict[str, str] = Field(sa_type=Json)
    families: list[str] = Field(sa_type=Json)
    percent: Decimal = Field(sa_type=DecimalText)
    from_quantity: int
    code: str = Field(default="", index=True)
    """In capitals; empty: it runs for everybody."""
    first_day: date
    last_day: date
    """At the plant, to its end."""
    valid_from: datetime = Field(sa_type=UtcDateTime)
    valid_to: datetime = Field(sa_type=UtcDateTime, index=True)
    """The end of its last day, or when it was ended before."""
    opened_by: str


class CatalogueEntry(SQLModel, table=True):
    """How the shop lists one family: whether, where, in which words, since when. A family without one is
    listed after the others, in its own words."""

    __tablename__ = "marketing_catalogue_entry"
    __table_args__ = (UniqueConstraint("manufacturer_id", "family"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    manufacturer_id: str = Field(foreign_key="cosmo_party.id", index=True)
    family: str
    position: int
    shown: bool = True
    shown_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    headline: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    """Instead of the family's own name, by language; what is empty stays the family's."""
    blurb: dict[str, str] = Field(default_factory=dict, sa_type=Json)


class CatalogueChange(SQLModel, table=True):
    """One change of a manufacturer's catalogue with the entries as they were before, so that it can be taken
    back."""

    __tablename__ = "marketing_catalogue_change"

    id: str = Field(default_factory=new_id, primary_key=True)
    manufacturer_id: str = Field(foreign_key="cosmo_party.id", index=True)
    family: str
    what: str
    """shown, hidden, moved or worded."""
    before: list[dict[str, Any]] = Field(sa_type=Json)
    changed_at: datetime = Field(sa_type=UtcDateTime)
    changed_by: str
    undone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ConflictMet(SQLModel, table=True):
    """How often customers' choices ran into a rule on one of the plant's days, and how often they got out
    of it by giving an option another value. Nobody's name, session or text is in it."""

    __tablename__ = "marketing_conflict_met"

    plant_id: str = Field(foreign_key="cosmo_plant.id", primary_key=True)
    family: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    rule: str = Field(primary_key=True)
    option: str = Field(primary_key=True)
    """Empty: how often the rule was met; else the option that was then chosen otherwise."""
    value: str = Field(primary_key=True)
    """What was chosen instead; empty: it was left out."""
    times: int


class CustomerTerms(SQLModel, table=True):
    """Terms a manufacturer has agreed with one customer, such as `account:30`."""

    __tablename__ = "marketing_terms"

    manufacturer_id: str = Field(foreign_key="cosmo_party.id", primary_key=True)
    customer_id: str = Field(foreign_key="cosmo_party.id", primary_key=True)
    terms: str


class CustomerSegment(SQLModel, table=True):
    """To which segment a manufacturer counts a customer, such as `trade`; its price lists count for them."""

    __tablename__ = "marketing_segment"

    manufacturer_id: str = Field(foreign_key="cosmo_party.id", primary_key=True)
    customer_id: str = Field(foreign_key="cosmo_party.id", primary_key=True)
    segment: str


class Paper(SQLModel, table=True):
    """An invoice (at shipping) or a credit note (at cancellation); `amount` is positive in both."""

    __tablename__ = "marketing_paper"

    id: str = Field(default_factory=new_id, primary_key=True)
    number: str = Field(unique=True)
    kind: str
    order_id: str = Field(foreign_key="cosmo_order.id", index=True)
    plant_id: str = Field(foreign_key="cosmo_plant.id", index=True)
    amount: Decimal = Field(sa_type=DecimalText)
    currency: str
    lines: list[dict[str, Any]] = Field(sa_type=Json)
    tax_percent: Decimal | None = Field(default=None, sa_type=DecimalText)
    """Of value-added tax, as it was when it was issued; None: no rate was known."""
    issued_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class PaperNumber(SQLModel, table=True):
    """Gives out paper numbers."""

    __tablename__ = "marketing_paper_number"

    id: int | None = Field(default=None, primary_key=True)
    paper_id: str
