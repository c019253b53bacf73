"""Ways out of an impossible selection: on the page with and without a script, and in the API."""

import re
from decimal import Decimal
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.modules.interaction.conftest import defaults
from tests.web_fixtures import Visitor

pytestmark = pytest.mark.usefixtures("mugs")
HTMX = {"HX-Request": "true"}
CLASH = {"body": "bone", "finish": "matt", "quantity": "24"}


def buttons(page: str) -> dict[str, str]:
    """Words of each repair's button -> the value it sends."""
    box = page.partition('class="ways"')[2].partition("</ul>")[0]
    found = re.findall(r'name="set" value="([^"]*)" formnovalidate>(.*?)</button>', box)
    return {unescape(re.sub(r"<[^>]*>", "", words)): unescape(value) for value, words in found}


def asked(visitor: Visitor, **selections: Any) -> dict[str, Any]:
    quantity = selections.pop("quantity", 24)
    body = {"selections": {**defaults(visitor), **selections}, "quantity": quantity}
    answer = visitor.post("/api/v1/families/mug/configure", json=body)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


@pytest.mark.parametrize(
    ("lang", "words", "day"),
    [
        ("en", "Keep matt and take stoneware", r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d+ (June|July)$"),
        ("de", "Matt behalten und Steinzeug nehmen", r"(Mo|Di|Mi|Do|Fr|Sa|So)\. \d+\. (Juni|Juli)$"),
        ("zh", "保留哑光，改选炻器", r"\d+月\d+日周.$"),
    ],
)
def test_each_repair_is_a_button_with_its_price_and_day(
    client: Visitor, lang: str, words: str, day: str
) -> None:
    chosen = defaults(client) | CLASH
    page = client.post(f"/configure/mug?lang={lang}", data=chosen, headers=HTMX).text
    said = list(buttons(page))
    assert len(said) == 3
    assert any(one.startswith(words) for one in said), said
    assert all(re.search(day, one) for one in said), said
    assert all(re.search(r"[+−].*\d|same price|gleicher Preis|价格不变", one) for one in said), said


def test_pressed_without_a_script_it_is_made_said_and_taken_back(client: Visitor) -> None:
    chosen = defaults(client) | CLASH
    page = client.get("/configure/mug", params=chosen).text
    value = next(value for words, value in buttons(page).items() if "take stoneware" in words)
    there = client.post("/configure/mug", data={**chosen, "set": value})
    assert there.status_code == 303
    page = client.get(there.headers["Location"]).text
    assert 'id="conflicts"' not in page
    assert re.search(r'name="body" value="stoneware" checked', page)
    assert re.search(r'name="finish" value="matt" checked', page), "what it says is kept is kept"
    assert "Order for " in page
    changed = page.partition('id="changed"')[2].partition("</div>")[0]
    assert "Body: Stoneware instead of Bone china." in changed
    back = unescape(re.findall(r'name="set" value="([^"]*)"', changed)[0])
    mended = {name: values[0] for name, values in parse_qs(urlsplit(there.headers["Location"]).query).items()}
    again = client.post("/configure/mug", data={**mended, "set": back})
    page = client.get(again.headers["Location"]).text
    assert re.search(r'name="body" value="bone" checked', page)
    assert 'id="conflicts"' in page


def test_with_a_script_the_part_says_what_changed_and_the_address_does_not(client: Visitor) -> None:
    chosen = defaults(client) | CLASH
    answer = client.post("/configure/mug", data={**chosen, "set": "body=stoneware"}, headers=HTMX)
    assert "Body: Stoneware instead of Bone china." in answer.text
    assert "was=" not in answer.headers["HX-Replace-Url"]
    plain = client.post("/configure/mug", data={**chosen, "body": "stoneware"}, headers=HTMX).text
    assert 'id="changed"' not in plain, "what she chose herself is not told her"


def test_a_quantity_and_a_name_are_taken_back_too(client: Visitor) -> None:
    chosen = defaults(client) | {"finish": "reactive", "quantity": "24", "personal_name": "<i>Mia"}
    page = client.post(
        "/configure/mug", data={**chosen, "set": "quantity=2000&personal_name="}, headers=HTMX
    ).text
    changed = page.partition('id="changed"')[2].partition("</div>")[0]
    assert "How many: 2,000 instead of 24" in changed
    assert "Personal name left out" in changed
    back = unescape(re.findall(r'name="set" value="([^"]*)"', changed)[0])
    assert parse_qs(back) == {"quantity": ["24"], "personal_name": ["<i>Mia"]}


@pytest.mark.parametrize("was", ["body=%3Cscript%3E", "nothing=1", "body", "quantity=%C2%B2", "=&=&&"])
def test_an_address_that_was_tampered_with_breaks_nothing(client: Visitor, was: str) -> None:
    answer = client.get("/configure/mug", params={**defaults(client), "was": was})
    assert answer.status_code == 200
    assert "<script>" not in answer.text.partition('id="changed"')[2].partition("</div>")[0]


def test_where_few_changes_do_not_help_each_conflict_keeps_its_own_way(client: Visitor) -> None:
    odd = dict.fromkeys(("capacity", "shape", "handle", "inner_glaze"), "odd")
    page = client.post("/configure/mug", data=defaults(client) | CLASH | odd, headers=HTMX).text
    problem = page.partition('id="conflicts"')[2].partition("</div>")[0]
    assert 'class="ways"' not in problem
    assert "Bone china takes no matt glaze outside." in problem


def test_the_api_tells_repairs_beside_conflicts_best_first(client: Visitor) -> None:
    told = asked(client, body="bone", finish="matt", outer_glaze="signal")
    assert {tuple(c["options"]) for c in told["conflicts"]} == {("body", "finish"), ("body", "outer_glaze")}
    repairs = told["repairs"]
    assert 0 < len(repairs) <= 3
    assert repairs[0]["changes"] == {"body": "stoneware"}
    ranks = [(len(one["changes"]), Decimal(one["price"]), one["delivery_date"]) for one in repairs]
    assert ranks == sorted(ranks)


def test_a_repair_costs_and_comes_as_it_says(client: Visitor) -> None:
    for one in (repairs := asked(client, body="bone", finish="matt")["repairs"]):
        made = asked(client, **{"body": "bone", "finish": "matt"} | one["changes"])
        assert made["conflicts"] == []
        assert made["repairs"] == []
        assert made["price"]["amount"] == one["price"]
        assert made["price"]["currency"] == one["currency"]
        assert made["promise"]["delivery_date"] == one["delivery_date"]
    bases = {Decimal(one["price"]) - Decimal(one["price_difference"]) for one in repairs}
    assert len(bases) == 1, "all differ from the same selection"


def test_what_is_not_complete_has_no_price_yet_and_comes_last(client: Visitor) -> None:
    told = asked(client, finish="reactive", decoration="decal", quantity=2000)
    assert told["repairs"], told["conflicts"]
    known = [one["price"] is not None for one in told["repairs"]]
    assert known == sorted(known, reverse=True)
    assert False in known
    for one in told["repairs"]:
        assert (one["price"] is None) == (one["delivery_date"] is None)
        assert all(value is not None for value in one["changes"].values())


def test_null_leaves_an_option_out(client: Visitor) -> None:
    told = asked(client, decoration="none", personal_name="Mia")
    (leave,) = [one for one in told["repairs"] if "personal_name" in one["changes"]]
    assert leave["changes"] == {"personal_name": None}
    assert asked(client, decoration="none", **leave["changes"])["conflicts"] == []


def test_what_agrees_has_no_repairs(client: Visitor) -> None:
    assert asked(client)["repairs"] == []
