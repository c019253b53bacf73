"""The customer's page in a real browser: it goes through the stages by itself, and what is typed stays."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from cosmo.clock import set_clock
from cosmo.db import Database
from cosmo.orders import Order
from cosmo.stages import Stage
from modules.interaction.service import send_message
from modules.service.service import begin_warranty
from tests.factories import MONDAY, at, walk
from tests.web.test_streams import serving

STAGES = (Stage.ENGINEERED, Stage.SOURCED, Stage.SCHEDULED, Stage.IN_PRODUCTION, Stage.PRODUCED,
          Stage.SHIPPED, Stage.DELIVERED)  # fmt: skip
SEEN = 15_000  # ms; a machine that is busy with other tests


@pytest.fixture
def page(app: FastAPI, order: Order, browser: Any) -> Iterator[Any]:
    """The tracking page, open; whatever the browser complains about fails the test."""
    said: list[str] = []
    with serving(app) as address:
        opened = browser.new_page(viewport={"width": 1280, "height": 900})
        opened.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
        opened.on("pageerror", lambda e: said.append(str(e)))
        opened.goto(f"{address}/track/{order.tracking_token}")
        yield opened
        opened.close()
    assert said == []


def test_the_page_follows_the_order_to_the_door(page: Any, database: Database, order: Order) -> None:
    page.evaluate("window.sameDocument = true")
    field = page.locator("#messages input[name=text]")
    field.fill("Please ring twice")
    assert page.locator("#live-order [data-stage=placed]").count() == 1
    for stage in STAGES:
        with database.write() as session:
            walk(session, order.id, stage)
        page.wait_for_selector(f'#live-order [data-stage="{stage}"]', timeout=SEEN)
    assert "Delivered." in page.inner_text("#live-order")
    page.wait_for_selector("#panels a:text('Cancel')", state="detached", timeout=SEEN)
    assert field.input_value() == "Please ring twice", "typed words outlive every answer"
    assert page.evaluate("window.sameDocument"), "and nothing was loaded anew"


def test_a_message_of_the_plant_and_the_warranty_appear_by_themselves(
    page: Any, database: Database, order: Order
) -> None:
    with database.write() as session:
        send_message(session, order.id, "Your glaze is mixed.", from_plant=True, account_id=None, now=at())
    page.wait_for_selector("#panels :text('Your glaze is mixed.')", timeout=SEEN)
    with database.write() as session:
        begin_warranty(session, order.id, MONDAY)
        walk(session, order.id, Stage.DELIVERED)
    page.wait_for_selector("#panels #service details", timeout=SEEN)
    page.locator("#service summary", has_text="Something is wrong").click()
    page.locator("#service textarea").fill("A chip on the rim")
    page.locator("#service input[name=pieces]").fill("2")
    with database.write() as session:
        set_clock(session, speed=0, business=MONDAY)
        send_message(session, order.id, "How do you like it?", from_plant=True, account_id=None, now=at())
    page.wait_for_selector("#panels :text('How do you like it?')", timeout=SEEN)
    assert page.locator("#service textarea").input_value() == "A chip on the rim"
    assert page.locator("#service input[name=pieces]").input_value() == "2"
    assert page.locator("#service details").get_attribute("open") is not None
