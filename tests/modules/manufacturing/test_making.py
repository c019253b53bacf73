"""The floor: starts, finishes, firings and scrap, and what they do to the order."""

import pytest
from sqlmodel import select

from cosmo.clock import Now
from cosmo.db import Database
from cosmo.events import Event
from cosmo.orders import Order
from cosmo.parties import Plant
from modules.manufacturing import displacing, problems
from modules.manufacturing.breakdowns import report_breakdown
from modules.manufacturing.disrupting import Standstill
from tests.modules.manufacturing.mugs import STEPS, mug_spec
from tests.modules.manufacturing.shop import Floor, jobs, lots, order_of, plan_report, sourced


@pytest.fixture
def floor(database: Database, plant: Plant) -> Floor:
    return Floor(database, plant)


def events(database: Database, order_id: str) -> list[Event]:
    with database.read() as session:
        return list(session.exec(select(Event).where(Event.order_id == order_id).order_by(Event.seq)))


def test_an_order_is_made_from_the_first_start_to_the_last_finish(
    database: Database, plant: Plant, floor: Floor
) -> None:
    order = sourced(database, plant)
    floor.walk(order.id)
    assert order_of(database, order.id).stage == "produced"
    told = [e.type for e in events(database, order.id)]
    assert told.count("started") == told.count("finished") == 1
    assert told.index("started") < told.index("job-started") < told.index("firing-lit")
    finished = next(e for e in events(database, order.id) if e.type == "finished")
    assert finished.payload["good"] >= 240
    formed = next(e for e in events(database, order.id) if e.type == "job-finished")
    assert formed.payload["done"] == {"en": "Formed"}
    assert formed.payload["good"] == mug_spec().start_quantity - formed.payload["scrap"]


def test_event_times_are_when_it_happened(database: Database, plant: Plant, floor: Floor) -> None:
    order = sourced(database, plant)
    row = jobs(database, order.id)[0]
    floor.scan("start", job=row.id, minute=row.start, wait=90)
    started = [e for e in events(database, order.id) if e.type in ("started", "job-started")]
    assert {e.event_time for e in started} == {floor.at(row.start)}
    assert jobs(database, order.id)[0].actual_start == floor.at(row.start)


def test_two_lots_start_once_and_finish_once(database: Database, plant: Plant, floor: Floor) -> None:
    order = sourced(database, plant, 3000)
    assert len(lots(database, order.id)) == 2
    floor.walk(order.id)
    told = [e.type for e in events(database, order.id)]
    assert told.count("started") == told.count("finished") == 1
    assert [lot.state for lot in lots(database, order.id)] == ["done", "done"]


def test_a_firing_is_lit_and_opened_by_one_scan_each(database: Database, plant: Plant, floor: Floor) -> None:
    fired_only = mug_spec(300, STEPS[4:])
    first, second = (sourced(database, plant, 300, spec=fired_only) for _ in range(2))
    glost = [jobs(database, o.id)[0] for o in (first, second)]
    assert (glost[0].resource, glost[0].start) == (glost[1].resource, glost[1].start)
    lit = floor.scan("start", firing=f"{glost[0].resource}.{glost[0].start}", minute=glost[0].start + 7)
    assert set(lit.jobs) == {row.id for row in glost}
    assert lit.firing == f"{glost[0].resource}.{glost[0].start + 7}"
    opened = floor.scan("finish", firing=lit.firing, minute=glost[0].end, scrap_by_job={glost[0].id: 11})
    assert opened.ok
    assert {row.state for row in (jobs(database, o.id)[0] for o in (first, second))} == {"done"}
    assert jobs(database, first.id)[0].scrap == 11
    assert jobs(database, second.id)[0].scrap == 0


def test_a_firing_named_by_its_planned_start_can_still_be_opened(
    database: Database, plant: Plant, floor: Floor
) -> None:
    order = sourced(database, plant)
    floor.walk(order.id, until="bisque")
    row = jobs(database, order.id)[2]
    planned = f"{row.resource}.{row.start}"
    floor.scan("start", firing=planned, minute=row.start + 20)
    assert floor.scan("finish", firing=planned, minute=row.end + 20).ok


def test_a_firing_planned_anew_while_the_page_was_open_is_lit_with_what_was_seen(
    database: Database, plant: Plant, floor: Floor
) -> None:
    """The plan moves on by itself; whoever stands before the kiln presses what the tablet still shows."""
    order = sourced(database, plant)
    floor.walk(order.id, until="bisque")
    seen = jobs(database, order.id)[2]
    still = Standstill(seen.resource, floor.at(seen.start - 5), floor.at(seen.start + 60))
    at = floor.at(seen.start - 5)
    report_breakdown(database, plant, still, "planner", Now(at, at))
    now = jobs(database, order.id)[2]
    assert now.start > seen.start
    named = f"{seen.resource}.{seen.start}"
    assert not floor.scan("start", firing=named, minute=now.start).ok
    lit = floor.scan("start", firing=named, members=[seen.id], minute=now.start)
    assert (lit.ok, lit.jobs) == (True, [seen.id])


