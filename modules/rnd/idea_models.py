"""Customers' ideas: what they wish for, who wants it too, what designers propose, and the story so far."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from cosmo.columns import DecimalText, UtcDateTime
from cosmo.ids import new_id, new_token


class IdeaState(StrEnum):
    """OPEN waits for a designer, CLAIMED has one; CHOSEN and DECLINED are decided."""

    OPEN = "open"
    CLAIMED = "claimed"
    CHOSEN = "chosen"
    DECLINED = "declined"


class Idea(SQLModel, table=True):
    """One idea, posted to one plant. `key` leads its author to it; all times are business time."""

    __tablename__ = "rnd_idea"

    id: str = Field(default_factory=new_id, primary_key=True)
    key: str = Field(default_factory=new_token, unique=True)
    plant_id: str = Field(foreign_key="cosmo_plant.id", index=True)
    family: str = ""
    """The product it is near; empty where it is near none."""
    author_id: str = Field(foreign_key="cosmo_party.id", index=True)
    locale: str
    """The author's, for letters."""
    title: str
    words: str
    sketch_id: str | None = Field(default=None, foreign_key="cosmo_attachment.id", index=True)
    state: str = Field(default=IdeaState.OPEN, index=True)
    claimed_by: str | None = Field(default=None, foreign_key="cosmo_account.id", index=True)
    chosen_id: str | None = None
    """The chosen proposal."""
    reason: str = ""
    """Why it was declined."""
    posted_at: datetime = Field(sa_type=UtcDateTime)


class IdeaVote(SQLModel, table=True):
    """Somebody wants it too. `voter`: account:<id>, or session:<id> of a guest's browser."""

    __tablename__ = "rnd_idea_vote"
    __table_args__ = (UniqueConstraint("idea_id", "voter"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    idea_id: str = Field(foreign_key="rnd_idea.id", index=True)
    voter: str
    voted_at: datetime = Field(sa_type=UtcDateTime)


class IdeaProposal(SQLModel, table=True):
    """How a designer would make it, with a rough price of one before VAT."""

    __tablename__ = "rnd_idea_proposal"

    id: str = Field(default_factory=new_id, primary_key=True)
    idea_id: str = Field(foreign_key="rnd_idea.id", index=True)
    account_id: str = Field(foreign_key="cosmo_account.id", index=True)
    words: str
    picture_id: str | None = Field(default=None, foreign_key="cosmo_attachment.id", index=True)
    price: Decimal = Field(sa_type=DecimalText)
    currency: str
    posted_at: datetime = Field(sa_type=UtcDateTime)


class IdeaStep(SQLModel, table=True):
    """One dated step of an idea's story. `account_id`: who took it, where a person of the plant did."""

    __tablename__ = "rnd_idea_step"

    id: str = Field(default_factory=new_id, primary_key=True)
    idea_id: str = Field(foreign_key="rnd_idea.id", index=True)
    what: str
    """One of modules.rnd.idea_view.SAID."""
    account_id: str | None = Field(default=None, foreign_key="cosmo_account.id")
    path: str = ""
    """Where what came of it is to be seen."""
    at: datetime = Field(sa_type=UtcDateTime)
