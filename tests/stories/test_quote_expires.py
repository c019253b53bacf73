"""In a browser: a quote counts down until it is over; one press asks anew, and the page says what changed."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from cosmo.lapsing import lapse_expired
from cosmo.orders import Order
from cosmo.stages import Stage
from tests.factories import MONDAY
from tests.shots import seen
from tests.stories.town import LARGE, SMALL, Town, Visit, quoted
from tests.stories.workshop import stop_clock

HOLDS = timedelta(minutes=15)


def order_of(session: Session, order_id: str) -> Order:
    return session.get_one(Order, order_id)


def expire(town: Town, order_id: str) -> None:
    """As if a quarter of an hour and two working days had gone by in the house too."""
    with town.database.write() as session:
        order = order_of(session, order_id)
        assert order.quote_expires_at is not None
        order.quote_expires_at -= HOLDS + timedelta(seconds=1)
    stop_clock(town.database, MONDAY + timedelta(days=2))
    lapse_expired(town.database)
    with town.database.read() as session:
        assert order_of(session, order_id).stage == Stage.LAPSED, "its place is free"


def day_on(page: Any) -> str:
    return " ".join(page.inner_text(".order-say h1").split())


def short(day: str) -> str:
    """Wednesday 17 June: Wed 17 June."""
    weekday, _, date = day.partition(" ")
    return f"{weekday[:3]} {date}"


def days_told(page: Any) -> list[str]:
    """The day before and the day now, as they stand beside each other."""
    return [page.locator(f"section.changed dd:first-of-type {tag}").inner_text() for tag in ("del", "ins")]


def until(page: Any, order_id: str) -> str:
    """The time left, as it stands on the page."""
    page.goto(f"{page.url.partition('/configure')[0].partition('/order')[0]}/order/{order_id}")
    page.locator(".left:not(:empty)").wait_for()
    return str(page.inner_text(".left"))


@pytest.mark.parametrize("width", [SMALL, LARGE])
def test_a_quote_that_is_over_is_asked_for_anew(town: Town, visit: Visit, width: int) -> None:
    stop_clock(town.database, MONDAY)
    page = visit(f"{town.address}/configure/mug", width)
    order_id = quoted(page)
    page.clock.install()
    assert until(page, order_id).startswith(("15:00", "14:"))
    day, price = day_on(page), page.inner_text(".order-price b")
    again, send = page.get_by_role("button", name="Ask for a new date"), page.locator("#checkout .btn-go")
    assert (again.is_visible(), send.is_visible()) == (False, True)
    assert "Your place in the plan is held until" in page.inner_text(".order-say")
    seen(page, "quote-1-held")
    page.get_by_label("Name", exact=True).fill("Ada Lovelace")
    page.evaluate("window.same = true")
    page.clock.fast_forward("15:01")
    again.wait_for()
    assert page.evaluate("window.same"), "nobody loaded the page anew"
    assert "No longer held: the place is free again. Ask for a new date." in page.inner_text(".order-say")
    assert not send.is_visible()
    seen(page, "quote-2-over")
    expire(town, order_id)
    again.click()
    page.locator("section.changed").wait_for()
    assert day_on(page) != day, "two days later it comes later"
    assert days_told(page) == [short(day), short(day_on(page))]
    assert page.inner_text(".order-price b") == price
    assert f"{price}, as before" in page.inner_text("section.changed")
    assert page.get_by_label("Name", exact=True).input_value() == "Ada Lovelace", "what was typed is kept"
    assert send.is_visible()
    seen(page, "quote-3-anew")
