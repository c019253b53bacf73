"""Goods in: a delivery becomes lots in stock, and what was pegged to the purchase follows it there."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.errors import Conflict, Invalid
from cosmo.formats import day_of
from cosmo.i18n import N_, Sentence
from cosmo.lifecycle import emit
from cosmo.orders import Order
from modules.procurement.answering import WITHDRAWN, Over, lines_of
from modules.procurement.live import stock_changed
from modules.procurement.materials import lock_materials, timezone_of
from modules.procurement.models import (
    LineState,
    Lot,
    Material,
    Movement,
    Need,
    NeedState,
    Peg,
    PurchaseLine,
    PurchaseOrder,
)
from modules.procurement.payloads import ACTOR, MaterialArrived, MaterialEarlier
from modules.procurement.pegging import expect, move
from modules.procurement.slipping import TOLD, lock_behind

LOT_NUMBER = 60
"""Characters of a lot number."""
MOST = Decimal(2)
"""A delivery of more than twice the outstanding quantity is a typing error."""


def receive(
    session: Session, line: PurchaseLine, quantity: Decimal | None, number: str | None, now: Now
) -> Lot | None:
    """Book in `quantity` (default: all outstanding) of a line as lot `number`. The lot, or None if nothing
    was outstanding. The same lot number on the same line again changes nothing."""
    material = lock_behind(session, [line])[line.material_id]
    known = _known(session, line, number)
    if known is not None or (not line.open and quantity is None):
        return known
    amount = _checked(line, quantity)
    lot = add_lot(
        session, material, amount, number or _lot_number(session, line), now, line=line, kind="receipt"
    )
    _count(line, amount, now)
    needs = _follow(session, line, lot)
    before_due = day_of(now.business, timezone_of(session, material.plant_id)) < line.due
    expect(session, needs, now)
    if line.order_id is not None and not line.open:
        _tell(session, line, material, needs, before_due, now)
    stock_changed(session, material, now)
    return lot


Parts = Mapping[str, tuple[Decimal | None, str | None]]
"""Line id -> quantity (None: all outstanding) and lot number."""


def deliver(session: Session, purchase: PurchaseOrder, parts: Parts, number: str | None, now: Now) -> None:
    """The supplier hands goods over: the named lines, or (none named) all that is outstanding.

    Repeating it changes nothing. Raises `Over` for an order that was withdrawn.
    """
    lines = {line.id: line for line in lines_of(session, purchase)}
    if unknown := set(parts) - set(lines):
        raise Invalid(f"{purchase.number} has no line {min(unknown)!r}.", field="lines")
    chosen = [lines[key] for key in parts] or [line for line in lines.values() if line.open]
    if not parts and all(line.state == LineState.WITHDRAWN for line in lines.values()):
        raise Over(Sentence(WITHDRAWN, number=purchase.number))
    lock_behind(session, chosen)
    for line in chosen:
        quantity, own_number = parts.get(line.id, (None, None))
        receive(session, line, quantity, own_number or number, now)


def receive_unordered(session: Session, material: Material, quantity: Decimal, number: str, now: Now) -> Lot:
    """Goods that nobody ordered here. The same lot again changes nothing; another quantity is refused."""
    lock_materials(session, {material.id})
    query = select(Lot).where(
        Lot.material_id == material.id, Lot.number == number, col(Lot.line_id).is_(None)
    )
    known = session.exec(query).first()
    if known is not None and known.received != quantity:
        raise Conflict(f"Lot {number} of {material.code} is here with {known.received} {material.unit}.")
    if known is None:
        known = add_lot(session, material, quantity, number, now, kind="receipt")
        stock_changed(session, material, now)
    return known


def add_lot(
    session: Session,
    material: Material,
    quantity: Decimal,
    number: str,
    now: Now,
    *,
    line: PurchaseLine | None = None,
    kind: str = "opening",
) -> Lot:
    """A new lot with its first movement."""
    lot = Lot(
        material_id=material.id,
        number=number,
        line_id=line.id if line else None,
        order_id=line.order_id if line else None,
        received=quantity,
        on_hand=quantity,
        received_at=now.business,
        expires_at=now.business + timedelta(days=material.shelf_days) if material.shelf_days else None,
    )
    session.add(lot)
    session.flush()
    session.add(
        Movement(
            material_id=material.id,
            lot_id=lot.id,
            order_id=lot.order_id,
            kind=kind,
            quantity=quantity,
            at=now.business,
        )
    )
    session.flush()
    return lot


def _known(session: Session, line: PurchaseLine, number: str | None) -> Lot | None:
    query = select(Lot).where(Lot.line_id == line.id)
    if number is not None:
        query = query.where(Lot.number == number)
    elif line.open:
        return None
    return session.exec(query.order_by(col(Lot.id).desc())).first()


def _checked(line: PurchaseLine, quantity: Decimal | None) -> Decimal:
    amount = line.outstanding if quantity is None else quantity
    if not line.open:
        raise Invalid("Nothing is outstanding on this line.", field="quantity")
    if not 0 < amount <= line.outstanding * MOST:
        said = N_("{n} are outstanding; write that many, or the part of it that came.")
        raise Invalid(Sentence(said, n=line.outstanding), field="quantity")
    return amount


def _lot_number(session: Session, line: PurchaseLine) -> str:
    before = session.exec(select(Lot.id).where(Lot.line_id == line.id)).all()
    return f"L-{line.id[-8:].upper()}-{len(before) + 1}"


def _count(line: PurchaseLine, amount: Decimal, now: Now) -> None:
    line.received += amount
    line.received_at = now.business
    if line.received >= line.quantity:
        line.state, line.open = LineState.RECEIVED, False


def _follow(session: Session, line: PurchaseLine, lot: Lot) -> list[Need]:
    """Move pegs from the line to the lot, which is new, the most urgent first."""
    query = select(Peg, Need).join(Need, col(Peg.need_id) == col(Need.id)).where(Peg.line_id == line.id)
    room, moved = lot.on_hand, []
    for peg, need in sorted(session.exec(query), key=lambda row: (row[1].needed_by, row[1].id)):
        part = min(peg.quantity, room)
        if part > 0:
            move(session, peg, need, lot, part)
            room -= part
            moved.append(need)
    session.add(line)
    session.flush()
    return moved


def _tell(
    session: Session, line: PurchaseLine, material: Material, needs: list[Need], before_due: bool, now: Now
) -> None:
    """The order it was bought for hears that all of it is here, and the plan that it may begin sooner."""
    assert line.order_id is not None
    firm = [need for need in needs if need.state == NeedState.FIRM]
    if not firm or session.get_one(Order, line.order_id).stage not in TOLD:
        return
    payload = MaterialArrived(material=material.id, line=line.id, name=material.name)
    emit(session, line.order_id, payload, now=now, actor=ACTOR)
    if before_due:
        today = day_of(now.business, timezone_of(session, material.plant_id))
        earlier = MaterialEarlier(
            material=material.id,
            line=line.id,
            name=material.name,
            operation=firm[0].operation,
            old=line.due,
            new=today,
        )
        emit(session, line.order_id, earlier, now=now, actor=ACTOR)
