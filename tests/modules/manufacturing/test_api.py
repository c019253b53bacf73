"""The module over HTTP."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI

from cosmo.clock import set_clock
from cosmo.db import Database
from cosmo.parties import Plant, Role
from modules.manufacturing.lists import late_orders, outlooks
from modules.manufacturing.publishing import Cause
from modules.manufacturing.reality import settle
from tests.factories import NOW
from tests.modules.manufacturing.conftest import mug_plant
from tests.modules.manufacturing.shop import jobs, sourced
from tests.web_fixtures import Visitor

People = Callable[..., Visitor]


@pytest.fixture
def stopped(database: Database) -> None:
    """The clock stands at NOW."""
    with database.write() as session:
        set_clock(session, speed=0.0, business=NOW.business)


@pytest.fixture
def planner(app: FastAPI, plant: Plant, people: People, stopped: None) -> Visitor:
    return people(Role.PLANNER, plant, bearer=True)


def path(plant: Plant, what: str) -> str:
    return f"/api/v1/plants/{plant.slug}/{what}"


def test_the_schedule_lists_what_is_planned(database: Database, plant: Plant, planner: Visitor) -> None:
    order = sourced(database, plant)
    told = planner.get(path(plant, "schedule")).json()
    assert [o["operation"] for o in told["operations"]] == [r.code for r in jobs(database, order.id)]
    glost = told["operations"][4]
    assert glost["firing"] == f"{glost['resource']}.{jobs(database, order.id)[4].start}"
    until = (NOW.business + timedelta(hours=2)).isoformat()
    assert len(planner.get(path(plant, "schedule"), params={"until": until}).json()["operations"]) == 2


def test_the_exported_schedule_is_feasible(
    database: Database, plant: Plant, planner: Visitor, tmp_path: Path, shared_bench: Path
) -> None:
    for k in range(3):
        sourced(database, plant, 200 + 100 * k)
    told = planner.get(path(plant, "schedule"), params={"format": "cosmo"}).json()
    files = []
    for name in ("problem", "schedule"):
        (tmp_path / name).write_text(json.dumps(told[name]))
        files.append(str(tmp_path / name))
    command = [sys.executable, str(shared_bench / "check_schedule.py"), *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_scans_over_http(database: Database, plant: Plant, planner: Visitor, people: People) -> None:
    order = sourced(database, plant)
    operator = people(Role.OPERATOR, plant, bearer=True)
    queue = operator.get("/api/v1/work-centers/ROLL/queue").json()
    first = queue["next"][0]
    assert (first["id"], first["startable"]) == (jobs(database, order.id)[0].id, True)
    scan = {"client_id": "t1", "action": "start", "job": first["id"]}
    for replayed in (False, True):
        result = operator.post("/api/v1/scans", json={"scans": [scan]}).json()["results"][0]
        assert (result["ok"], result["replayed"]) == (True, replayed)
    assert operator.get("/api/v1/work-centers/ROLL/queue").json()["running"][0]["id"] == first["id"]
    assert operator.post("/api/v1/work-centers/ROLL/undo").status_code == 200
    assert operator.get("/api/v1/work-centers/ROLL/queue").json()["running"] == []
    refused = operator.post("/api/v1/work-centers/ROLL/undo")
    assert refused.status_code == 409


def test_a_queue_says_what_hinders(database: Database, plant: Plant, planner: Visitor) -> None:
    sourced(database, plant)
    waiting = planner.get("/api/v1/work-centers/BISQUE/queue").json()["next"][0]
    assert (waiting["startable"], waiting["why"]) == (False, "The operation before it is not finished.")


def test_a_disruption_repairs_the_plan(database: Database, plant: Plant, planner: Visitor) -> None:
    order = sourced(database, plant)
    row = jobs(database, order.id)[4]
    told = planner.post(path(plant, "disruptions"), json={"resource": row.resource, "minutes": 60 * 24 * 12})
    assert told.status_code == 201
    assert told.json()["repair"]["published"]
    assert jobs(database, order.id)[4].resource != row.resource


@pytest.mark.parametrize(
    "body",
    [
        {"resource": "ROLL"},
        {"resource": "ROLL", "minutes": 0},
        {"resource": "ROLL", "minutes": 5, "end": NOW.business.isoformat()},
        {"resource": "ROLL", "end": "2026-06-01T00:00:00Z"},
        {"resource": "ROLL", "start": "9999-12-31T23:00:00Z", "minutes": 80000},
    ],
)
def test_a_disruption_that_cannot_be_is_refused(
    plant: Plant, planner: Visitor, body: dict[str, object]
) -> None:
    answer = planner.post(path(plant, "disruptions"), json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"]


def test_an_unknown_work_centre_is_not_there(plant: Plant, planner: Visitor) -> None:
    body = {"resource": "LOOM", "minutes": 5}
    assert planner.post(path(plant, "disruptions"), json=body).status_code == 404
    assert planner.get("/api/v1/work-centers/LOOM/queue").status_code == 404


def test_another_plants_is_not_there(
    database: Database, plant: Plant, planner: Visitor, people: People
) -> None:
    stranger = people(Role.PLANNER, mug_plant(database), bearer=True)
    assert stranger.get(path(plant, "schedule")).status_code == 404
    assert stranger.post(path(plant, "replan")).status_code == 404
    body = {"resource": "ROLL", "minutes": 5}
    assert stranger.post(path(plant, "disruptions"), json=body).status_code == 404


def test_replanning_an_idle_plant_pulls_forward_once_and_then_changes_nothing(
    database: Database, plant: Plant, planner: Visitor
) -> None:
    """A promise leaves spare time between operations, which a plant with nothing else to do need not keep."""
    order = sourced(database, plant)
    end = jobs(database, order.id)[-1].end
    assert planner.post(path(plant, "replan")).json()["published"]
    assert jobs(database, order.id)[-1].end < end
    told = planner.post(path(plant, "replan")).json()
    assert (told["published"], told["moved"]) == (False, 0)


def test_work_centres_and_late_orders(database: Database, plant: Plant, planner: Visitor) -> None:
    order = sourced(database, plant)
    assert planner.get(path(plant, "work-centers")).json()[0]["code"] == "ROLL"
    assert planner.get(path(plant, "late")).json() == []
    with database.write() as session:
        row = session.merge(order)
        row.promised_date = NOW.business.date()
        row.ready_at = NOW.business
    told = planner.get(path(plant, "late")).json()
    assert [(o["order_id"], o["promised"]) for o in told] == [(order.id, NOW.business.date().isoformat())]
    assert told[0]["days"] > 0


@pytest.mark.parametrize(("first", "moved", "against"), [(-3, 60, "first"), (-3, -1, "moved")])
def test_a_moved_date_does_not_make_an_order_in_time(
    database: Database, plant: Plant, planner: Visitor, first: int, moved: int, against: str
) -> None:
    order = sourced(database, plant)
    assert order.promised_date is not None
    today = NOW.business.date()
    with database.write() as session:
        row = session.merge(order)
        row.first_promise = today + timedelta(days=first)
        row.promised_date = today + timedelta(days=moved)
        row.ready_at = NOW.business + timedelta(days=moved)
    told = planner.get(path(plant, "late")).json()
    assert [(o["order_id"], o["against"]) for o in told] == [(order.id, against)]
    missed = {"first": today + timedelta(days=first), "moved": today + timedelta(days=moved)}[against]
    assert told[0]["days"] == (date.fromisoformat(told[0]["planned"]) - missed).days
    assert told[0]["first_promise"] == (today + timedelta(days=first)).isoformat()


def test_every_open_order_is_in_time_or_on_the_late_list(database: Database, plant: Plant) -> None:
    orders = [sourced(database, plant, 400 + 60 * k) for k in range(4)]
    with database.write() as session:
        late = session.merge(orders[0])
        late.promised_date, late.ready_at = NOW.business.date(), NOW.business
        settle(session, plant.id, Cause("late-start"), NOW, force=True)
    with database.read() as session:
        from cosmo.reconsidering import delivery_date

        listed = {one.order.id for one in late_orders(session, plant, NOW)}
        for outlook in outlooks(session, plant, NOW):
            assert outlook.order.promised_date is not None
            in_time = delivery_date(session, outlook.order, outlook.end, NOW) <= outlook.order.promised_date
            assert in_time != (outlook.order.id in listed)
