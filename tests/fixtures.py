"""Fixtures every test folder may use: an empty database, a plant in it, a registry with chosen modules.

`database` is SQLite on disk. A test that must hold on PostgreSQL too asks for `either_database`. The tables
are made once for all tests of a process and copied for each of them.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from shutil import copyfile

import pytest
from sqlmodel import Session, SQLModel

import cosmo.tables  # noqa: F401 - every kernel table
from cosmo.db import Database
from cosmo.parties import Plant
from cosmo.registry import Module, Registry, use_registry
from tests.factories import make_plant
from tests.services import database_on

_made: dict[tuple[str, frozenset[str]], str] = {}
"""What is copied: on which database, with which tables -> the file, or the name of the database."""


def _tables() -> frozenset[str]:
    """Those known now: a test file that is read later may bring its own."""
    return frozenset(SQLModel.metadata.tables)


def _make_tables(url: str) -> None:
    made = Database(url)
    SQLModel.metadata.create_all(made.engine)
    if made.dialect == "sqlite":
        with made.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    made.dispose()


@pytest.fixture(scope="session")
def sqlite_with_tables(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], str]:
    """`sqlite_with_tables(path)` lays down a database with every table and answers with its address."""

    def copy(path: Path) -> str:
        key = ("sqlite", _tables())
        if key not in _made:
            _made[key] = str(tmp_path_factory.mktemp("tables") / "cosmo.db")
            _make_tables(f"sqlite:///{_made[key]}")
        return f"sqlite:///{copyfile(_made[key], path)}"

    return copy


@pytest.fixture
def database(sqlite_with_tables: Callable[[Path], str], tmp_path: Path) -> Iterator[Database]:
    """A fresh SQLite database with every table known to the models, and the append-only triggers."""
    opened = Database(sqlite_with_tables(tmp_path / "cosmo.db"))
    yield opened
    opened.dispose()


@pytest.fixture(scope="session")
def postgres_with_tables(postgres_server: str) -> Iterator[Callable[[], str]]:
    """`postgres_with_tables()` names a database on the server that has every table, to be copied."""
    with ExitStack() as stay:

        def name() -> str:
            key = ("postgres", _tables())
            if key not in _made:
                url = stay.enter_context(database_on(postgres_server))
                _make_tables(url)
                _made[key] = url.rpartition("/")[2]
            return _made[key]

        yield name
        _made.clear()


@pytest.fixture
def postgres(postgres_server: str, postgres_with_tables: Callable[[], str]) -> Iterator[Database]:
    """The same on PostgreSQL."""
    with database_on(postgres_server, template=postgres_with_tables()) as url:
        opened = Database(url)
        yield opened
        opened.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def either_database(request: pytest.FixtureRequest) -> Database:
    """The test runs twice: on SQLite and on PostgreSQL."""
    name = "database" if request.param == "sqlite" else "postgres"
    found: Database = request.getfixturevalue(name)
    return found


@pytest.fixture
def session(database: Database, plant: Plant) -> Iterator[Session]:
    """One write session on `database`, opened after `plant` is there; committed when the test ends well."""
    with database.write() as opened:
        yield opened


@pytest.fixture
def plant(database: Database) -> Plant:
    """A manufacturer with one plant, committed."""
    with database.write() as opened:
        return make_plant(opened)


@pytest.fixture
def modules() -> Iterator[Callable[..., Registry]]:
    """`modules(a, b)` makes exactly these modules the installed ones until the test ends."""
    before = use_registry(None)

    def install(*chosen: Module) -> Registry:
        made = Registry(chosen)
        use_registry(made)
        return made

    install()
    yield install
    use_registry(before)
