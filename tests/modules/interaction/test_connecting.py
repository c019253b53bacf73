"""The customer's page comes alive whatever arrives late."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from cosmo.db import Database
from cosmo.orders import Order
from cosmo.stages import Stage
from tests.factories import walk
from tests.web.servers import serving

SEEN = 15_000  # ms; a machine that is busy with other tests
LATE = 500  # ms; htmx begins a moment after it was run


@pytest.fixture
def address(app: FastAPI, order: Order) -> Iterator[str]:
    """Where the order is tracked."""
    with serving(app) as base:
        yield f"{base}/track/{order.tracking_token}"


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """A page of its own, which leaves before its server does."""
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    yield opened
    opened.close()


@pytest.fixture
def engineer(database: Database, order: Order) -> Callable[[], None]:
    """The order's next stage is there."""

    def go_on() -> None:
        with database.write() as session:
            walk(session, order.id, Stage.ENGINEERED)

    return go_on


def until_engineered(page: Any) -> None:
    page.wait_for_selector('#live-order [data-stage="engineered"]', timeout=SEEN)


@pytest.mark.parametrize("script", ["htmx.min.js", "hx-sse.min.js", "app.js"])
def test_it_follows_the_order_whichever_script_comes_last(
    page: Any, address: str, engineer: Callable[[], None], script: str
) -> None:
    held: list[Any] = []
    page.route(f"**/{script}", lambda route: held.append(route))
    page.goto(address, wait_until="commit")
    while not held or (script != "htmx.min.js" and not page.evaluate("() => 'htmx' in window")):
        page.wait_for_timeout(50)
    page.wait_for_timeout(LATE)
    held[0].continue_()
    engineer()
    until_engineered(page)
