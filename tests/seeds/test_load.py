"""The demo's first plant as it is seeded: many orders, loaded kilns, a plan that keeps its promises.

The whole past is lived through once for these tests: well over a minute of processor time.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select

from cosmo.clock import Now, read_now
from cosmo.db import Database
from cosmo.events import Event
from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.reconsidering import delivery_date
from cosmo.stages import OPEN_STAGES, Stage
from modules.logistics.models import Shipment
from modules.manufacturing import lists, publishing
from modules.manufacturing import plan as plans
from modules.manufacturing.exporting import export
from modules.manufacturing.models import JobOrder, Plan, State
from modules.manufacturing.problems import case_of
from modules.manufacturing.times import DAY, instant
from scheduler.verifier import Report, verify
from seeds import demo
from tests.seeds.kilns import kiln_loads, load_of

LU = "lu-ceramics"
MONDAY = datetime(2026, 6, 8, 8, tzinfo=UTC)
OPEN_AT_LEAST = 300
LOADED = (0.70, 0.90)
KINDS = {"bisque": ("KB1",), "glost": ("KG1", "KG2"), "decal": ("KD1",), "roller": ("TK-ROLLER",)}
"""Kilns that can stand in for one another."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """The demo's database, and what the verifier said of each plan that was published on the way there."""

    database: Database
    reports: list[Report]


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeded]:
    home = tmp_path_factory.mktemp("load")
    database = Database(f"sqlite:///{home / 'cosmo.db'}")
    database.files = home / "attachments"
    reports: list[Report] = []

    def noted(*args: Any, **options: Any) -> Report:
        reports.append(verify(*args, **options))
        return reports[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publishing, "verify", noted)
        patch.setattr(demo, "DAYS", {slug: days if slug == LU else 0 for slug, days in demo.DAYS.items()})
        patch.setattr(demo, "AHEAD", {slug: n if slug == LU else 0 for slug, n in demo.AHEAD.items()})
        demo.seed(database, small=False, report=lambda line: None, end=MONDAY)
    yield Seeded(database, reports)
    database.dispose()


@pytest.fixture
def session(seeded: Seeded) -> Iterator[Session]:
    with seeded.database.read() as opened:
        yield opened


@pytest.fixture
def plant(session: Session) -> Plant:
    return session.exec(select(Plant).where(Plant.slug == LU)).one()


@pytest.fixture
def now(session: Session) -> Now:
    return read_now(session)


def open_orders(session: Session, plant: Plant) -> list[Order]:
    query = select(Order).where(Order.plant_id == plant.id, col(Order.stage).in_(OPEN_STAGES))
    return list(session.exec(query.order_by(col(Order.id))))


def unkept(session: Session, plant: Plant, now: Now, late: set[str]) -> dict[str, str]:
    """Open orders that arrive after what they were first promised, by plan and transit, and are not among
    the `late` ones: number -> why."""
    ends = _ends(session, plant)
    found = {}
    for order in open_orders(session, plant):
        if order.id not in ends:
            found[order.number or order.id] = "has no place in the plan"
            continue
        arrives = delivery_date(session, order, max(ends[order.id], now.business), now)
        promised = order.first_promise or order.promised_date
        if order.stage != Stage.SHIPPED and (promised is None or arrives > promised) and order.id not in late:
            found[order.number or order.id] = f"promised {promised}, arrives {arrives}"
    return found


def _ends(session: Session, plant: Plant) -> dict[str, Any]:
    """Order id -> when the last of its operations ends, by plan or in fact."""
    origin, ends = plans.head(session, plant.id).origin, dict[str, Any]()
    query = select(JobOrder).where(JobOrder.plant_id == plant.id, JobOrder.state != State.RELEASED)
    for row in session.exec(query):
        ends[row.order_id] = max(instant(origin, row.end), ends.get(row.order_id, origin))
    return ends


def late_ids(session: Session, plant: Plant, now: Now) -> set[str]:
    return {late.order.id for late in lists.late_orders(session, plant, now)}


def test_there_are_three_hundred_open_orders(session: Session, plant: Plant) -> None:
    assert len(open_orders(session, plant)) >= OPEN_AT_LEAST


