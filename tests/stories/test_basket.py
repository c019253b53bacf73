"""A basket whose later quote is overtaken by time: nothing of it is firm in plan or materials."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from cosmo.clock import Now
from cosmo.db import Database
from cosmo.orders import Order
from cosmo.placing import MovedOffer, place
from cosmo.ports import Ask
from cosmo.quoting import Requester, quote
from cosmo.stages import Stage
from modules.manufacturing.models import JobOrder, State
from modules.procurement.models import Need
from tests.factories import MONDAY
from tests.stories.workshop import ADA, HAMBURG, cup, make_workshop, stop_clock

WHO = Requester(session_id="basket")


def standing(session: Session, order_id: str) -> set[str]:
    """How its places in the plan and its materials stand: held or firm."""
    jobs = session.exec(select(JobOrder.state).where(JobOrder.order_id == order_id)).all()
    needs = session.exec(select(Need.state).where(Need.order_id == order_id)).all()
    assert len(needs) == 2
    return {*jobs, *needs} - {State.RELEASED}


@pytest.fixture
def basket(database: Database) -> tuple[str, str]:
    """A cup for a day far away, made late, and one for as soon as can be."""
    now = stop_clock(database, MONDAY)
    with database.write() as session:
        plant = make_workshop(session, ("manufacturing", "procurement", "interaction"), now)
        wishes = (("later", MONDAY.date() + timedelta(days=60)), ("soon", None))
        ids = [
            quote(
                session,
                Ask(family, {}, 20, HAMBURG, day, spec=cup(), plant_id=plant.id),
                requester=WHO,
                now=now,
            ).id
            for family, day in wishes
        ]
    assert ids == sorted(ids), "the far one is made firm first"
    return ids[0], ids[1]


def test_when_one_date_moves_the_whole_basket_stays_a_quote(
    database: Database, basket: tuple[str, str]
) -> None:
    late = Now(MONDAY + timedelta(days=9), stop_clock(database, MONDAY + timedelta(days=9)).wall)
    with database.write() as session:
        moved = place(session, basket, ADA, requester=WHO, now=late)
        assert isinstance(moved, MovedOffer)
        assert moved.order.id == basket[1]
    with database.read() as session:
        assert [standing(session, one) for one in basket] == [{"held"}, {"held"}]
        assert {session.get_one(Order, one).stage for one in basket} == {Stage.QUOTED}
    with database.write() as session:
        placed = place(session, basket, ADA, requester=WHO, now=late)
        assert isinstance(placed, list)
        assert [order.id for order in placed] == list(basket)
    with database.read() as session:
        assert [standing(session, one) for one in basket] == [{"firm"}, {"firm"}]
