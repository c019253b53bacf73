"""Messages between a customer and the plant about one order."""

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
