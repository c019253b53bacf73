"""Who sees an order: said once as a filter, once of an order at hand, and the two say the same."""

from itertools import product

import pytest
from sqlmodel import Session, select

from cosmo.access import orders_visible, sees
from cosmo.identity import Principal
from cosmo.orders import Order
from cosmo.parties import PartyKind, Plant, Role
from cosmo.stages import Stage
from tests.factories import make_order, make_party, make_plant, walk


@pytest.fixture
def orders(session: Session, plant: Plant) -> list[Order]:
    """Of two makers, of nobody, of a guest's session, of a customer; saved designs, and orders."""
    ada = make_party(session, PartyKind.CUSTOMER)
    made = []
    for where, customer, guest in product([plant, make_plant(session)], [None, ada], [None, "s1", "s2"]):
        saved, asked = (make_order(session, where, customer=customer, session_id=guest) for _ in range(2))
        made += saved, walk(session, asked.id, Stage.QUOTED)
    return made


@pytest.mark.parametrize("role", list(Role))
def test_the_filter_and_the_look_at_one_agree(session: Session, orders: list[Order], role: Role) -> None:
    parties = {None, *(o.manufacturer_id for o in orders), *(o.customer_id for o in orders)}
    seen_by_somebody = False
    for party_id, session_id in product(parties, [None, "s1", "s3"]):
        who = Principal("account", role, party_id, session_id, "en")
        found = set(session.exec(select(Order.id).where(orders_visible(who))))
        assert {o.id for o in orders if sees(who, o)} == found
        seen_by_somebody |= bool(found)
    assert seen_by_somebody == (role not in (Role.SUPPLIER, Role.CARRIER, Role.PLATFORM))
