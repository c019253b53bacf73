"""What a supplier sees ahead: firm, held, likely; by the day it has to be at the door; against the slack."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlmodel import Session

from cosmo.parties import Plant
from modules.procurement.answering import counter
from modules.procurement.demand import Demand, by_day, by_week, usually_at_least
from modules.procurement.issuing import issue
from modules.procurement.models import Material, NeedState
from modules.procurement.receiving import receive
from modules.procurement.slack import days_to_spare
from modules.procurement.supplier_view import short
from tests.factories import MONDAY, NOW, at
from tests.modules.procurement import shop
from web.drawing.demand import round_ticks

FRIDAY = MONDAY + timedelta(days=18)


def decals(session: Session, plant: Plant) -> Material:
    return shop.material(session, plant, "DECAL", unit="pcs", lead_days=10, order_specific=True)


def seen(days: list[Demand]) -> list[tuple[date, Decimal, Decimal, Decimal]]:
    return [(d.day, d.firm, d.held, d.likely) for d in days]


def test_what_is_bought_for_an_order_counts_on_its_day_until_it_is_here(
    session: Session, plant: Plant
) -> None:
    made = decals(session, plant)
    shop.hold(session, plant, shop.spec(DECAL=(40, True)), {"glaze": FRIDAY})
    thursday = date(2026, 6, 25)
    assert seen(by_day(session, [made], NOW)) == [(thursday, 0, 40, 0)]
    shop.sourced(session, plant, shop.spec(DECAL=(5, True)), {"glaze": FRIDAY})
    assert seen(by_day(session, [made], NOW)) == [(thursday, 5, 40, 0)]
    counter(session, shop.purchases(session)[0], date(2026, 6, 24), NOW)
    assert seen(by_day(session, [made], NOW)) == [(date(2026, 6, 24), 5, 0, 0), (thursday, 0, 40, 0)]
    receive(session, shop.lines(session)[0], None, None, NOW)
    assert seen(by_day(session, [made], NOW)) == [(thursday, 0, 40, 0)]


def test_bulk_counts_as_it_is_consumed_though_the_shelf_still_covers_it(
    session: Session, plant: Plant
) -> None:
    clay = shop.material(session, plant)
    shop.stock(session, clay, 100)
    order = shop.sourced(session, plant, shop.spec(CLAY=10), {"form": MONDAY + timedelta(days=2)})
    assert seen(by_day(session, [clay], NOW)) == [(date(2026, 6, 10), 10, 0, 0)]
    assert seen(by_day(session, [clay], at(days=4)))[0][0] == date(2026, 6, 12), "overdue counts today"
    issue(session, order.id, "form", Decimal(1), NOW)
    assert by_day(session, [clay], NOW) == []


def test_a_released_quote_is_no_demand(session: Session, plant: Plant) -> None:
    from modules.procurement.holding import release

    made = decals(session, plant)
    order = shop.hold(session, plant, shop.spec(DECAL=(40, True)), {"glaze": FRIDAY})
    release(session, order.id, NOW)
    assert by_day(session, [made], NOW) == []


def test_likely_is_what_eight_in_ten_weeks_needed_less_what_is_known(session: Session, plant: Plant) -> None:
    clay = shop.material(session, plant)
    shop.stock(session, clay, 10_000, now=at(days=-100))
    for weeks_ago, quantity in enumerate((50, 40, 30, 20, 10), start=1):
        then = at(days=-7 * weeks_ago + 1)
        order = shop.sourced(session, plant, shop.spec(CLAY=quantity), {"form": then.business}, then)
        issue(session, order.id, "form", Decimal(1), then)
    shop.hold(session, plant, shop.spec(CLAY=15), {"form": MONDAY + timedelta(days=8)})
    weeks = by_week(by_day(session, [clay], NOW, 3), NOW.business.date(), 3)
    assert [(firm, held, likely) for _monday, firm, held, likely in weeks] == [
        (0, 0, 20),
        (0, 15, 5),
        (0, 0, 20),
    ]


def test_a_short_history_promises_nothing() -> None:
    assert usually_at_least([Decimal(9)] * 3) == 0
    assert usually_at_least([Decimal(q) for q in (9, 8, 7, 6)]) == 6
    assert usually_at_least([Decimal(q) for q in range(1, 11)]) == 3


def test_slack_is_the_days_a_purchase_may_still_slip(session: Session, plant: Plant) -> None:
    decals(session, plant)
    order = shop.sourced(session, plant, shop.spec(DECAL=(5, True)), {"glaze": FRIDAY})
    (purchase,) = shop.purchases(session)
    assert days_to_spare(session, purchase.id) == 0, "asked for Thursday, needed on Friday at eight"
    (need,) = shop.needs(session, order)
    need.needed_by = datetime.combine(date(2026, 6, 29), FRIDAY.timetz())
    session.add(need)
    assert days_to_spare(session, purchase.id) == 3
    need.state = NeedState.HELD
    assert days_to_spare(session, purchase.id) is None


def test_numbers_on_the_chart() -> None:
    assert [short(Decimal(q), "en") for q in ("6512", "730.4", "12", "0.44")] == ["6.5k", "730", "12", "0.4"]
    assert short(Decimal(6512), "de") == "6,5k"
    assert round_ticks(8000) == [2000, 4000, 6000]
    assert round_ticks(7) == [2, 4, 6]
    assert round_ticks(0.5) == []
