"""/api/v1 of procurement: the supplier's demand and orders, the plant's materials and receipts."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from sqlmodel import Session, select
from starlette.responses import Response

from cosmo.access import plant_for
from cosmo.errors import Invalid, NotFound
from cosmo.parties import Plant, Role
from modules.procurement import answering
from modules.procurement.briefs import attached, briefs, file_of
from modules.procurement.demand import WEEK, by_day, today_of, week_of
from modules.procurement.materials import by_code
from modules.procurement.mine import (
    line_for,
    materials_of,
    plant_purchases,
    purchase_for,
    purchases_of,
    suppliers_of,
)
from modules.procurement.models import Material, PurchaseOrder, Supplier
from modules.procurement.receiving import deliver, receive, receive_unordered
from modules.procurement.schemas import (
    AnnouncementIn,
    Capacity,
    CounterIn,
    DeliveryIn,
    DemandOut,
    LotOut,
    MaterialOut,
    PlantPurchaseOut,
    PurchaseOut,
    ReceiptIn,
)
from modules.procurement.shapes import day_out, lot_out, material_out, plant_purchase_out, purchase_out
from modules.procurement.stocklist import purchase_rows, stock_rows
from web.deps import PLANT, CurrentNow, CurrentPrincipal, ReadSession, WriteSession, allow
from web.problems import PROBLEMS

router = APIRouter(prefix="/api/v1", tags=["procurement"], responses=PROBLEMS)
SUPPLIER = allow(Role.SUPPLIER)
Weeks = Annotated[int, Query(ge=1, le=52)]


@router.get("/suppliers/me/demand", dependencies=[SUPPLIER])
def my_demand(
    session: ReadSession, principal: CurrentPrincipal, now: CurrentNow, weeks: Weeks = 12
) -> DemandOut:
    """What is firm, held and likely, by day and material, from today on."""
    mine = suppliers_of(session, principal)
    materials = materials_of(session, mine)
    today = today_of(session, materials, now)
    days = by_day(session, materials, now, weeks)
    slugs = {m.plant_id: session.get_one(Plant, m.plant_id).slug for m in materials}
    return DemandOut(
        start=today,
        until=week_of(today) + weeks * WEEK - timedelta(days=1),
        capacities=_capacities(session, mine),
        days=[day_out(d, slugs[d.material.plant_id]) for d in days],
    )


def _capacities(session: Session, mine: list[Supplier]) -> list[Capacity]:
    found: list[Capacity] = []
    for supplier in mine:
        plants = session.exec(select(Plant).where(Plant.manufacturer_id == supplier.manufacturer_id))
        found += [
            Capacity(plant=p.slug, per_week=supplier.capacity_per_week, unit=supplier.capacity_unit)
            for p in plants
            if supplier.capacity_per_week is not None
        ]
    return found


@router.get("/suppliers/me/orders", dependencies=[SUPPLIER])
def my_orders(
    session: ReadSession, principal: CurrentPrincipal, open_only: Annotated[bool, Query(alias="open")] = False
) -> list[PurchaseOut]:
    """Purchase orders sent to this supplier, newest first; with `?open=true` those still expected."""
    found = purchases_of(session, suppliers_of(session, principal), open_only=open_only)
    return [purchase_out(row, briefs(session, row)) for row in purchase_rows(session, found)]


@router.get("/suppliers/me/orders/{purchase_id}", dependencies=[SUPPLIER])
def my_order(purchase_id: str, session: ReadSession, principal: CurrentPrincipal) -> PurchaseOut:
    """One purchase order."""
    return _out(session, purchase_for(session, principal, purchase_id))


@router.get(
    "/suppliers/me/orders/{purchase_id}/files/{line}/{option}",
    dependencies=[SUPPLIER],
    response_class=Response,
)
def my_file(
    purchase_id: str, line: str, option: str, session: ReadSession, principal: CurrentPrincipal
) -> Response:
    """A file of an open line's brief: the artwork to print, the shape to cast, the list of names."""
    purchase = purchase_for(session, principal, purchase_id)
    content, media_type, name = file_of(session, purchase, line, option)
    return Response(content, media_type=media_type, headers=attached(name))


@router.post("/suppliers/me/orders/{purchase_id}/confirmation", dependencies=[SUPPLIER])
def confirmation(
    purchase_id: str, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow
) -> PurchaseOut:
    """Deliver as asked. Repeating it changes nothing."""
    purchase = purchase_for(session, principal, purchase_id)
    answering.confirm(session, purchase, now)
    return _out(session, purchase)


