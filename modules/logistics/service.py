"""Pack, hand over, deliver: each once, each with the time it really happened."""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from decimal import Decimal
from math import ceil

from sqlalchemy import insert
from sqlmodel import Session, col, func, select

from cosmo.clock import Now
from cosmo.errors import Conflict, Invalid, NotFound
from cosmo.ids import new_id
from cosmo.lifecycle import emit, fire, lock
from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.payloads import Delivered, Shipped
from cosmo.promise import ship_to_of, spec_of
from cosmo.spec import Spec
from cosmo.touches import touch
from modules.logistics.models import CarrierService, HandlingUnit, SerialRow, Shipment, ShipmentState
from modules.logistics.payloads import Packed
from modules.logistics.ports import ZoneDelivery, services_of
from modules.logistics.sscc import sscc

MOST_UNITS = 2_000


def pack(session: Session, order_id: str, pieces: int, at: datetime, now: Now) -> Shipment:
    """Pack `pieces` of a produced order into labelled cartons and book the carrier. Once per order."""
    known = session.exec(select(Shipment).where(Shipment.order_id == order_id)).first()
    if known is not None:
        return known
    order = lock(session, order_id)
    spec = spec_of(session, order_id)
    service = _service_of(session, order)
    shipment = _shipment(session, order, spec, service, pieces, at, now)
    units = _label(session, shipment, _contents(spec.pieces_per_carton, pieces))
    payload = Packed(shipment=shipment.id, units=units, pieces=pieces)
    emit(session, order_id, payload, now=now, actor="module:logistics", event_time=at)
    _tell_carrier(session, shipment, now)
    return shipment


def _tell_carrier(session: Session, shipment: Shipment, now: Now) -> None:
    """Its page looks again."""
    if shipment.carrier_id is not None:
        touch(session, f"party:{shipment.carrier_id}", now)


def _service_of(session: Session, order: Order) -> CarrierService | None:
    services = services_of(session, order.plant_id)
    wanted = order.promise.get("service")
    return next((s for s in services if s.code == wanted), services[0] if services else None)


def _shipment(
    session: Session,
    order: Order,
    spec: Spec,
    service: CarrierService | None,
    pieces: int,
    at: datetime,
    now: Now,
) -> Shipment:
    mass = spec.mass_kg * pieces / spec.quantity
    answer = ZoneDelivery().deliver(
        session, order.plant_id, ship_to_of(session, order), mass, at, service.code if service else None, now
    )
    shipment = Shipment(
        number=f"S-{order.number or order.id}",
        order_id=order.id,
        plant_id=order.plant_id,
        carrier_id=service.carrier_id if service else None,
        service=answer.service,
        pieces=pieces,
        mass_kg=round(mass, 3),
        packed_at=at,
        expected_at=datetime.combine(answer.date, time(12), UTC),
    )
    session.add(shipment)
    session.flush()
    return shipment


def _label(session: Session, shipment: Shipment, counts: Sequence[Decimal]) -> int:
    """A labelled carton or pallet for each of `counts`; returns how many. There may be hundreds: all are
    written in one statement."""
    packed = sum(counts, Decimal(0))
    rows = [
        {
            "id": new_id(),
            "shipment_id": shipment.id,
            "sscc": sscc(serial),
            "pieces": count,
            "mass_kg": round(shipment.mass_kg * count / packed, 3),
        }
        for count, serial in zip(counts, _serials(session, shipment, len(counts)), strict=True)
    ]
    session.execute(insert(HandlingUnit), rows)
    return len(rows)


def _contents(per_carton: Decimal, pieces: int) -> list[Decimal]:
    """What each unit holds: full cartons first. Very large orders go on pallets of whole cartons, so that
    there are never thousands of labels.

    A rest of less than one piece is no carton: 238 boxes of 1.08 m2 are counted up to 258 m2.
    """
    per_unit = per_carton * ceil(pieces / per_carton / MOST_UNITS)
    full, rest = divmod(Decimal(pieces), per_unit)
    if rest < 1 and full:
        return [per_unit] * int(full)
    return [per_unit] * int(full) + [rest]


