"""A process killed at random moments and started again: no order lost, none doubled, the audit clean."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from sqlmodel import func, select

from cosmo.audit import Finding, audit
from cosmo.db import Database
from cosmo.events import Event
from cosmo.ledger import LedgerEntry
from cosmo.mail import Mail
from cosmo.orders import Order
from cosmo.outbox import Delivery, DeliveryState
from cosmo.stages import Stage

KILLS = 5

# What the process does: it places orders as fast as it can, its embedded worker carries them on. Each
# placing also opens the account; three handlers of a module write a ledger entry each, so that an effect
# applied twice would be seen.
PROCESS = """
from decimal import Decimal
from pathlib import Path
from cosmo.ledger import open_accounts, write_entry
from cosmo.orders import Order
from cosmo.process import Runtime
from cosmo.registry import Handler, Module, Parts, Registry, use_registry
from cosmo.settings import read_settings
from cosmo.stages import Stage
from tests.factories import make_customer, make_order, make_plant, walk, NOW

def mark(session, event, now):
    order = session.get_one(Order, event.order_id)
    write_entry(session, order, "mark", Decimal(1), event.type, now)

events = ("placed", "sourced", "delivered")
parts = Parts(handlers=tuple(Handler(f"marks.{event}", event, mark) for event in events))
use_registry(Registry([Module("marks", {"en": "Marks"}, lambda: parts)]))
runtime = Runtime(read_settings())
runtime.start()
with runtime.database.write() as session:
    plant, customer = make_plant(session), make_customer(session)
print("ready", flush=True)
while True:
    with runtime.database.write() as session:
        order = make_order(session, plant, customer=customer, price_amount=Decimal(95))
        order.number = order.id
        walk(session, order.id, Stage.PLACED)
        open_accounts(session, [order], NOW)
    print(order.id, flush=True)
"""


def run_and_kill(home: Path, seconds: float) -> list[str]:
    """Ids of the orders that the process said it had placed before it was killed."""
    env = {**os.environ, "COSMO_HOME": str(home)}
    # slugs are counted per process, so each start gets its own numbers
    script = PROCESS.replace(
        "NOW\n",
        f"NOW\nimport tests.factories as f, itertools; f._numbers = itertools.count({time.monotonic_ns()})\n",
        1,
    )
    process = subprocess.Popen([sys.executable, "-c", script], env=env, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    lines = process.stdout.read().splitlines()
    process.wait()
    return [line for line in lines if len(line) == 26]


def finish(home: Path, database: Database) -> None:
    """Start once more, place nothing, and let everything come to rest."""
    env = {**os.environ, "COSMO_HOME": str(home)}
    script = PROCESS.partition("with runtime.database.write()")[0] + "print('ready', flush=True)\ninput()\n"
    process = subprocess.Popen(
        [sys.executable, "-c", script], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    end = time.monotonic() + 90
    while not _at_rest(database):
        assert time.monotonic() < end, "it did not come to rest"
        time.sleep(0.2)
    process.communicate("\n", timeout=30)


def _at_rest(database: Database) -> bool:
    with database.read() as session:
        open_ones = select(func.count()).where(Delivery.state != DeliveryState.DONE)
        unsent = select(func.count()).where(Mail.state == "queued")
        return session.exec(open_ones).one() == 0 and session.exec(unsent).one() == 0


def test_killed_again_and_again_it_goes_on(tmp_path: Path) -> None:
    random.seed(7)
    said = [order_id for _ in range(KILLS) for order_id in run_and_kill(tmp_path, random.uniform(0.1, 1.0))]
    database = Database(f"sqlite:///{tmp_path}/cosmo.db")
    finish(tmp_path, database)
    assert [str(found) for found in audit(database) if isinstance(found, Finding)] == []
    with database.read() as session:
        orders = session.exec(select(Order)).all()
        assert set(said) <= {order.id for order in orders}, "what was said to be placed is there"
        assert {order.stage for order in orders} == {Stage.CLOSED}
        marks = session.exec(
            select(LedgerEntry.order_id, LedgerEntry.reference).where(LedgerEntry.kind == "mark")
        )
        found = sorted(marks.all())
        assert found == sorted((o.id, what) for o in orders for what in ("placed", "sourced", "delivered"))
        assert session.exec(select(func.count()).where(Event.type == "closed")).one() == len(orders)
        assert session.exec(select(func.count()).select_from(Mail)).one() == len(orders)
    assert len(list((tmp_path / "mail").glob("*.eml"))) == len(orders)
    database.dispose()
