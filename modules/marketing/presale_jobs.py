"""Timed work of pre-sales: those whose day has passed lapse; pledges of reached ones become orders."""

import logging
from datetime import timedelta

from sqlmodel import Session

from cosmo.clock import read_now
from cosmo.db import Database
from cosmo.registry import LongJob
from modules.marketing import pledging, presales
from modules.marketing.presale_models import PresaleState

_log = logging.getLogger(__name__)


def look_after(database: Database) -> None:
    """Each pre-sale and each pledge in a transaction of its own: one that fails keeps no other waiting."""
    with database.read() as session:
        now = read_now(session)
        over = [row.id for row in presales.running(session) if presales.is_over(session, row, now)]
        waiting = pledging.to_order(session)
    for presale_id in over:
        database.retry(lambda session, one=presale_id: _lapse(session, one))  # type: ignore[misc]
    for pledge_id in waiting:
        _order(database, pledge_id)


def _lapse(session: Session, presale_id: str) -> None:
    presale, now = presales.locked(session, presale_id), read_now(session)
    if presale.state == PresaleState.OPEN and presales.is_over(session, presale, now):
        presales.lapse(session, presale_id, now)


def _order(database: Database, pledge_id: str) -> None:
    try:
        database.retry(lambda session: pledging.order(session, pledge_id, read_now(session)))
    except Exception as error:
        _log.exception("the pledge %s could not become an order", pledge_id)
        told = getattr(error, "detail", "") or f"{type(error).__name__}: {error}"
        database.retry(lambda session: pledging.note_stuck(session, pledge_id, told, read_now(session)))


JOBS = (LongJob("marketing.presales", timedelta(seconds=2), look_after),)
