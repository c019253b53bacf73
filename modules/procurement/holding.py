"""Material for a quote and for an order: when it is there, held, made firm, given back."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.once import each_once
from cosmo.ports import MaterialDate
from cosmo.spec import Spec
from modules.procurement.dates import arrival
from modules.procurement.firming import too_late
from modules.procurement.live import demand_changed
from modules.procurement.materials import Want, ensure, lock_materials, timezone_of, wants
from modules.procurement.models import ZERO, Material, Need, NeedState, Peg, PurchaseLine
from modules.procurement.ordering import give_back
from modules.procurement.pegging import (
    OPEN_NEEDS,
    Source,
    cover,
    draw,
    free_for,
    pegs_of,
    sources,
    uncover,
)


def available(
    session: Session, plant_id: str, spec: Spec, order_from: datetime, now: Now
) -> list[MaterialDate]:
    """When each material of the spec is there: from free stock, dated receipts, or by the lead time.

    What is bought for the order alone is ordered at `order_from` (when the proof is approved).
    """
    timezone, asked = timezone_of(session, plant_id), wants(session, plant_id, spec)
    supply = _supply(session, {w.material.id for w in asked if not w.order_specific}, timezone, now)
    found: list[MaterialDate] = []
    for want in asked:
        at = now.business
        if want.order_specific:
            at = arrival(max(order_from, now.business), want.material.lead_days, timezone)
        else:
            by_lead = arrival(now.business, want.material.lead_days, timezone)
            taken, rest = draw(supply.get(want.material.id, []), want.quantity, by_lead, firm=False)
            at = max([at, *(source.at for source, _ in taken), *([by_lead] if rest > 0 else [])])
        found.append(MaterialDate(want.material.code, want.name, want.operation, at, at <= now.business))
    return found


def _supply(session: Session, material_ids: set[str], timezone: str, now: Now) -> dict[str, list[Source]]:
    """The supply for everybody, to be drawn from: each wish of one question draws as if it were alone."""

    def read(new: set[str]) -> dict[str, list[Source]]:
        return sources(session, new, timezone, now)

    found = each_once(session, ("supply", timezone, now), material_ids, read)
    return {material_id: [replace(source) for source in supply] for material_id, supply in found.items()}


def hold(
    session: Session, order_id: str, plant_id: str, spec: Spec, needed: Mapping[str, datetime], now: Now
) -> None:
    """Peg supply to a quote, ordering nothing; replaces the order's earlier hold.

    Raises `MaterialTaken` if an operation's planned start in `needed` can no longer be met.
    """
    release(session, order_id, now)
    needs = demand(session, order_id, plant_id, spec, needed, NeedState.HELD, now)
    for need in needs:
        if need.operation in needed and need.expected_at > need.needed_by:
            raise too_late(need)


def demand(
    session: Session,
    order_id: str,
    plant_id: str,
    spec: Spec,
    needed: Mapping[str, datetime],
    state: NeedState,
    now: Now,
) -> list[Need]:
    """New needs for every material of the spec, pegged to what there is. The materials stay locked."""
    ensure(session, plant_id, spec)
    asked = wants(session, plant_id, spec)
    materials = lock_materials(session, {w.material.id for w in asked})
    needs = [_need(order_id, plant_id, want, needed, state, now) for want in asked]
    session.add_all(needs)
    session.flush()
    cover(session, needs, now)
    for need in needs:
        if need.operation not in needed:
            need.needed_by = max(need.expected_at, now.business)
    demand_changed(session, materials.values(), now)
    session.flush()
    return needs


def _need(
    order_id: str, plant_id: str, want: Want, needed: Mapping[str, datetime], state: NeedState, now: Now
) -> Need:
    return Need(
        order_id=order_id,
        plant_id=plant_id,
        material_id=want.material.id,
        operation=want.operation,
        name=dict(want.name),
        planned=want.quantity,
        quantity=want.quantity,
        order_specific=want.order_specific,
        state=state,
        needed_by=needed.get(want.operation, now.business),
        expected_at=now.business,
        created_at=now.business,
    )


def release(session: Session, order_id: str, now: Now) -> None:
    """Give back what an order holds or has pegged; goods already issued stay in the product.

    A quote's needs vanish, an order's stay as released. Purchases nobody has answered are withdrawn.
    """
    needs = needs_of(session, order_id, *OPEN_NEEDS)
    materials = lock_materials(session, {n.material_id for n in needs})
    lines = _lines_behind(session, needs)
    uncover(session, needs)
    give_back(session, lines, materials)
    for need in needs:
        if need.state == NeedState.HELD:
            session.delete(need)
        else:
            need.state = NeedState.RELEASED
            session.add(need)
    demand_changed(session, materials.values(), now)
    session.flush()


def _lines_behind(session: Session, needs: Iterable[Need]) -> list[PurchaseLine]:
    ids = [n.id for n in needs]
    pegged = select(Peg.line_id).where(col(Peg.need_id).in_(ids))
    query = select(PurchaseLine).where(col(PurchaseLine.id).in_(pegged), col(PurchaseLine.open).is_(True))
    return list(session.exec(query.execution_options(populate_existing=True)))


def needs_of(session: Session, order_id: str, *states: str) -> list[Need]:
    """The order's needs in these states (all, if none is named)."""
    query = select(Need).where(Need.order_id == order_id).order_by(col(Need.id))
    if states:
        query = query.where(col(Need.state).in_([str(s) for s in states]))
    return list(session.exec(query.execution_options(populate_existing=True)))


def dates(session: Session, order_id: str) -> dict[str, datetime]:
    """Operation -> when the last of its material is there, as known now."""
    found: dict[str, datetime] = {}
    for need in needs_of(session, order_id, *OPEN_NEEDS):
        found[need.operation] = max(need.expected_at, found.get(need.operation, need.expected_at))
    return found


def missing(session: Session, order_id: str, operation: str) -> list[str]:
    """Codes of the operation's materials that are not all in stock, pegged to this order or to nobody."""
    needs = [n for n in needs_of(session, order_id, *OPEN_NEEDS) if n.operation == operation]
    pegs = pegs_of(session, [n.id for n in needs])
    return sorted(
        session.get_one(Material, n.material_id).code
        for n in needs
        if _in_stock(pegs[n.id]) < n.open and _in_stock(pegs[n.id]) + free_for(session, n) < n.open
    )


def _in_stock(pegs: list[Peg]) -> Decimal:
    return sum((peg.quantity for peg in pegs if peg.lot_id is not None), ZERO)
