"""What comes in: price lists from files, offers and terms from forms."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

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


class CampaignIn(_In):
    """A campaign as a seller enters it; `name` by language, English at least."""

    name: dict[Literal["en", "de", "zh"], Annotated[str, Field(min_length=1, max_length=80)]]
    families: Annotated[tuple[Annotated[str, Field(max_length=80)], ...], Field(min_length=1, max_length=50)]
    percent: Decimal = Field(gt=0, le=90, decimal_places=2)
    from_quantity: int = Field(default=1, ge=1, le=100_000)
    code: str = Field(default="", pattern=r"^([A-Za-z0-9-]{3,20})?$")
    first_day: date
    last_day: date


class OfferIn(_In):
    """A quantity offer as a seller enters it."""

    family: str = Field(max_length=80)
    name: str = Field(min_length=1, max_length=120)
    percent: Decimal = Field(gt=0, le=90)
    from_quantity: int = Field(ge=1, le=1_000_000)
