"""How often a database is asked, for tests of what must not grow with the number of rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from cosmo.db import Database


@contextmanager
def asked(database: Database) -> Iterator[list[str]]:
    """The statements sent meanwhile. One that PostgreSQL is sent again for each row is in it as often."""
    told: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        again = many and isinstance(parameters, list) and database.dialect == "postgresql"
        told.extend([statement] * (len(parameters) if again else 1))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield told
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
