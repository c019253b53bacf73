"""Timed work: the kernel's and the modules' jobs, each run by one process at a time, on wall time.

A `Job` is one transaction that holds its row's lock, so a process that dies leaves nothing behind. A
`LongJob` has a lease and a thread of its own, so that it keeps no other waiting.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from threading import Event as Flag
from threading import Thread
from typing import Any

from sqlalchemy import ColumnElement, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel, col, func, select

from cosmo.clock import read_now, wall_time
from cosmo.columns import UtcDateTime
from cosmo.db import Database
from cosmo.parties import ModuleSwitch, Party, PartyKind
from cosmo.registry import Job, LongJob, registry

TICK = 0.25
"""Seconds between looks at what is due, at least."""
SELDOM = 2.0
"""Seconds between looks at most, however long nothing is due."""
_log = logging.getLogger(__name__)


class JobRow(SQLModel, table=True):
    """When a job runs next and how its last run ended. Wall times."""

    __tablename__ = "cosmo_job"

    name: str = Field(primary_key=True)
    next_at: datetime = Field(sa_type=UtcDateTime)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Owned:
    """A job and the module that brings it; None is the kernel."""

    module: str | None
    job: Job | LongJob


def module_jobs() -> list[Owned]:
    """Jobs of all installed modules; each must be named after its module."""
    found = [Owned(name, job) for name, parts in registry().parts.items() for job in parts.jobs]
    for owned in found:
        if owned.job.name.partition(".")[0] != owned.module:
            raise ValueError(f"job {owned.job.name!r} must be named after its module {owned.module!r}")
    return found


def prepare(session: Session, jobs: Iterable[Owned]) -> None:
    """A row for each job that has none; due at once. Processes may start together."""
    known = set(session.exec(select(JobRow.name)))
    new = [{"name": o.job.name, "next_at": wall_time()} for o in jobs if o.job.name not in known]
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    insert: Any = sqlite.insert if on_sqlite else postgresql.insert
    if new:
        session.execute(insert(JobRow).values(sorted(new, key=_by_name)).on_conflict_do_nothing())


def _by_name(row: dict[str, Any]) -> str:
    return str(row["name"])


def end_job_leases(session: Session) -> None:
    """For a process that starts alone: leases are those of a process that is gone."""
    session.execute(update(JobRow).values(lease_until=None))


def due_jobs(session: Session, jobs: Iterable[Owned]) -> list[Owned]:
    """Those of `jobs` whose time has come and which nobody is at; a look without a lock."""
    names = set(session.exec(select(JobRow.name).where(*_free(wall_time()))))
    return [owned for owned in jobs if owned.job.name in names and _is_on(session, owned.module)]


def until_due(session: Session, jobs: Iterable[Owned]) -> float:
    """Seconds until the first of `jobs` is due that is not yet; `SELDOM` where all are, and yet cannot run:
    somebody else is at them, or their module is off."""
    names, wall = [owned.job.name for owned in jobs], wall_time()
    ahead = select(func.min(JobRow.next_at)).where(col(JobRow.name).in_(names), col(JobRow.next_at) > wall)
    soonest = session.exec(ahead).one()
    return (soonest - wall).total_seconds() if soonest else SELDOM


def run(database: Database, job: Job | LongJob) -> bool:
    """Run a job unless somebody else is at it or has just been; an error is written down, not raised."""
    try:
        return _run_long(database, job) if isinstance(job, LongJob) else _run_short(database, job)
    except Exception as error:
        _log.exception("the job %s failed", job.name)
        _note(database, job, f"{type(error).__name__}: {error}")
        return True


def _free(wall: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    nobody = or_(col(JobRow.lease_until).is_(None), col(JobRow.lease_until) <= wall)
    return col(JobRow.next_at) <= wall, nobody


def _is_on(session: Session, module: str | None) -> bool:
    """A module that is off for every manufacturer has no jobs."""
    if module is None:
        return True
    off = select(ModuleSwitch.manufacturer_id).where(
        ModuleSwitch.module == module, col(ModuleSwitch.on).is_(False)
    )
    mine = select(Party.id).where(Party.kind == PartyKind.MANUFACTURER, col(Party.id).not_in(off))
    anybody = select(ModuleSwitch.manufacturer_id).limit(1)
    return session.exec(mine.limit(1)).first() is not None or session.exec(anybody).first() is None


def _claim(session: Session, name: str) -> JobRow | None:
    """The job's row, locked; None if another process holds it or has just run it."""
    query = select(JobRow).where(JobRow.name == name, *_free(wall_time()))
    return session.exec(query.with_for_update(skip_locked=True)).one_or_none()


def _run_short(database: Database, job: Job) -> bool:
    def work(session: Session) -> bool:
        row = _claim(session, job.name)
        if row is None:
            return False
        job.run(session, read_now(session))
        _finish(session, row, job, None)
        return True

    return database.retry(work)


def _run_long(database: Database, job: LongJob) -> bool:
    def lease(session: Session) -> bool:
        row = _claim(session, job.name)
        if row is not None:
            row.lease_until = wall_time() + job.lease
            session.add(row)
        return row is not None

    if not database.retry(lease):
        return False
    job.run(database)
    _note(database, job, None)
    return True


def _note(database: Database, job: Job | LongJob, error: str | None) -> None:
    database.retry(lambda session: _finish(session, session.get_one(JobRow, job.name), job, error))


def _finish(session: Session, row: JobRow, job: Job | LongJob, error: str | None) -> None:
    wall = wall_time()
    row.last_at, row.next_at, row.lease_until, row.error = wall, wall + job.every, None, error
    session.add(row)


class JobRunner:
    """Threads that run jobs when they are due: one for all short jobs, one for each long one."""

    def __init__(self, database: Database, jobs: Iterable[Owned], *, tick: float = TICK) -> None:
        self._database, self._jobs, self._tick = database, list(jobs), tick
        self._stopping = Flag()
        self._threads: list[Thread] = []

    def start(self) -> None:
        self._database.retry(lambda session: prepare(session, self._jobs))
        short = [owned for owned in self._jobs if isinstance(owned.job, Job)]
        self._spawn("jobs", short)
        for owned in self._jobs:
            if isinstance(owned.job, LongJob):
                self._spawn(owned.job.name, [owned])

    def stop(self) -> None:
        """Let what runs finish, begin nothing new."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _spawn(self, name: str, jobs: list[Owned]) -> None:
        thread = Thread(target=self._loop(jobs), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _loop(self, jobs: list[Owned]) -> Callable[[], None]:
        def loop() -> None:
            pause = self._tick
            while not self._stopping.wait(pause):
                self._database.precedence.stand_aside()
                try:
                    pause = max(self._tick, self._round(jobs))
                except Exception:  # the database is away for a while: the thread outlives that
                    _log.exception("could not look after the jobs")

        return loop

    def _round(self, jobs: list[Owned]) -> float:
        """Run what is due; seconds until something is due again."""
        with self._database.read() as session:
            now_due = due_jobs(session, jobs)
            pause = 0.0 if now_due else min(until_due(session, jobs), SELDOM)
        for owned in now_due:
            if not self._stopping.is_set():
                run(self._database, owned.job)
        return pause
