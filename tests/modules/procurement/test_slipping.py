"""A supplier's other date: other supply first, then the orders that still wait are told, with a reason."""

from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

from cosmo.errors import Invalid
from cosmo.events import Event, events_after, payload_of
from cosmo.orders import Order
from cosmo.parties import Plant
from modules.procurement import holding, watching
from modules.procurement.answering import Over, announce, confirm, counter
from modules.procurement.models import LineState, Peg
from modules.procurement.payloads import MaterialDelayed, MaterialEarlier
from modules.procurement.slipping import lock_orders
from tests.factories import MONDAY, NOW, at, make_order
from tests.modules.procurement import shop

NEEDED = {"glaze": MONDAY + timedelta(days=11), "form": MONDAY + timedelta(days=4)}


def decal_order(session: Session, plant: Plant) -> Order:
    shop.material(session, plant, "DECAL", unit="pcs", lead_days=10, order_specific=True)
    return shop.sourced(session, plant, shop.spec(DECAL=(5, True)), NEEDED)


def told(session: Session, order: Order) -> list[Event]:
    return [
        e
        for e in events_after(session, order.id)
        if e.type.startswith("material-") and e.type != "material-ordered"
    ]


def test_confirming_keeps_the_date_and_tells_nobody(session: Session, plant: Plant) -> None:
    order = decal_order(session, plant)
    (purchase,) = shop.purchases(session)
    confirm(session, purchase, NOW)
    confirm(session, purchase, at(hours=1))
    (line,) = shop.lines(session)
    assert (line.state, line.confirmed, line.answered_at) == (
        LineState.CONFIRMED,
        date(2026, 6, 18),
        NOW.business,
    )
    assert told(session, order) == []


def test_a_later_date_reaches_the_order_with_its_operation(session: Session, plant: Plant) -> None:
    order = decal_order(session, plant)
    counter(session, shop.purchases(session)[0], date(2026, 6, 23), NOW)
    counter(session, shop.purchases(session)[0], date(2026, 6, 23), NOW)
    (event,) = told(session, order)
    payload = payload_of(event)
    assert isinstance(payload, MaterialDelayed)
    assert (payload.operation, payload.old, payload.new) == ("glaze", date(2026, 6, 18), date(2026, 6, 23))
    assert set(event.payload) == {"material", "line", "name", "operation", "old", "new"}
    assert holding.dates(session, order.id)["glaze"].date() == date(2026, 6, 23)


def test_a_later_date_that_still_keeps_the_promise_tells_nobody(session: Session, plant: Plant) -> None:
    order = decal_order(session, plant)
    counter(session, shop.purchases(session)[0], date(2026, 6, 19), NOW)
    assert told(session, order) != [], "the 19th at noon is after Friday 06:00"
    other = shop.sourced(session, plant, shop.spec(DECAL=(5, True)), {"glaze": MONDAY + timedelta(days=15)})
    counter(session, shop.purchases(session)[1], date(2026, 6, 22), NOW)
    assert told(session, other) == []


def test_an_earlier_date_is_told_too(session: Session, plant: Plant) -> None:
    order = decal_order(session, plant)
    counter(session, shop.purchases(session)[0], date(2026, 6, 16), NOW)
    (event,) = told(session, order)
    assert event.type == MaterialEarlier.type


def test_late_bulk_is_pegged_to_other_supply_first(session: Session, plant: Plant) -> None:
    """Enough comes on another purchase in time: nobody waits, nobody is told."""
    clay = shop.material(session, plant, by=shop.supplier(session, plant))
    order = shop.sourced(session, plant, shop.spec(CLAY=10), NEEDED)
    watching.send_day(session, at(hours=10))
    later = shop.sourced(
        session, plant, shop.spec(CLAY=10), {"form": MONDAY + timedelta(days=20)}, at(hours=11)
    )
    first, second = shop.lines(session)
    counter(session, shop.purchases(session)[0], date(2026, 6, 16), at(hours=12))
    assert told(session, order) == []
    (mine,) = shop.needs(session, order)
    (theirs,) = shop.needs(session, later)
    pegs = {p.need_id: p.line_id for p in session.exec(select(Peg))}
    assert pegs == {mine.id: second.id, theirs.id: first.id}, "the two have changed places"
    assert clay.id == mine.material_id


