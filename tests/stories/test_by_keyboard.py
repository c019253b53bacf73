"""A purchase without a mouse: what has the focus can always be seen, and is never lost to the page."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.shots import seen, shoot
from tests.stories.changes import order_of
from tests.stories.town import HOME, LARGE, SMALL, Town, Visit, dated, priced

MOST = 90
"""Presses of Tab; no page has more stops on the way."""
_FOCUS = """() => {
  const one = document.activeElement;
  if (!one || one === document.body || one === document.documentElement) return null;
  const spot = one.offsetWidth < 2 && one.labels?.[0] || one;  // a hidden circle is shown by its label
  const style = getComputedStyle, width = e => parseFloat(style(e).outlineWidth);
  const ringed = e => style(e).outlineStyle !== 'none' && width(e) > 0;
  const box = spot.getBoundingClientRect(), x = box.left + box.width / 2, y = box.top + box.height / 2;
  const over = document.elementFromPoint(x, y);
  return {
    what: `${one.tagName} ${one.name || one.getAttribute('href') || spot.innerText}`, name: one.name ?? '',
    value: one.value ?? '', href: one.getAttribute('href') ?? '', text: (spot.innerText ?? '').trim(),
    locked: one.getAttribute('aria-disabled') === 'true',
    ringed: one.type === 'date' || [spot, ...spot.querySelectorAll('*')].some(ringed),  // or its picker has
    free: !!over && (spot.contains(over) || over.contains(spot)),
  };
}"""
"""What has the focus, whether it has a ring, and whether its middle lies free on the screen."""
Focus = dict[str, Any]


def focus(page: Any) -> Focus:
    """What has the focus, which can be seen."""
    found: Focus | None = page.evaluate(_FOCUS)
    assert found is not None, "the focus is lost"
    assert found["ringed"], f"{found['what']} has no ring"
    assert found["free"], f"{found['what']} is covered or off the screen"
    return found


def reach(page: Any, wanted: Callable[[Focus], bool], key: str = "Tab") -> Focus:
    """Go on until what is wanted has the focus."""
    for _ in range(MOST):
        page.keyboard.press(key)
        found = focus(page)
        if wanted(found):
            return found
    raise AssertionError(f"not reached; last was {found['what']}")


def enter(page: Any, address: str) -> None:
    """Press what has the focus; it leads to another page."""
    with page.expect_navigation(url=address):
        page.keyboard.press("Enter")


def glaze(page: Any) -> None:
    """The arrows choose, and the choice still has the focus once the page has the answer."""
    assert reach(page, lambda on: on["name"] == "outer_glaze")["value"] == "celadon"
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**outer_glaze=ash*")
    page.locator("#opt-outer_glaze .opt-h span:text-is('Ash')").wait_for()
    assert (focus(page)["name"], focus(page)["value"]) == ("outer_glaze", "ash")
    seen(page, "keys-1-glaze")


def free(page: Any) -> None:
    """What is locked can be reached; it says why, and leads to its way out."""
    reach(page, lambda on: on["locked"] and on["text"] == "Signal")
    page.keyboard.press("Enter")
    assert focus(page)["value"] == "body=stoneware"
    assert "Signal red must fire below 1,220 °C" in page.inner_text("#live")
    shoot(page, "keys-2-way-out", whole=False)
    enter(page, "**body=stoneware*")
    assert page.locator("[name=outer_glaze][value=signal]").count() == 1


def many(page: Any, width: int) -> None:
    """Write how many; the focus goes on where Tab leads, although everything around is new."""
    before = priced(page)
    if width == SMALL:
        reach(page, lambda on: on["text"] == "details")
        page.keyboard.press("Enter")
        reach(page, lambda on: on["name"] == "quantity", "Shift+Tab")
    else:
        reach(page, lambda on: on["name"] == "quantity")
    page.keyboard.press("Control+a")
    page.keyboard.type("48")
    page.keyboard.press("Tab")
    page.wait_for_url("**quantity=48*")
    page.wait_for_function("was => !document.querySelector('#sum').innerText.includes(was)", arg=before)
    assert focus(page)["what"].startswith("BUTTON")
    shoot(page, "keys-3-many", whole=False)


@pytest.mark.parametrize("width", [SMALL, LARGE])
def test_a_purchase(town: Town, visit: Visit, width: int) -> None:
    page = visit(town.address, width)
    page.evaluate("addEventListener('mousedown', () => document.title = 'clicked')")
    reach(page, lambda on: on["href"] == "/configure/mug")
    shoot(page, "keys-0-shop", whole=False)
    enter(page, "**/configure/mug*")
    glaze(page)
    free(page)
    many(page, width)
    price, day = priced(page), dated(page)
    reach(page, lambda on: on["text"].startswith("Order for"))
    enter(page, "**/order/*")
    order_id = page.url.rpartition("/")[2]
    for name, value in HOME.items():
        reach(page, lambda on, name=name: on["name"] == name)
        page.keyboard.type(value)
    shoot(page, "keys-4-order", whole=False)
    assert page.inner_text(".order-price b") == price
    reach(page, lambda on: on["text"].startswith("Order for"))
    enter(page, "**/track/*")
    reach(page, lambda on: on["href"].endswith("/change"))
    assert " ".join(page.inner_text("#live-order .date").split()) == day
    order = order_of(town.database, order_id)
    assert (order.quantity, order.selections["body"], bool(order.number)) == (48, "stoneware", True)
    seen(page, "keys-5-placed")


SPOILT = {
    "is lost": "document.activeElement.blur()",
    "has no ring": "document.activeElement.style.outline = 'none'",
    "is covered": """Object.assign(document.body.appendChild(document.createElement('p')).style,
        {position: 'fixed', inset: '0', zIndex: 99, margin: 0})""",
}


@pytest.mark.parametrize("said", SPOILT)
def test_a_focus_that_cannot_be_seen_is_noticed(town: Town, visit: Visit, said: str) -> None:
    """Negative control."""
    page = visit(town.address, LARGE)
    reach(page, lambda on: on["href"] == "/basket")
    page.evaluate(SPOILT[said])
    with pytest.raises(AssertionError, match=said):
        focus(page)
