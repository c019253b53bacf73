"""In a browser: a day and a budget are named, and what is offered for them is what one gets."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import col, select

from cosmo.orders import Order
from tests.shots import seen
from tests.stories.town import LARGE, SMALL, Town, Visit, choose, dated, priced, quoted

MOST = Decimal(1500)
NEEDED_BY = date(2026, 6, 16)
"""The plant's Monday is 8 June; as chosen it comes on Wednesday 17 June at the earliest."""


def ask(page: Any, budget: Decimal, day: date) -> None:
    page.get_by_label("Needed by", exact=True).fill(day.isoformat())
    page.get_by_label("Budget, before VAT").fill(f"{budget}")
    page.get_by_role("button", name="Find what fits").click()
    page.locator("#fit-says").wait_for()


def offers(page: Any) -> list[tuple[str, str, list[str]]]:
    """(day, price, what is changed) of each that is offered."""
    return [
        (
            one.locator(".fit-day").inner_text(),
            one.locator(".fit-price b").inner_text(),
            one.locator(".fit-what li").all_inner_texts(),
        )
        for one in page.locator(".fits > li").all()
    ]


@pytest.mark.parametrize("width", [SMALL, LARGE])
def test_what_is_offered_is_what_one_gets(town: Town, visit: Visit, width: int) -> None:
    page = visit(f"{town.address}/configure/mug", width)
    choose(page, "gold_rim", "yes")
    before = priced(page), dated(page)
    page.get_by_role("link", name="Make it fit your date or your budget").click()
    page.wait_for_url("**/configure/mug/fit?*")
    seen(page, "fit-1-asked")
    ask(page, MOST, NEEDED_BY)
    assert page.inner_text("#fit-says") == "This fits, the nearest first"
    seen(page, "fit-2-offered")
    day, price, changes = offers(page)[0]
    page.get_by_role("link", name="Take it").first.click()
    page.locator("#changed").wait_for()
    said = page.inner_text("#changed")
    assert all(change in said for change in changes), said
    assert (priced(page), dated(page)) == (price, day)
    assert (price, day) != before, "the control: something was changed for it"
    seen(page, "fit-3-taken")
    order_id = quoted(page)
    assert page.inner_text(".order-price b") == price
    assert " ".join(page.inner_text(".order-say h1").split()) == day
    with town.database.read() as session:
        order = session.exec(select(Order).where(col(Order.id) == order_id)).one()
        assert order.price_amount <= MOST
        assert order.promise["delivery_date"] <= NEEDED_BY.isoformat()
    seen(page, "fit-4-quoted")


def test_where_nothing_fits_the_nearest_is_shown_and_why(town: Town, visit: Visit) -> None:
    page = visit(f"{town.address}/configure/mug/fit", SMALL)
    ask(page, Decimal(1), date(2026, 6, 8))
    assert page.inner_text("#fit-says") == "Nothing fits with up to three changes. This comes nearest:"
    assert page.locator(".fit-why").count() == 2
    assert not any(Decimal(price.strip("€").replace(",", "")) <= 1 for _, price, _ in offers(page))
    seen(page, "fit-nothing")
