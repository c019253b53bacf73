"""The question to a customer who wants one shade lot and of whose order pieces are missing.

While it is open the order carries a hold that stops no work: two of the three answers need what is begun.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from cosmo.clock import ClockRow, Now
from cosmo.lifecycle import emit
from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.payloads import HeldPayload, Unheld
from cosmo.reconsidering import day_if
from cosmo.spec import Spec
from cosmo.touches import touch
from modules.manufacturing.again import Loss, end_ahead, end_if
from modules.manufacturing.making import SHORTFALL_OPEN, Act
from modules.manufacturing.models import Asked, Shortfall
from modules.manufacturing.outlook import Outlook
from modules.manufacturing.payloads import ShortfallAsked, ShortfallCovered

WORKING_DAYS = 2
"""Days, Monday to Friday, that a customer has to answer before everything is made again."""
WALL_PATIENCE = timedelta(minutes=2)
"""At a fast clock two days are over in no time: a person has so much wall time at least."""
ACTOR = "module:manufacturing"


def open_question(session: Session, order_id: str) -> Shortfall | None:
    """The order's open question."""
    query = select(Shortfall).where(Shortfall.order_id == order_id, Shortfall.state == Asked.OPEN)
    return session.exec(query).one_or_none()


def open_questions(session: Session, plant_id: str) -> list[tuple[Shortfall, Order]]:
    """What a plant's customers are asked, the most urgent first."""
    query = select(Shortfall, Order).where(
        Shortfall.plant_id == plant_id, Shortfall.state == Asked.OPEN, Shortfall.order_id == Order.id
    )
    return list(session.exec(query.order_by(col(Shortfall.until), col(Shortfall.id))))


def ask(session: Session, order: Order, spec: Spec, owed: int, seen: Outlook, loss: Loss, act: Act,
        now: Now) -> None:  # fmt: skip
    """Ask, or ask again if more is missing than when it was asked; otherwise the question stands."""
    missing, question = owed - seen.expected, open_question(session, order.id)
    if question is not None and missing <= question.missing:
        return
    if question is None:
        question = _new(session, order, loss, now)
    else:
        question.version += 1
    question.owed, question.missing, question.pieces = owed, missing, seen.expected
    second = max(end_ahead(session, order, now), end_if(session, order, spec, missing, now, whole=False))
    whole = end_if(session, order, spec, owed, now, whole=True)
    question.second_day = day_if(session, order, second, now)
    question.remake_day = day_if(session, order, whole, now)
    session.add(question)
    session.flush()
    _tell(session, order, question, act, now)


def _new(session: Session, order: Order, loss: Loss, now: Now) -> Shortfall:
    plant, today = session.get_one(Plant, order.plant_id), now.business.date()
    return Shortfall(
        plant_id=order.plant_id, order_id=order.id, owed=0, missing=0, pieces=0, second_day=today,
        remake_day=today, asked_at=now.business, until=_until(session, plant, now), lot=loss.lot,
        code=loss.code, resource=loss.resource, scrap=loss.scrap, reason=loss.reason,
    )  # fmt: skip


def _until(session: Session, plant: Plant, now: Now) -> datetime:
    clock = session.get(ClockRow, 1)
    speed = clock.speed if clock is not None and clock.simulated else 1.0
    later = working_days_later(now.business, WORKING_DAYS, plant.timezone)
    return max(later, now.business + WALL_PATIENCE * speed)


def working_days_later(at: datetime, days: int, timezone: str) -> datetime:
    """The same time of day at the plant, so many days from Monday to Friday later."""
    local = at.astimezone(ZoneInfo(timezone))
    while days:
        local += timedelta(days=1)
        days -= local.weekday() < 5
    return local.astimezone(at.tzinfo)


def _tell(session: Session, order: Order, question: Shortfall, act: Act, now: Now) -> None:
    payload = ShortfallAsked(
        question=question.id, version=question.version, missing=question.missing, owed=question.owed,
        pieces=question.pieces, second_day=question.second_day, remake_day=question.remake_day,
        until=question.until,
    )  # fmt: skip
    emit(session, order.id, payload, now=now, actor=act.account, event_time=act.event_time)
    if question.version == 1:
        emit(session, order.id, HeldPayload(reason=SHORTFALL_OPEN), now=now, actor=ACTOR)
    touch(session, f"plant:{order.plant_id}", now)


def close(session: Session, order: Order, question: Shortfall, state: Asked, by: str, now: Now) -> None:
    """The question is open no more, and the order waits for nobody."""
    question.state, question.answered_at, question.answered_by = state, now.business, by
    session.add(question)
    session.flush()
    emit(session, order.id, Unheld(reason=SHORTFALL_OPEN), now=now, actor=ACTOR)
    touch(session, f"plant:{order.plant_id}", now)


def withdraw_if_covered(session: Session, order: Order, owed: int, seen: Outlook, act: Act, now: Now) -> None:
    """Later counts made up for what was missing: nobody need answer."""
    question = open_question(session, order.id)
    if question is not None and seen.expected >= owed:
        payload = ShortfallCovered(question=question.id)
        emit(session, order.id, payload, now=now, actor=act.account, event_time=act.event_time)
        close(session, order, question, Asked.COVERED, ACTOR, now)


def clear(session: Session, order: Order, now: Now) -> None:
    """The order is cancelled: there is nothing to answer any more."""
    question = open_question(session, order.id)
    if question is not None:
        close(session, order, question, Asked.CLEARED, ACTOR, now)
