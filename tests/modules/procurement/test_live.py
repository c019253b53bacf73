"""A quote reaches the supplier's open page within a second, without a reload; also from another process."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import select

from cosmo.clock import set_clock, wall_time
from cosmo.db import Database
from cosmo.identity import open_session
from cosmo.parties import Party, Plant, Role
from cosmo.touches import Touch
from modules.procurement import holding
from tests.factories import MONDAY, NOW, make_account
from tests.modules.procurement import shop
from tests.web.test_streams import serving
from web.visits import COOKIE


@pytest.fixture
def printer(database: Database, plant: Plant) -> Party:
    with database.write() as session:
        set_clock(session, speed=0, business=MONDAY)
        row = shop.supplier(session, plant, capacity_per_week=7000)
        shop.material(session, plant, "DECAL", row, unit="pcs", order_specific=True)
        return session.get_one(Party, row.party_id)


def test_a_quote_shows_on_the_open_page_within_a_second(
    database: Database, plant: Plant, printer: Party, app: FastAPI, browser: Any
) -> None:
    with database.write() as session:
        account = make_account(session, printer, Role.SUPPLIER)
        secret = open_session(session, account_id=account.id, wall=wall_time())
    elsewhere = Database(database.url)  # another process: its commits are seen, not heard
    with serving(app) as address:
        context = browser.new_context()
        context.add_cookies([{"name": COOKIE, "value": secret, "url": address}])
        page = context.new_page()
        page.goto(f"{address}/supplier")
        page.wait_for_selector(".dm-total")
        page.wait_for_timeout(500)
        with elsewhere.write() as session:
            shop.hold(session, plant, shop.spec(DECAL=(4321, True)))
        began = time.monotonic()
        page.locator(".dm-total", has_text="4.3k").wait_for(timeout=3000)
        assert time.monotonic() - began < 1
        context.close()
    elsewhere.dispose()


def test_every_change_of_demand_tells_the_supplier(database: Database, plant: Plant, printer: Party) -> None:
    def touched(work: Callable[..., Any]) -> bool:
        with database.write() as session:
            before = len(session.exec(select(Touch)).all())
            work(session)
            session.flush()
            rows = session.exec(select(Touch)).all()[before:]
            return f"party:{printer.id}" in {row.topic for row in rows}

    made = []
    assert touched(lambda s: made.append(shop.hold(s, plant, shop.spec(DECAL=(5, True)))))
    assert touched(lambda s: shop.go_on(s, made[0]))
    assert touched(lambda s: holding.release(s, made[0].id, NOW))
    assert not touched(lambda s: shop.hold(s, plant, shop.spec(SAND=1)))
