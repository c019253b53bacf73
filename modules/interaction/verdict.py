"""Whether the date stands: the promised day with a word and a sentence, for every stage of an order."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from cosmo import formats
from cosmo.clock import Now
from cosmo.events import Event
from cosmo.i18n import N_, gettext, say
from cosmo.lifecycle import state_of
from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.payloads import MOVE_REASONS, HeldPayload, OrderChanged, PromiseMoved
from cosmo.stages import OPEN_STAGES, Stage
from modules.interaction.words import day_month, weekday

Verdict = tuple[str, str, str]
"""(state, word, sentence): state is kept, thin or late."""
SETTLED = (Stage.DELIVERED, Stage.CLOSED, Stage.CANCELLED, Stage.LAPSED)
FOR_THE_PLANT = frozenset(("plant",))
"""Holds that are not the customer's to lift."""


def promised(session: Session, order: Order, plant: Plant, locale: str, now: Now) -> dict[str, Any]:
    """The `promise` of `parts/track.html`: the promised day, and once it is there the day it came."""
    came = delivered_at(session, order)
    day = formats.day_of(came, plant.timezone) if came else order.promised_date or now.business.date()
    state, word, text = verdict(session, order, plant, locale, now)
    return {
        "weekday": weekday(day, locale),
        "daymonth": day_month(day, locale),
        "state": state,
        "word": word,
        "text": text,
    }


def verdict(session: Session, order: Order, plant: Plant, locale: str, now: Now) -> Verdict:
    """Where the promise stands now."""
    if order.stage in _ENDS:
        state, word, text = _ENDS[Stage(order.stage)]
        return state, gettext(locale, word), gettext(locale, text)
    if order.stage in (Stage.DELIVERED, Stage.CLOSED):
        return _kept_or_not(session, order, plant, locale)
    if order.held:
        return _waiting(order, plant, locale)
    if overdue(order, plant, now):
        text = N_("The promised day is over and it has not come. We are sorry.")
        return "late", gettext(locale, N_("Overdue.")), gettext(locale, text)
    moved = _last_move(session, order)
    return _moved(order, moved, locale) if moved is not None else _never_moved(order, plant, locale)


_ENDS: dict[Stage, Verdict] = {
    Stage.CANCELLED: ("late", N_("Cancelled."), N_("Nothing more is made.")),
    Stage.LAPSED: ("thin", N_("Expired."), N_("The place is free again; ask for a new date.")),
    Stage.QUOTED: ("thin", N_("Not ordered yet."), N_("This is the day if you order now.")),
    Stage.DRAFT: ("thin", N_("Not ordered yet."), N_("This is a draft.")),
}


def _waiting(order: Order, plant: Plant, locale: str) -> Verdict:
    reason = state_of(order).holds[0]
    word = N_("Waiting.") if reason in FOR_THE_PLANT else N_("Waiting for you.")
    return "thin", gettext(locale, word), say(HeldPayload(reason=reason), locale, plant.timezone)


def overdue(order: Order, plant: Plant, now: Now) -> bool:
    """Whether the promised day is over and the order has not come."""
    is_coming = order.stage in OPEN_STAGES and order.promised_date is not None
    today = formats.day_of(now.business, plant.timezone)
    return is_coming and order.promised_date is not None and order.promised_date < today


def waits_for_customer(order: Order) -> bool:
    """Whether the order is held by something that only the customer can do."""
    return order.held and order.stage not in SETTLED and state_of(order).holds[0] not in FOR_THE_PLANT


def _never_moved(order: Order, plant: Plant, locale: str) -> Verdict:
    word = gettext(locale, N_("On time."))
    if order.placed_at is None:
        return "kept", word, ""
    day = formats.day(formats.day_of(order.placed_at, plant.timezone), locale)
    return "kept", word, gettext(locale, N_("The date promised on {day} has never moved."), day=day)


def _moved(order: Order, moved: Event, locale: str) -> Verdict:
    """Later than first promised is late, whatever moved in between; as promised or earlier is kept."""
    assert order.first_promise is not None
    assert order.promised_date is not None
    first = formats.day(order.first_promise, locale)
    if order.promised_date <= order.first_promise:
        return (
            "kept",
            gettext(locale, N_("On time.")),
            gettext(locale, N_("First promised: {day}."), day=first),
        )
    code = moved.payload.get("reason", "change")
    why = gettext(locale, MOVE_REASONS[code]) if code in MOVE_REASONS else ""
    if moved.type == OrderChanged.type:
        return (
            "thin",
            gettext(locale, N_("Your date moved.")),
            gettext(locale, N_("It was {day}. {why}"), day=first, why=why),
        )
    text = gettext(locale, N_("It was {day}. {why} We are sorry."), day=first, why=why)
    return "late", gettext(locale, N_("Your date moved.")), text


def _kept_or_not(session: Session, order: Order, plant: Plant, locale: str) -> Verdict:
    at = delivered_at(session, order)
    word = gettext(locale, N_("Delivered."))
    if at is None or order.first_promise is None:
        return "kept", word, ""
    day, first = formats.day_of(at, plant.timezone), formats.day(order.first_promise, locale)
    if day < order.first_promise:
        return "kept", word, gettext(locale, N_("It came before the promised day, {day}."), day=first)
    if day == order.first_promise:
        return "kept", word, gettext(locale, N_("It came on the day first promised."))
    late = N_("It came later than first promised, {day}. We are sorry.")
    return "late", word, gettext(locale, late, day=first)


def delivered_at(session: Session, order: Order) -> datetime | None:
    """When it really came; None before."""
    query = select(Event.event_time).where(Event.order_id == order.id, Event.type == "delivered")
    return session.exec(query).first()


def _last_move(session: Session, order: Order) -> Event | None:
    moves = (PromiseMoved.type, OrderChanged.type)
    query = select(Event).where(Event.order_id == order.id, col(Event.type).in_(moves))
    return session.exec(query.order_by(col(Event.seq).desc())).first()
