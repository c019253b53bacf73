"""In a browser: an idea becomes a product in pre-sale; a pre-sale that is reached, and one that lapses.

With COSMO_SHOTS set to a folder, pictures of the way are left there.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select

from cosmo.clock import wall_time
from cosmo.db import Database
from cosmo.identity import open_session
from cosmo.mail import Mail
from cosmo.orders import Order
from cosmo.parties import Account, Plant, Role
from cosmo.relay import drain
from cosmo.settings import read_settings
from cosmo.stages import Stage
from modules.marketing.presale_jobs import look_after
from modules.marketing.presale_models import Pledge, PledgeState
from modules.rnd import drafts
from tests.factories import MONDAY
from tests.modules.rnd.pictures import drawing
from tests.shots import seen
from tests.stories.changes import ceramics, findings
from tests.stories.workshop import stop_clock
from tests.web.servers import serving
from web.app import create_app
from web.visits import COOKIE

Visit = Callable[..., Any]
LAST_DAY = date(2026, 6, 26)
SMALL = 360


@pytest.fixture
def plant(database: Database) -> Plant:
    return ceramics(database)[0]


@pytest.fixture
def house(plant: Plant, database: Database, tmp_path: Path) -> Iterator[str]:
    env = {"COSMO_HOME": str(tmp_path), "COSMO_DATABASE_URL": database.url, "COSMO_DEMO": "1"}
    settings = read_settings(env)
    database.files = settings.attachments
    with serving(create_app(settings, database)) as address:
        yield address


def staff(database: Database, plant: Plant, role: Role, visit: Visit, house: str) -> Any:
    """A page of somebody of the plant."""
    mine = (Account.party_id == plant.manufacturer_id, Account.role == role)
    with database.write() as session:
        account = session.exec(select(Account).where(*mine)).one()
        secret = open_session(session, account_id=account.id, wall=wall_time())
    page = visit(house)
    page.context.add_cookies([{"name": COOKIE, "value": secret, "url": house}])
    return page


def press(page: Any, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_load_state()


def post_idea(page: Any, house: str, tmp_path: Path) -> None:
    """Something is missing first; nothing that was typed is lost."""
    sketch = tmp_path / "left.svg"
    sketch.write_bytes(drawing("6"))
    page.goto(f"{house}/ideas")
    page.get_by_role("link", name="Post an idea").click()
    page.get_by_label("What is it?").fill("A mug for left hands")
    page.get_by_label("In your words").fill("The picture should face me.")
    page.get_by_label("What is it near?").select_option(value="family:mug")
    page.get_by_label("Sketch").set_input_files(sketch)
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("E-mail").fill("ada@nowhere")
    press(page, "Post the idea")
    assert "left.svg is kept" in page.inner_text("main")
    assert page.get_by_label("In your words").input_value() == "The picture should face me."
    seen(page, "idea-1-missing")
    page.get_by_label("E-mail").fill("ada@example.test")
    press(page, "Post the idea")
    page.get_by_text("This is your idea.").wait_for()
    seen(page, "idea-2-posted")


def vote(page: Any, house: str) -> None:
    page.goto(f"{house}/ideas")
    press(page, "A mug for left hands: I want this too")
    assert "1 person wants this" in " ".join(page.inner_text("main").split())
    press(page, "A mug for left hands: take my vote back")
    press(page, "A mug for left hands: I want this too")
    seen(page, "idea-3-voted")


def answer(page: Any, house: str, tmp_path: Path) -> None:
    """The designer claims it, shows how it could be made, chooses, and begins a draft of the product."""
    page.goto(f"{house}/plant/ideas")
    page.get_by_role("link", name="Look at A mug for left hands").click()
    press(page, "Claim it")
    page.get_by_label("How it would be made").fill("The print moves to the other side.")
    page.get_by_label("About what one would cost").fill("16,50")
    page.get_by_label("Picture").set_input_files(tmp_path / "left.svg")
    press(page, "Post the proposal")
    seen(page, "idea-4-proposed")
    press(page, "Choose this one")
    press(page, "Work it out for the product")
    page.get_by_text("A draft of its product is begun.").wait_for()
    seen(page, "idea-5-chosen")


def open_presale(page: Any, house: str) -> str:
    """The seller opens a pre-sale of it; its public address."""
    page.goto(f"{house}/plant/ideas")
    page.get_by_role("link", name="Look at A mug for left hands").click()
    page.get_by_role("link", name="Open a pre-sale of it").click()
    assert page.get_by_label("What customers read above it").input_value() == "A mug for left hands"
    page.get_by_label("Made from so many on").fill("12")
    page.get_by_label("Last day").fill(LAST_DAY.isoformat())
    page.get_by_label("Discount").fill("10")
    page.get_by_label("Outer glaze").select_option(label="Cobalt")
    seen(page, "presale-1-opening")
    press(page, "Open the pre-sale")
    there = page.get_by_role("link", name="As customers see it").get_attribute("href")
    return f"{house}{there}"


def take(page: Any, there: str, quantity: int, name: str, picture: str = "") -> str:
    """Look at the price, then pledge; the address of the pledge."""
    page.goto(there)
    fields = {"How many": str(quantity), "Name": name, "E-mail": f"{name.lower()}@example.test",
              "Street and number": "Ring 1", "Postal code": "10115", "City": "Berlin"}  # fmt: skip
    for label, value in fields.items():
        page.get_by_label(label, exact=True).fill(value)
    press(page, "See what it costs")
    if picture:
        seen(page, picture)
    page.locator("button[name=agreed]").click()
    page.wait_for_url("**/pledge/*")
    return str(page.url)


def placed(session: Session) -> list[Order]:
    return list(session.exec(select(Order).where(col(Order.number).is_not(None)).order_by(col(Order.number))))


def test_idea_to_product(house: str, plant: Plant, database: Database, visit: Visit, tmp_path: Path) -> None:
    author = visit(house)
    post_idea(author, house, tmp_path)
    vote(visit(house, SMALL), house)
    answer(staff(database, plant, Role.ENGINEER, visit, house), house, tmp_path)
    there = open_presale(staff(database, plant, Role.SELLER, visit, house), house)
    author.reload()
    told = author.inner_text("main")
    steps = ("posted the idea", "took it up", "made a proposal", "chose a proposal", "work it out")
    places = [told.index(step) for step in (*steps, "pre-sale opened")]
    assert places == sorted(places), "the story is told in its order"
    assert "0 of 12 pieces" in told
    seen(author, "idea-6-in-presale")
    first = take(visit(house), there, 5, "Bea", "presale-2-price")
    second = take(visit(house, SMALL), there, 7, "Cem", "presale-3-price-small")
    look_after(database)
    drain(database)
    for link in (first, second):
        author.goto(link)
        author.get_by_role("link", name="Follow your order").wait_for()
    seen(author, "presale-4-ordered")
    author.get_by_role("link", name="Follow your order").click()
    author.wait_for_load_state()
    seen(author, "presale-5-order")
    author.goto(there)
    assert "12 of 12 pieces" in author.inner_text("main")
    author.get_by_text("Enough people take it: it is being made.").wait_for()
    assert not author.get_by_role("button", name="See what it costs").count()
    seen(author, "presale-6-reached")
    author.set_viewport_size({"width": SMALL, "height": 780})
    seen(author, "presale-6-reached")
    with database.read() as session:
        assert drafts.draft_of(session, "mug").note.startswith("A mug for left hands: The print moves")
        orders = placed(session)
        assert [order.quantity for order in orders] == [5, 7], "in the order of pledging"
        assert {order.stage for order in orders} == {Stage.SCHEDULED}
        sent = list(session.exec(select(Mail.template).order_by(col(Mail.id))))
        assert sent.count("confirmation") == sent.count("presale-reached") == 2
        assert sent[:4] == ["idea-posted", "idea-claimed", "idea-proposed", "idea-chosen"]
    assert findings(database) == []


def test_a_presale_that_lapses(house: str, plant: Plant, database: Database, visit: Visit) -> None:
    """One withdraws, the others are too few; after the last day everybody is told and nothing was made."""
    seller = staff(database, plant, Role.SELLER, visit, house)
    seller.goto(f"{house}/plant/presales/new?family=mug")
    seller.get_by_label("What customers read above it").fill("The tall mug")
    seller.get_by_label("Made from so many on").fill("20")
    seller.get_by_label("Last day").fill(LAST_DAY.isoformat())
    press(seller, "Open the pre-sale")
    there = house + seller.get_by_role("link", name="As customers see it").get_attribute("href")
    one, other = visit(house), visit(house, SMALL)
    take(one, there, 12, "Bea")
    take(other, there, 5, "Cem")
    press(other, "Withdraw the pledge")
    other.get_by_text("You have withdrawn it.").wait_for()
    seen(other, "lapse-1-withdrawn")
    one.reload()
    assert "12 of 20 pieces" in one.inner_text("main")
    stop_clock(database, MONDAY + (LAST_DAY - MONDAY.date()))
    look_after(database)
    one.reload()
    assert "Today is the last day." in one.inner_text("main")
    stop_clock(database, MONDAY + (LAST_DAY - MONDAY.date()) + timedelta(days=1))
    look_after(database)
    drain(database)
    one.reload()
    one.get_by_text("Not enough people took it. Nothing is made and nothing is paid.").wait_for()
    assert "12 of 20 pieces" in one.inner_text("main"), "what was pledged stays told"
    seen(one, "lapse-2-lapsed")
    seller.reload()
    seen(seller, "lapse-3-seller")
    assert "not reached" in seller.inner_text("main")
    other.goto(there)
    assert other.get_by_role("button", name="See what it costs").count() == 0
    with database.read() as session:
        states = list(session.exec(select(Pledge.state).order_by(col(Pledge.id))))
        assert states == [PledgeState.LAPSED, PledgeState.WITHDRAWN]
        assert placed(session) == []
        sent = list(session.exec(select(Mail.template).order_by(col(Mail.id))))
        assert sent == ["presale-pledged", "presale-pledged", "presale-lapsed"]
