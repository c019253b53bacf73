"""What comes in and goes out of pre-sales."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field, StringConstraints

from modules.marketing.pledging import MOST_PIECES
from modules.marketing.presales import MOST_PERCENT, MOST_THRESHOLD
from web.shapes import Country, Id, In, Out, PriceOut, Selections, Slug

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Email = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
]


class PresaleIn(In):
    """What a seller opens: the family's default choices with `selections` laid over them."""

    family: Slug
    title: Title
    words: Annotated[str, StringConstraints(max_length=2000)] = ""
    selections: Selections = Field(default_factory=dict)
    threshold: Annotated[int, Field(ge=1, le=MOST_THRESHOLD)]
    closes_on: date
    percent: Annotated[Decimal, Field(ge=0, le=MOST_PERCENT, decimal_places=2)] = Decimal(0)
    idea_id: Id | None = None


class AddressIn(In):
    """A whole address."""

    name: Line
    street: Line
    city: Line
    postal_code: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=20)]
    country: Country = "DE"


class PledgeIn(In):
    """So many, sent there. `email` is needed of guests only. `agreed`: the sum that was shown; where it is
    another one by now nothing is pledged (409)."""

    quantity: Annotated[int, Field(ge=1, le=MOST_PIECES)]
    ship_to: AddressIn
    email: Email | None = None
    agreed: Decimal | None = None


class PresaleOut(Out):
    """`pieces` of `threshold` are pledged. `about_working_days`: until the whole run would arrive, were it
    reached now; null where the plan cannot say. `state`: open, reached or lapsed."""

    id: str
    title: str
    words: str
    family: str
    plant: str
    selections: dict[str, object]
    each: str
    list_each: str
    currency: str
    pieces: int
    threshold: int
    closes_on: date
    state: str
    about_working_days: int | None = None


class PledgeOut(Out):
    """`state`: pledged, withdrawn, ordered, stuck or lapsed; with an order its tracking address."""

    id: str
    presale_id: str
    quantity: int
    price: PriceOut
    state: str
    pledge_url: str
    tracking_url: str | None = None
