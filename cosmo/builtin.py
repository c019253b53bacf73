"""What the kernel itself answers and does on time; on for every manufacturer, beside the modules."""

from datetime import timedelta

from sqlalchemy import delete
from sqlmodel import Session, col

from cosmo import clock, idempotency, lifecycle, mail, touches
from cosmo.clock import Now
from cosmo.db import Database
from cosmo.jobs import Owned
from cosmo.lapsing import lapse_expired
from cosmo.mailers import make_mailer
from cosmo.parties import LoginSession
from cosmo.registry import Handler, Job, LongJob
from cosmo.settings import Settings

HANDLERS: tuple[Handler, ...] = (
    # queued by the lifecycle itself where the next verb's owner is off, so it names no event
    Handler(lifecycle.PASS_ON, "", lifecycle.pass_on),
    *mail.HANDLERS,
)


def kernel_jobs(settings: Settings) -> list[Owned]:
    """The kernel's timed work in a process with these settings."""
    mailer = make_mailer(settings)

    def send_mails(database: Database) -> None:
        mail.send_queued(database, settings, mailer)

    jobs: list[Job | LongJob] = [
        Job("kernel.clock", timedelta(seconds=5), lambda session, _now: clock.keep_awake(session)),
        LongJob("kernel.lapse", timedelta(seconds=5), lapse_expired),
        LongJob("kernel.mail", timedelta(seconds=1), send_mails),
        Job("kernel.prune", timedelta(minutes=10), prune),
    ]
    return [Owned(None, job) for job in jobs]


def prune(session: Session, now: Now) -> None:
    """Forget what has run out: sessions, kept answers, touches."""
    session.execute(delete(LoginSession).where(col(LoginSession.expires_at) <= now.wall))
    idempotency.prune(session, now)
    touches.prune(session, now)
