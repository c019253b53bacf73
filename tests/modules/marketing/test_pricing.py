"""The price, line by line: rates on drivers, percent, minimum, the best offer, rounding, freight, terms."""

from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import Session

from cosmo.db import Database
from cosmo.errors import Conflict, Invalid, NotFound
from cosmo.money import Price
from cosmo.once import kept
from cosmo.parties import Plant
from cosmo.ports import Ask, DeliveryAnswer
from modules.marketing import service
from modules.marketing.lists import load_price_list
from modules.marketing.pricing import RatePricer, best_offer
from modules.marketing.schemas import OfferIn
from tests.factories import MONDAY, NOW, at, make_customer, make_plant, make_spec
from tests.statements import asked

NOTHING_TO_CARRY = DeliveryAnswer(MONDAY.date(), "std", {"en": "Freight"}, Decimal(0))


def rate(code: str, amount: str, kind: str = "amount") -> dict[str, Any]:
    return {"code": code, "name": {"en": code.title()}, "unit": "pcs", "rate": amount, "kind": kind}


def price(session: Session, plant: Plant, quantity: int = 10, freight: str = "0", **drivers: str) -> Price:
    spec = make_spec(quantity, drivers={code: Decimal(amount) for code, amount in drivers.items()})
    way = DeliveryAnswer(MONDAY.date(), "std", {"en": "Freight"}, Decimal(freight))
    return RatePricer().price(session, Ask("cup", {}, quantity), plant.id, spec, way, NOW)


def lines(made: Price) -> dict[str, str]:
    return {line.code.partition(":")[0]: str(line.amount) for line in made.lines}


def test_each_driver_is_a_line_and_the_total_is_their_sum(session: Session, plant: Plant) -> None:
    load_price_list(session, plant, "cup", [rate("pieces", "8"), rate("decal", "0.35")], NOW)
    made = price(session, plant, pieces="10", decal="10", freight="6.90")
    assert lines(made) == {"pieces": "80.00", "decal": "3.50", "freight": "6.90"}
    assert made.amount == Decimal("90.40")
    assert made.currency == "EUR"
    assert "decal" not in lines(price(session, plant, pieces="10")), "what is not there costs nothing"


def test_percent_is_of_the_sum_before_and_a_minimum_lifts_to_itself(session: Session, plant: Plant) -> None:
    rates = [rate("pieces", "8"), rate("rush", "20", "percent"), rate("setup", "150", "minimum")]
    load_price_list(session, plant, "cup", rates, NOW)
    assert lines(price(session, plant, pieces="10", rush="1", setup="1")) == {
        "pieces": "80.00", "rush": "16.00", "setup": "54.00",
    }  # fmt: skip
    enough = price(session, plant, pieces="100", setup="1")
    assert lines(enough) == {"pieces": "800.00"}, "beyond the minimum there is nothing to lift"


def test_every_line_is_rounded_half_up(session: Session, plant: Plant) -> None:
    load_price_list(session, plant, "cup", [rate("a", "0.005"), rate("b", "0.015")], NOW)
    made = price(session, plant, a="1", b="1")
    assert lines(made) == {"a": "0.01", "b": "0.02"}
    assert made.amount == Decimal("0.03"), "the total is the sum of what is printed"


def test_the_best_offer_that_fits_counts(session: Session, plant: Plant) -> None:
    load_price_list(session, plant, "cup", [rate("pieces", "8")], NOW)
    small = OfferIn(family="cup", name="Ten", percent=Decimal(5), from_quantity=10)
    large = OfferIn(family="cup", name="Hundred", percent=Decimal(12), from_quantity=100)
    for wish in (small, large):
        service.make_offer(session, plant, wish, NOW)
    assert lines(price(session, plant, 9, pieces="9")) == {"pieces": "72.00"}
    assert lines(price(session, plant, 10, pieces="10")) == {"pieces": "80.00", "offer": "-4.00"}
    assert lines(price(session, plant, 100, pieces="100", freight="10")) == {
        "pieces": "800.00", "offer": "-96.00", "freight": "10.00",
    }, "twelve percent off the goods, never off the freight"  # fmt: skip


