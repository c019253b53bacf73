"""From *engineered* to *sourced*: every need of an order pegged to stock or to a dated receipt."""

from collections.abc import Mapping
from decimal import Decimal

from sqlmodel import Session

from cosmo.clock import Now
from cosmo.lifecycle import emit, fire, lock
from cosmo.orders import Order
from cosmo.payloads import Sourced
from cosmo.promise import spec_of
from cosmo.spec import Spec
from modules.procurement.holding import demand, needs_of, release
from modules.procurement.live import demand_changed
from modules.procurement.materials import lock_materials, supplier_of, wants
from modules.procurement.models import Material, Need, NeedState, PurchaseLine
from modules.procurement.ordering import add_needs, buy_for
from modules.procurement.payloads import ACTOR, MaterialOrdered
from modules.procurement.pegging import cover, expect
from modules.procurement.slipping import tell
from modules.procurement.units import tidy

Uncovered = list[tuple[Need, Material, Decimal]]


def source(session: Session, order_id: str, now: Now) -> list[PurchaseLine]:
    """Make the order's needs firm, buy what neither stock nor a receipt covers, and move it to *sourced*."""
    order = lock(session, order_id)
    needs = _firm_needs(session, order, now)
    materials = lock_materials(session, {n.material_id for n in needs})
    lines = assure(session, order, needs, materials, now)
    fire(session, order.id, "source", Sourced(), now=now, actor=ACTOR)
    return lines


def source_again(
    session: Session, order_id: str, pieces: int, now: Now, spared: Mapping[str, int] | None = None
) -> list[PurchaseLine]:
    """`pieces` of the order are begun again from the first operation: their material is needed once more.

    `spared`: operation -> pieces that do not come to it any more, whose material serves these. Bought like
    the first; where it comes too late for its operation the plan is told.
    """
    order = lock(session, order_id)
    start, unused = spec_of(session, order.id).start_quantity, spared or {}
    needs = [n for n in needs_of(session, order.id) if n.state != NeedState.RELEASED]
    materials = lock_materials(session, {n.material_id for n in needs})
    before = {need.id: need.expected_at for need in needs}
    for need in needs:
        more = max(0, pieces - unused.get(need.operation, 0))
        need.quantity += tidy(need.planned * Decimal(more) / start)
        need.state = NeedState.FIRM
    session.add_all(needs)
    lines = assure(session, order, needs, materials, now)
    for need in needs:
        changes = {need.id: (before[need.id], need.expected_at)}
        tell(session, materials[need.material_id], None, changes, now)
    return lines


def assure(
    session: Session, order: Order, needs: list[Need], materials: dict[str, Material], now: Now
) -> list[PurchaseLine]:
    """Peg supply to these needs and buy what is lacking; the lines bought for this order alone."""
    left = cover(session, needs, now)
    lacking = [(n, materials[n.material_id], left[n.id]) for n in needs if left[n.id] > 0]
    lines = _buy(session, order, lacking, now)
    expect(session, needs, now)
    for line in lines:
        _tell(session, order, line, materials[line.material_id], now)
    demand_changed(session, materials.values(), now)
    return lines


def _firm_needs(session: Session, order: Order, now: Now) -> list[Need]:
    """The order's needs as its frozen spec says; those held since the quote keep what is pegged to them."""
    spec = spec_of(session, order.id)
    needs = [n for n in needs_of(session, order.id) if n.state != NeedState.RELEASED]
    if _same(session, order, spec, needs):
        for need in needs:
            need.state = NeedState.FIRM
        session.add_all(needs)
        session.flush()
        return needs
    needed = {n.operation: n.needed_by for n in needs}
    release(session, order.id, now)
    for need in needs_of(session, order.id, NeedState.RELEASED):
        session.delete(need)
    session.flush()
    return demand(session, order.id, order.plant_id, spec, needed, NeedState.FIRM, now)


def _same(session: Session, order: Order, spec: Spec, needs: list[Need]) -> bool:
    asked = {(w.material.id, w.operation): w.quantity for w in wants(session, order.plant_id, spec)}
    return asked == {(n.material_id, n.operation): n.planned for n in needs}


def _buy(session: Session, order: Order, lacking: Uncovered, now: Now) -> list[PurchaseLine]:
    """Order-specific items at once; bulk on the day's collecting orders, suppliers in a fixed order."""
    bought = buy_for(session, order, [entry for entry in lacking if entry[0].order_specific], now)
    bulk = [entry for entry in lacking if not entry[0].order_specific]
    for need, material, quantity in sorted(bulk, key=lambda e: (_supplier_id(session, e[1]), e[1].id)):
        add_needs(session, material, [(need, quantity)], now)
    return bought


def _supplier_id(session: Session, material: Material) -> str:
    supplier = supplier_of(session, material)
    return supplier.id if supplier else ""


def _tell(session: Session, order: Order, line: PurchaseLine, material: Material, now: Now) -> None:
    payload = MaterialOrdered(material=material.id, line=line.id, name=material.name, due=line.due)
    emit(session, order.id, payload, now=now, actor=ACTOR)
