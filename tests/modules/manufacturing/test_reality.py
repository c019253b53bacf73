"""Reality rewrites the plan: breakdowns, late material, overtaken work; few moves, promises told."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from cosmo import lifecycle
from cosmo.clock import Now, set_clock
from cosmo.db import Database
from cosmo.defaults import AtHand
from cosmo.events import Event
from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.payloads import HeldPayload
from cosmo.ports import MaterialPromiser
from cosmo.registry import Module, Parts, Registry
from modules.manufacturing import displacing, improving, module, problems
from modules.manufacturing import plan as plans
from modules.manufacturing.breakdowns import foresee, report_breakdown
from modules.manufacturing.disrupting import Standstill, look_at_clock, note_dates, up_again
from modules.manufacturing.exporting import export
from modules.manufacturing.improving import Solved, draft, improve, rebase
from modules.manufacturing.models import Downtime, JobOrder, Plan
from modules.manufacturing.promising import PlanPromiser
from modules.manufacturing.publishing import Cause
from modules.manufacturing.reality import settle
from tests.factories import NOW, at
from tests.modules.manufacturing.conftest import mug_plant
from tests.modules.manufacturing.mugs import ask, firm
from tests.modules.manufacturing.shop import Floor, jobs, plan_report, sourced


@pytest.fixture
def floor(database: Database, plant: Plant) -> Floor:
    return Floor(database, plant)


def places(database: Database) -> dict[str, tuple[str, int]]:
    with database.read() as session:
        rows = session.exec(select(JobOrder).where(JobOrder.state != "released"))
        return {row.id: (row.resource, row.start) for row in rows}


def moved(before: dict[str, tuple[str, int]], after: dict[str, tuple[str, int]]) -> set[str]:
    return {name for name in before if before[name] != after.get(name)}


def told(database: Database, order_id: str, kind: str) -> list[Event]:
    with database.read() as session:
        return list(session.exec(select(Event).where(Event.order_id == order_id, Event.type == kind)))


def kiln_job(database: Database, order_id: str) -> JobOrder:
    return jobs(database, order_id)[4]


def stop(row: JobOrder, floor: Floor, hours: float) -> Standstill:
    start = floor.at(row.start - 60)
    return Standstill(row.resource, start, start + timedelta(hours=hours), "burner 3")


def test_a_breakdown_moves_few_and_the_plan_verifies(
    database: Database, plant: Plant, floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a plan without spare hours, where nobody lends: who must follow uses them up, which is a move as
    well."""
    monkeypatch.setattr(displacing, "SPARE", 0)
    monkeypatch.setattr(problems, "LENT", 0)
    orders = [sourced(database, plant, 150 + 40 * k) for k in range(8)]
    before = places(database)
    row = kiln_job(database, orders[0].id)
    _, repair = report_breakdown(database, plant, stop(row, floor, 36), "planner", NOW)
    after = places(database)
    assert 1 <= len(moved(before, after)) <= 14
    assert repair.moved == len(moved(before, after))
    with database.read() as session:
        assert plan_report(session, plant).feasible
        plan = session.get_one(Plan, plant.id)
    assert (plan.number, plan.verified) == (1, True)
    assert plan.repair is not None
    hole = range(row.start - 60, row.start - 60 + 36 * 60)
    inside = [r for o in orders for r in jobs(database, o.id) if r.resource == row.resource]
    assert not any(r.start in hole or r.end - 1 in hole for r in inside)


def test_a_broken_promise_is_told_with_its_reason(database: Database, plant: Plant, floor: Floor) -> None:
    order = sourced(database, plant)
    row = jobs(database, order.id)[2]
    with database.write() as session:
        session.get_one(Order, order.id).promised_date = (order.ready_at or NOW.business).date()
    _, repair = report_breakdown(database, plant, stop(row, floor, 200), "planner", NOW)
    event = told(database, order.id, "promise-moved")[0]
    assert (event.payload["reason"], event.payload["cause"]) == ("breakdown", "BISQUE")
    assert repair.broken == [order.id]
    assert repair.at_risk == 1
    assert repair.kept == 0


