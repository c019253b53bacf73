"""The whole journey by hand through the pages, everybody in their own browser: on phones with one process on
SQLite, and on screens with two web processes and two workers on PostgreSQL and RabbitMQ. There the customer
is at one web process and whoever works for the order at the other.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cosmo.access import order_by_token
from cosmo.db import Database
from cosmo.settings import read_settings
from tests.browser.buying import approve, configure, order
from tests.browser.houses import House, MakeHouse, two_of_each
from tests.browser.people import People
from tests.browser.stopwatch import Stopwatch, told
from tests.browser.watching import in_order, seen, shown_at, watch

MOST_DAYS = 10
"""No lot rests longer."""


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo without a past, made once."""
    house = House(tmp_path_factory.mktemp("seeded"))
    house.run("seed", "--small")
    return house.home


@pytest.fixture
def home(make_house: MakeHouse, request: pytest.FixtureRequest) -> Iterator[tuple[House, int, str]]:
    """(the house, how wide everybody's pages are, the second web process's address)"""
    if request.param == "sqlite":
        house = make_house(COSMO_CLOCK="1")
        shutil.copytree(request.getfixturevalue("seeded"), house.home)
        house.until_ready(house.start("demo", "--no-simulator"))
        yield house, 360, ""
    else:
        urls = [request.getfixturevalue(f"{name}_url") for name in ("postgres", "rabbitmq")]
        house = make_house(COSMO_DATABASE_URL=urls[0], COSMO_BROKER_URL=urls[1], COSMO_DEMO="1")
        house.home.mkdir(parents=True)
        house.run("seed", "--small")
        yield house, 1440, two_of_each(house)[1]
    house.stop()


@pytest.fixture
def people(home: tuple[House, int, str], visit: Callable[..., Any]) -> People:
    house, width, other = home
    return People(house, visit, width, other)


@pytest.mark.parametrize("home", ["postgres", "sqlite"], indirect=True)
def test_from_the_first_click_to_the_remake(people: People) -> None:
    people.stop_time()
    supplier, carrier = people.signed_in("supplier"), people.signed_in("carrier")
    customer = people.stranger()
    configure(people, customer)
    order(people, customer)
    approve(people, customer)
    live = customer.context.new_page()
    live.set_default_timeout(120_000)
    live.goto(customer.url)
    watch(live)
    with timed(people, live):
        supply(people, supplier)
        make(people, live)
        carry(people, carrier, live)
    stages = [stage for stage, _ in seen(live)]
    assert in_order(stages), stages
    assert stages[-4:] == ["in_production", "produced", "shipped", "delivered"], stages
    claim(people, customer)


@contextmanager
def timed(people: People, live: Any) -> Iterator[None]:
    """Tells how long it took from an event's commit until the customer's page showed it."""
    database = Database(read_settings(people.house.environment()).database_url)
    with database.read() as session:
        order = order_by_token(session, live.url.partition("#")[0].rpartition("/")[2])
    watching = Stopwatch(database, order.id)
    watching.start()
    yield
    watching.stop()
    late = watching.latencies(shown_at(live), order.seq)
    database.dispose()
    assert late, "the page showed nothing new"
    print(f"{people.width} px, {'the other' if people.other else 'the same'} web process: {told(late)}")


def shows(live: Any, *stages: str) -> None:
    """The page that nobody reloads shows one of the stages."""
    live.wait_for_selector(", ".join(f"#live-order .live-order[data-stage={stage}]" for stage in stages))


# Those who supply, make and carry it


def supply(people: People, page: Any) -> None:
    """Decals are made for the order: its supplier confirms, announces, and hands over with a lot number."""
    page.get_by_role("button", name="Confirm", exact=True).wait_for()
    people.shoot(page, "supplier")
    people.press(page, page.get_by_role("button", name="Confirm", exact=True))
    page.wait_for_selector("h1:has-text('All answered')")
    people.shoot(page, "supplier-confirmed")
    people.follow(page, "Deliveries")
    people.press(page, page.get_by_role("button", name="Announce delivery"))
    page.wait_for_selector("input[name=lot_number]")
    people.sleep_over()
    page.fill("input[name=lot_number]", "ND-4711")
    people.shoot(page, "supplier-deliveries")
    people.press(page, page.get_by_role("button", name="Handed over"))
    page.wait_for_selector("h1:has-text('Nothing to hand over')")
    people.shoot(page, "supplier-delivered")


