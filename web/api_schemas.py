"""What the kernel's API takes and tells about quotes and orders."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from cosmo.placing import Customer
from cosmo.ports import Ask
from cosmo.spec import BomLine, RoutingStep, Spec, start_quantity
from web.shapes import (
    HingeOut,
    Id,
    In,
    OfferCode,
    Out,
    Piece,
    PriceOut,
    PromiseOut,
    Quantity,
    Selections,
    ShipToIn,
    Slug,
    Text,
)

Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        to_lower=True,
        max_length=254,
        pattern=r"^[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\"]+$",
    ),
]
Code = Annotated[
    str, StringConstraints(min_length=1, max_length=60, pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$")
]
Signature = Annotated[str, StringConstraints(max_length=200)]
Amount = Annotated[Decimal, Field(gt=0, le=Decimal(10) ** 9, max_digits=18, decimal_places=6)]
Minutes = Annotated[Decimal, Field(ge=0, le=525_600, max_digits=12, decimal_places=4)]


class CustomerIn(In):
    name: Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
    email: Email
    phone: Annotated[str, StringConstraints(max_length=40, strip_whitespace=True)] | None = None

    def port(self) -> Customer:
        return Customer(self.name, self.email, self.phone)


class BomLineIn(In):
    """`quantity` of `material` for the whole order, planned losses included."""

    material: Code
    quantity: Amount
    unit: Annotated[str, StringConstraints(min_length=1, max_length=20)] = "pcs"
    name: Text = ""
    order_specific: bool = False
    operation: Code | None = None

    def line(self) -> BomLine:
        return BomLine(**self.model_dump(exclude={"name"}), name={"en": self.name or self.material})


class StepIn(In):
    """One operation: `fixed_minutes + minutes_per_piece * n` on one of `resources`."""

    code: Code
    resources: Annotated[tuple[Code, ...], Field(min_length=1, max_length=50)]
    name: Text = ""
    fixed_minutes: Minutes = Decimal(0)
    minutes_per_piece: Minutes = Decimal(0)
    family: Code | None = None
    size_per_piece: Amount = Decimal(1)
    yield_rate: Annotated[Decimal, Field(ge=Decimal("0.05"), le=1, max_digits=8, decimal_places=6)] = Decimal(
        1
    )
    min_lag: Annotated[int, Field(ge=0, le=100_000)] = 0
    max_lag: Annotated[int, Field(ge=0, le=100_000)] | None = None

    def step(self) -> RoutingStep:
        return RoutingStep(**self.model_dump(exclude={"name"}), name={"en": self.name or self.code})


class SpecIn(In):
    """What is made and how, given with the order where the plant's R&D module is off."""

    bom: Annotated[tuple[BomLineIn, ...], Field(max_length=200)] = ()
    routing: Annotated[tuple[StepIn, ...], Field(min_length=1, max_length=60)]
    title: Text = "Own design"
    unit: Annotated[str, StringConstraints(min_length=1, max_length=20)] = "pcs"
    mass_kg: Annotated[Decimal, Field(ge=0, le=100_000, max_digits=12, decimal_places=3)] = Decimal(0)
    pieces_per_carton: Annotated[int, Field(ge=1, le=10_000)] = 1
    one_shade: bool = False

    @model_validator(mode="after")
    def _codes_fit(self) -> Self:
        codes = [step.code for step in self.routing]
        if len(set(codes)) != len(codes):
            raise ValueError("each routing step needs a code of its own")
        if any(line.operation not in (None, *codes) for line in self.bom):
            raise ValueError("a BOM line names an operation that is not in the routing")
        if any(s.max_lag is not None and s.max_lag < s.min_lag for s in self.routing):
            raise ValueError("max_lag is less than min_lag")
        return self

    def spec(self, quantity: int) -> Spec:
        routing = tuple(step.step() for step in self.routing)
        return Spec(
            title={"en": self.title},
            unit=self.unit,
            quantity=quantity,
            start_quantity=start_quantity(quantity, routing),
            bom=tuple(line.line() for line in self.bom),
            routing=routing,
            mass_kg=self.mass_kg,
            pieces_per_carton=Decimal(self.pieces_per_carton),
            one_shade=self.one_shade,
        )


class QuoteIn(In):
    """`service` chooses the delivery; `pieces` are texts per piece, at most one for each."""

    family: Slug
    selections: Selections = Field(default_factory=dict)
    quantity: Quantity
    ship_to: ShipToIn = ShipToIn()
    requested_date: date | None = None
    service: Code | None = None
    pieces: Annotated[tuple[Piece, ...], Field(max_length=5000)] = ()
    offer_code: OfferCode = ""

    def ask(self, locale: str) -> Ask:
        return Ask(
            self.family, self.selections, self.quantity, self.ship_to.port(), self.requested_date,
            self.pieces, locale, code=self.offer_code,
        )  # fmt: skip


