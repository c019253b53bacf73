"""What is whose: a supplier's own rows across the manufacturers it supplies, and a plant's own."""

from sqlmodel import Session, col, select

from cosmo.errors import NotFound
from cosmo.identity import Principal
from cosmo.parties import Plant, Role
from cosmo.registry import modules_on
from modules.procurement.models import Material, PurchaseLine, PurchaseOrder, Supplier


def suppliers_of(session: Session, principal: Principal) -> list[Supplier]:
    """The principal as supplier of each manufacturer that uses procurement; empty for anybody else."""
    if principal.role != Role.SUPPLIER or principal.party_id is None:
        return []
    query = select(Supplier).where(Supplier.party_id == principal.party_id).order_by(col(Supplier.id))
    return [s for s in session.exec(query) if "procurement" in modules_on(session, s.manufacturer_id)]


def materials_of(session: Session, suppliers: list[Supplier]) -> list[Material]:
    """What these suppliers supply, by code."""
    ids = [supplier.id for supplier in suppliers]
    found = list(session.exec(select(Material).where(col(Material.supplier_id).in_(ids))))
    general = [supplier.manufacturer_id for supplier in suppliers if supplier.general]
    if general:
        plants = select(Plant.id).where(col(Plant.manufacturer_id).in_(general))
        query = select(Material).where(
            col(Material.supplier_id).is_(None), col(Material.plant_id).in_(plants)
        )
        found += session.exec(query)
    return sorted(found, key=lambda m: (m.code, m.id))


def purchases_of(
    session: Session, suppliers: list[Supplier], *, open_only: bool = False, limit: int = 300
) -> list[PurchaseOrder]:
    """Purchase orders sent to these suppliers, newest first."""
    ids = [supplier.id for supplier in suppliers]
    query = select(PurchaseOrder).where(
        col(PurchaseOrder.supplier_id).in_(ids), col(PurchaseOrder.sent_at).is_not(None)
    )
    if open_only:
        waiting = select(PurchaseLine.purchase_id).where(col(PurchaseLine.open).is_(True))
        query = query.where(col(PurchaseOrder.id).in_(waiting))
    return list(session.exec(query.order_by(col(PurchaseOrder.id).desc()).limit(limit)))


def purchase_for(session: Session, principal: Principal, purchase_id: str) -> PurchaseOrder:
    """The purchase order if it was sent to this supplier. Raises `NotFound`."""
    purchase = session.get(PurchaseOrder, purchase_id)
    mine = {supplier.id for supplier in suppliers_of(session, principal)}
    if purchase is None or purchase.sent_at is None or purchase.supplier_id not in mine:
        raise NotFound("There is no such purchase order here.")
    return purchase


def plant_purchases(
    session: Session, plant_id: str, *, open_only: bool = False, limit: int = 300
) -> list[PurchaseOrder]:
    """The plant's purchase orders, newest first, the collecting ones too."""
    query = select(PurchaseOrder).where(PurchaseOrder.plant_id == plant_id)
    if open_only:
        waiting = select(PurchaseLine.purchase_id).where(col(PurchaseLine.open).is_(True))
        query = query.where(col(PurchaseOrder.id).in_(waiting))
    return list(session.exec(query.order_by(col(PurchaseOrder.id).desc()).limit(limit)))


def line_for(session: Session, plant_ids: list[str], line_id: str) -> PurchaseLine:
    """The line if it was ordered by one of these plants. Raises `NotFound`."""
    line = session.get(PurchaseLine, line_id)
    if line is None or session.get_one(PurchaseOrder, line.purchase_id).plant_id not in plant_ids:
        raise NotFound("There is no such purchase order line here.")
    return line