def test_only_what_was_seen_in_the_moved_firing_is_lit(
    database: Database, plant: Plant, floor: Floor
) -> None:
    fired_only = mug_spec(300, STEPS[4:])
    first, second = (sourced(database, plant, 300, spec=fired_only) for _ in range(2))
    here, beside = (jobs(database, o.id)[0] for o in (first, second))
    gone = f"{here.resource}.{here.start + 1}"
    lit = floor.scan("start", firing=gone, members=[here.id, "nothing"], minute=here.start)
    assert (lit.ok, lit.jobs) == (True, [here.id])
    assert jobs(database, second.id)[0].state == "firm"
    assert not floor.scan("start", firing="KG9.7", members=[beside.id], minute=here.start).ok


@pytest.mark.parametrize(
    ("action", "values", "kind"),
    [
        ("start", {"minute": 10**5}, "wrong-time"),
        ("finish", {"minute": 0}, "not-running"),
        ("scrap", {"minute": 0, "scrap": 10**5}, "invalid"),
    ],
)
def test_what_cannot_be_is_refused(
    database: Database, plant: Plant, floor: Floor, action: str, values: dict[str, int], kind: str
) -> None:
    order = sourced(database, plant)
    row = jobs(database, order.id)[0]
    minute = row.start if action != "start" else row.start + values["minute"]
    answer = floor.scan(action, job=row.id, minute=minute, wait=-values["minute"],
                        **{k: v for k, v in values.items() if k != "minute"})  # fmt: skip
    assert not answer.ok
    assert answer.error is not None
    assert answer.error.type == kind


def test_an_operation_waits_for_the_one_before_it_and_for_its_rest(
    database: Database, plant: Plant, floor: Floor
) -> None:
    order = sourced(database, plant)
    rows = jobs(database, order.id)
    early = floor.scan("start", job=rows[1].id, minute=rows[1].start)
    assert early.error is not None
    assert early.error.type == "too-soon"
    floor.walk(order.id, until="glost")
    glost = jobs(database, order.id)[4]
    glaze = jobs(database, order.id)[3]
    soon = floor.scan("start", firing=f"{glost.resource}.{glost.start}", minute=glaze.end + 10)
    assert soon.error is not None
    assert "rests after Glazing until" in soon.error.detail


def test_what_needs_no_rest_goes_on_in_the_same_minute(
    database: Database, plant: Plant, floor: Floor
) -> None:
    order = sourced(database, plant)
    form, dry = jobs(database, order.id)[:2]
    assert form.min_lag == 0
    for action, job in (("start", form), ("finish", form), ("start", dry)):
        done = floor.scan(action, job=job.id, minute=form.start)
        assert done.ok, done.error
    form, dry = jobs(database, order.id)[:2]
    assert dry.start == form.end, "in the plan one follows the other"


def test_a_machine_does_one_thing_at_a_time(database: Database, plant: Plant, floor: Floor) -> None:
    a, b = sourced(database, plant), sourced(database, plant)
    first, second = jobs(database, a.id)[0], jobs(database, b.id)[0]
    assert floor.scan("start", job=first.id, minute=first.start).ok
    refused = floor.scan("start", job=second.id, minute=first.start + 1)
    assert refused.error is not None
    assert refused.error.detail == "Roller-former is still running. Finish that first."


def test_pieces_must_add_up(database: Database, plant: Plant, floor: Floor) -> None:
    order = sourced(database, plant)
    row = jobs(database, order.id)[0]
    floor.scan("start", job=row.id, minute=row.start)
    wrong = floor.scan("finish", job=row.id, minute=row.end, good=1, scrap=1)
    assert wrong.error is not None
    assert f"{row.pieces} pieces went in" in wrong.error.detail
    assert floor.scan("finish", job=row.id, minute=row.end, good=row.pieces - 3).ok
    assert jobs(database, order.id)[0].scrap == 3
    assert jobs(database, order.id)[1].pieces == row.pieces - 3


def test_scrap_beyond_the_allowance_is_begun_again_as_a_new_lot(
    database: Database, plant: Plant, floor: Floor
) -> None:
    order = sourced(database, plant)
    first = jobs(database, order.id)[0]
    floor.run(first, scrap=100)
    both = lots(database, order.id)
    assert [(lot.lot, lot.shade_lot) for lot in both] == [(1, "A"), (2, "B")]
    assert both[1].start_pieces >= 75
    lost = next(e for e in events(database, order.id) if e.type == "lot-scrapped")
    assert lost.payload["again"] == both[1].start_pieces
    floor.walk(order.id)
    assert order_of(database, order.id).stage == "produced"
    finished = next(e for e in events(database, order.id) if e.type == "finished")
    assert finished.payload["good"] >= 240


def test_a_shortfall_is_met_from_another_lots_overrun_first(
    database: Database, plant: Plant, floor: Floor
) -> None:
    order = sourced(database, plant, 3000)
    a, b = jobs(database, order.id, 1)[0], jobs(database, order.id, 2)[0]
    floor.run(a, scrap=0)
    loss = int(a.pieces * 0.03) + int(b.pieces * 0.03)
    floor.run(b, scrap=loss)
    assert len(lots(database, order.id)) == 2


