"""Many new rows in one statement whose text does not grow with them.

PostgreSQL gets a list per column and unfolds them itself, so that the statement is read and planned once and
for all; what a row in a long list of values costs, it costs on both sides.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    Dialect,
    Insert,
    String,
    Table,
    TypeDecorator,
    bindparam,
    column,
    func,
    insert,
    select,
)
from sqlalchemy.types import TypeEngine
from sqlmodel import Session

Row = Mapping[str, Any]


def insert_rows(session: Session, table: Table, rows: Sequence[Row], *returning: str) -> list[Any]:
    """Insert `rows` and give these columns of what was stored, in any order.

    Raises `ValueError` where rows have different columns, or lack one whose value Python would make up.
    """
    if not rows:
        return []
    if any(row.keys() != rows[0].keys() for row in rows):
        raise ValueError("rows that are written together have the same columns")
    names, unfolds = tuple(rows[0]), session.get_bind().dialect.name == "postgresql"
    statement = _statement(table, names, unfolds, returning)
    lists = {_list(name): [row[name] for row in rows] for name in names}
    result = session.connection().execute(statement, lists if unfolds else rows)
    return list(result) if returning else []


@lru_cache(maxsize=100)
def _statement(table: Table, names: tuple[str, ...], unfolds: bool, returning: tuple[str, ...]) -> Any:
    lacking = [column.name for column in table.c if column.name not in names and column.default is not None]
    if lacking:
        raise ValueError(f"rows of {table.name} lack {', '.join(lacking)}")
    statement = _unfolding(table, names) if unfolds else insert(table)
    return statement.returning(*(table.c[name] for name in returning)) if returning else statement


def _unfolding(table: Table, names: Sequence[str]) -> Insert:
    kinds = {name: table.c[name].type for name in names}
    lists = (bindparam(_list(name), type_=ARRAY(_unsized(kinds[name]), dimensions=1)) for name in names)
    unfolded = func.unnest(*lists).table_valued(*(column(name, kinds[name]) for name in names))
    return insert(table).from_select(list(names), select(unfolded.render_derived()), include_defaults=False)


class _Unsized(TypeDecorator[Any]):
    """A text without its length: the column refuses one that is too long, the list's cast would cut it."""

    impl = String
    cache_ok = True

    def __init__(self, kind: TypeDecorator[Any]) -> None:
        super().__init__()
        self.kind = kind

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        return self.kind.bind_processor(dialect)


def _unsized(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    if isinstance(kind, TypeDecorator) and isinstance(kind.impl_instance, String):
        return _Unsized(kind)
    return String() if isinstance(kind, String) else kind


def _list(name: str) -> str:
    return f"{name}_list"
