"""Two hundred at once onto the same kilns: never more in a firing than it holds, and the guard is why."""

import subprocess
import sys
from collections import Counter
from itertools import pairwise

import pytest
from sqlmodel import Session, select

from cosmo.db import Database
from cosmo.parties import Plant
from modules.manufacturing import plan as plans
from modules.manufacturing.models import JobOrder
from modules.manufacturing.standing import Standing
from tests.modules.manufacturing.conftest import mug_plant
from tests.modules.manufacturing.mugs import KILN
from tests.modules.manufacturing.placing import PIECES, place_many, without_guard
from tests.modules.manufacturing.shop import plan_report

MANY = 200


def loads(database: Database) -> Counter[tuple[str, int]]:
    """Pieces in each firing."""
    found: Counter[tuple[str, int]] = Counter()
    with database.read() as session:
        for row in session.exec(select(JobOrder).where(JobOrder.state == "firm")):
            found[row.resource, row.start] += row.size
    return found


def overbooked(database: Database) -> bool:
    """More than a firing holds, or firings that overlap."""
    found = loads(database)
    kilns = {kiln: sorted(start for k, start in found if k == kiln) for kiln, _ in found}
    overlap = any(b - a < 1440 for starts in kilns.values() for a, b in pairwise(starts))
    return overlap or any(load > KILN for load in found.values())


def feasible(database: Database, plant: Plant) -> bool:
    with database.read() as session:
        return plan_report(session, plant).feasible


def count(database: Database) -> int:
    with database.read() as session:
        return len(session.exec(select(JobOrder.id).where(JobOrder.state == "firm")).all())


def test_two_hundred_threads_never_overbook_sqlite(database: Database, plant: Plant) -> None:
    place_many(database, plant.id, MANY)
    assert count(database) == MANY
    assert not overbooked(database)
    assert feasible(database, plant)
    per_load = KILN // int(PIECES / 0.95 + 1)
    assert len(loads(database)) <= -(-MANY // per_load) + 2


def test_without_the_guard_they_do(database: Database, plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: no compare-and-set, and processes that have not read the latest changes."""
    sync = Standing.sync

    def reads_once(self: Standing, session: Session, version: int, *rest: object) -> None:
        if self.version < 0:
            sync(self, session, version, *rest)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(plans, "compare_and_set", plans.compare_and_set)
        without_guard()
        patched.setattr(Standing, "sync", reads_once)
        place_many(database, plant.id, 20)
    assert overbooked(database)
    assert not feasible(database, plant)


def test_a_stale_timetable_loses_the_race_and_searches_again(
    database: Database, plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard alone: a first look at a stale plan is refused, the next one finds a place."""
    sync, stale = Standing.sync, []

    def reads_late(self: Standing, session: Session, version: int, *rest: object) -> None:
        if self.version >= 0 and version > self.version and not stale:
            stale.append(version)
            return
        sync(self, session, version, *rest)  # type: ignore[arg-type]

    place_many(database, plant.id, 7)
    monkeypatch.setattr(Standing, "sync", reads_late)
    place_many(database, plant.id, 7)
    assert stale
    assert not overbooked(database)


@pytest.mark.parametrize("guard", ["guarded", "unguarded"])
def test_two_processes_on_postgres(postgres: Database, guard: str) -> None:
    """Two processes of eight threads each; without the guard the same test finds overbooked firings."""
    plant = mug_plant(postgres)
    command = [sys.executable, "-m", "tests.modules.manufacturing.placing", postgres.url, plant.id]
    each = MANY // 2 if guard == "guarded" else 25
    running = [subprocess.Popen([*command, str(each), guard]) for _ in range(2)]
    assert [process.wait(timeout=300) for process in running] == [0, 0]
    assert count(postgres) == 2 * each
    assert overbooked(postgres) == (guard == "unguarded")
    assert feasible(postgres, plant) == (guard == "guarded")
