"""Timed work: the day's orders go out, shelves are filled up, what is overdue or late is looked after."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import or_
from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.formats import day_of
from cosmo.parties import Plant
from cosmo.registry import users_of
from modules.procurement.dates import at_the_door, on_a_workday
from modules.procurement.live import demand_changed, stock_changed
from modules.procurement.materials import lock_materials, supplier_of
from modules.procurement.models import (
    ZERO,
    Lot,
    Material,
    Movement,
    Need,
    NeedState,
    Peg,
    PurchaseLine,
    PurchaseOrder,
)
from modules.procurement.ordering import add_for_stock, add_needs, send_collected
from modules.procurement.pegging import detach, expect, pegs_of
from modules.procurement.repegging import open_needs
from modules.procurement.slipping import lock_behind, lock_orders, orders_needing, redate, settle

GRACE = timedelta(hours=6)
"""A delivery may come this long after the hour it is counted on before it is overdue."""


def plants(session: Session) -> list[Plant]:
    """Plants whose manufacturer uses procurement."""
    rows = session.exec(select(Plant).order_by(col(Plant.id))).all()
    using = users_of(session, "procurement", (plant.manufacturer_id for plant in rows))
    return [plant for plant in rows if plant.manufacturer_id in using]


def send_day(session: Session, now: Now) -> None:
    """Send the collected orders whose hour has come."""
    for plant in plants(session):
        sent = send_collected(session, plant.id, now)
        demand_changed(session, _materials_on(session, sent), now)


def _materials_on(session: Session, purchases: Iterable[PurchaseOrder]) -> list[Material]:
    ids = [purchase.id for purchase in purchases]
    ordered = select(PurchaseLine.material_id).where(col(PurchaseLine.purchase_id).in_(ids))
    return list(session.exec(select(Material).where(col(Material.id).in_(ordered))))


def reorder(session: Session, now: Now) -> None:
    """Fill shelves up: where stock and what is on order, less firm demand, is at the reorder point, order up
    to the upper mark. Held quotes are no reason to order.

    What is needed late then counts on the delivery, and what lies on the shelf is free for who needs it soon.
    """
    for shelf in _shelves(session):
        low = _low(session, shelf, now)
        if low:
            _lock_orders_behind(session, [material.id for material in low])
            locked = lock_materials(session, {material.id for material in low})
            _fill_up(session, _by_supplier(session, _low(session, locked.values(), now)), now)


def _shelves(session: Session) -> Iterable[list[Material]]:
    """What each plant keeps for no order in particular, one plant after the other."""
    shelves: dict[str, list[Material]] = {plant.id: [] for plant in plants(session)}
    kept = select(Material).where(col(Material.order_specific).is_(False))
    for material in session.exec(kept.where(col(Material.plant_id).in_(list(shelves)))):
        shelves[material.plant_id].append(material)
    return shelves.values()


def _lock_orders_behind(session: Session, material_ids: Iterable[str]) -> None:
    lock_orders(session, {order_id for key in material_ids for order_id in orders_needing(session, key)})


def _low(session: Session, materials: Iterable[Material], now: Now) -> list[Material]:
    stocked = [material for material in materials if material.order_up_to > 0]
    known = positions(session, [material.id for material in stocked], now)
    return [material for material in stocked if known[material.id] <= material.reorder_point]


def _fill_up(session: Session, materials: list[Material], now: Now) -> None:
    known = positions(session, [material.id for material in materials], now)
    for material in materials:
        add_for_stock(session, material, material.order_up_to - known[material.id], now)
        settle(session, material, None, now)
    demand_changed(session, materials, now)


def _by_supplier(session: Session, materials: Iterable[Material]) -> list[Material]:
    """In the order in which suppliers are locked."""

    def key(material: Material) -> tuple[str, str]:
        supplier = supplier_of(session, material)
        return (supplier.id if supplier else "", material.id)

    return sorted(materials, key=key)


def positions(session: Session, material_ids: Sequence[str], now: Now) -> dict[str, Decimal]:
    """On hand plus on order less firm demand, by material, in its unit."""
    found = dict.fromkeys(material_ids, ZERO)
    if not found:
        return found
    lots = select(Lot).where(col(Lot.material_id).in_(material_ids), col(Lot.empty).is_(False))
    for lot in session.exec(lots.where(col(Lot.order_id).is_(None))):
        if lot.expires_at is None or lot.expires_at > now.business:
            found[lot.material_id] += lot.on_hand
    lines = select(PurchaseLine).where(
        col(PurchaseLine.material_id).in_(material_ids), col(PurchaseLine.open).is_(True)
    )
    for line in session.exec(lines.where(col(PurchaseLine.order_id).is_(None))):
        found[line.material_id] += line.outstanding
    needs = select(col(Need.material_id), col(Need.quantity), col(Need.issued)).where(
        col(Need.material_id).in_(material_ids), Need.state == NeedState.FIRM
    )
    for material_id, quantity, issued in session.exec(needs.where(col(Need.order_specific).is_(False))):
        found[material_id] -= quantity - issued
    return found


def overdue(session: Session, now: Now) -> None:
    """What should have come and did not is expected on the next working day; orders that wait are told."""
    for plant in plants(session):
        lines = _overdue_lines(session, plant, now)
        materials = lock_behind(session, lines)
        tomorrow = on_a_workday(day_of(now.business, plant.timezone) + timedelta(days=1))
        for line in lines:
            if line.open and at_the_door(line.due, plant.timezone) + GRACE < now.business:
                redate(session, line, materials[line.material_id], tomorrow, now)


def _overdue_lines(session: Session, plant: Plant, now: Now) -> list[PurchaseLine]:
    query = (
        select(PurchaseLine)
        .join(PurchaseOrder, col(PurchaseOrder.id) == col(PurchaseLine.purchase_id))
        .where(PurchaseOrder.plant_id == plant.id, col(PurchaseLine.open).is_(True))
        .where(PurchaseLine.due <= day_of(now.business, plant.timezone))
        .order_by(col(PurchaseLine.material_id), col(PurchaseLine.id))
    )
    return [
        line for line in session.exec(query) if at_the_door(line.due, plant.timezone) + GRACE < now.business
    ]


def look_after(session: Session, now: Now) -> None:
    """Late or uncovered firm needs get what has become free meanwhile; what stays uncovered is ordered."""
    troubled = _troubled(session)
    _lock_orders_behind(session, troubled)
    for material in _by_supplier(session, lock_materials(session, troubled).values()):
        settle(session, material, None, now)
        _order_uncovered(session, material, now)


def _troubled(session: Session) -> list[str]:
    """Materials with a firm need that is late or not pegged in full."""
    trouble = or_(col(Need.expected_at) > col(Need.needed_by), col(Need.short).is_(True))
    query = select(Need.material_id).where(Need.state == NeedState.FIRM, trouble)
    return sorted(set(session.exec(query.where(col(Need.order_specific).is_(False)).distinct())))


def _pegged(pegs: Iterable[Peg]) -> Decimal:
    return sum((peg.quantity for peg in pegs), ZERO)


def _order_uncovered(session: Session, material: Material, now: Now) -> None:
    needs = open_needs(session, material.id, firm=True)
    pegs = pegs_of(session, [need.id for need in needs])
    lacking = [(n, n.open - _pegged(pegs[n.id])) for n in needs if _pegged(pegs[n.id]) < n.open]
    if lacking:
        add_needs(session, material, lacking, now)
        settle(session, material, None, now)


def write_off(session: Session, now: Now) -> None:
    """What is past its shelf life leaves the stock; whoever was pegged to it is looked after."""
    query = select(Lot).where(col(Lot.empty).is_(False), col(Lot.expires_at) <= now.business)
    materials = lock_materials(session, {lot.material_id for lot in session.exec(query)})
    for material in materials.values():
        for lot in session.exec(query.where(Lot.material_id == material.id)).all():
            _write_off(session, lot, now)
        stock_changed(session, material, now)


def _write_off(session: Session, lot: Lot, now: Now) -> None:
    pegs = session.exec(select(Peg).where(Peg.lot_id == lot.id)).all()
    needs = [session.get_one(Need, peg.need_id) for peg in pegs]
    for peg in pegs:
        detach(session, peg)
    session.add(
        Movement(
            material_id=lot.material_id, lot_id=lot.id, kind="expiry", quantity=-lot.on_hand, at=now.business
        )
    )
    lot.on_hand, lot.empty = ZERO, True
    session.add(lot)
    session.flush()
    expect(session, needs, now)
