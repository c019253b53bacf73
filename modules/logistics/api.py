"""/api/v1 of logistics: a carrier's shipments and scans, labels as PDF."""

from fastapi import APIRouter, Response
from sqlmodel import Session

from cosmo.access import plant_for
from cosmo.errors import NotFound
from cosmo.identity import Principal
from cosmo.orders import Order
from cosmo.parties import Role
from cosmo.promise import ship_to_of
from modules.logistics import service
from modules.logistics.labels import labels_pdf
from modules.logistics.models import Shipment
from modules.logistics.schemas import DeliveryIn, PickupIn, ShipmentOut
from web.deps import CurrentNow, CurrentPrincipal, ReadSession, WriteSession, allow

router = APIRouter(prefix="/api/v1", tags=["logistics"])
HANDLERS_OF_GOODS = (Role.CARRIER, Role.PLANNER, Role.OPERATOR, Role.SERVICE)


def shipment_for(session: Session, principal: Principal, shipment_id: str) -> Shipment:
    """The shipment if it is the carrier's, or of the principal's manufacturer. Raises `NotFound`."""
    shipment = session.get(Shipment, shipment_id)
    if shipment is None or not _may_see(session, principal, shipment):
        raise NotFound("There is no such shipment here.")
    return shipment


def _may_see(session: Session, principal: Principal, shipment: Shipment) -> bool:
    if principal.role == Role.CARRIER:
        return shipment.carrier_id is not None and shipment.carrier_id == principal.party_id
    plant = service.plant_of(session, shipment)
    return principal.of_plant and plant.manufacturer_id == principal.party_id


def told(session: Session, shipment: Shipment) -> ShipmentOut:
    """A shipment as JSON."""
    to = ship_to_of(session, session.get_one(Order, shipment.order_id))
    address = {
        "name": to.name,
        "street": to.street,
        "city": to.city,
        "postal_code": to.postal_code,
        "country": to.country,
    }
    return ShipmentOut(
        id=shipment.id,
        number=shipment.number,
        state=shipment.state,
        service=shipment.service,
        pieces=shipment.pieces,
        mass_kg=shipment.mass_kg,
        units=service.count_units(session, shipment.id),
        to=address,
        packed_at=shipment.packed_at,
        expected_at=shipment.expected_at,
        picked_up_at=shipment.picked_up_at,
        delivered_at=shipment.delivered_at,
    )


@router.get("/carriers/me/shipments", dependencies=[allow(Role.CARRIER)])
def my_shipments(session: ReadSession, principal: CurrentPrincipal) -> list[ShipmentOut]:
    """The carrier's shipments, open ones first."""
    return [told(session, s) for s in service.shipments_of(session, carrier_id=principal.party_id)]


@router.get("/plants/{slug}/shipments", dependencies=[allow(Role.PLANNER, Role.OPERATOR, Role.SERVICE)])
def plant_shipments(slug: str, session: ReadSession, principal: CurrentPrincipal) -> list[ShipmentOut]:
    """The plant's shipments, open ones first."""
    plant = plant_for(session, principal, slug)
    return [told(session, s) for s in service.shipments_of(session, plant_id=plant.id)]


@router.post("/shipments/{shipment_id}/pickup", dependencies=[allow(Role.CARRIER)])
def pick_up(
    shipment_id: str, body: PickupIn, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow
) -> ShipmentOut:
    """The carrier has taken it; the order is *shipped*. Repeating it changes nothing."""
    shipment_for(session, principal, shipment_id)
    actor = principal.account_id or "carrier"
    return told(session, service.pick_up(session, shipment_id, body.event_time, now, actor))


@router.post("/shipments/{shipment_id}/delivery", dependencies=[allow(Role.CARRIER)])
def deliver(
    shipment_id: str, body: DeliveryIn, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow
) -> ShipmentOut:
    """It has arrived; the order is *delivered*. Repeating it changes nothing."""
    shipment_for(session, principal, shipment_id)
    actor = principal.account_id or "carrier"
    return told(session, service.deliver(session, shipment_id, body.received_by, body.event_time, now, actor))


@router.get(
    "/shipments/{shipment_id}/labels",
    dependencies=[allow(*HANDLERS_OF_GOODS)],
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}}},
)
def labels(shipment_id: str, session: ReadSession, principal: CurrentPrincipal) -> Response:
    """The carton labels as a PDF of A6 pages."""
    shipment = shipment_for(session, principal, shipment_id)
    plant = service.plant_of(session, shipment)
    sender = ", ".join(
        part for part in (plant.name, plant.street, f"{plant.postal_code} {plant.city}") if part.strip()
    )
    to = ship_to_of(session, session.get_one(Order, shipment.order_id))
    pdf = labels_pdf(shipment, service.units_of(session, shipment.id), sender, to)
    return Response(
        pdf,
        media_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{shipment.number}.pdf"'},
    )
