"""Five thousand mugs: promised, split into lots, fired in three loads or more, delivered by the day.

On SQLite in this process, and by requests alone on two web processes and two workers.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
from sqlmodel import select

from cosmo import ledger
from cosmo.asking import family_card
from cosmo.audit import Finding, audit
from cosmo.db import Database
from cosmo.migrating import migrate
from cosmo.orders import Order
from cosmo.placing import place_directly
from cosmo.ports import Ask
from cosmo.quoting import Requester
from cosmo.settings import read_settings
from modules.logistics.models import Shipment
from modules.manufacturing.models import JobOrder, ProductionOrder
from seeds.demo import write_demo
from seeds.plants import seed_plant
from tests.browser.houses import MUG_TO, MakeHouse, two_of_each
from tests.factories import MONDAY
from tests.stories.staff import LU, Everybody, Installation, carry_on, stage_of, until, worked_off
from tests.stories.workshop import ADA, HAMBURG, history_of, live_on, stop_clock

KILN = 2_200
MANY = 5_000


@pytest.fixture
def installation(postgres_url: str, rabbitmq_url: str, make_house: MakeHouse) -> Iterator[Installation]:
    """Lu Ceramics alone: two web processes and two workers on PostgreSQL and RabbitMQ."""
    house = make_house(COSMO_DATABASE_URL=postgres_url, COSMO_BROKER_URL=rabbitmq_url)
    house.home.mkdir(parents=True)
    database = Database(postgres_url)
    migrate(database)
    now = stop_clock(database, MONDAY)
    with database.write() as session:
        seed_plant(session, LU, "a password of a test", now)
    write_demo(database, read_settings(house.environment()))
    yield Installation(house, *two_of_each(house), database)
    house.stop()
    database.dispose()


def test_five_thousand_mugs_reach_the_door(database: Database) -> None:
    now = stop_clock(database, MONDAY)
    with database.write() as session:
        plant, _ = seed_plant(session, LU, "a password of a test", now)
        defaults = dict(family_card(session, "mug").defaults)
        ask = Ask("mug", defaults, MANY, HAMBURG)
        order = place_directly(session, ask, ADA, requester=Requester(session_id="large"), now=now)
        assert order.hold_reason == ledger.DEPOSIT_OPEN
        ledger.collect(session, order.id, ledger.due_before_start(order), now)
        assert order.ready_at is not None
        assert order.ready_at > MONDAY + timedelta(days=3)
    live_on(database, plant, order.id, MONDAY, days=20)
    assert_made_in_loads_and_delivered(database, order.id)


def test_five_thousand_mugs_through_two_web_processes_and_two_workers(installation: Installation) -> None:
    database = installation.database
    people = Everybody(installation.house, (installation.a, installation.b), MONDAY)
    order_id = order_many(people)
    pay_the_deposit(people, database, order_id)

    def delivered() -> bool:
        until(lambda: worked_off(database), "the workers do not come to an end")
        return stage_of(database, order_id) == "delivered"

    carry_on(people, delivered)
    assert_made_in_loads_and_delivered(database, order_id)
    assert not [str(found) for found in audit(database) if isinstance(found, Finding)]


def order_many(people: Everybody) -> str:
    """Ordered by a guest without a quote; the order's id."""
    selections = people.send("GET", "/families/mug")["defaults"]
    wish = {"family": "mug", "selections": selections, "quantity": MANY, "ship_to": MUG_TO}
    body = {**wish, "customer": {"name": ADA.name, "email": ADA.email}}
    placed = people.send("POST", "/orders", json=body, headers={"Idempotency-Key": "many"})
    assert placed, people.refused
    return str(placed["id"])


def pay_the_deposit(people: Everybody, database: Database, order_id: str) -> None:
    """Nothing may begin before; the seller notes that it came in."""
    with database.read() as session:
        order = session.get_one(Order, order_id)
        assert order.hold_reason == ledger.DEPOSIT_OPEN
        due = ledger.due_before_start(order)
    (seller,) = people.keys("seller", LU)
    paid = {"amount": str(due), "reference": "transfer"}
    assert people.send("POST", f"/orders/{order_id}/payments", seller, json=paid), people.refused


def assert_made_in_loads_and_delivered(database: Database, order_id: str) -> None:
    with database.read() as session:
        jobs = session.exec(select(JobOrder).where(JobOrder.order_id == order_id)).all()
        lots = session.exec(select(ProductionOrder).where(ProductionOrder.order_id == order_id)).all()
        shipment = session.exec(select(Shipment).where(Shipment.order_id == order_id)).one()
        delivered = session.get_one(Order, order_id)
        moves = [e for e in history_of(session, order_id) if e.type == "promise-moved"]
    assert len(lots) >= 3
    assert_fired_in_loads(jobs)
    assert shipment.pieces == MANY
    assert shipment.delivered_at is not None
    assert delivered.promised_date is not None
    assert shipment.delivered_at.date() <= delivered.promised_date
    assert not moves
    assert delivered.promised_date == delivered.first_promise


def assert_fired_in_loads(jobs: Sequence[JobOrder]) -> None:
    loads = Counter((j.resource, j.start) for j in jobs if j.code == "glost")
    assert len(loads) >= 3
    for firing in loads:
        assert sum(j.size for j in jobs if (j.resource, j.start) == firing) <= KILN
