"""Messages between a customer and the plant about one order, and designs that were saved."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from cosmo.columns import UtcDateTime
from cosmo.ids import new_id


class Message(SQLModel, table=True):
    """One message; the words are personal, so the event only holds this row's id."""

    __tablename__ = "interaction_message"

    id: str = Field(default_factory=new_id, primary_key=True)
    order_id: str = Field(foreign_key="cosmo_order.id", index=True)
    from_plant: bool
    account_id: str | None = Field(default=None, foreign_key="cosmo_account.id")
    text: str
    sent_at: datetime = Field(sa_type=UtcDateTime)


class Design(SQLModel, table=True):
    """A configuration a customer or a guest has saved, under a name: the draft, and later the quote of it, is
    `order_id`. Edited after it was quoted, it goes on as another draft; the quote stays as it was."""

    __tablename__ = "interaction_design"

    id: str = Field(default_factory=new_id, primary_key=True)
    order_id: str = Field(foreign_key="cosmo_order.id", unique=True)
    title: str
    service: str = ""
    """The delivery that was chosen."""
    share_key: str | None = Field(default=None, unique=True)
    """128 random bits: whoever knows it may look at the design; none while it is not shared."""
    saved_at: datetime = Field(sa_type=UtcDateTime)
