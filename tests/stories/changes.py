"""What stories of changed orders share: the ceramics plant, an order of mugs, the floor that begins it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from cosmo import ledger
from cosmo.asking import family_card
from cosmo.audit import Finding, audit
from cosmo.changing import change, propose
from cosmo.clock import Now
from cosmo.db import Database
from cosmo.orders import Order, OrderSpec
from cosmo.parties import Plant
from cosmo.placing import place_directly
from cosmo.ports import Ask
from cosmo.proposals import Proposal, Wish, wish_for
from cosmo.quoting import Requester
from cosmo.registry import registry, switch
from cosmo.relay import drain
from modules.manufacturing import plan as plans
from modules.manufacturing.making import Act, finish, start
from modules.manufacturing.models import JobOrder, ProductionOrder, State
from modules.manufacturing.problems import case_of
from modules.manufacturing.times import instant
from modules.procurement.models import Material, Need
from scheduler.verifier import verify
from seeds.plants import seed_plant
from tests.factories import MONDAY, make_customer
from tests.stories.workshop import ADA, HAMBURG, stop_clock

SECRET = "x" * 32
MUGS = 60


def ceramics(database: Database, *off: str) -> tuple[Plant, Now]:
    """The plant of mugs and tiles on a Monday morning, without the modules `off`."""
    now = stop_clock(database, MONDAY)
    with database.write() as session:
        plant, _ = seed_plant(session, "lu-ceramics", "a long secret", now)
        for name in registry().modules:
            switch(session, plant.manufacturer_id, name, name not in off)
    return plant, now


def mugs(
    session: Session, now: Now, quantity: int = MUGS, day: date | None = None, **chosen: Any
) -> Order:
    """An order of mugs, wished for `day`, of a customer: what a guest asks for may be held by nothing."""
    wish = {**family_card(session, "mug").defaults, **chosen}
    ask = Ask("mug", wish, quantity, HAMBURG, day)
    return place_directly(
        session, ask, ADA, requester=Requester(customer_id=make_customer(session).id), now=now
    )


def ordered(database: Database, now: Now, quantity: int = MUGS, **chosen: Any) -> str:
    """The same, carried on as far as the modules do by themselves; its id."""
    with database.write() as session:
        order_id = mugs(session, now, quantity, **chosen).id
    drain(database)
    return order_id


def wish(quantity: int | None = None, **chosen: Any) -> Callable[[Order], Wish]:
    return lambda order: wish_for(order, chosen, quantity)


def proposed(
    database: Database, order_id: str, now: Now, quantity: int | None = None, **chosen: Any
) -> Proposal:
    with database.write() as session:
        return propose(session, order_id, wish(quantity, **chosen), actor="guest", now=now)


def changed(
    database: Database, order_id: str, now: Now, quantity: int | None = None, **chosen: Any
) -> Proposal:
    """Shown, then confirmed."""
    shown = proposed(database, order_id, now, quantity, **chosen)
    with database.write() as session:
        made = change(session, order_id, wish(quantity, **chosen), secret=SECRET,
                      signature=shown.signature(SECRET), actor="guest", now=now)  # fmt: skip
    drain(database)
    return made


def jobs(session: Session, order_id: str) -> list[JobOrder]:
    """Its places that stand, lot by lot."""
    query = select(JobOrder).where(JobOrder.order_id == order_id, JobOrder.state != State.RELEASED)
    return list(session.exec(query.order_by(col(JobOrder.lot), col(JobOrder.position))))


def needs(session: Session, order_id: str) -> dict[tuple[str, str], Any]:
    """(material id, operation) -> quantity, of what it needs."""
    rows = session.exec(select(Need).where(Need.order_id == order_id, Need.state != "released"))
    return {(need.material_id, need.operation): need.quantity for need in rows}


def make_until(database: Database, order_id: str, operation: str, *, running: bool = True) -> Now:
    """Make the order as planned until `operation` begins (or until all before it is done); when that was."""
    while True:
        with database.write() as session:
            rows = [row for row in jobs(session, order_id) if row.state == State.FIRM]
            row = min(rows, key=lambda r: (r.position, r.lot))
            origin = plans.head(session, row.plant_id).origin
            if row.code == operation and not running:
                return _at(
                    instant(origin, max(r.end for r in jobs(session, order_id) if r.state == State.DONE))
                )
            act = Act(instant(origin, row.start), "operator")
            start(session, [row], act, _at(act.event_time))
            if row.code == operation:
                return _at(act.event_time)
            finish(session, row, Act(instant(origin, row.end), "operator"), _at(instant(origin, row.end)),
                   good=None, scrap=0)  # fmt: skip


def _at(moment: datetime) -> Now:
    return Now(moment, moment - timedelta(days=365))


def order_of(database: Database, order_id: str) -> Order:
    with database.read() as session:
        return session.get_one(Order, order_id)


def everything(database: Database, order_id: str) -> dict[str, Any]:
    """All that a change must bring about: choices, money, day, BOM, route, places, needs."""
    with database.read() as session:
        order = session.get_one(Order, order_id)
        codes = {m.id: m.code for m in session.exec(select(Material))}
        lots = session.exec(select(ProductionOrder).where(ProductionOrder.order_id == order_id))
        promise = {k: v for k, v in order.promise.items() if k not in ("held", "earlier")}
        return {
            "selections": order.selections, "quantity": order.quantity,
            "price": (order.price_amount, order.price_lines), "promise": promise,
            "day": (order.promised_date, order.ready_at, order.stage),
            "spec": session.get_one(OrderSpec, order_id).spec,
            "places": [(j.lot, j.position, j.code, j.resource, j.start, j.end, j.pieces, j.size, j.state)
                       for j in jobs(session, order_id)],
            "lots": sorted((lot.lot, lot.start_pieces) for lot in lots if lot.state != State.RELEASED),
            "needs": {(codes[m], op): n for (m, op), n in needs(session, order_id).items()},
            "owed": (ledger.total(session, order_id, "charge"), ledger.balance(session, order_id)),
        }  # fmt: skip


def findings(database: Database) -> list[Finding]:
    """What the audit finds wrong with orders and their money."""
    return [found for found in audit(database) if isinstance(found, Finding)]


def plan_is_sound(database: Database, plant_id: str, now: Any) -> None:
    with database.read() as session:
        snap = plans.snapshot(session, plant_id, now)
        case = case_of(session, snap, now=snap.minute_after(now.business))
        assert verify(case.problem, case.schedule).violations == {}
