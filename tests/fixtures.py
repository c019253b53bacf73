"""Fixtures every test folder may use: an empty database, a plant in it, a registry with chosen modules.

`database` is SQLite on disk. A test that must hold on PostgreSQL too asks for `either_database`.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlmodel import Session, SQLModel

import cosmo.tables  # noqa: F401 - every kernel table
from cosmo.db import Database
from cosmo.parties import Plant
from cosmo.registry import Module, Registry, use_registry
from tests.factories import make_plant


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A fresh SQLite database with every table known to the models, and the append-only triggers."""
    opened = Database(f"sqlite:///{tmp_path / 'cosmo.db'}")
    SQLModel.metadata.create_all(opened.engine)
    yield opened
    opened.dispose()


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Database]:
    """The same on PostgreSQL."""
    opened = Database(postgres_url)
    SQLModel.metadata.create_all(opened.engine)
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
