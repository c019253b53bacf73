"""The price, line by line: drivers of the resolved product times the list's rates, offer, freight.

Line kinds: `amount` is driver x rate; `percent` is that many percent (driver x rate) of the sum so far;
`minimum` lifts the sum of the goods to driver x rate. Every line is rounded half up, the total is their sum.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.defaults import ListPricer
from cosmo.money import Price, PriceLine, round_money
from cosmo.once import once
from cosmo.parties import Plant
from cosmo.ports import Ask, DeliveryAnswer
from cosmo.spec import Spec
from modules.marketing.campaigns import best_campaign, line_text
from modules.marketing.models import Campaign, CustomerTerms, Offer, PriceList
from modules.marketing.schemas import RateLine
from modules.marketing.service import load_price_list

DEPOSIT_FROM = Decimal(5_000)
DEPOSIT_PERCENT = 30
OFFER = "offer:"
_PER_PIECE = Decimal("0.0001")
# put together once: it is asked for every order that is placed
_AGREED = select(CustomerTerms.customer_id, CustomerTerms.terms).where(
    col(CustomerTerms.manufacturer_id) == bindparam("maker"),
    col(CustomerTerms.customer_id).in_(bindparam("customers", expanding=True)),
)


class RatePricer:
    """The `Pricer`: the family's price list; the kernel's list price where a family has none."""

    def price(
        self, session: Session, ask: Ask, plant_id: str, spec: Spec, delivery: DeliveryAnswer, now: Now
    ) -> Price:
        prices = price_list(session, ask.family, now.business)
        if prices is None:
            return ListPricer().price(session, ask, plant_id, spec, delivery, now)
        rates = once(session, ("rates", prices.id), lambda: _rates(prices))
        lines = goods_lines(rates, spec, prices.currency)
        lines += _offer_line(session, ask, plant_id, lines, prices.currency, now.business)
        if delivery.freight:
            freight = round_money(delivery.freight, prices.currency)
            lines.append(PriceLine(code="freight", text=delivery.name, amount=freight))
        return Price(amount=_sum(lines), currency=prices.currency, lines=tuple(lines))

    def terms(
        self, session: Session, plant_id: str, asked: Sequence[tuple[str | None, Decimal]]
    ) -> list[str]:
        """What is agreed with each customer; else prepaid, and a deposit for large orders."""
        agreed = _agreed(session, plant_id, {customer_id for customer_id, _ in asked if customer_id})
        return [agreed.get(customer_id or "", _usual(amount)) for customer_id, amount in asked]

    def relist(
        self, session: Session, plant_id: str, family: str, rates: Sequence[Mapping[str, Any]], now: Now
    ) -> None:
        """A new price list, if these rates are other ones."""
        load_price_list(session, session.get_one(Plant, plant_id), family, rates, now)


def _agreed(session: Session, plant_id: str, customers: Collection[str]) -> dict[str, str]:
    """Customer -> what the plant's manufacturer has agreed with them, if anything."""
    if not customers:
        return {}
    maker = session.get_one(Plant, plant_id).manufacturer_id
    return dict(session.exec(_AGREED, params={"maker": maker, "customers": list(customers)}).all())


def _usual(amount: Decimal) -> str:
    return f"deposit:{DEPOSIT_PERCENT}" if amount >= DEPOSIT_FROM else "prepaid"


def price_list(session: Session, family: str, at: datetime) -> PriceList | None:
    """The newest list of the family that is valid `at`."""

    def read() -> PriceList | None:
        query = select(PriceList).where(PriceList.family == family, col(PriceList.valid_from) <= at)
        valid = [row for row in session.exec(query) if row.valid_to is None or row.valid_to > at]
        return max(valid, key=lambda row: (row.valid_from, row.id), default=None)

    return once(session, ("price list", family, at), read)


def _rates(prices: PriceList) -> list[RateLine]:
    return [RateLine.model_validate(line) for line in prices.lines]


def goods_lines(rates: Iterable[RateLine], spec: Spec, currency: str) -> list[PriceLine]:
    """One line for each rate whose driver the product has."""
    lines: list[PriceLine] = []
    for rate in rates:
        driver = spec.drivers.get(rate.code, Decimal(0))
        amount = round_money(_amount(rate, driver, _sum(lines)), currency)
        if amount:
            each = (amount / spec.quantity).quantize(_PER_PIECE)
            lines.append(
                PriceLine(
                    code=rate.code,
                    text=rate.name,
                    amount=amount,
                    unit_price=each,
                    quantity=Decimal(spec.quantity),
                )
            )
    return lines


def _amount(rate: RateLine, driver: Decimal, so_far: Decimal) -> Decimal:
    if rate.kind == "percent":
        return so_far * driver * rate.rate / 100
    if rate.kind == "minimum":
        return max(driver * rate.rate - so_far, Decimal(0))
    return driver * rate.rate


def best_offer(session: Session, family: str, quantity: int, at: datetime) -> Offer | None:
    """The offer that takes most off for this quantity."""

    def read() -> Offer | None:
        query = select(Offer).where(Offer.family == family, Offer.from_quantity <= quantity)
        rows = session.exec(query)
        valid = [o for o in rows if o.valid_from <= at and (o.valid_to is None or o.valid_to > at)]
        return max(valid, key=lambda o: o.percent, default=None)

    return once(session, ("offer", family, quantity, at), read)


def _offer_line(
    session: Session, ask: Ask, plant_id: str, goods: list[PriceLine], currency: str, at: datetime
) -> list[PriceLine]:
    """One reduction, the best: offers and campaigns do not add up."""
    offer = best_offer(session, ask.family, ask.quantity, at)
    campaign = best_campaign(session, ask, plant_id, at)
    found: Offer | Campaign
    if campaign and (offer is None or campaign.percent > offer.percent):
        found, text = campaign, line_text(campaign)
    elif offer:
        found, text = offer, offer.name
    else:
        return []
    amount = -round_money(_sum(goods) * found.percent / 100, currency)
    return [PriceLine(code=f"{OFFER}{found.id}", text=text, amount=amount)] if amount else []


def _sum(lines: Iterable[PriceLine]) -> Decimal:
    return sum((line.amount for line in lines), Decimal(0))
