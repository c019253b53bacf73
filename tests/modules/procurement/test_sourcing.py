"""From engineered to sourced: pegged purchases, consolidation, cancelling, one delivery applied."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlmodel import Session, select

from cosmo import cancelling, lifecycle
from cosmo.clock import read_now, set_clock
from cosmo.db import Database
from cosmo.delivering import deliver
from cosmo.orders import OrderSpec
from cosmo.outbox import Delivery, DeliveryState
from cosmo.parties import Plant
from cosmo.payloads import Engineered
from cosmo.placing import Customer, place_directly
from cosmo.ports import Ask
from cosmo.quoting import Requester
from cosmo.registry import Module, Parts, Registry
from cosmo.stages import Stage
from modules.procurement import firming, holding, sourcing, watching
from modules.procurement import module as procurement
from modules.procurement.answering import confirm
from modules.procurement.models import LineState, NeedState, Peg
from modules.procurement.ordering import rounded, send_collected
from tests.factories import MONDAY, NOW, at, walk
from tests.modules.procurement import shop


def test_an_order_with_its_own_bom_raises_a_pegged_purchase_order(database: Database, plant: Plant) -> None:
    """Procurement alone: rnd and manufacturing are not there, the kernel passes over them."""
    with database.write() as session:
        decals = shop.supplier(session, plant)
        shop.material(session, plant, "DECAL", decals, unit="pcs", lead_days=10, order_specific=True)
        ask = Ask("own", {}, 10, spec=shop.spec(DECAL=(289, True)), plant_id=plant.id)
        order = place_directly(
            session, ask, Customer("Ada", "ada@example.test"), requester=Requester(), now=read_now(session)
        )
    _run(database, order.id)
    with database.read() as session:
        (purchase,) = shop.purchases(session)
        (line,) = shop.lines(session)
        (peg,) = session.exec(select(Peg)).all()
        (need,) = shop.needs(session, order)
        assert purchase.supplier_id == decals.id
        assert purchase.sent_at is not None
        assert (peg.line_id, peg.need_id, peg.quantity) == (line.id, need.id, 289)
        assert need.state == NeedState.FIRM
        types = shop.event_types(session, order)
        assert types.index("material-ordered") < types.index("sourced")


def _run(database: Database, order_id: str) -> None:
    """Apply what is due, as the relay would."""
    for _ in range(20):
        with database.write() as session:
            todo = session.exec(
                select(Delivery).where(Delivery.order_id == order_id, Delivery.state == DeliveryState.PENDING)
            ).all()
            for delivery in todo:
                delivery.state = DeliveryState.LEASED
                session.add(delivery)
        if not todo:
            return
        for delivery in sorted(todo, key=lambda d: d.position):
            deliver(database, delivery.id)


def test_what_is_in_stock_needs_no_purchase(session: Session, plant: Plant) -> None:
    lot = shop.stock(session, shop.material(session, plant), 100)
    order = shop.sourced(session, plant, shop.spec(CLAY=10))
    assert shop.purchases(session) == []
    assert lot.pegged == 10
    assert order.stage == Stage.SOURCED


def test_bulk_is_collected_by_supplier_and_day_and_pegged_by_share(session: Session, plant: Plant) -> None:
    by = shop.supplier(session, plant)
    clay = shop.material(session, plant, "CLAY", by, pack_size=Decimal(25))
    glaze = shop.material(session, plant, "GLAZE", by, lead_days=7, min_quantity=Decimal(20))
    first = shop.sourced(session, plant, shop.spec(CLAY=10, GLAZE=3))
    second = shop.sourced(session, plant, shop.spec(CLAY=20), now=at(hours=3))
    (purchase,) = shop.purchases(session)
    assert purchase.sent_at is None
    of_clay, of_glaze = sorted(shop.lines(session), key=lambda line: line.material_id != clay.id)
    assert (of_clay.pegged, of_clay.quantity) == (30, 50)
    assert (of_glaze.pegged, of_glaze.quantity) == (3, 20)
    assert of_glaze.material_id == glaze.id
    assert (of_clay.due, of_glaze.due) == (date(2026, 6, 11), date(2026, 6, 15))
    shares = {p.need_id: p.quantity for p in session.exec(select(Peg).where(Peg.line_id == of_clay.id))}
    pegged = [
        shares[n.id] for o in (first, second) for n in shop.needs(session, o) if n.material_id == clay.id
    ]
    assert pegged == [10, 20]


def test_the_free_rest_of_a_pack_serves_the_next_order(session: Session, plant: Plant) -> None:
    shop.material(session, plant, "CLAY", shop.supplier(session, plant), pack_size=Decimal(25))
    shop.sourced(session, plant, shop.spec(CLAY=10))
    shop.sourced(session, plant, shop.spec(CLAY=15))
    assert [(line.pegged, line.quantity) for line in shop.lines(session)] == [(25, 25)]


def test_a_quote_does_not_keep_a_collecting_order_alive(session: Session, plant: Plant) -> None:
    """The free rest of an unsent pack is not promised to a quote, else cancelling would order for it."""
    shop.material(session, plant, "CLAY", shop.supplier(session, plant), pack_size=Decimal(25))
    order = shop.sourced(session, plant, shop.spec(CLAY=10))
    shop.hold(session, plant, shop.spec(CLAY=15))
    holding.release(session, order.id, NOW)
    assert [line.open for line in shop.lines(session)] == [False]


def test_minimum_then_whole_packs(session: Session, plant: Plant) -> None:
    packed = shop.material(session, plant, pack_size=Decimal(25), min_quantity=Decimal(60))
    assert [rounded(Decimal(q), packed) for q in (1, 60, 75, 76)] == [75, 75, 75, 100]
    loose = shop.material(session, plant, "SAND")
    assert rounded(Decimal("3.5"), loose) == Decimal("3.5")


def test_other_suppliers_and_other_days_get_orders_of_their_own(session: Session, plant: Plant) -> None:
    one, two = shop.supplier(session, plant), shop.supplier(session, plant)
    shop.material(session, plant, "CLAY", one)
    shop.material(session, plant, "SAND", two)
    shop.sourced(session, plant, shop.spec(CLAY=10, SAND=1))
    shop.sourced(session, plant, shop.spec(CLAY=10), now=at(days=1))
    assert len(shop.purchases(session)) == 3


def test_the_day_is_sent_at_the_cut_off_and_then_closed(session: Session, plant: Plant) -> None:
    shop.material(session, plant, "CLAY", shop.supplier(session, plant))
    shop.sourced(session, plant, shop.spec(CLAY=10))
    assert send_collected(session, plant.id, at(hours=7)) == []
    (sent,) = send_collected(session, plant.id, at(hours=9))
    shop.sourced(session, plant, shop.spec(CLAY=10), now=at(hours=10))
    first, second = shop.purchases(session)
    assert (first.id, first.sent_at) == (sent.id, at(hours=9).business)
    assert second.sent_at is None


def test_the_shelf_is_filled_up_to_its_upper_mark(session: Session, plant: Plant) -> None:
    clay = shop.material(
        session,
        plant,
        by=shop.supplier(session, plant),
        reorder_point=Decimal(40),
        order_up_to=Decimal(120),
        pack_size=Decimal(25),
    )
    shop.stock(session, clay, 60)
    watching.reorder(session, NOW)
    assert shop.lines(session) == []
    shop.sourced(session, plant, shop.spec(CLAY=30))
    watching.reorder(session, NOW)
    watching.reorder(session, NOW)
    (line,) = shop.lines(session)
    assert (line.quantity, line.pegged) == (100, 0), "30 free after demand, 90 to the mark, in packs of 25"


def test_a_changed_spec_is_sourced_as_frozen(session: Session, plant: Plant) -> None:
    lot = shop.stock(session, shop.material(session, plant), 100)
    order = shop.placed(session, plant, shop.spec(CLAY=10), {"form": MONDAY + timedelta(days=2)})
    row = session.get_one(OrderSpec, order.id)
    row.spec = shop.spec(CLAY=12).model_dump(mode="json")
    session.add(row)
    sourcing.source(session, order.id, NOW)
    assert [(n.quantity, n.state) for n in shop.needs(session, order)] == [(12, NeedState.FIRM)]
    assert shop.needs(session, order)[0].needed_by == MONDAY + timedelta(days=2)
    assert lot.pegged == 12


def test_cancelling_frees_stock_shrinks_the_day_and_withdraws_what_nobody_answered(
    database: Database, plant: Plant, modules: Callable[..., Registry]
) -> None:
    modules(procurement, Module(name="manufacturing", title={"en": "Waits"}, load=Parts))
    with database.write() as session:
        set_clock(session, speed=0, business=MONDAY)
        by = shop.supplier(session, plant)
        shop.material(session, plant, "CLAY", by)
        shop.material(session, plant, "DECAL", by, unit="pcs", order_specific=True)
        keeps = shop.sourced(session, plant, shop.spec(CLAY=30))
        order = shop.hold(session, plant, shop.spec(CLAY=10, DECAL=(5, True)))
        firming.firm(session, [order.id], NOW)
        walk(session, order.id, Stage.PLACED)
        lifecycle.fire(session, order.id, "engineer", Engineered(), now=NOW, actor="test")
    _run(database, order.id)
    with database.write() as session:
        bulk, decals = shop.lines(session)
        assert (bulk.quantity, decals.state) == (40, LineState.ASKED)
        cancelling.cancel(session, order.id, reason="customer", actor="test", now=NOW)
    with database.read() as session:
        bulk, decals = shop.lines(session)
        assert (bulk.quantity, bulk.pegged) == (30, 30)
        assert (decals.state, decals.open) == (LineState.WITHDRAWN, False)
        assert {n.state for n in shop.needs(session, order)} == {NeedState.RELEASED}
        assert {n.state for n in shop.needs(session, keeps)} == {NeedState.FIRM}


def test_a_line_the_supplier_has_confirmed_is_not_withdrawn(session: Session, plant: Plant) -> None:
    shop.material(session, plant, "DECAL", shop.supplier(session, plant), unit="pcs", order_specific=True)
    order = shop.sourced(session, plant, shop.spec(DECAL=(5, True)))
    confirm(session, shop.purchases(session)[0], NOW)
    holding.release(session, order.id, NOW)
    (line,) = shop.lines(session)
    assert (line.state, line.open, line.pegged) == (LineState.CONFIRMED, True, 0)


def test_decals_are_asked_for_the_working_day_before_they_are_needed(session: Session, plant: Plant) -> None:
    shop.material(session, plant, "DECAL", unit="pcs", lead_days=3, order_specific=True)
    needed = {"glaze": datetime(2026, 6, 29, 6, tzinfo=UTC)}
    shop.sourced(session, plant, shop.spec(DECAL=(5, True)), needed)
    assert shop.lines(session)[0].asked_for == date(2026, 6, 26)
