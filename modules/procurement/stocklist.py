"""The plant's materials: stock, what is pegged, what is on order, how long it lasts, who waits."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.parties import Party, Plant
from modules.procurement.models import (
    ZERO,
    Lot,
    Material,
    Movement,
    Need,
    NeedState,
    PurchaseLine,
    PurchaseOrder,
    Supplier,
)
from modules.procurement.tracing import late_orders

LOOK_BACK = timedelta(days=28)


@dataclass(slots=True)
class StockRow:
    """One material of a plant; quantities in its unit."""

    material: Material
    supplier: str
    on_hand: Decimal = ZERO
    pegged: Decimal = ZERO
    on_order: Decimal = ZERO
    wanted: Decimal = ZERO
    """Open firm needs."""
    used: Decimal = ZERO
    """Issued in the last 28 days."""
    next_due: date | None = None
    late: int = 0
    """Firm needs that wait for goods which come after they are needed."""

    @property
    def free(self) -> Decimal:
        return self.on_hand - self.pegged

    @property
    def cover_days(self) -> int | None:
        """Days the stock lasts at the rate of the last four weeks; None if nothing was used."""
        return int(self.on_hand / (self.used / LOOK_BACK.days)) if self.used > 0 else None

    @property
    def low(self) -> bool:
        """At the reorder point, with what is on order and less what is firm."""
        position = self.on_hand + self.on_order - self.wanted
        return self.material.order_up_to > 0 and position <= self.material.reorder_point


def stock_rows(session: Session, plant: Plant, now: Now) -> list[StockRow]:
    """All materials of a plant, those with late needs first, then by code."""
    materials = session.exec(select(Material).where(Material.plant_id == plant.id)).all()
    names = _supplier_names(session, plant.manufacturer_id)
    rows = {m.id: StockRow(m, names.get(m.supplier_id or "", "")) for m in materials}
    _add_lots(session, rows)
    _add_lines(session, rows)
    _add_needs(session, rows, plant.id)
    _add_use(session, rows, now)
    return sorted(rows.values(), key=lambda r: (-r.late, not r.low, r.material.code))


def _supplier_names(session: Session, manufacturer_id: str) -> dict[str, str]:
    query = select(Supplier, Party).join(Party, col(Party.id) == col(Supplier.party_id))
    rows = session.exec(query.where(Supplier.manufacturer_id == manufacturer_id))
    return {supplier.id: party.name for supplier, party in rows}


def _add_lots(session: Session, rows: dict[str, StockRow]) -> None:
    query = select(Lot).where(col(Lot.material_id).in_(rows), col(Lot.empty).is_(False))
    for lot in session.exec(query):
        rows[lot.material_id].on_hand += lot.on_hand
        rows[lot.material_id].pegged += lot.pegged


def _add_lines(session: Session, rows: dict[str, StockRow]) -> None:
    query = select(PurchaseLine).where(
        col(PurchaseLine.material_id).in_(rows), col(PurchaseLine.open).is_(True)
    )
    for line in session.exec(query):
        row = rows[line.material_id]
        row.on_order += line.outstanding
        row.next_due = min(line.due, row.next_due or line.due)


def _add_needs(session: Session, rows: dict[str, StockRow], plant_id: str) -> None:
    query = select(Need).where(col(Need.material_id).in_(rows), Need.state == NeedState.FIRM)
    for need in session.exec(query):
        rows[need.material_id].wanted += need.open
    for _, need, _ in late_orders(session, plant_id, limit=None):
        rows[need.material_id].late += 1


def _add_use(session: Session, rows: dict[str, StockRow], now: Now) -> None:
    query = select(Movement).where(
        col(Movement.material_id).in_(rows), Movement.kind == "issue", Movement.at >= now.business - LOOK_BACK
    )
    for movement in session.exec(query):
        rows[movement.material_id].used -= movement.quantity


@dataclass(frozen=True, slots=True)
class PurchaseRow:
    """A purchase order with its lines and their materials."""

    purchase: PurchaseOrder
    lines: tuple[tuple[PurchaseLine, Material], ...]
    supplier: str
    plant: Plant
    currency: str


def purchase_rows(session: Session, purchases: Iterable[PurchaseOrder]) -> list[PurchaseRow]:
    """The purchase orders as given, with what belongs to them."""
    chosen = list(purchases)
    lines = _lines_by_purchase(session, [p.id for p in chosen])
    suppliers = {
        s.id: s
        for s in session.exec(select(Supplier).where(col(Supplier.id).in_({p.supplier_id for p in chosen})))
    }
    parties = {
        p.id: p.name
        for p in session.exec(
            select(Party).where(col(Party.id).in_({s.party_id for s in suppliers.values()}))
        )
    }
    found: list[PurchaseRow] = []
    for purchase in chosen:
        supplier = suppliers.get(purchase.supplier_id or "")
        plant = session.get_one(Plant, purchase.plant_id)
        found.append(
            PurchaseRow(
                purchase,
                tuple(lines[purchase.id]),
                parties[supplier.party_id] if supplier else "",
                plant,
                supplier.currency if supplier else plant.currency,
            )
        )
    return found


def _lines_by_purchase(
    session: Session, ids: list[str]
) -> defaultdict[str, list[tuple[PurchaseLine, Material]]]:
    query = select(PurchaseLine, Material).join(Material, col(Material.id) == col(PurchaseLine.material_id))
    query = query.where(col(PurchaseLine.purchase_id).in_(ids)).order_by(col(PurchaseLine.id))
    found: defaultdict[str, list[tuple[PurchaseLine, Material]]] = defaultdict(list)
    for line, material in session.exec(query):
        found[line.purchase_id].append((line, material))
    return found