def test_a_running_firing_waits_out_the_standstill(database: Database, plant: Plant, floor: Floor) -> None:
    order = sourced(database, plant)
    floor.walk(order.id, until="bisque")
    row = jobs(database, order.id)[2]
    floor.scan("start", firing=f"{row.resource}.{row.start}", minute=row.start)
    running = jobs(database, order.id)[2]
    now = Now(floor.at(row.start + 10), floor.at(row.start + 10))
    still = Standstill("BISQUE", now.business, now.business + timedelta(hours=5))
    report_breakdown(database, plant, still, "planner", now)
    assert jobs(database, order.id)[2].end == running.end + 300
    assert jobs(database, order.id)[3].start >= running.end + 300
    with database.read() as session:
        assert plan_report(session, plant, now).feasible


def test_foreseeing_writes_nothing(database: Database, plant: Plant, floor: Floor) -> None:
    order = sourced(database, plant)
    before = places(database)
    with database.read() as session:
        seen = foresee(session, plant.id, stop(kiln_job(database, order.id), floor, 30), NOW)
    assert seen.moved >= 1
    assert places(database) == before


def test_a_work_centre_that_is_up_again_takes_work(database: Database, plant: Plant) -> None:
    with database.read() as session:
        before = PlanPromiser().promise(session, ask(plant), NOW).ready_at
    still = Standstill("ROLL", NOW.business, NOW.business + timedelta(days=6))
    row, _ = report_breakdown(database, plant, still, "planner", NOW)
    with database.read() as session:
        assert PlanPromiser().promise(session, ask(plant), NOW).ready_at > before + timedelta(days=5)
    with database.write() as session:
        up_again(session, session.get_one(Downtime, row.id), at(minutes=1))
    with database.read() as session:
        assert PlanPromiser().promise(session, ask(plant), NOW).ready_at < before + timedelta(hours=1)


def test_overtaken_work_is_planned_again(database: Database, plant: Plant) -> None:
    order = sourced(database, plant)
    first = jobs(database, order.id)[0]
    with database.write() as session:
        look_at_clock(session, at(minutes=20))
    assert jobs(database, order.id)[0].start == first.start
    with database.write() as session:
        look_at_clock(session, at(minutes=50))
    again = jobs(database, order.id)[0]
    assert again.start >= first.start + 50
    with database.read() as session:
        assert plan_report(session, plant, at(minutes=50)).feasible


def test_a_fast_clock_leaves_five_wall_seconds_for_a_scan(database: Database, plant: Plant) -> None:
    order = sourced(database, plant)
    first = jobs(database, order.id)[0]
    with database.write() as session:
        set_clock(session, speed=7200.0, business=NOW.business)
    with database.write() as session:
        look_at_clock(session, at(hours=9))
    assert jobs(database, order.id)[0].start == first.start
    with database.write() as session:
        look_at_clock(session, at(hours=11))
    assert jobs(database, order.id)[0].start > first.start


def test_work_on_hold_waits_and_the_reason_is_the_condition(database: Database, plant: Plant) -> None:
    order = sourced(database, plant)
    with database.write() as session:
        lifecycle.emit(session, order.id, HeldPayload(reason="proof-open"), now=NOW, actor="test")
        session.get_one(Order, order.id).promised_date = NOW.business.date()
    with database.write() as session:
        look_at_clock(session, at(days=3))
    assert jobs(database, order.id)[0].ready > jobs(database, order.id)[1].ready
    assert [e.payload["reason"] for e in told(database, order.id, "promise-moved")] == ["condition-missed"]


def test_an_order_on_hold_or_without_material_does_not_start(
    database: Database, plant: Plant, floor: Floor
) -> None:
    order = sourced(database, plant)
    with database.write() as session:
        lifecycle.emit(session, order.id, HeldPayload(reason="proof-open"), now=NOW, actor="test")
    row = jobs(database, order.id)[0]
    refused = floor.scan("start", job=row.id, minute=row.start)
    assert refused.error is not None
    assert (refused.error.type, refused.error.detail) == (
        "order-on-hold", "The customer has not approved the proof yet.",
    )  # fmt: skip


