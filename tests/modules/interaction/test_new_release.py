"""An engineer writes the mug's next release in a browser: a contradiction is named and mended, the release is
what the shop offers from then on, and an order placed before keeps its own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from cosmo.clock import read_now
from cosmo.db import Database
from cosmo.orders import Order
from cosmo.parties import Plant, Role
from modules.marketing.lists import price_lists
from modules.rnd import drafts
from modules.rnd.family import FamilyError
from tests.modules.interaction.conftest import CHECKOUT, MUGS, quoted
from tests.web.servers import serving
from tests.web_fixtures import Visitor
from web.visits import COOKIE

SEEN = 15_000  # ms; a machine that is busy with other tests
RULES = "[name='file.rules.yaml']"
NEW = """- id: X1
  rule: finish = matt excludes handle = none
  why: {en: A matt mug keeps its handle., de: Ein matter Becher behält seinen Henkel., zh: 哑光杯须有杯柄。}
"""
AGAINST = """- id: X2
  rule: always handle = none and finish = matt
  why: {en: Plain only., de: Nur schlicht., zh: 仅素款。}
"""


@contextmanager
def desk(app: FastAPI, engineer: Visitor, browser: Any, **options: Any) -> Iterator[Any]:
    """The engineer's browser; whatever it complains about fails the test, but that a form was refused."""
    said: list[str] = []
    with serving(app) as address:
        context = browser.new_context(base_url=address, **options)
        context.add_cookies([{"name": COOKIE, "value": engineer.cookies.get(COOKIE), "url": address}])
        page = context.new_page()
        page.set_default_timeout(SEEN)
        page.on("console", lambda m: said.append(f"{m.text} {m.location}") if m.type == "error" else None)
        page.on("pageerror", lambda e: said.append(str(e)))
        yield page
        context.close()
    assert [line for line in said if "status of 422" not in line] == []


def placed(client: Visitor, database: Database) -> Order:
    """A guest's order of matt mugs without a handle, under the release offered now."""
    quote_id = quoted(client, finish="matt", handle="none")
    assert client.post(f"/order/{quote_id}", data=CHECKOUT).status_code == 303
    with database.read() as session:
        return session.get_one(Order, quote_id)


def release_of(database: Database, order: Order) -> str | None:
    with database.read() as session:
        return session.get_one(Order, order.id).release


def test_a_rule_is_written_contradicted_mended_released_and_offered(
    app: FastAPI, client: Visitor, people: Any, priced: Plant, database: Database, browser: Any
) -> None:
    order = placed(client, database)
    with desk(app, people(Role.ENGINEER, priced), browser, viewport={"width": 1440, "height": 900}) as page:
        page.goto("/plant/products/mug")
        page.click("a:has-text('Next release')")
        page.fill("[name=note]", "Matt mugs keep their handles")
        page.click("button:has-text('Start a draft')")
        rules = page.input_value(RULES)
        page.fill(RULES, rules + NEW + AGAINST)
        page.wait_for_selector("text=The rules contradict each other")
        causes = page.inner_text(".causes")
        assert "Rule X1" in causes
        assert "Rule X2" in causes
        assert "Rule 26" not in causes, "the smallest set, not all rules"
        page.click(".causes li:has-text('X2') a")
        assert page.evaluate("document.activeElement.name") == "file.rules.yaml"
        assert "always handle = none" in page.evaluate("getSelection().toString()")
        page.fill(RULES, rules + NEW)
        page.wait_for_selector("text=Nothing blocks a release")
        page.click("button:has-text('Release it')")
        page.wait_for_url("**/plant/products/mug?release=mug-2")
        assert "A matt mug keeps its handle." in page.inner_text("#rules")
    locked = client.post("/configure/mug", data={"finish": "matt", "handle": "c", "quantity": "24"})
    shown = locked if locked.status_code == 200 else client.get(locked.headers["Location"])
    assert "A matt mug keeps its handle." in shown.text
    assert release_of(database, order) == "mug-1"
    fresh = quoted(client, finish="matt", handle="c")
    with database.read() as session:
        assert session.get_one(Order, fresh).release == "mug-2"
        assert len(all_orders(session)) == 2


def all_orders(session: Session) -> list[Order]:
    return list(session.exec(select(Order)))


