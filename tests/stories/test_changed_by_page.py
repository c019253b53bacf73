"""In a browser: an order is changed while it may be; once its operation has begun, it can be ordered anew."""

from typing import Any

import pytest

from cosmo.formats import money
from cosmo.orders import Order
from tests.shots import seen, shoot
from tests.stories.changes import make_until, order_of
from tests.stories.town import LARGE, SMALL, Town, Visit, place, quoted
from tests.stories.workshop import stop_clock


def brief(page: Any) -> str:
    """The short of what a choice does, seen without moving; on a large screen it is all there."""
    spot = page.locator(".does-brief, #does").locator("visible=true").first
    box = spot.bounding_box()
    assert 0 <= box["y"] < page.viewport_size["height"] - 30, "it can be seen"
    return str(spot.inner_text())


def pick(page: Any, option: str, value: str) -> None:
    """Choose in the form of a change, and wait for what it would do."""
    page.locator(f"#change label:has([name={option}][value={value}])").click()
    page.locator("#change section.changed, #change .note").first.wait_for()


def ordered(town: Town, page: Any) -> Order:
    """Mugs as first offered, placed and planned; the page is the order's."""
    page.goto(f"{town.address}/configure/mug?quantity=60")
    order_id = quoted(page)
    place(page)
    town.carry_on()
    page.reload()
    return order_of(town.database, order_id)


@pytest.mark.parametrize("width", [SMALL, LARGE])
def test_before_the_freeze_point_and_after(town: Town, visit: Visit, width: int) -> None:
    stop_clock(town.database, town.now.business)
    page = visit(town.address, width)
    order = ordered(town, page)
    assert order.selections["outer_glaze"] == "celadon"
    page.locator(f"a[href*='{order.tracking_token}/change']").first.click()
    page.locator("#change").wait_for()
    assert "Until “Glaze” begins" in page.inner_text("#change")
    seen(page, "change-1-open")
    shown_then_confirmed(town, page, order)
    page.goto(f"{town.address}/track/{order.tracking_token}/change")
    at = make_until(town.database, order.id, "glaze")
    stop_clock(town.database, at.business)
    refused_with_a_way_out(town, page, order)


def shown_then_confirmed(town: Town, page: Any, order: Order) -> None:
    """Price, day and who is affected stand there before anything is changed."""
    pick(page, "outer_glaze", "cobalt")
    page.fill("#change [name=quantity]", "90")
    page.locator("#change [name=quantity]").blur()
    page.locator("#change .what", has_text="How many: 90 instead of 60").wait_for()
    told = page.inner_text("#change section.changed")
    for said in ("Outer glaze: Cobalt instead of Celadon", "Date", "Who is affected", "Cobalt glaze"):
        assert said in told, told
    was, becomes = (page.locator(f"#change dt:has-text('Price') + dd {tag}") for tag in ("del", "ins"))
    assert was.inner_text() == money(order.price_amount, "EUR", "en")
    dearer = becomes.inner_text()
    assert dearer in brief(page)
    shoot(page, "change-2-brief", whole=False)
    assert dearer != was.inner_text()
    assert order_of(town.database, order.id) == order, "only shown"
    seen(page, "change-2-shown")
    page.get_by_role("button", name="Change the order").click()
    page.wait_for_url(lambda url: not url.partition("#")[0].endswith("/change"))
    made = order_of(town.database, order.id)
    assert (made.selections["outer_glaze"], made.quantity) == ("cobalt", 90)
    assert money(made.price_amount, "EUR", "en") == dearer, "as it was shown"
    shown = page.inner_text("main")
    assert "90 pieces" in shown
    assert dearer in shown
    town.carry_on()
    seen(page, "change-3-changed")


def refused_with_a_way_out(town: Town, page: Any, order: Order) -> None:
    """The form was open when glazing began: it says since when it is too late, and offers to order anew."""
    pick(page, "outer_glaze", "ash")
    note = page.locator("#change .note")
    assert "can no longer be changed" in note.inner_text(), note.inner_text()
    assert "can no longer be changed" in brief(page)
    assert not page.locator("#change section.changed").count()
    assert order_of(town.database, order.id).selections["outer_glaze"] == "cobalt", "nothing is changed"
    seen(page, "change-4-too-late")
    fixed = page.locator("#change .frozen li", has_text="Outer glaze")
    assert "Cobalt" in fixed.inner_text()
    assert not page.locator("#change [name=outer_glaze]").count()
    note.get_by_role("link", name="Order anew with this change").click()
    page.wait_for_url("**/configure/mug?*")
    assert page.locator("[name=outer_glaze][value=ash]").is_checked()
    assert page.locator("#sum [name=quantity]").input_value() == "90"
    seen(page, "change-5-order-anew")
    page.goto(f"{town.address}/track/{order.tracking_token}/change")
    pick(page, "packaging", "gift")
    assert "Who is affected" in page.inner_text("#change section.changed"), "the control: still open"
    seen(page, "change-6-still-open")
