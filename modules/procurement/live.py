"""Live boards: whose page must look again after a change of demand, orders or stock."""

from collections.abc import Collection, Iterable

from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.parties import Plant
from cosmo.touches import touch, touch_all
from modules.procurement.models import Material, Supplier


def demand_changed(session: Session, materials: Iterable[Material], now: Now) -> None:
    """The suppliers of these materials look again."""
    known = list(materials)
    suppliers = {m.supplier_id for m in known if m.supplier_id is not None}
    query = select(Supplier.party_id).where(col(Supplier.id).in_(suppliers))
    parties = set(session.exec(query))
    unnamed = {m.plant_id for m in known if m.supplier_id is None}
    look_again(session, parties | suppliers_of_the_rest(session, unnamed), now)


def look_again(session: Session, parties: Iterable[str], now: Now) -> None:
    """These suppliers (parties) look again."""
    touch_all(session, {f"party:{party_id}" for party_id in parties}, now)


def stock_changed(session: Session, material: Material, now: Now) -> None:
    """The plant and the supplier look again."""
    touch(session, f"plant:{material.plant_id}", now)
    demand_changed(session, [material], now)


def suppliers_of_the_rest(session: Session, plant_ids: Collection[str]) -> set[str]:
    """The parties that supply these plants with what has no supplier of its own."""
    if not plant_ids:
        return set()
    query = select(Supplier.party_id).join(Plant, col(Plant.manufacturer_id) == col(Supplier.manufacturer_id))
    return set(session.exec(query.where(col(Plant.id).in_(plant_ids), col(Supplier.general).is_(True))))
