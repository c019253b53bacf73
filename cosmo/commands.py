"""The kernel's commands; each takes the arguments after its name and returns the exit status."""

import argparse

from cosmo.db import Database
from cosmo.migrating import check
from cosmo.migrating import migrate as bring_up_to_date
from cosmo.settings import read_settings
from cosmo.tables import owners


def migrate(argv: list[str]) -> int:
    """Bring the database to the newest state, or write migration files from the models."""
    parser = argparse.ArgumentParser(prog="cosmo migrate", description=migrate.__doc__)
    parser.add_argument("--check", action="store_true", help="say where the database and the models differ")
    parser.add_argument("--write", metavar="MESSAGE", help="write a revision for each OWNER that needs one")
    parser.add_argument("--first", action="store_true", help="replace all revisions of each OWNER by one")
    parser.add_argument("owner", nargs="*", help="cosmo or a module's name; all of them by default")
    options = parser.parse_args(argv)
    if options.write or options.first:
        return _write_revisions(options.owner or owners(), options.write or "First tables", options.first)
    database = Database(read_settings().database_url)
    lines = bring_up_to_date(database) or ["Nothing to do: the database is up to date."]
    differences = check(database) if options.check else []
    print("\n".join([*lines, *differences]))
    return 1 if differences else 0


def _write_revisions(names: list[str], message: str, afresh: bool) -> int:
    from cosmo.migration_files import write_revision  # a developer's tool, not needed at run time

    for owner in names:
        path = write_revision(owner, message, afresh=afresh)
        print(f"{owner}: {path.name if path else 'nothing to write'}")
    return 0
