"""The countdown in a browser: it counts by the server's clock, speaks rarely, and says when it is over."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi import FastAPI

from tests.modules.interaction.conftest import quoted
from tests.web.test_streams import serving
from tests.web_fixtures import Visitor
from web.visits import COOKIE

pytestmark = pytest.mark.usefixtures("priced")
SEEN = 15_000  # ms; a machine that is busy with other tests


@contextmanager
def quote_page(app: FastAPI, client: Visitor, browser: Any, **clock: str) -> Iterator[Any]:
    """A guest's quote of fifteen minutes, just asked for, on a machine whose clock the test moves; whatever
    the browser complains about fails the test."""
    said: list[str] = []
    quote_id = quoted(client)
    with serving(app) as address:
        context = browser.new_context(viewport={"width": 360, "height": 800})
        context.add_cookies([{"name": COOKIE, "value": client.cookies.get(COOKIE), "url": address}])
        opened = context.new_page()
        opened.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
        opened.on("pageerror", lambda e: said.append(str(e)))
        opened.clock.install(**clock)
        opened.goto(f"{address}/order/{quote_id}")
        opened.wait_for_selector(".left:not(:empty)", timeout=SEEN)
        yield opened
        context.close()
    assert said == []


@pytest.fixture
def page(app: FastAPI, client: Visitor, browser: Any) -> Iterator[Any]:
    with quote_page(app, client, browser) as opened:
        yield opened


def spoken(page: Any) -> str:
    return str(page.inner_text("#live"))


def test_it_counts_down_and_speaks_at_five_minutes_and_at_one(page: Any) -> None:
    left = page.locator(".left")
    assert left.inner_text().startswith(("15:00", "14:"))
    assert left.get_attribute("aria-hidden") == "true", "each second is for eyes only"
    page.clock.fast_forward("09:30")
    assert left.inner_text().startswith("5:"), "still more than five minutes"
    assert spoken(page) == ""
    page.clock.fast_forward("00:40")
    assert spoken(page) == "This quote holds for five more minutes."
    page.evaluate("document.getElementById('live').textContent = ''")
    page.clock.fast_forward("00:30")
    assert spoken(page) == "", "told once, not each second"
    page.clock.fast_forward("03:50")
    assert spoken(page) == "This quote holds for one more minute."


def test_when_it_is_over_the_page_says_so_and_one_press_asks_anew(page: Any) -> None:
    again = page.locator("button:has-text('Ask for a new date')")
    send = page.locator("#checkout button:has-text('Order for')")
    assert not again.is_visible()
    page.fill("#checkout [name=name]", "Ada")
    send.focus()
    page.evaluate("window.sameDocument = true")
    page.clock.fast_forward("15:01")
    again.wait_for(state="visible", timeout=SEEN)
    assert page.evaluate("window.sameDocument"), "nothing was loaded anew"
    assert not send.is_visible()
    assert page.locator(".left").is_hidden()
    assert "No longer held: the place is free again." in spoken(page)
    assert page.evaluate("document.activeElement.closest('[data-shown-from]') !== null"), "the focus went on"
    page.keyboard.press("Enter")
    page.wait_for_selector(".changed", timeout=SEEN)
    assert "Price and date are as they were." in page.inner_text(".changed")
    assert page.input_value("#checkout [name=name]") == "Ada", "what was typed is still there"


def test_a_machine_whose_clock_is_wrong_counts_the_same(app: FastAPI, client: Visitor, browser: Any) -> None:
    with quote_page(app, client, browser, time="2020-01-01T00:00:00Z") as page:
        assert page.locator(".left").inner_text().startswith(("15:00", "14:"))
        page.clock.fast_forward("15:01")
        page.locator("button:has-text('Ask for a new date')").wait_for(state="visible", timeout=SEEN)


def test_at_360_pixels_nothing_is_wider_than_the_page(page: Any) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
