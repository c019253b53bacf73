"""Many new rows in one statement whose text does not grow with them.

PostgreSQL gets them as one JSON text and unfolds it itself, so that the statement is read and planned once
and for all; what a row in a long list of values costs, it costs on both sides.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    JSON,
    Dialect,
    Insert,
    String,
    Table,
    Text,
    bindparam,
    cast,
    column,
    func,
    insert,
    select,
)
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Session

Row = Mapping[str, Any]
_ROWS = "unfolded"


def insert_rows(session: Session, table: Table, rows: Sequence[Row], *returning: str) -> list[Any]:
    """Insert `rows` and give these columns of what was stored, in any order.

    Raises `ValueError` where rows have different columns, or lack one whose value Python would make up.
    """
    if not rows:
        return []
    if any(row.keys() != rows[0].keys() for row in rows):
        raise ValueError("rows that are written together have the same columns")
    names, unfolds = tuple(rows[0]), session.get_bind().dialect.name == "postgresql"
    writing = _writing(table, names, unfolds, returning)
    given = {_ROWS: writing.text(rows, session.get_bind().dialect)} if unfolds else rows
    result = session.connection().execute(writing.statement, given)
    return list(result) if returning else []


Bind = Callable[[Any, Dialect], Any]


@dataclass(frozen=True, slots=True)
class _Writing:
    """A statement for rows of these columns, and what becomes of the values of some of them."""

    statement: Any
    binds: Mapping[str, Bind]

    def text(self, rows: Sequence[Row], dialect: Dialect) -> str:
        """All rows as one JSON text."""
        bound = [
            {**row, **{name: bind(row[name], dialect) for name, bind in self.binds.items()}} for row in rows
        ]
        return json.dumps(bound, default=_told, ensure_ascii=False)


@lru_cache(maxsize=100)
def _writing(table: Table, names: tuple[str, ...], unfolds: bool, returning: tuple[str, ...]) -> _Writing:
    lacking = [column.name for column in table.c if column.name not in names and column.default is not None]
    if lacking:
        raise ValueError(f"rows of {table.name} lack {', '.join(lacking)}")
    statement = _unfolding(table, names) if unfolds else insert(table)
    if returning:
        statement = statement.returning(*(table.c[name] for name in returning))
    kinds = {name: table.c[name].type for name in names}
    return _Writing(statement, {name: bind for name, kind in kinds.items() if (bind := _bind_of(kind))})


def _bind_of(kind: TypeEngine[Any]) -> Bind | None:
    """What our own kinds of columns, and JSON, make of a value."""
    if _is_json(kind):
        return lambda value, dialect: json.dumps(value)
    if not isinstance(kind, TypeDecorator):
        return None
    given = type(kind).process_bind_param
    return None if given is TypeDecorator.process_bind_param else kind.process_bind_param


def _unfolding(table: Table, names: Sequence[str]) -> Insert:
    columns = [column(name, _unsized(table.c[name].type)) for name in names]
    told = func.json_to_recordset(cast(bindparam(_ROWS, type_=Text()), JSON))
    unfolded = told.table_valued(*columns, name="told").render_derived(with_types=True)
    values = [cast(unfolded.c[n], JSON) if _is_json(table.c[n].type) else unfolded.c[n] for n in names]
    return insert(table).from_select(list(names), select(*values), include_defaults=False)


def _unsized(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """A text without its length: the column refuses one that is too long, a cast would cut it. JSON is one,
    too, so that it is stored as it was written."""
    plain = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
    return String() if isinstance(plain, String) or _is_json(kind) else plain


def _is_json(kind: TypeEngine[Any]) -> bool:
    return isinstance(kind, JSON)


def _told(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{value!r} cannot be written")
