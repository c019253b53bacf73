"""Value-added tax beside each price before it: configurator, order form, tracking page, API, what is paid."""

from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import Session

from cosmo import ledger
from cosmo.clock import Now
from cosmo.db import Database
from cosmo.defaults import DemoPayments
from cosmo.money import has_cents
from cosmo.orders import Address, Order
from cosmo.parties import Plant
from cosmo.taxes import tax_on
from tests.factories import NOW, make_order
from tests.modules.interaction.conftest import ADDRESS, CHECKOUT, defaults, quoted
from tests.modules.interaction.test_changes import placed
from tests.web_fixtures import Visitor
from web import vat

pytestmark = pytest.mark.usefixtures("priced")
HERE = {"city": "Berlin", "postal_code": "10115", "country": "DE"}


@pytest.mark.parametrize(
    ("locale", "sentence"),
    [
        ("en", "€143.50 with 19 % VAT"),
        ("de", "143,50\xa0€ mit 19 % Umsatzsteuer"),
        ("zh", "含 19% 增值税 €143.50"),
    ],
)
def test_the_configurator_says_what_it_is_with_tax(client: Visitor, locale: str, sentence: str) -> None:
    form = {"quantity": "24", "shape": "soft", "capacity": "325", "do": "show"} | HERE
    answer = client.post(
        "/configure/mug", data={**defaults(client), **form}, headers={"Accept-Language": locale}
    )
    shown = (
        answer
        if answer.status_code == 200
        else client.get(str(answer.headers["Location"]), headers={"Accept-Language": locale})
    )
    assert sentence in shown.text


def test_across_a_border_no_rate_is_named(client: Visitor) -> None:
    form = {"quantity": "24", "city": "Wien", "postal_code": "1010", "country": "AT"}
    page = client.get("/configure/mug", params=form)
    assert vat.ELSEWHERE in page.text
    assert "with 19 % VAT" not in page.text


def test_the_order_form_has_the_tax_below_the_lines_and_the_rounding_rule(client: Visitor) -> None:
    page = client.get(f"/order/{quoted(client, **HERE)}").text
    for words in ("VAT 19 %", "€22.91", "Total with VAT, in EUR", "€143.50 with VAT", vat.ROUNDED):
        assert words in page


def test_the_api_tells_the_tax_of_a_quote(client: Visitor) -> None:
    told = client.get(f"/api/v1/quotes/{quoted(client, **HERE)}").json()["price"]
    assert (told["amount"], told["tax"]) == (
        "120.59", {"percent": "19", "amount": "22.91", "total": "143.50"}
    )  # fmt: skip


def test_the_api_tells_it_at_every_click(client: Visitor) -> None:
    body: dict[str, Any] = {"quantity": 24, "ship_to": HERE, "selections": defaults(client)}
    told = client.post("/api/v1/families/mug/configure", json=body).json()["price"]
    net = Decimal(told["amount"])
    expected = tax_on(net, "EUR", "DE", "DE")
    assert expected is not None
    assert told["tax"]["total"] == format(expected.total, "f")
    abroad = client.post("/api/v1/families/mug/configure", json=body | {"ship_to": HERE | {"country": "AT"}})
    assert abroad.json()["price"]["tax"] is None


def recorded(monkeypatch: pytest.MonkeyPatch) -> list[Decimal]:
    """What the payments port is asked for from now on."""
    asked: list[Decimal] = []

    def collect(self: object, session: Session, order: str, amount: Decimal, currency: str, now: Now) -> str:
        asked.append(amount)
        return "x"

    monkeypatch.setattr(DemoPayments, "collect", collect)
    return asked


