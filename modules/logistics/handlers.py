"""What is produced is packed at once. There is no undo: what is produced can no longer be cancelled."""

from sqlmodel import Session

from cosmo.clock import Now
from cosmo.events import Event
from cosmo.orders import Order
from cosmo.registry import Handler
from modules.logistics.service import pack


def _pack(session: Session, event: Event, now: Now) -> None:
    order = session.get_one(Order, event.order_id)
    good = event.payload.get("good")
    pieces = order.quantity if good is None else min(good, order.quantity)
    if pieces:
        pack(session, order.id, pieces, event.event_time, now)


HANDLERS = (Handler("logistics.pack", "finished", _pack),)
