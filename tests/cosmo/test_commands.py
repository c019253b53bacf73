"""The kernel's commands, run as a person would."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import select

from cosmo import commands
from cosmo.cli import main
from cosmo.db import Database
from cosmo.errors import Invalid, NotFound
from cosmo.identity import by_keys
from cosmo.migrating import migrate
from cosmo.orders import Order
from cosmo.parties import ApiKey, ModuleSwitch, PartyKind, Role
from cosmo.registry import Module, Parts, Registry
from cosmo.stages import Stage
from tests.factories import make_account, make_order, make_party, make_plant, walk


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("COSMO_")]:
        if not name.startswith("COSMO_TEST_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COSMO_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def migrated(home: Path) -> Database:
    database = Database(f"sqlite:///{home / 'cosmo.db'}")
    migrate(database)
    return database


def test_migrate_says_what_it_did(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.migrate([]) == 0
    assert capsys.readouterr().out.startswith("cosmo: ")
    assert commands.migrate([]) == 0
    assert capsys.readouterr().out == "Nothing to do: the database is up to date.\n"


@pytest.mark.parametrize(
    "command", [["audit"], ["apikey", "create", "a@example.test"], ["modules", "on", "x", "y"]]
)
def test_commands_refuse_a_database_that_is_not_up_to_date(
    home: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command) == 1
    assert "run `cosmo migrate` first" in capsys.readouterr().err


def test_audit_counts_and_fails_on_a_difference(
    migrated: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    with migrated.write() as session:
        order = make_order(session, make_plant(session), number="LU-1")
        walk(session, order.id, Stage.PLACED)
    assert commands.audit([]) == 0
    assert capsys.readouterr().out == "1 orders, 2 events: no difference.\n"
    with migrated.write() as session:
        order = session.get_one(Order, order.id)
        order.stage = Stage.CLOSED
        session.add(order)
    assert commands.audit([]) == 1
    assert "LU-1: stage: stored closed, the events say placed" in capsys.readouterr().out


def test_apikey_creates_and_revokes(migrated: Database, capsys: pytest.CaptureFixture[str]) -> None:
    with migrated.write() as session:
        account = make_account(session, make_party(session, PartyKind.SUPPLIER), Role.SUPPLIER)
    assert commands.apikey(["create", account.email.upper(), "--label", "scanner"]) == 0
    key = capsys.readouterr().out.strip()
    with migrated.read() as session:
        assert by_keys(session, [key])[key].account_id == account.id
        assert session.exec(select(ApiKey.label)).one() == "scanner"
    assert commands.apikey(["revoke", account.email]) == 0
    assert capsys.readouterr().out == "1 keys revoked.\n"
    with migrated.read() as session:
        assert by_keys(session, [key]) == {}
    with pytest.raises(NotFound, match=r"no account with the e-mail nobody@example\.test"):
        commands.apikey(["create", "nobody@example.test"])


@pytest.fixture
def only_rnd(modules: Callable[..., Registry]) -> Registry:
    """One installed module, before anything is migrated for it."""
    return modules(Module("rnd", {"en": "R&D"}, Parts))


def test_modules_are_switched_by_slug_name_or_id(
    only_rnd: Registry, migrated: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    with migrated.write() as session:
        party = make_party(session, PartyKind.MANUFACTURER, "Lu Ceramics")
    for named, action in ((party.slug, "off"), ("Lu Ceramics", "on"), (party.id, "off")):
        assert commands.modules([action, str(named), "rnd"]) == 0
    with migrated.read() as session:
        assert [row.on for row in session.exec(select(ModuleSwitch))] == [False]
    assert "rnd is off for later orders of Lu Ceramics." in capsys.readouterr().out
    with pytest.raises(NotFound, match=party.slug or ""):
        commands.modules(["on", "Nobody", "rnd"])
    with pytest.raises(Invalid, match="no module 'glazing'"):
        commands.modules(["on", party.id, "glazing"])
    assert commands.modules([]) == 0
    assert capsys.readouterr().out == "rnd  R&D\n"


def test_worker_without_a_broker_says_so(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.worker([]) == 2
    assert "`cosmo serve` does the work itself" in capsys.readouterr().err


def test_worker_works_and_stops_when_asked(home: Path, redis_url: str, postgres_url: str) -> None:
    """The real command in a process of its own, with the installed modules switched off."""
    env = os.environ | {
        "COSMO_HOME": str(home),
        "COSMO_BROKER_URL": redis_url,
        "COSMO_DATABASE_URL": postgres_url,
    }
    script = (
        "import sys; from cosmo.registry import Registry, use_registry; from cosmo.commands import worker; "
        "use_registry(Registry([])); sys.exit(worker([]))"
    )
    process = subprocess.Popen([sys.executable, "-c", script], env=env, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "Working. Stop with Ctrl-C.\n"
        database = Database(postgres_url)
        with database.write() as session:
            order_id = make_order(session, make_plant(session)).id
            walk(session, order_id, Stage.PLACED)
        end = time.monotonic() + 20
        while _stage(database, order_id) != Stage.CLOSED:
            assert time.monotonic() < end
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
        database.dispose()
    finally:
        process.kill()


def _stage(database: Database, order_id: str) -> str:
    with database.read() as session:
        return session.get_one(Order, order_id).stage