def make(people: People, live: Any) -> None:
    """The operator goes where the order's route leads, and comes back the next day where something rests."""
    page = people.signed_in("operator")
    people.shoot(page, "floor")
    people.follow(page, "Orders")
    people.press(page, page.locator("main table a").first)
    page.wait_for_url("**/plant/orders/*")
    route = page.locator("main .card li:has(.st-wait) p > span:first-of-type").all_inner_texts()
    people.shoot(page, "order-of-the-plant")
    assert len(route) >= 6, route
    for centre in route:
        people.follow(page, "Floor")
        people.press(page, page.locator("#choose a", has_text=re.compile(f"^\\s*{re.escape(centre)}\\s*$")))
        work(people, page, live)
    shows(live, "produced")
    people.shoot(live, "track-produced")


def work(people: People, page: Any, live: Any) -> None:
    """One operation, begun and ended with the big button; a kiln is left alone overnight."""
    page.wait_for_selector("#queue", state="attached")
    title = page.inner_text("#job h1")
    name = re.sub("[^a-z0-9]+", "-", title.lower())
    people.shoot(page, f"floor-{name}")
    start = "#job .go-row form:has(input[value=start]) button.big-go"
    for _ in range(MOST_DAYS):
        if page.locator(start).count():
            break
        people.sleep_over()
        page.reload()
    people.press(page, start)
    page.wait_for_selector("#job .go-row form:has(input[value=finish])")
    shows(live, "in_production")
    if "firing" in title:
        live.wait_for_selector("#live-order .kiln .curve")
        people.shoot(live, f"track-{name}")
        people.sleep_over()
        page.reload()
    people.shoot(page, f"floor-{name}-running")
    people.press(page, "#job .go-row form:has(input[value=finish]) button.big-go")
    page.wait_for_selector("#job .go-row form:has(input[value=finish])", state="detached")


def carry(people: People, page: Any, live: Any) -> None:
    """The carrier collects and delivers; the customer sees both at once."""
    collect = page.get_by_role("button", name="Collected")
    collect.wait_for()
    people.shoot(page, "carrier")
    people.press(page, collect)
    page.wait_for_selector("input[name=received_by]")
    shows(live, "shipped")
    people.shoot(live, "track-shipped")
    assert live.inner_text(".clockbar b") == people.signed_in("planner").inner_text(".clockbar b")
    people.sleep_over()
    page.fill("input[name=received_by]", "Ada L.")
    people.shoot(page, "carrier-collected")
    people.press(page, page.get_by_role("button", name="Delivered"))
    shows(live, "delivered")
    people.shoot(page, "carrier-delivered")
    people.shoot(live, "track-delivered")


# What comes after


def claim(people: People, page: Any) -> None:
    """The record of what was made, and two cracked handles that are made again."""
    page.reload()
    people.press(page, page.locator("#service").get_by_role("link", name="See the record"))
    page.wait_for_url("**/made/*")
    people.shoot(page, "as-built")
    assert "ND-4711" in page.inner_text("main")
    page.go_back()
    people.press(page, "#service summary")
    page.fill("#service input[name=pieces]", "2")
    page.fill("#service textarea[name=text]", "Two handles have a crack.")
    people.shoot(page, "track-claim")
    people.press(page, page.locator("#service").get_by_role("button", name="Send the claim"))
    page.wait_for_selector("#service :text('We are looking into it')")
    desk = people.signed_in("service")
    people.shoot(desk, "service")
    assert "Two handles have a crack." in desk.inner_text("main")
    people.press(desk, desk.get_by_role("button", name="Make it again"))
    desk.wait_for_selector("h1:has-text('All claims are answered')")
    people.shoot(desk, "service-answered")
    page.reload()
    page.wait_for_selector("#service :text('We make it again')")
    people.shoot(page, "track-claim-answered")
    follow_the_remake(people, page)


def follow_the_remake(people: People, page: Any) -> None:
    """It is an order of its own: two pieces, in the plan, with a page to follow it by."""
    first = number_on(page)
    people.press(page, page.locator("#service").get_by_role("link", name="Follow it"))
    page.wait_for_selector(f"#live-order .eyebrow:not(:has-text('{first}'))")
    page.wait_for_selector("#live-order .live-order[data-stage=scheduled]")
    people.shoot(page, "track-remade")
    remake = number_on(page)
    planner = people.signed_in("planner")
    people.follow(planner, "Orders")
    assert remake in planner.inner_text("main table")
    people.shoot(planner, "orders")


def number_on(page: Any) -> str:
    """The order's number on its tracking page."""
    said = page.locator("#live-order .eyebrow span").locator("visible=true").first.inner_text()
    return str(said.partition(" ")[0])
