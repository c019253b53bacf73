"""What the kernel answers when the module that owns a question is off: plain, and computed from the data."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from cosmo.brief_ports import Brief
from cosmo.clock import Now
from cosmo.errors import Invalid, NotFound
from cosmo.events import Event
from cosmo.money import Margin, Price, PriceLine, round_money
from cosmo.orders import OrderSpec, StandardProduct
from cosmo.parties import Plant
from cosmo.payloads import Started
from cosmo.ports import (
    Answer,
    Ask,
    CapacityAnswer,
    CapacityAsk,
    DeliveryAnswer,
    FamilyCard,
    Hinge,
    Listing,
    MaterialDate,
    MaterialsMoved,
    PlannedOp,
    ShipTo,
    WaysOut,
)
from cosmo.spec import Spec, resized


class StandardConfigurator:
    """Families without options, from the standard products."""

    def families(self, session: Session, only: str | None = None) -> list[FamilyCard]:
        query = select(StandardProduct.family, StandardProduct.name, Plant)
        query = query.where(StandardProduct.plant_id == Plant.id)
        if only is not None:
            query = query.where(StandardProduct.family == only)
        return [_card(family, name, plant) for family, name, plant in session.exec(query)]

    def describe(
        self, session: Session, family: str, locale: str, release: str | None = None
    ) -> dict[str, Any]:
        product = _product(session, family)
        name = product.name.get(locale, product.name["en"])
        return {"slug": family, "name": name, "options": [], "domains": {}, "rules": []}

    def answer(
        self,
        session: Session,
        family: str,
        selections: Mapping[str, Any],
        quantity: int,
        locale: str,
        release: str | None = None,
    ) -> Answer:
        _product(session, family)
        if selections:
            raise Invalid("This product is made in its standard form only; leave out the selections.")
        return Answer({}, {}, {}, True, ())

    def measures(self, session: Session, family: str, selections: Mapping[str, Any]) -> Mapping[str, Decimal]:
        return {}


def _card(family: str, name: Mapping[str, str], plant: Plant) -> FamilyCard:
    return FamilyCard(
        family, dict(name), {"en": ""}, plant.id, plant.slug, plant.manufacturer_id, drawing="plain"
    )


def _product(session: Session, family: str) -> StandardProduct:
    product = session.get(StandardProduct, family)
    if product is None:
        raise NotFound(f"There is no product family {family!r}.")
    return product


class StandardEngineer:
    """The product's standard BOM and routing, or the one that came with the order."""

    def resolve(self, session: Session, ask: Ask) -> Spec:
        if ask.spec is not None:
            return ask.spec
        return resized(Spec.model_validate(_product(session, ask.family).spec), ask.quantity)

    def needs_proof(self, session: Session, ask: Ask) -> bool:
        return False

    def changed(self, session: Session, order_id: str, actor: str, now: Now) -> None:
        """Nothing hangs on the choices."""


class NothingNamed:
    """The `Freezer` where products have no options."""

    def named(self, session: Session, family: str, release: str | None) -> Mapping[str, tuple[str, ...]]:
        return {}

    def spent(self, session: Session, family: str, release: str | None) -> Mapping[str, Decimal]:
        return {}


class ByStage:
    """The `Progress` where nobody tells of operations: once making has begun, all of it has."""

    def begun(self, session: Session, order_id: str) -> Mapping[str, datetime]:
        query = select(Event.event_time).where(Event.order_id == order_id, Event.type == Started.type)
        at = session.exec(query).first()
        row = session.get(OrderSpec, order_id)
        if at is None or row is None:
            return {}
        return {step.code: at for step in Spec.model_validate(row.spec).routing}


class NothingToRepair:
    """The `Repairer` where products have no options: nothing conflicts."""

    def ways_out(self, session: Session, ask: Ask, most: int) -> WaysOut:
        return WaysOut()


class ListPricer:
    """List price times quantity, plus freight."""

    def price(
        self, session: Session, ask: Ask, plant_id: str, spec: Spec, delivery: DeliveryAnswer, now: Now
    ) -> Price:
        plant, product = session.get_one(Plant, plant_id), session.get(StandardProduct, ask.family)
        currency = product.currency if product else plant.currency
        unit = product.list_price if product else Decimal(0)
        goods = PriceLine(
            code="list",
            text=spec.title,
            unit_price=unit,
            quantity=Decimal(ask.quantity),
            amount=round_money(unit * ask.quantity, currency),
        )
        lines = (goods, *_freight(delivery, currency))
        return Price(amount=sum((line.amount for line in lines), Decimal(0)), currency=currency, lines=lines)

    def rush_within(self, session: Session, ask: Ask, plant_id: str, spec: Spec, now: Now) -> int | None:
        return None

    def margin(self, session: Session, ask: Ask, spec: Spec, price: Price, at: datetime) -> Margin | None:
        return None

    def terms(
        self, session: Session, plant_id: str, asked: Sequence[tuple[str | None, Decimal]]
    ) -> list[str]:
        return ["prepaid"] * len(asked)

    def relist(
        self, session: Session, plant_id: str, family: str, rates: Sequence[Mapping[str, Any]], now: Now
    ) -> None:
        """The list price of the standard product is the release's own."""


