"""How far this plant's orders have ended from where they were planned to when they were placed."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, and_, col, select

from cosmo.clock import Now
from cosmo.events import Event
from cosmo.orders import Order
from cosmo.payloads import Finished as FinishedPayload
from cosmo.payloads import Placed
from cosmo.ports import CapacityAnswer, Likely
from modules.manufacturing.learning import LATEST, Finished, History

_READ = "manufacturing.lateness"
_shared: WeakKeyDictionary[Any, dict[str, tuple[int | None, History]]] = WeakKeyDictionary()


def with_odds(session: Session, plant_id: str, answer: CapacityAnswer, now: Now) -> CapacityAnswer:
    """The answer with what the plant's past says of it; unchanged until enough orders are finished."""
    lead = _minutes(answer.ready_at - now.business)
    learnt = history_of(session, plant_id).learn(lead)
    if learnt is None:
        return answer
    half, most, buffer = (timedelta(minutes=m) for m in (learnt.half, learnt.most, learnt.buffer))
    likely = Likely(answer.ready_at + half, answer.ready_at + most, buffer, learnt.orders, learnt.kept)
    return replace(answer, likely=likely)


def history_of(session: Session, plant_id: str) -> History:
    """The plant's latest finished orders; a session asks but once, and reads them where one more is
    finished since the process has read them. Not to be changed."""
    read: dict[str, History] = session.info.setdefault(_READ, {})
    if plant_id not in read:
        read[plant_id] = _kept_history(session, plant_id)
    return read[plant_id]


def _kept_history(session: Session, plant_id: str) -> History:
    pool = session.get_bind().engine.pool  # one per database, however many engines look at it
    plants, last = _shared.setdefault(pool, {}), _last(session, plant_id)
    known = plants.get(plant_id)
    if known is None or known[0] != last:
        known = plants[plant_id] = last, History(_finished(session, plant_id))
    return known[1]


def _last(session: Session, plant_id: str) -> int | None:
    """The position of the event that finished the latest order; the log only grows."""
    query = select(Event.position).join(Order, col(Order.id) == col(Event.order_id))
    query = query.where(Order.plant_id == plant_id, Event.type == FinishedPayload.type)
    return session.exec(query.order_by(col(Event.position).desc()).limit(1)).first()


def _finished(session: Session, plant_id: str) -> list[Finished]:
    """In the order in which they were finished; none that this module did not make."""
    placed, told = aliased(Event), col(Order.promise)
    query = (
        select_columns(
            col(Event.event_time), col(Event.payload), col(placed.event_time), col(placed.payload), told
        )
        .join(Order, col(Order.id) == col(Event.order_id))
        .join(placed, and_(placed.order_id == Event.order_id, placed.type == Placed.type))
        .where(col(Order.plant_id) == plant_id, col(Event.type) == FinishedPayload.type)
        .order_by(col(Event.position).desc())
        .limit(LATEST)
    )
    found = [_one(*row) for row in session.execute(query)]
    return [one for one in reversed(found) if one is not None]


def _one(
    ended: datetime, how: dict[str, Any], placed: datetime, first: dict[str, Any], promise: dict[str, Any]
) -> Finished | None:
    if how.get("skipped") or not first.get("ready_at"):
        return None
    planned = datetime.fromisoformat(first["ready_at"])
    return Finished(_minutes(planned - placed), _minutes(ended - planned), _room(planned, first, promise))


def _room(planned: datetime, first: dict[str, Any], promise: dict[str, Any]) -> int | None:
    """Minutes that the promise an order was placed with had after its planned end; None where it does not say
    so, or was moved or changed since."""
    call, day = promise.get("call") or {}, first.get("promised_date")
    if not day or call.get("day") != day:
        return None
    return _minutes(datetime.fromisoformat(call["at"]) - planned)


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)
