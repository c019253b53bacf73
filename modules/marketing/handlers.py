"""Papers follow the order: an invoice when it ships, a credit note when money goes back."""

from sqlmodel import Session

from cosmo.clock import Now
from cosmo.events import Event
from cosmo.registry import Handler
from modules.marketing.papers import issue_credit, issue_invoice


def _invoice(session: Session, event: Event, now: Now) -> None:
    issue_invoice(session, event.order_id, event.event_time, now)


def _credit(session: Session, event: Event, now: Now) -> None:
    issue_credit(session, event.order_id, event.event_time, now)


HANDLERS = (
    Handler("marketing.invoice", "shipped", _invoice),
    Handler("marketing.credit", "cancelled", _credit),
    Handler("marketing.credit_changed", "order-changed", _credit),
    Handler("marketing.credit_fewer", "fewer-accepted", _credit),
)
