"""Many new rows in one statement whose text does not grow with them.

PostgreSQL gets a list per column and unfolds them itself, so that the statement is read and planned once and
for all; what a row in a long list of values costs, it costs on both sides.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, Insert, Table, bindparam, column, func, insert, select
from sqlmodel import Session

Row = Mapping[str, Any]


def insert_rows(session: Session, table: Table, rows: Sequence[Row], *returning: str) -> list[Any]:
    """Insert `rows`, all with the same columns, and give these columns of what was stored, in any order."""
    if not rows:
        return []
    names, unfolds = tuple(rows[0]), session.get_bind().dialect.name == "postgresql"
    statement = _statement(table, names if unfolds else None, returning)
    lists = {_list(name): [row[name] for row in rows] for name in names}
    result = session.connection().execute(statement, lists if unfolds else rows)
    return list(result) if returning else []


@lru_cache(maxsize=100)
def _statement(table: Table, unfolded: tuple[str, ...] | None, returning: tuple[str, ...]) -> Any:
    statement = insert(table) if unfolded is None else _unfolding(table, unfolded)
    return statement.returning(*(table.c[name] for name in returning)) if returning else statement


def _unfolding(table: Table, names: Sequence[str]) -> Insert:
    lists = (bindparam(_list(name), type_=ARRAY(table.c[name].type)) for name in names)
    unfolded = func.unnest(*lists).table_valued(*(column(name, table.c[name].type) for name in names))
    return insert(table).from_select(list(names), select(unfolded.render_derived()), include_defaults=False)


def _list(name: str) -> str:
    return f"{name}_list"
