"""No page has an accessibility fault that axe calls serious, on a screen or on a phone: every menu of each
role, one click further, and every page that the app has a route for.

A kind of page is looked at once, as the first role sees it who comes to it; the pages that matter most again
in German, in Chinese and in the dark.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from shutil import copyfile, copytree
from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import col, select

from cosmo.clock import wall_time
from cosmo.db import Database
from cosmo.identity import open_session
from cosmo.parties import Account, Plant
from cosmo.settings import read_settings
from tests.access import routes
from tests.stories.every_page import NO_PAGE, Starts, make_everything, page_of, pages
from tests.stories.test_first_look import GOOD_WHEN_EMPTY, pages_of
from tests.web.servers import serving
from web.app import create_app
from web.visits import COOKIE, LANGUAGE_COOKIE

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
BAD = ("serious", "critical")
NOT_WALKED = re.compile(
    r"^/(api|static|docs|openapi|files|attachments|logout)|\.(pdf|csv|json|svg|stl)$|/files$"
)
AN_ID = re.compile(r"(?<=/)(?=[^/]*[\dA-Z])[\w.-]+")
WITHOUT_MENU = ["/plants/lu-ceramics/promise-score"]
"""What is only linked to from a page that is one click away."""
SIZES = ({"width": 360, "height": 800}, {"width": 1440, "height": 900})
OTHERWISE = (
    ("in German", "de", "light"),
    ("in Chinese", "zh-Hans", "light"),
    ("in the dark", "en", "dark"),
)
Found = dict[str, list[str]]


@dataclass(slots=True)
class Walk:
    """A walk through one house: the faults of each kind of page, and the routes that answered with a page."""

    address: str
    known: set[str]
    kinds: Found = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def look(self, page: Any, href: str, kind: str) -> int:
        """Go there and note the faults under `kind`; the answer's status."""
        answer = page.goto(self.address + href, wait_until="load")
        if answer.status < 400:
            self.seen.add(page_of(page.url, self.known))
        self.kinds[kind] = faults_at_all_sizes(page)
        return int(answer.status)

    def through(self, page: Any, starts: list[str]) -> None:
        """Every kind of page that is new: those to start from, and what they link to. A link that is shown to
        somebody whom its page refuses is a fault, too."""
        for _ in range(2):
            ahead: list[str] = []
            for href in starts:
                if kind_of(href) not in self.kinds:
                    status = self.look(page, href, kind_of(href))
                    self.kinds[kind_of(href)] += [f"answers {status}"] if status >= 400 else []
                    ahead += links(page)
            starts = ahead


@pytest.fixture
def house(seeded: Database, tmp_path: Path) -> Iterator[str]:
    with serving(app_on(seeded, tmp_path)) as address:
        yield address


def app_on(database: Database, home: Path) -> FastAPI:
    env = {"COSMO_HOME": str(home), "COSMO_DATABASE_URL": database.url, "COSMO_DEMO": "1"}
    return create_app(read_settings(env), database)


@pytest.fixture
def own(seeded: Database, tmp_path: Path) -> Iterator[Database]:
    """A copy of the demo, to make things in."""
    with seeded.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    copyfile(seeded.url.removeprefix("sqlite:///"), tmp_path / "cosmo.db")
    assert seeded.files is not None
    if seeded.files.exists():
        copytree(seeded.files, tmp_path / "attachments")
    database = Database(f"sqlite:///{tmp_path / 'cosmo.db'}")
    yield database
    database.dispose()


def faults_at_all_sizes(page: Any) -> list[str]:
    """What axe finds on a phone and on a screen; the page is a screen's then."""
    page.evaluate(AXE)
    found = []
    for size in SIZES:
        page.set_viewport_size(size)
        found += [f"at {size['width']} px: {fault}" for fault in faults(page)]
    return found


def faults(page: Any) -> list[str]:
    """What axe finds on the page as it stands, one line a rule."""
    told = page.evaluate("options => axe.run(document, options)", RULES)
    return [
        f"{found['id']} ({found['impact']}): {found['help']}: {found['nodes'][0]['html'][:160]} "
        f"and {len(found['nodes']) - 1} more"
        for found in told["violations"]
        if found["impact"] in BAD
    ]


def kind_of(href: str) -> str:
    """The path without ids and codes, and without what is asked for."""
    return AN_ID.sub("…", href.partition("?")[0])


def links(page: Any) -> list[str]:
    hrefs = page.evaluate("[...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href'))")
    paths = [(href.split("#")[0], href.partition("?")[0]) for href in hrefs if href.startswith("/")]
    return [href for href, path in paths if not NOT_WALKED.search(path)]


def visits(database: Database) -> dict[str, str]:
    """Role -> the session of somebody who has it, at the plant that has most to look at."""
    with database.write() as session:
        first: dict[str, Account] = {}
        plant = session.exec(select(Plant).where(Plant.slug == "lu-ceramics")).one()
        elsewhere = col(Account.party_id) != plant.manufacturer_id
        for account in session.exec(select(Account).order_by(elsewhere, col(Account.id))):
            first.setdefault(account.role, account)
        return {
            role: open_session(session, account_id=account.id, wall=wall_time())
            for role, account in first.items()
        }


Cookies = dict[str, str]


def opened(browser: Any, address: str, cookies: Cookies, **more: Any) -> Any:
    context = browser.new_context(viewport=SIZES[-1], reduced_motion="reduce", **more)
    if cookies:
        context.add_cookies(
            [{"name": name, "value": value, "url": address} for name, value in cookies.items()]
        )
    return context


