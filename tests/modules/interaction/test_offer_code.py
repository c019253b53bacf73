"""The code of an offer in the configurator: taken or refused in words, carried on, kept with the quote."""

import re
from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import select

from cosmo.db import Database
from cosmo.offer_ports import LONGEST_CODE
from cosmo.orders import Order
from cosmo.parties import Plant
from modules.marketing.campaigns import open_campaign
from modules.marketing.schemas import CampaignIn
from tests.factories import NOW
from tests.modules.interaction.conftest import defaults
from tests.web_fixtures import Visitor

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def campaigns(database: Database, priced: Plant) -> None:
    """Ten percent with a code, five for everybody, on mugs until Sunday 14 June."""
    days = {"first_day": date(2026, 6, 8), "last_day": date(2026, 6, 14)}
    with database.write() as session:
        for name, percent, code in (("Friends", 10, "FRIENDS"), ("Spring", 5, "")):
            wish = CampaignIn(
                name={"en": name}, families=("mug",), percent=Decimal(percent), code=code, **days  # type: ignore[arg-type]
            )  # fmt: skip
            open_campaign(session, priced, ["mug"], wish, "seller", NOW)


def post(client: Visitor, **more: str) -> str:
    return client.post("/configure/mug", data=defaults(client) | more, headers=HTMX).text


def test_a_code_that_counts_is_a_line_of_the_price_and_goes_along(
    client: Visitor, database: Database
) -> None:
    page = post(client, offer_code="friends")
    assert "Friends, until Sun 14 June" in page
    assert 'name="offer_code" type="text" value="friends"' in page or 'value="friends"' in page
    assert "offer_code=friends" in page, "links to alternatives and to what fits carry it"
    client.post("/configure/mug", data=defaults(client) | {"offer_code": "friends", "do": "order"})
    with database.read() as session:
        order = session.exec(select(Order)).one()
    assert order.offer_code == "friends"
    assert any(line["text"]["en"].startswith("Friends") for line in order.price_lines)


def test_one_that_does_not_count_says_why_and_changes_nothing(client: Visitor) -> None:
    plain, wrong = post(client), post(client, offer_code="ENEMIES")
    assert "There is no code “ENEMIES” here. The price is without it." in wrong
    amounts = re.compile(r"€[0-9.,]+")
    assert amounts.findall(plain) == amounts.findall(wrong)
    assert "Spring, until Sun 14 June" in wrong, "what runs for everybody counts all the same"
    assert "Den Code „ENEMIES“ gibt es hier nicht." in client.post(
        "/configure/mug?lang=de", data=defaults(client) | {"offer_code": "ENEMIES"}, headers=HTMX
    ).text  # fmt: skip


def test_no_typed_sign_breaks_the_page(client: Visitor) -> None:
    for code in ("\x00", "x" * 500, "<b>", "' or 1=1", "é"):
        answer = client.post("/configure/mug", data=defaults(client) | {"offer_code": code}, headers=HTMX)
        assert answer.status_code == (422 if len(code) > LONGEST_CODE else 200)
        assert "<b> here" not in answer.text


def test_the_shop_shows_what_runs_for_everybody_with_its_last_day(client: Visitor) -> None:
    page = client.get("/").text
    assert "<b>Spring</b>: 5 % off until Sun 14 June" in page
    assert "Friends" not in page
    assert "5 % weniger bis So. 14. Juni" in client.get("/?lang=de").text


def test_the_api_says_why_too(client: Visitor) -> None:
    body = {"selections": defaults(client), "quantity": 24}
    path = "/api/v1/families/mug/configure"
    assert client.post(path, json=body).json()["offer_code_problem"] is None
    told = client.post(path, json=body | {"offer_code": "ENEMIES"}).json()
    assert told["offer_code_problem"].startswith("There is no code")
    assert told["price"] == client.post(path, json=body).json()["price"]
