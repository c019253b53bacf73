"""Scans: repeated ones are answered again, one bad one does not cost the others, the last can be undone."""

import pytest

from cosmo.db import Database
from cosmo.errors import NotFound
from cosmo.parties import Plant
from modules.manufacturing.remembering import CannotUndo, ClientIdTaken, undo_last
from modules.manufacturing.schemas import ScanIn
from tests.factories import NOW
from tests.modules.manufacturing.shop import Floor, jobs, lots, plan_report, sourced


@pytest.fixture
def floor(database: Database, plant: Plant) -> Floor:
    return Floor(database, plant)


def test_a_repeated_scan_is_answered_again(database: Database, plant: Plant, floor: Floor) -> None:
    order = sourced(database, plant)
    row = jobs(database, order.id)[0]
    first = floor.scan("start", job=row.id, minute=row.start, client_id="tablet-1")
    again = floor.scan("start", job=row.id, minute=row.start, wait=5, client_id="tablet-1")
    assert (first.ok, first.replayed) == (True, False)
    assert (again.ok, again.replayed, again.jobs) == (True, True, first.jobs)


def test_the_same_id_for_another_scan_is_refused(database: Database, plant: Plant, floor: Floor) -> None:
    order = sourced(database, plant)
    row = jobs(database, order.id)[0]
    floor.scan("start", job=row.id, minute=row.start, client_id="tablet-1")
    other = floor.scan("finish", job=row.id, minute=row.end, client_id="tablet-1")
    assert other.error is not None
    assert other.error.type == "client-id-taken"


def test_a_refused_scan_may_be_sent_again_later(database: Database, plant: Plant, floor: Floor) -> None:
    order = sourced(database, plant)
    form, dry = jobs(database, order.id)[:2]
    assert not floor.scan("start", job=dry.id, minute=dry.start, client_id="dry").ok
    floor.run(form, scrap=8)
    assert floor.scan("start", job=dry.id, minute=dry.start, client_id="dry").ok


def test_one_bad_scan_does_not_cost_the_others(database: Database, plant: Plant, floor: Floor) -> None:
    order = sourced(database, plant)
    row = jobs(database, order.id)[0]
    batch = [
        ScanIn(client_id="1", action="start", job=row.id, event_time=floor.at(row.start)),
        ScanIn(client_id="2", action="start", job="nothing", event_time=floor.at(row.start)),
        ScanIn(client_id="3", action="finish", job=row.id, event_time=floor.at(row.end), scrap=7),
        ScanIn(client_id="1", action="start", job=row.id, event_time=floor.at(row.start)),
    ]
    results = floor.send(batch, floor.at(row.end + 5))
    assert [r.ok for r in results] == [True, False, True, True]
    assert [r.replayed for r in results] == [False, False, False, True]
    assert jobs(database, order.id)[0].state == "done"
    with database.read() as session:
        assert plan_report(session, plant).feasible


def test_another_plants_job_is_not_there(database: Database, plant: Plant, floor: Floor) -> None:
    from tests.modules.manufacturing.conftest import mug_plant

    order = sourced(database, plant)
    row = jobs(database, order.id)[0]
    stranger = Floor(database, mug_plant(database))
    answer = stranger.scan("start", job=row.id, minute=row.start)
    assert answer.error is not None
    assert answer.error.type == NotFound.type


@pytest.mark.parametrize(
    "scan",
    [
        {"action": "start"},
        {"action": "start", "job": "a", "firing": "b"},
        {"action": "scrap", "job": "a"},
        {"action": "scrap", "firing": "a", "scrap": 3},
        {"action": "finish", "job": "a", "good": -1},
    ],
)
def test_a_scan_that_says_too_little_or_too_much_is_invalid(scan: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"job|greater"):
        ScanIn.model_validate({"client_id": "x", **scan})


def undo(database: Database, plant: Plant, resource: str) -> None:
    with database.write() as session:
        undo_last(session, plant.id, resource, "operator", NOW)


def test_the_last_act_can_be_taken_back(database: Database, plant: Plant, floor: Floor) -> None:
    order = sourced(database, plant)
    row = jobs(database, order.id)[0]
    floor.run(row, scrap=9)
    undo(database, plant, "ROLL")
    form, dry = jobs(database, order.id)[:2]
    assert (form.state, form.good, form.scrap, dry.pieces) == ("running", None, 0, row.pieces)
    assert lots(database, order.id)[0].scrapped == 0
    undo(database, plant, "ROLL")
    form = jobs(database, order.id)[0]
    assert (form.state, form.actual_start, form.start) == ("firm", None, row.start)
    with database.read() as session:
        assert plan_report(session, plant).feasible
    assert floor.run(form, scrap=9).ok


def test_an_undo_under_the_key_of_another_scan_is_refused(
    database: Database, plant: Plant, floor: Floor
) -> None:
    order = sourced(database, plant)
    row = jobs(database, order.id)[0]
    floor.scan("start", job=row.id, minute=row.start, client_id="tablet-1")
    with database.write() as session, pytest.raises(ClientIdTaken):
        undo_last(session, plant.id, row.resource, "operator", NOW, client_id="tablet-1")
    assert jobs(database, order.id)[0].state == "running"


def test_what_others_have_built_on_stays(database: Database, plant: Plant, floor: Floor) -> None:
    order = sourced(database, plant)
    floor.run(jobs(database, order.id)[0], scrap=9)
    dry = jobs(database, order.id)[1]
    floor.scan("start", job=dry.id, minute=dry.start)
    with pytest.raises(CannotUndo):
        undo(database, plant, "ROLL")


def test_a_shortfall_that_is_planned_again_stays(database: Database, plant: Plant, floor: Floor) -> None:
    order = sourced(database, plant)
    floor.run(jobs(database, order.id)[0], scrap=120)
    with pytest.raises(CannotUndo):
        undo(database, plant, "ROLL")


def test_nothing_to_take_back(database: Database, plant: Plant) -> None:
    with pytest.raises(CannotUndo):
        undo(database, plant, "ROLL")
