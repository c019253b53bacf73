"""A small shop for procurement's tests: suppliers, materials, stock, and orders that use them."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.events import events_after
from cosmo.orders import Order
from cosmo.parties import Party, PartyKind, Plant
from cosmo.spec import BomLine, RoutingStep, Spec
from cosmo.stages import Stage
from modules.procurement import firming, holding, sourcing
from modules.procurement.models import (
    Lot,
    Material,
    Movement,
    Need,
    Peg,
    PurchaseLine,
    PurchaseOrder,
    Supplier,
)
from modules.procurement.receiving import add_lot
from tests.factories import NOW, make_order, make_party, make_spec, walk


def supplier(session: Session, plant: Plant, party: Party | None = None, **values: Any) -> Supplier:
    party = party or make_party(session, PartyKind.SUPPLIER)
    row = Supplier(party_id=party.id, manufacturer_id=plant.manufacturer_id, **values)
    session.add(row)
    session.flush()
    return row


def material(
    session: Session, plant: Plant, code: str = "CLAY", by: Supplier | None = None, **values: Any
) -> Material:
    fields: dict[str, Any] = {"name": {"en": code.title()}, "unit": "kg", "lead_days": 3}
    row = Material(plant_id=plant.id, code=code, supplier_id=by.id if by else None, **(fields | values))
    session.add(row)
    session.flush()
    return row


def stock(session: Session, of: Material, quantity: int | str, number: str = "L-1", now: Now = NOW) -> Lot:
    return add_lot(session, of, Decimal(quantity), number, now)


def spec(**materials: tuple[int | str, bool] | int | str) -> Spec:
    """`spec(CLAY=10, DECAL=(5, True))`: kilograms, or pieces for this order alone; clay is to form."""
    lines = []
    for code, wanted in materials.items():
        quantity, specific = wanted if isinstance(wanted, tuple) else (wanted, False)
        lines.append(
            BomLine(
                material=code,
                name={"en": f"{code.title()} for it"},
                quantity=Decimal(quantity),
                unit="pcs" if specific else "kg",
                order_specific=specific,
                operation="form" if code == "CLAY" else "glaze",
            )
        )
    steps = tuple(
        RoutingStep(code=code, name={"en": code.title()}, resources=("W",), minutes_per_piece=Decimal(1))
        for code in ("form", "glaze")
    )
    return make_spec(10, bom=tuple(lines), routing=steps)


def hold(
    session: Session, plant: Plant, made_of: Spec, needed: dict[str, datetime] | None = None, now: Now = NOW
) -> Order:
    """A quoted order with its material held."""
    order = make_order(session, plant, spec=made_of, now=now)
    walk(session, order.id, Stage.QUOTED, now)
    holding.hold(session, order.id, plant.id, made_of, needed or {}, now)
    return order


def placed(
    session: Session, plant: Plant, made_of: Spec, needed: dict[str, datetime] | None = None, now: Now = NOW
) -> Order:
    """An engineered order with firm needs, not yet sourced."""
    order = hold(session, plant, made_of, needed, now)
    firming.firm(session, [order.id], now)
    return walk(session, order.id, Stage.ENGINEERED, now)


def sourced(
    session: Session, plant: Plant, made_of: Spec, needed: dict[str, datetime] | None = None, now: Now = NOW
) -> Order:
    order = placed(session, plant, made_of, needed, now)
    sourcing.source(session, order.id, now)
    return order


def go_on(session: Session, order: Order, now: Now = NOW) -> Order:
    """From a quote to sourced."""
    firming.firm(session, [order.id], now)
    walk(session, order.id, Stage.ENGINEERED, now)
    sourcing.source(session, order.id, now)
    return order


def needs(session: Session, order: Order) -> list[Need]:
    return holding.needs_of(session, order.id)


def purchases(session: Session) -> list[PurchaseOrder]:
    return list(session.exec(select(PurchaseOrder).order_by(col(PurchaseOrder.number))))


def lines(session: Session) -> list[PurchaseLine]:
    return list(session.exec(select(PurchaseLine).order_by(col(PurchaseLine.id))))


def event_types(session: Session, order: Order) -> list[str]:
    return [event.type for event in events_after(session, order.id)]


def check_books(session: Session) -> None:
    """What must always hold: nothing is pegged beyond what there is, and every sum agrees with its rows."""
    pegs = session.exec(select(Peg)).all()
    for lot in session.exec(select(Lot)):
        assert lot.pegged == sum((p.quantity for p in pegs if p.lot_id == lot.id), Decimal(0))
        assert 0 <= lot.pegged <= lot.on_hand
        moves = session.exec(select(Movement).where(Movement.lot_id == lot.id)).all()
        assert lot.on_hand == sum((m.quantity for m in moves), Decimal(0))
    for line in session.exec(select(PurchaseLine)):
        assert line.pegged == sum((p.quantity for p in pegs if p.line_id == line.id), Decimal(0))
        assert 0 <= line.pegged <= line.outstanding
    for need in session.exec(select(Need)):
        mine = sum((p.quantity for p in pegs if p.need_id == need.id), Decimal(0))
        assert mine <= need.open
        assert all(p.quantity > 0 for p in pegs if p.need_id == need.id)
