"""Pieces missing in one shade lot: the customer is asked, and each answer, or none, is carried out."""

from datetime import UTC, datetime, timedelta

import pytest

from cosmo import cancelling
from cosmo.clock import Now, set_clock
from cosmo.db import Database
from cosmo.errors import Conflict
from cosmo.events import payload_of
from cosmo.i18n import LOCALES, say
from cosmo.lifecycle import emit
from cosmo.orders import Order
from cosmo.owing import owed, quantity_of
from cosmo.parties import Plant
from cosmo.payloads import HeldPayload
from cosmo.relay import drain
from cosmo.tasks import open_tasks
from modules.manufacturing import jobs as timed
from modules.manufacturing import plan as plans
from modules.manufacturing.models import Asked, Downtime
from modules.manufacturing.questions import working_days_later
from modules.manufacturing.remembering import undo_last
from modules.manufacturing.telling import OnTheFloor
from tests.factories import NOW
from tests.modules.manufacturing.conftest import mug_plant
from tests.modules.manufacturing.mugs import STEPS, mug_spec
from tests.modules.manufacturing.shades import (
    PACK,
    after,
    asked,
    audited,
    choose,
    events,
    one_shade,
    payload,
    short,
    types,
)
from tests.modules.manufacturing.shop import Floor, jobs, lots, order_of, plan_report, sourced


@pytest.fixture
def floor(database: Database, plant: Plant) -> Floor:
    return Floor(database, plant)


def test_who_wants_one_shade_is_asked_and_nothing_is_begun(
    database: Database, plant: Plant, floor: Floor
) -> None:
    order = short(database, plant, floor)
    assert [lot.shade_lot for lot in lots(database, order.id)] == ["A"]
    assert "lot-scrapped" not in types(database, order)
    told = payload(database, order, "shortfall-asked")
    assert told["owed"] == 240
    assert told["missing"] == 240 - int(told["pieces"])
    assert 70 < int(told["missing"]) < 90
    question = asked(database, order)
    assert question is not None
    assert (question.missing, question.code, question.scrap) == (told["missing"], "form", 100)
    assert order_of(database, order.id).hold_reason == "shortfall-open"
    assert not audited(database)


def test_while_it_is_open_the_journey_promises_no_more_than_was_made(
    database: Database, plant: Plant, floor: Floor
) -> None:
    order = short(database, plant, floor)
    with database.read() as session:
        first = OnTheFloor().nodes(session, order.id, NOW)[0]
    assert (first.state, first.note) == ("done", {})


def test_where_shades_may_mix_it_is_begun_again_at_once(
    database: Database, plant: Plant, floor: Floor
) -> None:
    order = sourced(database, plant)
    floor.run(jobs(database, order.id)[0], scrap=100)
    assert [lot.shade_lot for lot in lots(database, order.id)] == ["A", "B"]
    assert asked(database, order) is None


def test_the_question_reads_in_every_language(database: Database, plant: Plant, floor: Floor) -> None:
    order = short(database, plant, floor, PACK)
    choose(database, order, Asked.FEWER)
    for kind in ("shortfall-asked", "shortfall-answered", "fewer-accepted"):
        event = next(e for e in events(database, order) if e.type == kind)
        said = {say(payload_of(event), locale, "Europe/Berlin") for locale in LOCALES}
        assert len(said) == len(LOCALES), said
        assert not any("{" in text for text in said)


def test_work_goes_on_while_it_waits_for_the_answer(database: Database, plant: Plant, floor: Floor) -> None:
    order = short(database, plant, floor)
    floor.walk(order.id)
    assert {row.state for row in jobs(database, order.id)} == {"done"}
    assert order_of(database, order.id).stage == "in_production", "not finished short"
    assert asked(database, order) is not None


def test_another_hold_still_stops_the_work(database: Database, plant: Plant, floor: Floor) -> None:
    order = short(database, plant, floor)
    with database.write() as session:
        emit(session, order.id, HeldPayload(reason="plant"), now=NOW, actor="test")
    row = jobs(database, order.id)[1]
    refused = floor.scan("start", job=row.id, minute=row.start)
    assert refused.error is not None
    assert refused.error.type == "order-on-hold"


def test_a_second_shade_is_begun_when_it_is_welcome(database: Database, plant: Plant, floor: Floor) -> None:
    order = short(database, plant, floor)
    missing = payload(database, order, "shortfall-asked")["missing"]
    assert choose(database, order, Asked.SECOND_SHADE).state == "second_shade"
    second = lots(database, order.id)[1]
    assert second.shade_lot == "B"
    assert second.start_pieces >= int(missing)
    assert not order_of(database, order.id).held
    floor.walk(order.id)
    assert order_of(database, order.id).stage == "produced"
    assert int(payload(database, order, "finished")["good"]) >= 240
    with database.read() as session:
        assert plan_report(session, plant).feasible


