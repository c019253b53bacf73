"""What one other choice would do: each line is true, and no better one is kept back."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from html import unescape
from re import findall
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi import FastAPI
from sqlmodel import Session

from cosmo.alternatives import Alternative, alternatives
from cosmo.asking import Answerers, answerers_at
from cosmo.clock import read_now
from cosmo.db import Database
from cosmo.errors import CosmoError
from cosmo.parties import Plant
from cosmo.ports import Answer, Ask, ShipTo
from cosmo.promise import Offer, offer
from modules.interaction import pages_alternatives
from modules.interaction.asking import ask_configurator
from modules.marketing.lists import load_price_list
from seeds.files import read_yaml
from tests.loops import run
from tests.modules.interaction.conftest import MUGS, defaults
from tests.web_fixtures import Visitor

HTMX = {"HX-Request": "true"}
BERLIN = ShipTo(city="Berlin", postal_code="10115", country="DE")
DEAR = {"decoration": "decal", "print_zone": "front", "personal_name": "Ada"}
LARGE = {"capacity": "450", "shape": "bistro", "gold_rim": "yes", "decoration": "hand_paint"}


def asked(session: Session, plant: Plant, selections: dict[str, Any]) -> tuple[Answerers, Answer, Offer]:
    answerers = answerers_at(session, plant.manufacturer_id)
    answer = answerers.configurator.answer(session, "mug", selections, 24, "en")
    assert answer.complete
    assert not answer.conflicts
    ask = Ask("mug", selections, 24, BERLIN, locale="en")
    return answerers, answer, offer(session, answerers, plant.id, ask, read_now(session))


def by_hand(
    session: Session, answerers: Answerers, plant: Plant, base: Offer, answer: Answer
) -> dict[str, tuple[Any, ...]]:
    """Option -> (day, price difference) of its best other value, all of them asked for in full."""
    best: dict[str, tuple[Any, ...]] = {}
    for option, values in answer.domains.items():
        for value in values:
            if value.value == base.ask.selections.get(option) or not value.available:
                continue
            ask = replace(base.ask, selections={**base.ask.selections, option: value.value})
            try:
                made = offer(session, answerers, plant.id, ask, read_now(session))
            except CosmoError:
                continue
            told = (made.promise.delivery_date, made.price.amount - base.price.amount)
            if told[0] < base.promise.delivery_date or told[1] < 0:
                best[option] = min(best.get(option, told), told)
    return best


@pytest.mark.parametrize("extra", [{}, DEAR, LARGE], ids=["plain", "decal", "large"])
def test_they_are_the_best_of_all_that_is_possible(
    priced: Plant, client: Visitor, database: Database, extra: dict[str, str]
) -> None:
    selections = {**defaults(client), **extra}
    with database.read() as session:
        answerers, answer, base = asked(session, priced, selections)
        found = alternatives(session, answerers, priced.id, base, answer, read_now(session))
        expected = by_hand(session, answerers, priced, base, answer)
    assert {one.option: one.rank for one in found} == expected
    assert expected, "otherwise nothing was compared"
    assert [one.rank for one in found] == sorted(one.rank for one in found)


def test_what_is_neither_earlier_nor_cheaper_is_left_out(
    priced: Plant, client: Visitor, database: Database
) -> None:
    with database.read() as session:
        answerers, answer, base = asked(session, priced, {**defaults(client), **DEAR})
        found = alternatives(session, answerers, priced.id, base, answer, read_now(session))
    assert found
    assert all(is_better(one, base) for one in found)
    assert len(found) < len(answer.domains)


def is_better(one: Alternative, base: Offer) -> bool:
    return one.delivery_date < base.promise.delivery_date or one.difference < Decimal(0)


@pytest.mark.usefixtures("priced")
def test_a_line_leads_to_what_it_says_and_can_be_undone(client: Visitor) -> None:
    chosen = {**defaults(client), **DEAR, "quantity": "24"}
    part = client.get("/configure/mug/alternatives", params=chosen, headers=HTMX)
    assert part.status_code == 200
    assert "<html" not in part.text
    lines = findall(r'<a href="([^"]+)"><b>([^<]+)</b> <span class="num">([^<]+)</span>', part.text)
    assert lines
    for href, label, _price in lines:
        there = client.get(unescape(href))
        assert there.status_code == 200, label
        changed = there.text.partition('id="changed"')[2].partition("</div>")[0]
        assert unescape(label).partition(": ")[2] in unescape(changed), "what was changed, with Undo"


@pytest.mark.usefixtures("priced")
def test_without_a_script_it_is_a_page(client: Visitor) -> None:
    page = client.get("/configure/mug/alternatives", params={**defaults(client), "quantity": "24"})
    assert page.status_code == 200
    assert "<h1>What would make it earlier or cheaper?</h1>" in page.text
    back = findall(r'<p><a href="(/configure/mug\?[^"]+)">', page.text)
    assert len(back) == 1
    assert client.get(unescape(back[0])).status_code == 200


@pytest.mark.usefixtures("priced")
def test_the_configurator_asks_a_moment_later_and_only_where_there_is_a_date(client: Visitor) -> None:
    first = client.get("/configure/mug").text
    (href,) = findall(r'hx-get="([^"]+)" hx-trigger="load delay', first)
    assert client.get(unescape(href), headers=HTMX).status_code == 200
    clash = {**defaults(client), "body": "bone", "finish": "matt"}
    assert "/alternatives" not in client.get("/configure/mug", params=clash).text


@pytest.mark.usefixtures("priced")
def test_the_next_choice_hangs_up_on_the_lines_of_the_last(client: Visitor) -> None:
    page = client.get("/configure/mug").text
    assert findall(r'<form class="configure" id="(\w+)"[^>]* hx-sync="this:replace"', page) == ["configure"]
    (lines,) = findall(r'<div class="others"[^>]*>', page)
    assert 'hx-sync="#configure:abort"' in lines


@pytest.mark.parametrize(("gone", "status", "asked"), [(True, 204, 0), (False, 200, 1)])
@pytest.mark.usefixtures("priced")
def test_lines_that_nobody_waits_for_are_not_looked_for(
    client: Visitor, app: FastAPI, monkeypatch: pytest.MonkeyPatch, gone: bool, status: int, asked: int
) -> None:
    calls: list[str] = []

    def counted(session: Session, family: str, *rest: Any, **more: Any) -> Any:
        calls.append(family)
        return ask_configurator(session, family, *rest, **more)

    monkeypatch.setattr(pages_alternatives, "ask_configurator", counted)
    query = urlencode(defaults(client))
    assert run(called(app, "/configure/mug/alternatives", query, gone=gone)) == status
    assert calls == ["mug"] * asked


async def called(app: FastAPI, path: str, query: str, *, gone: bool) -> int:
    """The status of the answer; `gone`: to a client that hangs up at once."""
    told: list[Any] = []
    scope = {
        "type": "http", "method": "GET", "path": path, "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(b"host", b"testserver")], "http_version": "1.1", "scheme": "http",
        "server": ("testserver", 80), "client": ("testclient", 1), "root_path": "",
    }  # fmt: skip

    async def receive() -> dict[str, str]:
        if not gone:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        told.append(message)

    await app(scope, receive, send)
    return int(told[0]["status"])


def with_rush(database: Database, plant: Plant, rate: str) -> None:
    """Packing becomes a rush: its driver is 24 of two dozen mugs in boxes, so 24 days."""
    lines = [
        {**line, "kind": "rush", "rate": rate} if line["code"] == "packing" else line
        for line in read_yaml(MUGS / "price.yaml")
    ]
    with database.write() as session:
        load_price_list(session, plant, "mug", lines, read_now(session))


def test_a_later_day_is_offered_where_so_soon_a_one_costs_more(
    client: Visitor, database: Database, priced: Plant
) -> None:
    with_rush(database, priced, "15")
    query = urlencode({**defaults(client), "quantity": "24", "city": "Berlin", "postal_code": "10115"})
    soon = client.get(f"/configure/mug?{query}").text
    assert "<dt>Packing</dt>" in soon, "the rush is a line of the price"
    page = client.get(f"/configure/mug/alternatives?{query}", headers=HTMX).text
    (href, said) = findall(r'<a href="([^"]+)"><b>Without the rush</b> <span class="num">([^<]+)<', page)[0]
    later = client.get(unescape(href)).text
    assert "<dt>Packing</dt>" not in later
    assert "requested_date=2026-07-03" in href, "25 days after the Monday of the test"
    amount = r'<p class="is"><span>[^<]*</span> <b>€([\d.,]+)</b>'
    saved = Decimal(findall(amount, soon)[0]) - Decimal(findall(amount, later)[0])
    assert said == f"−€{saved}"
    again = client.get(unescape(href).replace("/mug?", "/mug/alternatives?"), headers=HTMX).text
    assert "Without the rush" not in again, "it is none any more"


def test_where_soon_costs_nothing_more_no_later_day_is_offered(
    client: Visitor, database: Database, priced: Plant
) -> None:
    query = urlencode({**defaults(client), "quantity": "24", "city": "Berlin", "postal_code": "10115"})
    assert "Without the rush" not in client.get(f"/configure/mug/alternatives?{query}", headers=HTMX).text
    with_rush(database, priced, "0")
    assert "Without the rush" not in client.get(f"/configure/mug/alternatives?{query}", headers=HTMX).text
