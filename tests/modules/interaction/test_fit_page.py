"""The page that fits a day or a budget: without a script, with an address to share, and taken with Undo."""

from collections.abc import Callable
from contextlib import suppress
from html import unescape
from re import DOTALL, findall
from urllib.parse import parse_qsl, urlsplit

import pytest
from fastapi import FastAPI

from cosmo.db import Database
from cosmo.errors import TooMany
from cosmo.registry import Registry
from modules import interaction
from modules.interaction import pages_fit
from modules.interaction.aiming import aimed
from tests.factories import MONDAY, make_plant, make_standard_product
from tests.modules.interaction.conftest import defaults
from tests.web_fixtures import Visitor

pytestmark = pytest.mark.usefixtures("priced")
NAMED = {"decoration": "decal", "print_zone": "front", "personal_name": "Ada", "quantity": "24"}
TAKE = r'<ul class="fit-what" id="[^"]+">(.*?)</ul>.*?<a class="btn[^"]*" href="([^"]+)"'


def chosen(client: Visitor) -> dict[str, str]:
    return {**defaults(client), **NAMED}


def typed(page: str) -> dict[str, str]:
    """What stands in the fields for the day and the budget, where something does."""
    found = findall(r'<input class="input" type="\w+" value="([^"]*)" id="f-\w+" name="(\w+)"', page)
    return {name: value for value, name in found}


def test_the_configurator_leads_there_and_back(client: Visitor) -> None:
    page = client.get("/configure/mug", params=chosen(client)).text
    (there,) = findall(r'href="(/configure/mug/fit\?[^"]+)"', page)
    form = client.get(unescape(there))
    assert form.status_code == 200
    assert "<h1>Make it fit your date or your budget</h1>" in form.text
    assert 'class="fits"' not in form.text, "nothing is looked for before something is named"
    (back,) = findall(r'<p><a href="(/configure/mug\?[^"]+)">Back', form.text)
    assert dict(parse_qsl(urlsplit(unescape(back)).query)).items() >= NAMED.items()


def test_a_form_without_a_script_finds_what_fits(client: Visitor) -> None:
    """The form's own fields and a budget, sent as a browser does."""
    form = client.get("/configure/mug/fit", params=chosen(client)).text
    assert '<form class="fields fit-form" method="get" action="/configure/mug/fit">' in form
    hidden = dict(findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))
    assert hidden.items() >= NAMED.items()
    found = client.get("/configure/mug/fit", params={**hidden, "budget": "320"})
    assert found.status_code == 200
    assert "This fits, the nearest first" in found.text
    assert typed(found.text) == {"budget": "320"}, "the other stays empty"
    assert findall(TAKE, found.text, DOTALL)


def test_what_is_found_can_be_taken_and_undone(client: Visitor) -> None:
    wish = chosen(client)
    found = client.get("/configure/mug/fit", params={**wish, "budget": "320"}).text
    lines = findall(TAKE, found, DOTALL)
    assert len(lines) > 1
    sizes = [len(findall("<li>", changes)) for changes, _ in lines]
    assert sizes == sorted(sizes)
    assert max(sizes) == 2
    for changes, href in lines:
        there = client.get(unescape(href))
        assert there.status_code == 200
        said = there.text.partition('id="changed"')[2].partition("</div>")[0]
        for change in findall("<li>([^<]+)</li>", changes):
            assert change in said, "what was changed is said above the options"
        (undo,) = findall(r'name="set" value="([^"]+)"', said)
        query = dict(parse_qsl(urlsplit(unescape(href)).query))
        back = client.post("/configure/mug", data={**query, "set": unescape(undo)})
        again = dict(parse_qsl(urlsplit(back.headers["Location"]).query))
        assert {name: again.get(name) for name in wish} == wish


def test_the_values_now_and_then_are_in_words(client: Visitor) -> None:
    found = client.get("/configure/mug/fit", params={**chosen(client), "budget": "320"}).text
    assert "How many: 12 instead of 24" in found
    assert "Decoration: None instead of" in found
    assert "Personal name left out" in found
    german = client.get("/configure/mug/fit", params={**chosen(client), "budget": "320", "lang": "de"}).text
    assert "statt 24" in german
    chinese = client.get("/configure/mug/fit", params={**chosen(client), "budget": "320", "lang": "zh"}).text
    assert "查找合适方案" in chinese


