"""Goods in become lots, pegs follow them, and the oldest lots go into the product first."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, select

from cosmo.errors import Invalid
from cosmo.parties import Plant
from modules.procurement import holding
from modules.procurement.issuing import MaterialMissing, issue
from modules.procurement.journeys import Arrivals, Consumed, _part
from modules.procurement.models import LineState, Lot, Movement, NeedState, Peg
from modules.procurement.ordering import add_for_stock
from modules.procurement.receiving import receive
from tests.factories import MONDAY, NOW, at
from tests.modules.procurement import shop

ALL = Decimal(1)


def test_a_delivery_becomes_a_lot_and_pegs_follow(session: Session, plant: Plant) -> None:
    shop.material(session, plant, "DECAL", unit="pcs", lead_days=10, order_specific=True)
    order = shop.sourced(session, plant, shop.spec(DECAL=(5, True)))
    (line,) = shop.lines(session)
    (before,) = Arrivals().nodes(session, order.id, NOW)
    lot = receive(session, line, None, "ND-4711", at(days=10))
    assert lot is not None
    (peg,) = session.exec(select(Peg)).all()
    assert (peg.lot_id, peg.line_id, peg.quantity) == (lot.id, None, 5)
    assert (line.state, line.open) == (LineState.RECEIVED, False)
    assert holding.missing(session, order.id, "glaze") == []
    assert holding.dates(session, order.id)["glaze"] == at(days=10).business
    assert shop.event_types(session, order)[-1] == "material-arrived"
    (after,) = Arrivals().nodes(session, order.id, at(days=10))
    assert (before.state, before.kind, after.state, after.at) == (
        "next",
        "material",
        "done",
        at(days=10).business,
    )


def test_the_same_delivery_again_changes_nothing(session: Session, plant: Plant) -> None:
    line = add_for_stock(session, shop.material(session, plant), Decimal(100), NOW)
    once = receive(session, line, Decimal(40), "L-9", NOW)
    again = receive(session, line, Decimal(40), "L-9", NOW)
    assert once is again
    assert line.received == 40
    rest = receive(session, line, None, None, NOW)
    assert rest is not None
    assert rest.received == 60
    assert receive(session, line, None, None, NOW) is rest


def test_a_part_delivery_serves_the_most_urgent_first(session: Session, plant: Plant) -> None:
    shop.material(session, plant, by=shop.supplier(session, plant))
    calm = shop.sourced(session, plant, shop.spec(CLAY=10), {"form": MONDAY + timedelta(days=9)})
    urgent = shop.sourced(session, plant, shop.spec(CLAY=10), {"form": MONDAY + timedelta(days=4)})
    receive(session, shop.lines(session)[0], Decimal(12), None, at(days=3))
    assert holding.missing(session, urgent.id, "form") == []
    assert holding.missing(session, calm.id, "form") == ["CLAY"]


def test_an_early_delivery_tells_the_plan(session: Session, plant: Plant) -> None:
    shop.material(session, plant, "DECAL", unit="pcs", lead_days=10, order_specific=True)
    order = shop.sourced(session, plant, shop.spec(DECAL=(5, True)))
    receive(session, shop.lines(session)[0], None, None, at(days=7))
    assert shop.event_types(session, order)[-2:] == ["material-arrived", "material-earlier"]


@pytest.mark.parametrize("quantity", [0, -1, 1000])
def test_a_typing_error_is_refused(session: Session, plant: Plant, quantity: int) -> None:
    line = add_for_stock(session, shop.material(session, plant), Decimal(100), NOW)
    with pytest.raises(Invalid):
        receive(session, line, Decimal(quantity), None, NOW)


def test_the_oldest_lots_go_first_and_are_on_record(session: Session, plant: Plant) -> None:
    clay = shop.material(session, plant)
    shop.stock(session, clay, 6, "NEW", at(days=-1))
    shop.stock(session, clay, 6, "OLD", at(days=-9))
    order = shop.sourced(session, plant, shop.spec(CLAY=10))
    issue(session, order.id, "form", ALL, NOW)
    taken = session.exec(
        select(Movement.quantity, Lot.number).join(Lot).where(Movement.kind == "issue")
    ).all()
    assert taken == [(-6, "OLD"), (-4, "NEW")]
    assert [p.value for p in Consumed().parts(session, order.id)] == ["OLD · 6 kg", "NEW · 4 kg"]
    assert shop.needs(session, order)[0].state == NeedState.ISSUED
    shop.check_books(session)


@pytest.mark.parametrize(
    ("unit", "taken", "shown"),
    [
        ("pcs", "262.215", {"en": "L-1 · 263 pcs", "de": "L-1 · 263 Stück", "zh": "L-1 · 263 件"}),
        ("kg", "201.137", {"en": "L-1 · 201.137 kg", "de": "L-1 · 201,137 kg", "zh": "L-1 · 201.137 kg"}),
    ],
)
def test_what_was_taken_reads_in_the_readers_language_and_pieces_are_whole(
    session: Session, plant: Plant, unit: str, taken: str, shown: dict[str, str]
) -> None:
    of = shop.material(session, plant, unit=unit)
    lot = shop.stock(session, of, 300)
    move = session.exec(select(Movement).where(Movement.lot_id == lot.id)).one()
    part = _part(move, lot, of, Decimal(taken))
    assert (part.value, part.shown) == (shown["en"], shown)


def test_who_was_pegged_to_the_oldest_lot_gets_the_newer_one(session: Session, plant: Plant) -> None:
    clay = shop.material(session, plant)
    shop.stock(session, clay, 10, "OLD", at(days=-9))
    first = shop.sourced(session, plant, shop.spec(CLAY=10))
    shop.stock(session, clay, 10, "NEW", at(days=-1))
    second = shop.sourced(session, plant, shop.spec(CLAY=10))
    issue(session, second.id, "form", ALL, NOW)
    assert [p.value for p in Consumed().parts(session, second.id)] == ["OLD · 10 kg"]
    shop.check_books(session)
    issue(session, first.id, "form", ALL, NOW)
    assert [p.value for p in Consumed().parts(session, first.id)] == ["NEW · 10 kg"]


def test_lots_of_an_order_issue_their_shares_without_a_rest(session: Session, plant: Plant) -> None:
    shop.stock(session, shop.material(session, plant), 10)
    order = shop.sourced(session, plant, shop.spec(CLAY=10))
    for _ in range(3):
        issue(session, order.id, "form", ALL / 3, NOW)
    (need,) = shop.needs(session, order)
    assert (need.issued, need.state) == (10, NeedState.ISSUED)


def test_a_shortfall_made_again_takes_free_stock_or_says_what_is_missing(
    session: Session, plant: Plant
) -> None:
    shop.stock(session, shop.material(session, plant), 12)
    order = shop.sourced(session, plant, shop.spec(CLAY=10))
    issue(session, order.id, "form", ALL, NOW)
    issue(session, order.id, "form", Decimal("0.2"), NOW)
    with pytest.raises(MaterialMissing), session.begin_nested():
        issue(session, order.id, "form", Decimal("0.2"), NOW)


def test_nothing_is_issued_before_it_is_here(session: Session, plant: Plant) -> None:
    shop.material(session, plant)
    order = shop.sourced(session, plant, shop.spec(CLAY=10))
    with pytest.raises(MaterialMissing), session.begin_nested():
        issue(session, order.id, "form", ALL, NOW)


def test_goods_made_for_an_order_serve_no_other(session: Session, plant: Plant) -> None:
    shop.material(
        session, plant, "DECAL", unit="pcs", lead_days=10, order_specific=True, pack_size=Decimal(100)
    )
    order = shop.sourced(session, plant, shop.spec(DECAL=(5, True)))
    receive(session, shop.lines(session)[0], None, None, NOW)
    other = shop.sourced(session, plant, shop.spec(DECAL=(5, True)))
    assert holding.missing(session, order.id, "glaze") == []
    assert holding.missing(session, other.id, "glaze") == ["DECAL"]


def test_movements_cannot_be_rewritten(session: Session, plant: Plant) -> None:
    shop.stock(session, shop.material(session, plant), 10)
    with pytest.raises(DatabaseError, match="append-only"), session.begin_nested():
        session.exec(update(Movement).values(quantity=Decimal(99)))
    with pytest.raises(DatabaseError, match="append-only"), session.begin_nested():
        session.exec(delete(Movement))
