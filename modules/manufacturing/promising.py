"""Capacity promised: the earliest place for new work in the standing plan, breaking no promise that stands.

`PlanPromiser` answers the kernel's `CapacityPromiser`: a tentative date on every click, a held place for a
quote, a firm one for an order.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import case, func, update
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from cosmo.among import among
from cosmo.asking import answerers_for
from cosmo.clock import Now
from cosmo.orders import Order
from cosmo.ports import CapacityAnswer, CapacityAsk, PlaceOvertaken
from cosmo.promise import spec_of
from cosmo.promised import promised_end
from modules.manufacturing import plan as plans
from modules.manufacturing.guests import has_room_for_guest
from modules.manufacturing.lateness import with_odds
from modules.manufacturing.making_room import make_room
from modules.manufacturing.models import AHEAD, STANDING, JobOrder, Plan, State
from modules.manufacturing.recalling import recalled
from modules.manufacturing.searching import Found, begun_later, search
from modules.manufacturing.standing import Standing
from scheduler.model import first


@dataclass(frozen=True, slots=True)
class Taking:
    """How the places are kept: firm, or held until wall time `until`."""

    order_id: str
    plant_id: str
    state: State
    until: datetime | None = None
    guest: bool = False


def _without(plan: Standing, job_ids: list[str]) -> AbstractContextManager[None]:
    return plan.without(job_ids) if job_ids else nullcontext()


def _ids(session: Session, order_id: str) -> list[str]:
    query = select(JobOrder.id).where(JobOrder.order_id == order_id, col(JobOrder.state).in_(AHEAD))
    return list(session.exec(query))


def rows_of(
    found: Found, taking: Taking, version: int, begins: Mapping[int, int] | None = None
) -> list[JobOrder]:
    """The job orders of places just found. `begins`: of lots on their way, the position of the first."""
    places, after = found.places, begins or {}
    return [
        JobOrder(
            id=op.id, plant_id=taking.plant_id, order_id=taking.order_id, lot=lot.number,
            position=position + after.get(lot.number, 0),
            code=step.code, name=dict(step.name), modes=[[m.resource, m.minutes] for m in op.modes],
            family=op.family, pieces=lot.pieces, size=first(op.size), min_lag=op.min_lag, max_lag=op.max_lag,
            ready=op.release, last=position == len(lot.steps) - 1, resource=places[op.id].resource,
            start=places[op.id].start, end=places[op.id].end, changed=version, state=taking.state,
            hold_until=taking.until, guest=taking.guest,
        )
        for lot in found.lots
        for position, (op, step) in enumerate(zip(lot.operations, lot.steps, strict=True))
    ]  # fmt: skip


def replace_places(session: Session, ask: CapacityAsk, taking: Taking, now: Now) -> CapacityAnswer:
    """Take places for the order, giving back those it has ahead; a guest beyond the limit gets none."""
    old = _ids(session, taking.order_id)

    def look(plan: Standing) -> Found | CapacityAnswer:
        with _without(plan, old):
            found = begun_later(plan, ask, search(session, plan, ask, now))
            if taking.guest and not _room(session, plan, found, taking, now):
                return found.answer
            return found

    def write(found: Found | CapacityAnswer, version: int) -> None:
        give_back(session, old, version)
        if isinstance(found, Found):
            make_room(session, taking.plant_id, found.displaced, version, now)
            session.add_all(rows_of(found, taking, version))

    found = plans.take(session, taking.plant_id, now, look, write)
    answer = found if isinstance(found, CapacityAnswer) else replace(found.answer, held=True)
    return with_odds(session, taking.plant_id, answer, now)


def _room(session: Session, plan: Standing, found: Found, taking: Taking, now: Now) -> bool:
    operations = [op for lot in found.lots for op in lot.operations]
    places = [found.places[op.id] for op in operations]
    return has_room_for_guest(session, plan, operations, places, taking.order_id, now)


def give_back(session: Session, job_ids: list[str], version: int) -> None:
    """These places ahead are free from this version of the plan on."""
    if not job_ids:
        return
    statement = update(JobOrder).where(col(JobOrder.id).in_(job_ids), col(JobOrder.state).in_(AHEAD))
    statement = statement.values(state=State.RELEASED, changed=version, hold_until=None)
    session.execute(statement.execution_options(synchronize_session="fetch"))


class PlanPromiser:
    """Answers `cosmo.ports.CapacityPromiser` from the standing plan."""

    def promise(self, session: Session, ask: CapacityAsk, now: Now) -> CapacityAnswer:
        if not ask.spec.routing:
            return _nothing_to_make(ask, now)
        free = plans.expired_holds(session, ask.plant_id, now)
        free += _ids(session, ask.instead_of) if ask.instead_of else []
        with plans.standing(session, ask.plant_id, now) as plan, _without(plan, free):
            answer = recalled(session, plan, ask, now)
        return with_odds(session, ask.plant_id, answer, now)

    def hold(
        self, session: Session, order_id: str, ask: CapacityAsk, until: datetime, now: Now
    ) -> CapacityAnswer:
        if not ask.spec.routing:
            return _nothing_to_make(ask, now, held=True)
        taking = Taking(order_id, ask.plant_id, State.HELD, until, ask.guest)
        return replace_places(session, ask, taking, now)

    def firm(self, session: Session, order_ids: Sequence[str], now: Now) -> None:
        """Does not touch the plan's version: the places stay where they are."""
        spans = _spans(session, order_ids)
        held = {order_id: span for order_id, span in spans.items() if span.held}
        for order_id, span in held.items():
            _must_still_hold(session, session.get_one(Order, order_id), span, now)
        if held:
            _turn_firm(session, held)
        for order_id in order_ids:
            if order_id not in spans:
                _firm_without_hold(session, session.get_one(Order, order_id), now)

    def lock(self, session: Session, plant_id: str) -> None:
        plans.head(session, plant_id)
        plans.lock_plan(session, plant_id)

    def change(self, session: Session, order_id: str, ask: CapacityAsk, now: Now) -> CapacityAnswer:
        from modules.manufacturing.changing import change_places  # it stands on this file

        answer = change_places(session, order_id, ask, now)
        return with_odds(session, ask.plant_id, answer, now) if ask.spec.routing else answer

    def release(self, session: Session, order_id: str, now: Now) -> None:
        plant_id = session.get_one(Order, order_id).plant_id
        plans.release_order(session, plant_id, order_id)


