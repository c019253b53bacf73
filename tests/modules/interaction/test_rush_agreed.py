"""What a day costs stays as it was agreed: through changes, renewals, saved designs, fitting and ways out."""

from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest

from cosmo.clock import read_now, set_clock
from cosmo.db import Database
from cosmo.orders import Order
from cosmo.parties import Plant
from modules.interaction.designs import Saved
from modules.interaction.designs_view import shown
from modules.interaction.models import Design
from tests.factories import MONDAY, at
from tests.modules.interaction.conftest import defaults, quoted
from tests.modules.interaction.test_alternatives import with_rush
from tests.modules.interaction.test_changes import placed
from tests.modules.interaction.test_designs import saved
from tests.modules.interaction.test_order import order_of
from tests.web_fixtures import Visitor

SHIP_TO = {"country": "DE", "postal_code": "10115", "city": "Berlin"}
CALM = "2026-07-03"
"""25 days after the Monday: no rush within 24."""


@pytest.fixture(autouse=True)
def rushed(database: Database, priced: Plant) -> Plant:
    with_rush(database, priced, "15")
    return priced


def rush_of(order: Order) -> list[str]:
    return [str(line["amount"]) for line in order.price_lines if line["by_day"]]


def changed(client: Visitor, order: Order) -> Order:
    body: dict[str, object] = {"selections": {"outer_glaze": "cobalt"}}
    path = f"/api/v1/orders/{order.id}/changes"
    told = client.post(path, json=body).json()
    assert client.post(path, json=body | {"signature": told["signature"]}).status_code == 200
    return order


def test_a_changed_order_pays_for_the_rush_if_it_did(client: Visitor, database: Database) -> None:
    order = placed(client, database)
    assert len(rush_of(order)) == 1
    with database.write() as session:  # by the day alone it would be none any more
        session.get_one(Order, order.id).requested_date = date.fromisoformat(CALM)
    assert len(rush_of(order_of(database, changed(client, order).id))) == 1


def test_a_changed_order_pays_for_no_rush_if_it_did_not(client: Visitor, database: Database) -> None:
    order = placed(client, database, requested_date=CALM)
    assert rush_of(order) == []
    with database.write() as session:  # by the day alone it would be one: 23 days are left
        set_clock(session, speed=0, business=at(days=0.1).business)
        session.get_one(Order, order.id).requested_date = MONDAY.date() + timedelta(days=20)
    after = order_of(database, changed(client, order).id)
    assert rush_of(after) == []
    assert after.price_amount == order.price_amount, "another glaze costs the same, and so does the day"


def test_a_rush_that_comes_or_goes_is_no_change_of_the_plants_prices(
    client: Visitor, database: Database
) -> None:
    body = {"family": "mug", "selections": defaults(client), "quantity": 24, "ship_to": SHIP_TO}
    quote = client.post("/api/v1/quotes", json=body).json()
    with database.write() as session:
        order = session.get_one(Order, quote["id"])
        order.requested_date = (MONDAY.replace(month=7, day=3)).date()
        session.add(order)
    anew = client.post(f"/api/v1/quotes/{quote['id']}/renewal").json()
    assert Decimal(anew["price"]["amount"]) < Decimal(quote["price"]["amount"])
    assert "The plant's prices have changed since." not in str(anew["changed"])
    assert "It comes in more than 24 days now" in str(anew["changed"]), "but the reason has a name"


@pytest.mark.parametrize(
    ("language", "gone", "come"),
    [
        ("en", "It comes in more than 24 days now, so that surcharge is gone.",
         "It comes within 24 days now, and so soon it costs a surcharge."),
        ("de", "Es kommt jetzt erst nach mehr als 24 Tagen; dieser Zuschlag entfällt.",
         "Es kommt jetzt binnen 24 Tagen; so bald kostet es einen Zuschlag."),
        ("zh", "现在要超过 24 天才送达，因此免去该附加费。", "现在 24 天内送达，因此加收附加费。"),
    ],
)  # fmt: skip
def test_a_rush_that_came_or_went_is_named(
    client: Visitor, database: Database, rushed: Plant, language: str, gone: str, come: str
) -> None:
    """Bug: a renewal named no reason for a price that only the day had changed. No day was asked for: the
    plant takes longer, and then no longer."""
    quote_id = quoted(client)
    for hours, told in ((24 * 30, gone), (0, come)):
        with database.write() as session:
            session.get_one(Plant, rushed.id).begin_hours = hours
        assert told in renewed(client, quote_id, language)


