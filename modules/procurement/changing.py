"""An order that is made of something else now: needs that stay keep their pegs, others go or come.

What was bought for the order alone and is not wanted so any more is called off, until it has left its maker.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.errors import Conflict
from cosmo.i18n import N_, Sentence
from cosmo.orders import Order
from cosmo.ports import MaterialDate, MaterialsMoved
from cosmo.spec import Spec
from cosmo.stages import Stage
from modules.procurement.dates import arrival
from modules.procurement.holding import needs_of
from modules.procurement.live import demand_changed
from modules.procurement.materials import Want, ensure, lock_materials, supplier_of, timezone_of, wants
from modules.procurement.models import (
    ZERO,
    LineState,
    Lot,
    Material,
    Need,
    NeedState,
    Peg,
    PurchaseLine,
    PurchaseOrder,
    Supplier,
)
from modules.procurement.ordering import resize, withdraw
from modules.procurement.pegging import OPEN_NEEDS, cover, detach, expect, pegs_of, row_of
from modules.procurement.sourcing import assure

SOURCED = (Stage.SOURCED, Stage.SCHEDULED, Stage.IN_PRODUCTION)
"""Stages of an order whose materials are assured: what a change adds is bought at once."""
PROOF_OPEN = "proof-open"
GONE_OUT = N_("{name}: made for this order and on its way already, so it can no longer be another.")
_Key = tuple[str, str]


class MadeAlready(Conflict):
    type, title = "made-already", "This is made for the order already"


def change(
    session: Session, order_id: str, spec: Spec, anew: Collection[str], order_from: datetime, now: Now
) -> MaterialsMoved:
    """See `cosmo.ports.MaterialPromiser.change`. Raises `MadeAlready`."""
    order = session.get_one(Order, order_id)
    ensure(session, order.plant_id, spec)
    asked = {(w.material.id, w.operation): w for w in wants(session, order.plant_id, spec)}
    known = {n.material_id for n in needs_of(session, order_id)}
    materials = lock_materials(session, known | {material_id for material_id, _ in asked})
    stay, touched = _sorted_out(session, order, asked, materials, anew)
    fresh = [_need(order, want, now) for key, want in asked.items() if key not in stay]
    session.add_all(fresh)
    session.flush()
    touched |= {need.material_id for need in fresh}
    needs = needs_of(session, order_id, *OPEN_NEEDS)
    cover(session, needs, now)
    _count_on_the_proof(session, order, needs, order_from)
    changed = [materials[material_id] for material_id in sorted(touched)]
    demand_changed(session, changed, now)
    return MaterialsMoved(tuple(_date(session, need, now) for need in needs), _parties(session, changed))


def _sorted_out(
    session: Session,
    order: Order,
    asked: Mapping[_Key, Want],
    materials: Mapping[str, Material],
    anew: Collection[str],
) -> tuple[set[_Key], set[str]]:
    """Which needs stay, perhaps in another quantity; the others go. Also the materials that are touched."""
    stay: set[_Key] = set()
    touched: set[str] = set()
    for need in needs_of(session, order.id):
        key, want = (need.material_id, need.operation), asked.get((need.material_id, need.operation))
        remade = need.order_specific and (
            materials[need.material_id].code in anew or _is_bought_anew(session, need, want)
        )
        if need.issued > ZERO or need.state == NeedState.ISSUED:
            stay.add(key)  # it is in the product: its operation has begun, so it is as it was
        elif want is None or remade or need.state == NeedState.RELEASED:
            _drop(session, need, materials[need.material_id])
            touched.add(need.material_id)
        else:
            stay.add(key)
            touched |= _resized(session, need, want, materials[need.material_id])
    session.flush()
    return stay, touched


def _is_bought_anew(session: Session, need: Need, want: Want | None) -> bool:
    """Another quantity of what is made for one order is one other line, unless the first has gone out."""
    return want is not None and want.quantity != need.planned and not _gone_out(session, need)


def _resized(session: Session, need: Need, want: Want, material: Material) -> set[str]:
    """The same need in the quantity that is wanted now."""
    if want.quantity == need.planned:
        return set()
    need.quantity += want.quantity - need.planned
    need.planned, need.name = want.quantity, dict(want.name)
    session.add(need)
    _free(session, need, material, pegs_of(session, [need.id])[need.id], keep=need.open)
    return {need.material_id}


def _drop(session: Session, need: Need, material: Material) -> None:
    """It is needed no more: its supply is free again, what was bought for it alone is called off."""
    _free(session, need, material, pegs_of(session, [need.id])[need.id], keep=ZERO)
    if need.order_specific:
        _call_off(session, need)
    session.flush()
    session.delete(need)
    session.flush()


def _free(session: Session, need: Need, material: Material, pegs: list[Peg], *, keep: Decimal) -> None:
    """Of what is pegged to a need, all beyond `keep`, the latest first; lines that still collect shrink."""
    beyond = sum((peg.quantity for peg in pegs), ZERO) - keep
    for peg in reversed(pegs):
        part = min(peg.quantity, beyond)
        if part <= 0:
            return
        row = row_of(session, peg)
        detach(session, peg, part)
        beyond -= part
        if isinstance(row, PurchaseLine) and row.order_id is None:
            _shrink(session, row, material)


def _shrink(session: Session, line: PurchaseLine, material: Material) -> None:
    purchase = session.get_one(PurchaseOrder, line.purchase_id, with_for_update=True, populate_existing=True)
    if purchase.sent_at is None:
        resize(session, line, material)


def _call_off(session: Session, need: Need) -> None:
    """Whatever its maker has not sent yet. Raises `MadeAlready` for what is on its way or here."""
    if _gone_out(session, need):
        raise MadeAlready(Sentence(GONE_OUT, name=need.name))
    for line in _lines_of(session, need):
        withdraw(line)
        session.add(line)


def _gone_out(session: Session, need: Need) -> bool:
    """Something made for the order alone has left its maker."""
    lots = select(Lot.id).where(
        Lot.material_id == need.material_id, Lot.order_id == need.order_id, col(Lot.empty).is_(False)
    )
    announced = any(line.state == LineState.ANNOUNCED for line in _lines_of(session, need))
    return announced or session.exec(lots).first() is not None


def _lines_of(session: Session, need: Need) -> list[PurchaseLine]:
    """What was bought of it for the order alone and is still to come."""
    query = select(PurchaseLine).where(
        PurchaseLine.material_id == need.material_id, PurchaseLine.order_id == need.order_id,
        col(PurchaseLine.open).is_(True),
    )  # fmt: skip
    return list(session.exec(query.execution_options(populate_existing=True)))


def _need(order: Order, want: Want, now: Now) -> Need:
    return Need(
        order_id=order.id, plant_id=order.plant_id, material_id=want.material.id,
        operation=want.operation, name=dict(want.name), planned=want.quantity, quantity=want.quantity,
        order_specific=want.order_specific,
        state=NeedState.FIRM, needed_by=now.business, expected_at=now.business, created_at=now.business,
    )  # fmt: skip


def _count_on_the_proof(session: Session, order: Order, needs: list[Need], order_from: datetime) -> None:
    """What is made for the order alone is ordered at `order_from`, where it is still to be ordered."""
    zone = timezone_of(session, order.plant_id)
    for need in needs:
        if need.order_specific and need.short:
            lead = session.get_one(Material, need.material_id).lead_days
            need.expected_at = max(need.expected_at, arrival(order_from, lead, zone))
            session.add(need)
    session.flush()


def _date(session: Session, need: Need, now: Now) -> MaterialDate:
    code, at = session.get_one(Material, need.material_id).code, max(need.expected_at, now.business)
    return MaterialDate(code, need.name, need.operation, at, at <= now.business)


def _parties(session: Session, materials: list[Material]) -> tuple[str, ...]:
    found = (supplier_of(session, material) for material in materials)
    return tuple(sorted({supplier.party_id for supplier in found if isinstance(supplier, Supplier)}))


def settle(session: Session, order_id: str, needed: Mapping[str, datetime], now: Now) -> None:
    """See `cosmo.ports.MaterialPromiser.settle`. What is made for the order alone waits for an open proof."""
    order = session.get_one(Order, order_id)
    materials = lock_materials(session, {n.material_id for n in needs_of(session, order_id, *OPEN_NEEDS)})
    needs = needed_anew(session, order_id, needed, now)
    if order.stage in SOURCED:
        waits = PROOF_OPEN in (order.hold_reason or "").split(",")
        ready = [need for need in needs if not (waits and need.order_specific and need.short)]
        assure(session, order, ready, materials, now)


def needed_anew(
    session: Session, order_id: str, needed: Mapping[str, datetime], now: Now
) -> list[Need]:
    """Note by when each open need's operation is planned to begin now; returns the open needs."""
    needs = needs_of(session, order_id, *OPEN_NEEDS)
    for need in needs:
        if need.operation in needed and not need.issued:
            need.needed_by = max(needed[need.operation], now.business)
    session.add_all(needs)
    session.flush()
    return needs


def source_rest(session: Session, order_id: str, now: Now) -> None:
    """The proof that a change asked for is approved: what waited for it is bought. Nothing for an order that
    is not sourced yet."""
    order = session.get_one(Order, order_id)
    needs = [n for n in needs_of(session, order_id, *OPEN_NEEDS) if n.order_specific and n.short]
    if order.stage not in SOURCED or not needs:
        return
    materials = lock_materials(session, {n.material_id for n in needs})
    assure(session, order, needs, materials, now)
    expect(session, needs, now)
