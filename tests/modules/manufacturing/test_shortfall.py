"""Pieces missing in one shade lot: the customer is asked, and each answer, or none, is carried out."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlmodel import Session, select

from cosmo import cancelling, ledger
from cosmo.audit import Finding, audit
from cosmo.clock import Now, set_clock
from cosmo.db import Database
from cosmo.errors import Conflict, Invalid
from cosmo.events import Event, payload_of
from cosmo.i18n import LOCALES, say
from cosmo.orders import Order
from cosmo.owing import accept_fewer, owed, quantity_of
from cosmo.parties import Plant
from cosmo.relay import drain
from modules.manufacturing import jobs as timed
from modules.manufacturing.answering import answer
from modules.manufacturing.models import Asked, Shortfall
from modules.manufacturing.questions import open_question, working_days_later
from modules.manufacturing.remembering import undo_last
from modules.manufacturing.telling import OnTheFloor
from tests.factories import NOW
from tests.modules.manufacturing.mugs import STEPS, mug_spec
from tests.modules.manufacturing.shop import Floor, jobs, lots, order_of, plan_report, sourced
from tests.modules.manufacturing.test_making import events

PACK = STEPS[-1:]
"""A route of one operation, so that its count is the last word."""


@pytest.fixture
def floor(database: Database, plant: Plant) -> Floor:
    return Floor(database, plant)


def one_shade(
    database: Database, plant: Plant, quantity: int = 240, steps: tuple[object, ...] = STEPS
) -> Order:
    spec = mug_spec(quantity, steps).model_copy(update={"one_shade": True})  # type: ignore[arg-type]
    return sourced(database, plant, quantity, spec=spec)


def asked(database: Database, order: Order) -> Shortfall | None:
    with database.read() as session:
        return open_question(session, order.id)


def short(database: Database, plant: Plant, floor: Floor, steps: tuple[object, ...] = STEPS) -> Order:
    """An order for one shade that lost 100 pieces at its first operation."""
    order = one_shade(database, plant, steps=steps)
    floor.run(jobs(database, order.id)[0], scrap=100)
    return order


def after(database: Database, order: Order, minutes: int = 60) -> Now:
    """A while after the order's last count."""
    with database.read() as session:
        last = session.exec(
            select(Event.event_time).where(Event.order_id == order.id).order_by(Event.seq.desc())  # type: ignore[attr-defined]
        ).first()
    assert last is not None
    at = last + timedelta(minutes=minutes)
    return Now(at, at)


def choose(
    database: Database, order: Order, choice: Asked, *, version: int | None = None, now: Now | None = None
) -> Shortfall:
    with database.write() as session:
        when = now or after(database, order)
        return answer(session, order.id, choice, version=version, actor="customer", now=when)


def types(database: Database, order: Order) -> list[str]:
    return [event.type for event in events(database, order.id)]


def payload(database: Database, order: Order, kind: str) -> dict[str, object]:
    return [e for e in events(database, order.id) if e.type == kind][-1].payload


BY_HAND = ("ready_at:", "manufacturing is off", "placed without a number")
"""What an audit finds of orders that `sourced` carries to the plan by hand."""


def audited(database: Database) -> list[str]:
    found = [str(found) for found in audit(database) if isinstance(found, Finding)]
    return [what for what in found if not any(known in what for known in BY_HAND)]


def test_who_wants_one_shade_is_asked_and_nothing_is_begun(
    database: Database, plant: Plant, floor: Floor
) -> None:
    order = short(database, plant, floor)
    assert [lot.shade_lot for lot in lots(database, order.id)] == ["A"]
    assert "lot-scrapped" not in types(database, order)
    told = payload(database, order, "shortfall-asked")
    assert told["owed"] == 240
    assert told["missing"] == 240 - int(told["pieces"])  # type: ignore[call-overload]
    assert 70 < int(told["missing"]) < 90  # type: ignore[call-overload]
    question = asked(database, order)
    assert question is not None
    assert (question.missing, question.code, question.scrap) == (told["missing"], "form", 100)
    assert order_of(database, order.id).hold_reason == "shortfall-open"
    assert not audited(database)


def test_where_shades_may_mix_it_is_begun_again_at_once(
    database: Database, plant: Plant, floor: Floor
) -> None:
    order = sourced(database, plant)
    floor.run(jobs(database, order.id)[0], scrap=100)
    assert [lot.shade_lot for lot in lots(database, order.id)] == ["A", "B"]
    assert asked(database, order) is None


