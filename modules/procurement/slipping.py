"""When goods come on another day: needs are pegged anew, and orders that still wait too long are told.

A plan adapts to the new day, so a need that was told counts as needed then.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.formats import day_of
from cosmo.lifecycle import emit
from cosmo.orders import Order
from cosmo.stages import Stage
from modules.procurement.live import stock_changed
from modules.procurement.materials import lock_materials, timezone_of
from modules.procurement.models import Material, Need, NeedState, Peg, PurchaseLine
from modules.procurement.payloads import ACTOR, MaterialDelayed, MaterialEarlier
from modules.procurement.pegging import expect
from modules.procurement.repegging import late, repeg

TOLD = frozenset({Stage.SOURCED, Stage.SCHEDULED, Stage.IN_PRODUCTION})
"""Before *sourced* the plan is made from the new dates anyway."""
Changes = dict[str, tuple[datetime, datetime]]


@dataclass(frozen=True, slots=True)
class Told:
    """Orders that a change of date reached."""

    delayed: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()


def lock_behind(session: Session, lines: Iterable[PurchaseLine]) -> dict[str, Material]:
    """Lock the orders that a change of these lines may reach, then their materials; lines are read afresh."""
    chosen = list(lines)
    orders = {line.order_id for line in chosen if line.order_id}
    for line in chosen:
        orders |= set() if line.order_id else orders_needing(session, line.material_id)
    lock_orders(session, orders)
    materials = lock_materials(session, {line.material_id for line in chosen})
    for line in chosen:
        session.refresh(line)
    return materials


def lock_orders(session: Session, ids: Iterable[str]) -> None:
    """Orders come before materials in the order of locks. What is known of them is read afresh."""
    wanted = set(ids)
    query = select(Order.id).where(col(Order.id).in_(wanted)).order_by(col(Order.id)).with_for_update()
    locked = set(session.exec(query))
    for row in list(session.identity_map.values()):
        if isinstance(row, Order) and row.id in locked:
            session.refresh(row)


def orders_needing(session: Session, material_id: str) -> set[str]:
    """Orders with a firm need of common supply that still lacks some of its goods."""
    query = select(col(Need.order_id), col(Need.quantity), col(Need.issued)).where(
        Need.material_id == material_id, Need.state == NeedState.FIRM, col(Need.order_specific).is_(False)
    )
    return {order_id for order_id, quantity, issued in session.exec(query) if quantity > issued}


def redate(session: Session, line: PurchaseLine, material: Material, due: date, now: Now) -> Told:
    """The line comes on `due`. Under `lock_behind`."""
    if due == line.due:
        return Told()
    line.due = due
    session.add(line)
    stock_changed(session, material, now)
    session.flush()
    return settle(session, material, line, now)


def settle(session: Session, material: Material, line: PurchaseLine | None, now: Now) -> Told:
    """Share the material's supply anew and tell firm orders whose date it changes."""
    changes: Changes = {}
    if line is not None and line.order_id is not None:
        changes = expect(session, _needs_on(session, line), now)
    else:
        changes = repeg(session, material, now)
    return tell(session, material, line, changes, now)


def _needs_on(session: Session, line: PurchaseLine) -> list[Need]:
    query = select(Need).join(Peg, col(Peg.need_id) == col(Need.id)).where(Peg.line_id == line.id)
    return list(session.exec(query.execution_options(populate_existing=True)))


def tell(session: Session, material: Material, line: PurchaseLine | None, changes: Changes, now: Now) -> Told:
    """Tell firm orders whose material now comes after it is needed, or sooner than it did."""
    delayed: list[str] = []
    earlier: list[str] = []
    for need_id, (before, after) in sorted(changes.items()):
        need = session.get_one(Need, need_id)
        if need.state != NeedState.FIRM or session.get_one(Order, need.order_id).stage not in TOLD:
            continue
        if after > before and late(need):
            _emit(session, MaterialDelayed, need, material, line, before, now)
            need.needed_by = need.expected_at
            session.add(need)
            delayed.append(need.order_id)
        elif after < before and (need.order_specific or before > need.needed_by):
            _emit(session, MaterialEarlier, need, material, line, before, now)
            earlier.append(need.order_id)
    session.flush()
    return Told(tuple(delayed), tuple(earlier))


def _emit(
    session: Session,
    kind: type[MaterialDelayed] | type[MaterialEarlier],
    need: Need,
    material: Material,
    line: PurchaseLine | None,
    before: datetime,
    now: Now,
) -> None:
    timezone = timezone_of(session, need.plant_id)
    payload = kind(
        material=material.id,
        line=line.id if line else None,
        name=material.name,
        operation=need.operation,
        old=day_of(before, timezone),
        new=day_of(need.expected_at, timezone),
    )
    emit(session, need.order_id, payload, now=now, actor=ACTOR)
