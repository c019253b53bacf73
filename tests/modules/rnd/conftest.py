"""Research and development's tests run with it installed alone, with the families of all three plants
loaded.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copyfile

import pytest
from sqlmodel import Session, SQLModel, select

import cosmo.tables  # noqa: F401 - every kernel table
import modules.marketing.models
import modules.procurement.models  # noqa: F401
from cosmo.db import Database
from cosmo.events import Event
from cosmo.outbox import Delivery, DeliveryState
from cosmo.parties import Plant
from cosmo.registry import Registry, registry
from modules.rnd import module
from modules.rnd.releases import load_families
from tests.factories import NOW, make_plant
from tests.modules.rnd.families import FOLDER


@pytest.fixture
def rnd_alone(modules: Callable[..., Registry]) -> Registry:
    return modules(module)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with every table, two plants and their families, made once and copied for each test."""
    path = tmp_path_factory.mktemp("rnd") / "filled.db"
    made = Database(f"sqlite:///{path}")
    SQLModel.metadata.create_all(made.engine)
    with made.write() as session:
        for slug in ("lu-ceramics", "rhein-additive"):
            load_families(session, FOLDER, make_plant(session, slug=slug), NOW.business)
    with made.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    made.dispose()
    return path


@pytest.fixture
def database(filled: Path, tmp_path: Path) -> Iterator[Database]:
    """A copy of `filled`."""
    path = copyfile(filled, tmp_path / "cosmo.db")
    opened = Database(f"sqlite:///{path}")
    yield opened
    opened.dispose()


@pytest.fixture
def lu(rnd_alone: Registry, database: Database) -> Plant:
    """The plant of mugs and tiles, its families released."""
    return _plant(database, "lu-ceramics")


@pytest.fixture
def rhein(rnd_alone: Registry, database: Database) -> Plant:
    """The plant of sintered parts."""
    return _plant(database, "rhein-additive")


def _plant(database: Database, slug: str) -> Plant:
    with database.read() as session:
        return session.exec(select(Plant).where(Plant.slug == slug)).one()


@pytest.fixture
def deliver_all() -> Callable[[Session], int]:
    """Apply every pending delivery, and those that come of it; returns how many there were."""
    return _deliver_all


def _deliver_all(session: Session) -> int:
    count = 0
    while True:
        query = select(Delivery, Event).where(Delivery.position == Event.position)
        pending = [row for row in session.exec(query) if row[0].state == DeliveryState.PENDING]
        if not pending:
            return count
        delivery, event = min(pending, key=lambda row: event_place(row[1]))
        handler = registry().handler(delivery.handler)
        assert handler is not None
        handler.apply(session, event, NOW)
        delivery.state, delivery.done_at = DeliveryState.DONE, NOW.wall
        session.add(delivery)
        session.flush()
        count += 1


def event_place(event: Event) -> int:
    assert event.position is not None
    return event.position
