"""Quotes whose time is up lapse, each in its own transaction, and free what they held."""

import logging

from sqlmodel import Session

from cosmo import quoting
from cosmo.clock import read_now
from cosmo.db import Database
from cosmo.i18n import N_
from cosmo.lifecycle import lock
from cosmo.stages import Stage
from cosmo.tasks import open_task

LAPSE_FAILED = "lapse-failed"
SENTENCE = N_("The expired quote {order} could not lapse and still holds its place: {error}")
_log = logging.getLogger(__name__)


def lapse_expired(database: Database) -> None:
    """The job `kernel.lapse`: one quote that cannot lapse becomes a task and keeps no other from lapsing."""
    with database.read() as session:
        expired = quoting.expired(session, read_now(session))
    for order_id in expired:
        _lapse_one(database, order_id)


def _lapse_one(database: Database, order_id: str) -> None:
    try:
        database.retry(lambda session: lapse_if_over(session, order_id))
    except Exception as error:
        _log.exception("quote %s could not lapse", order_id)
        told = f"{type(error).__name__}: {error}"
        database.retry(lambda session: _ask(session, order_id, told))


def lapse_if_over(session: Session, order_id: str) -> None:
    """Lapse a quote unless it was ordered or asked for anew since it was looked at."""
    order, now = lock(session, order_id), read_now(session)
    over = order.quote_expires_at is None or order.quote_expires_at <= now.wall
    if order.stage == Stage.QUOTED and over:
        quoting.lapse(session, order_id, now)


def _ask(session: Session, order_id: str, error: str) -> None:
    order, now = lock(session, order_id), read_now(session)
    open_task(
        session,
        order.manufacturer_id,
        LAPSE_FAILED,
        order_id,
        SENTENCE,
        now=now,
        order_id=order_id,
        order=order_id,
        error=error,
    )