def test_what_is_charged_and_more_than_was_wished_for_is_made_to_the_last(
    database: Database, plant: Plant, floor: Floor
) -> None:
    """240 m2 of tiles are charged and owed as 258."""
    packing = mug_spec(258, STEPS[-1:])
    order = sourced(database, plant, 240, spec=packing)
    (row,) = jobs(database, order.id)
    floor.run(row, scrap=row.pieces - 250)
    assert [lot.start_pieces for lot in lots(database, order.id)] == [row.pieces, 9]
    packed = next(e for e in events(database, order.id) if e.type == "job-finished")
    assert packed.payload["quantity"] == 258
    floor.run(jobs(database, order.id, 2)[0], scrap=1)
    finished = next(e for e in events(database, order.id) if e.type == "finished")
    assert finished.payload["good"] == 258


def test_small_losses_wait_for_the_yields_still_to_come(
    database: Database, plant: Plant, floor: Floor
) -> None:
    order = sourced(database, plant)
    first = jobs(database, order.id)[0]
    floor.run(first, scrap=int(first.pieces * 0.03) + 3)
    assert len(lots(database, order.id)) == 1


def test_pieces_lost_between_operations_are_counted(database: Database, plant: Plant, floor: Floor) -> None:
    order = sourced(database, plant)
    floor.run(jobs(database, order.id)[0], scrap=8)
    dry = jobs(database, order.id)[1]
    answer = floor.scan("scrap", job=dry.id, minute=dry.start, scrap=4, scrap_reason="dropped")
    assert answer.ok
    after = jobs(database, order.id)
    assert [row.pieces for row in after[1:]] == [dry.pieces - 4] * 5
    assert lots(database, order.id)[0].scrapped == 12


def test_a_lot_lost_altogether_is_made_again(database: Database, plant: Plant, floor: Floor) -> None:
    order = sourced(database, plant)
    first = jobs(database, order.id)[0]
    floor.scan("start", job=first.id, minute=first.start)
    floor.scan("scrap", job=first.id, minute=first.start + 5, scrap=first.pieces)
    states = [lot.state for lot in lots(database, order.id)]
    assert states == ["scrapped", "firm"]
    assert lots(database, order.id)[1].start_pieces == first.pieces
    floor.walk(order.id)
    assert order_of(database, order.id).stage == "produced"


def test_fewer_pieces_need_less_room_in_the_kiln(database: Database, plant: Plant, floor: Floor) -> None:
    order = sourced(database, plant)
    before = jobs(database, order.id)[4].size
    floor.run(jobs(database, order.id)[0], scrap=9)
    assert jobs(database, order.id)[4].size == before - 9


def test_the_plan_stays_verified_when_work_is_late(database: Database, plant: Plant, floor: Floor) -> None:
    orders = [sourced(database, plant, 200 + 50 * k) for k in range(4)]
    for k in range(2):
        floor.run(jobs(database, orders[0].id)[k], late=45, longer=33, scrap=2)
        with database.read() as session:
            report = plan_report(session, plant)
        assert report.feasible, report.violations


def start_late(database: Database, floor: Floor, orders: list[Order]) -> set[str]:
    """The first job of the first order begins 20 minutes late; returns the job orders that move."""
    before = {row.id: (row.resource, row.start) for o in orders for row in jobs(database, o.id)}
    first = jobs(database, orders[0].id)[0]
    floor.scan("start", job=first.id, minute=first.start + 20, wait=1)
    after = {row.id: (row.resource, row.start) for o in orders for row in jobs(database, o.id)}
    moved = {i for i in before if before[i] != after[i]}
    assert first.id in moved
    return moved


def test_late_work_moves_only_what_it_disturbs(database: Database, plant: Plant, floor: Floor) -> None:
    with database.write() as session:
        session.get_one(Plant, plant.id).buffer_hours = 96  # nobody's promise is at stake
    orders = [sourced(database, plant, 240) for _ in range(3)]
    moved = start_late(database, floor, orders)
    assert len(moved) >= 2
    neighbour, third = ([r.id for r in jobs(database, o.id)] for o in orders[1:])
    assert moved.isdisjoint(third), "an order that is not in the way stays where it is"
    assert moved.isdisjoint(neighbour[2:]), "the next in line gives way on the machine and in the dryer only"


def test_others_give_way_where_a_promise_would_break(
    database: Database, plant: Plant, floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a plan without spare hours, which would take up twenty minutes, and one after the other."""
    monkeypatch.setattr(displacing, "SPARE", 0)
    monkeypatch.setattr(problems, "LENT", 0)
    orders = [sourced(database, plant, 240) for _ in range(3)]
    moved = start_late(database, floor, orders)
    third = {r.id for r in jobs(database, orders[2].id)}
    assert moved & third, "everybody begins a little later"
    told = [e.type for o in orders for e in events(database, o.id)]
    assert "promise-moved" not in told
