"""Procurement's tests run with procurement installed alone, unless they install more."""

from collections.abc import Callable, Iterator

import pytest
from sqlmodel import Session

from cosmo.db import Database
from cosmo.parties import Plant
from cosmo.registry import Registry
from modules.procurement import module
from tests.modules.procurement.shop import check_books


@pytest.fixture(autouse=True)
def procurement_alone(modules: Callable[..., Registry]) -> Callable[..., Registry]:
    modules(module)
    return modules


@pytest.fixture
def session(database: Database, plant: Plant) -> Iterator[Session]:
    """One write session; the plant is there before it opens."""
    with database.write() as opened:
        yield opened


@pytest.fixture(autouse=True)
def books(request: pytest.FixtureRequest) -> Iterator[None]:
    """After every test that has a database, pegs, stock and movements still agree."""
    if "database" not in request.fixturenames:
        yield
        return
    database: Database = request.getfixturevalue("database")
    yield
    with Session(database.engine) as session:
        check_books(session)
