"""Tables that only grow: the database itself refuses to change or delete their rows."""

from typing import Any, TypeVar

from sqlalchemy import Connection, Table, event
from sqlmodel import SQLModel

M = TypeVar("M", bound=type[SQLModel])
_FLAG = "append_only"


def append_only(model: M) -> M:
    """Class decorator for a table model: UPDATE and DELETE fail in the database, not only by agreement."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    table.info[_FLAG] = True
    event.listen(table, "after_create", _after_create)
    return model


def is_append_only(table: Table) -> bool:
    return bool(table.info.get(_FLAG))


def statements(table: str, dialect: str) -> list[str]:
    """The DDL that makes `table` append-only on `dialect` (sqlite or postgresql)."""
    refusal = f"{table} is append-only"
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    refuse = (
        "CREATE OR REPLACE FUNCTION cosmo_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only'; END $$"
    )
    trigger = (
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION cosmo_refuse()"
    )
    return [refuse, trigger]


def trigger_names(table: str, dialect: str) -> list[str]:
    """The triggers that `statements` makes."""
    if dialect == "sqlite":
        return [f"{table}_no_update", f"{table}_no_delete"]
    return [f"{table}_append_only"]


def make_append_only(connection: Connection, table: str) -> None:
    """Add the triggers; for migrations."""
    for statement in statements(table, connection.dialect.name):
        connection.exec_driver_sql(statement)


def _after_create(table: Table, connection: Connection, **_kw: Any) -> None:
    make_append_only(connection, table.name)