def test_with_fewer_the_order_is_finished_with_what_is_good(
    database: Database, plant: Plant, floor: Floor
) -> None:
    order = short(database, plant, floor, PACK)
    good = int(jobs(database, order.id)[0].good or 0)
    assert order_of(database, order.id).stage == "in_production"
    choose(database, order, Asked.FEWER)
    told = payload(database, order, "fewer-accepted")
    assert (told["pieces"], told["before"]) == (good, 240)
    with database.read() as session:
        assert owed(session, order.id) == good
        assert quantity_of(session, session.get_one(Order, order.id)) == good
    assert payload(database, order, "finished")["good"] == good
    assert len(lots(database, order.id)) == 1
    assert order_of(database, order.id).promised_date == order.promised_date
    assert not audited(database)


def test_with_fewer_all_that_turns_out_good_is_delivered(
    database: Database, plant: Plant, floor: Floor
) -> None:
    """What was told is what was expected; that losses stay below the plan is for the customer."""
    order = short(database, plant, floor)
    choose(database, order, Asked.FEWER)
    told = int(payload(database, order, "shortfall-asked")["pieces"])
    assert "fewer-accepted" not in types(database, order), "nothing is settled before it is counted"
    floor.run(jobs(database, order.id)[1], scrap=0)
    assert payload(database, order, "job-finished")["quantity"] == told
    with database.read() as session:
        nodes = OnTheFloor().nodes(session, order.id, NOW)
    assert f"so {told} perfect" in nodes[0].note["en"]
    for code in ("bisque", "glaze", "glost", "pack"):
        floor.run(next(r for r in jobs(database, order.id) if r.code == code), scrap=0)
    assert order_of(database, order.id).stage == "produced"
    good = jobs(database, order.id)[0].good
    assert told < int(good or 0) < 240
    assert payload(database, order, "finished")["good"] == good
    assert payload(database, order, "fewer-accepted")["pieces"] == good
    assert len(lots(database, order.id)) == 1


def test_fewer_may_be_a_little_fewer_still_without_another_question(
    database: Database, plant: Plant, floor: Floor
) -> None:
    order = short(database, plant, floor)
    choose(database, order, Asked.FEWER)
    told = int(payload(database, order, "shortfall-asked")["pieces"])
    floor.walk(order.id, until="pack")
    pack = jobs(database, order.id)[-1]
    floor.run(pack, scrap=pack.pieces - told + 6)
    assert payload(database, order, "fewer-accepted")["pieces"] == told - 6
    assert order_of(database, order.id).stage == "produced"


def test_when_far_fewer_are_left_than_were_told_it_is_asked_again(
    database: Database, plant: Plant, floor: Floor
) -> None:
    order = short(database, plant, floor)
    choose(database, order, Asked.FEWER)
    told = int(payload(database, order, "shortfall-asked")["pieces"])
    floor.walk(order.id, until="pack")
    pack = jobs(database, order.id)[-1]
    floor.run(pack, scrap=pack.pieces - told + 20)
    question = asked(database, order)
    assert question is not None
    assert (question.pieces, question.missing) == (told - 20, 240 - told + 20)
    assert order_of(database, order.id).stage == "in_production"
    choose(database, order, Asked.SECOND_SHADE)
    floor.walk(order.id)
    assert int(payload(database, order, "finished")["good"]) >= 240
    assert "fewer-accepted" not in types(database, order)


def test_a_remake_scraps_what_is_there_and_begins_it_all_in_one_shade(
    database: Database, plant: Plant, floor: Floor
) -> None:
    order = short(database, plant, floor)
    begun = jobs(database, order.id)[0].good
    choose(database, order, Asked.REMAKE)
    first, again = lots(database, order.id)
    assert (first.state, first.scrapped) == ("scrapped", 100 + int(begun or 0))
    assert (again.state, again.shade_lot) == ("firm", "B")
    assert again.start_pieces == mug_spec().start_quantity
    assert {row.lot for row in jobs(database, order.id) if row.state != "done"} == {2}
    lost = payload(database, order, "lot-scrapped")
    assert (lost["reason"], lost["scrap"]) == ("shade", begun)
    assert lost["spared"] == {step.code: first.start_pieces for step in STEPS[1:]}
    with database.read() as session:
        nodes = OnTheFloor().nodes(session, order.id, NOW)
        assert {node.state for node in nodes} == {"next"}, "what was scrapped is not on the line"
        assert plan_report(session, plant).feasible
    floor.walk(order.id)
    assert order_of(database, order.id).stage == "produced"
    assert {lot.shade_lot for lot in lots(database, order.id) if lot.state == "done"} == {"B"}


