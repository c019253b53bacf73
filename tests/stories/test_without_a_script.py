"""On a phone whose browser runs no scripts: from the shop to the order and the page it is followed by."""

from typing import Any

import pytest

from tests.shots import seen
from tests.stories.changes import order_of
from tests.stories.town import SMALL, Town, Visit, dated, place, priced, quoted

MUG = "a[href='/configure/mug']"


def labelled(page: Any, option: str, value: str) -> Any:
    return page.locator(f"#configure label:has([name={option}][value={value}])")


def show(page: Any) -> None:
    """The button for those without a script."""
    with page.expect_navigation():
        page.get_by_role("button", name="Show price and date").locator("visible=true").last.click()


def many(page: Any, quantity: int) -> None:
    """How many stands behind the details, below the price."""
    page.get_by_role("link", name="details").click()
    page.get_by_role("spinbutton", name="How many").fill(str(quantity))


def configure(page: Any) -> tuple[str, str]:
    """A reason read and its way out taken, a glaze and a number chosen; price and day then."""
    before = priced(page)
    reason = page.locator("#opt-outer_glaze .why")
    assert "Signal red must fire below 1,220 °C" in reason.inner_text()
    assert not labelled(page, "outer_glaze", "signal").count()
    seen(page, "plain-2-reason")
    reason.get_by_role("button", name="Switch to Stoneware").click()
    page.wait_for_url("**body=stoneware*")
    labelled(page, "outer_glaze", "signal").click()
    show(page)
    assert page.locator("[name=outer_glaze][value=signal]").is_checked()
    many(page, 48)
    seen(page, "plain-3-details")
    show(page)
    assert "quantity=48" in page.url
    assert priced(page) != before
    seen(page, "plain-4-chosen")
    return priced(page), dated(page)


def test_a_purchase(town: Town, visit: Visit) -> None:
    page = visit(town.address, SMALL, java_script_enabled=False)
    seen(page, "plain-1-shop")
    page.locator(MUG).first.click()
    page.wait_for_url("**/configure/mug*")
    price, day = configure(page)
    order_id = quoted(page)
    assert page.inner_text(".order-price b") == price
    assert " ".join(page.inner_text(".order-say h1").split()) == day
    assert page.locator("[data-shown-from]").locator("visible=true").count() == 0
    seen(page, "plain-5-order")
    place(page)
    order = order_of(town.database, order_id)
    assert (order.selections["outer_glaze"], order.quantity) == ("signal", 48)
    assert str(order.number) in page.inner_text("main")
    seen(page, "plain-6-placed")
    town.carry_on()
    page.reload()
    told = " ".join(page.inner_text("main").split())
    assert day in told
    assert "Next: Form" in told
    seen(page, "plain-7-planned")


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_a_quote_is_kept_on_a_phone(town: Town, visit: Visit, script: bool) -> None:
    page = visit(f"{town.address}/configure/mug", SMALL, java_script_enabled=script)
    keep = page.get_by_role("button", name="Keep quote")
    assert not keep.is_visible()
    page.get_by_role("link", name="details").click()
    seen(page, f"kept-1-details-{script}")
    keep.click()
    page.wait_for_url("**/basket")
    assert "240 pieces" in page.inner_text("main")
    seen(page, f"kept-2-basket-{script}")
