"""Shipments for the access test: the carrier's own, another carrier's at the same plant, another plant's."""

from collections.abc import Mapping
from decimal import Decimal

from sqlmodel import Session

from cosmo.orders import Order
from cosmo.parties import PartyKind, Role
from modules.logistics.models import Shipment
from tests.access import Ids
from tests.factories import NOW, make_party
from tests.web.world import World

PACKERS = (Role.PLANNER, Role.OPERATOR, Role.SERVICE)


def ids(session: Session, world: World) -> Mapping[str, Ids]:
    other = make_party(session, PartyKind.CARRIER)
    own = _shipment(session, world.order, world.parties[Role.CARRIER].id)
    sister = _shipment(session, world.sister_order, world.parties[Role.CARRIER].id)
    sibling = _shipment(session, world.sibling_order, other.id)
    foreign = _shipment(session, world.foreign_order, other.id)
    return {
        "shipment_id": Ids(
            {Role.CARRIER: own.id, **dict.fromkeys(PACKERS, own.id)},
            {Role.CARRIER: sister.id, **dict.fromkeys(PACKERS, sister.id)},
            {Role.CARRIER: sibling.id},
            foreign=foreign.id,
        )
    }


def _shipment(session: Session, order: Order, carrier_id: str) -> Shipment:
    shipment = Shipment(
        number=f"S-{order.id}",
        order_id=order.id,
        plant_id=order.plant_id,
        carrier_id=carrier_id,
        pieces=1,
        mass_kg=Decimal(1),
        packed_at=NOW.business,
    )
    session.add(shipment)
    session.flush()
    return shipment
