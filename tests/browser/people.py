"""Everybody of one order, each in a browser of their own: they sign in and go where the menus lead."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from seeds.demo import PASSWORD
from tests import shots
from tests.browser.houses import House

EMAILS = {
    "planner": "planner@lu.example",
    "operator": "operator@lu.example",
    "supplier": "supplier@nordlicht.example",
    "carrier": "carrier@elbfracht.example",
    "service": "service@lu.example",
}
PHONE = 720
"""Below this width a person taps."""

@dataclass(slots=True)
class People:
    """One house seen at one width. `other`: the address of its second web process, if it has one; customers
    are there, everybody else at the first."""

    house: House
    visit: Callable[..., Any]
    width: int
    other: str = ""
    taken: int = 0
    inside: dict[str, Any] = field(default_factory=dict)

    def stranger(self, path: str = "/") -> Any:
        """A page of somebody new."""
        return self.visit(f"{self.other or self.house.base}{path}", self.width)

    def signed_in(self, role: str) -> Any:
        """The role's page; on first use they sign in as the demo tells them to."""
        if role not in self.inside:
            page = self.visit(f"{self.house.base}/", self.width)
            self.follow(page, "Sign in")
            page.fill("input[name=email]", EMAILS[role])
            page.fill("input[name=password]", PASSWORD)
            self.press(page, "main button.btn-go")
            page.wait_for_url(lambda url: "/sign-in" not in url)
            self.inside[role] = page
        return self.inside[role]

    def follow(self, page: Any, label: str) -> None:
        """Go where a word of the menu leads; on a phone the menu is opened first."""
        link = page.locator("header a", has_text=re.compile(f"^\\s*{re.escape(label)}\\s*$"))
        if not link.locator("visible=true").count():
            self.press(page, "header details.menu:last-of-type > summary")
        with page.expect_navigation():
            self.press(page, link.locator("visible=true").first)

    def press(self, page: Any, what: Any) -> None:
        """A tap on a phone, else a click; on something one can see."""
        spot = page.locator(what).locator("visible=true").first if isinstance(what, str) else what
        spot.wait_for()
        (spot.tap if self.width < PHONE else spot.click)()

    def shoot(self, page: Any, name: str) -> None:
        """Nothing sticks out at the side; and a picture, if one is wanted."""
        self.taken += 1
        shots.seen(page, f"{self.taken:02d}-{name}")

    def stop_time(self) -> None:
        """The planner pauses the demo's clock."""
        page = self.signed_in("planner")
        self.press(page, ".clockbar button[value='0']")
        page.wait_for_selector(".clockbar button[value='0'][aria-pressed=true]")

    def sleep_over(self) -> None:
        """The planner goes on to the next morning."""
        page = self.signed_in("planner")
        before = page.inner_text(".clockbar b")
        self.press(page, ".clockbar button[value=day]")
        page.wait_for_function("was => document.querySelector('.clockbar b')?.innerText !== was", arg=before)
