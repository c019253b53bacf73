"""Signed quotes through the API: what comes back with its signature is placed, and nothing else is."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from fastapi import FastAPI

from cosmo import defaults
from cosmo.clock import wall_time
from cosmo.db import Database
from cosmo.orders import Order, StandardProduct
from cosmo.parties import Plant, Role
from cosmo.ports import PlaceOvertaken
from cosmo.signing import Signed
from tests.factories import make_standard_product
from tests.web.test_api_orders import ADA, place, quoted
from tests.web_fixtures import Visitor

pytestmark = pytest.mark.usefixtures("modules")


@pytest.fixture
def cup(database: Database, plant: Plant) -> str:
    with database.write() as session:
        return make_standard_product(session, plant).family


def dearer(database: Database, by: int = 2) -> None:
    with database.write() as session:
        session.get_one(StandardProduct, "cup").list_price += Decimal(by)


def stage_of(client: Visitor, quote_id: str) -> str:
    return str(client.get(f"/api/v1/orders/{quote_id}").json()["stage"])


def test_a_quote_is_placed_under_its_signature(client: Visitor, cup: str) -> None:
    told = quoted(client)
    assert len(told["signature"]) == 43
    assert told["changed"] is None
    assert place(client, told["id"], signature=told["signature"]).status_code == 201


def test_without_a_signature_it_is_placed_as_ever(client: Visitor, cup: str) -> None:
    assert place(client, quoted(client)["id"]).status_code == 201


@pytest.mark.parametrize("given", ["", "x", "A" * 43, "ä" * 43, "\x00"])
def test_another_signature_places_nothing(client: Visitor, cup: str, given: str) -> None:
    told = quoted(client)
    refused = place(client, told["id"], signature=given)
    assert (refused.status_code, refused.json()["type"]) == (409, "quote-changed")
    assert refused.json()["quote_id"] == told["id"]
    assert stage_of(client, told["id"]) == "quoted"
    right = place(client, told["id"], signature=told["signature"])
    assert right.status_code == 201, "what was refused is not kept under the key"


def test_without_the_check_it_would_be_placed(
    client: Visitor, cup: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    monkeypatch.setattr(Signed, "check", lambda *_: None)
    assert place(client, quoted(client)["id"], signature="x").status_code == 201


def test_a_signature_is_of_one_quote_as_it_is_now(client: Visitor, cup: str, database: Database) -> None:
    told = quoted(client)
    dearer(database)
    renewed = client.post(f"/api/v1/quotes/{told['id']}/renewal").json()
    assert renewed["id"] == told["id"]
    assert renewed["signature"] != told["signature"]
    assert renewed["price"]["amount"] == "115.00"
    changed = renewed["changed"]
    assert (changed["price_before"], changed["price_now"]) == ("95.00", "115.00")
    assert changed["delivery_date_before"] == changed["delivery_date_now"]
    assert changed["lines"] == [{"code": "list", "text": "Cup", "before": "95.00", "now": "115.00"}]
    assert changed["why"] == ["The plant's prices have changed since."]
    refused = place(client, told["id"], signature=told["signature"])
    assert refused.json()["type"] == "quote-changed", "nobody pays 115 who agreed to 95"
    assert place(client, told["id"], signature=renewed["signature"]).status_code == 201


def test_a_quote_can_be_looked_at_and_verified(client: Visitor, cup: str) -> None:
    told = quoted(client)
    address = f"/api/v1/quotes/{told['id']}"
    seen = client.get(address).json()
    assert (seen["open"], seen["signed"]) == (True, None)
    assert {name: seen[name] for name in told} == told
    assert client.get(address, params={"signature": told["signature"]}).json()["signed"] is True
    assert client.get(address, params={"signature": "x"}).json()["signed"] is False
    assert client.get(address, params={"signature": "x" * 201}).status_code == 422
    place(client, told["id"])
    assert client.get(address).status_code == 409


def test_an_expired_quote_is_asked_for_anew(client: Visitor, cup: str, database: Database) -> None:
    told = quoted(client)
    with database.write() as session:
        session.get_one(Order, told["id"]).quote_expires_at = wall_time() - timedelta(seconds=1)
    assert client.get(f"/api/v1/quotes/{told['id']}").json()["open"] is False
    assert place(client, told["id"]).json()["type"] == "quote-expired"
    renewed = client.post(f"/api/v1/quotes/{told['id']}/renewal").json()
    assert renewed["expires_at"] > wall_time().isoformat()[:16]
    assert renewed["changed"]["why"] == []
    assert place(client, told["id"], signature=renewed["signature"]).status_code == 201
    assert client.post(f"/api/v1/quotes/{told['id']}/renewal").status_code == 409


def test_somebody_elses_quote_is_neither_seen_nor_renewed(
    app: FastAPI, client: Visitor, cup: str, people: Callable[..., Visitor]
) -> None:
    told, other = quoted(client), Visitor(app)
    quoted(other)
    for stranger in (other, people(Role.CUSTOMER)):
        assert stranger.get(f"/api/v1/quotes/{told['id']}").status_code == 404
        assert stranger.post(f"/api/v1/quotes/{told['id']}/renewal").status_code == 404


def test_a_moved_promise_comes_with_the_signature_that_accepts_it(
    client: Visitor, cup: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, calls = quoted(client), []
    deliver = defaults.FromTheDoor.deliver

    def overtaken(*_: object) -> None:
        calls.append(1)
        if len(calls) <= 2:  # at the desk, and then alone
            raise PlaceOvertaken

    def later(*args: Any) -> Any:
        from dataclasses import replace

        answer = deliver(*args)
        return replace(answer, date=answer.date + timedelta(days=5))

    monkeypatch.setattr(defaults.WorkContent, "firm", overtaken)
    monkeypatch.setattr(defaults.FromTheDoor, "deliver", later)
    moved = place(client, told["id"], signature=told["signature"])
    assert (moved.status_code, moved.json()["type"]) == (409, "promise-moved")
    still = place(client, told["id"], signature=told["signature"])
    assert still.json()["type"] == "quote-changed", "the old signature is of the old date"
    accepted = place(client, told["id"], signature=moved.json()["signature"])
    assert accepted.json()["promised_date"] == moved.json()["new_date"]


def test_a_basket_needs_each_of_its_signatures(
    client: Visitor, cup: str, database: Database, plant: Plant
) -> None:
    with database.write() as session:
        make_standard_product(session, plant, "bowl")
    told = [quoted(client), quoted(client, family="bowl")]
    ids = [one["id"] for one in told]
    right = {one["id"]: one["signature"] for one in told}
    wrong: list[dict[str, str]] = [
        {},
        {ids[0]: right[ids[0]]},
        right | {ids[1]: ""},
        {ids[0]: right[ids[1]], ids[1]: right[ids[0]]},
    ]
    for given in wrong:
        body = {"quote_ids": ids, "customer": ADA, "signatures": given}
        assert client.post("/api/v1/baskets", json=body).json()["type"] == "quote-changed"
        assert stage_of(client, ids[0]) == "quoted"
    body = {"quote_ids": ids, "customer": ADA, "signatures": right}
    assert client.post("/api/v1/baskets", json=body).status_code == 201


def test_a_direct_order_takes_no_signature(client: Visitor, cup: str) -> None:
    body = {"family": "cup", "selections": {}, "quantity": 1, "ship_to": {}, "customer": ADA}
    assert client.post("/api/v1/orders", json=body | {"signature": "x"}).status_code == 422
    assert client.post("/api/v1/orders", json=body).status_code == 201


def test_a_wished_day_is_said_to_be_met_or_not(client: Visitor, cup: str) -> None:
    day = quoted(client)["promise"]["delivery_date"]
    met = quoted(client, requested_date=day)["promise"]
    assert met["requested"] == {"date": day, "met": True}
    missed = quoted(client, requested_date="2020-01-01")["promise"]
    assert missed["requested"] == {"date": "2020-01-01", "met": False}
    assert missed["delivery_date"] == day, "the nearest"
    assert missed["hinges_on"]["name"], "and why"
    body = {"family": "cup", "selections": {}, "quantity": 1, "requested_date": "9999-12-31"}
    refused = client.post("/api/v1/quotes", json=body)
    assert (refused.status_code, refused.json()["detail"]) == (
        422,
        "Ask for a day within the next two years.",
    )
