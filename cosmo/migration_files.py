"""Writing migration files from the models; a developer's tool: `cosmo migrate --write MESSAGE OWNER`."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Literal

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import CreateTableOp, UpgradeOps
from sqlalchemy import Connection
from sqlmodel import AutoString, SQLModel

from cosmo import columns
from cosmo.append_only import is_append_only
from cosmo.db import Database
from cosmo.errors import Invalid
from cosmo.migrating import Revisions, context_for, migrate_connection, revisions_of
from cosmo.tables import owners

_TEMPLATE = '''"""{message}.

Made from the models by `cosmo migrate --write`.
"""

import sqlalchemy as sa
from alembic import op
{imports}
revision = {revision!r}
down_revision = {down!r}


def upgrade() -> None:
{body}
'''


def write_revision(owner: str, message: str, *, afresh: bool = False) -> Path | None:
    """A new revision that leads from the owner's newest one to its models; None if they agree already.

    `afresh` replaces all of the owner's revisions by one, for as long as nothing is released.
    """
    revisions = _checked(owner)
    if afresh:
        for path in revisions.files:
            path.unlink()
    body = _difference(revisions)
    if body is None:
        return None
    path = _file_for(revisions, message)
    path.write_text(_source(revisions, message, body), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(path)], check=False)
    return path


def _checked(owner: str) -> Revisions:
    if owner not in owners():
        raise Invalid(f"There is no {owner!r}; there are {', '.join(owners())}.")
    revisions = revisions_of(owner)
    if revisions.folder is None:
        raise Invalid(f"The module {owner!r} names no folder for migrations in its Parts.")
    revisions.folder.mkdir(exist_ok=True)
    return revisions


def _difference(revisions: Revisions) -> str | None:
    """Code for what is missing after all revisions so far, on an empty database of their own."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/empty.db")
        try:
            with database.engine.execution_options(cosmo_write=True).begin() as connection:
                if revisions.files:
                    migrate_connection(connection, revisions)
                return _rendered(connection, revisions)
        finally:
            database.dispose()


def _rendered(connection: Connection, revisions: Revisions) -> str | None:
    context = context_for(connection, revisions)
    operations = produce_migrations(context, SQLModel.metadata).upgrade_ops
    if operations is None or operations.is_empty():
        return None
    code = render_python_code(operations, render_item=_render_type, migration_context=context)
    code = "\n".join(line for line in code.splitlines() if not line.lstrip().startswith("# ###"))
    return code + "".join(_guards(operations))


def _guards(operations: UpgradeOps) -> list[str]:
    made = [step.table_name for step in operations.ops if isinstance(step, CreateTableOp)]
    guarded = [name for name in made if is_append_only(SQLModel.metadata.tables[name])]
    return [f'\n    make_append_only(op.get_bind(), "{name}")' for name in guarded]


def _render_type(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    if kind != "type":
        return False
    if isinstance(item, AutoString):
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    if type(item).__module__ == columns.__name__:
        return f"columns.{type(item).__name__}()"
    return False


def _file_for(revisions: Revisions, message: str) -> Path:
    assert revisions.folder is not None
    slug = re.sub(r"[^a-z0-9]+", "_", message.lower()).strip("_")[:40]
    return revisions.folder / f"{len(revisions.files) + 1:04d}_{slug}.py"


def _source(revisions: Revisions, message: str, body: str) -> str:
    number = len(revisions.files) + 1
    imports = ["from cosmo import columns"] if "columns." in body else []
    if "make_append_only" in body:
        imports.append("from cosmo.append_only import make_append_only")
    return _TEMPLATE.format(
        message=message.rstrip("."),
        imports="".join(f"\n{line}" for line in imports) + "\n" if imports else "",
        revision=f"{revisions.owner}_{number:04d}",
        down=revisions.head(),
        body=body,
    )
