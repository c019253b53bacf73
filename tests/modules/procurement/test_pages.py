"""The pages: what waits, answers given there, what was typed wrong, our part of other pages."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from cosmo.clock import set_clock
from cosmo.db import Database
from cosmo.formats import shortday
from cosmo.orders import Order
from cosmo.parties import Party, Plant, Role
from cosmo.stages import Stage
from modules.procurement.models import LineState, Lot, NeedState, PurchaseOrder
from modules.procurement.receiving import deliver
from tests.factories import MONDAY, NOW, walk
from tests.modules.procurement import shop
from tests.web_fixtures import Visitor


@pytest.fixture
def ordered(database: Database, plant: Plant) -> tuple[Party, Order, PurchaseOrder]:
    """Decals bought for one order from one supplier, and clay in stock."""
    with database.write() as session:
        set_clock(session, speed=0, business=MONDAY)
        printer = shop.supplier(session, plant, capacity_per_week=7000)
        shop.material(session, plant, "DECAL", printer, unit="pcs", order_specific=True)
        shop.stock(session, shop.material(session, plant), 100, "WW-1")
        order = shop.sourced(session, plant, shop.spec(DECAL=(289, True), CLAY=10))
        party = session.get_one(Party, printer.party_id)
        return party, order, shop.purchases(session)[0]


@pytest.fixture
def printer(ordered: tuple[Party, Order, PurchaseOrder], people: Callable[..., Visitor]) -> Visitor:
    return people(Role.SUPPLIER, party=ordered[0])


def state(database: Database) -> str:
    with database.read() as session:
        return shop.lines(session)[0].state


def test_the_page_says_what_waits_and_how_full_the_line_is(
    printer: Visitor, ordered: tuple[Party, Order, PurchaseOrder]
) -> None:
    page = printer.get("/supplier").text
    assert "1 to answer" in page
    assert ordered[2].number in page
    assert "Your capacity, 7,000 a week" in page
    assert "asked 08:00" in page
    assert "1 to answer" in printer.get("/supplier/board").text
    assert printer.get("/supplier/board").text.lstrip().startswith("<div")
    assert "1 zu beantworten" in printer.get("/supplier?lang=de").text
    assert "1 个待答复" in printer.get("/supplier?lang=zh").text


def test_confirm_announce_and_hand_over_by_hand(
    printer: Visitor, ordered: tuple[Party, Order, PurchaseOrder], database: Database
) -> None:
    at = f"/supplier/orders/{ordered[2].id}"
    assert (
        printer.post(f"{at}/confirmation", data={"back": "orders"}).headers["location"] == "/supplier/orders"
    )
    assert state(database) == LineState.CONFIRMED
    assert printer.post(f"{at}/announcement").status_code == 303
    assert state(database) == LineState.ANNOUNCED
    assert "1 to hand over" in printer.get("/supplier/deliveries").text
    assert (
        printer.post(f"{at}/delivery", data={"lot_number": "ND-7"}).headers["location"]
        == "/supplier/deliveries"
    )
    with database.read() as session:
        assert session.exec(select(Lot.number).where(Lot.number == "ND-7")).one() == "ND-7"
    assert "Nothing to hand over" in printer.get("/supplier/deliveries").text


def test_all_at_once(printer: Visitor, plant: Plant, database: Database) -> None:
    with database.write() as session:
        shop.sourced(session, plant, shop.spec(DECAL=(50, True)))
    assert "Confirm all as asked" in printer.get("/supplier").text
    assert printer.post("/supplier/confirmations").status_code == 303
    with database.read() as session:
        assert {line.state for line in shop.lines(session)} == {LineState.CONFIRMED}
    assert "All answered" in printer.get("/supplier").text


def test_another_date_is_offered_in_the_open_row(
    printer: Visitor, ordered: tuple[Party, Order, PurchaseOrder], database: Database
) -> None:
    purchase = ordered[2]
    opened = printer.get(f"/supplier?open={purchase.id}").text
    assert "Offer this date" in opened
    assert "is-open" in opened
    assert (
        printer.post(f"/supplier/orders/{purchase.id}/counter", data={"date": "2026-06-25"}).status_code
        == 303
    )
    with database.read() as session:
        assert shop.lines(session)[0].due.isoformat() == "2026-06-25"


@pytest.mark.parametrize("typed", ["2020-01-01", "", "tomorrow", "2099-01-01"])
def test_a_date_that_cannot_be_is_said_in_the_row(
    printer: Visitor, ordered: tuple[Party, Order, PurchaseOrder], database: Database, typed: str
) -> None:
    for back in ("supplier", "orders"):
        answer = printer.post(f"/supplier/orders/{ordered[2].id}/counter", data={"date": typed, "back": back})
        assert answer.status_code == 422
        assert "Choose a day" in answer.text
        assert "Offer this date" in answer.text
    assert state(database) == LineState.ASKED


def test_a_lot_number_is_asked_for_and_kept(
    printer: Visitor, ordered: tuple[Party, Order, PurchaseOrder], database: Database
) -> None:
    at = f"/supplier/orders/{ordered[2].id}"
    printer.post(f"{at}/announcement")
    answer = printer.post(f"{at}/delivery", data={"lot_number": "  "})
    assert answer.status_code == 422
    assert "Write the lot number" in answer.text
    assert state(database) == LineState.ANNOUNCED


def test_the_plant_books_in_what_no_supplier_does(
    ordered: tuple[Party, Order, PurchaseOrder],
    people: Callable[..., Visitor],
    plant: Plant,
    database: Database,
) -> None:
    planner = people(Role.PLANNER, plant)
    with database.read() as session:
        line = shop.lines(session)[0]
    assert "Book in" in planner.get("/plant/purchase-orders").text
    assert 'name="lot_number"' in planner.get(f"/plant/purchase-orders?open={line.id}").text
    at = f"/plant/purchase-lines/{line.id}/receipts"
    for typed in ("many", "nan", "-5", "99999"):
        answer = planner.post(at, data={"quantity": typed, "lot_number": "ND-8"})
        assert answer.status_code == 422
        assert f'value="{typed}"' in answer.text
        assert 'value="ND-8"' in answer.text
    assert planner.post(at, data={"quantity": "100,5", "lot_number": "ND-8"}).status_code == 303
    with database.read() as session:
        assert shop.lines(session)[0].received == Decimal("100.5")


def test_materials_and_pegging_tell_where_things_come_from(
    ordered: tuple[Party, Order, PurchaseOrder],
    people: Callable[..., Visitor],
    plant: Plant,
    database: Database,
) -> None:
    _, order, purchase = ordered
    planner = people(Role.PLANNER, plant)
    assert "Every order has its material" in planner.get("/plant/materials").text
    page = planner.get(f"/plant/pegging/{order.id}").text
    assert "WW-1" in page
    assert purchase.number in page
    with database.write() as session:
        need = next(n for n in shop.needs(session, order) if n.order_specific)
        need.needed_by = MONDAY + timedelta(days=1)
        session.add(need)
    assert "1 order waits for material" in planner.get("/plant/materials").text


def test_what_came_late_but_is_here_holds_nobody_up(
    ordered: tuple[Party, Order, PurchaseOrder],
    people: Callable[..., Visitor],
    plant: Plant,
    database: Database,
) -> None:
    planner = people(Role.PLANNER, plant)
    with database.write() as session:
        need = next(n for n in shop.needs(session, ordered[1]) if n.order_specific)
        need.needed_by = MONDAY - timedelta(days=1)
        session.add(need)
    assert "1 order waits" in planner.get("/plant/materials").text
    with database.write() as session:
        deliver(session, session.merge(ordered[2]), {}, "ND-9", NOW)
    page = planner.get("/plant/materials").text
    assert "Every order has its material" in page
    assert "1 order waits" not in page


def test_a_delivered_order_waits_for_nothing(
    ordered: tuple[Party, Order, PurchaseOrder],
    people: Callable[..., Visitor],
    plant: Plant,
    database: Database,
) -> None:
    with database.write() as session:
        need = next(n for n in shop.needs(session, ordered[1]) if n.order_specific)
        need.needed_by = MONDAY - timedelta(days=1)
        session.add(need)
        walk(session, ordered[1].id, Stage.DELIVERED)
        need.state = NeedState.FIRM  # more was pegged than the making took
        session.add(need)
    page = people(Role.PLANNER, plant).get("/plant/materials").text
    assert "1 order waits" not in page


def test_what_is_here_came_on_the_day_it_came(
    ordered: tuple[Party, Order, PurchaseOrder],
    printer: Visitor,
    people: Callable[..., Visitor],
    plant: Plant,
    database: Database,
) -> None:
    with database.write() as session:
        due = shop.lines(session)[0].due
        deliver(session, session.merge(ordered[2]), {}, "ND-9", NOW)
    came, planned = shortday(NOW.business.date(), "en"), shortday(due, "en")
    planner = people(Role.PLANNER, plant)
    for page in (planner.get("/plant/purchase-orders"), printer.get("/supplier/deliveries")):
        assert came in page.text.partition("<main")[2]
        assert planned not in page.text


def test_the_order_page_and_the_plants_day_show_material(
    ordered: tuple[Party, Order, PurchaseOrder], people: Callable[..., Visitor], plant: Plant
) -> None:
    planner = people(Role.PLANNER, plant)
    assert f"/plant/pegging/{ordered[1].id}" in planner.get(f"/plant/orders/{ordered[1].id}").text
    assert "1 purchase order waits for its supplier" in planner.get("/plant").text


def test_switched_off_means_gone(
    ordered: tuple[Party, Order, PurchaseOrder],
    people: Callable[..., Visitor],
    plant: Plant,
    database: Database,
    printer: Visitor,
) -> None:
    from cosmo.registry import switch

    with database.write() as session:
        switch(session, plant.manufacturer_id, "procurement", False)
    assert people(Role.PLANNER, plant).get("/plant/materials").status_code == 404
    assert ordered[2].number not in printer.get("/supplier/orders").text
    assert printer.post(f"/supplier/orders/{ordered[2].id}/confirmation").status_code == 404
