"""The story of a saved design in a browser: saved twice, compared by keyboard, shared, taken by a friend; and
the same at 360 px without a script. With COSMO_SHOTS set to a folder, pictures of the way are left there.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from tests import shots
from tests.stories.test_accessible import faults_at_all_sizes
from tests.web.servers import serving

pytestmark = pytest.mark.usefixtures("priced")
WAYS = {"1440": {"viewport": {"width": 1440, "height": 900}, "reduced_motion": "reduce"},
        "360": {"viewport": {"width": 360, "height": 780}, "java_script_enabled": False}}  # fmt: skip


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    with serving(app) as where:
        yield where


@pytest.fixture(params=WAYS)
def visit(request: pytest.FixtureRequest, browser: Any, address: str) -> Iterator[Callable[[str], Any]]:
    """`visit(address)`: somebody new on such a screen; what their browser complains about while the
    server runs fails the test."""
    said: list[str] = []
    contexts: list[Any] = []

    def go(where: str) -> Any:
        contexts.append(browser.new_context(locale="en-GB", **WAYS[request.param]))
        page = contexts[-1].new_page()
        page.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: said.append(str(e)))
        page.goto(where)
        return page

    assert address
    yield go
    for context in contexts:
        context.close()
    assert said == []


def seen(page: Any, name: str) -> None:
    """Nothing is wider than the screen, nor has axe anything to say; a picture where those are wanted."""
    shots.seen(page, f"designs-{name}")
    if page.viewport_size["width"] > 360:  # axe is a script, and the phone has none
        assert faults_at_all_sizes(page) == []


def kept(page: Any, address: str, glaze: str) -> None:
    page.goto(f"{address}/configure/mug?outer_glaze={glaze}&{USUAL}")
    page.get_by_role("button", name="Save this design").press("Enter")
    page.get_by_role("button", name="Save the changes").wait_for()


USUAL = (
    "capacity=325&body=porcelain&shape=soft&handle=c&inner_glaze=milk&finish=gloss&decoration=none"
    "&print_zone=front&gold_rim=no&backstamp=lu&packaging=box"
)


def test_saved_compared_shared_and_taken(visit: Callable[[str], Any], address: str) -> None:
    page = visit(address)
    for glaze in ("cobalt", "oat"):
        kept(page, address, glaze)
    seen(page, "saved")
    page.goto(f"{address}/designs")
    seen(page, "list")
    for box in page.get_by_role("checkbox").all():
        box.press("Space")
    page.get_by_role("button", name="Compare", exact=True).press("Enter")
    page.get_by_role("heading", name="Two designs compared").wait_for()
    assert page.locator(".facts .differ th[scope=row]").all_inner_texts() == ["Outer glaze"]
    seen(page, "compared")
    page.goto(f"{address}/designs")
    page.get_by_role("link", name="Name, link and deleting of").first.press("Enter")
    page.get_by_role("button", name="Make a link to share").press("Enter")
    link = page.locator(".share a").get_attribute("href")
    seen(page, "shared")
    friend = visit(f"{address}{link}")
    seen(friend, "friend")
    friend.get_by_role("link", name="Make it yours").press("Enter")
    friend.locator("#origin").wait_for()
    assert friend.locator('input[name="outer_glaze"][value="oat"]').is_checked()
    page.get_by_role("button", name="Delete this design").press("Enter")
    page.wait_for_url("**/designs")
    assert page.locator(".designs > li").count() == 1
    gone = friend.request.get(f"{address}{link}")
    assert gone.status == 404
    assert "leads to no design" in gone.text()
