"""The quote's page: until when it holds, asked for anew in one press, and what has changed since."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from cosmo.clock import read_now, set_clock, wall_time
from cosmo.db import Database
from cosmo.formats import clock
from cosmo.orders import Order
from cosmo.parties import Plant, Role
from cosmo.stages import Stage
from modules.marketing.lists import load_price_list
from modules.rnd.family import read_folder
from modules.rnd.models import FamilyRow
from modules.rnd.releases import release
from seeds.files import read_yaml
from tests.factories import MONDAY
from tests.modules.interaction.conftest import CHECKOUT, MUGS, quoted
from tests.modules.interaction.test_order import expire, keep, order_of
from tests.web_fixtures import Visitor

pytestmark = pytest.mark.usefixtures("priced")
CHANGED = re.compile(r'<section class="changed".*?</section>', re.DOTALL)


def dearer(database: Database, plant: Plant, rate: str = "9.00") -> None:
    """The list's first rate is another one now."""
    lines = read_yaml(MUGS / "price.yaml")
    with database.write() as session:
        load_price_list(session, plant, "mug", [{**lines[0], "rate": rate}, *lines[1:]], read_now(session))


def newer(database: Database, plant: Plant, change: Callable[[dict[str, Any]], None]) -> None:
    """A newer release of the mug."""
    content = read_folder(MUGS)
    del content["cases"]  # what they say is what changes
    change(content)
    with database.write() as session:
        release(session, content, plant, wall_time())


def changed(page: str) -> str:
    """The words of what has changed; empty where nothing is said."""
    found = CHANGED.search(page)
    return re.sub(r"<[^>]+>|\s+", " ", found[0]) if found else ""


def signature(page: str) -> str:
    (found,) = re.findall(r'name="signature" value="([^"]+)"', page)
    return str(found)


def renew(client: Visitor, quote_id: str, **typed: str) -> Any:
    return client.post(f"/order/{quote_id}/renewal", data=typed)


def test_it_says_until_when_it_holds_without_a_script(
    client: Visitor, priced: Plant, database: Database
) -> None:
    quote_id = quoted(client)
    until = order_of(database, quote_id).quote_expires_at
    assert until is not None
    page = client.get(f"/order/{quote_id}").text
    assert re.search(rf"The price stands until (\w+day )?{clock(until, 'en', priced.timezone)}\.", page)
    assert f'data-count="{until.isoformat()}"' in page
    assert changed(page) == "", "a first quote has no former one"
    assert re.search(r'data-shown-from="[^"]+" data-say hidden>.*No longer held', page), "hidden until then"


def test_a_held_place_is_said_to_be_held(client: Visitor, database: Database) -> None:
    quote_id = quoted(client)
    assert "held until" not in client.get(f"/order/{quote_id}").text, "no module here holds places"
    with database.write() as session:
        order = session.get_one(Order, quote_id)
        order.promise = {**order.promise, "held": True}
    page = client.get(f"/order/{quote_id}").text
    assert re.search(r"Your place in the plan is held until (\w+day )?\d\d:\d\d\.", page)
    assert "no place is held" not in page


def test_a_hold_until_tomorrow_says_its_day(people: Callable[..., Visitor], database: Database) -> None:
    customer = people(Role.CUSTOMER)
    quote_id = quoted(customer)
    with database.write() as session:
        session.get_one(Order, quote_id).quote_expires_at = wall_time() + timedelta(days=2)
    page = customer.get(f"/order/{quote_id}").text
    assert re.search(r"stands until [A-Z][a-z]+day \d\d:\d\d\.", page)


def test_the_signature_stands_on_the_page_and_is_checked(client: Visitor) -> None:
    quote_id = quoted(client)
    page = client.get(f"/order/{quote_id}").text
    assert f"<code>{signature(page)}</code>" in page
    told = client.get(f"/api/v1/quotes/{quote_id}", params={"signature": signature(page)}).json()
    assert told["signed"] is True
    assert (
        client.post(f"/order/{quote_id}", data=CHECKOUT | {"signature": signature(page)}).status_code == 303
    )