def test_the_same_without_a_script_at_360_px(app: FastAPI, people: Any, priced: Plant, browser: Any) -> None:
    small = {"viewport": {"width": 360, "height": 780}, "java_script_enabled": False}
    with desk(app, people(Role.ENGINEER, priced), browser, **small) as page:
        page.goto("/plant/products/mug/draft")
        page.click("button:has-text('Start a draft')")
        rules = page.input_value(RULES)
        page.fill(RULES, rules + NEW + AGAINST)
        page.click("button:has-text('Save') >> nth=0")
        assert "The rules contradict each other" in page.inner_text("#live")
        assert page.input_value(RULES) == rules + NEW + AGAINST
        page.click("button:has-text('Release it')")
        assert "Not released yet. Your text is saved" in page.inner_text("[role=alert]")
        page.fill(RULES, rules + NEW)
        page.click("button:has-text('Save') >> nth=0")
        page.select_option("[name='o.finish']", "matt")
        page.click("button:has-text('Save and show what is made')")
        assert "No handle:" in page.inner_text("#live")
        assert "A matt mug keeps its handle." in page.inner_text("#live")
        page.click("button:has-text('Release it')")
        assert page.url.endswith("?release=mug-2")


def stay(dialog: Any, asked: list[str]) -> None:
    asked.append(dialog.type)
    dialog.dismiss()


def test_text_that_is_not_saved_is_asked_about_before_the_page_is_left(
    app: FastAPI, people: Any, priced: Plant, browser: Any
) -> None:
    asked: list[str] = []
    with desk(app, people(Role.ENGINEER, priced), browser) as page:
        page.on("dialog", lambda dialog: stay(dialog, asked))
        page.goto("/plant/products/mug/draft")
        page.click("button:has-text('Start a draft')")
        page.wait_for_selector("#draft")
        page.focus(RULES)
        page.keyboard.type("# ")
        page.keyboard.press("Tab")
        with page.expect_event("dialog"):
            page.click("a:has-text('What it changes')")
        assert asked == ["beforeunload"]
        assert "# " in page.input_value(RULES)
        page.click("button:has-text('Save') >> nth=0")
        page.wait_for_url("**o.body=**")
        page.click("a:has-text('What it changes')")
        page.wait_for_url("**/diff**")
        assert asked == ["beforeunload"]


@pytest.mark.parametrize("width", [1440, 360])
@pytest.mark.parametrize("locale", ["en", "de", "zh"])
def test_the_page_is_as_wide_as_the_screen(
    width: int, locale: str, app: FastAPI, people: Any, priced: Plant, browser: Any
) -> None:
    engineer = people(Role.ENGINEER, priced)
    engineer.post("/plant/products/mug/drafts", data={"note": "for hotels"})
    with desk(app, engineer, browser, viewport={"width": width, "height": 780}) as page:
        for address in ("/plant/products/mug/draft", "/plant/products/mug/diff?to=draft"):
            page.goto(f"{address}{'&' if '?' in address else '?'}lang={locale}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width


DRIVER = """- code: seal
  name: {en: Seal, de: Siegel, zh: 封印}
  unit: pcs
  amount: good
  rate: 2.00
"""


def released(database: Database, plant: Plant, **texts: str) -> None:
    """A draft with these files, released; the mug's cases name prices of their own, so they go."""
    with database.write() as session:
        now = read_now(session)
        draft = drafts.start(session, "mug", now, "", "anna")
        files = {f"{name}.yaml": text for name, text in texts.items()} | {"cases.yaml": "[]\n"}
        saved = drafts.save(session, "mug", files, draft.version, now, "anna")
        drafts.release(session, "mug", saved.version, plant, now, "anna")


def lines(database: Database, order_id: str) -> dict[str, Decimal]:
    with database.read() as session:
        found = session.get_one(Order, order_id).price_lines
    return {line["code"]: Decimal(line["amount"]) for line in found}


def test_a_price_that_is_released_is_charged_and_a_quote_keeps_its_own(
    client: Visitor, priced: Plant, database: Database
) -> None:
    """A rate ten times as high and a driver that is new; the quote before has neither."""
    before = quoted(client)
    known = lines(database, before)
    text = (MUGS / "price.yaml").read_text(encoding="utf-8")
    released(database, priced, price=text.replace("rate: 1.90", "rate: 19.00", 1) + DRIVER)
    after = lines(database, quoted(client))
    assert after["seal"] == Decimal("48.00")
    assert after["body"] == pytest.approx(10 * known["body"], abs=Decimal("0.10"))
    assert lines(database, before) == known
    assert "seal" not in known


def test_a_release_with_the_same_rates_makes_no_list(priced: Plant, database: Database) -> None:
    rules = (MUGS / "rules.yaml").read_text(encoding="utf-8")
    released(database, priced, rules=rules + NEW)
    with database.read() as session:
        assert len(price_lists(session, priced.id)) == 1


def test_a_rate_below_nothing_is_refused_where_it_stands(priced: Plant, database: Database) -> None:
    text = (MUGS / "price.yaml").read_text(encoding="utf-8")
    with pytest.raises(FamilyError, match=r"price\.yaml"):
        released(database, priced, price=text.replace("rate: 1.90", "rate: -1.90", 1))
