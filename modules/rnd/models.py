"""Families, their immutable releases, and proofs of customers' artwork."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from cosmo.append_only import append_only
from cosmo.columns import Json, UtcDateTime
from cosmo.ids import new_id
from modules.rnd import idea_models as idea_models  # its tables belong with these


class FamilyRow(SQLModel, table=True):
    """A family as offered now; `release_id` is the release new configurations get, empty until there is
    one: the slug is taken, and only the plant's engineers know of it."""

    __tablename__ = "rnd_family"

    slug: str = Field(primary_key=True)
    plant_id: str = Field(foreign_key="cosmo_plant.id", index=True)
    release_id: str


@append_only
class Release(SQLModel, table=True):
    """One version of a family, never changed: its files' whole content, and the content's fingerprint."""

    __tablename__ = "rnd_release"
    __table_args__ = (UniqueConstraint("family", "number"),)

    id: str = Field(primary_key=True)
    """`<slug>-<number>`."""
    family: str = Field(index=True)
    number: int
    digest: str
    content: dict[str, Any] = Field(sa_type=Json)
    released_at: datetime = Field(sa_type=UtcDateTime)
    files: dict[str, str] | None = Field(default=None, sa_type=Json, nullable=True)
    """The texts the content was read from, comments and layout kept; none where it came as plain data."""


class DraftState(StrEnum):
    OPEN = "open"
    RELEASED = "released"
    DISCARDED = "discarded"


class Draft(SQLModel, table=True):
    """A family's next release while engineers write it; a family has at most one open draft.

    Its text may be unreadable for a while. What became of it stays: the release it was made into, or that it
    was discarded.
    """

    __tablename__ = "rnd_draft"
    __table_args__ = (
        Index(
            "uq_rnd_draft_open",
            "family",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    family: str = Field(foreign_key="rnd_family.slug", index=True)
    base: str
    """The release it goes on from; empty for a family that has none yet."""
    files: dict[str, str] = Field(sa_type=Json)
    touched: dict[str, list[Any]] = Field(default_factory=dict, sa_type=Json)
    """File -> the version that last changed it, and who did."""
    note: str
    author: str
    """Who started it; an account's id, or what did so by itself."""
    started_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    updated_by: str
    version: int
    """Grows with every change, also from one draft of a family to the next."""
    state: str = Field(default=DraftState.OPEN)
    release_id: str | None = None
    """What it was released as."""


class ProofState(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    CHANGES = "changes"
    """The customer wants something changed; the plant sends another version."""
    WITHDRAWN = "withdrawn"
    """Replaced by a newer version, or the order was cancelled."""


class Proof(SQLModel, table=True):
    """One version of an order's proof: the artwork at its print size, with its checks, and the customer's
    answer.
    """

    __tablename__ = "rnd_proof"
    __table_args__ = (UniqueConstraint("order_id", "version"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    order_id: str = Field(foreign_key="cosmo_order.id", index=True)
    plant_id: str = Field(foreign_key="cosmo_plant.id", index=True)
    version: int
    state: str = Field(default=ProofState.OPEN, index=True)
    artwork_id: str = Field(index=True)
    """The attachment that is printed."""
    print_key: str
    """Artwork and everything that decides how it is printed; approved once, it needs no second approval."""
    report: dict[str, Any] = Field(sa_type=Json)
    """See `proofing.ProofReport`: print size, zone, checks."""
    preview: bytes = Field(sa_type=LargeBinary)
    preview_type: str
    made_at: datetime = Field(sa_type=UtcDateTime)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answered_by: str | None = None
    comment: str = ""
    """What the customer wrote with the answer."""
    note: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """What the plant wrote when it sent this version: what is different now."""