def _freight(delivery: DeliveryAnswer, currency: str) -> tuple[PriceLine, ...]:
    if not delivery.freight:
        return ()
    return (PriceLine(code="freight", text=delivery.name, amount=round_money(delivery.freight, currency)),)


class AtHand:
    """Every material is taken as at hand."""

    def available(
        self, session: Session, plant_id: str, spec: Spec, order_from: datetime, now: Now
    ) -> list[MaterialDate]:
        return [MaterialDate(b.material, b.name, b.operation, now.business, True) for b in spec.bom]

    def hold(
        self,
        session: Session,
        order_id: str,
        plant_id: str,
        spec: Spec,
        needed: Mapping[str, datetime],
        now: Now,
    ) -> None:
        """Nothing to reserve."""

    def firm(self, session: Session, order_ids: Sequence[str], now: Now) -> None:
        """Nothing was reserved."""

    def release(self, session: Session, order_id: str, now: Now) -> None:
        """Nothing was reserved."""

    def change(
        self,
        session: Session,
        order_id: str,
        spec: Spec,
        anew: Collection[str],
        order_from: datetime,
        now: Now,
    ) -> MaterialsMoved:
        return MaterialsMoved(tuple(self.available(session, "", spec, order_from, now)))

    def settle(self, session: Session, order_id: str, needed: Mapping[str, datetime], now: Now) -> None:
        """Nothing is bought."""

    def planned(self, session: Session, order_id: str, needed: Mapping[str, datetime], now: Now) -> None:
        """Nobody keeps it."""

    def dates(self, session: Session, order_id: str) -> dict[str, datetime]:
        return {}

    def missing(self, session: Session, order_id: str, operation: str) -> list[str]:
        return []

    def issue(self, session: Session, order_id: str, operation: str, share: Decimal, now: Now) -> None:
        """Stock is not kept."""


class WorkContent:
    """No plan: an order is ready after its own work, one operation after another, round the clock."""

    def promise(self, session: Session, ask: CapacityAsk, now: Now) -> CapacityAnswer:
        at = max(ask.not_before, now.business)
        done: list[PlannedOp] = []
        for step in ask.spec.routing:
            resource = step.resources[0]
            start = max(at, ask.ready.get(step.code, at))
            end = start + timedelta(minutes=step.minutes(ask.spec.start_quantity, resource))
            done.append(PlannedOp(step.code, step.name, resource, resource, 1, start, end))
            at = end + timedelta(minutes=step.min_lag)
        ready_at = done[-1].end if done else at
        return CapacityAnswer(ready_at, tuple(done), (Hinge("work", ask.spec.title, ready_at),))

    def hold(
        self, session: Session, order_id: str, ask: CapacityAsk, until: datetime, now: Now
    ) -> CapacityAnswer:
        return self.promise(session, ask, now)

    def firm(self, session: Session, order_ids: Sequence[str], now: Now) -> None:
        """Nothing was taken."""

    def release(self, session: Session, order_id: str, now: Now) -> None:
        """Nothing was taken."""

    def lock(self, session: Session, plant_id: str) -> None:
        """There is no plan."""

    def change(self, session: Session, order_id: str, ask: CapacityAsk, now: Now) -> CapacityAnswer:
        return self.promise(session, ask, now)


class NothingToldOfIt:
    """No model: the maker reads the material's name and nothing more."""

    def brief(self, session: Session, order_id: str, material: str) -> Brief:
        return Brief()

    def file(self, session: Session, order_id: str, material: str, option: str) -> tuple[bytes, str]:
        raise NotFound("There is no such file.")


class FromTheDoor:
    """No carrier: the customer has it on the day it is ready, at the plant's door."""

    def deliver(
        self,
        session: Session,
        plant_id: str,
        ship_to: ShipTo,
        mass_kg: Decimal,
        ready_at: datetime,
        service: str | None,
        now: Now,
    ) -> DeliveryAnswer:
        plant = session.get_one(Plant, plant_id)
        day = ready_at.astimezone(ZoneInfo(plant.timezone)).date()
        names = {"en": "Collected at the plant", "de": "Abholung im Werk", "zh": "工厂自提"}
        return DeliveryAnswer(day, "collect", names)


class WholeCatalogue:
    """All families by their names, as they describe themselves."""

    def listed(self, session: Session, cards: Sequence[FamilyCard], now: Now) -> list[Listing]:
        by_name = sorted(cards, key=lambda card: (card.name.get("en", ""), card.slug))
        return [Listing(card, card.name, card.blurb) for card in by_name]


class DemoPayments:
    """Pays at once; for demonstrations and tests."""

    def collect(self, session: Session, order_id: str, amount: Decimal, currency: str, now: Now) -> str:
        return f"demo-{order_id}"
