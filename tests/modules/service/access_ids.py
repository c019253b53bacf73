"""Service's ids for the access test: a claim at each plant, a passport for everybody."""

from collections.abc import Mapping

from sqlmodel import Session

from cosmo.orders import Order
from cosmo.parties import Role
from cosmo.stages import Stage
from modules.service.models import Claim
from modules.service.service import passport_for
from tests.access import ROLES, Ids
from tests.factories import NOW, make_order, walk
from tests.web.world import World


def ids(session: Session, world: World) -> Mapping[str, Ids]:
    own, sister = (_claim(session, _delivered(session, world, site)) for site in (0, 1))
    foreign = _claim(session, world.foreign_order)
    code = passport_for(session, world.order.id, NOW.business).code
    return {
        "claim_id": Ids({Role.SERVICE: own.id}, {Role.SERVICE: sister.id}, foreign=foreign.id),
        "passport_code": Ids(dict.fromkeys(ROLES, code), public=True),
    }


def _delivered(session: Session, world: World, site: int) -> Order:
    plant, family = ((world.own_plant, "mug"), (world.sister_plant, "cabinet"))[site]
    order = make_order(session, plant, family=family, customer=world.parties[Role.CUSTOMER])
    return walk(session, order.id, Stage.DELIVERED)


def _claim(session: Session, order: Order) -> Claim:
    claim = Claim(
        order_id=order.id,
        manufacturer_id=order.manufacturer_id,
        kind="broken",
        pieces=1,
        text="A chip",
        opened_at=NOW.business,
    )
    session.add(claim)
    session.flush()
    return claim
