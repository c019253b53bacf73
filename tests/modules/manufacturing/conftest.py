"""A plant with work centres, and only this module installed."""

from collections.abc import Callable

import pytest

from cosmo.db import Database
from cosmo.parties import Plant
from cosmo.registry import Registry
from modules.manufacturing import module
from tests.factories import make_plant
from tests.modules.manufacturing.mugs import build


@pytest.fixture(autouse=True)
def only_manufacturing(modules: Callable[..., Registry]) -> Registry:
    return modules(module)


@pytest.fixture
def plant(database: Database) -> Plant:
    """A mug plant, committed."""
    return mug_plant(database)


def mug_plant(database: Database) -> Plant:
    with database.write() as session:
        plant = make_plant(session)
        build(session, plant)
    return plant