@router.post("/suppliers/me/orders/{purchase_id}/counter", dependencies=[SUPPLIER])
def counter(
    purchase_id: str, body: CounterIn, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow
) -> PurchaseOut:
    """Name another date. It counts at once: the plan follows. Repeating it changes nothing."""
    purchase = purchase_for(session, principal, purchase_id)
    answering.counter(session, purchase, body.date, now, body.lines)
    return _out(session, purchase)


@router.post("/suppliers/me/orders/{purchase_id}/announcement", dependencies=[SUPPLIER])
def announcement(
    purchase_id: str,
    body: AnnouncementIn,
    session: WriteSession,
    principal: CurrentPrincipal,
    now: CurrentNow,
) -> PurchaseOut:
    """Announce a delivery. Repeating it changes nothing."""
    purchase = purchase_for(session, principal, purchase_id)
    quantities = {line.id: line.quantity for line in body.lines}
    answering.announce(session, purchase, body.date, now, quantities=quantities, asn=body.asn)
    return _out(session, purchase)


@router.post("/suppliers/me/orders/{purchase_id}/delivery", dependencies=[SUPPLIER])
def delivery(
    purchase_id: str, body: DeliveryIn, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow
) -> PurchaseOut:
    """Goods handed over: they become lots in the plant's stock. Repeating it changes nothing."""
    purchase = purchase_for(session, principal, purchase_id)
    parts = {line.id: (line.quantity, line.lot_number) for line in body.lines}
    deliver(session, purchase, parts, body.lot_number, now)
    return _out(session, purchase)


@router.get("/plants/{slug}/materials", dependencies=[allow(*PLANT)])
def materials(
    slug: str, session: ReadSession, principal: CurrentPrincipal, now: CurrentNow
) -> list[MaterialOut]:
    """The plant's materials: stock, pegged, on order, cover; those with late needs first."""
    plant = plant_for(session, principal, slug)
    return [material_out(row) for row in stock_rows(session, plant, now)]


@router.get("/plants/{slug}/purchase-orders", dependencies=[allow(*PLANT)])
def purchase_orders(
    slug: str,
    session: ReadSession,
    principal: CurrentPrincipal,
    open_only: Annotated[bool, Query(alias="open")] = False,
) -> list[PlantPurchaseOut]:
    """The plant's purchase orders, newest first, the collecting ones too."""
    plant = plant_for(session, principal, slug)
    found = plant_purchases(session, plant.id, open_only=open_only)
    return [plant_purchase_out(row) for row in purchase_rows(session, found)]


@router.post("/plants/{slug}/receipts", status_code=201, dependencies=[allow(Role.PLANNER, Role.OPERATOR)])
def receipts(
    slug: str, body: ReceiptIn, session: WriteSession, principal: CurrentPrincipal, now: CurrentNow
) -> LotOut:
    """Goods in: on a purchase order line, or of a material without one. The lot."""
    plant = plant_for(session, principal, slug)
    if (body.line is None) == (body.material is None):
        raise Invalid("Name either the purchase order line or the material.", field="line")
    if body.line is not None:
        return _receive_line(session, plant, body, now)
    return _receive_material(session, plant, body, now)


def _receive_line(session: Session, plant: Plant, body: ReceiptIn, now: CurrentNow) -> LotOut:
    line = line_for(session, [plant.id], body.line or "")
    lot = receive(session, line, body.quantity, body.lot_number, now)
    if lot is None:
        raise NotFound("Nothing is outstanding on this line.")
    return lot_out(lot, session.get_one(Material, line.material_id))


def _receive_material(session: Session, plant: Plant, body: ReceiptIn, now: CurrentNow) -> LotOut:
    found = by_code(session, plant.id, [body.material or ""]).get(body.material or "")
    if found is None:
        raise NotFound(f"{plant.name} has no material {body.material!r}.")
    if body.quantity is None or body.lot_number is None:
        raise Invalid("Goods without a purchase order need a quantity and a lot number.", field="quantity")
    return lot_out(receive_unordered(session, found, body.quantity, body.lot_number, now), found)


def _out(session: Session, purchase: PurchaseOrder) -> PurchaseOut:
    row = purchase_rows(session, [purchase])[0]
    return purchase_out(row, briefs(session, row))
