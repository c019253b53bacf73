"""What customers send to interaction; shapes shared with the shell's API come from web.shapes."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from web.shapes import Country, In, OfferCode, OptionValue, Out, Quantity, Selections, ShipToIn

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
    """A selection, perhaps unfinished. `promise: false`: the price alone, freight as of today."""

    selections: Selections = Field(default_factory=dict)
    quantity: Quantity | None = None
    ship_to: ShipToIn | None = None
    requested_date: date | None = None
    offer_code: OfferCode = ""
    promise: bool = True


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
    """What to change on a placed order: the address, at once; or choices and how many, which are shown first.

    `selections`: only those that differ, null leaves one out. Without `signature` nothing is changed and the
    answer says what would be; with the answer's `signature` exactly that is done.
    """

    ship_to: AddressIn | None = None
    selections: Selections | None = None
    quantity: Quantity | None = None
    signature: Annotated[str, StringConstraints(max_length=200)] | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        other = self.selections is not None or self.quantity is not None
        if (self.ship_to is not None) == other:
            raise ValueError("name an address (ship_to), or what shall differ (selections, quantity)")
        if self.ship_to is not None and self.signature is not None:
            raise ValueError("another address needs no signature")
        return self


class AddressChangedOut(Out):
    """The promised day as it is with the new address."""

    id: str
    stage: str
    promised_date: date | None


class BeforeAfterOut(Out):
    """`difference` is after less before: an amount, or days."""

    before: str
    after: str
    difference: str


class LineDiffersOut(Out):
    """A line of the price that is another; null where there is none."""

    code: str
    text: str
    before: str | None
    after: str | None


class PartsOut(Out):
    """Names: needed no more, newly needed, needed otherwise."""

    gone: list[str]
    new: list[str]
    other: list[str]


class AffectedOut(Out):
    """Whom and what a change touches; no other order's place moves."""

    operations: PartsOut
    materials: PartsOut
    suppliers: int


class ChangeOut(Out):
    """A change: what it would do (`confirmed` false, nothing is changed), or what was done."""

    id: str
    confirmed: bool
    options: list[str]
    selections: dict[str, object]
    quantity: int
    price: BeforeAfterOut
    currency: str
    lines: list[LineDiffersOut]
    delivery_date: BeforeAfterOut
    affected: AffectedOut
    proof_needed: bool
    signature: str


class FreezePointOut(Out):
    """Until when one thing may change: until `operation` begins; `since` then, and `why` it is too late.

    `operation` is null where it plays no part in how the order is made; the address freezes at dispatch.
    """

    option: str
    operation: str | None
    name: str
    frozen: bool
    since: datetime | None
    why: str


class MessageIn(In):
    text: Text


class MessageOut(Out):
    id: str
    from_plant: bool
    text: str
    sent_at: datetime
