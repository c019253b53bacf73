"""What customers send to interaction; shapes shared with the shell's API come from web.shapes."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from web.shapes import Country, In, OptionValue, Out, Quantity, Selections, ShipToIn

NeededLine = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Email = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
]


class AddressIn(In):
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


class ConfigureIn(In):
    """A selection, perhaps unfinished."""

    selections: Selections = Field(default_factory=dict)
    quantity: Quantity | None = None
    ship_to: ShipToIn | None = None
    requested_date: date | None = None


class RepairOut(Out):
    """One smallest set of changes after which an impossible selection can be made.

    `changes`: option (or `quantity`) -> its other value, null leaves it out. `price` is the total as amounts
    are written elsewhere; `price_difference` is to what the selection would cost if it could be made as
    chosen. All three are null while something else is still to be chosen.
    """

    changes: dict[str, OptionValue]
    label: str
    price: str | None
    price_difference: str | None
    currency: str | None
    delivery_date: date | None


class ChangeIn(In):
    """What to change on a placed order."""

    ship_to: AddressIn


class MessageIn(In):
    text: Text


class MessageOut(Out):
    id: str
    from_plant: bool
    text: str
    sent_at: datetime