def test_a_page_from_before_a_renewal_orders_nothing(
    client: Visitor, priced: Plant, database: Database
) -> None:
    quote_id = quoted(client)
    old = signature(client.get(f"/order/{quote_id}").text)
    dearer(database, priced)
    renew(client, quote_id)
    refused = client.post(f"/order/{quote_id}", data=CHECKOUT | {"signature": old})
    assert refused.status_code == 409
    assert "This quote is not as it was signed" in refused.text
    assert 'value="Ring 1"' in refused.text, "what was typed stays"
    assert "The plant&#39;s prices have changed since." in refused.text, "and why it is another"
    assert order_of(database, quote_id).stage == Stage.QUOTED
    accepted = client.post(f"/order/{quote_id}", data=CHECKOUT | {"signature": signature(refused.text)})
    assert accepted.status_code == 303


def test_one_press_and_what_has_changed(client: Visitor, priced: Plant, database: Database) -> None:
    quote_id = quoted(client)
    before = order_of(database, quote_id)
    expire(database, quote_id)
    page = client.get(f"/order/{quote_id}").text
    assert "Ask for a new date" in page
    assert "data-count" not in page, "what is over is not counted"
    dearer(database, priced)
    with database.write() as session:
        set_clock(session, speed=0, business=MONDAY + timedelta(days=4))
    assert renew(client, quote_id).headers["Location"] == f"/order/{quote_id}"
    after = order_of(database, quote_id)
    assert after.price_amount > before.price_amount
    assert after.promised_date is not None
    assert before.promised_date is not None
    words = changed(client.get(f"/order/{quote_id}").text)
    assert f"{(after.promised_date - before.promised_date).days} days later" in words
    assert f"+€{after.price_amount - before.price_amount:,.2f}" in words
    assert "Body" in words
    assert "The plant&#39;s prices have changed since." in words
    assert "Your quote before: It hinges on" in words
    assert "The date hinged on" not in words, "said once"


def test_nothing_changed_is_said_too(client: Visitor) -> None:
    quote_id = quoted(client)
    renew(client, quote_id)
    assert "Price and date are as they were." in changed(client.get(f"/order/{quote_id}").text)


@pytest.mark.parametrize(
    ("language", "words"), [("de", "Seit Ihrem letzten Angebot"), ("zh", "与您上次的报价相比")]
)
def test_in_other_languages(
    client: Visitor, priced: Plant, database: Database, language: str, words: str
) -> None:
    quote_id = quoted(client)
    dearer(database, priced)
    renew(client, quote_id)
    page = client.get(f"/order/{quote_id}?lang={language}").text
    assert words in changed(page)
    assert "Since your last quote" not in page


def test_what_was_typed_stays_when_it_is_asked_for_anew(client: Visitor, database: Database) -> None:
    quote_id = quoted(client)
    expire(database, quote_id)
    answer = renew(client, quote_id, **CHECKOUT)
    assert answer.status_code == 200
    assert 'value="Ring 1"' in answer.text
    assert "Price and date are as they were." in changed(answer.text)
    assert order_of(database, quote_id).stage == Stage.QUOTED


def test_a_browser_that_sends_what_the_form_had_is_led_to_the_quote(client: Visitor) -> None:
    """Its form is never empty: the country is always chosen."""
    quote_id = quoted(client)
    page = client.get(f"/order/{quote_id}").text
    assert renew(client, quote_id, country="DE", signature=signature(page)).status_code == 303
    assert renew(client, quote_id, country="FR").status_code == 200, "that was chosen, so it stays"
    again = client.get(f"/order/{quote_id}/renewal")
    assert again.headers["Location"] == f"/order/{quote_id}", "reloaded, or read in another language"


def test_from_the_basket_back_to_the_basket(client: Visitor, database: Database) -> None:
    first, second = keep(client), keep(client)
    expire(database, first)
    assert renew(client, first).headers["Location"] == "/basket"
    page = client.get("/basket").text
    assert len(CHANGED.findall(page)) == 1, "the other was not asked for anew"
    assert len(signature(page).split()) == 2
    typed = renew(client, second, **CHECKOUT)
    assert 'action="/basket"' in typed.text
    assert len(CHANGED.findall(typed.text)) == 2


