"""Two hundred people at two web processes want the last places in the kilns, and no kiln is overbooked."""

import asyncio
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from sqlmodel import select

from cosmo.clock import read_now
from cosmo.db import Database
from cosmo.identity import new_api_key
from cosmo.parties import PartyKind, Plant, Role
from cosmo.registry import registry, switch
from tests import loops
from tests.browser.houses import ROOT, House, MakeHouse, Process, free_port
from tests.factories import make_account, make_party, make_plant, make_standard_product
from tests.modules.manufacturing.mugs import KILN, STEPS, build, mug_spec
from tests.modules.manufacturing.placing import PIECES
from tests.modules.manufacturing.shop import plan_report
from tests.modules.manufacturing.test_concurrency import count, loads, overbooked

MANY, FEW = 200, 60
UNGUARDED = """
import sys
from cosmo import bootstrap
bootstrap.ensure(["serve"])
from cosmo.cli import main
from tests.modules.manufacturing.placing import without_guard
without_guard()
sys.exit(main(["serve"]))
"""
"""`cosmo serve` with the compare-and-set taken out of it."""


@dataclass(slots=True)
class Kilns:
    """A plant whose product needs a kiln and nothing else; `key` is a customer's."""

    database: Database
    plant: Plant
    key: str


@pytest.fixture
def kilns(postgres_url: str, make_house: MakeHouse) -> Iterator[Kilns]:
    make_house(COSMO_DATABASE_URL=postgres_url).run("migrate")
    database = Database(postgres_url)
    with database.write() as session:
        plant, now = make_plant(session), read_now(session)
        build(session, plant, now)
        spec = mug_spec(1, STEPS[4:5]).model_dump(mode="json")
        make_standard_product(session, plant, spec=spec)
        for name in registry().modules:
            switch(session, plant.manufacturer_id, name, name == "manufacturing")
        customer = make_account(session, make_party(session, PartyKind.CUSTOMER), Role.CUSTOMER)
        key = new_api_key(session, customer.id, "test", wall=now.wall)
    yield Kilns(database, plant, key)
    database.dispose()


@pytest.fixture
def webs(postgres_url: str, rabbitmq_url: str, make_house: MakeHouse) -> Iterator[Callable[..., list[str]]]:
    """`webs(guarded)`: the addresses of two web processes. With a broker and no worker they do nothing but
    answer, so nobody repairs a plan behind our back."""
    house = make_house(COSMO_DATABASE_URL=postgres_url, COSMO_BROKER_URL=rabbitmq_url)

    def start(guarded: bool) -> list[str]:
        addresses, running = [], []
        for _ in range(2):
            port = free_port()
            one = house.start("serve", COSMO_PORT=str(port)) if guarded else start_unguarded(house, port)
            addresses.append(f"http://127.0.0.1:{port}")
            running.append(one)
        for process, address in zip(running, addresses, strict=True):
            house.until_ready(process, address)
        return addresses

    yield start
    house.stop()


def start_unguarded(house: House, port: int) -> Process:
    house.home.mkdir(parents=True, exist_ok=True)
    log = house.home / f"unguarded-{port}.log"
    with log.open("wb") as out:
        popen = subprocess.Popen(
            [sys.executable, "-c", UNGUARDED], cwd=ROOT, stdout=out, stderr=subprocess.STDOUT,
            env=house.environment(COSMO_PORT=str(port)),
        )  # fmt: skip
    house.processes.append(Process(popen, log))
    return house.processes[-1]


async def _order(client: httpx2.AsyncClient, name: int) -> tuple[int, int, bool]:
    """(what the quote's answer was, what the order's was, whether the quote held places)"""
    wish = {"family": "cup", "quantity": PIECES}
    quote = await client.post("/api/v1/quotes", json=wish)
    if quote.status_code != 201:
        return quote.status_code, 0, False
    body = {"quote_id": quote.json()["id"], "customer": {"name": "Ada", "email": "ada@example.test"}}
    placed = await client.post("/api/v1/orders", json=body, headers={"Idempotency-Key": f"order-{name}"})
    return quote.status_code, placed.status_code, quote.json()["promise"]["held"]


async def _all_at_once(addresses: list[str], key: str, many: int) -> list[tuple[int, int, bool]]:
    headers, limits = {"Authorization": f"Bearer {key}"}, httpx2.Limits(max_connections=many)
    clients = [
        httpx2.AsyncClient(base_url=address, headers=headers, limits=limits, timeout=300)
        for address in addresses
    ]
    asked: list[Any] = [_order(clients[n % len(clients)], n) for n in range(many)]
    answers = await asyncio.gather(*asked)
    for client in clients:
        await client.aclose()
    return list(answers)


def feasible(kilns: Kilns) -> bool:
    """What the independent verifier says of the plan."""
    with kilns.database.read() as session:
        plant = session.exec(select(Plant).where(Plant.id == kilns.plant.id)).one()
        return plan_report(session, plant, read_now(session)).feasible


def test_two_hundred_at_two_web_processes_never_overbook(
    kilns: Kilns, webs: Callable[..., list[str]]
) -> None:
    addresses, began = webs(guarded=True), time.monotonic()
    answers = loops.run(_all_at_once(addresses, kilns.key, MANY))
    print(f"{MANY} quoted and placed in {time.monotonic() - began:.1f} s")
    assert Counter(answers) == {(201, 201, True): MANY}
    assert count(kilns.database) == MANY
    assert not overbooked(kilns.database)
    assert feasible(kilns)
    per_load = KILN // int(PIECES / 0.95 + 1)
    assert len(loads(kilns.database)) <= -(-MANY // per_load) + 2, "and the kilns are full"


def test_without_the_guard_they_do(kilns: Kilns, webs: Callable[..., list[str]]) -> None:
    """The negative control: the same web processes without the compare-and-set."""
    loops.run(_all_at_once(webs(guarded=False), kilns.key, FEW))
    assert overbooked(kilns.database)
    assert not feasible(kilns)
