"""The order form and the basket: what was typed stays, nothing is placed for more than was shown."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from cosmo.clock import set_clock, wall_time
from cosmo.db import Database
from cosmo.orders import Address, Order
from cosmo.parties import Plant, Role
from cosmo.stages import Stage
from tests.factories import MONDAY, make_customer
from tests.modules.interaction.conftest import CHECKOUT, defaults, quoted
from tests.web_fixtures import Visitor

pytestmark = pytest.mark.usefixtures("mugs")


def order_of(database: Database, order_id: str) -> Order:
    with database.read() as session:
        return session.get_one(Order, order_id)


def expire(database: Database, order_id: str) -> None:
    with database.write() as session:
        session.get_one(Order, order_id).quote_expires_at = wall_time() - timedelta(minutes=1)


def keep(visitor: Visitor) -> str:
    """Keep a quote in the basket; its id."""
    form = {**defaults(visitor), "quantity": "24", "do": "keep"}
    assert visitor.post("/configure/mug", data=form).headers["Location"] == "/basket"
    page = visitor.get("/basket").text
    return page.rpartition("/basket/")[2].partition("/removal")[0]


def offered_anew(page: str) -> list[str]:
    """The quotes for which a new date is offered now, not only once their time is over."""
    now = re.sub(r'<div data-shown-from="[^"]+" hidden>.*?</div>', "", page, flags=re.DOTALL)
    buttons = re.findall(r"<button[^>]+/order/(\w+)/renewal[^>]*>.*?</button>", now, re.DOTALL)
    said = re.findall(r"<button[^>]+/renewal[^>]*>.*?</button>", now, re.DOTALL)
    return [one for one, words in zip(buttons, said, strict=True) if "Ask for a new date" in words]


def test_typed_values_stay_and_each_error_stands_at_its_field(client: Visitor, database: Database) -> None:
    quote_id = quoted(client)
    wrong = client.post(f"/order/{quote_id}", data={**CHECKOUT, "email": "nobody", "city": ""})
    assert wrong.status_code == 422
    for words in ('value="Ring 1"', 'value="nobody"', "Write an e-mail address", "Write the city."):
        assert words in wrong.text
    assert order_of(database, quote_id).stage == Stage.QUOTED


def test_ordering_leads_to_the_customers_page_and_twice_is_once(client: Visitor, database: Database) -> None:
    quote_id = quoted(client)
    placed = client.post(f"/order/{quote_id}", data=CHECKOUT)
    order = order_of(database, quote_id)
    there = f"/track/{order.tracking_token}"
    assert (placed.status_code, placed.headers["Location"]) == (303, there)
    assert order.stage == Stage.PLACED
    again = client.post(f"/order/{quote_id}", data={**CHECKOUT, "city": "Elsewhere"})
    assert again.headers["Location"] == there
    with database.read() as session:
        address = session.get(Address, order.ship_to_id)
        assert address is not None
        assert address.city == "Berlin", "a form sent twice changes no placed order"
    assert (order.number or "-") in client.get("/orders").text


def test_farther_than_asked_is_told_before_it_is_ordered(
    client: Visitor, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cosmo.defaults import FromTheDoor
    from cosmo.ports import DeliveryAnswer

    near = FromTheDoor.deliver

    def by_country(self, session, plant_id, ship_to, *rest):  # type: ignore[no-untyped-def]
        answer = near(self, session, plant_id, ship_to, *rest)
        days = timedelta(days=6 if ship_to.country == "US" else 0)
        return DeliveryAnswer(answer.date + days, answer.service, answer.name, answer.freight)

    monkeypatch.setattr(FromTheDoor, "deliver", by_country)
    quote_id = quoted(client)
    before = order_of(database, quote_id).promised_date
    far = client.post(f"/order/{quote_id}", data={**CHECKOUT, "country": "US"})
    assert far.status_code == 409
    assert "Order again to accept it." in far.text
    order = order_of(database, quote_id)
    assert before is not None
    assert (order.stage, order.promised_date) == (Stage.QUOTED, before + timedelta(days=6))
    assert client.post(f"/order/{quote_id}", data={**CHECKOUT, "country": "US"}).status_code == 303
    assert order_of(database, quote_id).first_promise == before + timedelta(days=6)


def test_an_expired_quote_is_asked_for_anew(client: Visitor, database: Database) -> None:
    quote_id = quoted(client)
    expire(database, quote_id)
    page = client.get(f"/order/{quote_id}").text
    assert "This quote has expired" in page
    assert "Ask for a new date" in page
    refused = client.post(f"/order/{quote_id}", data=CHECKOUT)
    assert refused.status_code == 409
    assert 'value="Ring 1"' in refused.text
    with database.read() as session:
        order = session.get_one(Order, quote_id)
        address = session.get(Address, order.ship_to_id)
        assert address is None or address.street == "", "refused, so nothing of it was written"
    renewed = client.post(f"/order/{quote_id}/renewal")
    assert renewed.headers["Location"] == f"/order/{quote_id}"
    assert client.post(f"/order/{quote_id}", data=CHECKOUT).status_code == 303


def test_a_date_that_time_has_overtaken_is_told_with_what_was_typed(
    client: Visitor, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cosmo import placing
    from cosmo.ports import PlaceOvertaken

    quote_id = quoted(client)
    firm = placing.firm_all

    def overtaken(*args):  # type: ignore[no-untyped-def]
        monkeypatch.setattr(placing, "firm_all", firm)
        raise PlaceOvertaken("gone")

    monkeypatch.setattr(placing, "firm_all", overtaken)
    with database.write() as session:
        set_clock(session, speed=0, business=MONDAY + timedelta(days=9))
    moved = client.post(f"/order/{quote_id}", data=CHECKOUT)
    assert moved.status_code == 409
    assert "held for you. Order again to take it." in moved.text
    assert 'value="Ring 1"' in moved.text
    assert client.post(f"/order/{quote_id}", data=CHECKOUT).status_code == 303


def test_the_basket_orders_all_or_none_and_lets_go(client: Visitor, database: Database) -> None:
    assert "Keep a quote while you configure" in client.get("/basket").text
    first, second = keep(client), keep(client)
    assert first != second
    third = keep(client)
    assert client.post(f"/basket/{third}/removal").status_code == 303
    assert order_of(database, third).stage == Stage.LAPSED
    expire(database, second)
    page = client.get("/basket").text
    assert offered_anew(page) == [second]
    assert third not in page
    refused = client.post("/basket", data=CHECKOUT)
    assert refused.status_code == 409
    assert order_of(database, first).stage == Stage.QUOTED, "all or none"
    client.post(f"/order/{second}/renewal")
    assert client.post("/basket", data=CHECKOUT).headers["Location"] == "/orders"
    assert {order_of(database, i).stage for i in (first, second)} == {Stage.PLACED}
    assert client.post(f"/basket/{first}/removal").status_code == 409


def test_what_is_mine_is_mine(
    client: Visitor, people: Callable[..., Visitor], mugs: Plant, database: Database
) -> None:
    kept = keep(client)
    planner = people(Role.PLANNER, mugs)
    assert kept not in planner.get("/basket").text, "a plant's people have no basket of others' quotes"
    for path in (f"/order/{kept}", f"/order/{kept}/renewal", f"/basket/{kept}/removal"):
        assert people(Role.CUSTOMER).post(path, data=CHECKOUT).status_code == 404
    with database.write() as session:
        party = make_customer(session, "Grace", "grace@example.test")
    grace = people(Role.CUSTOMER, party=party)
    assert "You have not ordered yet." in grace.get("/orders").text
    quote_id = quoted(grace)
    assert 'value="grace@example.test"' in grace.get(f"/order/{quote_id}").text
    grace.post(f"/order/{quote_id}", data=CHECKOUT)
    assert (order_of(database, quote_id).number or "-") in grace.get("/orders").text
    assert "You have not ordered yet." in people(Role.CUSTOMER).get("/orders").text
