"""A passport when it is made, a warranty when it is delivered, and the job that closes old orders."""

from datetime import timedelta

from sqlmodel import Session

from cosmo.clock import Now
from cosmo.events import Event
from cosmo.registry import Handler, Job
from modules.service import service


def _passport(session: Session, event: Event, now: Now) -> None:
    service.passport_for(session, event.order_id, event.event_time)


def _warranty(session: Session, event: Event, now: Now) -> None:
    service.begin_warranty(session, event.order_id, event.event_time)


def _close_old(session: Session, now: Now) -> None:
    service.close_old(session, now)


HANDLERS = (
    Handler("service.passport", "finished", _passport),
    Handler("service.warranty", "delivered", _warranty),
)
JOBS = (Job("service.close", timedelta(seconds=5), _close_old),)
