"""Through the kernel's own quoting and placing, procurement alone: nothing is promised twice, time counts."""

from datetime import timedelta
from decimal import Decimal

from sqlmodel import Session, select

from cosmo import lifecycle
from cosmo.clock import Now
from cosmo.db import Database
from cosmo.lapsing import lapse_expired
from cosmo.parties import Plant
from cosmo.placing import Customer, MovedOffer, place
from cosmo.ports import Ask
from cosmo.quoting import Requester, quote, requote
from cosmo.registry import registry
from cosmo.spec import Spec
from modules.manufacturing.payloads import LotScrapped
from modules.procurement import holding
from modules.procurement.issuing import issue
from modules.procurement.models import Lot, Need, NeedState
from modules.procurement.receiving import receive
from tests.factories import NOW, at, make_customer
from tests.modules.procurement import shop

WHO = Customer("Ada", "ada@example.test")


def ask(plant: Plant, spec: Spec) -> Ask:
    return Ask("own", {}, 10, spec=spec, plant_id=plant.id)


def test_the_second_quote_waits_for_what_the_first_one_holds(session: Session, plant: Plant) -> None:
    shop.stock(session, shop.material(session, plant, lead_days=7), 10)
    first = quote(session, ask(plant, shop.spec(CLAY=10)), requester=Requester(), now=NOW)
    second = quote(session, ask(plant, shop.spec(CLAY=10)), requester=Requester(), now=NOW)
    assert first.promised_date is not None
    assert second.promised_date == first.promised_date + timedelta(days=7)


def test_asking_again_does_not_wait_for_ones_own_hold(session: Session, plant: Plant) -> None:
    shop.stock(session, shop.material(session, plant, lead_days=7), 10)
    order = quote(session, ask(plant, shop.spec(CLAY=10)), requester=Requester(), now=NOW)
    promised = order.promised_date
    requote(session, order.id, requester=Requester(), now=NOW)
    assert order.promised_date == promised
    assert session.exec(select(Lot.pegged)).one() == 10


def test_an_expired_quote_frees_its_stock(database: Database, plant: Plant) -> None:
    with database.write() as session:
        shop.stock(session, shop.material(session, plant), 10)
        quote(session, ask(plant, shop.spec(CLAY=10)), requester=Requester(), now=NOW)
    lapse_expired(database)
    with database.read() as session:
        assert session.exec(select(Lot.pegged)).one() == 0
        assert session.exec(select(Need)).all() == []


def test_placing_too_long_after_the_quote_offers_the_later_date(session: Session, plant: Plant) -> None:
    shop.material(session, plant, "DECAL", unit="pcs", lead_days=10, order_specific=True)
    requester = Requester(customer_id=make_customer(session).id)
    order = quote(session, ask(plant, shop.spec(DECAL=(5, True))), requester=requester, now=NOW)
    quoted = order.promised_date
    assert quoted is not None
    later = Now(NOW.business + timedelta(days=3), NOW.wall + timedelta(hours=1))
    moved = place(session, [order.id], WHO, requester=requester, now=later)
    assert isinstance(moved, MovedOffer)
    assert moved.new == quoted + timedelta(days=4), "ordered on Thursday it comes on a Sunday, so on Monday"
    assert [n.state for n in shop.needs(session, order)] == [NeedState.HELD]
    (placed,) = place(session, [order.id], WHO, requester=requester, now=later)
    assert placed.promised_date == moved.new
    assert [n.state for n in shop.needs(session, order)] == [NeedState.FIRM]


def test_what_was_made_firm_before_the_refusal_is_held_again_with_the_rest(
    session: Session, plant: Plant
) -> None:
    shop.stock(session, shop.material(session, plant), 100)
    shop.material(session, plant, "DECAL", unit="pcs", lead_days=10, order_specific=True)
    requester = Requester(customer_id=make_customer(session).id)
    order = quote(session, ask(plant, shop.spec(CLAY=10, DECAL=(5, True))), requester=requester, now=NOW)
    later = Now(NOW.business + timedelta(days=3), NOW.wall + timedelta(hours=1))
    assert isinstance(place(session, [order.id], WHO, requester=requester, now=later), MovedOffer)
    assert [n.state for n in shop.needs(session, order)] == [NeedState.HELD, NeedState.HELD]


def test_pieces_begun_again_get_their_own_material(database: Database, plant: Plant) -> None:
    """A fifth is scrapped: clay comes from stock, the decals are bought once more and the plan is told."""
    with database.write() as session:
        shop.stock(session, shop.material(session, plant), 100)
        shop.material(session, plant, "DECAL", unit="pcs", lead_days=10, order_specific=True)
        order = shop.sourced(session, plant, shop.spec(CLAY=10, DECAL=(10, True)))
        receive(session, shop.lines(session)[0], None, None, at(days=10))
        for operation in ("form", "glaze"):
            issue(session, order.id, operation, Decimal(1), at(days=11))
        scrapped = LotScrapped(
            lot=1, code="glaze", scrap=2, reason="crack", again=2, new_lot=2, shade_lot="B"
        )
        event = lifecycle.emit(session, order.id, scrapped, now=at(days=12), actor="test")
        (handler,) = registry().handlers_for("lot-scrapped", frozenset({"procurement"}))
        handler.apply(session, event, at(days=12))
        clay, decals = sorted(shop.needs(session, order), key=lambda n: n.order_specific)
        assert (clay.open, decals.open, decals.planned) == (2, 2, 10)
        assert [line.quantity for line in shop.lines(session)] == [10, 2]
        assert holding.missing(session, order.id, "form") == []
        assert holding.missing(session, order.id, "glaze") == ["DECAL"]
        assert shop.event_types(session, order)[-2:] == ["material-ordered", "material-delayed"]
        receive(session, shop.lines(session)[1], None, None, at(days=22))
        issue(session, order.id, "form", Decimal("0.2"), at(days=22))
        issue(session, order.id, "glaze", Decimal("0.2"), at(days=22))
        assert {n.state for n in shop.needs(session, order)} == {NeedState.ISSUED}


def test_material_of_operations_never_reached_serves_what_is_begun_again(
    database: Database, plant: Plant
) -> None:
    """All is made again after forming: the clay is needed once more, the decals are still there."""
    with database.write() as session:
        shop.stock(session, shop.material(session, plant), 100)
        shop.material(session, plant, "DECAL", unit="pcs", lead_days=10, order_specific=True)
        order = shop.sourced(session, plant, shop.spec(CLAY=10, DECAL=(10, True)))
        issue(session, order.id, "form", Decimal(1), at(days=11))
        scrapped = LotScrapped(
            lot=1, code="form", scrap=7, reason="shade", again=10, new_lot=2, shade_lot="B",
            spared={"glaze": 10},
        )  # fmt: skip
        event = lifecycle.emit(session, order.id, scrapped, now=at(days=12), actor="test")
        (handler,) = registry().handlers_for("lot-scrapped", frozenset({"procurement"}))
        handler.apply(session, event, at(days=12))
        clay, decals = sorted(shop.needs(session, order), key=lambda n: n.order_specific)
        assert (clay.open, decals.open) == (10, 10)
        assert [line.quantity for line in shop.lines(session)] == [10], "no decals are bought twice"
