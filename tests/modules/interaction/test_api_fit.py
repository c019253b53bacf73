"""Make it fit in the API: the same answers as on the page, in data."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.modules.interaction.conftest import defaults
from tests.web_fixtures import Visitor

pytestmark = pytest.mark.usefixtures("priced")
THERE = "/api/v1/families/mug/fit"


def ask(client: Visitor, **more: Any) -> Any:
    return client.post(THERE, json={"selections": defaults(client), "quantity": 24, **more})


def test_what_fits_a_budget_is_found_as_on_the_page(client: Visitor) -> None:
    told = ask(client, budget="100").json()
    assert told["found"]
    assert told["whole"]
    assert told["nearest"] == {}
    query = {**defaults(client), "quantity": "24", "budget": "100"}
    page = client.get("/configure/mug/fit", params=query).text
    for one in told["found"]:
        assert 1 <= len(one["changes"]) <= 3
        assert Decimal(one["price"]) <= 100
        assert Decimal(one["price_difference"]) < 0
        assert f"€{one['price']}" in page
    changes = {**defaults(client), "quantity": 24, **told["found"][0]["changes"]}
    again: dict[str, Any] = {
        "selections": {k: v for k, v in changes.items() if k not in ("quantity", "service")}
    }
    again["quantity"] = changes["quantity"]
    priced = client.post("/api/v1/families/mug/configure", json=again).json()
    assert priced["price"]["amount"] == told["found"][0]["price"], "it is really had for that"


def test_where_nothing_fits_it_says_what_comes_nearest(client: Visitor) -> None:
    told = ask(client, needed_by="2026-06-08", budget="1").json()
    assert told["found"] == []
    assert set(told["nearest"]) == {"cheapest", "earliest"}
    assert date.fromisoformat(told["nearest"]["earliest"]["promise"]["delivery_date"]) > date(2026, 6, 8)


def test_what_fits_already_has_no_changes(client: Visitor) -> None:
    (one,) = ask(client, budget="1000").json()["found"]
    assert (one["changes"], Decimal(one["price_difference"])) == ({}, 0)


@pytest.mark.parametrize(
    "body",
    [{}, {"budget": "0"}, {"budget": "-1"}, {"budget": "x"}, {"needed_by": "2026-06-01"}, {"day": "1"}],
)
def test_what_cannot_be_meant_is_refused_in_words(client: Visitor, body: dict[str, str]) -> None:
    answer = ask(client, **body)
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")


def test_what_cannot_be_made_comes_with_its_conflicts(client: Visitor) -> None:
    answer = client.post(THERE, json={"selections": {"shape": "custom"}, "quantity": 24, "budget": "5"})
    assert answer.status_code == 422
    assert answer.json()["type"] == "unbuildable"
