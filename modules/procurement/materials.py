"""Which material a bill of materials means, and the lock that all supply of a material is shared under."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from cosmo.ids import new_id
from cosmo.once import each_once
from cosmo.parties import Plant
from cosmo.spec import BomLine, Names, Spec
from modules.procurement.models import Material, Supplier
from modules.procurement.units import convert

UNKNOWN_LEAD_DAYS = 10
"""Assumed for a material nobody has described yet."""


@dataclass(frozen=True, slots=True)
class Want:
    """What one order takes of one material for one operation, in the material's unit."""

    material: Material
    operation: str
    quantity: Decimal
    name: Names
    order_specific: bool


def first_operation(spec: Spec) -> str:
    """Where material without an operation of its own is consumed."""
    return spec.routing[0].code if spec.routing else ""


def wants(session: Session, plant_id: str, spec: Spec) -> list[Want]:
    """The spec's bill of materials in this plant's materials; one entry per material and operation.

    A code the plant does not know yet stands for a material with the default lead time (see `ensure`).
    """
    known = by_code(session, plant_id, {line.material for line in spec.bom})
    merged: dict[tuple[str, str], Want] = {}
    for line in spec.bom:
        material = known.get(line.material) or _stand_in(plant_id, line)
        known[line.material] = material
        want = _want(material, line, first_operation(spec))
        former = merged.get((line.material, want.operation))
        if former is not None:
            want = Want(
                material,
                want.operation,
                former.quantity + want.quantity,
                former.name,
                former.order_specific or want.order_specific,
            )
        merged[line.material, want.operation] = want
    return list(merged.values())


def _want(material: Material, line: BomLine, first: str) -> Want:
    quantity = convert(line.quantity, line.unit, material.unit)
    return Want(
        material, line.operation or first, quantity, line.name, line.order_specific or material.order_specific
    )


def by_code(session: Session, plant_id: str, codes: Iterable[str]) -> dict[str, Material]:
    """The plant's materials with these codes."""

    def read(new: set[str]) -> dict[str, Material]:
        query = select(Material).where(Material.plant_id == plant_id, col(Material.code).in_(new))
        return {material.code: material for material in session.exec(query)}

    return each_once(session, ("materials", plant_id), codes, read)


def _stand_in(plant_id: str, line: BomLine) -> Material:
    return Material(
        plant_id=plant_id,
        code=line.material,
        name=dict(line.name),
        unit=line.unit,
        lead_days=UNKNOWN_LEAD_DAYS,
        order_specific=line.order_specific,
    )


def ensure(session: Session, plant_id: str, spec: Spec) -> None:
    """Describe every material of the spec that the plant does not know, so that it can be bought.

    Orders may arrive with a bill of materials of their own; two of them at once insert one row.
    """
    known = by_code(session, plant_id, {line.material for line in spec.bom})
    new = {line.material: _stand_in(plant_id, line) for line in spec.bom if line.material not in known}
    if not new:
        return
    insert: Any = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    rows = [material.model_dump() | {"id": new_id()} for _, material in sorted(new.items())]
    session.execute(insert(Material).on_conflict_do_nothing(), rows)


def lock_materials(session: Session, ids: Iterable[str]) -> dict[str, Material]:
    """The materials, locked by id in order until the transaction ends, and read afresh.

    Whatever pegs, receives or issues takes this lock first: supply is shared under it. SQLite's writing
    transaction is the lock there.
    """
    query = select(Material).where(col(Material.id).in_(set(ids))).order_by(col(Material.id))
    query = query.with_for_update().execution_options(populate_existing=True)
    return {material.id: material for material in session.exec(query)}


def supplier_of(session: Session, material: Material) -> Supplier | None:
    """Who supplies it: its own supplier, else the manufacturer's general one, else nobody yet."""
    if material.supplier_id is not None:
        return session.get(Supplier, material.supplier_id)
    manufacturer = session.get_one(Plant, material.plant_id).manufacturer_id
    query = select(Supplier).where(Supplier.manufacturer_id == manufacturer, col(Supplier.general).is_(True))
    return session.exec(query.order_by(col(Supplier.id))).first()


def timezone_of(session: Session, plant_id: str) -> str:
    return session.get_one(Plant, plant_id).timezone
