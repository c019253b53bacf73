"""*Needed by*: a day that is asked for is met, or the nearest is offered and why."""

from collections.abc import Mapping
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from cosmo.clock import read_now
from cosmo.db import Database
from cosmo.formats import day
from cosmo.ports import Ask
from cosmo.promise import ask_of
from cosmo.quoting import tentative
from tests.factories import MONDAY
from tests.modules.interaction.conftest import CHECKOUT, defaults, quoted
from tests.modules.interaction.test_order import order_of
from tests.web_fixtures import Visitor

pytestmark = pytest.mark.usefixtures("priced")


def earliest(database: Database, quote_id: str) -> date:
    with database.read() as session:
        ask = ask_of(session, order_of(database, quote_id))
        free = Ask(ask.family, ask.selections, ask.quantity, ask.ship_to)
        return tentative(session, free, read_now(session)).promise.delivery_date


def asked_for(client: Visitor, requested: str, **more: str) -> Mapping[str, str]:
    return {**defaults(client), "quantity": "24", "requested_date": requested, **more}


def test_who_asks_for_no_day_is_told_of_none(client: Visitor) -> None:
    page = client.get("/configure/mug").text
    assert 'type="date" id="f-requested_date"' in page
    assert "You need it by" not in page
    assert "cannot be met. The nearest" not in page


def test_a_day_that_can_be_met_is_said_so_and_quoted(client: Visitor, database: Database) -> None:
    wish = (MONDAY + timedelta(days=60)).date()
    shown = client.post("/configure/mug", data=asked_for(client, wish.isoformat()))
    assert parse_qs(urlsplit(shown.headers["Location"]).query)["requested_date"] == [wish.isoformat()]
    page = client.get(shown.headers["Location"]).text
    assert f"You need it by {day(wish, 'en')}: it is there in time." in page
    assert f'value="{wish.isoformat()}"' in page
    quote_id = quoted(client, requested_date=wish.isoformat())
    order = order_of(database, quote_id)
    assert order.requested_date == wish
    assert order.promised_date is not None
    assert order.promised_date <= wish
    assert "it is there in time." in client.get(f"/order/{quote_id}").text


def test_the_nearest_is_offered_and_why(client: Visitor, database: Database) -> None:
    quote_id = quoted(client, requested_date=MONDAY.date().isoformat())
    nearest = earliest(database, quote_id)
    assert order_of(database, quote_id).promised_date == nearest
    words = f"{day(MONDAY.date(), 'en')} cannot be met. The nearest is {day(nearest, 'en')}."
    page = client.get(f"/order/{quote_id}").text
    assert words in page
    assert "It hinges on" in page
    shown = client.get("/configure/mug", params=asked_for(client, MONDAY.date().isoformat())).text
    assert words in shown
    assert "is-thin" in shown
    assert client.post(f"/order/{quote_id}", data=CHECKOUT).status_code == 303


def test_it_is_asked_again_when_the_quote_is(client: Visitor, database: Database) -> None:
    quote_id = quoted(client, requested_date=MONDAY.date().isoformat())
    client.post(f"/order/{quote_id}/renewal")
    assert order_of(database, quote_id).requested_date == MONDAY.date()
    assert "cannot be met" in client.get(f"/order/{quote_id}").text


@pytest.mark.parametrize("typed", ["soon", "2026-02-30", "20260626", "26.06.2026", "٢٠٢٦-٠٦-٢٦"])
def test_what_is_no_day_is_said_at_its_field(client: Visitor, typed: str) -> None:
    for press in ("", "order", "keep"):
        answer = client.post("/configure/mug", data=asked_for(client, typed, do=press))
        assert answer.status_code == 422, "a wish is not left out silently"
        assert "Write the day as in 2026-06-26." in answer.text
        assert f'value="{typed}"' in answer.text


def test_a_day_beyond_two_years_is_a_sentence(client: Visitor) -> None:
    page = client.get("/configure/mug", params=asked_for(client, "9999-12-31"))
    assert "Ask for a day within the next two years." in page.text
    pressed = client.post("/configure/mug", data=asked_for(client, "9999-12-31", do="order"))
    assert pressed.status_code == 422
    assert "Ask for a day within the next two years." in pressed.text


@pytest.mark.parametrize(("language", "words"), [("de", "ist nicht möglich"), ("zh", "最近的日期是")])
def test_in_other_languages(client: Visitor, language: str, words: str) -> None:
    asked = asked_for(client, MONDAY.date().isoformat(), lang=language)
    assert words in client.get("/configure/mug", params=asked).text


def test_other_choices_keep_the_day(client: Visitor) -> None:
    wish = (MONDAY + timedelta(days=60)).date().isoformat()
    page = client.get("/configure/mug", params=asked_for(client, wish)).text
    assert f"requested_date={wish}" in page.partition('class="others"')[2][:600]
    others = client.get("/configure/mug/alternatives", params=asked_for(client, wish)).text
    assert f"requested_date={wish}" in others


def test_the_api_says_it_at_each_click(client: Visitor) -> None:
    body = {"selections": defaults(client), "quantity": 24, "requested_date": "2020-01-01"}
    told = client.post("/api/v1/families/mug/configure", json=body).json()["promise"]
    assert told["requested"] == {"date": "2020-01-01", "met": False}
    free = client.post("/api/v1/families/mug/configure", json={**body, "requested_date": None}).json()
    assert free["promise"]["requested"] is None
    assert told["delivery_date"] == free["promise"]["delivery_date"]
