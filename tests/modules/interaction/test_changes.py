"""The change of a placed order by page and API: shown first, confirmed, too late, tampered with."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from cosmo.db import Database
from cosmo.orders import Order
from cosmo.parties import Party, Role
from cosmo.stages import Stage
from tests.factories import walk
from tests.modules.interaction.conftest import ADDRESS, CHECKOUT, quoted
from tests.modules.interaction.test_order import order_of
from tests.web_fixtures import Visitor

pytestmark = pytest.mark.usefixtures("priced")
AFFECTED = re.compile(r'<section class="changed".*?</section>', re.DOTALL)


def placed(client: Visitor, database: Database, **values: str) -> Order:
    """Twenty-four mugs, ordered in the shop."""
    quote_id = quoted(client, **values)
    assert client.post(f"/order/{quote_id}", data=CHECKOUT).status_code == 303
    return order_of(database, quote_id)


def form_of(page: str) -> dict[str, str]:
    """What a browser without a script would send of the page's form."""
    sent = dict(re.findall(r'<input type="radio" name="(\w+)" value="([^"]*)" checked', page))
    sent |= dict(re.findall(r'<input type="(?:hidden|number)" name="(\w+)" value="([^"]*)"', page))
    return sent


def told(page: str) -> str:
    found = AFFECTED.search(page)
    return re.sub(r"<[^>]+>|\s+", " ", found[0]) if found else ""


# The API


def ask(client: Visitor, order: Order, **body: Any) -> Any:
    return client.post(f"/api/v1/orders/{order.id}/changes", json=body)


def test_shown_then_confirmed(client: Visitor, database: Database) -> None:
    order = placed(client, database)
    shown = ask(client, order, selections={"outer_glaze": "cobalt", "gold_rim": "yes"}, quantity=30)
    assert shown.status_code == 200, shown.text
    told = shown.json()
    assert (told["confirmed"], told["quantity"]) == (False, 30)
    assert told["options"] == ["gold_rim", "outer_glaze", "quantity"]
    assert told["price"]["before"] == format(order.price_amount, "f")
    assert float(told["price"]["difference"]) > 0
    assert told["delivery_date"]["before"] == str(order.promised_date)
    assert told["affected"]["operations"]["new"] == ["Apply decals", "Decal firing"]
    assert "Cobalt glaze" in told["affected"]["materials"]["new"]
    assert told["affected"]["suppliers"] == 0, "procurement is not installed here"
    assert order_of(database, order.id).quantity == 24, "nothing is changed"
    again = ask(client, order, selections={"outer_glaze": "cobalt", "gold_rim": "yes"}, quantity=30,
                signature=told["signature"])  # fmt: skip
    assert again.status_code == 200
    assert again.json() == {**told, "confirmed": True}
    after = order_of(database, order.id)
    assert (after.quantity, after.selections["outer_glaze"]) == (30, "cobalt")
    assert format(after.price_amount, "f") == told["price"]["after"]
    events = client.get(f"/api/v1/orders/{order.id}/events").json()
    (event,) = [e for e in events if e["type"] == "order-changed"]
    assert event["sentence"].startswith("The order was changed.")
    assert "suppliers" not in event["payload"]


@pytest.mark.parametrize("signature", ["", "x", "é" * 200, "A" * 43])
def test_a_forged_signature_changes_nothing(client: Visitor, database: Database, signature: str) -> None:
    order = placed(client, database)
    refused = ask(client, order, quantity=30, signature=signature)
    assert (refused.status_code, refused.json()["type"]) == (409, "change-moved")
    assert order_of(database, order.id).quantity == 24
    right = refused.json()["change"]["signature"]
    assert ask(client, order, quantity=30, signature=right).status_code == 200, "the control"


def test_another_price_in_the_body_is_no_field(client: Visitor, database: Database) -> None:
    order = placed(client, database)
    wrong: list[dict[str, Any]] = [
        {},
        {"quantity": 30, "price": "1.00"},
        {"quantity": 0},
        {"ship_to": ADDRESS, "quantity": 3},
        {"ship_to": ADDRESS, "signature": "x"},
        {"selections": {"outer_glaze": {"a": 1}}},
    ]
    for body in wrong:
        assert ask(client, order, **body).status_code == 422, body
    assert ask(client, order, ship_to=ADDRESS).json().keys() == {"id", "stage", "promised_date"}