def _serials(session: Session, shipment: Shipment, many: int) -> list[int]:
    """So many serial references nobody has had before, in one statement."""
    numbered = insert(SerialRow).returning(col(SerialRow.id))
    return sorted(session.execute(numbered, [{"shipment_id": shipment.id}] * many).scalars())


def count_units(session: Session, shipment_id: str) -> int:
    counted = select(func.count()).where(HandlingUnit.shipment_id == shipment_id)
    return session.exec(counted).one()


def units_of(session: Session, shipment_id: str) -> list[HandlingUnit]:
    query = select(HandlingUnit).where(HandlingUnit.shipment_id == shipment_id)
    return list(session.exec(query.order_by(col(HandlingUnit.sscc))))


def happened(at: datetime | None, now: Now, not_before: datetime) -> datetime:
    """When it really happened: `at` if told, between the step before and now."""
    at = at or now.business
    if at > now.business:
        raise Invalid("That time is still to come; leave it out to mean now.")
    return max(at, not_before)


def pick_up(session: Session, shipment_id: str, at: datetime | None, now: Now, actor: str) -> Shipment:
    """The carrier has it. The same again changes nothing."""
    shipment = _locked(session, shipment_id)
    if shipment.state != ShipmentState.PACKED:
        return shipment
    at = happened(at, now, shipment.packed_at)
    shipment.state, shipment.picked_up_at = ShipmentState.PICKED_UP, at
    session.add(shipment)
    payload = Shipped(shipment=shipment.id)
    fire(session, shipment.order_id, "ship", payload, now=now, actor=actor, event_time=at)
    _tell_carrier(session, shipment, now)
    return shipment


def deliver(
    session: Session, shipment_id: str, received_by: str, at: datetime | None, now: Now, actor: str
) -> Shipment:
    """The customer has it, and somebody's name says so. The same again changes nothing."""
    shipment = _locked(session, shipment_id)
    if shipment.state == ShipmentState.DELIVERED:
        return shipment
    if shipment.picked_up_at is None:
        raise Conflict("Pick it up first; then it can be delivered.")
    at = happened(at, now, shipment.picked_up_at)
    shipment.state, shipment.delivered_at, shipment.received_by = ShipmentState.DELIVERED, at, received_by
    session.add(shipment)
    payload = Delivered(shipment=shipment.id)
    fire(session, shipment.order_id, "deliver", payload, now=now, actor=actor, event_time=at)
    _tell_carrier(session, shipment, now)
    return shipment


def _locked(session: Session, shipment_id: str) -> Shipment:
    """The shipment with its order locked first (lock order: order, then the rest)."""
    shipment = session.get(Shipment, shipment_id)
    if shipment is None:
        raise NotFound("There is no such shipment here.")
    lock(session, shipment.order_id)
    session.refresh(shipment)
    return shipment


def shipments_of(
    session: Session, *, carrier_id: str | None = None, plant_id: str | None = None
) -> list[Shipment]:
    """A carrier's or a plant's shipments, the open ones first, newest last."""
    query = select(Shipment)
    if carrier_id is not None:
        query = query.where(Shipment.carrier_id == carrier_id)
    if plant_id is not None:
        query = query.where(Shipment.plant_id == plant_id)
    rows = session.exec(query.order_by(col(Shipment.packed_at).desc()).limit(200))
    rank = {ShipmentState.PACKED: 0, ShipmentState.PICKED_UP: 1, ShipmentState.DELIVERED: 2}
    return sorted(rows, key=lambda s: rank[ShipmentState(s.state)])


def plant_of(session: Session, shipment: Shipment) -> Plant:
    return session.get_one(Plant, shipment.plant_id)
