"""The seller's page of prices: from a list's form to the customer's price, segments, who sees a cost."""

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlmodel import Session, select

from cosmo.clock import read_now, set_clock
from cosmo.db import Database
from cosmo.orders import Order
from cosmo.parties import Party, Plant, Role
from cosmo.registry import Registry
from cosmo.stages import Stage
from modules import interaction, marketing, rnd
from modules.marketing.lists import load_price_list, price_list
from modules.marketing.models import PriceList
from modules.rnd.releases import load_families
from seeds.files import read_yaml
from tests.factories import MONDAY, NOW, make_account, make_customer, make_order, make_plant, walk
from tests.modules.interaction.conftest import MUGS, defaults
from tests.web_fixtures import Visitor

PAGE = "/plant/prices/mug/list"
COST = "1.2345"
"""A figure that stands nowhere else."""
People = Callable[..., Visitor]


@pytest.fixture(autouse=True)
def three_modules(modules: Callable[..., Registry]) -> None:
    modules(interaction.module, rnd.module, marketing.module)


@pytest.fixture
def mugs(database: Database) -> Plant:
    with database.write() as session:
        set_clock(session, speed=0, business=MONDAY)
        plant = make_plant(session, slug="lu-ceramics", name="Lu Ceramics")
        load_families(session, MUGS, plant, MONDAY)
        load_price_list(session, plant, "mug", read_yaml(MUGS / "price.yaml"), NOW)
        return plant


@pytest.fixture
def seller(people: People, mugs: Plant) -> Visitor:
    return people(Role.SELLER, plant=mugs)


def form_of(seller: Visitor, segment: str = "") -> dict[str, str]:
    """The form as it is first shown."""
    page = seller.get(f"{PAGE}?segment={segment}").text
    hidden = dict(re.findall(r'<input type="hidden" name="(was-[\w-]+)" value="([^"]*)"', page))
    shown = re.findall(r'<input class="input input-s num" name="([\w-]+)" value="([^"]*)"', page)
    return hidden | dict(shown)


def click(visitor: Visitor) -> Decimal:
    """What the mug of a first visit costs the visitor."""
    body = {"selections": defaults(visitor), "quantity": 24}
    return Decimal(visitor.post("/api/v1/families/mug/configure", json=body).json()["price"]["amount"])


def test_a_list_written_in_the_form_is_the_customers_price(
    client: Visitor, seller: Visitor, database: Database
) -> None:
    before, form = click(client), form_of(seller)
    assert form["rate-body"] == "1.90"
    answer = seller.post(PAGE, data={**form, "rate-setup": "50,00"})
    assert answer.headers["Location"] == "/plant/prices#list-mug"
    assert click(client) == before + 12, "setting up was 38"
    with database.read() as session:
        newest = session.exec(select(PriceList).where(PriceList.written_by != "")).one()
        assert (newest.segment, newest.valid_to) == ("", None)


def test_all_rates_are_raised_in_the_form_and_saved_by_nobody_yet(
    seller: Visitor, database: Database
) -> None:
    form = form_of(seller)
    shown = seller.post(PAGE, data={**form, "percent": "10", "do": "raise"})
    assert shown.status_code == 200
    assert 'name="rate-setup" value="41.80"' in shown.text
    assert (
        'name="rate-setup" value="34.20"'
        in seller.post(PAGE, data={**form, "percent": "10", "do": "lower"}).text
    )
    with database.read() as session:
        assert len(session.exec(select(PriceList)).all()) == 1


def test_small_rates_are_raised_too_and_surcharges_are_not(
    seller: Visitor, database: Database, mugs: Plant
) -> None:
    lines = [
        {"code": "ink", "name": {"en": "Ink"}, "unit": "g", "rate": "0.15"},
        {"code": "small", "name": {"en": "Small"}, "unit": "%", "rate": "1", "kind": "percent"},
    ]
    with database.write() as session:
        load_price_list(session, mugs, "mug", lines, NOW)
    shown = seller.post(PAGE, data={**form_of(seller), "percent": "2", "do": "raise"}).text
    assert 'name="rate-ink" value="0.153"' in shown
    assert 'name="rate-small" value="1.00"' in shown


