"""Marketing installed alone: prices, papers and insight work without any other module."""

from collections.abc import Callable, Iterator

import pytest
from sqlmodel import Session

from cosmo.clock import set_clock
from cosmo.db import Database
from cosmo.parties import Plant
from cosmo.registry import Registry
from modules.marketing import module
from tests.factories import MONDAY, make_standard_product


@pytest.fixture(autouse=True)
def marketing_alone(modules: Callable[..., Registry]) -> None:
    modules(module)


@pytest.fixture
def session(database: Database, plant: Plant) -> Iterator[Session]:
    """One write session on a Monday morning; the plant sells cups."""
    with database.write() as opened:
        set_clock(opened, speed=0, business=MONDAY)
        make_standard_product(opened, plant, "cup")
        yield opened


@pytest.fixture
def shop(database: Database, plant: Plant) -> Plant:
    """The same, committed, for tests over HTTP."""
    with database.write() as opened:
        set_clock(opened, speed=0, business=MONDAY)
        make_standard_product(opened, plant, "cup")
    return plant