def test_a_remake_takes_what_runs_off_its_machine(database: Database, plant: Plant, floor: Floor) -> None:
    order = short(database, plant, floor)
    dry = jobs(database, order.id)[1]
    assert floor.scan("start", job=dry.id, minute=dry.start).ok
    choose(database, order, Asked.REMAKE)
    assert jobs(database, order.id)[1].state == "scrapped"
    other = sourced(database, plant)
    assert order_of(database, other.id).stage == "scheduled"


@pytest.mark.parametrize(
    ("choice", "told"), [(Asked.SECOND_SHADE, "second_day"), (Asked.REMAKE, "remake_day")]
)
def test_the_day_told_is_the_one_the_plan_then_gives(
    database: Database, plant: Plant, floor: Floor, choice: Asked, told: str
) -> None:
    """Made again, the order has the kilns that its first lot leaves."""
    order = one_shade(database, plant, 1800)
    with database.write() as session:
        row = session.merge(order_of(database, order.id))
        row.promised_date = row.first_promise = NOW.business.date()
    floor.run(jobs(database, order.id)[0], scrap=900)
    said = payload(database, order, "shortfall-asked")[told]
    choose(database, order, choice, now=after(database, order, 0))
    moved = payload(database, order, "promise-moved")
    assert (moved["new"], moved["reason"]) == (said, "scrap")


def test_the_same_answer_twice_is_fine_and_another_one_is_refused(
    database: Database, plant: Plant, floor: Floor
) -> None:
    order = short(database, plant, floor)
    choose(database, order, Asked.SECOND_SHADE)
    told = types(database, order)
    choose(database, order, Asked.SECOND_SHADE)
    assert types(database, order) == told
    assert len(lots(database, order.id)) == 2
    with pytest.raises(Conflict, match="answered already"):
        choose(database, order, Asked.REMAKE)


def test_nothing_can_be_answered_that_was_not_asked(database: Database, plant: Plant) -> None:
    order = one_shade(database, plant)
    with pytest.raises(Conflict, match="Nothing is missing"):
        choose(database, order, Asked.FEWER)


def test_when_more_is_lost_it_is_asked_again_and_old_figures_cannot_be_answered(
    database: Database, plant: Plant, floor: Floor
) -> None:
    order = short(database, plant, floor)
    before = asked(database, order)
    floor.run(jobs(database, order.id)[1], scrap=40)
    now = asked(database, order)
    assert before is not None
    assert now is not None
    assert (now.id, now.version, now.until) == (before.id, 2, before.until)
    assert now.missing > before.missing + 20
    assert types(database, order).count("hold-set") == 1
    with pytest.raises(Conflict, match="More is missing"):
        choose(database, order, Asked.FEWER, version=1)
    choose(database, order, Asked.FEWER, version=2)


def test_a_question_that_later_counts_cover_is_withdrawn(
    database: Database, plant: Plant, floor: Floor
) -> None:
    order = one_shade(database, plant)
    floor.run(jobs(database, order.id)[0], scrap=int(jobs(database, order.id)[0].pieces * 0.06))
    assert asked(database, order) is not None
    for code in ("dry", "bisque", "glaze", "glost"):
        floor.run(next(r for r in jobs(database, order.id) if r.code == code), scrap=0)
    assert asked(database, order) is None
    told = types(database, order)
    assert told[told.index("shortfall-covered") + 1] == "hold-cleared"
    assert not order_of(database, order.id).held
    floor.run(jobs(database, order.id)[-1], scrap=0)
    assert order_of(database, order.id).stage == "produced"
    with pytest.raises(Conflict, match="Nothing is missing"):
        choose(database, order, Asked.REMAKE)


def test_overrun_of_another_lot_counts_first(database: Database, plant: Plant, floor: Floor) -> None:
    order = one_shade(database, plant, 3000)
    a, b = jobs(database, order.id, 1)[0], jobs(database, order.id, 2)[0]
    floor.run(a, scrap=0)
    floor.run(b, scrap=int(a.pieces * 0.03) + int(b.pieces * 0.03))
    assert asked(database, order) is None


def test_a_count_taken_back_takes_the_question_back(database: Database, plant: Plant, floor: Floor) -> None:
    order = short(database, plant, floor)
    with database.write() as session:
        undo_last(session, plant.id, "ROLL", "operator", after(database, order))
    assert asked(database, order) is None
    assert not order_of(database, order.id).held


