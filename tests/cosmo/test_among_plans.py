"""SQLite finds what is asked for among many names by an index, however much history there is."""

from typing import Any

import pytest
from sqlalchemy import text

from cosmo import idempotency, identity, lifecycle
from cosmo.db import Database
from modules.manufacturing import promising
from modules.marketing import pricing
from modules.procurement import firming
from tests.statements import asked

STATEMENTS = {
    "orders": (lifecycle._LOCKED, {"orders": ["a", "b"]}),
    "keys of requests": (idempotency._KNOWN, {"scopes": ["a"], "keys": ["b"]}),
    "api keys": (identity._BY_KEY, {"hashes": ["a"]}),
    "places": (promising._SPANS, {"orders": ["a"]}),
    "places turned firm": (promising._FIRM, {"orders": ["a"]}),
    "materials": (firming._MATERIALS, {"orders": ["a"]}),
    "parts": (firming._PARTS, {"orders": ["a"]}),
    "needs turned firm": (firming._FIRM, {"orders": ["a"]}),
    "needs": (firming._NEEDS, {"needs": ["a"]}),
    "terms": (pricing._AGREED, {"maker": "a", "customers": ["b"]}),
}


def _plan(database: Database, statement: Any, values: dict[str, Any]) -> list[str]:
    with database.write() as session:
        with asked(database) as statements:
            session.execute(statement, values, execution_options={"synchronize_session": False})
        (sql,) = [s for s in statements if s.startswith(("SELECT", "UPDATE"))]
        given = ["[]"] * sql.count("?")
        rows = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", tuple(given)).all()
    return [row.detail for row in rows]


@pytest.mark.parametrize("name", STATEMENTS)
def test_no_table_is_read_from_end_to_end(database: Database, name: str) -> None:
    read = [step for step in _plan(database, *STATEMENTS[name]) if step.startswith("SCAN ")]
    assert [step for step in read if not step.startswith("SCAN json_each")] == []


def test_the_control_a_condition_without_an_index_reads_the_table(database: Database) -> None:
    assert any(step.startswith("SCAN ") for step in _plan(database, text("SELECT * FROM cosmo_order"), {}))