def test_what_another_seller_wrote_meanwhile_stays(
    client: Visitor, seller: Visitor, database: Database
) -> None:
    before, mine, theirs = click(client), form_of(seller), form_of(seller)
    assert seller.post(PAGE, data={**theirs, "rate-setup": "50"}).status_code == 303
    assert seller.post(PAGE, data={**mine, "rate-packing": "0.82"}).status_code == 303
    assert click(client) == before + 12 + 12, "two dozen boxes are 50 cents dearer, setting up 12"


def test_a_segments_form_shows_its_own_rates(client: Visitor, seller: Visitor, database: Database) -> None:
    first = {**form_of(seller), "rate-setup": "8", "segment": "trade"}
    assert seller.post(PAGE, data=first).status_code == 303
    form = form_of(seller, "trade")
    assert (form["rate-setup"], form_of(seller)["rate-setup"]) == ("8.00", "38.00")
    assert seller.post(PAGE, data={**form, "rate-packing": "0.30", "segment": "trade"}).status_code == 303
    with database.read() as session:
        newest = price_list(session, "mug", read_now(session).business, "trade")
        assert newest is not None
        assert {line["code"]: line["rate"] for line in newest.lines} == {"setup": "8", "packing": "0.30"}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"rate-body": "lots"}, "Write a number from 0 on"),
        ({"rate-body": "-1"}, "Write a number from 0 on"),
        ({"cost-body": "lots"}, "Write a number from 0 on"),
        ({"rate-body": "2", "valid_to": "2020-01-01"}, "The last day comes before the first."),
        ({"rate-body": "2", "valid_from": "2020-01-01"}, "A list begins today or later"),
        ({"rate-body": "2", "valid_from": "someday"}, "Choose a day."),
        ({"rate-body": "2", "segment": "Über uns!"}, "A segment is a short word"),
        ({"rate-body": "2", "percent": "5"}, "Raise or lower them first"),
        ({"rate-handle": "2"}, "A rate is for no line"),
        ({}, "Nothing is different"),
    ],
)
def test_bad_input_is_told_and_kept(
    seller: Visitor, database: Database, typed: dict[str, str], said: str
) -> None:
    answer = seller.post(PAGE, data={**form_of(seller), **typed})
    assert answer.status_code == 422
    assert said in answer.text
    for name, value in typed.items():
        assert f'value="{value}"' in answer.text or name == "rate-handle", "what was typed is kept"
    with database.read() as session:
        assert len(session.exec(select(PriceList)).all()) == 1


def test_everything_that_is_wrong_is_told_at_once(seller: Visitor) -> None:
    typed = {"rate-body": "lots", "segment": "No!", "valid_to": "someday"}
    page = seller.post(PAGE, data={**form_of(seller), **typed}).text
    for said in ("Write a number from 0 on", "A segment is a short word", "Choose a day."):
        assert said in page


