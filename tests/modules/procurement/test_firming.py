"""Needs of placed quotes turn firm together; what is no longer as it was is looked at, each for itself."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from cosmo.orders import Order
from cosmo.parties import Plant
from modules.procurement import firming, holding
from modules.procurement.models import Need, NeedState, PurchaseLine
from tests.factories import NOW, at, make_plant
from tests.modules.procurement import shop

SOON, LATE = NOW.business + timedelta(days=3), NOW.business + timedelta(days=30)


def _bought(session: Session, plant: Plant) -> PurchaseLine:
    """Clay on its way, for which two quotes wait."""
    by = shop.supplier(session, plant)
    shop.material(session, plant, "CLAY", by, lead_days=7)
    shop.sourced(session, plant, shop.spec(CLAY=10))
    (line,) = shop.lines(session)
    line.quantity += 100
    shop.purchases(session)[0].sent_at = NOW.wall
    session.flush()
    return line


def _states(session: Session, *orders: Order) -> list[str]:
    return [need.state for order in orders for need in shop.needs(session, order)]


def test_what_comes_later_but_in_time_is_firm_and_says_so(session: Session, plant: Plant) -> None:
    line = _bought(session, plant)
    order = shop.hold(session, plant, shop.spec(CLAY=10), {"form": LATE})
    (before,) = [need.expected_at for need in shop.needs(session, order)]
    line.due += timedelta(days=2)
    session.flush()
    firming.firm(session, [order.id], NOW)
    (need,) = shop.needs(session, order)
    assert (need.state, need.expected_at) == (NeedState.FIRM, before + timedelta(days=2))


def test_the_order_whose_goods_come_too_late_is_named(session: Session, plant: Plant) -> None:
    line = _bought(session, plant)
    patient = shop.hold(session, plant, shop.spec(CLAY=10), {"form": LATE})
    hasty = shop.hold(session, plant, shop.spec(CLAY=10), {"form": SOON + timedelta(days=5)})
    assert all(n.expected_at <= n.needed_by for o in (patient, hasty) for n in shop.needs(session, o))
    line.due += timedelta(days=14)
    session.flush()
    with pytest.raises(firming.MaterialTaken) as taken:
        firming.firm(session, [patient.id, hasty.id], NOW)
    assert taken.value.order_id == hasty.id


def test_what_is_bought_for_the_order_alone_counts_from_now(session: Session, plant: Plant) -> None:
    shop.material(session, plant, "DECAL", unit="pcs", lead_days=10, order_specific=True)
    order = shop.hold(session, plant, shop.spec(DECAL=(5, True)), {"glaze": LATE})
    (before,) = [need.expected_at for need in shop.needs(session, order)]
    firming.firm(session, [order.id], at(days=5))
    (need,) = shop.needs(session, order)
    assert (need.state, need.expected_at) == (NeedState.FIRM, before + timedelta(days=5))


def test_orders_of_two_plants_turn_firm_together_and_nobody_else_s(session: Session, plant: Plant) -> None:
    other = make_plant(session, slug="other")
    orders = []
    for where in (plant, other):
        shop.stock(session, shop.material(session, where), 100)
        shop.stock(session, shop.material(session, where, "SAND"), 100)
        orders.append(shop.hold(session, where, shop.spec(CLAY=10, SAND=5)))
    left = shop.hold(session, plant, shop.spec(CLAY=10))
    firming.firm(session, [order.id for order in orders], NOW)
    assert _states(session, *orders) == [NeedState.FIRM] * 4
    assert _states(session, left) == [NeedState.HELD]


def test_two_parts_of_one_need_count_together(session: Session, plant: Plant) -> None:
    clay = shop.material(session, plant)
    shop.stock(session, clay, 6)
    shop.stock(session, clay, 6)
    order = shop.hold(session, plant, shop.spec(CLAY=10))
    firming.firm(session, [order.id], NOW)
    (need,) = shop.needs(session, order)
    assert (need.state, need.short) == (NeedState.FIRM, False)


def test_a_need_the_session_knows_is_firm_in_it(session: Session, plant: Plant) -> None:
    shop.stock(session, shop.material(session, plant), 10)
    order = shop.hold(session, plant, shop.spec(CLAY=10))
    need = session.exec(select(Need).where(Need.order_id == order.id)).one()
    firming.firm(session, [order.id], NOW)
    assert need.state == NeedState.FIRM


def test_a_released_quote_has_nothing_to_turn_firm(session: Session, plant: Plant) -> None:
    shop.stock(session, shop.material(session, plant), 10)
    order = shop.hold(session, plant, shop.spec(CLAY=10))
    holding.release(session, order.id, NOW)
    firming.firm(session, [order.id], NOW)
    assert shop.needs(session, order) == []