def test_who_pays_is_asked_for_the_sum_with_tax_and_the_ledger_counts_before_it(
    database: Database, mugs: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = recorded(monkeypatch)
    with database.write() as session:
        order = make_order(session, mugs, price_amount=Decimal("120.59"), terms="prepaid")
        ledger.open_accounts(session, [order], NOW)
        abroad = make_order(session, mugs, price_amount=Decimal("120.59"), terms="prepaid")
        session.get_one(Address, abroad.ship_to_id).country = "AT"
        ledger.open_accounts(session, [abroad], NOW)
        assert asked == [Decimal("143.50"), Decimal("120.59")]
        assert ledger.total(session, order.id, "payment") == Decimal("120.59")
        assert ledger.balance(session, order.id) == 0


def test_the_tracking_page_shows_what_was_paid_with_tax(client: Visitor, database: Database) -> None:
    signed = client.get(f"/order/{(number := quoted(client, **HERE))}").text
    signature = signed.partition('name="signature" value="')[2].partition('"')[0]
    done = client.post(f"/order/{number}", data={**CHECKOUT, "signature": signature})
    assert done.status_code == 303, done.text[:400]
    with database.read() as session:
        token = session.get_one(Order, number).tracking_token
    page = client.get(f"/track/{token}").text
    money = page.partition('id="money"')[2].partition("</section>")[0]
    for words in ("Price before VAT", "€120.59", "VAT 19 %", "€22.91", "€143.50", "Paid"):
        assert words in money
    assert "Still open" not in money


def test_a_currency_without_cents_says_so() -> None:
    assert has_cents("EUR")
    assert not has_cents("JPY")
    assert vat.rounding("JPY", "en").startswith("Each line is rounded to the whole JPY")


def test_an_order_stays_where_its_tax_was_agreed(client: Visitor, database: Database) -> None:
    order = placed(client, database, **HERE)
    path, elsewhere = f"/api/v1/orders/{order.id}/changes", {**ADDRESS, "city": "Wien", "country": "AT"}
    refused = client.post(path, json={"ship_to": elsewhere})
    assert refused.status_code == 422
    assert "another tax is due" in refused.text
    with database.read() as session:
        assert session.get_one(Address, order.ship_to_id).country == "DE"
    moved = client.post(path, json={"ship_to": {**ADDRESS, "street": "Ring 2"}})
    assert moved.status_code == 200, moved.text


def test_nothing_is_placed_for_more_than_was_shown_tax_included(client: Visitor, database: Database) -> None:
    quote_id = quoted(client, city="Wien", postal_code="1010", country="AT")
    page = client.get(f"/order/{quote_id}").text
    signature = page.partition('name="signature" value="')[2].partition('"')[0]
    answer = client.post(f"/order/{quote_id}", data={**CHECKOUT, "signature": signature})
    assert answer.status_code == 409
    assert "with 19 % VAT" in answer.text
    with database.read() as session:
        assert session.get_one(Order, quote_id).number is None


def test_a_tax_that_falls_away_hides_no_dearer_price(client: Visitor, database: Database) -> None:
    quote_id = quoted(client, **HERE)
    page = client.get(f"/order/{quote_id}").text
    signature = page.partition('name="signature" value="')[2].partition('"')[0]
    abroad = {**CHECKOUT, "city": "Wien", "postal_code": "1010", "country": "AT", "signature": signature}
    answer = client.post(f"/order/{quote_id}", data=abroad)
    assert answer.status_code == 409, "it is asked once more"
    with database.read() as session:
        assert session.get_one(Order, quote_id).number is None


def test_a_quote_may_go_to_another_country(client: Visitor, database: Database) -> None:
    quote_id = quoted(client, **HERE)
    elsewhere = {**ADDRESS, "city": "Wien", "postal_code": "1010", "country": "AT"}
    answer = client.post(f"/api/v1/orders/{quote_id}/changes", json={"ship_to": elsewhere})
    assert answer.status_code == 200, answer.text


def test_parts_are_taxed_to_what_the_whole_is(
    database: Database, mugs: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = recorded(monkeypatch)
    with database.write() as session:
        order = make_order(session, mugs, price_amount=Decimal("0.26"), terms="account:30")
        ledger.open_accounts(session, [order], NOW)
        for _ in range(2):
            ledger.collect(session, order.id, Decimal("0.13"), NOW)
    assert asked == [Decimal("0.15"), Decimal("0.16")], "0.31 together, as the invoice says"


def test_a_cancelled_order_says_what_was_kept(client: Visitor, database: Database) -> None:
    order = placed(client, database, **HERE)
    assert client.post(f"/api/v1/orders/{order.id}/cancellation").status_code == 200
    with database.read() as session:
        kept = ledger.total(session, order.id, "payment")
    assert kept == 0
    page = client.get(f"/track/{order.tracking_token}").text
    money = page.partition('id="money"')[2].partition("</section>")[0]
    assert "Paid" not in money
    assert "VAT 19 %" not in money
