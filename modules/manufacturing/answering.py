"""The customer's answer to a shortfall in one shade lot, and what is done where none comes in time."""

from collections.abc import Callable
from datetime import timedelta

from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.errors import Conflict
from cosmo.i18n import N_
from cosmo.lifecycle import emit, lock
from cosmo.orders import Order
from cosmo.owing import owed
from cosmo.parties import Plant
from cosmo.promise import spec_of
from cosmo.reconsidering import reconsider
from cosmo.tasks import open_task
from modules.manufacturing.again import Loss, begin_again, end_ahead, scrap_all
from modules.manufacturing.making import Act
from modules.manufacturing.models import Asked, Shortfall
from modules.manufacturing.outlook import latest_question, outlook
from modules.manufacturing.payloads import ShortfallAnswered
from modules.manufacturing.questions import ACTOR, close
from modules.manufacturing.searching import NoCapacity
from modules.manufacturing.shortfall import go_on

ANSWERED = (Asked.SECOND_SHADE, Asked.FEWER, Asked.REMAKE)
OTHER_SHADE = "shade"
"""Reason for which good pieces are scrapped: they are of another shade lot than the rest."""
TRY_AGAIN = timedelta(days=1)
"""When the plan has no room to make an order again, it is tried again so much later."""
NO_ROOM = "shortfall-without-room"
NO_ROOM_SENTENCE = N_("Order {order} is to be made again in one shade lot, but the plan has no room: {error}")


class NothingAsked(Conflict):
    type, title = "nothing-asked", "Nothing is asked"


def answer(
    session: Session, order_id: str, choice: Asked, *, version: int | None, actor: str, now: Now
) -> Shortfall:
    """Go on as the customer chose; the same answer again changes nothing. `version`: what she has read.

    Raises `NothingAsked`, `Conflict` for another answer or newer figures, `NoCapacity`.
    """
    order = lock(session, order_id)
    question = latest_question(session, order_id)
    if question is not None and question.state == choice:
        return question
    _must_be_open(question, version)
    assert question is not None
    _carry_out(session, order, question, choice, choice.value, Act(now.business, actor), now)
    return question


def _must_be_open(question: Shortfall | None, version: int | None) -> None:
    if question is not None and question.state in ANSWERED:
        raise Conflict(N_("This was answered already, and we have gone on."))
    if question is None or question.state != Asked.OPEN:
        raise NothingAsked(N_("Nothing is missing on this order that waits for an answer."))
    if version is not None and version != question.version:
        raise Conflict(N_("More is missing by now. Look at the new figures and choose again."))


def _carry_out(
    session: Session, order: Order, question: Shortfall, choice: Asked, told: str, act: Act, now: Now
) -> None:
    payload = ShortfallAnswered(question=question.id, answer=told)
    emit(session, order.id, payload, now=now, actor=act.account)
    close(session, order, question, choice, act.account, now)
    _WAYS[choice](session, order, question, act, now)


def _loss(question: Shortfall) -> Loss:
    return Loss(question.lot, question.code, question.resource, question.scrap, question.reason)


def _second_shade(session: Session, order: Order, question: Shortfall, act: Act, now: Now) -> None:
    """What is missing by now, in a further shade lot."""
    spec = spec_of(session, order.id)
    missing = question.owed - outlook(session, order, spec).expected
    begin_again(session, order, spec, _loss(question), missing, act, now)


def _fewer(session: Session, order: Order, question: Shortfall, act: Act, now: Now) -> None:
    """What the lots give is enough: it is owed, for less money, once it is there and counted."""
    reconsider(session, order.id, end_ahead(session, order, now), "change", None, now)
    go_on(session, order, _loss(question), act, now)


def _remake(session: Session, order: Order, question: Shortfall, act: Act, now: Now) -> None:
    """Everything there is scrapped or taken off the plan, and all of it begins again in one shade lot."""
    scrapped, spared = scrap_all(session, order)
    loss = Loss(question.lot, question.code, question.resource, scrapped, OTHER_SHADE, spared)
    begin_again(
        session, order, spec_of(session, order.id), loss, owed(session, order.id), act, now
    )


_WAYS: dict[Asked, Callable[[Session, Order, Shortfall, Act, Now], None]] = {
    Asked.SECOND_SHADE: _second_shade,
    Asked.FEWER: _fewer,
    Asked.REMAKE: _remake,
}


def remake_unanswered(session: Session, now: Now) -> bool:
    """The job: the order that has waited longest beyond its time is made again; False if none has.

    One in a transaction: an order is locked before the plan.
    """
    late = (Shortfall.state == Asked.OPEN, col(Shortfall.until) <= now.business)
    query = select(Shortfall.id, Shortfall.order_id).where(*late).order_by(col(Shortfall.until))
    row = session.exec(query.limit(1)).first()
    return row is not None and _remake_one(session, *row, now)


def _remake_one(session: Session, question_id: str, order_id: str, now: Now) -> bool:
    order = lock(session, order_id)
    question = session.get_one(Shortfall, question_id, populate_existing=True)
    if question.state != Asked.OPEN:
        return False
    try:
        with session.begin_nested():
            _carry_out(session, order, question, Asked.REMAKE, "silence", Act(now.business, ACTOR), now)
    except NoCapacity as error:
        question.until = now.business + TRY_AGAIN
        session.add(question)
        _ask_a_person(session, order, error.detail, now)
    return True


def _ask_a_person(session: Session, order: Order, error: str, now: Now) -> None:
    plant = session.get_one(Plant, order.plant_id)
    open_task(
        session, plant.manufacturer_id, NO_ROOM, order.id, NO_ROOM_SENTENCE, now=now, order_id=order.id,
        order=order.number or order.id, error=error,
    )  # fmt: skip
