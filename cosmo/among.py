"""Questions about many names at once whose text does not grow with them.

SQLAlchemy writes every value of `in_` into the statement, and puts it together anew for each count of them;
the database then plans it anew. What is asked here is put together once, prepared once, and gets one list.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ARRAY, JSON, Boolean, Dialect, String, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


class among(FunctionElement[bool]):
    """Whether the text in `column` is in the list given as parameter `name`; of an empty one nothing is."""

    type = Boolean()
    inherit_cache = True
    _is_implicitly_boolean = True
    """Else SQLAlchemy writes `... = 1` for SQLite, which then reads the whole table."""

    def __init__(self, column: Any, name: str) -> None:
        super().__init__(column, bindparam(name, type_=_Names()))


class _Names(TypeDecorator[Collection[str]]):
    """A list of texts: an array on PostgreSQL, JSON on SQLite."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(String()) if dialect.name == "postgresql" else JSON())

    def process_bind_param(self, value: Collection[str] | None, dialect: Dialect) -> list[str]:
        if value is None or isinstance(value, str):
            raise ValueError(f"a list of names is needed, not {value!r}")
        return list(value)


@compiles(among, "postgresql")
def _array(element: among, compiler: SQLCompiler, **told: Any) -> str:
    column, names = element.clauses
    return f"{compiler.process(column, **told)} = ANY ({compiler.process(names, **told)})"


@compiles(among, "sqlite")
def _json(element: among, compiler: SQLCompiler, **told: Any) -> str:
    column, names = element.clauses
    listed = f"SELECT value FROM json_each({compiler.process(names, **told)})"
    return f"{compiler.process(column, **told)} IN ({listed})"