def test_the_question_reads_in_every_language(database: Database, plant: Plant, floor: Floor) -> None:
    order = short(database, plant, floor)
    choose(database, order, Asked.FEWER)
    for kind in ("shortfall-asked", "shortfall-answered", "fewer-accepted"):
        event = next(e for e in events(database, order.id) if e.type == kind)
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
    from cosmo.lifecycle import emit
    from cosmo.payloads import HeldPayload

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
    assert second.start_pieces >= int(missing)  # type: ignore[call-overload]
    assert not order_of(database, order.id).held
    floor.walk(order.id)
    assert order_of(database, order.id).stage == "produced"
    assert int(payload(database, order, "finished")["good"]) >= 240  # type: ignore[call-overload]
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


def test_fewer_accepted_early_is_what_the_later_counts_are_held_against(
    database: Database, plant: Plant, floor: Floor
) -> None:
    order = short(database, plant, floor)
    choose(database, order, Asked.FEWER)
    pieces = payload(database, order, "fewer-accepted")["pieces"]
    floor.run(jobs(database, order.id)[1], scrap=3)
    assert payload(database, order, "job-finished")["quantity"] == pieces
    with database.read() as session:
        nodes = OnTheFloor().nodes(session, order.id, NOW)
    assert str(pieces) in nodes[0].note["en"]
    floor.walk(order.id)
    assert order_of(database, order.id).stage == "produced"


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


def test_the_days_told_are_those_the_plan_then_gives(database: Database, plant: Plant, floor: Floor) -> None:
    """What is told when asked is what a promise moved by that answer says."""
    for choice, told in ((Asked.SECOND_SHADE, "second_day"), (Asked.REMAKE, "remake_day")):
        order = one_shade(database, plant)
        with database.write() as session:
            row = session.merge(order_of(database, order.id))
            row.promised_date = row.first_promise = NOW.business.date()
        floor.run(jobs(database, order.id)[0], scrap=100)
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


# The money of fewer pieces


def priced(session: Session, order: Order, terms: str) -> Order:
    row = session.get_one(Order, order.id)
    row.price_amount, row.terms = Decimal("480.00"), terms
    session.add(row)
    ledger.open_account(session, row, NOW)
    return row


@pytest.mark.parametrize(("terms", "back"), [("prepaid", Decimal(80)), ("account:30", Decimal(0))])
def test_the_price_of_the_missing_pieces_is_taken_off(
    database: Database, plant: Plant, terms: str, back: Decimal
) -> None:
    order = one_shade(database, plant)
    with database.write() as session:
        row = priced(session, order, terms)
        accept_fewer(session, order.id, 200, actor="customer", now=NOW)
        assert ledger.total(session, row.id, "credit") == Decimal(80)
        assert ledger.balance(session, row.id) == (0 if terms == "prepaid" else 400)
    given = [e.payload["amount"] for e in events(database, order.id) if e.type == "credited"]
    assert [Decimal(amount) for amount in given] == ([back] if back else [])
    assert not audited(database)


@pytest.mark.parametrize("pieces", [0, 240, 241])
def test_fewer_is_less_than_is_owed_and_not_nothing(database: Database, plant: Plant, pieces: int) -> None:
    order = one_shade(database, plant)
    with database.write() as session, pytest.raises(Invalid, match="Fewer than 240"):
        accept_fewer(session, order.id, pieces, actor="customer", now=NOW)


def test_cancelled_after_fewer_pieces_the_fee_is_of_what_was_left_of_the_price(
    database: Database, plant: Plant
) -> None:
    order = one_shade(database, plant)
    with database.write() as session:
        priced(session, order, "prepaid")
        accept_fewer(session, order.id, 200, actor="customer", now=NOW)
        cancelling.cancel(session, order.id, reason="customer", actor="test", now=NOW)
        assert ledger.balance(session, order.id) == 0
        assert ledger.total(session, order.id, "payment") == Decimal(40), "a tenth of 400"
    assert not audited(database)


def test_the_audit_misses_what_the_ledger_took_off_unsaid(database: Database, plant: Plant) -> None:
    order = one_shade(database, plant)
    with database.write() as session:
        ledger.take_off(session, priced(session, order, "account:30"), Decimal(80), "fewer", NOW)
    assert [what for what in audited(database) if "credits" in what]
