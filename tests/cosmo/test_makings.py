"""Prices of many wishes at one plant: the carrier is asked once for what weighs the same."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

from sqlmodel import Session

from cosmo.asking import Answerers
from cosmo.clock import Now
from cosmo.errors import NotFound
from cosmo.makings import Makings
from cosmo.money import Price
from cosmo.ports import Ask, DeliveryAnswer, ShipTo
from cosmo.spec import Spec

AT = datetime(2026, 6, 1, 8, tzinfo=UTC)


@dataclass
class _Carrier:
    """Goes anywhere but to Norway; freight is the mass."""

    asked: list[tuple[str, Decimal, str | None]] = field(default_factory=list)

    def deliver(
        self,
        session: Any,
        plant_id: str,
        ship_to: ShipTo,
        mass: Decimal,
        at: Any,
        service: str | None,
        now: Now,
    ) -> DeliveryAnswer:
        self.asked.append((ship_to.country, mass, service))
        if ship_to.country == "NO":
            raise NotFound("Nobody goes there.")
        return DeliveryAnswer(AT.date(), service or "standard", {"en": "Freight"}, mass)


class _Pricer:
    def price(
        self, session: Any, ask: Ask, plant_id: str, spec: Spec, way: DeliveryAnswer, now: Now
    ) -> Price:
        return Price(amount=way.freight + ask.quantity, currency="EUR")


def test_what_weighs_the_same_and_goes_the_same_way_asks_the_carrier_once() -> None:
    carrier = _Carrier()
    answerers = cast(Answerers, SimpleNamespace(delivery=carrier, pricer=_Pricer()))
    makings = Makings(cast(Session, None), answerers, "plant", Now(AT, AT))
    wish = Ask("mug", {}, 10, ShipTo(country="DE"))
    light = Spec(title={"en": "Mug"}, quantity=10, start_quantity=11, mass_kg=Decimal(4))
    heavy = light.model_copy(update={"mass_kg": Decimal(9)})
    abroad = replace(wish, ship_to=ShipTo(country="NO"))

    def amount(ask: Ask, spec: Spec, service: str | None = None) -> Decimal | None:
        price = makings.price_today(ask, spec, service)
        return price.amount if price else None

    assert [amount(wish, light), amount(replace(wish, quantity=20), light)] == [Decimal(14), Decimal(24)]
    assert [amount(wish, heavy), amount(wish, light, "express")] == [Decimal(19), Decimal(14)]
    assert [amount(abroad, light), amount(abroad, light)] == [None, None]
    inland = ("DE", Decimal(4), None), ("DE", Decimal(9), None), ("DE", Decimal(4), "express")
    assert carrier.asked == [*inland, ("NO", Decimal(4), None)]
