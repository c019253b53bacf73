"""Price lists: which counts when and for whom, what a release and a seller change, rush, and the margin."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import Session, select

from cosmo.errors import Conflict, Invalid, NotFound
from cosmo.money import Price, PriceLine
from cosmo.parties import Plant
from cosmo.ports import Ask, DeliveryAnswer
from modules.marketing import lists
from modules.marketing.lists import end_list, load_price_list, put_in_segment, write_list
from modules.marketing.models import PriceList
from modules.marketing.pricing import RatePricer
from modules.marketing.schemas import ListIn
from tests.factories import MONDAY, NOW, at, make_customer, make_plant, make_spec

TODAY = MONDAY.date()
ADA = "Ada"


def rate(code: str, amount: str, kind: str = "amount", **more: Any) -> dict[str, Any]:
    return {"code": code, "name": {"en": code.title()}, "unit": "pcs", "rate": amount, "kind": kind} | more


def priced(
    session: Session, plant: Plant, days: float = 0, customer: str | None = None, to_be_there: int = 14,
    agreed: frozenset[str] | None = None, presumed: bool = False, needed_in: int = 0, **drivers: str,
) -> Price:  # fmt: skip
    """Ten cups, asked for so many days after MONDAY, to be there so many days later."""
    now = at(days=days)
    spec = make_spec(10, drivers={"cups": Decimal(10)} | {c: Decimal(d) for c, d in drivers.items()})
    way = DeliveryAnswer(now.business.date() + timedelta(days=to_be_there), "std", {}, presumed=presumed)
    needed = now.business.date() + timedelta(days=needed_in) if needed_in else None
    ask = Ask("cup", {}, 10, requested_date=needed, customer_id=customer, by_day=agreed)
    return RatePricer().price(session, ask, plant.id, spec, way, now)


@pytest.fixture
def listed(session: Session, plant: Plant) -> PriceList:
    return load_price_list(session, plant, "cup", [rate("cups", "8"), rate("decal", "0.50")], NOW)


def next_list(session: Session, plant: Plant, days: float = 0, **wish: Any) -> PriceList:
    return write_list(session, plant, ListIn(family="cup", **wish), "seller", at(days=days))


def amount(session: Session, plant: Plant, days: float = 0, **more: Any) -> Decimal:
    return priced(session, plant, days, **more).amount


# Validity


def test_a_list_counts_from_its_first_day_at_the_plant(
    session: Session, plant: Plant, listed: PriceList
) -> None:
    next_list(session, plant, 1, rates={"cups": "9"}, valid_from=TODAY + timedelta(days=7))
    midnight = 7 - 8 / 24  # MONDAY is eight in the morning at the plant
    assert amount(session, plant, midnight - 0.01) == 80
    assert amount(session, plant, midnight) == 90


def test_a_list_with_an_end_goes_before_and_the_other_counts_again_after_it(
    session: Session, plant: Plant, listed: PriceList
) -> None:
    next_list(session, plant, rates={"cups": "6"}, valid_from=TODAY, valid_to=TODAY + timedelta(days=2))
    next_list(session, plant, 1, rates={"cups": "10"})
    assert [amount(session, plant, days) for days in (0.5, 1.5, 2.6, 2.7)] == [60, 60, 60, 100]


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"valid_from": TODAY - timedelta(days=1)}, "valid_from"),
        ({"valid_from": TODAY + timedelta(days=800)}, "valid_from"),
        ({"valid_from": TODAY, "valid_to": TODAY - timedelta(days=1)}, "valid_to"),
        ({"rates": {"cups": "9", "handle": "1"}}, "rates"),
        ({"rates": {"cups": "9"}, "costs": {"handle": "1"}}, "rates"),
    ],
)
def test_what_cannot_be_is_refused_where_it_was_typed(
    session: Session, plant: Plant, listed: PriceList, wish: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        next_list(session, plant, **wish)
    assert refused.value.extra["field"] == field
    assert session.exec(select(PriceList)).all() == [listed]


def test_a_family_of_another_plant_has_no_list_here(
    session: Session, plant: Plant, listed: PriceList
) -> None:
    other = make_plant(session)
    with pytest.raises(Invalid, match="no price list of this family"):
        next_list(session, other, rates={"cups": "1"})
    with pytest.raises(NotFound):
        end_list(session, other, listed.id, NOW)


def test_what_ends_and_what_is_taken_away(session: Session, plant: Plant, listed: PriceList) -> None:
    coming = next_list(session, plant, rates={"cups": "9"}, valid_from=TODAY + timedelta(days=7))
    end_list(session, plant, coming.id, at(days=1))
    assert amount(session, plant, 8) == 80, "as if it had never been planned"
    short = next_list(session, plant, 1, rates={"cups": "6"}, valid_to=TODAY + timedelta(days=9))
    assert amount(session, plant, 2) == 60
    end_list(session, plant, short.id, at(days=3))
    assert amount(session, plant, 3) == 80
    with pytest.raises(Conflict, match="ended already"):
        end_list(session, plant, short.id, at(days=4))
    with pytest.raises(Conflict, match="until the next one"):
        end_list(session, plant, listed.id, at(days=4))
    assert amount(session, plant, 5) == 80


def test_a_list_without_an_end_does_not_take_over_the_rates_of_a_sale(
    session: Session, plant: Plant, listed: PriceList
) -> None:
    sale = {"rates": {"cups": "6", "decal": "0.30"}, "valid_to": TODAY + timedelta(days=9)}
    next_list(session, plant, **sale)
    next_list(session, plant, 1, rates={"cups": "9"})
    assert amount(session, plant, 2, decal="10") == 63, "the sale goes on"
    assert amount(session, plant, 12, decal="10") == 95, "and then the usual decal counts again"


def test_for_ever_is_no_day(session: Session, plant: Plant, listed: PriceList) -> None:
    with pytest.raises(Invalid, match="ten years"):
        next_list(session, plant, rates={"cups": "9"}, valid_to=date.max)


# Segments


def test_a_segments_list_that_changes_nothing_is_refused_too(
    session: Session, plant: Plant, listed: PriceList
) -> None:
    next_list(session, plant, segment="trade", rates={"cups": "7"})
    for wish in ({}, {"rates": {"cups": "7.00"}}):
        with pytest.raises(Invalid, match="Nothing is different"):
            next_list(session, plant, 1, segment="trade", **wish)


def test_a_segments_list_keeps_what_is_not_changed_and_states_no_costs(
    session: Session, plant: Plant, listed: PriceList
) -> None:
    ada = make_customer(session).id
    put_in_segment(session, plant.manufacturer_id, ada, "trade")
    next_list(session, plant, segment="trade", rates={"cups": "7"})
    next_list(session, plant, 1, segment="trade", rates={"decal": "0.40"})
    assert amount(session, plant, 2, customer=ada, decal="10") == 74
    with pytest.raises(Invalid, match="list for everybody"):
        next_list(session, plant, 3, segment="trade", costs={"cups": "1"})


def test_a_segments_rates_count_for_its_customers_alone(
    session: Session, plant: Plant, listed: PriceList
) -> None:
    ada, ben = make_customer(session).id, make_customer(session, ADA, "ben@example.test").id
    put_in_segment(session, plant.manufacturer_id, ada, "trade")
    trade = next_list(session, plant, segment="trade", rates={"cups": "7"})
    assert [line["code"] for line in trade.lines] == ["cups"], "only what differs is kept"
    assert amount(session, plant, 1, customer=ada, decal="10") == 75
    for other in (ben, None):
        assert amount(session, plant, 1, customer=other, decal="10") == 85
    next_list(session, plant, 2, rates={"cups": "9", "decal": "0.60"})
    assert amount(session, plant, 3, customer=ada, decal="10") == 76, "the rest follows everybody's list"
    put_in_segment(session, plant.manufacturer_id, ada, "")
    assert amount(session, plant, 3, customer=ada) == 90


def test_another_manufacturers_segment_counts_for_nothing_here(
    session: Session, plant: Plant, listed: PriceList
) -> None:
    ada = make_customer(session).id
    next_list(session, plant, segment="trade", rates={"cups": "7"})
    put_in_segment(session, make_plant(session).manufacturer_id, ada, "trade")
    assert amount(session, plant, 1, customer=ada) == 80


def test_a_segments_list_that_ends_does_not_bring_back_the_one_before(
    session: Session, plant: Plant, listed: PriceList
) -> None:
    ada = make_customer(session).id
    put_in_segment(session, plant.manufacturer_id, ada, "trade")
    next_list(session, plant, segment="trade", rates={"cups": "5"})
    second = next_list(session, plant, 1, segment="trade", rates={"cups": "7"})
    assert amount(session, plant, 2, customer=ada) == 70
    end_list(session, plant, second.id, at(days=3))
    assert amount(session, plant, 3, customer=ada) == 80


def test_only_a_customer_is_put_in_a_segment(session: Session, plant: Plant) -> None:
    for nobody in (plant.manufacturer_id, "nobody"):
        with pytest.raises(NotFound):
            put_in_segment(session, plant.manufacturer_id, nobody, "trade")


# What a release changes


def released(session: Session, plant: Plant, days: float, *lines: dict[str, Any]) -> None:
    load_price_list(session, plant, "cup", lines, at(days=days))


def test_a_sellers_rate_outlives_a_release_that_does_not_touch_it(
    session: Session, plant: Plant, listed: PriceList
) -> None:
    next_list(session, plant, 1, rates={"cups": "9"}, costs={"cups": "4"})
    released(session, plant, 2, rate("cups", "8"), rate("decal", "0.70"), rate("gold", "3"))
    made = priced(session, plant, 3, decal="10", gold="1")
    assert [str(line.amount) for line in made.lines] == ["90.00", "7.00", "3.00"]
    counts = lists.price_list(session, "cup", at(days=3).business)
    assert counts is not None
    assert counts.lines[0]["cost"] == "4"
    released(session, plant, 4, rate("cups", "8.50"), rate("decal", "0.70"))
    assert amount(session, plant, 5) == 85, "the release changes this line itself"


def test_lists_to_come_and_lists_with_an_end_get_the_releases_new_lines(
    session: Session, plant: Plant, listed: PriceList
) -> None:
    next_list(session, plant, rates={"cups": "6"}, valid_from=TODAY, valid_to=TODAY + timedelta(days=3))
    next_list(session, plant, rates={"cups": "9"}, valid_from=TODAY + timedelta(days=7))
    released(session, plant, 1, rate("cups", "8"), rate("decal", "0.50"), rate("gold", "3"))
    told = [amount(session, plant, days, gold="1") for days in (2, 5, 8)]
    assert told == [63, 83, 93]


def test_the_same_file_again_changes_nothing(session: Session, plant: Plant, listed: PriceList) -> None:
    next_list(session, plant, 1, rates={"cups": "9"})
    released(session, plant, 2, rate("cups", "8.00"), rate("decal", "0.5"))
    assert amount(session, plant, 3) == 90
    assert len(session.exec(select(PriceList)).all()) == 2


# Rush


@pytest.fixture
def rushed(session: Session, plant: Plant) -> PriceList:
    return load_price_list(session, plant, "cup", [rate("cups", "8"), rate("soon", "15", "rush")], NOW)


@pytest.mark.parametrize(("days", "expected"), [(4, 92), (5, 92), (6, 80)])
def test_who_wants_it_soon_pays_for_it(
    session: Session, plant: Plant, rushed: PriceList, days: int, expected: int
) -> None:
    assert amount(session, plant, to_be_there=days, soon="5") == expected


def test_a_changed_order_keeps_the_rush_it_was_placed_with_or_without(
    session: Session, plant: Plant, rushed: PriceList
) -> None:
    assert amount(session, plant, 9, to_be_there=2, agreed=frozenset(), soon="5") == 80
    assert amount(session, plant, 9, to_be_there=30, agreed=frozenset({"soon"}), soon="5") == 92


def test_a_rush_within_no_day_is_none(session: Session, plant: Plant, rushed: PriceList) -> None:
    assert amount(session, plant, to_be_there=0, soon="0") == 80
    assert amount(session, plant, to_be_there=0) == 80, "the product does not know the word"
    assert amount(session, plant, to_be_there=0, soon="1") == 92


def test_who_needs_it_later_than_it_comes_is_in_no_hurry(
    session: Session, plant: Plant, rushed: PriceList
) -> None:
    assert amount(session, plant, to_be_there=3, needed_in=6, soon="5") == 80
    assert amount(session, plant, to_be_there=3, needed_in=5, soon="5") == 92
    assert amount(session, plant, to_be_there=6, needed_in=2, soon="5") == 80, "what comes late is no rush"


def test_nobody_pays_for_a_day_that_nobody_was_told(
    session: Session, plant: Plant, rushed: PriceList
) -> None:
    assert amount(session, plant, to_be_there=0, presumed=True, soon="5") == 80


# What is kept


def test_the_margin_is_the_goods_less_their_costs(session: Session, plant: Plant) -> None:
    lines = [
        rate("cups", "8", cost="5.005"), rate("decal", "0.50"), rate("small", "10", "percent"),
    ]  # fmt: skip
    load_price_list(session, plant, "cup", lines, NOW)
    spec = make_spec(10, drivers={"cups": Decimal(10), "decal": Decimal(10), "small": Decimal(1)})
    way = DeliveryAnswer(date(2026, 7, 1), "std", {"en": "Freight"}, Decimal(12))
    ask = Ask("cup", {}, 10)
    made = RatePricer().price(session, ask, plant.id, spec, way, NOW)
    kept = RatePricer().margin(session, ask, spec, made, NOW.business)
    assert kept is not None
    assert (kept.price, kept.cost, kept.kept) == (Decimal("93.50"), Decimal("50.05"), Decimal("43.45"))
    assert kept.percent == Decimal("46.5")
    assert [line.code for line in kept.unknown] == ["decal"]
    assert "freight" not in [line.code for line in kept.lines], "passed on, not earned"


def test_of_lines_without_any_stated_cost_there_is_no_margin(session: Session, plant: Plant) -> None:
    """As a pre-sale's, which is one line of its own."""
    load_price_list(session, plant, "cup", [rate("cups", "8", cost="5")], NOW)
    line = PriceLine(code="presale", text={"en": "Once"}, amount=Decimal(90))
    price = Price(amount=Decimal(90), currency="EUR", lines=(line,))
    assert RatePricer().margin(session, Ask("cup", {}, 10), make_spec(10), price, NOW.business) is None


def test_where_no_cost_is_stated_there_is_no_margin(
    session: Session, plant: Plant, listed: PriceList
) -> None:
    made = priced(session, plant)
    spec = make_spec(10, drivers={"cups": Decimal(10)})
    assert RatePricer().margin(session, Ask("cup", {}, 10), spec, made, NOW.business) is None


def test_a_list_that_changes_nothing_is_refused(session: Session, plant: Plant, listed: PriceList) -> None:
    for wish in ({}, {"rates": {"cups": "8.00"}}, {"segment": "trade", "rates": {"cups": "8"}}):
        with pytest.raises(Invalid, match="Nothing is different"):
            next_list(session, plant, 1, **wish)
