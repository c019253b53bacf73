"""What comes in: price lists from files, offers and terms from forms."""

from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RateLine(_In):
    """One line of a price list: `rate` money per `unit` of the driver `code`."""

    code: str
    name: dict[str, str]
    unit: str
    rate: Decimal = Field(ge=0)
    kind: Literal["amount", "percent", "minimum"] = "amount"


class OfferIn(_In):
    """A quantity offer as a seller enters it."""

    family: str = Field(max_length=80)
    name: str = Field(min_length=1, max_length=120)
    percent: Decimal = Field(gt=0, le=90)
    from_quantity: int = Field(ge=1, le=1_000_000)
