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
from modules.procurement.watching import reorder
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
HEARD_WITHIN = timedelta(minutes=25)
"""How long after it happened the plan hears of what the floor does."""
SOON_DAYS = (12, 25)
"""On which day after the order what was ordered lately is wanted: it fills the kilns of the coming weeks."""
LARGER = 5
"""So many times as large as others are the orders that came lately: fewer of them, and the kilns are full."""
AHEAD_DAYS = (26, 110)
"""The same for the orders of the weeks ahead."""
Report = Callable[[str], None]


@dataclass(slots=True)
class Past:
    """The makings of a past: how many days, how many orders a day first and how many `lately`, in the last
    `busy` days, how many more for the weeks ahead.

    What was ordered before the busy days was wanted as soon as possible, and some of it is delivered by now.
    """

    database: Database
    random: Random
    days: int
    a_day: float
    busy: int
    lately: float
    ahead: int
    report: Report
    homes: list[dict[str, Any]] = field(default_factory=list)
    placed: int = 0
    refused: int = 0


def make_past(past: Past, plant: Plant, end: datetime) -> None:
    """Live through `past.days` days up to `end`, then take the orders for the weeks ahead.

    The floor throws dice of its own: what is wished for is then the same in every past of one seed.
    """
    dice = Random(past.random.random())
    past.homes = read_plant(plant.slug)["customers"]
    at = end - timedelta(days=past.days)
    while at < end:
        _stop_clock_at(past.database, at)
        work(past.database, plant, dice)
        recent = end - at <= timedelta(days=past.busy)
        share = (past.lately if recent else past.a_day) * (STEP / timedelta(days=1))
        for _ in range(_whole(share, past.random)):
            _order(past, plant, SOON_DAYS if recent else None)
        at += STEP
        past.report(f"{plant.name}: {at.date().isoformat()}, {past.placed} orders")
    _stop_clock_at(past.database, end)
    work(past.database, plant, dice)
    for n in range(past.ahead):
        _order(past, plant, AHEAD_DAYS)
        if n % 20 == 19:
            drain(past.database)
            past.report(f"{plant.name}: {past.placed} orders")
    drain(past.database)
    with past.database.write() as session:
        _pay(session, plant, read_now(session), lambda order: past.random.random() < ALREADY_PAID)
    work(past.database, plant, dice)


def _whole(share: float, random: Random) -> int:
    return int(share) + (random.random() < share % 1)


def _stop_clock_at(database: Database, at: datetime) -> None:
    with database.write() as session:
        clock.set_clock(session, speed=0.0, business=at)


def _order(past: Past, plant: Plant, within: tuple[int, int] | None) -> None:
    """One wish, for a day `within` so many days from now; None: as soon as possible."""
    wish = draw(plant.slug, past.random)
    wish = replace(wish, days=past.random.randint(*within) if within else None)
    if within == SOON_DAYS:
        wish = replace(wish, quantity=wish.quantity * LARGER)
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
    """What people and machines have done until now: jobs ran, money and goods came, carriers called.

    The floor comes first: whatever else looks at the plan must not find work of the last hours undone.
    """
    with database.write() as session:
        _make(session, plant, read_now(session), random)
    drain(database)
    with database.write() as session:
        now = read_now(session)
        _pay(session, plant, now, lambda order: _placed_before(order, now.business - TRANSFER))
    drain(database)
    with database.write() as session:
        _supply(session, plant, read_now(session))
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
    reorder(session, now)
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
    """Everything planned to have begun or ended by now did, in the order of its time, and was told within
    `HEARD_WITHIN`: what the plan does not hear of for longer it takes for late, and moves."""
    operator, refused = _operator(session, plant), set[str]()
    while due := [act for act in _due(session, plant, now) if act.name not in refused]:
        heard = min(due[0].at + HEARD_WITHIN, now.business)
        told = [act.scan(random) for act in due if act.at <= heard]
        answers = apply_scans(session, [plant], told, operator, replace(now, business=heard))
        refused |= {answer.client_id for answer in answers if not answer.ok}


def _operator(session: Session, plant: Plant) -> str:
    query = select(Account.id).where(Account.role == Role.OPERATOR, Account.party_id == plant.manufacturer_id)
    return session.exec(query).one()


@dataclass(frozen=True, slots=True, order=True)
class _Act:
    """Somebody begins or ends a job, or a whole firing; ends come before beginnings of the same minute."""

    at: datetime
    name: str
    action: Literal["start", "finish"]
    job: str | None = None
    firing: str | None = None
    pieces: int = 0

    def scan(self, random: Random) -> ScanIn:
        scrap = _scrap(random, self.pieces) if self.action == "finish" and self.job else None
        return ScanIn(
            client_id=self.name, action=self.action, job=self.job, firing=self.firing, event_time=self.at,
            scrap=scrap,
        )  # fmt: skip


def _due(session: Session, plant: Plant, now: Now) -> list[_Act]:
    """What is to have begun or ended by now. What is short is both."""
    batches = {w.code for w in work_centres(session, plant.id) if w.kind == Kind.BATCH}
    origin = plans.head(session, plant.id).origin
    minute = minute_after(origin, now.business)
    begun = and_(JobOrder.state == State.FIRM, col(JobOrder.start) <= minute)
    query = select(JobOrder).where(JobOrder.plant_id == plant.id, or_(begun, JobOrder.state == State.RUNNING))
    acts: set[_Act] = set()
    for row in session.exec(query):
        firing = f"{row.resource}.{row.start}" if row.resource in batches else None
        target, rest = firing or row.id, (None if firing else row.id, firing, 0 if firing else row.pieces)
        if row.state == State.FIRM:
            acts.add(_Act(instant(origin, row.start), f"start-{target}", "start", *rest))
        acts.add(_Act(instant(origin, row.end), f"finish-{target}", "finish", *rest))
    return sorted(act for act in acts if act.at <= now.business)


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
