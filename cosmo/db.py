"""One database, two kinds of session: `read()` sees, `write()` locks from its first statement and commits.

SQLite runs in WAL mode with full synchronisation; a writing transaction begins IMMEDIATE, since a deferred
one that turns into a writer loses updates or fails half way. Writers of one process queue before that.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from cosmo.precedence import Precedence
from cosmo.turns import Turns

T = TypeVar("T")
_WRITE = "cosmo_write"
_PATIENCE = 30.0  # seconds a writer waits
_RETRYABLE = {"40001", "40P01"}  # serialization failure, deadlock (PostgreSQL)


class Database:
    """Opens sessions on one URL; `on_commit` callbacks run after each committed write (wake-ups only)."""

    def __init__(self, url: str, *, pool_size: int = 20) -> None:
        self.url = url
        self.engine = _sqlite(url, pool_size) if url.startswith("sqlite") else _postgres(url, pool_size)
        self._writer = self.engine.execution_options(**{_WRITE: True})
        self._turns = Turns(_PATIENCE) if url.startswith("sqlite") else None
        self.on_commit: list[Callable[[], None]] = []
        self.precedence = Precedence()
        self.files: Path | None = None
        """Where attachments lie; each session carries it as `session.info["files"]`."""

    @property
    def dialect(self) -> str:
        return self.engine.dialect.name

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for looking; it never commits."""
        with Session(self.engine, info={"files": self.files}) as session:
            yield session

    @contextmanager
    def write(self, *, roams: bool = False) -> Iterator[Session]:
        """One transaction: committed at the end, rolled back on any error.

        `roams`: it is begun, used and ended by different threads, one after the other.
        """
        info = {"files": self.files}
        with (
            self._turns or nullcontext(),
            Session(self._writer, expire_on_commit=False, info=info) as session,
        ):
            if roams and self._turns is not None:
                self._turns.roam()
            yield session
            session.commit()
        for callback in self.on_commit:
            callback()

    def retry(self, work: Callable[[Session], T], *, attempts: int = 5) -> T:
        """Run `work` in a write session again when PostgreSQL reports a deadlock or a lost race."""
        for attempt in range(1, attempts + 1):
            try:
                with self.write() as session:
                    return work(session)
            except OperationalError as error:
                if attempt == attempts or getattr(error.orig, "sqlstate", None) not in _RETRYABLE:
                    raise
        raise AssertionError("unreachable")

    def dispose(self) -> None:
        self.engine.dispose()


def _postgres(url: str, pool_size: int) -> Engine:
    engine = create_engine(url, pool_size=pool_size, max_overflow=10, pool_pre_ping=True, pool_use_lifo=True)
    engine.dialect.use_insertmanyvalues_wo_returning = True  # many rows in one statement, not one by one
    return engine


def _sqlite(url: str, pool_size: int) -> Engine:
    connect_args = {"timeout": _PATIENCE, "check_same_thread": False}
    engine = create_engine(url, pool_size=pool_size, max_overflow=10, connect_args=connect_args)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get(_WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
