"""Purchase orders: what is bought for one order goes out at once; bulk is collected by supplier and day.

A collecting order grows with the day's needs, each pegged by its share, and is sent in the afternoon.
"""

from collections.abc import Iterable
from datetime import time
from decimal import ROUND_CEILING, Decimal
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.formats import day_of
from cosmo.orders import Order
from modules.procurement.dates import arrival_day, day_to_ask
from modules.procurement.identity import told_to_supplier
from modules.procurement.materials import supplier_of, timezone_of
from modules.procurement.models import (
    ANSWERED,
    ZERO,
    LineState,
    Material,
    Need,
    PurchaseLine,
    PurchaseNumber,
    PurchaseOrder,
    Supplier,
)
from modules.procurement.pegging import attach

FIRST_NUMBER = 3_000
CUT_OFF = time(16)
"""Plant time at which the day's collected orders go out."""


def buy_for(
    session: Session, order: Order, needs: Iterable[tuple[Need, Material, Decimal]], now: Now
) -> list[PurchaseLine]:
    """Buy what is made for this order alone: one purchase order per supplier, sent at once.

    Each entry is a need, its material and how much of it is not covered yet.
    """
    bought: list[PurchaseLine] = []
    purchases: dict[str | None, PurchaseOrder] = {}
    for need, material, quantity in needs:
        supplier = supplier_of(session, material)
        key = supplier.id if supplier else None
        if key not in purchases:
            purchases[key] = _open_purchase(session, order.plant_id, key, now, sent=True)
        asked = day_to_ask(
            now.business, material.lead_days, need.needed_by, timezone_of(session, order.plant_id)
        )
        line = PurchaseLine(
            purchase_id=purchases[key].id,
            material_id=material.id,
            order_id=order.id,
            price=material.price,
            detail=told_to_supplier(session, order, need.name),
            asked_for=asked,
            due=asked,
            quantity=rounded(quantity, material),
        )
        session.add(line)
        session.flush()
        attach(session, need, line, quantity)
        bought.append(line)
    session.flush()
    return bought


def collect(session: Session, material: Material, now: Now) -> PurchaseLine:
    """The line of today's collecting order for this material; opened at its first need."""
    supplier = supplier_of(session, material)
    purchase = _collecting(session, material.plant_id, supplier.id if supplier else None, now)
    query = select(PurchaseLine).where(
        PurchaseLine.purchase_id == purchase.id,
        PurchaseLine.material_id == material.id,
        col(PurchaseLine.open).is_(True),
    )
    line = session.exec(query.execution_options(populate_existing=True)).first()
    if line is None:
        due = arrival_day(now.business, material.lead_days, timezone_of(session, material.plant_id))
        line = PurchaseLine(
            purchase_id=purchase.id,
            material_id=material.id,
            quantity=ZERO,
            price=material.price,
            asked_for=due,
            due=due,
        )
        session.add(line)
        session.flush()
    return line


def add_needs(
    session: Session, material: Material, needs: Iterable[tuple[Need, Decimal]], now: Now
) -> PurchaseLine:
    """Put uncovered firm needs on today's collecting line, each pegged by its share."""
    line = collect(session, material, now)
    for need, quantity in needs:
        attach(session, need, line, quantity)
    resize(session, line, material)
    return line


def add_for_stock(session: Session, material: Material, quantity: Decimal, now: Now) -> PurchaseLine:
    """Put a quantity for the shelf on today's collecting line."""
    line = collect(session, material, now)
    line.extra += quantity
    resize(session, line, material)
    return line


def resize(session: Session, line: PurchaseLine, material: Material) -> None:
    """A collecting line is as long as its pegs and the shelf's share need, by minimum and pack."""
    wanted = line.pegged + line.extra
    line.quantity = rounded(wanted, material) if wanted > 0 else ZERO
    if line.quantity == 0:
        withdraw(line)
    session.add(line)
    session.flush()


def rounded(quantity: Decimal, material: Material) -> Decimal:
    """Up to the minimum, then up to whole packs."""
    quantity = max(quantity, material.min_quantity)
    if material.pack_size > 0:
        packs = (quantity / material.pack_size).to_integral_value(ROUND_CEILING)
        quantity = packs * material.pack_size
    return quantity


def give_back(session: Session, lines: Iterable[PurchaseLine], materials: dict[str, Material]) -> None:
    """After needs were released: shrink what is still collecting, withdraw what nobody has answered yet."""
    for line in lines:
        purchase = session.get_one(
            PurchaseOrder, line.purchase_id, with_for_update=True, populate_existing=True
        )
        if purchase.sent_at is None:
            resize(session, line, materials[line.material_id])
        elif line.order_id is not None and LineState(line.state) not in ANSWERED:
            withdraw(line)
            session.add(line)
    session.flush()


def withdraw(line: PurchaseLine) -> None:
    """Nothing of it is expected any more."""
    line.state, line.open = LineState.WITHDRAWN, False


def send_collected(session: Session, plant_id: str, now: Now) -> list[PurchaseOrder]:
    """Send the plant's collecting orders of earlier days, and today's after the cut-off."""
    local = now.business.astimezone(ZoneInfo(timezone_of(session, plant_id)))
    sent: list[PurchaseOrder] = []
    query = select(PurchaseOrder).where(
        PurchaseOrder.plant_id == plant_id,
        col(PurchaseOrder.sent_at).is_(None),
        PurchaseOrder.day <= local.date(),
    )
    for purchase in session.exec(query.order_by(col(PurchaseOrder.id)).with_for_update()):
        if purchase.day < local.date() or local.time() >= CUT_OFF:
            purchase.sent_at = now.business
            session.add(purchase)
            sent.append(purchase)
    session.flush()
    return sent


def _collecting(session: Session, plant_id: str, supplier_id: str | None, now: Now) -> PurchaseOrder:
    """Today's collecting order, locked; opened under the supplier's lock, so that there is one."""
    session.exec(select(Supplier).where(Supplier.id == supplier_id).with_for_update()).first()
    day = day_of(now.business, timezone_of(session, plant_id))
    query = select(PurchaseOrder).where(
        PurchaseOrder.plant_id == plant_id,
        PurchaseOrder.supplier_id == supplier_id,
        PurchaseOrder.day == day,
        col(PurchaseOrder.sent_at).is_(None),
    )
    found = session.exec(query.order_by(col(PurchaseOrder.id)).with_for_update()).first()
    return found or _open_purchase(session, plant_id, supplier_id, now, sent=False)


def _open_purchase(
    session: Session, plant_id: str, supplier_id: str | None, now: Now, *, sent: bool
) -> PurchaseOrder:
    purchase = PurchaseOrder(
        number="",
        plant_id=plant_id,
        supplier_id=supplier_id,
        created_at=now.business,
        day=day_of(now.business, timezone_of(session, plant_id)),
        sent_at=now.business if sent else None,
    )
    number = PurchaseNumber(purchase_id=purchase.id)
    session.add(number)
    session.flush()
    assert number.id is not None
    purchase.number = f"PO-{FIRST_NUMBER + number.id}"
    session.add(purchase)
    session.flush()
    return purchase
