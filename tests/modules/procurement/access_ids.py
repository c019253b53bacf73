"""Procurement's ids for the access test: what two suppliers make at two sites, and what another plant buys.

Our supplier prints decals at both sites; the other one prints them too, at a price that nobody else may read.
"""

import io
import tempfile
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from sqlmodel import Session

from cosmo import attachments
from cosmo.parties import Party, Plant, Role
from modules.procurement.models import PurchaseLine, PurchaseOrder, Supplier
from modules.procurement.ordering import add_for_stock
from modules.procurement.sourcing import source
from tests.access import Ids
from tests.factories import NOW
from tests.modules.procurement import shop
from tests.modules.rnd.pictures import drawing
from tests.web.world import PRICES, World, to_the_canary

PLAIN = {
    "capacity": "325", "body": "porcelain", "shape": "soft", "handle": "c", "outer_glaze": "milk",
    "inner_glaze": "milk", "finish": "gloss", "gold_rim": "no", "backstamp": "lu", "packaging": "box",
    "print_zone": "front", "decoration": "decal", "personal_name": "Mila",
}  # fmt: skip


def ids(session: Session, world: World) -> Mapping[str, Ids]:
    customer = world.parties[Role.CUSTOMER]
    mine = shop.supplier(session, world.own_plant, world.parties[Role.SUPPLIER])
    rival = shop.supplier(session, world.own_plant)
    stranger = shop.supplier(session, world.foreign_plant)
    own = _printed(session, world.own_plant, "LU-DECAL", mine, customer, Decimal("0.17"))
    sister = _printed(session, world.sister_plant, "LU-DECAL", mine, customer, Decimal("0.17"))
    sibling = _printed(session, world.own_plant, "RIVAL-DECAL", rival, customer, PRICES["sibling"])
    foreign = _printed(session, world.foreign_plant, "LU-DECAL", stranger, customer, PRICES["foreign"])
    _printed(session, world.sister_plant, "RIVAL-DECAL", rival, customer, PRICES["sister"])
    for plant in (world.own_plant, world.sister_plant):
        _clay(session, plant, rival)
    bookers, supplier = (Role.PLANNER, Role.OPERATOR), Role.SUPPLIER
    return {
        "purchase_id": Ids(
            {supplier: own.purchase_id}, {supplier: sister.purchase_id}, {supplier: sibling.purchase_id},
            foreign=foreign.purchase_id,
        ),
        "line": Ids(
            {supplier: own.id}, {supplier: sister.id}, {supplier: sibling.id}, foreign=foreign.id
        ),
        "option": Ids({supplier: "artwork"}, foreign="personal_name", public=True),
        "line_id": Ids(dict.fromkeys(bookers, own.id), dict.fromkeys(bookers, sister.id), foreign=foreign.id),
    }  # fmt: skip


def _printed(
    session: Session, plant: Plant, code: str, by: Supplier, customer: Party, price: Decimal
) -> PurchaseLine:
    """Decals bought for one of the customer's orders, with her picture and a name to print."""
    shop.material(session, plant, code, by, unit="pcs", order_specific=True, price=price)
    made = shop.placed(session, plant, shop.spec(**{code: (253, True)}))
    to_the_canary(session, made)
    folder = session.info["files"] or Path(tempfile.mkdtemp())
    artwork = attachments.store(session, folder, io.BytesIO(drawing()), "Vogelsang.svg", now=NOW).id
    made.customer_id, made.family, made.release = customer.id, "mug", "mug-1"
    made.selections, made.quantity = {**PLAIN, "artwork": artwork}, 240
    session.add(made)
    session.flush()
    (line,) = source(session, made.id, NOW)
    return line


def _clay(session: Session, plant: Plant, by: Supplier) -> None:
    """Bought for stock, also at a price of its own."""
    clay = shop.material(session, plant, "ACCESS-CLAY", by, price=PRICES["sibling"])
    line = add_for_stock(session, clay, Decimal(100), NOW)
    session.get_one(PurchaseOrder, line.purchase_id).sent_at = NOW.business
    session.flush()
