"""The desk places whoever comes at the same time in batches; each gets the answer they would get alone."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import httpx2
import pytest
from sqlmodel import Session, select

from cosmo.clock import Now, read_now
from cosmo.db import Database
from cosmo.identity import new_api_key
from cosmo.orders import Order
from cosmo.parties import Party, PartyKind, Role
from cosmo.ports import PlaceOvertaken
from cosmo.registry import Registry
from cosmo.settings import read_settings
from tests import loops
from tests.factories import make_account, make_party, make_plant, make_standard_product
from tests.web.servers import serving
from web.app import create_app
from web.desk import Desk
from web.door import Door

MANY = 40
ADA = {"name": "Ada", "email": "ada@example.test"}


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many were placed together, batch by batch."""
    sizes, placed = list[int](), Desk._placed

    def counted(self: Desk, wishes: Any) -> Any:
        sizes.append(len(wishes))
        return placed(self, wishes)

    monkeypatch.setattr(Desk, "_placed", counted)
    return sizes


@pytest.fixture
def shop(
    modules: Callable[..., Registry], either_database: Database, tmp_path: object
) -> Iterator[tuple[str, str, Database]]:
    """(address, a customer's key, the database) of a real server with one product."""
    modules()
    settings = read_settings({"COSMO_HOME": str(tmp_path), "COSMO_DATABASE_URL": either_database.url})
    with either_database.write() as session:
        make_standard_product(session, make_plant(session))
        customer = make_account(session, make_party(session, PartyKind.CUSTOMER), Role.CUSTOMER)
        key = new_api_key(session, customer.id, "test", wall=read_now(session).wall)
    with serving(create_app(settings, either_database)) as address:
        yield address, key, either_database


async def _place(client: httpx2.AsyncClient, quote_id: str, key: str) -> httpx2.Response:
    body = {"quote_id": quote_id, "customer": ADA}
    return await client.post("/api/v1/orders", json=body, headers={"Idempotency-Key": key})


async def _quotes(client: httpx2.AsyncClient, many: int) -> list[str]:
    wish = {"family": "cup", "quantity": 1}
    answers = [await client.post("/api/v1/quotes", json=wish) for _ in range(many)]
    return [answer.json()["id"] for answer in answers]


def _client(address: str, key: str) -> httpx2.AsyncClient:
    limits = httpx2.Limits(max_connections=2 * MANY)
    headers = {"Authorization": f"Bearer {key}"}
    return httpx2.AsyncClient(base_url=address, headers=headers, limits=limits, timeout=60)


def test_many_at_once_are_few_commits(shop: tuple[str, str, Database], batches: list[int]) -> None:
    address, key, database = shop

    async def all_at_once() -> list[httpx2.Response]:
        async with _client(address, key) as client:
            quotes = await _quotes(client, MANY)
            return list(await asyncio.gather(*[_place(client, q, f"k-{q}") for q in quotes]))

    answers = loops.run(all_at_once())
    assert Counter(a.status_code for a in answers) == {201: MANY}
    assert len({a.json()["number"] for a in answers}) == MANY
    assert sum(batches) == MANY
    assert max(batches) > 1, "the control: nobody was placed together with anybody"
    with database.read() as session:
        assert {o.stage for o in session.exec(select(Order))} == {"placed"}


def test_each_gets_their_own_answer(shop: tuple[str, str, Database], batches: list[int]) -> None:
    """Among many that go through: one sent five times at once, a quote nobody has, a key with two bodies."""
    address, key, database = shop

    async def all_at_once() -> list[list[httpx2.Response]]:
        async with _client(address, key) as client:
            first, other, *rest = await _quotes(client, 12)
            asked = [
                asyncio.gather(*[_place(client, first, "same") for _ in range(5)]),
                asyncio.gather(_place(client, "nobodys", "k-none")),
                asyncio.gather(*[_place(client, q, f"k-{q}") for q in rest]),
            ]
            answers = [list(each) for each in await asyncio.gather(*asked)]
            return [*answers, [await _place(client, other, "same")]]

    same, none, rest, reused = loops.run(all_at_once())
    assert {a.status_code for a in same} == {201}
    assert len({a.text for a in same}) == 1, "the same request has one answer"
    assert [a.status_code for a in none] == [404]
    assert {a.status_code for a in rest} == {201}
    assert [(a.status_code, a.json()["type"]) for a in reused] == [(422, "idempotency-key-reused")]
    with database.read() as session:
        assert Counter(o.stage for o in session.exec(select(Order))) == {"placed": 11, "quoted": 1}


def test_what_cannot_be_placed_together_is_placed_alone(
    shop: tuple[str, str, Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, key, _ = shop

    def broken(self: Desk, wishes: Any) -> Any:
        raise RuntimeError("together nothing works")

    monkeypatch.setattr(Desk, "_placed", broken)

    async def all_at_once() -> list[httpx2.Response]:
        async with _client(address, key) as client:
            quotes = await _quotes(client, 5)
            return list(await asyncio.gather(*[_place(client, q, f"k-{q}") for q in quotes]))

    assert [a.status_code for a in loops.run(all_at_once())] == [201] * 5


def test_of_places_that_were_overtaken_half_way_none_is_firm(
    shop: tuple[str, str, Database], batches: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of a batch have one transaction: what was written before the refusal is not kept."""
    address, key, database = shop
    refused: list[str] = []

    def overtaken(session: Session, orders: Sequence[Order], now: Now) -> None:
        make_party(session, PartyKind.CUSTOMER, name="half way")
        session.flush()
        refused.extend(order.id for order in orders)
        raise PlaceOvertaken("gone", orders[0].id)

    async def once() -> httpx2.Response:
        async with _client(address, key) as client:
            (quote_id,) = await _quotes(client, 1)
            return await _place(client, quote_id, "k")

    monkeypatch.setattr("cosmo.together.firm_all", overtaken)
    assert loops.run(once()).status_code == 201, "placed alone"
    assert batches == [len(refused)] == [1]
    with database.read() as session:
        assert "half way" not in set(session.exec(select(Party.name)))


def test_who_is_at_the_door_is_waited_for(
    shop: tuple[str, str, Database], batches: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first of them is not served alone while the others show their keys."""
    address, key, _ = shop
    looked_up, seen, ask, place = list[int](), Door._seen, Door.ask, Desk.place
    at_the_door, at_the_desk, shown = threading.Event(), threading.Event(), list[str]()

    async def show(self: Door, key: str) -> Any:
        shown.append(key)
        if len(shown) == 5:
            at_the_door.set()
        return await ask(self, key)

    async def come(self: Desk, wish: Any) -> Any:
        at_the_desk.set()
        return await place(self, wish)

    def slowly(self: Door, keys: Sequence[str]) -> Any:
        assert at_the_door.wait(30)
        assert not looked_up or at_the_desk.wait(30), "the first comes to the desk before the others"
        looked_up.append(len(keys))
        return seen(self, keys)

    async def all_at_once() -> list[httpx2.Response]:
        async with _client(address, key) as client:
            quotes = await _quotes(client, 5)
            monkeypatch.setattr(Door, "ask", show)
            monkeypatch.setattr(Door, "_seen", slowly)
            monkeypatch.setattr(Desk, "place", come)
            return list(await asyncio.gather(*[_place(client, q, f"k-{q}") for q in quotes]))

    assert {a.status_code for a in loops.run(all_at_once())} == {201}
    assert looked_up == [1, 4]
    assert batches == [5], "nobody was placed before the others came"