def test_a_running_job_that_is_overdue_is_expected_later(
    database: Database, plant: Plant, floor: Floor
) -> None:
    order = sourced(database, plant)
    row = jobs(database, order.id)[0]
    floor.scan("start", job=row.id, minute=row.start)
    late = Now(floor.at(row.end + 45), floor.at(row.end + 45))
    with database.write() as session:
        look_at_clock(session, late)
    assert jobs(database, order.id)[0].end > row.end + 45
    assert jobs(database, order.id)[1].start >= jobs(database, order.id)[0].end


class Late(AtHand):
    """One glaze, late."""

    def __init__(self) -> None:
        self.at: datetime | None = None
        self.gone: list[str] = []
        self.issued: list[tuple[str, str]] = []

    def dates(self, session: Session, order_id: str) -> dict[str, datetime]:
        return {"glaze": self.at} if self.at else {}

    def missing(self, session: Session, order_id: str, operation: str) -> list[str]:
        return self.gone if operation == "form" else []

    def issue(self, session: Session, order_id: str, operation: str, share: object, now: Now) -> None:
        self.issued.append((operation, str(share)))


@pytest.fixture
def stock(modules: Callable[..., Registry]) -> Late:
    late = Late()
    modules(module, Module("procurement", {"en": "Stock"}, lambda: Parts(ports={MaterialPromiser: late})))
    return late


def test_late_material_moves_its_operation_and_what_follows(
    database: Database, plant: Plant, stock: Late
) -> None:
    order = sourced(database, plant)
    before = jobs(database, order.id)
    stock.at = NOW.business + timedelta(days=14)
    with database.write() as session:
        assert note_dates(session, session.get_one(Order, order.id))
        settle(session, plant.id, Cause("material-late", "CELADON"), NOW)
    after = jobs(database, order.id)
    assert [a.start == b.start for a, b in zip(before, after, strict=True)] == [True] * 3 + [False] * 3
    with database.read() as session:
        assert plan_report(session, plant).feasible
    assert after[3].start >= after[3].ready > before[3].start
    event = told(database, order.id, "promise-moved")
    assert not event or event[0].payload["reason"] == "material-late"


def test_missing_material_refuses_the_start_and_present_material_is_issued(
    database: Database, plant: Plant, stock: Late
) -> None:
    order, shop = sourced(database, plant), Floor(database, plant)
    row = jobs(database, order.id)[0]
    stock.gone = ["BODY"]
    refused = shop.scan("start", job=row.id, minute=row.start)
    assert refused.error is not None
    assert (refused.error.type, refused.error.detail) == ("material-missing", "Not in stock: BODY.")
    stock.gone = []
    assert shop.scan("start", job=row.id, minute=row.start).ok
    assert stock.issued == [("form", "1")]


