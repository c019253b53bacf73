"""The code of an offer in the configurator: taken or refused in words, carried on, kept with the quote."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

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


TRIES = 20
"""Wrong codes an address may try in an hour."""


def guess(client: Visitor, code: str) -> Any:
    body = {"selections": defaults(client), "quantity": 24, "offer_code": code}
    return client.post("/api/v1/families/mug/configure", json=body)


def guess_many(client: Visitor, often: int = TRIES) -> None:
    body = {"selections": defaults(client), "quantity": 24, "promise": False}
    for number in range(often):
        answer = client.post(
            "/api/v1/families/mug/configure", json={**body, "offer_code": f"GUESS{number}"}
        ).json()
        assert answer["offer_code_problem"]


def test_who_guesses_codes_has_to_wait_with_right_ones_too(client: Visitor) -> None:
    guess_many(client)
    for code in ("GUESS99", "FRIENDS", "GUESS1"):
        refused = guess(client, code)
        assert (refused.status_code, refused.json()["type"]) == (429, "too-many-requests")
        assert int(refused.headers["Retry-After"]) > 60
        assert "price" not in refused.json(), "nothing is said of the code"
    assert guess(client, "").status_code == 200, "without one everything goes on"
    quote = {"family": "mug", "selections": defaults(client), "quantity": 24, "offer_code": "FRIENDS"}
    assert client.post("/api/v1/quotes", json=quote).status_code == 429
    direct = quote | {"customer": {"name": "Ada", "email": "ada@example.test"}}
    assert client.post("/api/v1/orders", json=direct).status_code == 429


def test_on_the_page_the_field_says_it_and_the_price_is_without_a_code(
    client: Visitor, database: Database
) -> None:
    guess_many(client)
    page = post(client, offer_code="FRIENDS")
    assert "That is many codes that are none." in page
    assert 'value="FRIENDS"' in page, "nothing typed is lost"
    assert "Friends, until" not in page
    assert "Spring, until Sun 14 June" in page
    form = defaults(client) | {"offer_code": "FRIENDS", "do": "order"}
    assert "That is many codes" in client.post("/configure/mug", data=form, headers=HTMX).text
    with database.read() as session:
        assert session.exec(select(Order)).all() == [], "nothing is quoted for more than was seen"
    address = "/configure/mug?offer_code=FRIENDS"
    assert "Friends, until" not in client.get(address).text
    assert "Friends" not in client.get(address.replace("?", "/fit?") + "&budget=500").text
    assert client.get(address.replace("?", "/alternatives?")).status_code == 200


def test_a_wrong_code_that_stays_in_the_form_counts_once_and_a_right_one_never(client: Visitor) -> None:
    for _ in range(TRIES + 2):
        assert guess(client, "enemies").status_code == 200
        assert guess(client, "FRIENDS").status_code == 200
    guess_many(client, TRIES - 1)
    assert guess(client, "FRIENDS").status_code == 429


def test_a_direct_order_takes_a_code_and_refuses_one_that_does_not_count(
    client: Visitor, database: Database
) -> None:
    body = {
        "family": "mug",
        "selections": defaults(client),
        "quantity": 24,
        "ship_to": {"name": "Ada", "street": "Ring 1", "city": "Berlin", "postal_code": "10115"},
        "customer": {"name": "Ada", "email": "ada@example.test"},
    }
    wrong = client.post("/api/v1/orders", json=body | {"offer_code": "ENEMIES"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "offer_code")
    assert "There is no code “ENEMIES” here." in wrong.json()["detail"]
    with database.read() as session:
        assert session.exec(select(Order)).all() == []
    right = client.post("/api/v1/orders", json=body | {"offer_code": "friends"})
    assert right.status_code == 201, right.text
    with database.read() as session:
        (order,) = session.exec(select(Order)).all()
    assert order.offer_code == "friends"
    assert any(line["text"]["en"].startswith("Friends") for line in order.price_lines)
    both = {"quote_id": order.id, "offer_code": "friends", "customer": body["customer"]}
    assert client.post("/api/v1/orders", json=both).status_code == 422, "a quote has its own"
