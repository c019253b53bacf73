"""When material is there; what a quote holds; that nothing is promised twice and nothing held is ordered."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlmodel import Session, select

from cosmo.errors import Invalid
from cosmo.once import kept
from cosmo.parties import Plant
from cosmo.ports import PlaceOvertaken
from cosmo.spec import BomLine, Spec
from modules.procurement import firming, holding, watching
from modules.procurement.dates import arrival_day, day_to_ask
from modules.procurement.issuing import MaterialMissing, issue
from modules.procurement.models import Lot, Need, NeedState, Peg, PurchaseLine
from modules.procurement.ordering import add_for_stock
from modules.procurement.ports import Promiser
from tests.factories import MONDAY, NOW, at, make_spec
from tests.modules.procurement import shop


def when(session: Session, plant: Plant, spec: Spec, order_from: datetime = MONDAY) -> list[datetime]:
    return [m.available_at for m in holding.available(session, plant.id, spec, order_from, NOW)]


def shelf(session: Session) -> Decimal:
    """How much of the one lot in stock is pegged."""
    return session.exec(select(Lot)).one().pegged


def shelf_and_delivery(session: Session, plant: Plant) -> PurchaseLine:
    """A hundred kilograms of clay in stock, and the line of a hundred more that come in two days."""
    clay = shop.material(session, plant)
    shop.stock(session, clay, 100)
    line = add_for_stock(session, clay, Decimal(100), NOW)
    shop.purchases(session)[0].sent_at = NOW.business
    line.due = (NOW.business + timedelta(days=2)).date()
    return line


def test_bulk_in_stock_is_at_hand(session: Session, plant: Plant) -> None:
    shop.stock(session, shop.material(session, plant), 100)
    (found,) = holding.available(session, plant.id, shop.spec(CLAY=10), MONDAY, NOW)
    assert found.at_hand
    assert found.available_at == NOW.business
    assert found.operation == "form"


def test_wishes_of_one_question_draw_each_as_if_it_were_alone(session: Session, plant: Plant) -> None:
    shop.stock(session, shop.material(session, plant, lead_days=9), 10)
    session.flush()
    with kept(session):
        both = [when(session, plant, shop.spec(CLAY=8)) for _ in range(2)]
        more = when(session, plant, shop.spec(CLAY=11))
    assert both == [[NOW.business]] * 2
    assert more == when(session, plant, shop.spec(CLAY=11)) > [NOW.business]


def test_bulk_that_is_short_comes_with_a_dated_receipt_else_by_lead_time(
    session: Session, plant: Plant
) -> None:
    clay = shop.material(session, plant, lead_days=9)
    shop.stock(session, clay, 5)
    assert when(session, plant, shop.spec(CLAY=10)) == [datetime(2026, 6, 17, 10, tzinfo=UTC)]
    line = add_for_stock(session, clay, Decimal(50), NOW)
    shop.purchases(session)[0].sent_at = NOW.business
    line.due = (NOW.business + timedelta(days=2)).date()
    assert when(session, plant, shop.spec(CLAY=10)) == [datetime(2026, 6, 10, 10, tzinfo=UTC)]


def test_what_is_needed_late_counts_on_a_delivery(session: Session, plant: Plant) -> None:
    line = shelf_and_delivery(session, plant)
    late, soon = NOW.business + timedelta(days=40), NOW.business + timedelta(days=1)
    shop.hold(session, plant, shop.spec(CLAY=90), {"form": late})
    assert (shelf(session), line.pegged) == (0, 90)
    shop.hold(session, plant, shop.spec(CLAY=90), {"form": soon})
    assert (shelf(session), line.pegged) == (90, 90), "who needs it now has the shelf"


def test_who_begins_before_its_delivery_takes_what_is_free(session: Session, plant: Plant) -> None:
    line = shelf_and_delivery(session, plant)
    order = shop.sourced(session, plant, shop.spec(CLAY=90), {"form": NOW.business + timedelta(days=40)})
    assert (shelf(session), line.pegged) == (0, 90)
    assert holding.missing(session, order.id, "form") == []
    issue(session, order.id, "form", Decimal(1), NOW)
    session.refresh(line)
    assert (session.exec(select(Lot)).one().on_hand, shelf(session), line.pegged) == (10, 0, 0)
    shop.check_books(session)


def test_what_is_pegged_to_others_is_not_free_to_begin_with(session: Session, plant: Plant) -> None:
    shelf_and_delivery(session, plant)
    late = shop.sourced(session, plant, shop.spec(CLAY=90), {"form": NOW.business + timedelta(days=40)})
    shop.sourced(session, plant, shop.spec(CLAY=90), {"form": NOW.business + timedelta(days=1)})
    assert holding.missing(session, late.id, "form") == ["CLAY"]
    with pytest.raises(MaterialMissing):
        issue(session, late.id, "form", Decimal(1), NOW)


def test_a_delivery_just_before_the_need_is_not_counted_on(session: Session, plant: Plant) -> None:
    line = shelf_and_delivery(session, plant)
    order = shop.hold(session, plant, shop.spec(CLAY=90), {"form": NOW.business + timedelta(days=4)})
    assert (shelf(session), line.pegged) == (90, 0)
    assert shop.needs(session, order)[0].expected_at <= NOW.business


def test_filling_the_shelf_up_frees_it_for_who_needs_it_soon(session: Session, plant: Plant) -> None:
    clay = shop.material(
        session, plant, by=shop.supplier(session, plant), reorder_point=Decimal(50), order_up_to=Decimal(200)
    )
    shop.stock(session, clay, 100)
    late = shop.placed(session, plant, shop.spec(CLAY=100), {"form": NOW.business + timedelta(days=40)})
    assert shelf(session) == 100
    watching.reorder(session, NOW)
    (line,) = shop.lines(session)
    assert (shelf(session), line.pegged) == (0, 100)
    (need,) = shop.needs(session, late)
    assert need.expected_at <= need.needed_by
    assert when(session, plant, shop.spec(CLAY=100)) == [NOW.business]


def test_two_lines_of_one_material_share_the_same_stock(session: Session, plant: Plant) -> None:
    shop.stock(session, shop.material(session, plant, "GLAZE", lead_days=7), 15)
    line = BomLine(material="GLAZE", name={"en": "Glaze"}, quantity=Decimal(10), unit="kg", operation="glaze")
    spec = make_spec(10, bom=(line.model_copy(update={"operation": "form"}), line))
    first, second = when(session, plant, spec)
    assert first == NOW.business
    assert second > NOW.business


def test_what_is_made_for_the_order_is_ordered_when_the_proof_is_approved(
    session: Session, plant: Plant
) -> None:
    decal = shop.material(session, plant, "DECAL", unit="pcs", lead_days=10, order_specific=True)
    shop.stock(session, decal, 1000)
    spec = shop.spec(DECAL=(5, True))
    assert when(session, plant, spec) == [datetime(2026, 6, 18, 10, tzinfo=UTC)]
    approved = MONDAY + timedelta(days=3)
    assert when(session, plant, spec, approved) == [datetime(2026, 6, 22, 10, tzinfo=UTC)]


def test_lead_times_are_calendar_days_and_arrive_on_working_days() -> None:
    tuesday = datetime(2026, 6, 9, 8, tzinfo=UTC)
    assert arrival_day(tuesday, 10, "Europe/Berlin").isoformat() == "2026-06-19"
    assert arrival_day(tuesday, 4, "Europe/Berlin").isoformat() == "2026-06-15"
    late_evening = datetime(2026, 6, 8, 22, 30, tzinfo=UTC)
    assert arrival_day(late_evening, 1, "Europe/Berlin").isoformat() == "2026-06-10"


def test_a_supplier_is_asked_for_the_working_day_before_but_never_within_the_lead_time() -> None:
    needed = datetime(2026, 6, 29, 6, tzinfo=UTC)
    assert day_to_ask(MONDAY, 3, needed, "Europe/Berlin").isoformat() == "2026-06-26"
    assert day_to_ask(MONDAY, 30, needed, "Europe/Berlin").isoformat() == "2026-07-08"


def test_units_are_converted_and_nonsense_is_refused(session: Session, plant: Plant) -> None:
    shop.stock(session, shop.material(session, plant, "GOLD", unit="g"), 100)
    kilo = BomLine(material="GOLD", name={"en": "Gold"}, quantity=Decimal("0.05"), unit="kg")
    order = shop.hold(session, plant, make_spec(10, bom=(kilo,)))
    assert shop.needs(session, order)[0].quantity == 50
    with pytest.raises(Invalid):
        holding.available(
            session, plant.id, make_spec(10, bom=(kilo.model_copy(update={"unit": "m2"}),)), MONDAY, NOW
        )


def test_a_hold_takes_stock_from_the_next_promise_and_gives_it_back(session: Session, plant: Plant) -> None:
    shop.stock(session, shop.material(session, plant), 15)
    order = shop.hold(session, plant, shop.spec(CLAY=10))
    assert when(session, plant, shop.spec(CLAY=10))[0] > NOW.business
    holding.release(session, order.id, NOW)
    assert when(session, plant, shop.spec(CLAY=10)) == [NOW.business]
    assert shop.needs(session, order) == []


def test_a_new_hold_replaces_the_old_one(session: Session, plant: Plant) -> None:
    clay = shop.material(session, plant)
    lot = shop.stock(session, clay, 15)
    order = shop.hold(session, plant, shop.spec(CLAY=10))
    holding.hold(session, order.id, plant.id, shop.spec(CLAY=4), {}, NOW)
    assert [n.quantity for n in shop.needs(session, order)] == [4]
    assert lot.pegged == 4


def test_a_hold_is_never_ordered(session: Session, plant: Plant) -> None:
    shop.material(session, plant, reorder_point=Decimal(1), order_up_to=Decimal(500))
    shop.stock(session, shop.material(session, plant, "SAND"), 100)
    shop.material(session, plant, "DECAL", unit="pcs", order_specific=True)
    order = shop.hold(session, plant, shop.spec(SAND=400, DECAL=(5, True)))
    for day in range(4):
        for job in (watching.reorder, watching.look_after, watching.overdue, watching.send_day):
            job(session, at(days=day))
    held = {n.material_id for n in shop.needs(session, order)}
    assert [line for line in shop.lines(session) if line.material_id in held] == []
    assert len(shop.lines(session)) == 1, "the clay shelf was filled up all the same"


def test_firm_needs_do_make_the_shelf_order(session: Session, plant: Plant) -> None:
    """The control for the test above: the same demand, placed, is ordered."""
    sand = shop.material(session, plant, "SAND")
    shop.stock(session, sand, 100)
    shop.sourced(session, plant, shop.spec(SAND=400))
    assert [line.pegged for line in shop.lines(session)] == [300]


def test_a_place_whose_material_was_taken_is_overtaken(session: Session, plant: Plant) -> None:
    shop.stock(session, shop.material(session, plant), 10)
    shop.hold(session, plant, shop.spec(CLAY=10), {"form": MONDAY + timedelta(hours=2)})
    with pytest.raises(PlaceOvertaken):
        shop.hold(session, plant, shop.spec(CLAY=10), {"form": MONDAY + timedelta(hours=2)})


def test_a_hold_that_time_has_overtaken_is_not_made_firm(session: Session, plant: Plant) -> None:
    shop.material(session, plant, "DECAL", unit="pcs", lead_days=10, order_specific=True)
    needed = {"glaze": datetime(2026, 6, 18, 12, tzinfo=UTC)}
    order = shop.hold(session, plant, shop.spec(DECAL=(5, True)), needed)
    with pytest.raises(PlaceOvertaken):
        firming.firm(session, [order.id], at(days=2))
    firming.firm(session, [order.id], at(hours=2))
    assert [n.state for n in shop.needs(session, order)] == [NeedState.FIRM]


def test_dates_and_missing_follow_the_pegs(session: Session, plant: Plant) -> None:
    shop.stock(session, shop.material(session, plant), 100)
    shop.material(session, plant, "DECAL", unit="pcs", lead_days=10, order_specific=True)
    order = shop.sourced(session, plant, shop.spec(CLAY=10, DECAL=(5, True)))
    dates = holding.dates(session, order.id)
    assert dates["form"] <= NOW.business
    assert dates["glaze"] == datetime(2026, 6, 18, 10, tzinfo=UTC)
    assert holding.missing(session, order.id, "form") == []
    assert holding.missing(session, order.id, "glaze") == ["DECAL"]


def test_a_material_nobody_knows_is_bought_from_the_general_supplier(session: Session, plant: Plant) -> None:
    general = shop.supplier(session, plant, general=True)
    order = shop.sourced(session, plant, shop.spec(UNOBTAINIUM=3))
    (line,) = shop.lines(session)
    assert shop.purchases(session)[0].supplier_id == general.id
    assert line.due.isoformat() == "2026-06-18"
    assert order.stage == "sourced"


def test_expired_stock_is_not_promised(session: Session, plant: Plant) -> None:
    glaze = shop.material(session, plant, "GLAZE", shelf_days=30)
    shop.stock(session, glaze, 50, now=at(days=-31))
    assert when(session, plant, shop.spec(GLAZE=5))[0] > NOW.business
    watching.write_off(session, NOW)
    fresh = shop.stock(session, glaze, 50, "L-2", now=at(days=-28))
    needed = {"glaze": MONDAY + timedelta(days=5)}
    order = shop.hold(session, plant, shop.spec(GLAZE=5), needed)
    assert fresh.pegged == 0, "it would be past its shelf life when it is needed"
    assert [n.state for n in shop.needs(session, order)] == [NeedState.HELD]


def test_released_needs_of_a_placed_order_stay_on_record(session: Session, plant: Plant) -> None:
    shop.stock(session, shop.material(session, plant), 100)
    order = shop.sourced(session, plant, shop.spec(CLAY=10))
    holding.release(session, order.id, NOW)
    assert [Need.model_validate(n).state for n in shop.needs(session, order)] == [NeedState.RELEASED]
    assert when(session, plant, shop.spec(CLAY=100)) == [NOW.business]


def test_a_plan_that_moves_says_when_the_material_is_needed_now(session: Session, plant: Plant) -> None:
    """Nothing is bought or shared anew."""
    clay = shop.material(session, plant, "CLAY", shop.supplier(session, plant))
    shop.stock(session, clay, 100)
    order = shop.hold(session, plant, shop.spec(CLAY=10), {"form": at(days=5).business})
    pegs = [(peg.lot_id, peg.line_id, peg.quantity) for peg in session.exec(select(Peg))]
    Promiser().planned(session, order.id, {"form": at(days=2).business, "glaze": NOW.business}, NOW)
    (need,) = shop.needs(session, order)
    assert need.needed_by == at(days=2).business
    assert [(peg.lot_id, peg.line_id, peg.quantity) for peg in session.exec(select(Peg))] == pegs