def test_the_kilns_are_loaded(session: Session, plant: Plant, now: Now) -> None:
    loads = kiln_loads(session, plant, now)
    told = "\n".join(
        f"{code}: lit {x.time_lit:.2f} of the time, filled to {x.fill:.2f}, load {x.share:.2f}"
        for code, x in loads.items()
    )
    print(told)
    assert set(loads) == {code for codes in KINDS.values() for code in codes}
    for kind, codes in KINDS.items():
        load = reduce(add, (loads[code] for code in codes))
        assert LOADED[0] <= load.share <= LOADED[1], f"{kind}\n{told}"
        assert load.fill >= LOADED[0], f"{kind}\n{told}"
    chambers = reduce(add, (load for code, load in loads.items() if code != "TK-ROLLER"))
    assert LOADED[0] <= chambers.fill <= LOADED[1], told


def test_a_kiln_that_fires_half_empty_is_half_loaded(session: Session, plant: Plant, now: Now) -> None:
    snap = plans.snapshot(session, plant.id, now)
    kiln, first = snap.floor.centres["KG1"], snap.minute_after(now.business)
    span = (first, first + 14 * DAY)
    there = load_of(snap, kiln, span)
    for place in list(snap.places.values()):
        operation = replace(place.operation, size=place.operation.size // 2)
        snap.places[place.id] = replace(place, operation=operation)
    half = load_of(snap, kiln, span)
    assert half.time_lit == there.time_lit > 0.5
    assert half.share == pytest.approx(there.share / 2, rel=0.02)


def test_every_published_plan_passed_the_verifier(
    seeded: Seeded, session: Session, plant: Plant, now: Now
) -> None:
    published = session.get_one(Plan, plant.id).number
    assert len(seeded.reports) == published > 0
    assert [report.violations for report in seeded.reports if not report.feasible] == []
    snap = plans.snapshot(session, plant.id, now)
    case = case_of(session, snap, now=snap.minute_after(now.business))
    assert verify(case.problem, case.schedule).violations == {}


def test_what_has_not_started_passes_the_independent_check(
    session: Session, plant: Plant, now: Now, tmp_path: Path, shared_bench: Path
) -> None:
    made = export(session, plant.id, now)
    files = [tmp_path / name for name in ("problem", "schedule")]
    for file in files:
        file.write_text(json.dumps(made[file.name]))
    assert len(made["schedule"]["assignments"]) > OPEN_AT_LEAST
    command = [sys.executable, str(shared_bench / "check_schedule.py"), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_open_order_keeps_its_promise_or_is_on_the_late_list(
    session: Session, plant: Plant, now: Now
) -> None:
    assert unkept(session, plant, now, late_ids(session, plant, now)) == {}
    on_the_way = [o.id for o in open_orders(session, plant) if o.stage == Stage.SHIPPED]
    expected = {s.order_id: s.expected_at for s in session.exec(select(Shipment))}
    assert all(expected[order_id] is not None for order_id in on_the_way)


def test_an_order_moved_past_its_promise_is_noticed(session: Session, plant: Plant, now: Now) -> None:
    late = late_ids(session, plant, now)
    waiting = [o for o in open_orders(session, plant) if o.stage == Stage.SCHEDULED and o.id not in late]
    order, other = waiting[0], waiting[1]
    last = session.exec(select(JobOrder).where(JobOrder.order_id == order.id, JobOrder.last)).all()[0]
    last.end += int(timedelta(days=60) / timedelta(minutes=1))
    noticed = unkept(session, plant, now, late)
    assert list(noticed) == [order.number]
    assert other.number not in noticed
    assert unkept(session, plant, now, late_ids(session, plant, now)) == {}, "and the late list has it"


def test_hardly_anybody_heard_in_the_past_that_an_order_would_be_late(session: Session, plant: Plant) -> None:
    """What the floor does is told in time, so that what runs by plan is not taken for late: 18 orders of 340
    were moved so when the plan heard of the floor every four hours only."""
    query = select(Event).join(Order, col(Event.order_id) == col(Order.id))
    moved = session.exec(query.where(Order.plant_id == plant.id, Event.type == "promise-moved")).all()
    late = [event.order_id for event in moved if event.payload["reason"] == "late-start"]
    assert len(set(late)) <= 3
