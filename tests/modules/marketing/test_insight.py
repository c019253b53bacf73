"""What became of quotes, counted by hand: by week, price, days and the day asked for; as CSV and as data."""

import csv
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from threading import Thread

import pytest
from sqlmodel import Session

from cosmo.db import Database
from cosmo.demand_ports import ANOTHER, ConflictSeen
from cosmo.lifecycle import fire
from cosmo.parties import Plant, Role
from cosmo.payloads import Quoted
from cosmo.stages import Stage
from modules.marketing import insight
from modules.marketing.asked import Fate, asked
from modules.marketing.conflicts import KeptCount, conflicts_met
from modules.marketing.insight import Group
from modules.marketing.insight_view import _cell
from tests.factories import MONDAY, at, make_order, make_plant
from tests.modules.marketing.quotes import quoted
from tests.web_fixtures import Visitor

LONG = MONDAY - timedelta(days=80)


def told(groups: list[Group]) -> dict[str, tuple[int, int]]:
    return {g.key: (g.taken, g.lost) for g in groups if g.quotes}


def test_the_fate_of_each_quote(session: Session, plant: Plant) -> None:
    for fate in Fate:
        quoted(session, plant, fate=fate)
    quoted(session, plant, remake_of=quoted(session, plant, fate=Fate.TAKEN).id)
    make_order(session, plant).created_at = MONDAY  # a draft
    quoted(session, plant, then=at(days=-91))
    quoted(session, make_plant(session))
    gone = quoted(session, plant, fate=Fate.OPEN)
    gone.stage = Stage.CANCELLED.value
    session.flush()
    found = [one.fate for one in asked(session, [plant], LONG)]
    assert sorted(found) == sorted([*Fate, Fate.TAKEN, Fate.LOST]), "cancelled before it was ordered is lost"


def test_a_quote_that_was_asked_for_anew_is_open_again_and_its_days_count_from_then(
    session: Session, plant: Plant
) -> None:
    order = quoted(session, plant, days=40)
    again = at(days=30)
    fire(
        session, order.id, "quote",
        Quoted(
            promised_date=date(2026, 7, 18), ready_at=MONDAY, price=Decimal(9), currency="EUR", held=True
        ),
        now=again, actor="test",
    )  # fmt: skip
    (one,) = asked(session, [plant], LONG)
    assert (one.fate, one.decided_at, one.days, one.day) == (Fate.OPEN, None, 10, date(2026, 6, 8))


def test_conversion_by_price_is_against_the_families_own_median(session: Session, plant: Plant) -> None:
    """Cups at 8, 10, 10, 10, 13 (median 10), pots ten times as dear."""
    for each, fate in ((8, Fate.TAKEN), (10, Fate.TAKEN), (10, Fate.LOST), (10, Fate.LOST), (13, Fate.LOST)):
        quoted(session, plant, each, fate=fate)
    for each, fate in ((79, Fate.TAKEN), (100, Fate.LOST), (105, Fate.LOST)):
        quoted(session, plant, each, fate=fate, family="pot")
    quoted(session, plant, 1, fate=Fate.OPEN)
    quoted(session, plant, 1, fate=Fate.REPLACED)
    assert told(insight.by_price(asked(session, [plant], LONG))) == {
        "more than 20 % below": (1, 0),  # the pot at 0.79
        "5 to 20 % below": (1, 0),  # the cup at 0.8
        "within 5 %": (1, 3),
        "5 to 20 % above": (0, 1),  # the pot at 1.05
        "more than 20 % above": (0, 1),
    }


def test_conversion_by_days_and_by_the_day_asked_for(session: Session, plant: Plant) -> None:
    wish = date(2026, 6, 18)
    for days, fate, on in (
        (7, Fate.TAKEN, None),
        (8, Fate.LOST, wish),  # two days before the wish
        (10, Fate.TAKEN, wish),
        (11, Fate.LOST, wish),
        (13, Fate.LOST, wish),
        (14, Fate.LOST, wish),
        (36, Fate.LOST, wish),
    ):
        quoted(session, plant, days=days, fate=fate, asked_for=on)
    found = asked(session, [plant], LONG)
    assert told(insight.by_days(found)) == {
        "up to 7 days": (1, 0),
        "8 to 14 days": (1, 4),
        "more than 35 days": (0, 1),
    }
    assert told(insight.by_wish(found)) == {
        "by the day asked for": (1, 1),
        "1 to 3 days later": (0, 2),
        "4 to 7 days later": (0, 1),
        "more than 7 days later": (0, 1),
    }


def test_weeks_without_a_quote_stand_too_and_few_quotes_say_nothing(session: Session, plant: Plant) -> None:
    for fate in (Fate.TAKEN, Fate.LOST, Fate.LOST, Fate.LOST, Fate.OPEN, Fate.REPLACED):
        quoted(session, plant, then=at(days=-15), fate=fate)
    found = asked(session, [plant], LONG)
    weeks = insight.by_week(found, date(2026, 5, 20), date(2026, 6, 8))
    assert [(g.key, g.quotes, g.decided) for g in weeks] == [
        ("2026-05-18", 6, 4),  # fifteen days before Monday 8 June is a Sunday
        ("2026-05-25", 0, 0),
        ("2026-06-01", 0, 0),
        ("2026-06-08", 0, 0),
    ]
    assert weeks[0].share is None, "four decided quotes are too few"
    quoted(session, plant, then=at(days=-15), fate=Fate.TAKEN)
    assert insight.group("", asked(session, [plant], LONG)).share == Decimal("0.4")


