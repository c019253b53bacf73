"""What comes in: price lists from files, offers and terms from forms."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from cosmo.money import Margin


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RateLine(_In):
    """One line of a price list: `rate` money per `unit` of the driver `code`."""

    code: str
    name: dict[str, str]
    unit: str
    rate: Decimal = Field(ge=0)
    kind: Literal["amount", "percent", "minimum", "rush"] = "amount"
    cost: Decimal | None = Field(default=None, ge=0)
    """What a unit of the driver costs the plant itself; None: not known. For sellers alone."""

    @property
    def has_cost(self) -> bool:
        """Whether there is something behind it that costs: surcharges in percent are nobody's work."""
        return self.kind == "amount"


class CampaignIn(_In):
    """A campaign as a seller enters it; `name` by language, English at least."""

    name: dict[Literal["en", "de", "zh"], Annotated[str, Field(min_length=1, max_length=80)]]
    families: Annotated[tuple[Annotated[str, Field(max_length=80)], ...], Field(min_length=1, max_length=50)]
    percent: Decimal = Field(gt=0, le=90, decimal_places=2)
    from_quantity: int = Field(default=1, ge=1, le=100_000)
    code: str = Field(default="", pattern=r"^([A-Za-z0-9-]{3,20})?$")
    first_day: date
    last_day: date


MOST_RATE = 1_000_000
Rate = Annotated[Decimal, Field(ge=0, le=MOST_RATE, max_digits=12, decimal_places=4)]
SEGMENT = re.compile(r"([a-z0-9][a-z0-9-]{0,29})?")
"""What a segment of customers is called; empty: none."""
Segment = Annotated[str, Field(pattern=f"^{SEGMENT.pattern}$")]


class ListIn(_In):
    """A price list as a seller writes it: `rates` and `costs` by the code of the line; what is left out stays
    as it is. `segment` empty: for everybody. `valid_to` is its last day; None: until the next one."""

    family: Annotated[str, Field(max_length=80)]
    segment: Segment = ""
    rates: dict[Annotated[str, Field(max_length=80)], Rate] = Field(default_factory=dict)
    costs: dict[Annotated[str, Field(max_length=80)], Rate | None] = Field(default_factory=dict)
    valid_from: date | None = None
    """None: from now on."""
    valid_to: date | None = None


class SegmentIn(_In):
    """A customer's segment; empty: none."""

    segment: Segment


class MarginOut(BaseModel):
    """Amounts as text, in `currency`; `unknown` are the codes of lines whose cost is not stated."""

    currency: str
    price: str
    cost: str
    kept: str
    percent: str
    lines: list[dict[str, str | None]]
    unknown: list[str]

    @classmethod
    def of(cls, kept: Margin) -> "MarginOut":
        lines = [{"code": x.code, "price": _plain(x.price), "cost": _plain(x.cost)} for x in kept.lines]
        figures = {name: format(getattr(kept, name), "f") for name in ("price", "cost", "kept", "percent")}
        return cls(currency=kept.currency, lines=lines, unknown=[x.code for x in kept.unknown], **figures)


def _plain(amount: Decimal | None) -> str | None:
    return None if amount is None else format(amount, "f")


class OfferIn(_In):
    """A quantity offer as a seller enters it."""

    family: str = Field(max_length=80)
    name: str = Field(min_length=1, max_length=120)
    percent: Decimal = Field(gt=0, le=90)
    from_quantity: int = Field(ge=1, le=1_000_000)
