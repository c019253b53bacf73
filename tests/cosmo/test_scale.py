"""The relay's look stays quick however long the history is: its queries use the indexes made for them."""

from sqlalchemy import text
from sqlmodel import select

from cosmo.clock import wall_time
from cosmo.db import Database
from cosmo.delivering import due
from cosmo.outbox import Delivery
from cosmo.stages import Stage
from tests.factories import make_order, make_plant, walk

MANY = 20_000


def _numbers(dialect: str) -> str:
    """SQL for a table `many` with one column `i`."""
    if dialect == "postgresql":
        return f"(SELECT generate_series(1, {MANY}) AS i) AS many"
    counted = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY})"
    return f"({counted} SELECT i FROM n) AS many"


def test_open_deliveries_are_found_without_reading_the_done(either_database: Database) -> None:
    database = either_database
    with database.write() as session:
        order = make_order(session, make_plant(session))
        walk(session, order.id, Stage.PLACED)
        insert = (
            "INSERT INTO cosmo_delivery (id, position, order_id, handler, lane, state, attempts, next_at) "
            "SELECT 'done-' || i, 1, :order, 'one.' || i, 'one', 'done', 0, '2025-01-01' FROM "
        )
        session.execute(text(insert + _numbers(database.dialect)), {"order": order.id})
    if database.dialect == "postgresql":
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE cosmo_delivery"))
    query = str(
        select(Delivery.id)
        .where(due(wall_time()))
        .limit(1)
        .compile(database.engine, compile_kwargs={"literal_binds": True})
    )
    explain = "EXPLAIN QUERY PLAN " if database.dialect == "sqlite" else "EXPLAIN "
    with database.engine.connect() as connection:
        plan = "\n".join(str(row) for row in connection.execute(text(explain + query)))
    assert "ix_cosmo_delivery_open" in plan, plan
    assert "SCAN cosmo_delivery\n" not in plan
    assert "Seq Scan" not in plan
