"""Held demand with its chance: learnt from the plant's own quotes, inside what is held, never beside it."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import Session

from cosmo.clock import Now, set_clock
from cosmo.db import Database
from cosmo.orders import Order
from cosmo.parties import Party, Plant, Role
from cosmo.registry import Registry, switch
from modules import marketing, procurement
from modules.marketing.asked import Fate
from modules.procurement import firming, holding
from modules.procurement.demand import Demand, by_day, by_week
from modules.procurement.issuing import issue
from modules.procurement.models import Material
from tests.factories import MONDAY, NOW, at, make_plant
from tests.modules.marketing.quotes import quoted
from tests.modules.procurement import shop
from tests.web_fixtures import Visitor

WEDNESDAY = MONDAY + timedelta(days=9)


@pytest.fixture(autouse=True)
def with_marketing(procurement_alone: Callable[..., Registry]) -> None:
    procurement_alone(procurement.module, marketing.module)


def past(session: Session, plant: Plant, taken: int, lost: int, **values: object) -> None:
    """Decided quotes, each a day after it was made."""
    for fate in [Fate.TAKEN] * taken + [Fate.LOST] * lost:
        quoted(session, plant, fate=fate, then=at(days=-20), **values)  # type: ignore[arg-type]


def held(session: Session, plant: Plant, clay: int = 15, family: str = "cup", then: Now = NOW) -> Order:
    """An open quote that holds clay for Wednesday of next week."""
    order = shop.hold(session, plant, shop.spec(CLAY=clay), {"form": WEDNESDAY}, then)
    order.created_at, order.family = then.business, family
    session.flush()
    return order


def only(days: list[Demand]) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    (day,) = days
    return day.firm, day.held, day.held_likely, day.held_unknown


def test_what_is_held_is_likely_as_often_as_such_quotes_were_taken(session: Session, plant: Plant) -> None:
    clay = shop.material(session, plant)
    past(session, plant, taken=4, lost=6)
    held(session, plant, 15)
    held(session, plant, 5)
    assert only(by_day(session, [clay], NOW)) == (0, 20, 8, 0), "four in ten of 15 and of 5"


def test_below_ten_decided_quotes_nothing_is_said(session: Session, plant: Plant) -> None:
    clay = shop.material(session, plant)
    past(session, plant, taken=4, lost=5)
    for fate in (Fate.OPEN, Fate.REPLACED):
        quoted(session, plant, fate=fate)
    past(session, make_plant(session), taken=20, lost=0)
    held(session, plant)
    assert only(by_day(session, [clay], NOW)) == (0, 15, 0, 15), "another plant's past is not this one's"


def test_a_family_of_its_own_before_the_whole_plant(session: Session, plant: Plant) -> None:
    clay = shop.material(session, plant)
    past(session, plant, taken=9, lost=1)
    past(session, plant, taken=0, lost=10, family="pot")
    held(session, plant, 10, family="pot")
    assert only(by_day(session, [clay], NOW)) == (0, 10, 0, 0)
    held(session, plant, 100, family="jug")
    assert only(by_day(session, [clay], NOW)) == (0, 110, 45, 0), "no jug is decided: nine of twenty"


def test_a_quote_is_like_those_that_were_open_as_long(session: Session, plant: Plant) -> None:
    """Ten were taken at once, ten were lost after a day: who waits is like the second ten."""
    clay = shop.material(session, plant)
    past(session, plant, taken=0, lost=10)
    for _ in range(10):
        order = quoted(session, plant, fate=Fate.TAKEN, then=at(days=-20))
        order.placed_at = at(days=-20).business
    held(session, plant, 10)
    assert only(by_day(session, [clay], NOW))[2] == 5, "new: ten of twenty"
    assert only(by_day(session, [clay], at(hours=1)))[2:] == (0, 0), "an hour later: none of ten"
    assert only(by_day(session, [clay], at(hours=25)))[2:] == (0, 10), "nobody ever waited so long"


def test_firm_demand_has_no_chance_and_a_lapsed_quote_is_none(session: Session, plant: Plant) -> None:
    clay = shop.material(session, plant)
    past(session, plant, taken=5, lost=5)
    order = held(session, plant, 10)
    gone = held(session, plant, 30)
    holding.release(session, gone.id, NOW)
    firming.firm(session, [order.id], NOW)
    assert only(by_day(session, [clay], NOW)) == (10, 0, 0, 0)


def usual_twenty(session: Session, plant: Plant) -> Material:
    """Clay of which at least eight in ten of the last five weeks needed 20."""
    clay = shop.material(session, plant)
    shop.stock(session, clay, 10_000, now=at(days=-100))
    for weeks_ago, quantity in enumerate((50, 40, 30, 20, 10), start=1):
        then = at(days=-7 * weeks_ago + 1)
        order = shop.sourced(session, plant, shop.spec(CLAY=quantity), {"form": then.business}, then)
        issue(session, order.id, "form", Decimal(1), then)
    return clay


def next_week(session: Session, clay: Material) -> tuple[Decimal, Decimal, Decimal]:
    _monday, firm, held, likely = by_week(by_day(session, [clay], NOW, 3), NOW.business.date(), 3)[1]
    return firm, held, likely


def test_the_usual_is_net_of_what_is_likely_of_the_held_not_of_all_of_it(
    session: Session, plant: Plant
) -> None:
    clay = usual_twenty(session, plant)
    held(session, plant, 15)
    assert next_week(session, clay) == (0, 15, 5), "without a history all that is held is reckoned with"
    past(session, plant, taken=4, lost=6)
    assert next_week(session, clay) == (0, 15, 14), "20 usual, less 6 that are likely of the 15"
    switch(session, plant.manufacturer_id, "marketing", False)
    assert next_week(session, clay) == (0, 15, 5), "nobody keeps quotes: as without a history"


def test_what_is_likely_of_the_held_counts_once(session: Session, plant: Plant) -> None:
    clay = usual_twenty(session, plant)
    past(session, plant, taken=4, lost=6)
    held(session, plant, 100)
    assert next_week(session, clay) == (0, 100, 0), "40 likely of the held are more than is usual"
    days = by_day(session, [clay], NOW, 3)
    assert sum(d.held_likely for d in days) == 40


@pytest.fixture
def supplied(database: Database, plant: Plant) -> tuple[Party, Plant]:
    with database.write() as session:
        set_clock(session, speed=0, business=MONDAY)
        supplier = shop.supplier(session, plant)
        shop.material(session, plant, by=supplier)
        held(session, plant, 15)
        return session.get_one(Party, supplier.party_id), plant


def test_the_supplier_reads_how_sure_it_is(
    people: Callable[..., Visitor], database: Database, supplied: tuple[Party, Plant]
) -> None:
    party, plant = supplied
    visitor = people(Role.SUPPLIER, party=party)
    assert "Of 15 kg too little is known to say how much will be ordered." in visitor.get("/supplier").text
    with database.write() as session:
        past(session, plant, taken=4, lost=6)
    words = {
        "en": "Of 15 kg about 6 are likely to be ordered, as earlier quotes like these were.",
        "de": "Von 15 kg werden wohl etwa 6 bestellt, nach früheren Angeboten dieser Art.",
        "zh": "其中 15 kg 按以往同类报价的情况，约有 6 会下单。",
    }
    for locale, sentence in words.items():
        assert sentence in visitor.get(f"/supplier?lang={locale}").text
    told = visitor.get("/api/v1/suppliers/me/demand").text
    assert '"held_likely":"6.000"' in told
    assert "Ada" not in told
