"""A past for the demo: some hundred orders carried through their real stages in simulated days gone by.

Everything is done by the modules' own verbs at the business time it would have happened; only the people are
played here. The clock stands while a step is worked off and jumps to the next.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, Literal

from sqlmodel import Session, and_, col, or_, select

from cosmo import clock, ledger
from cosmo.clock import Now, read_now
from cosmo.db import Database
from cosmo.errors import CosmoError
from cosmo.orders import Order
from cosmo.parties import Account, Plant, Role
from cosmo.relay import drain
from cosmo.stages import Stage
from modules.interaction.service import send_message
from modules.logistics import service as logistics
from modules.logistics.models import Shipment, ShipmentState
from modules.manufacturing import plan as plans
from modules.manufacturing.models import JobOrder, Kind, State
from modules.manufacturing.plant import work_centres
from modules.manufacturing.scanning import apply_scans
from modules.manufacturing.schemas import ScanIn
from modules.manufacturing.times import instant, minute_after
from modules.procurement.answering import confirm, lines_of
from modules.procurement.models import PurchaseOrder
from modules.procurement.ordering import send_collected
from modules.procurement.receiving import deliver
from modules.service.schemas import RatingIn
from modules.service.service import rate
from seeds.buying import ask, buyers, take
from seeds.files import read_plant
from seeds.wishes import Wish, draw

STEP = timedelta(hours=4)
TRANSFER = timedelta(hours=20)
"""How long a deposit is on its way."""
ALREADY_PAID = 0.85
"""The share of deposits of the latest orders that have come in."""
RECENT = timedelta(days=7)
"""What was ordered before was wanted as soon as possible, so that some of it has been delivered by now."""
Report = Callable[[str], None]
Act = Literal["start", "finish"]


@dataclass(slots=True)
class Past:
    """The makings of a past: how many days, how many orders a day, how many more for the weeks ahead."""

    database: Database
    random: Random
    days: int
    a_day: float
    ahead: int
    report: Report
    homes: list[dict[str, Any]] = field(default_factory=list)
    placed: int = 0
    refused: int = 0


def make_past(past: Past, plant: Plant, end: datetime) -> None:
    """Live through `past.days` days up to `end`, then take the orders for the weeks ahead."""
    past.homes = read_plant(plant.slug)["customers"]
    at = end - timedelta(days=past.days)
    while at < end:
        _stop_clock_at(past.database, at)
        share = past.a_day * (STEP / timedelta(days=1))
        for _ in range(_whole(share, past.random)):
            _order(past, plant, soon=end - at > RECENT)
        work(past.database, plant, past.random)
        at += STEP
        past.report(f"{plant.name}: {at.date().isoformat()}, {past.placed} orders")
    _stop_clock_at(past.database, end)
    for n in range(past.ahead):
        _order(past, plant, waits=True)
        if n % 20 == 19:
            drain(past.database)
            past.report(f"{plant.name}: {past.placed} orders")
    drain(past.database)
    with past.database.write() as session:
        _pay(session, plant, read_now(session), lambda order: past.random.random() < ALREADY_PAID)
    work(past.database, plant, past.random)


def _whole(share: float, random: Random) -> int:
    return int(share) + (random.random() < share % 1)


def _stop_clock_at(database: Database, at: datetime) -> None:
    with database.write() as session:
        clock.set_clock(session, speed=0.0, business=at)


def _order(past: Past, plant: Plant, *, waits: bool = False, soon: bool = False) -> None:
    """`waits`: on a day in the weeks ahead; `soon`: as soon as possible."""
    wish = draw(plant.slug, past.random)
    if waits and wish.days is None:
        wish = replace(wish, days=past.random.randint(18, 60))
    if soon:
        wish = replace(wish, days=None)
    try:
        with past.database.write() as session:
            _place(past, session, plant, wish)
        past.placed += 1
    except CosmoError:
        past.refused += 1


def _place(past: Past, session: Session, plant: Plant, wish: Wish) -> None:
    now = read_now(session)
    buyer = past.random.choice(buyers(session, past.homes))
    made = ask(session, buyer, wish, now)
    if past.random.random() >= 0.04:  # else a quote nobody takes
        take(session, buyer, made, now)


def work(database: Database, plant: Plant, random: Random) -> None:
    """What people and machines have done until now: money and goods came, jobs ran, carriers called."""
    drain(database)
    with database.write() as session:
        now = read_now(session)
        _pay(session, plant, now, lambda order: _placed_before(order, now.business - TRANSFER))
    drain(database)
    with database.write() as session:
        _supply(session, plant, read_now(session))
    drain(database)
    with database.write() as session:
        _make(session, plant, read_now(session), random)
    drain(database)
    with database.write() as session:
        _carry(session, plant, read_now(session))
    drain(database)
    with database.write() as session:
        _rate(session, plant, read_now(session), random)
    drain(database)


def _pay(session: Session, plant: Plant, now: Now, has_paid: Callable[[Order], bool]) -> None:
    """Deposits that hold an order back come in."""
    held = select(Order).where(Order.plant_id == plant.id, col(Order.held).is_(True))
    for order in session.exec(held.order_by(col(Order.id))).all():
        if ledger.DEPOSIT_OPEN in (order.hold_reason or "").split(",") and has_paid(order):
            ledger.collect(session, order.id, ledger.due_before_start(order), now)


def _placed_before(order: Order, moment: datetime) -> bool:
    return order.placed_at is not None and order.placed_at <= moment


def _supply(session: Session, plant: Plant, now: Now) -> None:
    send_collected(session, plant.id, now)
    query = select(PurchaseOrder).where(
        PurchaseOrder.plant_id == plant.id, col(PurchaseOrder.sent_at).is_not(None)
    )
    for purchase in session.exec(query.order_by(col(PurchaseOrder.id))).all():
        lines = [line for line in lines_of(session, purchase) if line.open]
        if any(line.answered_at is None for line in lines):
            _tried(lambda purchase=purchase: confirm(session, purchase, now))  # type: ignore[misc]
        if lines and all(line.due <= now.business.date() for line in lines):
            _tried(lambda purchase=purchase: deliver(session, purchase, {}, None, now))  # type: ignore[misc]


def _tried(act: Callable[[], object]) -> None:
    try:
        act()
    except CosmoError:
        return


def _make(session: Session, plant: Plant, now: Now, random: Random) -> None:
    """Everything planned to have begun or ended by now did, in the order of its time."""
    operator = _operator(session, plant)
    for _ in range(200):
        scans = _due(session, plant, now, random)
        results = [apply_scans(session, [plant], [scan], operator, now)[0].ok for scan in scans]
        if not any(results):
            return


def _operator(session: Session, plant: Plant) -> str:
    query = select(Account.id).where(Account.role == Role.OPERATOR, Account.party_id == plant.manufacturer_id)
    return session.exec(query).one()


def _due(session: Session, plant: Plant, now: Now, random: Random) -> list[ScanIn]:
    batches = {w.code for w in work_centres(session, plant.id) if w.kind == Kind.BATCH}
    origin = plans.head(session, plant.id).origin
    begun = and_(JobOrder.state == State.FIRM, col(JobOrder.start) <= minute_after(origin, now.business))
    query = select(JobOrder).where(JobOrder.plant_id == plant.id, or_(begun, JobOrder.state == State.RUNNING))
    scans: dict[str, tuple[datetime, ScanIn]] = {}
    for row in session.exec(query):
        at = instant(origin, row.start if row.state == State.FIRM else row.end)
        if at > now.business:
            continue
        action: Act = "start" if row.state == State.FIRM else "finish"
        if row.resource in batches:
            target = f"{row.resource}.{row.start}"
            scan = ScanIn(client_id=f"{action}-{target}", action=action, firing=target, event_time=at)
        else:
            target = row.id
            scrap = _scrap(random, row.pieces) if action == "finish" else None
            scan = ScanIn(
                client_id=f"{action}-{target}", action=action, job=row.id, event_time=at, scrap=scrap
            )
        scans[f"{action}-{target}"] = (at, scan)
    return [scan for _, scan in sorted(scans.values(), key=lambda pair: (pair[0], pair[1].client_id))]


def _scrap(random: Random, pieces: int) -> int:
    """Within what was planned for: about one in a hundred."""
    return min(pieces // 50, sum(random.random() < 0.01 for _ in range(min(pieces, 400))))


def _carry(session: Session, plant: Plant, now: Now) -> None:
    open_ones = select(Shipment).where(
        Shipment.plant_id == plant.id, Shipment.state != ShipmentState.DELIVERED
    )
    for shipment in session.exec(open_ones.order_by(col(Shipment.packed_at))).all():
        actor = shipment.carrier_id or "carrier"
        left = shipment.picked_up_at or shipment.packed_at + timedelta(hours=6)
        if shipment.picked_up_at is None and left <= now.business:
            logistics.pick_up(session, shipment.id, left, now, actor)
        arrives = shipment.expected_at
        if shipment.picked_up_at is not None and arrives is not None and arrives <= now.business:
            logistics.deliver(session, shipment.id, "Empfang", arrives, now, actor)


def _rate(session: Session, plant: Plant, now: Now, random: Random) -> None:
    query = select(Order).where(Order.plant_id == plant.id, Order.stage == Stage.DELIVERED)
    for order in session.exec(query.order_by(col(Order.id))).all():
        if random.random() < 0.06:
            stars = random.choices((3, 4, 5), (1, 3, 6))[0]
            rate(session, order.id, RatingIn(stars=stars), actor="guest", now=now)
        elif random.random() < 0.03:
            text = "Your pieces came out even. Thank you for your patience."
            send_message(session, order.id, text, from_plant=True, account_id=None, now=now)