def test_a_segments_customer_sees_the_same_price_on_every_way(
    client: Visitor, seller: Visitor, people: People, database: Database, mugs: Plant
) -> None:
    ada = people(Role.CUSTOMER)
    with database.write() as session:
        party = session.exec(select(Party).where(Party.kind == "customer")).one()
        walk(session, make_order(session, mugs, customer=party, family="mug").id, Stage.PLACED)
    usual = click(client)
    assert click(ada) == usual
    assert seller.post(f"/plant/prices/segments/{party.id}", data={"segment": "Trade"}).status_code == 303
    assert (
        seller.post(PAGE, data={**form_of(seller), "rate-setup": "8", "segment": "trade"}).status_code == 303
    )
    assert (click(ada), click(client)) == (usual - 30, usual)
    assert seller.post(f"/plant/prices/segments/{party.id}", data={"segment": ""}).status_code == 303
    assert click(ada) == usual, "in none any more"
    assert seller.post(f"/plant/prices/segments/{party.id}", data={"segment": "trade"}).status_code == 303
    cents = f"{usual - 30:,.2f}"
    form = {**defaults(ada), "quantity": "24"}
    assert cents in ada.post("/configure/mug", data={**form, "do": "show"}, follow_redirects=True).text
    quote = ada.post(
        "/api/v1/quotes", json={"family": "mug", "selections": defaults(ada), "quantity": 24}
    ).json()
    assert Decimal(quote["price"]["amount"]) == usual - 30
    again = ada.post(f"/api/v1/quotes/{quote['id']}/renewal")
    assert again.status_code in (200, 201), again.text
    assert Decimal(again.json()["price"]["amount"]) == usual - 30
    nearest = ada.post(
        "/api/v1/families/mug/fit",
        json={"selections": defaults(ada), "quantity": 24, "budget": str(usual - 30)},
    ).json()
    assert nearest["found"][0]["changes"] == {}, "it fits as it is"


def test_a_word_that_is_no_segment_is_told_beside_the_customer(
    seller: Visitor, database: Database, mugs: Plant
) -> None:
    with database.write() as session:
        party = make_customer(session)
        make_account(session, party, Role.CUSTOMER)
        walk(session, make_order(session, mugs, customer=party, family="mug").id, Stage.PLACED)
    answer = seller.post(f"/plant/prices/segments/{party.id}", data={"segment": "no word!"})
    assert answer.status_code == 422
    assert 'value="no word!"' in answer.text
    assert "A segment is a short word" in answer.text
    assert seller.post("/plant/prices/segments/nobody", data={"segment": "trade"}).status_code == 404


def costed(session: Session, mugs: Plant) -> Order:
    """An order whose price list states a cost."""
    lines = [{**line, "cost": COST} for line in read_yaml(MUGS / "price.yaml")]
    load_price_list(session, mugs, "mug", lines, NOW)
    found = price_list(session, "mug", MONDAY)
    assert found is not None
    found.lines = [{**line, "cost": COST} for line in found.lines]
    session.add(found)
    line = {"code": "setup", "text": {"en": "Setting up"}, "amount": "38.00"}
    order = make_order(session, mugs, family="mug", price_amount=Decimal(38), price_lines=[line])
    order.number, order.created_at = "C-24001", MONDAY
    return walk(session, order.id, Stage.PLACED)


def test_what_is_kept_is_seen_by_sellers_alone(
    client: Visitor, seller: Visitor, people: People, database: Database, mugs: Plant
) -> None:
    with database.write() as session:
        order = costed(session, mugs)
    assert COST in seller.get("/plant/prices").text.replace("1.234", COST)
    page = seller.get(f"/plant/orders/{order.id}").text
    assert "What the plant keeps" in page
    told = seller.get(f"/api/v1/orders/{order.id}/margin").json()
    assert (told["price"], told["currency"]) == ("38.00", "EUR")
    for role in (Role.PLANNER, Role.ENGINEER, Role.OPERATOR, Role.SERVICE):
        other = people(role, plant=mugs)
        assert "What the plant keeps" not in other.get(f"/plant/orders/{order.id}").text
        assert other.get(f"/api/v1/orders/{order.id}/margin").status_code == 403
    body = {"selections": defaults(client), "quantity": 24}
    answers = [
        client.post("/api/v1/families/mug/configure", json=body).text,
        client.get("/api/v1/families/mug").text,
        client.get("/configure/mug").text,
        client.get(f"/track/{order.tracking_token}").text,
    ]
    assert not [text for text in answers if "What the plant keeps" in text or COST in text or '"cost' in text]
