"""What is produced is packed at once, up to what is charged; overrun stays.

There is no undo: what is produced can no longer be cancelled.
"""

from sqlmodel import Session

from cosmo.clock import Now
from cosmo.events import Event
from cosmo.promise import spec_of
from cosmo.registry import Handler
from modules.logistics.service import pack


def _pack(session: Session, event: Event, now: Now) -> None:
    owed = spec_of(session, event.order_id).quantity
    good = event.payload.get("good")
    pieces = owed if good is None else min(good, owed)
    if pieces:
        pack(session, event.order_id, pieces, event.event_time, now)


HANDLERS = (Handler("logistics.pack", "finished", _pack),)