def test_conflicts_add_up_by_day_and_by_way_out(session: Session, plant: Plant) -> None:
    def seen(rule: str, option: str = "", value: str = "", day: int = 8) -> ConflictSeen:
        return ConflictSeen(plant.id, "cup", rule, date(2026, 6, day), option, value)

    count = KeptCount()
    count.count(session, {seen("R1"): 2, seen("R2"): 1, seen("R1", "body", "stoneware"): 1})
    count.count(session, {seen("R1"): 1, seen("R1", day=9): 1, seen("R1", "finish", "matt"): 2})
    count.count(session, {seen("R3", day=1): 5, seen("R1", "size", ANOTHER): 1})
    found = conflicts_met(session, [plant.id], ["cup"], date(2026, 6, 8))
    assert [(m.rule, m.times) for m in found] == [("R1", 4), ("R2", 1)]
    assert found[0].instead[0] == ("finish", "matt", 2)
    assert set(found[0].instead[1:]) == {("body", "stoneware", 1), ("size", ANOTHER, 1)}
    assert conflicts_met(session, [plant.id], ["pot"], date(2026, 6, 8)) == []
    assert conflicts_met(session, [make_plant(session).id], ["cup"], date(2026, 6, 8)) == []


@pytest.fixture
def sold(database: Database, shop: Plant) -> Plant:
    with database.write() as session:
        for fate in (Fate.TAKEN, Fate.TAKEN, Fate.LOST, Fate.LOST, Fate.LOST, Fate.OPEN):
            quoted(session, shop, fate=fate, then=at(days=-7))
    return shop


@pytest.mark.parametrize("locale", ["en", "de", "zh"])
def test_the_page_says_it_in_words_too(people: Callable[..., Visitor], sold: Plant, locale: str) -> None:
    seller = people(Role.SELLER, sold)
    page = seller.get(f"/plant/insight?days=28&lang={locale}").text
    words = {"en": "2 of 5", "de": "2 von 5", "zh": "5 份中的 2 份"}[locale]
    assert words in page
    assert {"en": "40 %", "de": "40 %", "zh": "40%"}[locale] in page
    assert '<svg class="demand"' in page


def test_nothing_asked_is_one_line(people: Callable[..., Visitor], shop: Plant) -> None:
    page = people(Role.SELLER, shop).get("/plant/insight").text
    assert "Nobody has asked for a quote in this time." in page
    assert "No rule stood in anybody&#39;s way in this time." in page
    assert '<svg class="demand"' not in page


def test_a_table_for_a_spreadsheet(people: Callable[..., Visitor], sold: Plant) -> None:
    seller = people(Role.SELLER, sold)
    answer = seller.get("/plant/insight.csv?table=weeks&days=28")
    assert answer.headers["content-disposition"] == 'attachment; filename="insight-weeks.csv"'
    rows = list(csv.reader(StringIO(answer.text.removeprefix("\ufeff"))))
    assert rows[0] == ["week", "quotes", "taken", "lost", "replaced", "open"]
    assert ["2026-06-01", "6", "2", "3", "0", "1"] in rows
    for table in ("families", "prices", "days", "wishes", "conflicts", "options"):
        assert seller.get(f"/plant/insight.csv?table={table}").status_code == 200
    assert seller.get("/plant/insight.csv?table=customers").status_code == 404
    assert seller.get("/plant/insight.csv?family=elsewhere").status_code == 404
    assert seller.get("/plant/insight?days=4000").status_code == 422


def test_a_text_is_never_a_formula() -> None:
    assert [_cell(v) for v in ("=1+1", "-x", "@x", "fine", -1)] == ["'=1+1", "'-x", "'@x", "fine", -1]


def test_only_a_seller_of_the_plant(people: Callable[..., Visitor], sold: Plant) -> None:
    for path in ("/plant/insight", "/plant/insight.csv", f"/api/v1/plants/{sold.slug}/insight/cup"):
        assert people(Role.SELLER, sold).get(path).status_code == 200
        assert people(Role.PLANNER, sold).get(path).status_code == 403
    stranger = people(Role.SELLER)
    assert "2 of 5" not in stranger.get("/plant/insight").text
    assert stranger.get(f"/plant/insight?plant={sold.slug}").status_code == 404
    told = people(Role.SELLER, sold).get(f"/api/v1/plants/{sold.slug}/insight/cup?days=28").json()
    assert [(w["taken"], w["lost"]) for w in told["weeks"] if w["quotes"]] == [(2, 3)]
    assert {"prices", "days", "wishes", "conflicts"} <= told.keys()


def test_two_processes_that_count_the_same_rules_lose_none(either_database: Database) -> None:
    """Each writes the rules in its own order; rows are taken in one, so neither waits for ever."""
    with either_database.write() as session:
        plant = make_plant(session)
        quoted(session, plant, fate=Fate.TAKEN)
    seen = [ConflictSeen(plant.id, "cup", f"R{n}", date(2026, 6, 8)) for n in range(6)]

    def count(rules: list[ConflictSeen]) -> None:
        for _ in range(10):
            either_database.retry(lambda session: KeptCount().count(session, dict.fromkeys(rules, 1)))

    threads = [Thread(target=count, args=(rules,)) for rules in (seen, seen[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with either_database.read() as session:
        found = conflicts_met(session, [plant.id], ["cup"], date(2026, 6, 8))
        assert [(m.rule, m.times) for m in sorted(found, key=lambda m: m.rule)] == [
            (f"R{n}", 20) for n in range(6)
        ]
        assert [one.fate for one in asked(session, [plant], LONG)] == [Fate.TAKEN]