def test_the_export_passes_the_shared_checker(
    database: Database, plant: Plant, floor: Floor, tmp_path: Path, shared_bench: Path
) -> None:
    orders = [sourced(database, plant, 150 + 30 * k) for k in range(6)]
    floor.walk(orders[0].id, until="glaze")
    row = jobs(database, orders[0].id)[3]
    floor.scan("start", job=row.id, minute=row.start + 5)
    with database.read() as session:
        made = export(session, plant.id, Now(floor.at(row.start + 6), floor.at(row.start + 6)))
    names = [name for name in ("problem", "schedule") if (tmp_path / name).write_text(json.dumps(made[name]))]
    files = [str(tmp_path / name) for name in names]
    command = [sys.executable, str(shared_bench / "check_schedule.py"), *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert len(made["problem"]["jobs"]) == 6
    assert len(made["schedule"]["assignments"]) == 5 * 6 + 2


def test_an_improved_plan_keeps_more_promises(
    database: Database, plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody lends, the last to come is the last in the plan."""
    monkeypatch.setattr(problems, "LENT", 0)
    orders = [sourced(database, plant, 700 + 40 * k) for k in range(6)]
    with database.write() as session:
        set_clock(session, speed=0.0, business=NOW.business)
        late = session.get_one(Order, orders[-1].id)
        assert late.ready_at is not None
        late.ready_at -= timedelta(days=3)
        settle(session, plant.id, Cause("late-start"), NOW, force=True)
    with database.read() as session:
        before = draft(session, plant.id, NOW).case.schedule.objective
    assert before > 0
    result = improve(database, plant.id, seconds=2.0)
    with database.read() as session:
        report = plan_report(session, plant)
        plan = session.get_one(Plan, plant.id)
    assert report.feasible
    assert result.published is not None
    assert report.objective == result.after <= before
    assert plan.solved_version == plan.version


def test_a_place_taken_while_the_solver_ran_stays(database: Database, plant: Plant) -> None:
    for k in range(4):
        sourced(database, plant, 600 + 50 * k)
    with database.read() as session:
        drafted = draft(session, plant.id, NOW)
    with database.write() as session:
        newcomer = firm(session, plant, 900)
    before = places(database)
    better = {
        i: type(a)(i, a.resource, a.start + 60, a.end + 60) for i, a in drafted.before.items()
    }  # a "better" plan that would push everybody
    with database.write() as session:
        result = rebase(session, drafted, Solved(better), NOW)
    assert result.published is None
    assert places(database) == before
    with database.read() as session:
        assert plan_report(session, plant).feasible
    assert jobs(database, newcomer.id)


def test_a_solver_that_fails_leaves_the_plan_and_the_other_plants_alone(
    database: Database, plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = mug_plant(database)
    for one in (plant, other):
        sourced(database, one)
    real, asked = improving.solve_apart, []

    def fails_for_the_first(drafted: improving.Draft, seconds: float) -> Solved:
        asked.append(drafted.plant_id)
        if drafted.plant_id == asked[0]:
            improving._run([sys.executable, "-c", "import time; time.sleep(30)"], 0.2)
        return real(drafted, 0.2)

    before = places(database)
    monkeypatch.setattr(improving, "solve_apart", fails_for_the_first)
    improving.improve_all(database)
    assert sorted(asked) == sorted([plant.id, other.id])
    assert places(database) == before
    with database.read() as session:
        solved = {i: session.get_one(Plan, i).solved_version for i in asked}
        version = session.get_one(Plan, asked[1]).version
    assert solved == {asked[0]: -1, asked[1]: version}


def test_the_search_pulls_forward_within_what_is_lent_and_mends_a_broken_promise_first(
    database: Database, plant: Plant
) -> None:
    orders = [sourced(database, plant, 300 + 40 * k) for k in range(3)]

    def aims() -> dict[str, tuple[int, int, int | None]]:
        """Order -> (planned end with what it lends, from when its minutes count, by when it must end)."""
        with database.read() as session:
            drafted, snap = draft(session, plant.id, NOW), plans.snapshot(session, plant.id, NOW)
            planned = {o.id: o.ready_at for o in session.exec(select(Order)) if o.ready_at is not None}
        jobs = {job.id.partition("/")[0]: job for job in drafted.problem.jobs}
        lends = problems.lent(60 * plant.buffer_hours)
        return {n: (snap.minute(planned[n]) + lends, job.due, job.deadline) for n, job in jobs.items()}

    today = 28 * 1440 + 6 * 60
    assert aims().keys() == {order.id for order in orders}
    assert all((due, by) == (today, lent) for lent, due, by in aims().values())
    with database.write() as session:
        late = session.get_one(Order, orders[-1].id)
        assert late.ready_at is not None
        late.ready_at -= timedelta(days=3)
    for name, (lent, due, by) in aims().items():
        assert due == lent
        assert by is not None
        assert by > lent + (12 * 60 if name == orders[-1].id else 0)
