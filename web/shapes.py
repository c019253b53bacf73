"""The API's shapes of what several modules tell: addresses, prices, promises, orders.

Amounts are decimal strings, instants ISO 8601 in UTC, texts in the reader's language.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlmodel import Session

from cosmo.i18n import pick
from cosmo.money import Price
from cosmo.orders import Order
from cosmo.ports import ShipTo
from cosmo.promise import HingeTold, LikelyTold, Promise
from cosmo.taxes import Tax, tax_of

Text = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=40)]
Slug = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Quantity = Annotated[int, Field(ge=1, le=100_000)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2}$", to_upper=True)]
OfferCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]*$", max_length=20)]
OptionName = Annotated[str, StringConstraints(min_length=1, max_length=80)]
OptionValue = (
    bool
    | Annotated[int, Field(ge=-(10**9), le=10**9)]
    | Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]
    | Annotated[str, StringConstraints(max_length=2000)]
    | None
)
Selections = Annotated[dict[OptionName, OptionValue], Field(max_length=100)]
Piece = Annotated[dict[OptionName, Annotated[str, StringConstraints(max_length=200)]], Field(max_length=10)]


class In(BaseModel):
    """Base of what comes in: nothing unknown is swallowed."""

    model_config = ConfigDict(extra="forbid")


class Out(BaseModel):
    """Base of what goes out."""

    model_config = ConfigDict(frozen=True)


class ShipToIn(In):
    """Where it goes; before placing, city, postal code and country are enough."""

    name: Text = ""
    street: Text = ""
    city: Text = ""
    postal_code: Annotated[str, StringConstraints(max_length=20, strip_whitespace=True)] = ""
    country: Country = "DE"

    def port(self) -> ShipTo:
        return ShipTo(self.name, self.street, self.city, self.postal_code, self.country)


class LineOut(Out):
    code: str
    text: str
    amount: str
    unit_price: str | None = None
    quantity: str | None = None


class TaxOut(Out):
    """Value-added tax on a price: `percent` of it is `amount`, with it `total` is paid."""

    percent: str
    amount: str
    total: str


class PriceOut(Out):
    """Before tax; `amount` is the sum of the lines, each rounded half up to the currency's smallest unit."""

    amount: str
    currency: str
    lines: list[LineOut]
    tax: TaxOut | None = None
    """None: delivered across a border, or no rate is known beforehand."""


class HingeOut(Out):
    """What the date hinges on. `kind`: material, resource, firing, calendar, work, transit, wish."""

    kind: str
    name: str
    at: datetime | None = None
    waits_minutes: int = 0
    code: str = ""


class ConditionOut(Out):
    what: str
    by: datetime


class EarlierOut(Out):
    """One change (selections, or a delivery service) that gives an earlier date."""

    delivery_date: date
    change: dict[str, str | int | float | bool]
    name: str
    price_difference: str


class RequestedOut(Out):
    """The day that was asked for; if not met, `delivery_date` is the nearest, `hinges_on` says why."""

    date: date
    met: bool


class LikelyOut(Out):
    """The days by which half and nine of ten such orders arrive, learnt from so many finished `orders`."""

    p50: date
    p90: date
    orders: int


class PromiseOut(Out):
    delivery_date: date
    ready_at: datetime
    hinges_on: HingeOut
    conditions: list[ConditionOut]
    earlier: list[EarlierOut]
    held: bool
    requested: RequestedOut | None = None
    likely: LikelyOut | None = None
    """None: the plant has not finished enough orders to say."""


def price_out(price: Price, locale: str, tax: Tax | None = None) -> PriceOut:
    return _price(price.amount, price.currency, (line.model_dump() for line in price.lines), locale, tax)


def price_of(session: Session, order: Order, locale: str) -> PriceOut:
    """The price the order carries."""
    tax = tax_of(session, order, order.price_amount)
    return _price(order.price_amount, order.price_currency, order.price_lines, locale, tax)


def _price(
    amount: Decimal, currency: str, lines: Iterable[Mapping[str, Any]], locale: str, tax: Tax | None
) -> PriceOut:
    told = [
        LineOut(
            code=line["code"],
            text=pick(line["text"], locale),
            amount=str(line["amount"]),
            unit_price=_text(line.get("unit_price")),
            quantity=_text(line.get("quantity")),
        )
        for line in lines
    ]
    return PriceOut(amount=format(amount, "f"), currency=currency, lines=told, tax=_tax(tax))


def _tax(tax: Tax | None) -> TaxOut | None:
    if tax is None:
        return None
    percent, amount, total = (format(value, "f") for value in (tax.percent, tax.amount, tax.total))
    return TaxOut(percent=percent, amount=amount, total=total)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def promise_out(promise: Promise, locale: str) -> PromiseOut:
    return PromiseOut(
        delivery_date=promise.delivery_date,
        ready_at=promise.ready_at,
        hinges_on=hinge_out(promise.hinges_on, locale),
        conditions=[ConditionOut(what=c.what, by=c.by) for c in promise.conditions],
        earlier=[
            EarlierOut(**e.model_dump(exclude={"name"}), name=pick(e.name, locale)) for e in promise.earlier
        ],
        held=promise.held,
        requested=_requested(promise.requested, promise.delivery_date),
        likely=_likely(promise.likely),
    )


def _likely(told: LikelyTold | None) -> LikelyOut | None:
    return None if told is None else LikelyOut(p50=told.half, p90=told.most, orders=told.orders)


def _requested(asked: date | None, day: date) -> RequestedOut | None:
    return None if asked is None else RequestedOut(date=asked, met=day <= asked)


def hinge_out(hinge: HingeTold, locale: str) -> HingeOut:
    return HingeOut(**hinge.model_dump(exclude={"name"}), name=pick(hinge.name, locale))


def promise_of(order: Order, locale: str) -> PromiseOut | None:
    """The promise as it was told with the quote; the day itself as it stands now."""
    if not order.promise:
        return None
    told = promise_out(Promise.model_validate(order.promise), locale)
    day, ready = order.promised_date or told.delivery_date, order.ready_at or told.ready_at
    requested = _requested(told.requested.date if told.requested else None, day)
    return told.model_copy(update={"delivery_date": day, "ready_at": ready, "requested": requested})
