"""A workshop small enough to run 128 times: one wheel, one kiln, clay from one supplier, one carrier."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from sqlmodel import Session, select

from cosmo import clock
from cosmo.clock import Now
from cosmo.db import Database
from cosmo.events import Event, events_after
from cosmo.orders import Order
from cosmo.parties import Party, PartyKind, Plant, Role
from cosmo.placing import Customer, place_directly
from cosmo.ports import Ask, ShipTo
from cosmo.quoting import Requester
from cosmo.registry import registry, switch
from cosmo.spec import BomLine, RoutingStep, Spec
from cosmo.stages import Stage
from modules.logistics.models import CarrierService
from modules.manufacturing import plan as plans
from modules.manufacturing.models import JobOrder, State
from modules.manufacturing.plant import add_work_centre
from modules.manufacturing.times import instant
from modules.procurement.models import Material, Supplier
from modules.procurement.receiving import add_lot
from modules.service.schemas import RatingIn
from modules.service.service import rate
from seeds.history import work
from tests.factories import make_account, make_party, make_plant

HAMBURG = ShipTo("Ada Lovelace", "Ring 1", "Hamburg", "20357", "DE")
ADA = Customer("Ada Lovelace", "ada@example.test")
ZONES = {
    "domestic": {"days": 1, "base": "5", "per_kg": "0.1"},
    "world": {"days": 9, "base": "50", "per_kg": "1"},
}


def make_workshop(session: Session, on: Iterable[str], now: Now) -> Plant:
    """A plant of a manufacturer who uses exactly the modules `on`."""
    plant = make_plant(session)
    make_account(session, session.get_one(Party, plant.manufacturer_id), Role.OPERATOR)
    wanted = set(on)
    for name in registry().modules:
        switch(session, plant.manufacturer_id, name, name in wanted)
    add_work_centre(session, plant.id, "WHEEL", {"en": "Wheel"}, now)
    add_work_centre(session, plant.id, "KILN", {"en": "Kiln"}, now, kind="batch", capacity=100)
    _clay(session, plant, now)
    carrier = make_party(session, PartyKind.CARRIER)
    session.add(
        CarrierService(plant_id=plant.id, carrier_id=carrier.id, code="van", name={"en": "Van"}, zones=ZONES)
    )
    session.flush()
    return plant


def _clay(session: Session, plant: Plant, now: Now) -> None:
    supplier = Supplier(
        party_id=make_party(session, PartyKind.SUPPLIER).id,
        manufacturer_id=plant.manufacturer_id,
        general=True,
    )
    session.add(supplier)
    session.flush()
    for code, specific in (("CLAY", False), ("DECAL", True)):
        row = Material(
            plant_id=plant.id, code=code, name={"en": code.title()}, unit="kg", supplier_id=supplier.id,
            lead_days=3, order_specific=specific,
        )  # fmt: skip
        session.add(row)
        session.flush()
        if not specific:
            add_lot(session, row, Decimal(500), f"{code}-1", now)


def cup(quantity: int = 20) -> Spec:
    """A cup with a decal: turned, then fired; the decal is bought for the order."""
    turn = RoutingStep(code="turn", name={"en": "Turn"}, resources=("WHEEL",), minutes_per_piece=Decimal(2))
    fire = RoutingStep(
        code="fire", name={"en": "Fire"}, resources=("KILN",), fixed_minutes=Decimal(600), family="hot"
    )
    bom = (
        BomLine(
            material="CLAY", name={"en": "Clay"}, quantity=Decimal(quantity), unit="kg", operation="turn"
        ),
        BomLine(
            material="DECAL", name={"en": "Decals"}, quantity=Decimal(quantity), unit="kg",
            order_specific=True, operation="fire",
        ),
    )  # fmt: skip
    return Spec(
        title={"en": "Cup"}, quantity=quantity, start_quantity=quantity, bom=bom, routing=(turn, fire),
        mass_kg=Decimal(quantity) / 2, pieces_per_carton=Decimal(6), drivers={"pieces": Decimal(quantity)},
    )  # fmt: skip


def order_cups(session: Session, plant: Plant, now: Now, quantity: int = 20) -> Order:
    """An order that arrives with its own BOM and routing, as through the API where rnd is off."""
    ask = Ask("cup", {}, quantity, HAMBURG, spec=cup(quantity), plant_id=plant.id)
    return place_directly(session, ask, ADA, requester=Requester(session_id="story"), now=now)


def stop_clock(database: Database, at: datetime) -> Now:
    """Let business time stand at `at`."""
    with database.write() as session:
        clock.set_clock(session, speed=0.0, business=at)
        return clock.read_now(session)


def live_on(database: Database, plant: Plant, order_id: str, start: datetime, days: int = 30) -> Order:
    """Time passes, at most half a day at once and not past what is planned on the floor, and everybody does
    their work, until the order is closed."""
    random, at = Random(order_id), start
    while at < start + timedelta(days=days):
        now = stop_clock(database, at)
        work(database, plant, random)
        at = next_moment(database, plant, at)
        with database.write() as session:
            order = session.get_one(Order, order_id)
            if order.stage == Stage.DELIVERED and order.owners.get("service"):
                rate(session, order.id, RatingIn(stars=5), actor="guest", now=now)
            if order.stage == Stage.CLOSED:
                return order
    raise AssertionError(f"still {order.stage} after {days} days")


def next_moment(database: Database, plant: Plant, at: datetime) -> datetime:
    """When the next job begins or ends by plan, in half a day at the latest."""
    with database.read() as session:
        jobs = session.exec(select(JobOrder).where(JobOrder.plant_id == plant.id)).all()
        origin = plans.head(session, plant.id).origin if jobs else at
    moments = [instant(origin, job.start) for job in jobs if job.state == State.FIRM]
    moments += [instant(origin, job.end) for job in jobs if job.state == State.RUNNING]
    return min([m for m in moments if m > at] + [at + timedelta(hours=12)])


def history_of(session: Session, order_id: str) -> list[Event]:
    """All events of an order."""
    return events_after(session, order_id)


def plants_in(session: Session) -> list[Plant]:
    return list(session.exec(select(Plant)))
