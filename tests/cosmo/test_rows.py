"""Rows written many at a time: what comes back is what was given, and the statement stays the same."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Column, Integer, MetaData, String, Table, cast, select
from sqlalchemy.exc import DataError, StatementError

from cosmo.columns import DecimalText, UtcDateTime
from cosmo.db import Database
from cosmo.rows import insert_rows
from tests.statements import asked

AT = datetime(2026, 6, 8, 6, 0, 30, 125, tzinfo=UTC)
TABLE = Table(
    "rows_written_together",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("name", String),
    Column("told", JSON),
    Column("amount", DecimalText),
    Column("at", UtcDateTime),
    Column("sure", Boolean),
)
ROWS = [
    {
        "name": "plain",
        "told": {"lines": [1, [2, "drei"]], "text": 'a "word", {braced} \\ 100 % :x'},
        "amount": Decimal("10.50"),
        "at": AT,
        "sure": True,
    },
    {"name": "釉, it's", "told": ["a", None, {}], "amount": Decimal("-0.01"), "at": AT, "sure": False},
    {"name": None, "told": None, "amount": None, "at": None, "sure": None},
    {"name": "[]", "told": "[]", "amount": None, "at": None, "sure": None},
    {"name": "odd", "told": {"nul": "a\0b", "half": "\ud800"}, "amount": None, "at": None, "sure": None},
]

ON_POSTGRES = pytest.mark.parametrize("either_database", ["postgres"], indirect=True)
"""SQLite sends row by row, and knows no lengths."""


@pytest.fixture
def database(either_database: Database) -> Iterator[Database]:
    TABLE.metadata.create_all(either_database.engine)
    yield either_database
    TABLE.metadata.drop_all(either_database.engine)


@pytest.mark.parametrize(
    "rows", [ROWS, ROWS[::-1], ROWS[1:2]], ids=["dict first", "list first", "a list alone"]
)
def test_every_row_is_as_it_was_given(database: Database, rows: list[dict[str, Any]]) -> None:
    with database.write() as session:
        told = insert_rows(session, TABLE, rows, "name", "id")
    with database.read() as session:
        stored = [dict(row._mapping) for row in session.execute(select(TABLE).order_by(TABLE.c.id))]
    assert {row["id"]: row["name"] for row in stored} == {id_: name for name, id_ in told}
    assert [{name: value for name, value in row.items() if name != "id"} for row in stored] == rows


def test_without_rows_nothing_is_asked(database: Database) -> None:
    with database.write() as session:
        assert insert_rows(session, TABLE, [], "id") == []
        assert insert_rows(session, TABLE, ROWS) == []


def test_nothing_in_json_is_json_s_own_nothing(database: Database) -> None:
    with database.write() as session:
        insert_rows(session, TABLE, [{"name": "none", "told": None}, {"name": "text", "told": "null"}])
        stored = session.execute(select(TABLE.c.name, cast(TABLE.c.told, String))).all()
    assert dict(map(tuple, stored)) == {"none": "null", "text": '"null"'}


def test_a_day_in_json_is_refused(database: Database) -> None:
    with pytest.raises((TypeError, StatementError)), database.write() as session:
        insert_rows(session, TABLE, [{"told": {"at": AT}}])


@ON_POSTGRES
def test_the_statement_does_not_grow_with_its_rows(database: Database) -> None:
    with asked(database) as statements, database.write() as session:
        insert_rows(session, TABLE, ROWS[:1])
        insert_rows(session, TABLE, ROWS)
    one, many = (text for text in statements if text.startswith("INSERT"))
    assert one == many


@ON_POSTGRES
def test_what_is_too_long_is_refused_and_never_cut(database: Database) -> None:
    long = ROWS[0] | {"amount": Decimal("1" * 41)}
    with pytest.raises(DataError), database.write() as session:
        insert_rows(session, TABLE, [long])


@pytest.mark.parametrize(
    "rows", [[ROWS[0], {"name": "short"}], [ROWS[0], ROWS[1] | {"more": 1}]], ids=["less", "more"]
)
def test_rows_have_the_same_columns(database: Database, rows: list[dict[str, Any]]) -> None:
    with pytest.raises(ValueError, match="the same columns"), database.write() as session:
        insert_rows(session, TABLE, rows)


def test_what_python_would_make_up_is_to_be_given(database: Database) -> None:
    made_up = Table(
        "made_up", MetaData(), Column("id", Integer, primary_key=True), Column("state", String, default="x")
    )
    with pytest.raises(ValueError, match="lack state"), database.write() as session:
        insert_rows(session, made_up, [{"id": 1}])
