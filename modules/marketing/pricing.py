"""The price, line by line: drivers of the resolved product times the list's rates, offer, freight.

Line kinds: `amount` is driver x rate; `percent` is that many percent (driver x rate) of the sum so far;
`minimum` lifts the sum of the goods to driver x rate; `rush` is rate percent of the sum so far where it is to
be there within as many days as the driver says. Every line is rounded half up, the total is their sum.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from cosmo.among import among
from cosmo.clock import Now
from cosmo.defaults import ListPricer
from cosmo.formats import day_of
from cosmo.money import Margin, MarginLine, Price, PriceLine, round_money
from cosmo.once import once
from cosmo.parties import Plant
from cosmo.ports import Ask, DeliveryAnswer
from cosmo.spec import Spec
from modules.marketing.campaigns import best_campaign, line_text
from modules.marketing.lists import counting, load_price_list, segment_of
from modules.marketing.models import Campaign, CustomerTerms, Offer
from modules.marketing.schemas import RateLine

DEPOSIT_FROM = Decimal(5_000)
DEPOSIT_PERCENT = 30
OFFER, FREIGHT = "offer:", "freight"
Soon = Callable[[str, Decimal], bool]
"""(code, within how many days) -> whether such a line counts."""
_PER_PIECE = Decimal("0.0001")
# put together once: asked for every order that is placed, and with every click
_AGREED = select(CustomerTerms.customer_id, CustomerTerms.terms).where(
    col(CustomerTerms.manufacturer_id) == bindparam("maker"),
    among(CustomerTerms.customer_id, "customers"),
)
_OFFERS = select(Offer).where(col(Offer.family) == bindparam("family"))


class RatePricer:
    """The `Pricer`: the family's price list; the kernel's list price where a family has none."""

    def price(
        self, session: Session, ask: Ask, plant_id: str, spec: Spec, delivery: DeliveryAnswer, now: Now
    ) -> Price:
        plant = session.get_one(Plant, plant_id)
        prices, rates = counting(session, ask.family, now.business, _segment(session, plant, ask))
        if prices is None:
            return ListPricer().price(session, ask, plant_id, spec, delivery, now)
        lines = goods_lines(rates, spec, prices.currency, _soon(plant, ask, delivery, now))
        lines += _offer_line(session, ask, plant_id, lines, prices.currency, now.business)
        if delivery.freight:
            freight = round_money(delivery.freight, prices.currency)
            lines.append(PriceLine(code=FREIGHT, text=delivery.name, amount=freight))
        return Price(amount=_sum(lines), currency=prices.currency, lines=tuple(lines))

    def rush_within(self, session: Session, ask: Ask, plant_id: str, spec: Spec, now: Now) -> int | None:
        """The driver of the farthest `rush` line."""
        segment = _segment(session, session.get_one(Plant, plant_id), ask)
        _, rates = counting(session, ask.family, now.business, segment)
        rushes = [rate.code for rate in rates if rate.kind == "rush" and rate.rate]
        days = [spec.drivers.get(code, Decimal(0)) for code in rushes]
        return max((int(found) for found in days if found >= 1), default=None)

    def margin(self, session: Session, ask: Ask, spec: Spec, price: Price, at: datetime) -> Margin | None:
        """What the list that counted `at` says of the costs of the lines of `price`."""
        rates = {rate.code: rate for rate in counting(session, ask.family, at)[1]}
        goods = [line for line in price.lines if line.code != FREIGHT]
        if not any(rates[line.code].cost is not None for line in goods if line.code in rates):
            return None
        told = tuple(_kept_of(line, rates, spec, price.currency) for line in goods)
        cost = sum((line.cost for line in told if line.cost is not None), Decimal(0))
        charged = sum((line.price for line in told), Decimal(0))
        return Margin(currency=price.currency, price=charged, cost=cost, lines=told)

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


def _segment(session: Session, plant: Plant, ask: Ask) -> str:
    return segment_of(session, plant.manufacturer_id, ask.customer_id)


def _soon(plant: Plant, ask: Ask, delivery: DeliveryAnswer, now: Now) -> Soon:
    """Whether a line counts that counts within so many days: as agreed with a placed order; else by the day
    it is needed, at the plant. Who needs it later than it comes is in no hurry, nor is who was told none."""
    if ask.by_day is not None:
        agreed = ask.by_day
        return lambda code, within: code in agreed
    if delivery.presumed:
        return lambda code, within: False
    needed = max(delivery.date, ask.requested_date or ask.needed_by or delivery.date)
    days = (needed - day_of(now.business, plant.timezone)).days
    return lambda code, within: within >= 1 and days <= within


def _kept_of(line: PriceLine, rates: Mapping[str, RateLine], spec: Spec, currency: str) -> MarginLine:
    rate = rates.get(line.code)
    if rate is None or not rate.has_cost:  # a reduction, or a surcharge that nothing is done for
        cost: Decimal | None = Decimal(0) if rate is not None or line.code.startswith(OFFER) else None
    elif rate.cost is None:
        cost = None
    else:
        cost = round_money(spec.drivers.get(line.code, Decimal(0)) * rate.cost, currency)
    return MarginLine(code=line.code, text=line.text, price=line.amount, cost=cost)


def goods_lines(
    rates: Iterable[RateLine], spec: Spec, currency: str, soon: Soon = lambda code, within: False
) -> list[PriceLine]:
    """One line for each rate whose driver the product has; `soon` says which rushes count."""
    lines: list[PriceLine] = []
    so_far = Decimal(0)
    for rate in rates:
        driver = spec.drivers.get(rate.code, Decimal(0))
        amount = round_money(_amount(rate, driver, so_far, soon), currency)
        if amount:
            so_far += amount
            each = (amount / spec.quantity).quantize(_PER_PIECE)
            lines.append(
                PriceLine(
                    code=rate.code,
                    text=rate.name,
                    amount=amount,
                    unit_price=each,
                    quantity=Decimal(spec.quantity),
                    by_day=rate.kind == "rush",
                    within=driver if rate.kind == "rush" else None,
                )
            )
    return lines


def _amount(rate: RateLine, driver: Decimal, so_far: Decimal, soon: Soon) -> Decimal:
    if rate.kind == "rush":
        return so_far * rate.rate / 100 if soon(rate.code, driver) else Decimal(0)
    if rate.kind == "percent":
        return so_far * driver * rate.rate / 100
    if rate.kind == "minimum":
        return max(driver * rate.rate - so_far, Decimal(0))
    return driver * rate.rate


def best_offer(session: Session, family: str, quantity: int, at: datetime) -> Offer | None:
    """The offer that takes most off for this quantity."""

    def read() -> list[Offer]:
        rows = session.exec(_OFFERS, params={"family": family})
        return [o for o in rows if o.valid_from <= at and (o.valid_to is None or o.valid_to > at)]

    fitting = [o for o in once(session, ("offers", family, at), read) if o.from_quantity <= quantity]
    return max(fitting, key=lambda o: o.percent, default=None)


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
