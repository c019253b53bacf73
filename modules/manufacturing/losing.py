"""Pieces lost between or during operations: a board dropped, a crack seen before the kiln."""

from sqlmodel import Session

from cosmo.clock import Now
from cosmo.errors import Invalid
from cosmo.i18n import N_, Sentence
from cosmo.lifecycle import lock
from modules.manufacturing import plan as plans
from modules.manufacturing.making import MAKEABLE, Act, NotRunning, ahead_of, lot_of, neighbour, shrink
from modules.manufacturing.models import JobOrder, State


def lose(session: Session, row: JobOrder, pieces: int, reason: str, act: Act, now: Now) -> JobOrder:
    """Count `pieces` of the lot as lost at this operation, which runs or comes next."""
    order = lock(session, row.order_id)
    session.refresh(row, with_for_update=True)
    if order.stage not in MAKEABLE or row.state not in (State.FIRM, State.RUNNING):
        raise NotRunning(f"This job is {row.state}; nothing of it can be lost now.", job=row.id)
    left = row.pieces - row.scrap
    if not 1 <= pieces <= left:
        said = Sentence(N_("There are {left} pieces; count between 1 and {left}."), left=left)
        raise Invalid(said, job=row.id, pieces=left)
    version = plans.bump(session, row.plant_id)
    row.scrap_reason, row.changed = reason, version
    if row.state == State.RUNNING:
        _lose_running(session, row, pieces, version)
    else:
        _lose_waiting(session, row, pieces, version)
    session.flush()
    return row


def _lose_running(session: Session, row: JobOrder, pieces: int, version: int) -> None:
    """It goes on with the rest; with none left it is over, and so is the lot."""
    row.scrap += pieces
    if row.scrap == row.pieces:
        row.state = State.SCRAPPED
        _end_lot(session, row, version)
    session.add(row)


def _lose_waiting(session: Session, row: JobOrder, pieces: int, version: int) -> None:
    before = neighbour(session, row, -1)
    if before is not None and before.state != State.DONE:
        raise NotRunning(f"The lot is still at {before.name['en']}; count the loss there.", job=row.id)
    lot = lot_of(session, row)
    lot.scrapped += pieces
    left = row.pieces - pieces
    for job in (row, *ahead_of(session, row)):
        shrink(job, left, version)
        session.add(job)
    if not left:
        lot.state = State.SCRAPPED
    session.add(lot)


def _end_lot(session: Session, row: JobOrder, version: int) -> None:
    lot = lot_of(session, row)
    lot.state, lot.scrapped, lot.good_pieces = State.SCRAPPED, lot.scrapped + row.scrap, 0
    for job in ahead_of(session, row):
        shrink(job, 0, version)
        session.add(job)
    session.add(lot)
