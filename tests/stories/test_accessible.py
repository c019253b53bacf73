"""No page has an accessibility fault that axe calls serious, on a screen or on a phone: every menu of each
role, and one click further.

A kind of page is looked at once, as the first role sees it who comes to it.
"""

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from cosmo.clock import wall_time
from cosmo.db import Database
from cosmo.identity import open_session
from cosmo.parties import Account
from cosmo.settings import read_settings
from tests.stories.test_first_look import pages_of
from tests.web.servers import serving
from web.app import create_app
from web.visits import COOKIE

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
BAD = ("serious", "critical")
NO_PAGE = re.compile(r"^/(api|static|docs|openapi|files|attachments|logout)|\.(pdf|csv|json|svg|stl)$")
AN_ID = re.compile(r"(?<=/)(?=[^/]*[\dA-Z])[\w.-]+")
WITHOUT_MENU = ["/plants/lu-ceramics/promise-score"]
"""What is only linked to from a page that is one click away."""
SIZES = ({"width": 360, "height": 800}, {"width": 1440, "height": 900})
Found = dict[str, list[str]]


@pytest.fixture
def house(seeded: Database, tmp_path: Path) -> Iterator[str]:
    env = {"COSMO_HOME": str(tmp_path), "COSMO_DATABASE_URL": seeded.url, "COSMO_DEMO": "1"}
    with serving(create_app(read_settings(env), seeded)) as address:
        yield address


def faults_at_all_sizes(page: Any) -> list[str]:
    """What axe finds on a phone and on a screen; the page is a screen's then."""
    found = []
    for size in SIZES:
        page.set_viewport_size(size)
        found += [f"at {size['width']} px: {fault}" for fault in faults(page)]
    return found


def faults(page: Any) -> list[str]:
    """What axe finds on the page as it stands, one line a rule."""
    page.evaluate(AXE)
    told = page.evaluate("options => axe.run(document, options)", RULES)
    return [
        f"{found['id']} ({found['impact']}): {found['help']}: {found['nodes'][0]['html'][:160]} "
        f"and {len(found['nodes']) - 1} more"
        for found in told["violations"]
        if found["impact"] in BAD
    ]


def walk(page: Any, address: str, starts: list[str], kinds: Found) -> None:
    """Note the faults of every kind of page that is new: those to start from, and what they link to."""
    for _ in range(2):
        ahead: list[str] = []
        for href in starts:
            if kind_of(href) not in kinds:
                page.goto(address + href, wait_until="load")
                kinds[kind_of(href)] = faults_at_all_sizes(page)
                ahead += links(page)
        starts = ahead


def kind_of(href: str) -> str:
    """The path without ids and codes, and without what is asked for."""
    return AN_ID.sub("…", href.partition("?")[0])


def links(page: Any) -> list[str]:
    hrefs = page.evaluate("[...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href'))")
    paths = [(href.split("#")[0], href.partition("?")[0]) for href in hrefs if href.startswith("/")]
    return [href for href, path in paths if not NO_PAGE.search(path)]


def visits(database: Database) -> dict[str, str]:
    """Role -> the session of somebody who has it."""
    with database.write() as session:
        first: dict[str, Account] = {}
        for account in session.exec(select(Account).order_by(col(Account.id))):
            first.setdefault(account.role, account)
        return {
            role: open_session(session, account_id=account.id, wall=wall_time())
            for role, account in first.items()
        }


def test_no_page_has_a_serious_fault(seeded: Database, house: str, browser: Any) -> None:
    kinds: Found = {}
    for role, secret in {"guest": "", **visits(seeded)}.items():
        context = browser.new_context(viewport=SIZES[-1], reduced_motion="reduce")
        if secret:
            context.add_cookies([{"name": COOKIE, "value": secret, "url": house}])
        walk(context.new_page(), house, ["/", *pages_of(role), *WITHOUT_MENU], kinds)
        context.close()
    assert len(kinds) > 35
    found = [f"{kind}: {fault}" for kind, told in kinds.items() for fault in told]
    assert found == [], "\n".join(found)


def test_axe_sees_a_picture_without_words(house: str, browser: Any) -> None:
    """Negative control."""
    page = browser.new_page()
    page.goto(house)
    page.evaluate("document.querySelector('main').append(new Image())")
    found = [fault.split(" (")[0] for fault in faults_at_all_sizes(page)]
    assert found == ["at 360 px: image-alt", "at 1440 px: image-alt"]
    page.close()
