"""Weeks on the floor, played at random: whatever happens, the plan verifies and no piece is lost."""

import json
import subprocess
import sys
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from sqlmodel import select

from cosmo.cancelling import cancel
from cosmo.clock import Now
from cosmo.db import Database
from cosmo.errors import CosmoError
from cosmo.orders import Order
from cosmo.parties import Plant
from modules.manufacturing.breakdowns import report_breakdown
from modules.manufacturing.disrupting import Standstill, look_at_clock
from modules.manufacturing.exporting import export
from modules.manufacturing.improving import draft, rebase, solve_apart
from modules.manufacturing.models import JobOrder, ProductionOrder
from modules.manufacturing.promising import PlanPromiser
from tests.modules.manufacturing.mugs import hold
from tests.modules.manufacturing.shop import Floor, jobs, order_of, plan_report, sourced

STEPS = 45


class Weeks:
    """A clock, a floor and a die."""

    def __init__(self, database: Database, plant: Plant, seed: int) -> None:
        self.database, self.plant, self.random = database, plant, Random(seed)
        self.floor = Floor(database, plant)
        self.at = self.floor.origin + timedelta(days=28, hours=6)
        self.orders: list[str] = []

    @property
    def now(self) -> Now:
        return Now(self.at, self.at)

    @property
    def minute(self) -> int:
        return int((self.at - self.floor.origin).total_seconds() // 60)

    def step(self) -> str:
        acts = {
            self.order: 6, self.quote: 3, self.scans: 14, self.breakdown: 1, self.cancel: 1, self.sleep: 5,
            self.look: 3, self.improve: 1,
        }  # fmt: skip
        act = self.random.choices(list(acts), list(acts.values()))[0]
        act()
        return act.__name__

    def order(self) -> None:
        placed = sourced(self.database, self.plant, self.random.randint(20, 900), now=self.now)
        self.orders.append(placed.id)

    def quote(self) -> None:
        with self.database.write() as session:
            hold(session, self.plant, self.random.randint(20, 600), self.now, minutes=60 * 24, guest=True)

    def scans(self) -> None:
        """Everything that is due until a moment ahead, a little late or early, with some scrap."""
        until = self.minute + self.random.randint(60, 900)
        for row in self._due(until):
            late = max(0, round(self.random.gauss(0, 20)))
            minute = max(self.minute, (row.start if row.state == "firm" else row.end) + late)
            self.at = max(self.at, self.floor.at(minute))
            action = "start" if row.state == "firm" else "finish"
            target = self._target(row)
            counted = {}
            if action == "finish":
                lost = min(row.pieces, max(0, round(self.random.gauss(row.pieces * 0.02, 2))))
                counted = {"scrap_by_job": {row.id: lost}} if "firing" in target else {"scrap": lost}
            self.floor.scan(action, minute=minute, **target, **counted)

    def _due(self, until: int) -> list[JobOrder]:
        with self.database.read() as session:
            query = select(JobOrder).where(JobOrder.plant_id == self.plant.id)
            rows = [r for r in session.exec(query) if r.state in ("firm", "running")]
        key = {r.id: r.start if r.state == "firm" else r.end for r in rows}
        return sorted((r for r in rows if key[r.id] <= until), key=lambda r: (key[r.id], r.position))

    def _target(self, row: JobOrder) -> dict[str, str]:
        fired = row.code in ("bisque", "glost")
        return {"firing": f"{row.resource}.{row.start}"} if fired else {"job": row.id}

    def breakdown(self) -> None:
        resource = self.random.choice(["ROLL", "BISQUE", "GLAZE1", "KILN1", "PACK"])
        end = self.at + timedelta(minutes=self.random.randint(30, 2000))
        report_breakdown(self.database, self.plant, Standstill(resource, self.at, end), "planner", self.now)

    def cancel(self) -> None:
        if not self.orders:
            return
        order_id = self.random.choice(self.orders)
        with self.database.write() as session:
            try:
                cancel(session, order_id, reason="customer", actor="test", now=self.now)
            except CosmoError:
                return
        self.orders.remove(order_id)

    def sleep(self) -> None:
        self.at += timedelta(minutes=self.random.randint(5, 300))

    def look(self) -> None:
        with self.database.write() as session:
            look_at_clock(session, self.now)

    def improve(self) -> None:
        with self.database.read() as session:
            drafted = draft(session, self.plant.id, self.now)
        better = solve_apart(drafted, 0.3)
        with self.database.write() as session:
            rebase(session, drafted, better, self.now)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_happens_the_plan_verifies(
    database: Database, plant: Plant, seed: int, shared_bench: Path, tmp_path: Path
) -> None:
    weeks = Weeks(database, plant, seed)
    for number in range(STEPS):
        done = weeks.step()
        with database.read() as session:
            report = plan_report(session, plant, weeks.now)
        assert report.feasible, (number, done, report.violations)
    _no_lot_is_out_of_order(database, weeks)
    _export_is_feasible(database, plant, weeks.now, shared_bench, tmp_path)
    with database.write() as session:  # and it goes on promising
        order = hold(session, plant, 100, weeks.now)
        PlanPromiser().firm(session, [order.id], weeks.now)


def _no_lot_is_out_of_order(database: Database, weeks: Weeks) -> None:
    """Operations are done in their order; pieces never grow; a finished order has what was ordered."""
    for order_id in weeks.orders:
        for lot in {row.lot for row in jobs(database, order_id)}:
            rows = jobs(database, order_id, lot)
            assert [r.position for r in rows] == sorted({r.position for r in rows})
            done = [r.state == "done" for r in rows]
            assert done == sorted(done, reverse=True)
            assert all(b.pieces <= a.pieces for a, b in pairwise(rows))
        if order_of(database, order_id).stage == "produced":
            with database.read() as session:
                made = session.exec(select(ProductionOrder).where(ProductionOrder.order_id == order_id))
                good = sum(lot.good_pieces or 0 for lot in made if lot.state == "done")
                assert good >= session.get_one(Order, order_id).quantity


def _export_is_feasible(database: Database, plant: Plant, now: Now, bench: Path, folder: Path) -> None:
    with database.read() as session:
        made = export(session, plant.id, now)
    files = [folder / name for name in ("problem", "schedule")]
    for file in files:
        file.write_text(json.dumps(made[file.name]))
    command = [sys.executable, str(bench / "check_schedule.py"), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
