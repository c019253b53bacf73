"""The demo as a newcomer starts it: an order goes from placed to delivered before one's eyes."""

import os
import time
from collections.abc import Callable
from typing import Any

import httpx2

from tests.browser.houses import MakeHouse, order_mugs
from tests.browser.watching import in_order, seen, watch

TWO_MINUTES = 120.0


def patience() -> float:
    """Two minutes; more where other work has the machine's processors."""
    busy = os.getloadavg()[0] / (os.cpu_count() or 1)
    return TWO_MINUTES if busy < 1.5 else 3 * TWO_MINUTES


def test_an_order_is_delivered_within_two_minutes_on_a_page_nobody_reloads(
    make_house: MakeHouse, visit: Callable[..., Any]
) -> None:
    house = make_house()
    demo = house.start("demo", "--small", "--verbose")
    house.until_ready(demo)
    limit = patience()
    with httpx2.Client(base_url=house.base, timeout=60) as http:
        order = order_mugs(http, 48)
    page = visit(order["tracking_url"])
    watch(page)
    end = time.monotonic() + limit
    while time.monotonic() < end and seen(page)[-1][0] not in ("delivered", "closed"):
        page.wait_for_timeout(250)
    stages = [(stage, at) for stage, at in seen(page) if stage != "closed"]
    print("\n".join(f"{at:6.1f} s {stage}" for stage, at in stages))
    names = [stage for stage, _ in stages]
    assert names[-1] == "delivered", f"{stages}\n{demo.said()[-3000:]}"
    assert names[-4:] == ["in_production", "produced", "shipped", "delivered"]
    assert in_order(names)