def test_where_nothing_fits_it_says_what_comes_nearest_and_why(client: Visitor) -> None:
    wish = {**chosen(client), "needed_by": "2026-06-08", "budget": "1"}
    found = client.get("/configure/mug/fit", params=wish).text
    assert "Nothing fits with up to three changes." in found
    assert "The earliest day there is" in found
    assert "The lowest price there is" in found
    whys = findall(r'<p class="fit-why">(.*?)</p>', found)
    assert len(whys) == 2
    assert "The largest part of it is" in whys[0]
    assert "It hinges on" in whys[1]


def test_what_fits_already_is_left_alone(client: Visitor) -> None:
    found = client.get("/configure/mug/fit", params={**chosen(client), "budget": "5000"}).text
    assert "What you have chosen fits already." in found
    assert 'class="fits"' not in found


@pytest.mark.parametrize(
    ("field", "wrote", "said"),
    [
        ("needed_by", "2026-06-07", "That day is over. Choose a day from Monday 8 June on."),
        ("needed_by", "someday", "Write the day as year-month-day"),
        ("needed_by", "2026-02-31", "Write the day as year-month-day"),
        ("budget", "-5", "Write the budget as a number above 0"),
        ("budget", "0", "Write the budget as a number above 0"),
        ("budget", "NaN", "Write the budget as a number above 0"),
        ("budget", "12345678", "at most 1,000,000"),
    ],
)
def test_bad_input_is_said_beside_its_field_and_kept(
    client: Visitor, field: str, wrote: str, said: str
) -> None:
    other = {"needed_by": "2026-12-01", "budget": "300"}
    page = client.get("/configure/mug/fit", params={**chosen(client), **other, field: wrote})
    assert page.status_code == 422
    (error,) = findall(r'id="f-(\w+)-error">.*?<span>([^<]+)</span>', page.text)
    assert error[0] == field
    assert said in error[1]
    assert typed(page.text) == {**other, field: wrote}
    assert 'class="fits"' not in page.text


def test_a_budget_may_have_a_comma() -> None:
    told = aimed({"budget": " 349,90 "}, MONDAY.date(), "de")
    assert str(told.aim and told.aim.budget) == "349.90"
    assert aimed({}, MONDAY.date(), "en").aim is None


def test_what_cannot_be_made_is_said_and_nothing_is_looked_for(client: Visitor) -> None:
    clash = {**chosen(client), "body": "bone", "finish": "matt", "budget": "300"}
    page = client.get("/configure/mug/fit", params=clash)
    assert page.status_code == 200
    assert "fit-form" not in page.text
    assert 'class="note note-thin"' in page.text


def test_a_guest_who_floods_waits_and_the_form_stays_open(
    client: Visitor, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    wish = {**chosen(client), "budget": "5000"}
    assert client.get("/configure/mug/fit", params=wish).status_code == 200
    monkeypatch.setattr(pages_fit, "aimed_at", lambda *_, **__: pytest.fail("the plan was asked first"))
    for _ in range(60):
        with suppress(TooMany):
            app.state.site.limiter.hit("fit", "testclient")
    assert client.get("/configure/mug/fit", params=wish).status_code == 429
    assert client.get("/configure/mug/fit", params=chosen(client)).status_code == 200


def test_a_quicker_delivery_can_be_undone(client: Visitor) -> None:
    """Bug: a button or link that changed the delivery was not told, and had no Undo."""
    wish = {**chosen(client), "service": "express", "was": "service="}
    said = client.get("/configure/mug", params=wish).text.partition('id="changed"')[2].partition("</div>")[0]
    assert "Delivery: express" in said
    assert 'name="set" value="service="' in said


def test_a_product_without_options_has_fewer_pieces_at_least(
    client: Visitor, database: Database, modules: Callable[..., Registry]
) -> None:
    modules(interaction.module)
    with database.write() as session:
        make_standard_product(session, make_plant(session, slug="plain"))
    found = client.get("/configure/cup/fit", params={"quantity": "10", "budget": "50"})
    assert found.status_code == 200
    assert findall("How many: ([0-9]+) instead of 10", found.text) == ["5"]


def test_the_day_wished_for_is_carried_there_and_back(client: Visitor) -> None:
    wish = {**chosen(client), "requested_date": "2027-03-01"}
    page = client.get("/configure/mug", params=wish).text
    (there,) = findall(r'href="(/configure/mug/fit[^"]+)"', page)
    found = client.get(unescape(there)).text
    assert 'value="2027-03-01"' in found
    assert "What you have chosen fits already." in found, "the day is asked for at once"
    dearer = client.get("/configure/mug/fit", params={**wish, "budget": "320"}).text
    taken = findall(TAKE, dearer, DOTALL)
    assert taken
    for _, href in taken:
        assert dict(parse_qsl(urlsplit(unescape(href)).query))["requested_date"] == "2027-03-01"
