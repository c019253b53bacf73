"""What customers send."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)]
NeededLine = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Country = Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, pattern=r"^[A-Za-z]{2}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Email = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ShipToIn(_In):
    """An address; before ordering only city, postal code and country matter."""

    name: Line = ""
    street: Line = ""
    city: Line = ""
    postal_code: Annotated[str, StringConstraints(strip_whitespace=True, max_length=20)] = ""
    country: Country = "DE"


class AddressIn(_In):
    """A whole address."""

    name: NeededLine
    street: NeededLine
    city: NeededLine
    postal_code: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=20)]
    country: Country = "DE"


class CheckoutIn(AddressIn):
    """The order form: who orders, and where it goes."""

    email: Email
    phone: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] = ""


class ConfigureIn(_In):
    """A selection, perhaps unfinished."""

    selections: dict[str, Any] = Field(default_factory=dict, max_length=200)
    quantity: int | None = Field(default=None, ge=1, le=100_000)
    ship_to: ShipToIn | None = None


class ChangeIn(_In):
    """What to change on a placed order."""

    ship_to: AddressIn


class MessageIn(_In):
    text: Text


class MessageOut(BaseModel):
    id: str
    from_plant: bool
    text: str
    sent_at: datetime