def _nothing_to_make(ask: CapacityAsk, now: Now, *, held: bool = False) -> CapacityAnswer:
    return CapacityAnswer(max(ask.not_before, now.business), held=held)


@dataclass(frozen=True, slots=True)
class _Span:
    """What an order has in the plan, from `start` to `end`: `count` places, `held` of them held."""

    start: datetime
    end: datetime
    count: int
    held: int


_SPANS = (
    select_columns(
        col(JobOrder.order_id),
        col(Plan.origin),
        func.min(col(JobOrder.start)),
        func.max(col(JobOrder.end)),
        func.count(),
        func.sum(case((col(JobOrder.state) == State.HELD, 1), else_=0)),
    )
    .join(Plan, col(Plan.plant_id) == col(JobOrder.plant_id))
    .where(among(JobOrder.order_id, "orders"), col(JobOrder.state).in_(STANDING))
    .group_by(col(JobOrder.order_id), col(Plan.origin))
)


def _spans(session: Session, order_ids: Sequence[str]) -> dict[str, _Span]:
    """What each of these orders has standing, at its one plant; none for an order that has nothing."""
    found = session.execute(_SPANS, {"orders": order_ids})
    return {
        order_id: _Span(origin + timedelta(minutes=start), origin + timedelta(minutes=end), *counts)
        for order_id, origin, start, end, *counts in found
    }


def _must_still_hold(session: Session, order: Order, span: _Span, now: Now) -> None:
    limit = promised_end(session, order)
    if span.start + timedelta(minutes=1) <= now.business:
        raise PlaceOvertaken("The held start has passed.", order.id)
    if limit is not None and span.end > limit:
        raise PlaceOvertaken("The plan has moved the held place.", order.id)


_FIRM = (
    update(JobOrder)
    .where(among(JobOrder.order_id, "orders"), col(JobOrder.state) == State.HELD)
    .values(state=State.FIRM, hold_until=None, guest=False)
    .returning(col(JobOrder.order_id))
)


def _turn_firm(session: Session, held: Mapping[str, _Span]) -> None:
    asked = session.execute(_FIRM, {"orders": list(held)}, execution_options={"synchronize_session": "fetch"})
    turned = Counter(asked.scalars())
    for order_id, span in held.items():
        if turned[order_id] < span.count:
            raise PlaceOvertaken("The hold ran out a moment ago.", order_id)


def _firm_without_hold(session: Session, order: Order, now: Now) -> None:
    """A quote beyond the guests' limit holds nothing: what it promised is taken now, if it is still there."""
    spec = spec_of(session, order.id)
    if not spec.routing:
        return
    ask = CapacityAsk(order.plant_id, spec, now.business, dates_of(session, order))
    limit = promised_end(session, order)
    if limit is not None and PlanPromiser().promise(session, ask, now).ready_at > limit:
        raise PlaceOvertaken("The place that was free then is taken.", order.id)
    replace_places(session, ask, Taking(order.id, order.plant_id, State.FIRM), now)


def dates_of(session: Session, order: Order) -> Mapping[str, datetime]:
    """Operation code -> when its material is there, as procurement knows it now."""
    return answerers_for(session, order).materials.dates(session, order.id)