@pytest.mark.parametrize(
    ("selections", "kind"),
    [
        ({"outer_glaze": "signal"}, "unbuildable"),
        ({"outer_glaze": "plaid"}, "unbuildable"),
        ({"ribbon": "red"}, "invalid"),
        ({"outer_glaze": None}, "unbuildable"),
        ({"outer_glaze": "celadon"}, "nothing-to-change"),
    ],
)
def test_what_cannot_be_made_is_refused(
    client: Visitor, database: Database, selections: dict[str, Any], kind: str
) -> None:
    order = placed(client, database)
    refused = ask(client, order, selections=selections)
    assert (refused.status_code, refused.json()["type"]) == (422, kind)
    assert order_of(database, order.id).selections == order.selections


def test_who_may_change_it(client: Visitor, people: Callable[..., Visitor], database: Database) -> None:
    order = placed(client, database)
    stranger = Visitor(client.app)  # type: ignore[arg-type]
    assert ask(stranger, order, quantity=30).status_code == 404
    by_link = f"/api/v1/orders/{order.id}/changes?token={order.tracking_token}"
    assert stranger.post(by_link, json={"quantity": 30}).status_code == 200
    assert stranger.get(by_link).status_code == 200
    assert stranger.get(f"/api/v1/orders/{order.id}/changes").status_code == 404
    assert people(Role.PLANNER).post(by_link.partition("?")[0], json={"quantity": 30}).status_code == 404


def test_until_when_each_choice_may_change(client: Visitor, database: Database) -> None:
    order = placed(client, database)
    points = {p["option"]: p for p in client.get(f"/api/v1/orders/{order.id}/changes").json()}
    assert points["outer_glaze"] == {
        "option": "outer_glaze",
        "operation": "glaze",
        "name": "Glaze",
        "frozen": False,
        "since": None,
        "why": "",
    }
    assert points["quantity"]["operation"] == "roller_form"
    assert points["artwork"]["operation"] is None, "nothing is printed"
    assert (points["ship_to"]["operation"], points["ship_to"]["frozen"]) == ("dispatch", False)
    with database.write() as session:
        walk(session, order.id, Stage.IN_PRODUCTION)
    begun = {p["option"]: p for p in client.get(f"/api/v1/orders/{order.id}/changes?lang=de").json()}
    assert begun["outer_glaze"]["frozen"], "no module tells of operations here: all have begun"
    assert "nicht mehr ändern" in begun["outer_glaze"]["why"]
    assert begun["ship_to"]["frozen"] is False
    with database.write() as session:
        walk(session, order.id, Stage.PRODUCED)
    made = client.get(f"/api/v1/orders/{order.id}/changes").json()
    assert all(p["frozen"] and p["why"] for p in made)


def test_too_late_leads_to_a_fresh_order(client: Visitor, database: Database) -> None:
    order = placed(client, database)
    with database.write() as session:
        walk(session, order.id, Stage.IN_PRODUCTION)
    refused = ask(client, order, selections={"outer_glaze": "cobalt"}, quantity=30)
    assert (refused.status_code, refused.json()["type"]) == (409, "frozen")
    assert {f["option"] for f in refused.json()["frozen"]} == {"outer_glaze", "quantity"}
    page = client.get(refused.json()["reorder_url"]).text
    assert 'name="outer_glaze" value="cobalt" checked' in page
    assert re.search(r'name="quantity" value="30"', page)
    assert order_of(database, order.id).quantity == 24


# The page


def test_the_page_works_without_a_script(client: Visitor, database: Database) -> None:
    order = placed(client, database)
    at = f"/track/{order.tracking_token}"
    assert f'href="{at}/change"' in client.get(at).text
    page = client.get(f"{at}/change").text
    assert "Until “Glaze” begins" in page
    assert told(page) == ""
    assert "Change the order</span>" not in page, "nothing to confirm yet"
    sent = form_of(page) | {"outer_glaze": "cobalt", "quantity": "30"}
    shown = client.post(f"{at}/change", data=sent)
    assert shown.status_code == 200
    words = told(shown.text)
    assert "Outer glaze: Cobalt instead of Celadon" in words
    assert re.search(r"Price +€[\d.,]+ +€[\d.,]+ +\+€[\d.,]+", words), words
    assert "Material newly needed: Cobalt glaze." in words
    assert "No supplier is affected" in words
    assert order_of(database, order.id).quantity == 24, "shown only"
    done = client.post(f"{at}/change", data=form_of(shown.text) | {"do": "confirm"})
    assert (done.status_code, done.headers["Location"]) == (303, at)
    after = order_of(database, order.id)
    assert (after.quantity, after.selections["outer_glaze"]) == (30, "cobalt")
    assert "30 pieces" in client.get(at).text


