"""Pegging, both ways: where an order's material comes from, and whom a lot or purchase serves."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session, col, select

from cosmo.orders import Order
from cosmo.stages import Stage
from modules.procurement.dates import at_the_door
from modules.procurement.materials import timezone_of
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
from modules.procurement.pegging import pegs_of, row_of


@dataclass(frozen=True, slots=True)
class Served:
    """Another order that the same lot or purchase line serves."""

    order: Order
    quantity: Decimal
    unit: str
    firm: bool


@dataclass(frozen=True, slots=True)
class Supply:
    """One piece of supply behind a need. `number` is a lot's, or a purchase order's."""

    kind: str
    """stock, purchase, issued or open."""
    number: str
    quantity: Decimal
    at: datetime | None
    state: str = ""
    others: tuple[Served, ...] = ()


@dataclass(frozen=True, slots=True)
class NeedTrace:
    """One need of an order with all it is covered by."""

    need: Need
    material: Material
    supplies: tuple[Supply, ...]

    @property
    def late(self) -> bool:
        return (
            self.need.state == NeedState.FIRM
            and self.need.open > 0
            and self.need.expected_at > self.need.needed_by
            and any(supply.kind in ("purchase", "open") for supply in self.supplies)
        )


MAKING = (Stage.PLACED, Stage.ENGINEERED, Stage.SOURCED, Stage.SCHEDULED, Stage.IN_PRODUCTION)
"""Whose operations may still wait for material."""


def late_orders(
    session: Session, plant_id: str, limit: int | None = 40
) -> list[tuple[Order, Need, Material]]:
    """Orders still to be made whose material comes after it is needed, the most urgent first.

    What came late but is in stock now holds nobody up.
    """
    query = (
        select(Order, Need, Material)
        .join(Need, col(Need.order_id) == col(Order.id))
        .join(Material, col(Material.id) == col(Need.material_id))
        .where(Need.plant_id == plant_id, Need.state == NeedState.FIRM, col(Order.stage).in_(MAKING))
        .where(col(Need.expected_at) > col(Need.needed_by))
        .order_by(col(Need.needed_by), col(Need.id))
    )
    rows = [(o, n, m) for o, n, m in session.exec(query) if n.open > 0]
    pegs = pegs_of(session, [need.id for _, need, _ in rows])
    return [row for row in rows if not _in_stock(row[1], pegs[row[1].id])][:limit]


def _in_stock(need: Need, pegs: list[Peg]) -> bool:
    return sum((peg.quantity for peg in pegs if peg.lot_id is not None), ZERO) >= need.open


def trace(session: Session, order_id: str) -> list[NeedTrace]:
    """The order's needs in the order of their operations' start, each with its supply."""
    query = select(Need, Material).join(Material, col(Material.id) == col(Need.material_id))
    rows = session.exec(query.where(Need.order_id == order_id, Need.state != NeedState.RELEASED)).all()
    pegs = pegs_of(session, [need.id for need, _ in rows])
    found = [NeedTrace(n, m, (*_issued(session, n), *_pegged(session, n, m, pegs[n.id]))) for n, m in rows]
    return sorted(found, key=lambda t: (t.need.needed_by, t.material.code))


def _issued(session: Session, need: Need) -> list[Supply]:
    query = select(Movement, Lot).join(Lot, col(Lot.id) == col(Movement.lot_id))
    query = query.where(
        Movement.order_id == need.order_id,
        Movement.kind == "issue",
        Movement.material_id == need.material_id,
        Movement.operation == need.operation,
    )
    return [Supply("issued", lot.number, -move.quantity, move.at) for move, lot in session.exec(query)]


def _pegged(session: Session, need: Need, material: Material, pegs: list[Peg]) -> list[Supply]:
    found = [_supply(session, need, material, peg) for peg in pegs]
    rest = need.open - sum((peg.quantity for peg in pegs), ZERO)
    return [*found, Supply("open", "", rest, need.expected_at)] if rest > 0 else found


def _supply(session: Session, need: Need, material: Material, peg: Peg) -> Supply:
    row = row_of(session, peg)
    others = served(session, material, row, besides=need.order_id)
    if isinstance(row, Lot):
        return Supply("stock", row.number, peg.quantity, row.received_at, others=others)
    number = session.get_one(PurchaseOrder, row.purchase_id).number
    at = at_the_door(row.due, timezone_of(session, need.plant_id))
    return Supply("purchase", number, peg.quantity, at, row.state, others)


def served(
    session: Session, material: Material, row: Lot | PurchaseLine, besides: str = "", limit: int = 12
) -> tuple[Served, ...]:
    """Orders that a lot or a purchase line is pegged to, the most urgent first."""
    query = select(Peg, Need, Order).join(Need, col(Need.id) == col(Peg.need_id))
    query = query.join(Order, col(Order.id) == col(Need.order_id)).where(Order.id != besides)
    query = query.where(Peg.lot_id == row.id if isinstance(row, Lot) else Peg.line_id == row.id)
    rows = session.exec(query.order_by(col(Need.needed_by), col(Need.id)).limit(limit))
    return tuple(Served(o, p.quantity, material.unit, n.state == NeedState.FIRM) for p, n, o in rows)
