"""Rows as JSON."""

from collections.abc import Mapping

from modules.procurement.demand import Demand
from modules.procurement.models import LineState, Lot, Material, PurchaseLine
from modules.procurement.schemas import (
    BriefOut,
    DayOut,
    LotOut,
    MaterialOut,
    PlantPurchaseOut,
    PurchaseLineOut,
    PurchaseOut,
)
from modules.procurement.stocklist import PurchaseRow, StockRow

_BEHIND = (
    LineState.ASKED,
    LineState.COUNTERED,
    LineState.CONFIRMED,
    LineState.ANNOUNCED,
    LineState.RECEIVED,
    LineState.WITHDRAWN,
)


def state_of(lines: list[PurchaseLine]) -> str:
    """The state of the line that is furthest behind."""
    states = {line.state for line in lines}
    return next((state.value for state in _BEHIND if state in states), LineState.ASKED.value)


def line_out(line: PurchaseLine, material: Material, brief: BriefOut | None = None) -> PurchaseLineOut:
    known = line.model_dump(include=set(PurchaseLineOut.model_fields) - {"brief"})
    return PurchaseLineOut(
        **known | {"material": material.code, "name": material.name, "unit": material.unit, "brief": brief}
    )


def purchase_out(row: PurchaseRow, briefs: Mapping[str, BriefOut] | None = None) -> PurchaseOut:
    """As the supplier sees it; `briefs` by line."""
    told = briefs or {}
    return PurchaseOut(
        id=row.purchase.id,
        number=row.purchase.number,
        plant=row.plant.slug,
        currency=row.currency,
        state=state_of([line for line, _ in row.lines]),
        sent_at=row.purchase.sent_at,
        lines=[line_out(line, material, told.get(line.id)) for line, material in row.lines],
    )


def plant_purchase_out(row: PurchaseRow) -> PlantPurchaseOut:
    return PlantPurchaseOut(**purchase_out(row).model_dump(), supplier=row.supplier)


def day_out(entry: Demand, plant_slug: str) -> DayOut:
    return DayOut(
        date=entry.day,
        plant=plant_slug,
        material=entry.material.code,
        name=entry.material.name,
        unit=entry.material.unit,
        firm=entry.firm,
        held=entry.held,
        held_likely=entry.held_likely,
        held_unknown=entry.held_unknown,
        likely=entry.likely,
    )


def material_out(row: StockRow) -> MaterialOut:
    m = row.material
    return MaterialOut(
        code=m.code,
        name=m.name,
        unit=m.unit,
        supplier=row.supplier,
        lead_days=m.lead_days,
        order_specific=m.order_specific,
        on_hand=row.on_hand,
        pegged=row.pegged,
        free=row.free,
        on_order=row.on_order,
        wanted=row.wanted,
        reorder_point=m.reorder_point,
        order_up_to=m.order_up_to,
        cover_days=row.cover_days,
        next_due=row.next_due,
        late=row.late,
    )


def lot_out(lot: Lot, material: Material) -> LotOut:
    return LotOut(
        id=lot.id,
        number=lot.number,
        material=material.code,
        quantity=lot.received,
        unit=material.unit,
        received_at=lot.received_at,
        expires_at=lot.expires_at,
    )