def test_late_bulk_that_nothing_replaces_is_told(session: Session, plant: Plant) -> None:
    shop.material(session, plant, by=shop.supplier(session, plant))
    order = shop.sourced(session, plant, shop.spec(CLAY=10), NEEDED)
    quote = shop.hold(session, plant, shop.spec(CLAY=5))
    counter(session, shop.purchases(session)[0], date(2026, 6, 16), NOW)
    assert [e.type for e in told(session, order)] == ["material-delayed"]
    assert told(session, quote) == [], "a quote hears it when it is placed"


def test_supply_that_turns_up_later_is_given_to_who_waits(session: Session, plant: Plant) -> None:
    clay = shop.material(session, plant, by=shop.supplier(session, plant))
    order = shop.sourced(session, plant, shop.spec(CLAY=10), NEEDED)
    counter(session, shop.purchases(session)[0], date(2026, 6, 30), NOW)
    need = shop.needs(session, order)[0]
    need.needed_by = MONDAY + timedelta(days=4)
    session.add(need)
    lot = shop.stock(session, clay, 10, now=at(days=1))
    watching.look_after(session, at(days=1))
    assert lot.pegged == 10
    assert [e.type for e in told(session, order)] == ["material-delayed", "material-earlier"]


def test_what_does_not_come_is_expected_on_the_next_working_day(session: Session, plant: Plant) -> None:
    order = decal_order(session, plant)
    confirm(session, shop.purchases(session)[0], NOW)
    watching.overdue(session, at(days=10, hours=8))
    assert shop.lines(session)[0].due == date(2026, 6, 18), "the day is not over"
    watching.overdue(session, at(days=11, hours=11))
    assert shop.lines(session)[0].due == date(2026, 6, 22), "after a Friday comes a Monday"
    assert [e.type for e in told(session, order)] == ["material-delayed"]


def test_an_announcement_moves_the_date_and_keeps_its_number(session: Session, plant: Plant) -> None:
    order = decal_order(session, plant)
    (purchase,) = shop.purchases(session)
    announce(session, purchase, date(2026, 6, 17), at(days=8), asn="DN-77")
    announce(session, purchase, date(2026, 6, 17), at(days=8), asn="DN-77")
    (line,) = shop.lines(session)
    assert (line.state, line.asn, line.announced_quantity) == (LineState.ANNOUNCED, "DN-77", 5)
    assert [e.type for e in told(session, order)] == ["material-earlier"]


def test_yesterday_is_refused(session: Session, plant: Plant) -> None:
    decal_order(session, plant)
    with pytest.raises(Invalid):
        counter(session, shop.purchases(session)[0], date(2026, 6, 7), NOW)


def test_a_withdrawn_purchase_takes_no_answer(session: Session, plant: Plant) -> None:
    order = decal_order(session, plant)
    holding.release(session, order.id, NOW)
    with pytest.raises(Over):
        confirm(session, shop.purchases(session)[0], NOW)


def test_locking_reads_afresh_what_is_known_of_an_order(session: Session, plant: Plant) -> None:
    order, other = decal_order(session, plant), make_order(session, plant)
    for row in (order, other):  # as another transaction would, past this session
        session.connection().exec_driver_sql(f"UPDATE cosmo_order SET locale = 'zh' WHERE id = '{row.id}'")
    assert order.locale == other.locale == "en"
    lock_orders(session, [order.id])
    assert (order.locale, other.locale) == ("zh", "en"), "the one that is locked, and no other"
