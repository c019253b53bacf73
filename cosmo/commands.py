"""The kernel's commands; each takes the arguments after its name and returns the exit status."""

import argparse
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event as Flag

from sqlalchemy import update
from sqlmodel import Session, col, or_, select

from cosmo.audit import Finding, History
from cosmo.audit import audit as audited
from cosmo.clock import wall_time
from cosmo.db import Database
from cosmo.errors import Conflict, NotFound
from cosmo.identity import new_api_key
from cosmo.logs import begin_logging
from cosmo.migrating import behind, check
from cosmo.migrating import migrate as bring_up_to_date
from cosmo.parties import Account, ApiKey, Party, PartyKind
from cosmo.process import Runtime
from cosmo.registry import registry, switch
from cosmo.settings import read_settings
from cosmo.tables import owners


@contextmanager
def _database() -> Iterator[Database]:
    """The database of the settings; refused while it is not up to date."""
    database = Database(read_settings().database_url)
    try:
        if late := behind(database):
            raise Conflict(f"The database is not up to date ({', '.join(late)}); run `cosmo migrate` first.")
        yield database
    finally:
        database.dispose()


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


def audit(argv: list[str]) -> int:
    """Rebuild every order from its events and compare; exit status 1 if anything differs."""
    argparse.ArgumentParser(prog="cosmo audit", description=audit.__doc__).parse_args(argv)
    orders = events = findings = 0
    with _database() as database:
        for found in audited(database):
            if isinstance(found, History):
                orders, events = orders + 1, events + len(found.events)
            else:
                findings += isinstance(found, Finding)
                print(found)
    result = f"{findings} differences" if findings else "no difference"
    print(f"{orders} orders, {events} events: {result}.")
    return 1 if findings else 0


def apikey(argv: list[str]) -> int:
    """Create an API key for an account, or revoke all of its keys."""
    parser = argparse.ArgumentParser(prog="cosmo apikey", description=apikey.__doc__)
    parser.add_argument("action", choices=("create", "revoke"))
    parser.add_argument("email")
    parser.add_argument("--label", default="command line", help="what the key is for")
    options = parser.parse_args(argv)
    with _database() as database, database.write() as session:
        account = _account(session, options.email)
        if options.action == "create":
            print(new_api_key(session, account.id, options.label, wall=wall_time()))
        else:
            print(f"{_revoke(session, account)} keys revoked.")
    return 0


def _account(session: Session, email: str) -> Account:
    found = session.exec(select(Account).where(Account.email == email.strip().lower())).one_or_none()
    if found is None:
        raise NotFound(f"There is no account with the e-mail {email}.")
    return found


def _revoke(session: Session, account: Account) -> int:
    mine = (col(ApiKey.account_id) == account.id, col(ApiKey.revoked_at).is_(None))
    ids = session.exec(select(ApiKey.id).where(*mine)).all()
    session.execute(update(ApiKey).where(*mine).values(revoked_at=wall_time()))
    return len(ids)


def modules(argv: list[str]) -> int:
    """Switch a module on or off for a manufacturer's later orders; without arguments list the modules."""
    parser = argparse.ArgumentParser(prog="cosmo modules", description=modules.__doc__)
    parser.add_argument("action", nargs="?", choices=("on", "off", "list"), default="list")
    parser.add_argument("manufacturer", nargs="?", help="its slug, name or id")
    parser.add_argument("name", nargs="?", help="the module")
    options = parser.parse_args(argv)
    if options.action == "list":
        print("\n".join(f"{name}  {module.title['en']}" for name, module in registry().modules.items()))
        return 0
    if not (options.manufacturer and options.name):
        parser.error("name a manufacturer and a module")
    with _database() as database, database.write() as session:
        party = _manufacturer(session, options.manufacturer)
        switch(session, party.id, options.name, options.action == "on")
        print(f"{options.name} is {options.action} for later orders of {party.name}.")
    return 0


def _manufacturer(session: Session, named: str) -> Party:
    query = select(Party).where(Party.kind == PartyKind.MANUFACTURER)
    known = session.exec(
        query.where(or_(Party.slug == named, Party.name == named, Party.id == named))
    ).first()
    if known is None:
        slugs = ", ".join(sorted(party.slug or party.id for party in session.exec(query))) or "none yet"
        raise NotFound(f"There is no manufacturer {named!r}; there are {slugs}.")
    return known


def worker(argv: list[str]) -> int:
    """Work on deliveries and timed jobs beside `cosmo serve`, with RabbitMQ or Redis between them."""
    argparse.ArgumentParser(prog="cosmo worker", description=worker.__doc__).parse_args(argv)
    settings = read_settings()
    if settings.broker_url is None:
        print("COSMO_BROKER_URL is not set: `cosmo serve` does the work itself.", file=sys.stderr)
        return 2
    begin_logging()
    stop = Flag()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    runtime = Runtime(settings, works=True)
    runtime.start()
    print("Working. Stop with Ctrl-C.", flush=True)
    stop.wait()
    runtime.stop()
    return 0
