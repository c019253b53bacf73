"""Events procurement answers, and how each answer is undone when an order is cancelled."""

from sqlmodel import Session

from cosmo.clock import Now
from cosmo.events import Event
from cosmo.registry import Handler
from modules.procurement.holding import release
from modules.procurement.sourcing import source


def _source(session: Session, event: Event, now: Now) -> None:
    source(session, event.order_id, now)


def _release(session: Session, event: Event, now: Now) -> None:
    release(session, event.order_id, now)


HANDLERS = (Handler("procurement.source", "engineered", _source, _release),)
