"""Orders for one shade lot of which pieces are lost, and their customer's answers."""

from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from cosmo.audit import Finding, audit
from cosmo.clock import Now
from cosmo.db import Database
from cosmo.events import Event
from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.spec import RoutingStep
from modules.manufacturing.answering import answer
from modules.manufacturing.models import Asked, Shortfall
from modules.manufacturing.questions import open_question
from tests.modules.manufacturing.mugs import STEPS, mug_spec
from tests.modules.manufacturing.shop import Floor, jobs, sourced

PACK = STEPS[-1:]
"""A route of one operation, so that its count is the last word."""


def one_shade(
    database: Database, plant: Plant, quantity: int = 240, steps: tuple[RoutingStep, ...] = STEPS
) -> Order:
    spec = mug_spec(quantity, steps).model_copy(update={"one_shade": True})
    return sourced(database, plant, quantity, spec=spec)


def asked(database: Database, order: Order) -> Shortfall | None:
    with database.read() as session:
        return open_question(session, order.id)


def short(database: Database, plant: Plant, floor: Floor, steps: tuple[RoutingStep, ...] = STEPS) -> Order:
    """An order for one shade that lost 100 pieces at its first operation."""
    order = one_shade(database, plant, steps=steps)
    floor.run(jobs(database, order.id)[0], scrap=100)
    return order


def after(database: Database, order: Order, minutes: int = 60) -> Now:
    """A while after the order's last count."""
    with database.read() as session:
        query = select(Event.event_time).where(Event.order_id == order.id)
        last = session.exec(query.order_by(col(Event.seq).desc())).first()
    assert last is not None
    at = last + timedelta(minutes=minutes)
    return Now(at, at)


def choose(
    database: Database, order: Order, choice: Asked, *, version: int | None = None, now: Now | None = None
) -> Shortfall:
    with database.write() as session:
        when = now or after(database, order)
        return answer(session, order.id, choice, version=version, actor="customer", now=when)


def events(database: Database, order: Order) -> list[Event]:
    with database.read() as session:
        return list(session.exec(select(Event).where(Event.order_id == order.id).order_by(col(Event.seq))))


def types(database: Database, order: Order) -> list[str]:
    return [event.type for event in events(database, order)]


def payload(database: Database, order: Order, kind: str) -> dict[str, Any]:
    """Of the order's last event of that kind."""
    return [e for e in events(database, order) if e.type == kind][-1].payload


BY_HAND = ("ready_at:", "manufacturing is off", "placed without a number")
"""What an audit finds of orders that `sourced` carries to the plan by hand."""


def audited(database: Database) -> list[str]:
    found = [str(found) for found in audit(database) if isinstance(found, Finding)]
    return [what for what in found if not any(known in what for known in BY_HAND)]
