"""Timed work: expired holds are freed, overtaken work is planned again, the standing plan is improved."""

from datetime import timedelta

from sqlmodel import Session, select

from cosmo.clock import Now
from cosmo.registry import Job, LongJob
from modules.manufacturing import answering
from modules.manufacturing import plan as plans
from modules.manufacturing.disrupting import look_at_clock
from modules.manufacturing.improving import improve_all
from modules.manufacturing.models import Plan


def free_holds(session: Session, now: Now) -> None:
    """Give back what holds that ran out still occupy."""
    for plant_id in session.exec(select(Plan.plant_id)).all():
        plans.free_expired(session, plant_id, now)


def remake_unanswered(session: Session, now: Now) -> None:
    """Make again what customers were asked about in vain."""
    answering.remake_unanswered(session, now)


JOBS = (
    Job("manufacturing.free_holds", timedelta(seconds=5), free_holds),
    Job("manufacturing.look_at_clock", timedelta(seconds=2), look_at_clock),
    Job("manufacturing.remake_unanswered", timedelta(seconds=2), remake_unanswered),
    LongJob("manufacturing.improve", timedelta(seconds=20), improve_all),
)
