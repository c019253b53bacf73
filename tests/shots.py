"""Pictures of what a story shows, in the folder that COSMO_SHOTS names; if it names none, none are taken."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import Error

FOLDER = "COSMO_SHOTS"
_WIDE = "document.documentElement.scrollWidth"
_STICKS_OUT = """() => [...document.querySelectorAll('body *')]
  .filter(e => e.getBoundingClientRect().right > innerWidth && ![...e.children].some(
    c => c.getBoundingClientRect().right > innerWidth))
  .map(e => `${e.tagName}.${e.className}: ${e.textContent.trim().slice(0, 60)}`).slice(0, 5)"""
"""The innermost elements that reach over the edge."""


def shoot(page: Any, name: str, *, whole: bool = True) -> None:
    """The whole page, or what of it is on the screen."""
    if FOLDER in os.environ:
        file = Path(os.environ[FOLDER]) / f"{page.viewport_size['width']}-{name}.png"
        page.screenshot(path=file, full_page=whole)


def seen(page: Any, name: str) -> None:
    """Nothing sticks out at the side; and a picture, if one is wanted."""
    wide = _width(page)
    fits = wide <= page.viewport_size["width"]
    assert fits, f"{name} is {wide} px wide: {page.evaluate(_STICKS_OUT)}"
    shoot(page, name)


def _width(page: Any) -> int:
    """Of the page that is there once all is loaded; one that is just being left gives no answer."""
    for _ in range(5):
        page.wait_for_load_state()
        with suppress(Error):
            return int(page.evaluate(_WIDE))
    return int(page.evaluate(_WIDE))