def test_one_question_reads_the_offers_once_for_every_quantity(
    session: Session, database: Database, plant: Plant
) -> None:
    load_price_list(session, plant, "cup", [rate("pieces", "8")], NOW)
    wish = OfferIn(family="cup", name="Hundred", percent=Decimal(12), from_quantity=100)
    service.make_offer(session, plant, wish, NOW)
    with asked(database) as statements, kept(session):
        found = [best_offer(session, "cup", quantity, NOW.business) for quantity in (99, 100, 240)]
    assert [offer.name["en"] if offer else None for offer in found] == [None, "Hundred", "Hundred"]
    assert sum("FROM marketing_offer" in one for one in statements) == 1
    with asked(database) as statements:
        assert best_offer(session, "cup", 100, NOW.business) is not None
    assert len(statements) == 1, "the next question reads them anew"


def test_an_offer_ends_once_and_only_at_its_own_plant(session: Session, plant: Plant) -> None:
    load_price_list(session, plant, "cup", [rate("pieces", "8")], NOW)
    wish = OfferIn(family="cup", name="Ten", percent=Decimal(5), from_quantity=10)
    offer = service.make_offer(session, plant, wish, NOW)
    with pytest.raises(NotFound):
        service.end_offer(session, make_plant(session), offer.id, NOW)
    service.end_offer(session, plant, offer.id, NOW)
    assert "offer" not in lines(price(session, plant, pieces="10"))
    with pytest.raises(Conflict):
        service.end_offer(session, plant, offer.id, NOW)
    with pytest.raises(Invalid):
        service.make_offer(session, plant, wish.model_copy(update={"family": "elsewhere"}), NOW)


def test_the_newest_list_counts_and_the_same_again_changes_nothing(session: Session, plant: Plant) -> None:
    first = load_price_list(session, plant, "cup", [rate("pieces", "8")], NOW)
    again = load_price_list(session, plant, "cup", [rate("pieces", "8")], at(days=1))
    dearer = load_price_list(session, plant, "cup", [rate("pieces", "9")], at(days=2))
    assert again.id == first.id != dearer.id
    assert lines(price(session, plant, pieces="10")) == {"pieces": "80.00"}, "not valid yet"
    later = RatePricer().price(
        session, Ask("cup", {}, 10), plant.id, make_spec(10, drivers={"pieces": Decimal(10)}),
        NOTHING_TO_CARRY, at(days=3),
    )  # fmt: skip
    assert later.amount == Decimal("90.00")


def test_without_a_list_the_list_price_counts(session: Session, plant: Plant) -> None:
    assert price(session, plant, pieces="10").amount == Decimal("95.00")


def test_terms_are_agreed_or_depend_on_the_amount(session: Session, plant: Plant) -> None:
    ada, ben, terms = make_customer(session), make_customer(session, "Ben"), RatePricer().terms
    asked = [(None, Decimal(4999)), (ada.id, Decimal(5000)), (ben.id, Decimal(5000)), (ada.id, Decimal(1))]
    assert terms(session, plant.id, asked) == ["prepaid", "deposit:30", "deposit:30", "prepaid"]
    service.agree_terms(session, plant.manufacturer_id, ada.id, "account:30")
    assert terms(session, plant.id, asked) == ["prepaid", "account:30", "deposit:30", "account:30"]
    elsewhere = terms(session, make_plant(session).id, asked)
    assert elsewhere == ["prepaid", "deposit:30", "deposit:30", "prepaid"], "agreed with another one"


@pytest.mark.parametrize(
    "terms", ["", "later", "prepaid:3", "deposit", "deposit:0", "deposit:101", "account:x"]
)
def test_odd_terms_are_refused(session: Session, plant: Plant, terms: str) -> None:
    with pytest.raises(Invalid):
        service.agree_terms(session, plant.manufacturer_id, make_customer(session).id, terms)
