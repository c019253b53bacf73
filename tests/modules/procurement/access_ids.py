"""Procurement's ids for the access test: purchase orders and lines of two suppliers at two plants."""

from collections.abc import Mapping
from decimal import Decimal

from sqlmodel import Session

from cosmo.parties import Plant, Role
from modules.procurement.models import PurchaseLine, PurchaseOrder
from modules.procurement.ordering import add_for_stock
from tests.access import Ids
from tests.factories import NOW
from tests.modules.procurement import shop
from tests.web.world import World


def ids(session: Session, world: World) -> Mapping[str, Ids]:
    mine = shop.supplier(session, world.own_plant, world.parties[Role.SUPPLIER])
    own = _bought(session, world.own_plant, "ACCESS-CLAY", mine)
    sibling = _bought(session, world.own_plant, "ACCESS-SAND", shop.supplier(session, world.own_plant))
    foreign = _bought(
        session, world.foreign_plant, "ACCESS-CLAY", shop.supplier(session, world.foreign_plant)
    )
    bookers = (Role.PLANNER, Role.OPERATOR)
    return {
        "purchase_id": Ids(
            {Role.SUPPLIER: own.purchase_id},
            {Role.SUPPLIER: sibling.purchase_id},
            foreign=foreign.purchase_id,
        ),
        "line_id": Ids(dict.fromkeys(bookers, own.id), foreign=foreign.id),
    }


def _bought(session: Session, plant: Plant, code: str, by: shop.Supplier) -> PurchaseLine:
    line = add_for_stock(session, shop.material(session, plant, code, by), Decimal(100), NOW)
    session.get_one(PurchaseOrder, line.purchase_id).sent_at = NOW.business
    session.flush()
    return line