def test_a_whole_lot_lost_needs_no_question(database: Database, plant: Plant, floor: Floor) -> None:
    """Nothing is left that another shade could differ from."""
    order = one_shade(database, plant)
    first = jobs(database, order.id)[0]
    floor.scan("start", job=first.id, minute=first.start)
    floor.scan("scrap", job=first.id, minute=first.start + 5, scrap=first.pieces)
    assert [lot.state for lot in lots(database, order.id)] == ["scrapped", "firm"]
    assert asked(database, order) is None


def test_cancelling_clears_the_question(database: Database, plant: Plant, floor: Floor) -> None:
    order = short(database, plant, floor)
    with database.write() as session:
        cancelling.cancel(session, order.id, reason="customer", actor="test", now=after(database, order))
    drain(database)
    assert asked(database, order) is None
    assert not order_of(database, order.id).held
    assert order_of(database, order.id).stage == "cancelled"
    with pytest.raises(Conflict, match="Nothing is missing"):
        choose(database, order, Asked.FEWER)
    assert not audited(database)


def run_out(database: Database, now: Now) -> None:
    with database.write() as session:
        timed.remake_unanswered(session, now)


def test_without_an_answer_in_time_everything_is_made_again(
    database: Database, plant: Plant, floor: Floor
) -> None:
    order = short(database, plant, floor)
    question = asked(database, order)
    assert question is not None
    early = question.until - timedelta(minutes=1)
    run_out(database, Now(early, early))
    assert asked(database, order) is not None
    run_out(database, Now(question.until, question.until))
    assert payload(database, order, "shortfall-answered")["answer"] == "silence"
    assert [lot.state for lot in lots(database, order.id)] == ["scrapped", "firm"]
    told = types(database, order)
    run_out(database, Now(question.until, question.until))
    assert types(database, order) == told, "once"
    assert not audited(database)


def test_where_the_plan_has_no_room_a_person_is_asked_and_the_customer_may_still_choose(
    database: Database, plant: Plant, floor: Floor
) -> None:
    order = short(database, plant, floor)
    question = asked(database, order)
    assert question is not None
    with database.write() as session:
        start, end = question.until, question.until + timedelta(days=250)
        still = Downtime(plant_id=plant.id, resource="ROLL", start=start, end=end, reported_at=start)
        session.add(still)
        plans.recalendar(session, plant.id)
    run_out(database, Now(question.until, question.until))
    again = asked(database, order)
    assert again is not None
    assert again.until == question.until + timedelta(days=1)
    assert [lot.state for lot in lots(database, order.id)] == ["running"], "nothing is lost meanwhile"
    with database.read() as session:
        (task,) = open_tasks(session, plant.manufacturer_id)
        assert "no room" in task.text("en")
    choose(database, order, Asked.FEWER)


def test_an_answer_in_time_keeps_the_job_away(database: Database, plant: Plant, floor: Floor) -> None:
    order = short(database, plant, floor)
    question = asked(database, order)
    assert question is not None
    choose(database, order, Asked.FEWER)
    late = question.until + timedelta(days=1)
    run_out(database, Now(late, late))
    assert [lot.state for lot in lots(database, order.id)] == ["running"]


@pytest.mark.parametrize(
    ("day", "until"), [(8, 10), (11, 15), (12, 16), (13, 16), (14, 16)],
    ids=["Mon", "Thu", "Fri", "Sat", "Sun"],
)  # fmt: skip
def test_two_working_days_skip_the_weekend(day: int, until: int) -> None:
    asked_at = datetime(2026, 6, day, 9, 30, tzinfo=UTC)
    assert working_days_later(asked_at, 2, "Europe/Berlin") == asked_at.replace(day=until)


def test_at_a_fast_clock_a_person_still_has_two_minutes(
    database: Database, plant: Plant, floor: Floor
) -> None:
    with database.write() as session:
        set_clock(session, speed=10_000.0, business=NOW.business)
    question = asked(database, short(database, plant, floor))
    assert question is not None
    assert question.until - question.asked_at >= timedelta(seconds=120 * 10_000)


def test_it_is_asked_answered_and_run_out_on_either_database(either_database: Database) -> None:
    plant = mug_plant(either_database)
    floor = Floor(either_database, plant)
    fewer, again = (short(either_database, plant, floor) for _ in range(2))
    choose(either_database, fewer, Asked.FEWER)
    question = asked(either_database, again)
    assert question is not None
    run_out(either_database, Now(question.until, question.until))
    assert [lot.state for lot in lots(either_database, again.id)] == ["scrapped", "firm"]
    assert asked(either_database, fewer) is None
    assert not audited(either_database)
