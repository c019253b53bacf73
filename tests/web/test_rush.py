"""Many at once: more requests than threads and connections, all of them answered, none of them stuck."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator

import httpx2
import pytest
from sqlmodel import func, select

from cosmo.db import Database
from cosmo.orders import Order
from cosmo.registry import Registry
from cosmo.settings import read_settings
from tests import loops
from tests.factories import make_plant, make_standard_product
from tests.web.servers import serving
from web.app import create_app

MANY = 120
WAITING = 60.0
"""Seconds until a client gives up: who waits for a thread that waits for them is never answered."""


@pytest.fixture
def rushed(
    modules: Callable[..., Registry], either_database: Database, tmp_path: object
) -> Iterator[tuple[str, Database]]:
    """A real server over the database, with one product to ask for."""
    modules()
    settings = read_settings({"COSMO_HOME": str(tmp_path), "COSMO_DATABASE_URL": either_database.url})
    with either_database.write() as session:
        make_standard_product(session, make_plant(session))
    with serving(create_app(settings, either_database)) as address:
        yield address, either_database


async def _all_at_once(address: str, jobs: int) -> list[httpx2.Response]:
    limits = httpx2.Limits(max_connections=jobs)
    body = {"family": "cup", "quantity": 1}
    async with httpx2.AsyncClient(base_url=address, limits=limits, timeout=WAITING) as client:
        asked = [client.post("/api/v1/quotes", json=body) for _ in range(jobs)]
        looked = [client.get("/api/v1/orders") for _ in range(jobs)]
        return await asyncio.gather(*asked, *looked)


def test_a_rush_is_answered(rushed: tuple[str, Database]) -> None:
    address, database = rushed
    answers = loops.run(_all_at_once(address, MANY))
    statuses = Counter((a.request.method, a.status_code) for a in answers)
    assert statuses == {("POST", 201): MANY, ("GET", 200): MANY}
    with database.read() as session:
        assert session.exec(select(func.count()).select_from(Order)).one() == MANY
