"""Manufacturing's parts of other pages: the night card, an order's lots, the plant at a glance."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from cosmo.clock import Now
from cosmo.i18n import pick
from cosmo.owing import price_of
from cosmo.parties import Plant
from cosmo.promise import spec_of
from modules.manufacturing import lists
from modules.manufacturing.answering import ANSWERED
from modules.manufacturing.firing_curve import card
from modules.manufacturing.models import JobOrder, Kind, Plan, ProductionOrder, State
from modules.manufacturing.outlook import latest_question
from modules.manufacturing.questions import open_question, open_questions
from modules.manufacturing.times import instant
from web.contexts import OrderContext, PlantContext


def track_live(context: OrderContext) -> str | None:
    """The firing the order is in now, with its curve and when the kiln opens; nothing while no kiln burns."""
    firing = firing_of_order(context.session, context.order.id, context.order.plant_id)
    if firing is None:
        return None
    shown = card(firing, context.locale, context.plant.timezone, context.now, uid="kl")
    return context.markup("manufacturing/kiln.html", kiln=shown) if shown else None


def firing_of_order(session: Session, order_id: str, plant_id: str) -> lists.Firing | None:
    """The run of a batch resource that holds the order now; of several the one that opens last."""
    query = select(JobOrder).where(JobOrder.order_id == order_id, JobOrder.state == State.RUNNING)
    running = {(row.resource, row.start) for row in session.exec(query)}
    if not running:
        return None
    centres = lists.centres_by_code(session, plant_id)
    origin = lists.origin_of(session, plant_id)
    rows = lists.rows_of(session, plant_id, states=(State.RUNNING,))
    mine = [
        f for f in lists.firings_of(rows, centres, origin)
        if (f.centre.code, f.members[0][0].start) in running
    ]  # fmt: skip
    return max(mine, key=lambda f: f.end, default=None)


def track_todo(context: OrderContext) -> str | None:
    """The question about missing pieces with its three answers, while it waits for the customer."""
    question = open_question(context.session, context.order.id)
    if question is None or context.token is None:
        return None
    less = price_of(context.session, context.order, question.missing)
    return context.markup(
        "manufacturing/shortfall_todo.html", q=question, order=context.order, token=context.token, less=less,
        csrf_field=context.csrf_field, timezone=context.plant.timezone, unit=_unit(context),
    )  # fmt: skip


def track_panel(context: OrderContext) -> str | None:
    """What was answered to it."""
    question = latest_question(context.session, context.order.id)
    if question is None or context.token is None or question.state not in ANSWERED:
        return None
    return context.markup(
        "manufacturing/shortfall_panel.html", q=question, timezone=context.plant.timezone, unit=_unit(context)
    )


def _unit(context: OrderContext) -> str:
    """What stands behind a number of pieces: nothing, where they are simply counted."""
    unit = spec_of(context.session, context.order.id).unit
    return {"m2": " m²", "pcs": ""}.get(unit, f" {unit}")


def order_panel(context: OrderContext) -> str | None:
    """The order's lots and operations with their places, for the plant."""
    session, order = context.session, context.order
    query = select(JobOrder).where(JobOrder.order_id == order.id, JobOrder.state != State.RELEASED)
    rows = sorted(session.exec(query), key=lambda r: (r.lot, r.position))
    if not rows:
        return None
    origin = lists.origin_of(session, order.plant_id)
    centres = lists.centres_by_code(session, order.plant_id)
    lots = {
        lot.lot: lot
        for lot in session.exec(select(ProductionOrder).where(ProductionOrder.order_id == order.id))
    }
    operations = [_operation(row, centres, origin, context.locale) for row in rows]
    return context.markup(
        "manufacturing/order_panel.html", operations=operations, lots=lots, order=order,
        timezone=context.plant.timezone, q=open_question(session, order.id), unit=_unit(context),
    )  # fmt: skip


def _operation(row: JobOrder, centres: Any, origin: datetime, locale: str) -> dict[str, Any]:
    centre = centres.get(row.resource)
    return {
        "row": row,
        "name": pick(row.name, locale),
        "centre": pick(centre.name, locale) if centre else row.resource,
        "start": row.actual_start or instant(origin, row.start),
        "end": row.actual_end or instant(origin, row.end),
    }


def plant_home(context: PlantContext) -> str | None:
    """What the plan says today: late orders, what runs, which kiln opens next."""
    found = [
        glance
        for plant in context.plants
        if (glance := _glance(context.session, plant, context.now, context.locale)) is not None
    ]
    if not found:
        return None
    return context.markup("manufacturing/plant_home.html", plants=found, role=context.role)


def _glance(session: Session, plant: Plant, now: Now, locale: str) -> dict[str, Any] | None:
    plan = session.get(Plan, plant.id)
    if plan is None:
        return None
    seen = lists.outlooks(session, plant, now)
    running = lists.rows_of(session, plant.id, states=(State.RUNNING,))
    centres = lists.centres_by_code(session, plant.id)
    firings = lists.firings_of(running, centres, plan.origin)
    opening = min(firings, key=lambda f: f.end, default=None)
    return {
        "plant": plant,
        "plan": plan,
        "open": len(seen),
        "late": lists.late_orders(session, plant, now, seen),
        "questions": open_questions(session, plant.id),
        "running": sum(1 for row, _ in running if centres[row.resource].kind != Kind.BATCH),
        "opening": opening,
        "opening_name": pick(opening.centre.name, locale) if opening else "",
    }