class OrderIn(In):
    """A quote to place; or, without `quote_id`, what a quote would take; or an own `spec` at a `plant`.

    With the quote's `signature` only what was signed is placed; what has changed since is refused. An
    `offer_code` that takes nothing off is refused too, since nobody has seen the price without it.
    """

    quote_id: Id | None = None
    signature: Signature | None = None
    customer: CustomerIn | None = None
    family: Slug | None = None
    selections: Selections = Field(default_factory=dict)
    quantity: Quantity | None = None
    ship_to: ShipToIn | None = None
    requested_date: date | None = None
    service: Code | None = None
    pieces: Annotated[tuple[Piece, ...], Field(max_length=5000)] = ()
    offer_code: OfferCode = ""
    plant: Slug | None = None
    spec: SpecIn | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        direct = (self.family, self.quantity, self.ship_to, self.spec, self.plant, self.offer_code or None)
        if self.quote_id is not None:
            if any(value is not None for value in direct):
                raise ValueError("name a quote_id, or what is wanted, not both")
            return self
        if self.signature is not None:
            raise ValueError("a signature comes with the quote_id it was made for")
        if self.quantity is None or (self.family is None and self.spec is None):
            raise ValueError("name a quote_id, or a family (or a spec at a plant) with a quantity")
        if self.spec is not None and self.plant is None:
            raise ValueError("an order with its own spec names the plant that makes it")
        return self


class BasketIn(In):
    """`signatures`: quote id -> its signature; where they are given, each quote needs its own."""

    quote_ids: Annotated[tuple[Id, ...], Field(min_length=1, max_length=50)]
    signatures: Annotated[dict[Id, Signature], Field(max_length=50)] | None = None
    customer: CustomerIn | None = None


class LineChangeOut(Out):
    """A line of the price that is another now; null where there is no such line."""

    code: str
    text: str
    before: str | None
    now: str | None


class ChangedOut(Out):
    """What asking anew has changed, and why as far as it is known."""

    price_before: str
    price_now: str
    delivery_date_before: date
    delivery_date_now: date
    hinged_on_before: HingeOut
    lines: list[LineChangeOut]
    why: list[str]


class QuoteOut(Out):
    """`signature` vouches for all of it: send it back with the order, and nothing else is placed."""

    id: str
    price: PriceOut
    promise: PromiseOut
    expires_at: datetime
    signature: str
    changed: ChangedOut | None = None
    offer_code_problem: str | None = None
    """Why the code that came with it takes nothing off; None where it does, or none came."""


class QuoteSeenOut(QuoteOut):
    """`open`: it can still be placed. `signed`: whether the signature asked about is this quote's."""

    open: bool
    signed: bool | None = None


class PlacedOut(Out):
    id: str
    number: str
    stage: str
    promised_date: date
    tracking_url: str


class BasketOut(Out):
    id: str | None
    orders: list[PlacedOut]


class OrderOut(Out):
    """`promised_date` may have moved; `first_promise` never does."""

    id: str
    number: str | None
    family: str
    quantity: int
    selections: dict[str, object]
    stage: str
    held: bool
    hold_reason: str | None
    first_promise: date | None
    promised_date: date | None
    ready_at: datetime | None
    price: PriceOut
    promise: PromiseOut | None
    remake_of: str | None
    placed_at: datetime | None
    seq: int
    tracking_url: str | None


class EventOut(Out):
    seq: int
    type: str
    event_time: datetime
    record_time: datetime
    sentence: str
    payload: dict[str, object]


class CancellationIn(In):
    """`code` is needed with a tracking token only; it is sent to the order's e-mail address."""

    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")] | None = None


class CodeSentOut(Out):
    """Where the code went."""

    sent: str


class SpentOut(Out):
    """One line of the fee: what is spent already."""

    text: str
    amount: str


class CostOut(Out):
    """What cancelling keeps, line by line, and gives back."""

    fee: str
    back: str
    currency: str
    lines: list[SpentOut]


class CancelledOut(CostOut):
    id: str
    stage: str


class PaymentIn(In):
    amount: Annotated[Decimal, Field(gt=0, le=Decimal(10) ** 12, max_digits=18, decimal_places=4)]
    reference: Text = ""


class PaymentOut(Out):
    order_id: str
    balance: str
    currency: str