def answers(page: Any, address: str, starts: Starts) -> Iterator[str]:
    """Forms that are sent, past the browser's own check: the page that answers each is open then."""
    quote, (over, _) = starts.first["customer"][0], starts.states["customer"]["a_quote_that_ran_out"]
    empty = "form => form.submit()"
    for name, href, element, act, status in (
        ("signing in with nothing", "/sign-in", "form[action='/sign-in']", empty, 422),
        ("ordering without an address", quote, "form#checkout", empty, 422),
        ("a quote that was renewed", over, "[formaction$='/renewal']", "button => button.click()", 200),
    ):
        page.goto(address + href, wait_until="load")
        with page.expect_navigation() as answered:
            page.eval_on_selector(element, act)
        assert answered.value.status == status, f"{name}: {answered.value.status}"
        yield name


def test_no_page_has_a_serious_fault(own: Database, tmp_path: Path, browser: Any) -> None:
    app = app_on(own, tmp_path)
    with serving(app) as address:
        cookies = {"guest": {}, **{role: {COOKIE: one} for role, one in visits(own).items()}}
        people = {role: opened(browser, address, one) for role, one in cookies.items()}
        starts = make_everything(own, address, people)
        walk = walked(address, app, people, starts)
        page = people["customer"].new_page()
        for name in answers(page, address, starts):
            walk.kinds[name] = faults_at_all_sizes(page)
        look_otherwise(browser, walk, cookies, starts)
        for context in people.values():
            context.close()
    assert len(walk.kinds) > 35
    assert sorted(walk.known - walk.seen) == [], "no page was visited for these routes"
    found = [f"{kind}: {fault}" for kind, told in walk.kinds.items() for fault in told]
    assert found == [], "\n".join(found)


def walked(address: str, app: FastAPI, people: dict[str, Any], starts: Starts) -> Walk:
    walk = Walk(address, pages(app))
    for role, context in people.items():
        page = context.new_page()
        mine = [*starts.first.get(role, ()), *pages_of(role), *WITHOUT_MENU]
        walk.through(page, ["/", *mine, *(GOOD_WHEN_EMPTY if role in ("planner", "platform") else ())])
        for name, (href, words) in starts.states.get(role, {}).items():
            walk.look(page, href, name.replace("_", " "))
            assert words in page.inner_text("main"), f"{name}: {page.inner_text('main')[:2000]}"
        page.close()
    return walk


def look_otherwise(browser: Any, walk: Walk, cookies: dict[str, Cookies], starts: Starts) -> None:
    """The pages that matter most, in other languages and in the dark."""
    places = {
        "guest": ["/", "/configure/mug", starts.states["guest"]["a_proof_to_approve"][0]],
        "customer": [starts.first["customer"][0]],
        "planner": ["/plant/board", "/floor"],
    }
    for name, language, look in OTHERWISE:
        for role, hrefs in places.items():
            spoken = {**cookies[role], LANGUAGE_COOKIE: language[:2]}
            context = opened(browser, walk.address, spoken, color_scheme=look)
            page = context.new_page()
            for href in hrefs:
                kind = f"{kind_of(href)} {name}"
                walk.look(page, href, kind)
                walk.kinds[kind] += misread(page, language)
            context.close()


def misread(page: Any, language: str) -> list[str]:
    """What axe does not look for: another language than was asked for, words too wide for a phone."""
    page.set_viewport_size(SIZES[0])
    said, wide = page.evaluate("[document.documentElement.lang, document.documentElement.scrollWidth]")
    found = [] if said == language else [f"its lang is {said!r}"]
    return found + ([f"it is {wide} px wide on a phone"] if wide > SIZES[0]["width"] else [])


def test_axe_sees_a_picture_without_words(house: str, browser: Any) -> None:
    """Negative control."""
    page = browser.new_page()
    page.goto(house)
    page.evaluate("document.querySelector('main').append(new Image())")
    found = [fault.split(" (")[0] for fault in faults_at_all_sizes(page)]
    assert found == ["at 360 px: image-alt", "at 1440 px: image-alt"]
    page.close()


def test_a_page_in_another_language_and_too_wide_is_seen(house: str, browser: Any) -> None:
    """Negative control."""
    page = browser.new_page()
    page.goto(house)
    assert misread(page, "en") == []
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<pre>' + 'x'.repeat(999))")
    lang, wide = misread(page, "de")
    assert lang == "its lang is 'en'"
    assert wide.endswith("px wide on a phone")
    page.close()


def test_a_route_that_nobody_visits_is_named(own: Database, tmp_path: Path) -> None:
    """Negative control: pages are told from pictures, files and parts, and an address finds its route."""
    app = app_on(own, tmp_path)
    known = pages(app)
    assert {"/order/{order_id}", "/track/{token}/change", "/plant/products/{family}/draft"} <= known
    assert page_of("http://house/track/abc/change?x=1", known) == "/track/{token}/change"
    assert page_of("/presale/abc", known) == "/presale/{presale_id}"
    assert page_of("/ideas/new", known) == "/ideas/new", "not /ideas/{idea_id}"
    assert page_of("/nowhere", known) == ""
    app.add_api_route("/a-page-that-is-new", lambda: None, methods=["GET"])
    assert pages(app) - known == {"/a-page-that-is-new"}
    assert NO_PAGE.keys() <= {route.path for route in routes(app)}, "an exception for what is no route"
