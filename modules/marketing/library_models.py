"""The library: designs a manufacturer publishes, for customers to start from."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from cosmo.columns import Json, UtcDateTime
from cosmo.ids import new_id


class LibraryDesign(SQLModel, table=True):
    """One design of one family. What `selections` does not name has the family's default, an empty text
    leaves it out."""

    __tablename__ = "marketing_design"

    id: str = Field(default_factory=new_id, primary_key=True)
    manufacturer_id: str = Field(foreign_key="cosmo_party.id", index=True)
    family: str = Field(index=True)
    title: dict[str, str] = Field(sa_type=Json)
    selections: dict[str, Any] = Field(sa_type=Json)
    position: int
    shown: bool = True
    changed_at: datetime = Field(sa_type=UtcDateTime)
    changed_by: str
