"""The delivery date by zone and service, and what the as-built page says of the journey."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.defaults import FromTheDoor
from cosmo.journey_ports import AsBuiltPart, JourneyNode
from cosmo.once import once
from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.ports import DeliveryAnswer, ShipTo
from modules.logistics.models import CarrierService, HandlingUnit, Shipment, ShipmentState
from modules.logistics.zones import next_pickup, working_days_after, zone_of

CARTON = {"en": "Carton", "de": "Karton", "zh": "纸箱"}
MOST_TOLD = 24
"""Cartons named one by one; of more, the first and the last."""
# put together once: asked with every click
_SERVICES = select(CarrierService).where(col(CarrierService.plant_id) == bindparam("plant_id"))


def services_of(session: Session, plant_id: str) -> list[CarrierService]:
    """The plant's carrier services, the standard one first."""

    def read() -> list[CarrierService]:
        services = session.exec(_SERVICES, params={"plant_id": plant_id})
        return sorted(services, key=lambda s: (not s.standard, s.code))

    return once(session, ("carrier services", plant_id), read)


class ZoneDelivery:
    """Next call of the carrier plus its working days in transit to the zone."""

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
        services = services_of(session, plant_id)
        if not services:
            return FromTheDoor().deliver(session, plant_id, ship_to, mass_kg, ready_at, service, now)
        plant = session.get_one(Plant, plant_id)
        answers = {s.code: _answer(plant, s, ship_to, mass_kg, ready_at) for s in services}
        chosen = answers.get(service or "", answers[services[0].code])
        quicker = [a for a in answers.values() if a.date < chosen.date]
        if not quicker:
            return chosen
        best = min(quicker, key=lambda a: (a.date, a.freight))
        return replace(chosen, faster=best)


def _answer(
    plant: Plant, service: CarrierService, ship_to: ShipTo, mass_kg: Decimal, ready_at: datetime
) -> DeliveryAnswer:
    terms = service.zones.get(zone_of(plant.country, ship_to.country)) or service.zones["world"]
    pickup = next_pickup(ready_at, service.pickup_hour, plant.timezone)
    day = working_days_after(pickup.date(), int(terms["days"]))
    freight = Decimal(terms["base"]) + Decimal(terms["per_kg"]) * mass_kg
    return DeliveryAnswer(day, service.code, service.name, freight, ready_by=pickup)


class Travelled:
    """AsBuilt: the units it travelled in and when."""

    def parts(self, session: Session, order_id: str) -> list[AsBuiltPart]:
        found: list[AsBuiltPart] = []
        for shipment in session.exec(select(Shipment).where(Shipment.order_id == order_id)):
            query = select(HandlingUnit.sscc).where(HandlingUnit.shipment_id == shipment.id)
            codes = [f"SSCC {code}" for code in session.exec(query.order_by(col(HandlingUnit.sscc)))]
            if len(codes) > MOST_TOLD:
                codes = [f"{codes[0]} … {codes[-1]} ({len(codes)})"]
            found += [AsBuiltPart("shipment", CARTON, code, shipment.packed_at) for code in codes]
        return found


class ShippingJourney:
    """Journey nodes: packed, and on its way."""

    def nodes(self, session: Session, order_id: str, now: Now) -> list[JourneyNode]:
        order = session.get_one(Order, order_id)
        shipment = session.exec(select(Shipment).where(Shipment.order_id == order_id)).first()
        if shipment is None:
            return [_node("shipped", order.ready_at, None)]
        packed = _node("packed", shipment.packed_at, shipment.packed_at)
        shipped = _node("shipped", shipment.packed_at, shipment.picked_up_at)
        if shipment.picked_up_at is None or shipment.state == ShipmentState.DELIVERED:
            return [packed, shipped]
        return [packed, shipped, _under_way(shipment)]


NODE_NAMES = {
    "packed": {"en": "Packed", "de": "Verpackt", "zh": "已包装"},
    "shipped": {"en": "Shipped", "de": "Versandt", "zh": "已发货"},
    "under-way": {"en": "On its way", "de": "Unterwegs", "zh": "运输中"},
}


def _under_way(shipment: Shipment) -> JourneyNode:
    """With the carrier, until the hour it is expected."""
    return JourneyNode(
        "under-way", NODE_NAMES["under-way"], "now", "transit", shipment.picked_up_at,
        until=shipment.expected_at,
    )  # fmt: skip


def _node(code: str, planned: datetime | None, done: datetime | None) -> JourneyNode:
    state = "done" if done else "next"
    return JourneyNode(code, NODE_NAMES[code], state, kind="transit", at=done or planned)
