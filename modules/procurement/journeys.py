"""What procurement adds to an order's story: arrivals on the journey line, lots in the as-built record."""

from collections import defaultdict
from decimal import Decimal

from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.i18n import LOCALES, gettext, number
from cosmo.journey_ports import AsBuiltPart, JourneyNode
from modules.procurement.dates import at_the_door
from modules.procurement.materials import timezone_of
from modules.procurement.models import LineState, Lot, Material, Movement, PurchaseLine
from modules.procurement.units import whole


class Arrivals:
    """One node for each item bought for the order: done when it is here."""

    def nodes(self, session: Session, order_id: str, now: Now) -> list[JourneyNode]:
        query = select(PurchaseLine, Material).join(
            Material, col(Material.id) == col(PurchaseLine.material_id)
        )
        query = query.where(PurchaseLine.order_id == order_id, PurchaseLine.state != LineState.WITHDRAWN)
        return [_node(session, line, material) for line, material in session.exec(query)]


def _node(session: Session, line: PurchaseLine, material: Material) -> JourneyNode:
    if line.state == LineState.RECEIVED:
        return JourneyNode(material.code, material.name, "done", "material", line.received_at)
    at = at_the_door(line.due, timezone_of(session, material.plant_id))
    return JourneyNode(material.code, material.name, "next", "material", at)


class Consumed:
    """Material, supplier's lot number and quantity, as issued."""

    def parts(self, session: Session, order_id: str) -> list[AsBuiltPart]:
        query = (
            select(Movement, Lot, Material)
            .join(Lot, col(Lot.id) == col(Movement.lot_id))
            .join(Material, col(Material.id) == col(Movement.material_id))
            .where(Movement.order_id == order_id, Movement.kind == "issue")
            .order_by(col(Movement.id))
        )
        taken: defaultdict[str, Decimal] = defaultdict(Decimal)
        last: dict[str, tuple[Movement, Lot, Material]] = {}
        for movement, lot, material in session.exec(query):
            taken[lot.id] -= movement.quantity
            last[lot.id] = (movement, lot, material)
        return [_part(move, lot, material, taken[lot.id]) for move, lot, material in last.values()]


def _part(move: Movement, lot: Lot, material: Material, taken: Decimal) -> AsBuiltPart:
    unit, amount = material.unit, whole(taken, material.unit)
    shown = {
        locale: f"{lot.number} · {number(amount, locale)} {gettext(locale, unit)}" for locale in LOCALES
    }
    return AsBuiltPart("material", material.name, shown["en"], move.at, shown)
