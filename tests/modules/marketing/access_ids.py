"""Marketing's ids for the access test: an offer and a catalogue change of each plant, invoices."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from sqlmodel import Session

from cosmo.orders import Order
from cosmo.parties import Party, Plant, Role
from modules.marketing.library_models import LibraryDesign
from modules.marketing.models import Campaign, CatalogueChange, Offer, Paper, PriceList
from modules.marketing.presale_models import Pledge, Presale
from tests.access import ROLES, Ids
from tests.factories import NOW, make_account
from tests.web.world import World


def ids(session: Session, world: World) -> Mapping[str, Ids]:
    for order in (
        world.order, world.guest_order, world.sister_order, world.sibling_order, world.foreign_order
    ):  # fmt: skip
        _invoice(session, order)
    plants = (world.own_plant, world.sister_plant, world.foreign_plant)
    own, sister, foreign = (_offer(session, plant).id for plant in plants)
    mine, sisters, theirs = (_change(session, plant) for plant in plants)
    ours, another, strange = (_campaign(session, plant) for plant in plants)
    return {
        "change_id": Ids({Role.SELLER: mine}, {Role.SELLER: sisters}, foreign=theirs),
        "list_id": Ids(
            {Role.SELLER: _list(session, plants[0], "mug")},
            {Role.SELLER: _list(session, plants[1], "cabinet")},
            foreign=_list(session, plants[2], "part"),
        ),
        "customer_id": Ids(
            {Role.SELLER: _with_account(session, world.order)},
            {Role.SELLER: _with_account(session, world.sister_order)},
            foreign=world.foreign_order.customer_id or "nobody",
        ),
        "offer_id": Ids({Role.SELLER: own}, {Role.SELLER: sister}, foreign=foreign),
        "campaign_id": Ids({Role.SELLER: ours}, {Role.SELLER: another}, foreign=strange),
        "library_design": Ids(
            {Role.SELLER: _design(session, plants[0])},
            {Role.SELLER: _design(session, plants[1])},
            foreign=_design(session, plants[2]),
        ),
        **_presales(session, world),
        "kind": Ids(dict.fromkeys(ROLES, "invoice"), foreign="poem", public=True),
    }


def _presales(session: Session, world: World) -> Mapping[str, Ids]:
    """A pre-sale of each plant, which anybody may look at and only their own sellers close; a pledge is seen
    by whoever holds its link."""
    plants = (world.own_plant, world.sister_plant, world.foreign_plant)
    families = ("mug", "cabinet", "part")
    own, sister, foreign = (
        _presale(session, plant, one) for plant, one in zip(plants, families, strict=True)
    )
    address = world.order.ship_to_id or ""
    pledge = _pledge(session, own, world.parties[Role.CUSTOMER].id, address)
    return {
        "presale_id": Ids(dict.fromkeys(ROLES, own.id), public=True),
        "pledge_key": Ids(dict.fromkeys(ROLES, pledge.key), public=True),
        "plant_presale": Ids({Role.SELLER: own.id}, {Role.SELLER: sister.id}, foreign=foreign.id),
    }


def _change(session: Session, plant: Plant) -> str:
    change = CatalogueChange(manufacturer_id=plant.manufacturer_id, family="mug", what="moved", before=[],
                             changed_at=NOW.business, changed_by="seller")  # fmt: skip
    session.add(change)
    session.flush()
    return change.id


def _list(session: Session, plant: Plant, family: str) -> str:
    """The list of a segment that nobody is in, beside one for everybody."""
    line = {"code": "body", "name": {"en": "Body"}, "unit": "kg", "rate": "2", "kind": "amount"}
    rows = [
        PriceList(plant_id=plant.id, family=family, currency="EUR", valid_from=NOW.business, lines=[line],
                  digest="", segment=segment)
        for segment in ("", "nobody")
    ]  # fmt: skip
    session.add_all(rows)
    session.flush()
    return rows[1].id


def _with_account(session: Session, order: Order) -> str:
    """Whoever ordered, with a login: only they can be in a segment."""
    assert order.customer_id is not None
    make_account(session, session.get_one(Party, order.customer_id), Role.CUSTOMER)
    return order.customer_id


def _campaign(session: Session, plant: Plant) -> str:
    day = (NOW.business + timedelta(days=3000)).date()
    campaign = Campaign(plant_id=plant.id, name={"en": "Later"}, families=["mug"], percent=Decimal(5),
                        from_quantity=1, first_day=day, last_day=day, opened_by="seller",
                        valid_from=NOW.business + timedelta(days=3000),
                        valid_to=NOW.business + timedelta(days=3001))  # fmt: skip
    session.add(campaign)
    session.flush()
    return campaign.id
def _design(session: Session, plant: Plant) -> str:
    design = LibraryDesign(manufacturer_id=plant.manufacturer_id, family="mug", title={"en": "Night"},
                           selections={}, position=0, changed_at=NOW.business, changed_by="")  # fmt: skip
    session.add(design)
    session.flush()
    return design.id


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


def _presale(session: Session, plant: Plant, family: str) -> Presale:
    presale = Presale(
        plant_id=plant.id,
        family=family,
        selections={},
        title="Once",
        threshold=5,
        closes_on=(NOW.business + timedelta(days=3000)).date(),
        each=Decimal(9),
        list_each=Decimal(10),
        percent=Decimal(10),
        currency="EUR",
        opened_at=NOW.business,
        opened_by="seller",
    )
    session.add(presale)
    session.flush()
    return presale


def _pledge(session: Session, presale: Presale, party_id: str, ship_to_id: str) -> Pledge:
    pledge = Pledge(
        presale_id=presale.id,
        party_id=party_id,
        ship_to_id=ship_to_id,
        locale="en",
        quantity=1,
        freight=Decimal(0),
        pledged_at=NOW.business,
    )
    session.add(pledge)
    session.flush()
    return pledge
