"""The demonstration: three seeded plants with a past, a server, and simulated people, from one command."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import event
from sqlmodel import Session, select

from cosmo import clock
from cosmo.clock import read_now
from cosmo.db import Database
from cosmo.identity import new_api_key
from cosmo.mail import send_queued
from cosmo.mailers import make_mailer
from cosmo.migrating import migrate
from cosmo.parties import Account, Party, Plant, Role
from cosmo.settings import Settings
from seeds.examples import show_one_of_each
from seeds.files import PLANTS, SEED
from seeds.history import Past, make_past
from seeds.plants import platform_account, seed_plant

PASSWORD = "clay-and-fire"
SPEED = 14_400.0
"""Business seconds a wall second: four hours a second, a day in six."""
A_DAY = {"lu-ceramics": 3.0, "hansa-cabinets": 1.5, "rhein-additive": 1.0}
LATELY = {"lu-ceramics": 4.3, "hansa-cabinets": 1.5, "rhein-additive": 1.0}
AHEAD = {"lu-ceramics": 284, "hansa-cabinets": 12, "rhein-additive": 8}
DAYS = {"lu-ceramics": 15, "hansa-cabinets": 6, "rhein-additive": 8}
BUSY = {"lu-ceramics": 9, "hansa-cabinets": 0, "rhein-additive": 0}
"""Of these, the days in which it orders as many a day as `LATELY`: Lu Ceramics' kilns are loaded by them and
by `AHEAD` to between 70 and 90 % for three weeks (tests/seeds/kilns.py says how that is counted)."""
PLAYERS_COME = timedelta(seconds=6)
"""Wall time the simulated people take to be there."""
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class AccountTold:
    """A login as demo.json has it; `plant` is empty for parties that are not a plant's."""

    role: str
    party: str
    plant: str
    email: str
    password: str
    api_key: str


def is_seeded(database: Database) -> bool:
    with database.read() as session:
        return session.exec(select(Plant.id)).first() is not None


def prepare(url: str, *, small: bool, report: Report) -> None:
    """Seed the database at `url` unless it has a plant. A new SQLite file appears whole or not at all."""
    target = Path(url.removeprefix("sqlite:///"))
    if not url.startswith("sqlite:///") or target.exists():
        _seed_at(url, small=small, report=report)
        return
    part = target.with_name("seeding.db")
    for leftover in target.parent.glob("seeding.db*"):
        leftover.unlink()
    _seed_at(f"sqlite:///{part}", small=small, report=report, durable=False)
    os.replace(part, target)


def _seed_at(url: str, *, small: bool, report: Report, durable: bool = True) -> None:
    database = Database(url)
    if not durable:  # nothing is lost if it has to begin again
        event.listen(database.engine, "connect", _without_waiting)
    try:
        seed(database, small=small, report=report)
        if not durable:
            with database.engine.connect() as connection:
                connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                connection.exec_driver_sql("BEGIN")
    finally:
        database.dispose()


def _without_waiting(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def seed(database: Database, *, small: bool, report: Report, end: datetime | None = None) -> None:
    """Plants, people, products and a past up to `end` (this hour); `small` leaves the past out.

    Does nothing if there is a plant.
    """
    migrate(database)
    if is_seeded(database):
        return
    end = end or datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    start = end - timedelta(days=0 if small else max(DAYS.values()))
    with database.write() as session:
        clock.set_clock(session, speed=0.0, business=start)
    plants = _plants(database, report)
    for plant in plants if not small else ():
        slug, random = plant.slug, Random(f"{SEED}-{plant.slug}")
        past = Past(database, random, DAYS[slug], A_DAY[slug], BUSY[slug], LATELY[slug], AHEAD[slug], report)
        make_past(past, plant, end)
        show_one_of_each(database, plant, random)
    with database.write() as session:
        clock.set_clock(session, speed=0.0, business=end)


def _plants(database: Database, report: Report) -> list[Plant]:
    with database.write() as session:
        now = read_now(session)
        plants = []
        for name in PLANTS:
            plants.append(seed_plant(session, name, PASSWORD, now)[0])
            report(f"{plants[-1].name}: people, machines, materials, products")
        platform_account(session, PASSWORD)
    return plants


def send_mails(settings: Settings) -> None:
    """What was written to customers in the past is sent before the demo begins, not in its first minute."""
    database, mailer = Database(settings.database_url), make_mailer(settings)
    try:
        while send_queued(database, settings, mailer):
            pass
    finally:
        database.dispose()


def write_demo(database: Database, settings: Settings) -> Path:
    """demo.json with everybody's login and a fresh API key; it is the demo's only place for secrets."""
    path = settings.home / "demo.json"
    known = _known_keys(path)
    with database.write() as session:
        told = [_told(session, account, known) for account in session.exec(select(Account)).all()]
    body = {"base_url": settings.base_url, "accounts": [asdict(a) for a in told]}
    part = path.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_text(json.dumps(body, indent=1, ensure_ascii=False), encoding="utf-8")
    os.replace(part, path)
    return path


def _known_keys(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    return {a["email"]: a["api_key"] for a in json.loads(path.read_text(encoding="utf-8"))["accounts"]}


def _told(session: Session, account: Account, known: dict[str, str]) -> AccountTold:
    party = session.get_one(Party, account.party_id)
    plant = session.exec(select(Plant.slug).where(Plant.manufacturer_id == party.id)).first() or ""
    wall = clock.wall_time()
    key = known.get(account.email) or new_api_key(session, account.id, "demo", wall=wall)
    return AccountTold(account.role, party.name, plant, account.email, PASSWORD, key)


def demo_settings(settings: Settings) -> Settings:
    """The settings of a demo: simulated time at the demo's speed unless another is asked for."""
    speed = settings.clock if settings.clock != "real" else str(SPEED)
    return replace(settings, demo=True, clock=speed)


def start_clock(database: Database, speed: float) -> None:
    """Let time run once the server is up, from where it stood; slowly until the players have come."""
    with database.write() as session:
        row = session.get(clock.ClockRow, 1)
        if row is not None and row.simulated and row.speed == 0.0:
            clock.set_clock(session, speed=speed)
        clock.ease(session, PLAYERS_COME)


def start_simulator(path: Path, *, verbose: bool = False) -> "subprocess.Popen[bytes]":
    """The players, in a process of their own; they stop when this process does."""
    command = [sys.executable, "-m", "cosmo", "simulate", "--demo", str(path), "--parent", str(os.getpid())]
    if verbose:
        command.append("--verbose")
    return subprocess.Popen(command)


def logins(path: Path) -> list[str]:
    """The lines to print: one login a role, Lu Ceramics' first."""
    told = json.loads(path.read_text(encoding="utf-8"))
    first: dict[str, dict[str, str]] = {}
    for account in told["accounts"]:
        first.setdefault(account["role"], account)
    roles = [role.value for role in Role if role is not Role.GUEST]
    return [f"  {role:<9} {first[role]['email']:<30} {PASSWORD}" for role in roles if role in first]
