"""Marketing's ids for the access test: an offer and a catalogue change of each plant, invoices."""

from collections.abc import Mapping
from decimal import Decimal

from sqlmodel import Session

from cosmo.orders import Order
from cosmo.parties import Plant, Role
from modules.marketing.models import CatalogueChange, Offer, Paper
from tests.access import ROLES, Ids
from tests.factories import NOW
from tests.web.world import World


def ids(session: Session, world: World) -> Mapping[str, Ids]:
    for order in (
        world.order, world.guest_order, world.sister_order, world.sibling_order, world.foreign_order
    ):  # fmt: skip
        _invoice(session, order)
    plants = (world.own_plant, world.sister_plant, world.foreign_plant)
    own, sister, foreign = (_offer(session, plant).id for plant in plants)
    mine, sisters, theirs = (_change(session, plant) for plant in plants)
    return {
        "change_id": Ids({Role.SELLER: mine}, {Role.SELLER: sisters}, foreign=theirs),
        "offer_id": Ids({Role.SELLER: own}, {Role.SELLER: sister}, foreign=foreign),
        "kind": Ids(dict.fromkeys(ROLES, "invoice"), foreign="poem", public=True),
    }


def _change(session: Session, plant: Plant) -> str:
    change = CatalogueChange(manufacturer_id=plant.manufacturer_id, family="mug", what="moved", before=[],
                             changed_at=NOW.business, changed_by="seller")  # fmt: skip
    session.add(change)
    session.flush()
    return change.id


def _offer(session: Session, plant: Plant) -> Offer:
    offer = Offer(
        plant_id=plant.id,
        family="mug",
        name={"en": "Summer"},
        percent=Decimal(5),
        from_quantity=10_000,
        valid_from=NOW.business,
    )
    session.add(offer)
    session.flush()
    return offer


def _invoice(session: Session, order: Order) -> None:
    line = {"code": "goods", "text": {"en": "Goods"}, "amount": "95.00"}
    paper = Paper(
        number=f"INV-{order.id}",
        kind="invoice",
        order_id=order.id,
        plant_id=order.plant_id,
        amount=Decimal(95),
        currency="EUR",
        lines=[line],
        issued_at=NOW.business,
    )
    session.add(paper)
    session.flush()