def test_another_choice_than_was_shown_is_shown_again(client: Visitor, database: Database) -> None:
    order = placed(client, database)
    at = f"/track/{order.tracking_token}/change"
    shown = client.post(at, data=form_of(client.get(at).text) | {"quantity": "30"})
    other = client.post(at, data=form_of(shown.text) | {"quantity": "40", "do": "confirm"})
    assert other.status_code == 409
    assert "Price or date are not as they were shown" in other.text
    assert order_of(database, order.id).quantity == 24
    assert client.post(at, data=form_of(other.text) | {"do": "confirm"}).status_code == 303
    assert order_of(database, order.id).quantity == 40


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        ({"quantity": "many"}, 422, "whole number"),
        ({}, 422, "This is how it is ordered already"),
        ({"outer_glaze": "signal"}, 422, "Signal red"),
        ({"set": "outer_glaze=ash"}, 200, "Ash instead of Celadon"),
    ],
)
def test_what_cannot_be_read_or_made_is_said(
    client: Visitor, database: Database, sent: dict[str, str], status: int, words: str
) -> None:
    order = placed(client, database)
    at = f"/track/{order.tracking_token}/change"
    answer = client.post(at, data=form_of(client.get(at).text) | sent)
    assert answer.status_code == status
    assert words in answer.text


def test_what_cannot_be_made_is_said_in_the_readers_language(client: Visitor, database: Database) -> None:
    order = placed(client, database)
    assert order.locale == "en"
    answer = client.post(
        f"/api/v1/orders/{order.id}/changes?lang=de", json={"selections": {"outer_glaze": "plaid"}}
    )
    assert "hat keinen Wert" in answer.json()["detail"]


def test_with_a_script_the_form_alone_comes_back(client: Visitor, database: Database) -> None:
    order = placed(client, database)
    at = f"/track/{order.tracking_token}/change"
    sent = form_of(client.get(at).text) | {"outer_glaze": "ash"}
    part = client.post(at, data=sent, headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith("<form")
    assert "Ash instead of Celadon" in told(part)


def test_frozen_choices_say_since_when_and_the_way_on(client: Visitor, database: Database) -> None:
    order = placed(client, database)
    at = f"/track/{order.tracking_token}"
    assert "Fixed by now" not in client.get(f"{at}/change").text, "the control"
    with database.write() as session:
        walk(session, order.id, Stage.IN_PRODUCTION)
    page = client.get(f"{at}/change").text
    assert "Fixed by now" in page
    assert "Outer glaze can no longer be changed: “Glaze” began on" in page
    assert 'name="outer_glaze"' not in page
    refused = client.post(f"{at}/change", data={"outer_glaze": "ash"})
    assert refused.status_code == 409
    assert re.search(
        r'href="/configure/mug\?[^"]*outer_glaze=ash[^"]*">Order anew with this change', refused.text
    )
    with database.write() as session:
        walk(session, order.id, Stage.PRODUCED)
    late = client.get(f"{at}/change").text
    assert "Nothing can be changed any more: Made" in late
    assert "Order anew with a change" in late
    assert "fixed since it was made" in client.get(at).text


@pytest.mark.parametrize(("language", "words"), [("de", "Wen es betrifft"), ("zh", "影响到谁")])
def test_in_other_languages(client: Visitor, database: Database, language: str, words: str) -> None:
    order = placed(client, database)
    at = f"/track/{order.tracking_token}/change?lang={language}"
    shown = client.post(at, data=form_of(client.get(at).text) | {"quantity": "30"})
    assert words in told(shown.text)
    assert "Who is affected" not in shown.text


def test_by_its_id_for_whoever_may_see_it(
    client: Visitor, people: Callable[..., Visitor], database: Database
) -> None:
    order = placed(client, database)
    mine = client.get(f"/orders/{order.id}/change")
    assert mine.headers["Location"] == f"/track/{order.tracking_token}/change"
    with database.read() as session:
        owner = people(Role.CUSTOMER, party=session.get_one(Party, order.customer_id))
    assert owner.get(f"/orders/{order.id}/change").status_code == 303
    assert people(Role.CUSTOMER).get(f"/orders/{order.id}/change").status_code == 404


def test_nobody_floods_the_plan_with_changes(client: Visitor, database: Database) -> None:
    order = placed(client, database)
    answers = [ask(client, order, quantity=30).status_code for _ in range(61)]
    assert set(answers) == {200, 429}
    assert answers[0] == 200


def test_a_changed_date_is_told_as_the_customers_own(client: Visitor, database: Database) -> None:
    order = placed(client, database)
    shown = ask(client, order, quantity=9000).json()
    assert int(shown["delivery_date"]["difference"]) > 0
    ask(client, order, quantity=9000, signature=shown["signature"])
    page = client.get(f"/track/{order.tracking_token}").text
    assert "Your date moved." in page
    assert "You changed the order." in page
    assert "We are sorry" not in page
