"""Migrations: made from the models, complete, safe to start twice, refused when the database is newer."""

import re
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Field, SQLModel, select

import cosmo
from cosmo import tables
from cosmo.append_only import trigger_names
from cosmo.columns import DecimalText, UtcDateTime
from cosmo.db import Database
from cosmo.ledger import write_entry
from cosmo.migrating import DatabaseIsNewer, Revisions, check, migrate
from cosmo.migration_files import write_revision
from cosmo.orders import Order
from cosmo.registry import Module, Parts, Registry
from cosmo.stages import Stage
from cosmo.tables import KERNEL, owners
from tests.factories import NOW, make_order, make_plant, walk


class Thing(SQLModel, table=True):
    """A table of a module that exists only here."""

    __tablename__ = "trial_thing"

    id: int | None = Field(default=None, primary_key=True)
    at: str = Field(index=True, max_length=40)


class Grown(SQLModel, table=True):
    __tablename__ = "trial_grown"

    id: int | None = Field(default=None, primary_key=True)
    when: object = Field(sa_type=UtcDateTime)
    cost: object = Field(sa_type=DecimalText)


@pytest.fixture(autouse=True)
def only_mine() -> Iterator[None]:
    """Other tests' tables would belong to no installed owner here; ours to none there."""
    metadata = SQLModel.metadata
    kept = dict(metadata.tables)
    foreign = [t for name, t in kept.items() if not name.startswith(("cosmo_", "trial_"))]
    for table in foreign:
        metadata.remove(table)
    yield
    for table in foreign:
        metadata._add_table(table.name, table.schema, table)


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any table."""
    postgres = request.param == "postgres"
    url = request.getfixturevalue("postgres_url") if postgres else f"sqlite:///{tmp_path}/empty.db"
    opened = Database(url)
    yield opened
    opened.dispose()


@pytest.fixture
def trial(modules: Callable[..., Registry], tmp_path: Path) -> Path:
    """The module `trial` with an empty folder for its migrations."""
    folder = tmp_path / "trial"
    folder.mkdir()
    modules(Module("trial", {"en": "Trial"}, lambda: Parts(migrations=folder)))
    return folder


def test_every_kernel_table_is_imported() -> None:
    folder = Path(cosmo.__file__).parent
    with_tables = {p.stem for p in folder.glob("*.py") if re.search(r"\btable=True\):", p.read_text())}
    imported = {m.__name__.removeprefix("cosmo.") for m in tables.MODULES_WITH_TABLES}
    assert with_tables == imported


def test_modules_come_after_those_they_require(modules: Callable[..., Registry]) -> None:
    one = Module("alpha", {"en": "A"}, Parts, requires=("omega",))
    modules(one, Module("omega", {"en": "O"}, Parts))
    assert owners() == [KERNEL, "omega", "alpha"]


def test_migrated_and_modelled_are_the_same(empty: Database, trial: Path) -> None:
    write_revision("trial", "First tables")
    done = migrate(empty)
    assert done[0].startswith("cosmo:")
    assert done[1] == "trial: nothing -> trial_0001"
    assert check(empty) == []
    assert migrate(empty) == []


def test_a_difference_is_found(empty: Database, trial: Path) -> None:
    migrate(empty)
    with empty.engine.begin() as connection:
        connection.execute(text("ALTER TABLE trial_thing ADD COLUMN surplus INTEGER"))
    assert any("surplus" in line for line in check(empty))


def test_a_table_of_nobody_is_found(database: Database) -> None:
    assert any("trial_thing belongs to no installed owner" in line for line in check(database))


def test_a_missing_trigger_is_found(empty: Database, trial: Path) -> None:
    migrate(empty)
    drop = {"sqlite": "DROP TRIGGER cosmo_event_no_update"}
    with empty.engine.begin() as connection:
        default = "DROP TRIGGER cosmo_event_append_only ON cosmo_event"
        connection.execute(text(drop.get(empty.dialect, default)))
    assert any(line.startswith("trigger cosmo_event") for line in check(empty))


def test_later_revisions_follow_the_first(tmp_path: Path, trial: Path) -> None:
    grown = SQLModel.metadata.tables["trial_grown"]
    SQLModel.metadata.remove(grown)
    try:
        first = write_revision("trial", "First tables")
    finally:
        SQLModel.metadata._add_table(grown.name, grown.schema, grown)
    second = write_revision("trial", "It grows.")
    assert first is not None
    assert second is not None
    assert [first.name, second.name] == ["0001_first_tables.py", "0002_it_grows.py"]
    assert "columns.UtcDateTime()" in second.read_text()
    assert "columns.DecimalText()" in second.read_text()
    assert write_revision("trial", "nothing") is None
    database = Database(f"sqlite:///{tmp_path}/two.db")
    assert "trial: nothing -> trial_0002" in migrate(database)
    again = write_revision("trial", "First tables", afresh=True)
    assert again is not None
    assert [p.name for p in trial.glob("*.py")] == ["0001_first_tables.py"]
    with pytest.raises(DatabaseIsNewer, match="trial"):
        migrate(database)
    database.dispose()


def test_two_that_start_at_once_take_turns(empty: Database, trial: Path) -> None:
    write_revision("trial", "First tables")
    results: list[list[str]] = []
    others = [Database(str(empty.url)) for _ in range(4)]
    threads = [threading.Thread(target=lambda d=d: results.append(migrate(d))) for d in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(len, results)) == [0, 0, 0, 2]
    for other in others:
        other.dispose()


def test_a_failing_migration_leaves_the_database_as_it_was(empty: Database, trial: Path) -> None:
    path = write_revision("trial", "First tables")
    assert path is not None
    path.write_text(path.read_text() + '    raise RuntimeError("half way")\n')
    with pytest.raises(RuntimeError, match="half way"):
        migrate(empty)
    assert inspect(empty.engine).get_table_names() == []


def test_the_event_log_and_the_ledger_cannot_be_rewritten(empty: Database, trial: Path) -> None:
    migrate(empty)
    with empty.write() as session:
        walk(session, make_order(session, make_plant(session)).id, Stage.PLACED)
    with empty.write() as session:
        order = session.exec(select(Order)).one()
        write_entry(session, order, "charge", Decimal(1), "", NOW)
    attempts = (
        "UPDATE cosmo_event SET actor = 'forger'",
        "DELETE FROM cosmo_event",
        "UPDATE cosmo_ledger SET amount = '0'",
        "DELETE FROM cosmo_ledger",
    )
    for attempt in attempts:
        with pytest.raises(DBAPIError, match="append-only"), empty.engine.begin() as connection:
            connection.execute(text(attempt))


def test_without_the_trigger_it_could(empty: Database, trial: Path) -> None:
    migrate(empty)
    with empty.engine.begin() as connection:
        for table in ("cosmo_event",):
            for name in trigger_names(table, empty.dialect):
                suffix = "" if empty.dialect == "sqlite" else f" ON {table}"
                connection.execute(text(f"DROP TRIGGER {name}{suffix}"))
        connection.execute(text("UPDATE cosmo_event SET actor = 'forger'"))


def test_an_owner_without_files_gets_its_tables(empty: Database, trial: Path) -> None:
    assert Revisions("trial", trial).head() is None
    assert "trial: tables made from the models" in migrate(empty)
    assert "trial_thing" in inspect(empty.engine).get_table_names()
