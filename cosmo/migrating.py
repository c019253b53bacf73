"""Bringing the database up to date: Alembic run from here, one version table and one folder per owner.

The kernel comes first, then every installed module after those it requires, all in one transaction: the
database is wholly at the new state or wholly at the old one. Two processes that start at once take turns.
A module without revisions has its tables made as its models say.
"""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, inspect, text
from sqlmodel import SQLModel

from cosmo.append_only import is_append_only, trigger_names
from cosmo.db import Database
from cosmo.registry import registry
from cosmo.tables import KERNEL, owners, owns, tables_of, unowned

_ADVISORY_LOCK = 0x636F736D6F  # "cosmo"
_log = logging.getLogger(__name__)


class DatabaseIsNewer(Exception):
    """The database was migrated by a newer version; its text says what to do."""


@dataclass(frozen=True, slots=True)
class Revisions:
    """One owner's migration files."""

    owner: str
    folder: Path | None

    @property
    def version_table(self) -> str:
        return f"alembic_version_{self.owner}"

    @property
    def files(self) -> list[Path]:
        return sorted(self.folder.glob("[0-9]*.py")) if self.folder else []

    def script(self) -> ScriptDirectory:
        assert self.folder is not None
        return ScriptDirectory(str(self.folder), version_locations=[str(self.folder)])

    def head(self) -> str | None:
        return self.script().get_current_head() if self.files else None


def revisions_of(owner: str) -> Revisions:
    """Where an owner's migrations are: `cosmo/migrations/` or the folder its module names."""
    if owner == KERNEL:
        return Revisions(owner, Path(__file__).parent / "migrations")
    return Revisions(owner, registry().parts[owner].migrations)


def migrate(database: Database) -> list[str]:
    """Bring every owner to its newest revision; returns what was done, empty if there was nothing to do.

    Raises `DatabaseIsNewer` if the database knows a revision that this code does not.
    """
    everyone = [revisions_of(owner) for owner in owners()]
    with database.engine.connect() as connection:
        if not any(_is_behind(connection, revisions) for revisions in everyone):
            return []
    with database.engine.execution_options(cosmo_write=True).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        return [done for revisions in everyone for done in _bring_up(connection, revisions)]


def behind(database: Database) -> list[str]:
    """The owners that have something to migrate."""
    with database.engine.connect() as connection:
        return [owner for owner in owners() if _is_behind(connection, revisions_of(owner))]


def context_for(connection: Connection, revisions: Revisions, **options: Any) -> MigrationContext:
    """Alembic's view of one owner's part of the database."""

    def mine(name: str | None, kind: str, parents: Any) -> bool:
        return kind != "table" or (name is not None and owns(revisions.owner, name))

    def mine_too(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
        return mine(name, kind, None)

    opts = {
        "version_table": revisions.version_table,
        "include_name": mine,
        "include_object": mine_too,
        "compare_type": True,
        "target_metadata": SQLModel.metadata,
        "render_as_batch": True,
    }
    return MigrationContext.configure(connection, opts=opts | options)


def _current(connection: Connection, revisions: Revisions) -> str | None:
    heads = context_for(connection, revisions).get_current_heads()
    return heads[0] if heads else None


def _is_behind(connection: Connection, revisions: Revisions) -> bool:
    if revisions.files:
        return _current(connection, revisions) != revisions.head()
    present = set(inspect(connection).get_table_names())
    return any(table.name not in present for table in tables_of(revisions.owner))


def _bring_up(connection: Connection, revisions: Revisions) -> list[str]:
    if not _is_behind(connection, revisions):
        return []
    if not revisions.files:
        SQLModel.metadata.create_all(connection, tables=tables_of(revisions.owner))
        return [f"{revisions.owner}: tables made from the models"]
    before, head = _current(connection, revisions), revisions.head()
    migrate_connection(connection, revisions)
    _log.info("migrated %s from %s to %s", revisions.owner, before, head)
    return [f"{revisions.owner}: {before or 'nothing'} -> {head}"]


def migrate_connection(connection: Connection, revisions: Revisions) -> None:
    """One owner to its newest revision, in the caller's transaction."""
    script = revisions.script()

    def steps(revision: Any, _context: MigrationContext) -> Any:
        return script._upgrade_revs("head", revision)

    with EnvironmentContext(Config(), script, fn=steps) as environment:
        environment.configure(connection=connection, version_table=revisions.version_table)
        try:
            environment.run_migrations()
        except CommandError as error:
            raise DatabaseIsNewer(
                f"The database is at a revision of {revisions.owner!r} that this version does not know "
                f"({error}). Start the newer version, or restore the backup made before it."
            ) from error


def check(database: Database) -> list[str]:
    """Where the migrated database and the models differ, one line each; empty if they agree."""
    from alembic.autogenerate import compare_metadata  # slow to load, and not needed to migrate

    found = [f"table {name} belongs to no installed owner" for name in unowned()]
    with database.engine.connect() as connection:
        for owner in owners():
            context = context_for(connection, revisions_of(owner))
            found += [f"{owner}: {difference}" for difference in compare_metadata(context, SQLModel.metadata)]
        found += _missing_triggers(connection)
    return found


def _missing_triggers(connection: Connection) -> list[str]:
    catalogue = {"sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'"}
    names = catalogue.get(connection.dialect.name, "SELECT tgname FROM pg_trigger")
    present = set(connection.execute(text(names)).scalars())
    guarded = [table.name for table in SQLModel.metadata.sorted_tables if is_append_only(table)]
    wanted = [name for table in guarded for name in trigger_names(table, connection.dialect.name)]
    return [f"trigger {name} is missing" for name in wanted if name not in present]
