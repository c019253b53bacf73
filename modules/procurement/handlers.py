"""Events procurement answers, and how each answer is undone when an order is cancelled."""

from sqlmodel import Session

from cosmo.clock import Now
from cosmo.events import Event
from cosmo.registry import Handler
from modules.procurement.changing import source_rest
from modules.procurement.holding import release
from modules.procurement.sourcing import source, source_again


def _source(session: Session, event: Event, now: Now) -> None:
    source(session, event.order_id, now)


def _release(session: Session, event: Event, now: Now) -> None:
    release(session, event.order_id, now)


def _source_again(session: Session, event: Event, now: Now) -> None:
    """`lot-scrapped` says how many pieces are begun again, and whose material is still there."""
    spared = event.payload.get("spared", {})
    source_again(session, event.order_id, int(event.payload["again"]), now, spared)


def _source_rest(session: Session, event: Event, now: Now) -> None:
    """`proof-approved` (rnd): what a change of the order had to wait for it with."""
    source_rest(session, event.order_id, now)


HANDLERS = (
    Handler("procurement.source", "engineered", _source, _release),
    Handler("procurement.source_again", "lot-scrapped", _source_again, _release),
    Handler("procurement.source_rest", "proof-approved", _source_rest, _release),
)