def renewed(client: Visitor, quote_id: str, language: str = "en") -> str:
    """What the page of a quote that was asked for anew says has changed."""
    client.post(f"/order/{quote_id}/renewal")
    page = client.get(f"/order/{quote_id}", params={"lang": language}).text
    return unescape(page.partition('class="changed"')[2].partition("</section>")[0])


def test_a_rush_that_the_list_lost_or_gained_is_a_change_of_prices(
    client: Visitor, database: Database, rushed: Plant
) -> None:
    """Bug: it was told as a day that is needed later, or sooner."""
    quote_id = quoted(client)
    for rate in ("0", "15"):
        with_rush(database, rushed, rate)
        told = renewed(client, quote_id)
        assert "The plant's prices have changed since." in told, rate
        assert "surcharge" not in told, rate


def test_another_rate_for_the_same_rush_is_a_change_of_prices(
    client: Visitor, database: Database, rushed: Plant
) -> None:
    quote_id = quoted(client)
    with_rush(database, rushed, "20")
    client.post(f"/order/{quote_id}/renewal")
    page = client.get(f"/order/{quote_id}").text
    assert "The plant&#39;s prices have changed since." in page
    assert "surcharge" not in page


def test_what_fits_a_day_costs_what_its_link_shows(client: Visitor, database: Database) -> None:
    body = {"selections": defaults(client), "quantity": 24, "ship_to": SHIP_TO}
    rushed = client.post("/api/v1/families/mug/configure", json=body).json()["price"]["amount"]
    calm = client.post("/api/v1/families/mug/configure", json=body | {"requested_date": CALM}).json()
    budget = calm["price"]["amount"]
    assert Decimal(budget) < Decimal(rushed)
    fit = client.post("/api/v1/families/mug/fit", json=body | {"needed_by": CALM, "budget": budget}).json()
    assert (fit["found"][0]["changes"], fit["found"][0]["price"]) == ({}, budget)
    assert Decimal(fit["found"][0]["price_difference"]) == 0, "what is chosen costs that, too"
    form = {**defaults(client), "quantity": "24", "city": "Berlin", "postal_code": "10115", "country": "DE"}
    page = client.get("/configure/mug/fit", params=form | {"needed_by": CALM, "budget": budget}).text
    assert f"€{budget}" in page
    assert f"€{rushed}" not in page
    dear = client.post("/api/v1/families/mug/fit", json=body | {"budget": budget}).json()
    assert dear["found"] == [] or dear["found"][0]["changes"] != {}, "who names no day is in a hurry"


def test_a_way_out_costs_what_the_choice_costs(client: Visitor, database: Database) -> None:
    """The rush is no part of the difference."""
    clash = {**defaults(client), "outer_glaze": "signal"}
    body = {"selections": clash, "quantity": 24, "ship_to": SHIP_TO}
    ways = client.post("/api/v1/families/mug/configure", json=body).json()["repairs"]
    with_rush_in_them = [way for way in ways if way["price_difference"] is not None]
    assert with_rush_in_them
    rush = Decimal(client.post(
        "/api/v1/families/mug/configure", json=body | {"selections": defaults(client)}
    ).json()["price"]["lines"][-1]["amount"])  # fmt: skip
    assert rush > 10
    assert all(abs(Decimal(way["price_difference"])) < rush for way in with_rush_in_them), ways


def test_a_saved_design_is_shown_at_the_price_of_its_day(client: Visitor, database: Database) -> None:
    design = saved(client, requested_date=CALM)
    body = {"selections": defaults(client), "quantity": 24, "requested_date": CALM}
    calm = client.post("/api/v1/families/mug/configure", json=body).json()["price"]["amount"]
    with database.read() as session:
        row = session.get_one(Design, design)
        found = Saved(row, session.get_one(Order, row.order_id))
        told = shown(session, found, read_now(session), "en")
        assert told.offer is not None
        assert format(told.offer.price.amount, "f") == calm
        openly = shown(session, found, read_now(session), "en", private=False)
        assert openly.offer is not None
        assert openly.offer.price.amount > told.offer.price.amount, "to others it is as of now"


def test_of_a_quote_that_did_not_keep_when_it_was_made_nothing_wrong_is_said(
    client: Visitor, database: Database, rushed: Plant
) -> None:
    """Quotes of before were kept without it: whether the day explains a rush is not known."""
    with database.write() as session:
        session.get_one(Plant, rushed.id).begin_hours = 24 * 30
    quote_id = quoted(client)
    with database.write() as session:
        order = session.get_one(Order, quote_id)
        order.promise = {name: told for name, told in order.promise.items() if name != "made_on"}
        session.get_one(Plant, rushed.id).begin_hours = 0
    told = renewed(client, quote_id)
    assert "€" in told, "the price is another"
    assert "prices have changed" not in told
    assert "surcharge" not in told
