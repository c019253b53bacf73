"""What is produced is packed at once, up to what is owed; overrun stays.

There is no undo: what is produced can no longer be cancelled.
"""

from sqlmodel import Session

from cosmo.clock import Now
from cosmo.events import Event
from cosmo.owing import owed
from cosmo.registry import Handler
from modules.logistics.service import pack


def _pack(session: Session, event: Event, now: Now) -> None:
    due = owed(session, event.order_id)
    good = event.payload.get("good")
    pieces = due if good is None else min(good, due)
    if pieces:
        pack(session, event.order_id, pieces, event.event_time, now)


HANDLERS = (Handler("logistics.pack", "finished", _pack),)