def test_a_basket_that_grew_in_another_tab_is_not_ordered_unseen(client: Visitor, database: Database) -> None:
    first = keep(client)
    seen = signature(client.get("/basket").text)
    second = keep(client)
    refused = client.post("/basket", data=CHECKOUT | {"signature": seen})
    assert refused.status_code == 409
    assert {order_of(database, i).stage for i in (first, second)} == {Stage.QUOTED}
    accepted = client.post("/basket", data=CHECKOUT | {"signature": signature(refused.text)})
    assert accepted.headers["Location"] == "/orders"


def test_an_order_is_not_asked_for_anew(client: Visitor, database: Database) -> None:
    quote_id = quoted(client)
    client.post(f"/order/{quote_id}", data=CHECKOUT)
    there = f"/track/{order_of(database, quote_id).tracking_token}"
    assert renew(client, quote_id).headers["Location"] == there


def test_nobody_floods_the_plan_with_renewals(client: Visitor) -> None:
    quote_id = quoted(client)
    answers = [renew(client, quote_id).status_code for _ in range(61)]
    assert set(answers) == {303, 429}
    assert answers[0] == 303


# A newer release


def _without_value(content: dict[str, Any]) -> None:
    shape = next(option for option in content["options"] if option["id"] == "shape")
    shape["default"] = "straight"
    shape["values"] = [value for value in shape["values"] if value["id"] != "soft"]


def test_a_value_that_is_gone_leads_to_the_configurator(
    client: Visitor, priced: Plant, database: Database
) -> None:
    quote_id = quoted(client)
    before = order_of(database, quote_id)
    newer(database, priced, _without_value)
    answer = renew(client, quote_id)
    assert (answer.status_code, urlsplit(answer.headers["Location"]).path) == (303, "/configure/mug")
    page = client.get(answer.headers["Location"]).text
    assert 'id="lost"' in page
    assert "has no value “soft”" in page, "which one, and in the conflict's place"
    after = order_of(database, quote_id)
    assert (after.seq, after.quote_expires_at) == (before.seq, before.quote_expires_at), "it is as it was"
    assert 'id="lost"' not in client.get(answer.headers["Location"].partition("&quote=")[0]).text
    other = Visitor(client.app)  # type: ignore[arg-type]
    assert 'id="lost"' not in other.get(answer.headers["Location"]).text, "nobody else's quote is told of"


def test_an_option_that_is_gone_is_named(client: Visitor, database: Database) -> None:
    quote_id = quoted(client)
    with database.write() as session:
        order = session.get_one(Order, quote_id)
        order.selections = {**order.selections, "ribbon": "red"}
    answer = renew(client, quote_id)
    assert answer.status_code == 303
    page = client.get(answer.headers["Location"]).text
    assert "“ribbon” is not offered any more; your quote had “red”." in page


def test_a_family_that_is_gone_is_said_so(client: Visitor, database: Database) -> None:
    quote_id = quoted(client)
    with database.write() as session:
        session.delete(session.get_one(FamilyRow, "mug"))
    answer = renew(client, quote_id, **CHECKOUT)
    assert answer.status_code == 409
    assert "What was quoted is not offered any more." in answer.text
    assert 'value="Ring 1"' in answer.text
    assert client.post(f"/api/v1/quotes/{quote_id}/renewal").json()["type"] == "not-offered"
    assert order_of(database, quote_id).stage == Stage.QUOTED


def test_a_newer_release_is_named_as_the_reason(client: Visitor, priced: Plant, database: Database) -> None:
    quote_id = quoted(client)

    def heavier(content: dict[str, Any]) -> None:
        content["price"][0]["amount"] = "2 * start * wet_kg * capacity.size"

    newer(database, priced, heavier)
    renew(client, quote_id)
    assert "The product has a newer release." in changed(client.get(f"/order/{quote_id}").text)
