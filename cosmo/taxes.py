"""Value-added tax as a quote tells it: prices are before it, and only a delivery within the plant's own
country has a rate that can be stated beforehand."""

from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session

from cosmo.money import round_money
from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.promise import ship_to_of

STANDARD: dict[str, Decimal] = {
    "AT": Decimal(20),
    "BE": Decimal(21),
    "CN": Decimal(13),
    "CZ": Decimal(21),
    "DE": Decimal(19),
    "DK": Decimal(25),
    "ES": Decimal(21),
    "FR": Decimal(20),
    "GB": Decimal(20),
    "IT": Decimal(22),
    "NL": Decimal(21),
    "PL": Decimal(23),
    "PT": Decimal(23),
    "SE": Decimal(25),
}
"""Country (ISO 3166) -> the standard rate in percent on goods made and delivered there."""


@dataclass(frozen=True, slots=True)
class Tax:
    """What is added to a price before tax, and what it is with it."""

    percent: Decimal
    amount: Decimal
    total: Decimal


def tax_on(net: Decimal, currency: str, made_in: str, sent_to: str) -> Tax | None:
    """The tax within one country; None across a border, and where the rate is not known here."""
    percent = STANDARD.get(made_in)
    if percent is None or made_in != sent_to:
        return None
    return tax_at(percent, net, currency)


def tax_at(percent: Decimal, net: Decimal, currency: str) -> Tax:
    """The tax at a rate, rounded as all money is."""
    amount = round_money(net * percent / 100, currency)
    return Tax(percent, amount, net + amount)


def tax_of(session: Session, order: Order, net: Decimal) -> Tax | None:
    """The tax on `net` of an order's money: made at its plant, sent to its address."""
    made_in = session.get_one(Plant, order.plant_id).country
    return tax_on(net, order.price_currency, made_in, ship_to_of(session, order).country)


def also_due(session: Session, order: Order, before: Decimal, net: Decimal) -> Decimal:
    """What is paid for `net` more where `before` was paid already: parts come to what the whole comes to."""
    whole = with_tax(session, order, before + net)
    return whole - with_tax(session, order, before) if before else whole


def with_tax(session: Session, order: Order, net: Decimal) -> Decimal:
    """What is paid for `net` of an order's money; `net` itself where no rate is known beforehand."""
    tax = tax_of(session, order, net)
    return net if tax is None else tax.total
