"""The customer's page comes alive whatever arrives late or fails at first, and says so while it is not."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

import web.streams
from cosmo.db import Database
from cosmo.orders import Order
from cosmo.stages import Stage
from tests.factories import walk
from tests.web.servers import serving

ROOT = Path(__file__).parents[3]
SEEN = 15_000  # ms; a machine that is busy with other tests
LATE = 500  # ms; htmx begins a moment after it was run
STREAM = "**/events?*"
STALE = "#live-order .heard.is-stale"


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


@pytest.mark.parametrize("script", ["htmx.min+hx-sse.min.js", "app.js"])
def test_it_follows_the_order_whichever_script_comes_last(
    page: Any, address: str, engineer: Callable[[], None], script: str
) -> None:
    held: list[Any] = []
    page.route(f"**/{script}", lambda route: held.append(route))
    page.goto(address, wait_until="commit")
    while not held:
        page.wait_for_timeout(50)
    page.wait_for_timeout(LATE)
    assert not page.evaluate("() => 'htmx' in window"), "it never looks at a page that has no listeners yet"
    held[0].continue_()
    engineer()
    until_engineered(page)


def refused(route: Any) -> None:
    route.fulfill(status=503, content_type="text/html", body="<p>Not ready</p>")


def cut(route: Any) -> None:
    route.abort("connectionreset")


@pytest.mark.parametrize("fails", [refused, cut])
def test_a_first_connection_that_fails_is_tried_again(
    page: Any, address: str, engineer: Callable[[], None], fails: Callable[[Any], None]
) -> None:
    page.clock.install()
    page.route(STREAM, fails)
    page.goto(address)
    page.wait_for_selector(STALE, timeout=SEEN)
    assert page.inner_text(STALE).startswith("Last heard")
    assert page.locator('#live-order [data-stage="placed"]').count() == 1, "an error is not a page"
    assert page.inner_text("#problem") == ""
    page.clock.run_for(20_000)
    page.wait_for_timeout(200)
    page.unroute(STREAM)
    engineer()
    page.clock.run_for(20_000)
    until_engineered(page)
    assert page.locator(STALE).count() == 0


def test_there_is_one_connection(page: Any, address: str, app: FastAPI, engineer: Callable[[], None]) -> None:
    page.clock.install()
    page.goto(address)
    engineer()
    until_engineered(page)
    page.clock.run_for(60_000)
    page.wait_for_timeout(500)
    assert app.state.site.hub.watching() == 1


def silent_for_a_minute(page: Any, address: str) -> None:
    """The page with its stream open, and a minute later by its own clock; by now it calls itself stale unless
    something was heard."""
    page.clock.install()
    page.goto(address)
    while not page.evaluate("() => document.querySelector('#live-order')._htmx?.sse?.status"):
        page.wait_for_timeout(50)
    page.clock.run_for(60_000)


def test_a_quiet_stream_is_heard(page: Any, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web.streams, "PING_SECONDS", 0.2)
    silent_for_a_minute(page, address)
    page.wait_for_selector(STALE, state="detached", timeout=SEEN)


def test_a_silent_stream_is_not_called_live(page: Any, address: str) -> None:
    silent_for_a_minute(page, address)
    page.wait_for_selector(STALE, timeout=SEEN)
    page.wait_for_timeout(500)
    assert page.inner_text(STALE).startswith("Last heard")


def test_every_live_page_tries_again() -> None:
    templates = [path for folder in ("web", "modules") for path in (ROOT / folder).rglob("*.html")]
    assert [path.name for path in templates if "hx-sse:connect=" in path.read_text()] == ["ui.html"]
