"""Make it fit: the day and the price that stand together are those of one and the same order."""

from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from re import DOTALL, findall
from typing import Any

import pytest

from cosmo import defaults as kernel
from cosmo.clock import set_clock
from cosmo.db import Database
from cosmo.errors import Conflict
from cosmo.formats import day
from cosmo.parties import Plant
from cosmo.promise import Offer
from tests.factories import MONDAY
from tests.modules.interaction.conftest import defaults
from tests.modules.interaction.test_alternatives import with_rush
from tests.web_fixtures import Visitor

SHIP_TO = {"country": "DE", "postal_code": "10115", "city": "Berlin"}
CALM = "2026-07-03"
"""25 days after the Monday: no rush within 24."""
BEYOND = "2029-01-01"
SAY_BEYOND = "Ask for a day within the next two years."


@pytest.fixture(autouse=True)
def at_leisure(database: Database, priced: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plant that makes it as late as it may, and whose rush is dear."""
    with_rush(database, priced, "15")
    honest = kernel.WorkContent.promise

    def promise(self, session, ask, now):  # type: ignore[no-untyped-def]
        answer = honest(self, session, ask, now)
        return replace(answer, ready_at=ask.ready_by or answer.ready_at)

    monkeypatch.setattr(kernel.WorkContent, "promise", promise)


def asked(client: Visitor, path: str, **more: str) -> Any:
    body = {"selections": defaults(client), "quantity": 24, "ship_to": SHIP_TO}
    return client.post(f"/api/v1/families/mug/{path}", json=body | more).json()


def shown(client: Visitor, **more: str) -> str:
    form = {**defaults(client), "quantity": "24", **SHIP_TO, **more}
    return client.get("/configure/mug/fit", params=form).text


def test_what_is_chosen_comes_on_the_day_of_its_price(client: Visitor) -> None:
    """Bug: the soonest day stood beside the price of who needs it later; its link plans for the later day."""
    soonest, calm = asked(client, "configure"), asked(client, "configure", requested_date=CALM)
    when, budget = calm["promise"]["delivery_date"], calm["price"]["amount"]
    assert soonest["promise"]["delivery_date"] < when, "the control: it could come sooner, and dearer"
    (already,) = asked(client, "fit", needed_by=CALM, budget=budget)["found"]
    assert (already["price"], already["promise"]["delivery_date"]) == (budget, when)
    page = shown(client, needed_by=CALM, budget=budget)
    assert f"It comes on {day(date.fromisoformat(when), 'en')} now." in page
    assert f"It costs €{budget} now." in page


@pytest.mark.parametrize("budget", ["90", "1"])
def test_what_is_offered_is_promised_so_by_its_link(client: Visitor, budget: str) -> None:
    """What fits, and what comes nearest."""
    page = shown(client, needed_by=CALM, budget=budget)
    lines = findall(r'"fit-day">([^<]+)<.*?<b>([^<]+)</b>.*?href="([^"]+)"', page, DOTALL)
    assert lines
    for when, price, href in lines:
        assert "July" in when, "not before it is needed"
        there = client.get(unescape(href)).text
        assert when in there
        assert price in there


def test_without_a_day_the_soonest_is_told(client: Visitor) -> None:
    soonest = asked(client, "configure")["promise"]["delivery_date"]
    (already,) = asked(client, "fit", budget="1000")["found"]
    assert already["promise"]["delivery_date"] == soonest


def test_a_day_beyond_two_years_is_a_sentence(client: Visitor) -> None:
    assert SAY_BEYOND in shown(client, needed_by=BEYOND)
    told = asked(client, "fit", needed_by=BEYOND)
    assert (told["status"], told["detail"]) == (422, SAY_BEYOND)


def test_the_farthest_day_is_counted_from_the_plants_day(client: Visitor, database: Database) -> None:
    """Bug: the plan counted from the day in UTC, and refused what was taken. In Berlin it is the 9th."""
    with database.write() as session:
        set_clock(session, speed=0, business=MONDAY.replace(hour=23))
    farthest = date(2026, 6, 9) + timedelta(days=730)
    assert "found" in asked(client, "fit", needed_by=farthest.isoformat())
    assert "It comes on" in shown(client, needed_by=farthest.isoformat())
    beyond = (farthest + timedelta(days=1)).isoformat()
    assert asked(client, "fit", needed_by=beyond)["detail"] == SAY_BEYOND
    assert SAY_BEYOND in shown(client, needed_by=beyond)
    assert asked(client, "configure", requested_date=farthest.isoformat())["promise"]
    assert not asked(client, "configure", requested_date=beyond)["promise"]


def test_where_the_plant_cannot_say_for_the_day_there_is_an_answer_all_the_same(
    client: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bug: what is chosen now was asked for that day too, and its refusal was the whole answer."""

    def refused(*_: object, **_more: object) -> Offer:
        raise Conflict("No carrier goes there.")

    monkeypatch.setattr("cosmo.fitting_search.offer", refused)
    soonest = asked(client, "configure")["promise"]["delivery_date"]
    (already,) = asked(client, "fit", needed_by=CALM, budget="1000")["found"]
    assert already["promise"]["delivery_date"] == soonest
    assert f"It comes on {day(date.fromisoformat(soonest), 'en')} now." in shown(client, needed_by=CALM)
