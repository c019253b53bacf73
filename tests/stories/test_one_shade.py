"""Tile in one shade: some are broken at the press, the customer takes fewer, and pays for those."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sqlmodel import Session, select

from cosmo import ledger
from cosmo.asking import family_card
from cosmo.audit import Finding, audit
from cosmo.db import Database
from cosmo.orders import Order
from cosmo.parties import Plant, Role
from cosmo.placing import place_directly
from cosmo.ports import Ask
from cosmo.quoting import Requester
from modules.logistics.models import Shipment
from modules.manufacturing import plan as plans
from modules.manufacturing.models import JobOrder, State
from modules.manufacturing.times import instant
from modules.marketing.papers import papers_of
from seeds.history import work
from seeds.plants import seed_plant
from tests.factories import MONDAY
from tests.stories.workshop import ADA, HAMBURG, history_of, live_on, next_moment, stop_clock
from tests.web_fixtures import Visitor

DROPPED = 12


def tiles(session: Session, now: Any, **changes: str) -> Order:
    ask = Ask("tile", {**family_card(session, "tile").defaults, **changes}, 40, HAMBURG)
    return place_directly(session, ask, ADA, requester=Requester(session_id="shade"), now=now)


def pressing(database: Database, plant: Plant, order: Order) -> tuple[JobOrder, datetime]:
    """Live on until the order's tiles are being pressed."""
    at = MONDAY
    while at < MONDAY + timedelta(days=20):
        stop_clock(database, at)
        work(database, plant, Random(1))
        with database.read() as session:
            query = select(JobOrder).where(JobOrder.order_id == order.id, JobOrder.state == State.RUNNING)
            job = session.exec(query).first()
            if job is not None:
                return job, at
        at = next_moment(database, plant, at)
    raise AssertionError("never begun")


def drop(database: Database, plant: Plant, person: Visitor, job: JobOrder) -> None:
    """Pressing ends, and a dozen is broken."""
    with database.read() as session:
        stop_clock(database, instant(plans.head(session, plant.id).origin, job.end))
    scan = {"client_id": "dropped", "action": "finish", "job": job.id, "scrap": DROPPED}
    (result,) = person.post("/api/v1/scans", json={"scans": [scan]}).json()["results"]
    assert result["ok"], result


def test_fewer_tiles_of_one_shade_are_shipped_and_invoiced(
    database: Database, client: Visitor, people: Callable[..., Visitor]
) -> None:
    now = stop_clock(database, MONDAY)
    with database.write() as session:
        plant, _ = seed_plant(session, "lu-ceramics", "a password of a test", now)
        order = tiles(session, now)
    job, at = pressing(database, plant, order)
    drop(database, plant, people(Role.PLANNER, plant, bearer=True), job)

    path = f"/api/v1/orders/{order.id}/shortfall?token={order.tracking_token}"
    asked = client.get(path).json()
    assert asked["state"] == "open"
    assert client.post(path, json={"answer": "fewer", "version": asked["version"]}).status_code == 200

    closed = live_on(database, plant, order.id, at, days=30)
    with database.read() as session:
        shipment = session.exec(select(Shipment).where(Shipment.order_id == order.id)).one()
        told = {e.type: e.payload for e in history_of(session, order.id)}
        papers = {paper.kind: paper.amount for paper in papers_of(session, order.id)}
        balance, less = ledger.balance(session, order.id), ledger.total(session, order.id, "credit")
    pieces, owed = told["fewer-accepted"]["pieces"], told["fewer-accepted"]["before"]
    assert asked["pieces"] <= pieces < owed
    assert shipment.pieces == pieces == told["finished"]["good"]
    assert "lot-scrapped" not in told, "nothing was begun again"
    share = closed.price_amount * (owed - pieces) / owed
    assert less == share.quantize(Decimal("0.01"))
    assert papers == {"invoice": closed.price_amount - less, "credit": less}, "prepaid: it goes back"
    assert balance == 0
    assert closed.promised_date == closed.first_promise
    assert not [str(found) for found in audit(database) if isinstance(found, Finding)]


def test_mixed_shades_are_begun_again_unasked(
    database: Database, client: Visitor, people: Callable[..., Visitor]
) -> None:
    now = stop_clock(database, MONDAY)
    with database.write() as session:
        plant, _ = seed_plant(session, "lu-ceramics", "a password of a test", now)
        order = tiles(session, now, shade="mixed")
    job, _ = pressing(database, plant, order)
    drop(database, plant, people(Role.PLANNER, plant, bearer=True), job)
    assert client.get(f"/api/v1/orders/{order.id}/shortfall?token={order.tracking_token}").status_code == 404
    with database.read() as session:
        assert "lot-scrapped" in [e.type for e in history_of(session, order.id)]
