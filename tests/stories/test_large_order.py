"""Five thousand mugs: promised, split into lots, fired in three loads or more, delivered by the day."""

from collections import Counter
from datetime import timedelta

from sqlmodel import select

from cosmo import ledger
from cosmo.asking import family_card
from cosmo.db import Database
from cosmo.orders import Order
from cosmo.placing import place_directly
from cosmo.ports import Ask
from cosmo.quoting import Requester
from modules.logistics.models import Shipment
from modules.manufacturing.models import JobOrder, ProductionOrder
from seeds.plants import seed_plant
from tests.factories import MONDAY
from tests.stories.workshop import ADA, HAMBURG, history_of, live_on, stop_clock

KILN = 2_200


def test_five_thousand_mugs_reach_the_door(database: Database) -> None:
    now = stop_clock(database, MONDAY)
    with database.write() as session:
        plant, _ = seed_plant(session, "lu-ceramics", "a password of a test", now)
        defaults = dict(family_card(session, "mug").defaults)
        ask = Ask("mug", defaults, 5_000, HAMBURG)
        order = place_directly(session, ask, ADA, requester=Requester(session_id="large"), now=now)
        assert order.hold_reason == ledger.DEPOSIT_OPEN
        ledger.collect(session, order.id, ledger.due_before_start(order), now)
        assert order.ready_at is not None
        assert order.ready_at > MONDAY + timedelta(days=3)
    live_on(database, plant, order.id, MONDAY, days=20)
    with database.read() as session:
        jobs = session.exec(select(JobOrder).where(JobOrder.order_id == order.id)).all()
        loads = Counter((j.resource, j.start) for j in jobs if j.code == "glost")
        lots = session.exec(select(ProductionOrder).where(ProductionOrder.order_id == order.id)).all()
        shipment = session.exec(select(Shipment).where(Shipment.order_id == order.id)).one()
        delivered = session.get_one(Order, order.id)
        moves = [e for e in history_of(session, order.id) if e.type == "promise-moved"]
    assert len(lots) >= 3
    assert len(loads) >= 3
    for firing in loads:
        assert sum(j.size for j in jobs if (j.resource, j.start) == firing) <= KILN
    assert shipment.pieces == 5_000
    assert shipment.delivered_at is not None
    assert delivered.promised_date is not None
    assert shipment.delivered_at.date() <= delivered.promised_date
    assert not moves
    assert delivered.promised_date == delivered.first_promise
