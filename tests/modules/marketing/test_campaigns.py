"""Campaigns: when and for whom they count, codes that do not and why, what came of them, the page."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import Session, select

from cosmo.clock import Now, set_clock
from cosmo.db import Database
from cosmo.errors import Conflict, Invalid, NotFound
from cosmo.i18n import gettext
from cosmo.money import Price
from cosmo.orders import Order
from cosmo.parties import Plant, Role
from cosmo.ports import Ask, DeliveryAnswer
from cosmo.stages import Stage
from modules.marketing import service
from modules.marketing.campaigns import RunningOffers, end_campaign, open_campaign, result_of
from modules.marketing.lists import load_price_list
from modules.marketing.models import Campaign
from modules.marketing.pricing import RatePricer
from modules.marketing.schemas import CampaignIn, OfferIn
from tests.factories import MONDAY, NOW, at, make_order, make_plant, make_spec, make_standard_product, walk
from tests.web_fixtures import Visitor

RATE = {"code": "pieces", "name": {"en": "Pieces"}, "unit": "pcs", "rate": "10"}
SPRING = {
    "name": {"en": "Spring weeks"},
    "families": ("cup",),
    "percent": Decimal(10),
    "first_day": date(2026, 6, 8),
    "last_day": date(2026, 6, 14),
}
UNTIL = "Spring weeks, until Sun 14 June"


def opened(session: Session, plant: Plant, **values: Any) -> Campaign:
    wish = CampaignIn(**(SPRING | values))
    return open_campaign(session, plant, ["cup", "pot"], wish, "seller", NOW)


def priced(
    session: Session, plant: Plant, code: str = "", now: Now = NOW, family: str = "cup", quantity: int = 10
) -> Price:
    spec = make_spec(quantity, drivers={"pieces": Decimal(quantity)})
    way = DeliveryAnswer(MONDAY.date(), "std", {"en": "Freight"}, Decimal(7))
    return RatePricer().price(session, Ask(family, {}, quantity, code=code), plant.id, spec, way, now)


def off(price: Price) -> tuple[str, Decimal] | None:
    """(words, amount) of what was taken off."""
    found = [line for line in price.lines if line.code.startswith("offer:")]
    return (found[0].text["en"], -found[0].amount) if found else None


def why(
    session: Session, plant: Plant, code: str, family: str = "cup", quantity: int = 10, now: Now = NOW
) -> str:
    return RunningOffers().why_not(session, Ask(family, {}, quantity, code=code), plant.id, now) or ""


@pytest.fixture(autouse=True)
def rates(request: pytest.FixtureRequest) -> None:
    if "session" in request.fixturenames:
        session, plant = request.getfixturevalue("session"), request.getfixturevalue("plant")
        for family in ("cup", "pot"):
            load_price_list(session, plant, family, [RATE], at(days=-30))


def test_it_takes_its_percent_off_the_goods_and_names_its_last_day(session: Session, plant: Plant) -> None:
    opened(session, plant)
    made = priced(session, plant)
    assert off(made) == (UNTIL, Decimal(10))
    assert made.amount == Decimal(97), "ten percent of 100, nothing of the freight of 7"
    assert off(priced(session, plant, family="pot")) is None
    (line,) = [line for line in made.lines if line.code.startswith("offer:")]
    assert line.text["de"] == "Spring weeks, bis So. 14. Juni"
    assert line.text["zh"] == "Spring weeks，截至6月14日周日"


def test_it_counts_from_its_first_to_the_end_of_its_last_day_at_the_plant(
    session: Session, plant: Plant
) -> None:
    opened(session, plant, first_day=date(2026, 6, 9))

    def at_berlin(text: str) -> bool:
        return (
            off(priced(session, plant, now=Now(datetime.fromisoformat(text + "+02:00"), NOW.wall)))
            is not None
        )

    assert not at_berlin("2026-06-08T23:59:59")
    assert at_berlin("2026-06-09T00:00:00")
    assert at_berlin("2026-06-14T23:59:59")
    assert not at_berlin("2026-06-15T00:00:00")


def test_the_best_reduction_counts_and_they_do_not_add_up(session: Session, plant: Plant) -> None:
    opened(session, plant)
    opened(session, plant, percent=Decimal(15), from_quantity=100, name={"en": "Many"})
    offer = OfferIn(family="cup", name="Ten", percent=Decimal(12), from_quantity=10)
    assert off(priced(session, plant)) == (UNTIL, Decimal(10))
    service.make_offer(session, plant, offer, NOW)
    assert off(priced(session, plant)) == ("Ten", Decimal(12))
    assert off(priced(session, plant, quantity=100)) == ("Many, until Sun 14 June", Decimal(150))


def test_a_code_counts_for_who_types_it_however_it_is_written(session: Session, plant: Plant) -> None:
    opened(session, plant, code="Spring-26")
    assert off(priced(session, plant)) is None
    for code in ("SPRING-26", "spring-26", " Spring-26 "):
        assert off(priced(session, plant, code)) == (UNTIL, Decimal(10))
        assert why(session, plant, code) == ""


def test_a_code_that_does_not_count_changes_no_price_and_says_why(session: Session, plant: Plant) -> None:
    opened(session, plant, code="SPRING")
    opened(session, plant, code="LATER", first_day=date(2026, 6, 12))
    opened(session, plant, code="MANY", from_quantity=50)
    other = make_plant(session)
    opened(session, other, code="FOREIGN")
    without = priced(session, plant)
    over = at(days=8)
    said = {
        ("NOTHING", NOW, "cup"): "There is no code “NOTHING” here. The price is without it.",
        ("FOREIGN", NOW, "cup"): "There is no code “FOREIGN” here. The price is without it.",
        ("SPRING", NOW, "pot"): "The code SPRING is for other products. The price is without it.",
        ("SPRING", over, "cup"): "The code SPRING is over. The price is without it.",
        ("LATER", NOW, "cup"): "The code LATER counts from Friday 12 June on.",
        ("MANY", NOW, "cup"): "The code MANY counts from 50 pieces on.",
    }
    for (code, now, family), sentence in said.items():
        assert priced(session, plant, code, now, family) == without, code
        assert gettext("en", why(session, plant, code, family, now=now)) == sentence
        for locale in ("de", "zh"):
            assert gettext(locale, why(session, plant, code, family, now=now)) != sentence
    assert off(priced(session, other, "FOREIGN")) is not None, "where it belongs it counts"


def test_what_is_no_campaign_is_refused(session: Session, plant: Plant) -> None:
    wrong: list[dict[str, Any]] = [
        {"families": ("cup", "elsewhere")},
        {"last_day": date(2026, 6, 7)},
        {"first_day": date(2026, 6, 1), "last_day": date(2026, 6, 7)},
        {"last_day": date(2027, 7, 1)},
        {"first_day": date(9999, 12, 30), "last_day": date(9999, 12, 31)},
        {"name": {"de": "Frühling"}},
    ]
    for values in wrong:
        with pytest.raises(Invalid):
            opened(session, plant, **values)
    opened(session, plant, code="SPRING")
    with pytest.raises(Conflict):
        opened(session, plant, code="spring", first_day=date(2026, 6, 14))
    after = {"first_day": date(2026, 6, 15), "last_day": date(2026, 6, 20)}
    opened(session, plant, code="SPRING", **after)
    assert why(session, plant, "SPRING", now=at(days=8)) == "", "the same code again, later"


def test_ended_it_counts_no_more_and_only_its_plant_ends_it(session: Session, plant: Plant) -> None:
    row = opened(session, plant)
    with pytest.raises(NotFound):
        end_campaign(session, make_plant(session), row.id, NOW)
    end_campaign(session, plant, row.id, NOW)
    assert off(priced(session, plant)) is None
    with pytest.raises(Conflict):
        end_campaign(session, plant, row.id, NOW)


def test_what_came_of_it(session: Session, plant: Plant) -> None:
    """Three quotes had it: one ordered for 97 with 7 freight, one ordered and cancelled, one open."""
    row = opened(session, plant)
    made = priced(session, plant)

    def order(placed: bool, price: Price = made, stage: Stage | None = None) -> Order:
        lines = [line.model_dump(mode="json") for line in price.lines]
        one = make_order(session, plant, price_amount=price.amount, price_lines=lines, now=at())
        one.created_at = MONDAY
        walk(session, one.id, Stage.PLACED if placed else Stage.QUOTED)
        one.placed_at = MONDAY if placed else None
        one.stage = stage or one.stage
        return one

    order(True)
    order(True, stage=Stage.CANCELLED)
    order(False)
    order(True, priced(session, plant, family="pot"))
    session.flush()
    result = result_of(session, row)
    assert (result.quotes, result.orders) == (3, 1)
    assert (result.revenue, result.discount, result.currency) == (Decimal(90), Decimal(10), "EUR")


FORM = {
    "name_en": "Summer", "family-cup": "1", "percent": "7,5", "first_day": "2026-06-08",
    "last_day": "2026-06-30", "code": "sun-26",
}  # fmt: skip


def test_a_campaign_by_hand(people: Callable[..., Visitor], database: Database, shop: Plant) -> None:
    seller = people(Role.SELLER, shop)
    assert "There is no campaign yet." in seller.get("/plant/campaigns").text
    for wrong in (
        {"percent": "a lot"}, {"percent": "91"}, {"name_en": ""}, {"name_en": "x" * 81}, {"code": "a b"},
        {"first_day": "soon"}, {"last_day": "2026-06-01"}, {"from_quantity": "½"}, {"family-elsewhere": "1"},
    ):  # fmt: skip
        answer = seller.post("/plant/campaigns", data=FORM | wrong)
        assert answer.status_code == 422, wrong
        assert 'role="alert"' in answer.text, wrong
        assert 'value="2026-06-30"' in answer.text or "last_day" in wrong, "what was typed stays"
    without = {name: value for name, value in FORM.items() if name != "family-cup"}
    assert "Choose at least one product." in seller.post("/plant/campaigns", data=without).text
    assert seller.post("/plant/campaigns", data=FORM).status_code == 303
    with database.read() as session:
        row = session.exec(select(Campaign)).one()
        assert (row.percent, row.code, row.families) == (Decimal("7.5"), "SUN-26", ["cup"])
    assert "Running" in seller.get("/plant/campaigns").text
    assert seller.post("/plant/campaigns", data=FORM).status_code == 409, "the code is taken"
    stranger = people(Role.SELLER)
    assert "Summer" not in stranger.get("/plant/campaigns").text
    assert stranger.post(f"/plant/campaigns/{row.id}/end").status_code == 404
    assert seller.post(f"/plant/campaigns/{row.id}/end").status_code == 303
    assert seller.post(f"/plant/campaigns/{row.id}/end").status_code == 409
    assert "Ended" in seller.get("/plant/campaigns").text


def test_the_same_over_the_api(people: Callable[..., Visitor], shop: Plant) -> None:
    seller, path = people(Role.SELLER, shop), f"/api/v1/plants/{shop.slug}/campaigns"
    body = {
        "name": {"en": "Summer"}, "families": ["cup"], "percent": "7.5",
        "first_day": "2026-06-08", "last_day": "2026-06-30", "code": "SUN",
    }  # fmt: skip
    assert seller.post(path, json=body).status_code == 201
    for wrong in (
        {"percent": "NaN"},
        {"first_day": "9999-12-30", "last_day": "9999-12-31"},
        {"families": []},
    ):
        assert seller.post(path, json=body | wrong).status_code == 422, wrong
    (told,) = seller.get(path).json()
    assert (told["state"], told["quotes"], told["revenue"]) == ("running", 0, "0")
    assert people(Role.SELLER).get(path).status_code == 404
    assert people(Role.PLANNER, shop).get(path).status_code == 403


def test_a_quote_keeps_its_price_and_says_at_once_why_a_code_does_not_count(
    client: Visitor, database: Database, shop: Plant
) -> None:
    with database.write() as session:
        make_standard_product(session, shop, "pot")
        opened(session, shop, code="SPRING", families=("pot",))
        load_price_list(session, shop, "cup", [RATE], at(days=-1))
        load_price_list(session, shop, "pot", [RATE], at(days=-1))
    ask = {"family": "cup", "quantity": 10, "offer_code": "SPRING"}
    foreign = client.post("/api/v1/quotes", json=ask).json()
    assert foreign["offer_code_problem"] == "The code SPRING is for other products. The price is without it."
    plain = client.post("/api/v1/quotes", json=ask | {"offer_code": ""}).json()
    assert plain["offer_code_problem"] is None
    assert foreign["price"] == plain["price"]
    assert client.post("/api/v1/quotes", json=ask | {"offer_code": "x\x00"}).status_code == 422
    with database.write() as session:
        set_clock(session, speed=0, business=MONDAY + timedelta(days=30))
    renewed = client.post(f"/api/v1/quotes/{foreign['id']}/renewal").json()
    assert renewed["offer_code_problem"] == "The code SPRING is over. The price is without it."
