"""Houses to start processes in, and pages whose complaints fail the test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.houses import House, MakeHouse
from tests.shots import shoot


@pytest.fixture
def make_house(tmp_path: Path) -> Iterator[MakeHouse]:
    """make_house(**settings): a Cosmo in a folder of its own; all its processes end with the test, and none
    may have reported an error."""
    houses: list[House] = []

    def make(**settings: str) -> House:
        houses.append(House(tmp_path / f"home{len(houses)}", settings))
        return houses[-1]

    yield make
    for house in houses:
        house.stop()
    broke = [text for house in houses for text in house.broke()]
    assert not broke, broke[0][-6000:]


@pytest.fixture
def visit(browser: Any) -> Iterator[Callable[..., Any]]:
    """visit(address, width, **context) opens a page as somebody new; what a browser complains about fails the
    test, except refusals (4xx), which are part of the stories."""
    said: list[str] = []
    contexts: list[Any] = []

    def listen(message: Any) -> None:
        refused = "the server responded with a status of 4" in message.text
        if message.type in ("error", "warning") and not refused:
            said.append(message.text)

    def go(address: str, width: int = 1440, **context: Any) -> Any:
        small = width < 720
        size = {"width": width, "height": 780 if small else 900}
        calm = {"locale": "en-GB", "reduced_motion": "reduce"}  # nothing pulses while nobody looks
        contexts.append(browser.new_context(viewport=size, has_touch=small, **calm, **context))
        page = contexts[-1].new_page()
        page.set_default_timeout(60_000)
        page.on("console", listen)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(address)
        return page

    yield go
    for number, context in enumerate(contexts):
        shoot(context.pages[0], f"end-{number}", whole=False)  # where everybody stood, also if too early
        context.close()
    assert not said, said
