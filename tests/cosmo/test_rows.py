"""Rows written many at a time: what comes back is what was given, and the statement stays the same."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import JSON, Column, Integer, MetaData, String, Table, select

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
)
ROWS = [
    {
        "name": "plain",
        "told": {"lines": [1, [2, "drei"]], "text": 'a "word", {braced} \\ 100 % :x'},
        "amount": Decimal("10.50"),
        "at": AT,
    },
    {"name": "釉, it's", "told": ["a", None, {}], "amount": Decimal("-0.01"), "at": AT},
    {"name": None, "told": [], "amount": None, "at": None},
]


@pytest.fixture
def database(either_database: Database) -> Iterator[Database]:
    TABLE.metadata.create_all(either_database.engine)
    yield either_database
    TABLE.metadata.drop_all(either_database.engine)


def test_every_row_is_as_it_was_given(database: Database) -> None:
    with database.write() as session:
        told = insert_rows(session, TABLE, ROWS, "name", "id")
    with database.read() as session:
        stored = [dict(row._mapping) for row in session.execute(select(TABLE).order_by(TABLE.c.id))]
    assert {row["id"]: row["name"] for row in stored} == {id_: name for name, id_ in told}
    assert [{name: value for name, value in row.items() if name != "id"} for row in stored] == ROWS


def test_without_rows_nothing_is_asked(database: Database) -> None:
    with database.write() as session:
        assert insert_rows(session, TABLE, [], "id") == []
        assert insert_rows(session, TABLE, ROWS) == []


def test_the_statement_does_not_grow_with_its_rows(database: Database) -> None:
    with asked(database) as statements, database.write() as session:
        insert_rows(session, TABLE, ROWS[:1])
        insert_rows(session, TABLE, ROWS)
    one, many = (text for text in statements if text.startswith("INSERT"))
    assert one == many
