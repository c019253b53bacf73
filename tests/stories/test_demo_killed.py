"""The demo killed at twenty random moments and started again: no order lost, none doubled, audit clean."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import httpx2
from sqlmodel import Session, col, func, select

from cosmo.clock import read_now
from cosmo.db import Database
from cosmo.events import Event
from cosmo.ledger import LedgerEntry
from cosmo.mail import Mail
from cosmo.orders import Address, Order
from cosmo.outbox import Delivery, DeliveryState
from cosmo.parties import Plant
from cosmo.stages import VERBS
from modules.logistics.models import Shipment
from modules.marketing.models import Paper
from tests.browser.houses import ROOT, House
from tests.modules.manufacturing.shop import plan_report

SEEDING, STARTING, WORKING = 3, 4, 12
"""How many moments lie in the seeding, in a later start, and in the running demo; one more ends the first
life that came up."""
PATIENCE = 240.0
STEPS = {verb.event for verb in VERBS.values()} - {"quoted", "lapsed"}
"""What happens to an order once, if at all."""
MUGS = 6


@dataclass(slots=True)
class Demo:
    """One demo after the other in the same house."""

    house: House
    lives: list[Path] = field(default_factory=list)
    popen: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        self.house.home.mkdir(parents=True, exist_ok=True)
        self.lives.append(self.house.home / f"life-{len(self.lives)}.log")
        command = [sys.executable, "-m", "cosmo", "demo", "--small"]
        with self.lives[-1].open("wb") as out:
            self.popen = subprocess.Popen(
                command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT,
                env=self.house.environment(), start_new_session=True,
            )  # fmt: skip

    def end(self, how: int) -> None:
        """The signal to the server and its players alike."""
        assert self.popen is not None
        os.killpg(self.popen.pid, how)
        self.popen.wait(60)

    def until(self, reached: Callable[[], bool]) -> None:
        assert self.popen is not None
        end = time.monotonic() + PATIENCE
        while not reached():
            alive = self.popen.poll() is None and time.monotonic() < end
            assert alive, self.said()
            time.sleep(0.02)

    def ready(self) -> bool:
        try:
            return httpx2.get(f"{self.house.base}/readyz", timeout=2).status_code == 200
        except httpx2.TransportError:
            return False

    def said(self) -> str:
        return "\n".join(log.read_text(errors="replace") for log in self.lives)


@dataclass(slots=True)
class Customer:
    """Orders mugs one after the other; without an answer the same request goes out again with its key."""

    base: str
    key: str
    selections: dict[str, Any]
    told: dict[str, str] = field(default_factory=dict)
    """Name on the parcel -> id of the order, as the first answer said."""
    cut: int = 0
    """Requests that were under way when the server died."""
    wrong: list[str] = field(default_factory=list)
    given_up: bool = False

    def run(self, enough: threading.Event) -> None:
        headers = {"Authorization": f"Bearer {self.key}"}
        with httpx2.Client(base_url=self.base, headers=headers, timeout=60) as http:
            while not enough.is_set():
                name = f"Parcel {len(self.told)}"
                self.told[name] = self._order(http, name)
                if self._order(http, name) != self.told[name]:
                    self.wrong.append(f"{name}: the same request again made another order")

    def _order(self, http: httpx2.Client, name: str) -> str:
        while not self.given_up:
            try:
                answer = http.post("/api/v1/orders", json=self._body(name), headers={"Idempotency-Key": name})
            except httpx2.TransportError as error:  # died before or after it has committed: nobody knows
                self.cut += not isinstance(error, httpx2.ConnectError)
                time.sleep(0.05)
                continue
            if answer.status_code != 201:
                self.wrong.append(f"{name}: {answer.status_code} {answer.text}")
                return ""
            return str(answer.json()["id"])
        return ""

    def _body(self, name: str) -> dict[str, Any]:
        to = {"name": name, "street": "Ring 1", "city": "Hamburg", "postal_code": "20357", "country": "DE"}
        mugs = {"family": "mug", "selections": self.selections, "quantity": MUGS}
        return {**mugs, "ship_to": to, "customer": {"name": name, "email": "ada@example.test"}}


@contextmanager
def ordering(customer: Customer) -> Iterator[None]:
    """Somebody orders as long as this lasts, and until the last order is answered."""
    enough = threading.Event()
    thread = threading.Thread(target=customer.run, args=(enough,))
    thread.start()
    try:
        yield
    except BaseException:
        customer.given_up = True
        raise
    finally:
        enough.set()
        thread.join(PATIENCE)
        customer.given_up = True


def kill_while_seeding(demo: Demo, random: Random) -> None:
    demo.start()
    demo.until((demo.house.home / "seeding.db").exists)
    time.sleep(random.uniform(0.0, 1.5))
    demo.end(signal.SIGKILL)


def kill_while_starting(demo: Demo, random: Random) -> None:
    demo.start()
    time.sleep(random.uniform(0.2, 4.0))
    demo.end(signal.SIGKILL)


def kill_at_work(demo: Demo, random: Random) -> None:
    demo.start()
    demo.until(demo.ready)
    time.sleep(random.uniform(0.0, 2.5))
    demo.end(signal.SIGKILL)


def customer_of(house: House) -> Customer:
    """A customer of the plant, with an API key."""
    accounts = json.loads((house.home / "demo.json").read_text())["accounts"]
    defaults = httpx2.get(f"{house.base}/api/v1/families/mug", timeout=60).json()["defaults"]
    return Customer(house.base, next(a["api_key"] for a in accounts if a["role"] == "customer"), defaults)


def last_position(database: Database) -> int:
    with database.read() as session:
        return session.exec(select(func.max(Event.position))).one() or 0


def work_goes_on(database: Database, since: int) -> bool:
    """Since then an order was begun or finished by an operator, or taken by the carrier."""
    wanted = ("started", "finished", "shipped", "delivered")
    with database.read() as session:
        later = select(Event.position).where(col(Event.position) > since, col(Event.type).in_(wanted))
        return session.exec(later.limit(1)).first() is not None


def twice(found: list[Any]) -> list[Any]:
    return [what for what, count in Counter(found).items() if count > 1]


def doubled(session: Session) -> dict[str, list[Any]]:
    """What there may be once only and is there twice."""
    events = session.exec(select(Event.order_id, Event.type).where(col(Event.type).in_(STEPS)))
    mails = session.exec(select(Mail.order_id, Mail.template, Mail.position))
    entries = session.exec(select(LedgerEntry.order_id, LedgerEntry.kind, LedgerEntry.reference))
    papers = session.exec(select(Paper.order_id, Paper.kind))
    found = {
        "events": twice(list(events)),
        "mails": twice(list(mails)),
        "ledger": twice(list(entries)),
        "papers": twice(list(papers)),
        "shipments": twice(list(session.exec(select(Shipment.order_id)))),
        "parcels": twice(parcels(session)),
    }
    return {what: rows for what, rows in found.items() if rows}


def parcels(session: Session) -> list[str]:
    """The names on the orders of the customer of this story, as placed."""
    query = select(Address.name).join(Order, col(Order.ship_to_id) == col(Address.id))
    return list(session.exec(query.where(col(Address.name).like("Parcel %"), col(Order.number).is_not(None))))


def ids_by_parcel(session: Session) -> dict[str, str]:
    query = select(Address.name, Order.id).join(Order, col(Order.ship_to_id) == col(Address.id))
    return dict(session.exec(query.where(col(Address.name).like("Parcel %"))).all())


def feasible(session: Session) -> bool:
    now = read_now(session)
    return all(plan_report(session, plant, now).feasible for plant in session.exec(select(Plant)))


def audit(home: Path) -> "subprocess.CompletedProcess[str]":
    env = House(home).environment()
    return subprocess.run(
        [sys.executable, "-m", "cosmo", "audit"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
    )


def tampered(home: Path, copy: Path) -> Path:
    """A copy of the house in which somebody has moved an order and sent a mail again, by hand."""
    copy.mkdir()
    shutil.copy(home / "cosmo.db", copy)
    with sqlite3.connect(copy / "cosmo.db") as connection:
        connection.execute(
            "UPDATE cosmo_order SET stage = 'delivered' WHERE number IS NOT NULL AND stage != 'delivered'"
        )
        mail = [*connection.execute("SELECT * FROM cosmo_mail LIMIT 1").fetchone()]
        mail[0] = "again"
        connection.execute(f"INSERT INTO cosmo_mail VALUES ({', '.join('?' * len(mail))})", mail)
    return copy


def test_killed_twenty_times_it_goes_on(tmp_path: Path) -> None:
    random, demo = Random(20), Demo(House(tmp_path / "home"))
    try:
        for _ in range(SEEDING):
            kill_while_seeding(demo, random)
        demo.start()
        demo.until(lambda: demo.ready() and (demo.house.home / "demo.json").exists())
        customer = customer_of(demo.house)
        demo.end(signal.SIGKILL)
        with ordering(customer):
            moments = random.sample(
                [kill_while_starting] * STARTING + [kill_at_work] * WORKING, STARTING + WORKING
            )
            for kill in moments:
                kill(demo, random)
            database = Database(f"sqlite:///{demo.house.home}/cosmo.db")
            before = last_position(database)
            demo.start()
            demo.until(lambda: work_goes_on(database, before))
        demo.end(signal.SIGTERM)
        print(f"{len(demo.lives) - 1} kills, {len(customer.told)} orders, {customer.cut} requests cut off")
        nothing_lost_nothing_doubled(demo, customer, database)
        database.dispose()
    finally:
        if demo.popen is not None and demo.popen.poll() is None:
            demo.end(signal.SIGKILL)
    said = audit(demo.house.home)
    assert (said.returncode, "no difference" in said.stdout) == (0, True), said.stdout + said.stderr
    copy = tampered(demo.house.home, tmp_path / "copy")
    with Database(f"sqlite:///{copy}/cosmo.db").read() as session:
        assert list(doubled(session)) == ["mails"]
    found = audit(copy)
    assert (found.returncode, "stored delivered" in found.stdout) == (1, True), found.stdout + found.stderr


def nothing_lost_nothing_doubled(demo: Demo, customer: Customer, database: Database) -> None:
    assert customer.wrong == []
    assert customer.cut
    with database.read() as session:
        assert ids_by_parcel(session) == customer.told
        assert doubled(session) == {}
        assert session.exec(select(Delivery).where(Delivery.state == DeliveryState.DEAD)).all() == []
        sent = set(session.exec(select(Mail.id).where(Mail.state == "sent")))
        assert sent <= {path.stem for path in (demo.house.home / "mail").glob("*.eml")}
        assert feasible(session)
    assert "Traceback" not in demo.said(), demo.said()
