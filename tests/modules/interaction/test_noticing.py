"""Rules that customers run into are counted once, with what they chose instead: no words, no waiting."""

import re
from collections.abc import Callable, Mapping
from html import unescape
from threading import Event as Flag
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl

import pytest
from sqlmodel import select

from cosmo.db import Database
from cosmo.demand_ports import ConflictSeen
from cosmo.parties import Plant, Role
from modules.interaction import noticing
from modules.marketing.models import ConflictMet
from tests.factories import MONDAY
from tests.modules.interaction.conftest import defaults
from tests.web_fixtures import Visitor

pytestmark = pytest.mark.usefixtures("mugs")
HTMX = {"HX-Request": "true"}
CLASH = {"body": "bone", "finish": "matt", "quantity": "24"}
BONE_MATT = "26"


def counted(database: Database) -> dict[tuple[str, str, str], int]:
    with database.read() as session:
        return {(row.rule, row.option, row.value): row.times for row in session.exec(select(ConflictMet))}


def carried(page: str) -> str:
    found = re.search(r'name="met" value="([^"]*)"', page)
    return unescape(found.group(1)) if found else ""


def post(visitor: Visitor, form: Mapping[str, Any]) -> str:
    answer = visitor.post("/configure/mug", data=dict(form), headers=HTMX)
    assert answer.status_code == 200
    return answer.text


def test_a_rule_is_counted_once_and_then_what_was_chosen_instead(client: Visitor, database: Database) -> None:
    chosen = defaults(client) | CLASH
    page = post(client, chosen)
    assert counted(database) == {(BONE_MATT, "", ""): 1}
    page = post(client, chosen | {"met": carried(page), "quantity": "48"})
    assert counted(database) == {(BONE_MATT, "", ""): 1}, "the same conflict goes on"
    page = post(client, chosen | {"met": carried(page), "set": "body=stoneware"})
    assert counted(database) == {(BONE_MATT, "", ""): 1, (BONE_MATT, "body", "stoneware"): 1}
    assert carried(page) == ""
    post(client, chosen | {"body": "stoneware", "met": carried(page)})
    assert len(counted(database)) == 2, "what goes together is not counted"


def test_without_a_script_too(client: Visitor, database: Database) -> None:
    chosen = defaults(client) | CLASH
    there = client.post("/configure/mug", data=chosen).headers["Location"]
    page = client.get(there).text
    client.post("/configure/mug", data=chosen | {"met": carried(page), "finish": "gloss"})
    assert counted(database) == {(BONE_MATT, "", ""): 1, (BONE_MATT, "finish", "gloss"): 1}


def test_numbers_and_what_is_left_out_are_counted_without_their_words(
    client: Visitor, database: Database
) -> None:
    chosen = defaults(client) | {"finish": "reactive", "quantity": "24", "personal_name": "CANARY"}
    page = post(client, chosen)
    met = dict(parse_qsl(carried(page)))
    assert "18b" in met
    assert "CANARY" not in carried(page)
    post(client, chosen | {"met": carried(page), "quantity": "2000"})
    rows = counted(database)
    assert rows["18b", "", ""] == 1
    assert rows["18b", "quantity", "*"] == 1
    assert "CANARY" not in str(rows)


def test_a_form_cannot_make_rules_options_or_values_up(client: Visitor, database: Database) -> None:
    chosen = defaults(client)
    for met in ("nonsense=body%3Dx", "26=nonsense%3Dx%26personal_name%3Dy", "26", "&&&=", "x" * 5000):
        post(client, chosen | {"met": met})
    assert counted(database) == {}


def test_the_api_counts_and_the_seller_reads_it(
    client: Visitor, people: Callable[..., Visitor], database: Database, mugs: Plant
) -> None:
    body = {"selections": defaults(client) | {"body": "bone", "finish": "matt"}, "quantity": 24}
    for _ in range(3):
        assert client.post("/api/v1/families/mug/configure", json=body).json()["conflicts"]
    assert counted(database) == {(BONE_MATT, "", ""): 3}
    seller = people(Role.SELLER, mugs)
    page = seller.get("/plant/insight").text
    assert "Bone china" in page.partition("Rules that customers ran into")[2].partition("</section>")[0]
    assert "3 times" in page
    told = seller.get("/api/v1/plants/lu-ceramics/insight/mug").json()["conflicts"]
    assert told == [{"rule": BONE_MATT, "times": 3, "instead": []}]


def test_an_answer_neither_waits_for_the_count_nor_breaks_with_it(
    client: Visitor, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object) -> None:
        raise RuntimeError("the table is gone")

    monkeypatch.setattr(noticing, "_count", refuse)
    assert 'id="conflicts"' in post(client, defaults(client) | CLASH)
    assert counted(database) == {}


def test_while_one_thread_writes_others_leave_their_counts_to_it(
    database: Database, mugs: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on, write = Flag(), Flag(), noticing._write

    def slowly(*args: Any) -> None:
        begun.set()
        assert go_on.wait(20)
        write(*args)

    monkeypatch.setattr(noticing, "_write", slowly)
    tally, one = noticing.Tally(), ConflictSeen(mugs.id, "mug", BONE_MATT, MONDAY.date())
    first = Thread(target=tally.add, args=(database, [one]))
    first.start()
    assert begun.wait(20)
    for _ in range(5):
        tally.add(database, [one])  # returns at once: nobody waits for the writer
    go_on.set()
    first.join(20)
    assert counted(database) == {(BONE_MATT, "", ""): 6}
