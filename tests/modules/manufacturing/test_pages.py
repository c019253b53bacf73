"""The planner's and the operator's pages, and what other pages show of the floor."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import select

from cosmo.clock import set_clock
from cosmo.db import Database
from cosmo.parties import Plant, Role
from modules.manufacturing import station
from modules.manufacturing.models import Downtime, JobOrder, Plan, Scan, WorkCentre
from modules.manufacturing.telling import MadeOf, OnTheFloor, _parts
from tests.factories import NOW, at
from tests.modules.manufacturing.conftest import mug_plant
from tests.modules.manufacturing.shop import Floor, jobs, order_of, sourced
from tests.web_fixtures import Visitor

People = Callable[..., Visitor]


@pytest.fixture
def stopped(database: Database) -> None:
    """The clock stands at NOW."""
    with database.write() as session:
        set_clock(session, speed=0.0, business=NOW.business)


@pytest.fixture
def planner(app: FastAPI, plant: Plant, people: People, stopped: None) -> Visitor:
    return people(Role.PLANNER, plant)


@pytest.fixture
def operator(app: FastAPI, plant: Plant, people: People, stopped: None) -> Visitor:
    return people(Role.OPERATOR, plant)


def clock_at(database: Database, floor: Floor, minute: int) -> None:
    with database.write() as session:
        set_clock(session, speed=0.0, business=floor.at(minute))


def act(visitor: Visitor, code: str, key: str, **fields: object) -> int:
    status: int = visitor.post(f"/floor/{code}/acts", data={"key": key, **fields}).status_code
    return status


@pytest.mark.parametrize("span", ["day", "week", "month", "century"])
def test_the_board_shows_every_work_centre(
    database: Database, plant: Plant, planner: Visitor, span: str
) -> None:
    order = sourced(database, plant)
    page = planner.get(f"/plant/board?span={span}")
    assert page.status_code == 200
    for name in ("Roller-former", "Bisque shuttle", "Kiln 1", "Kiln 2", "Inspect, pack"):
        assert name in page.text
    assert f"/plant/orders/{order.id}" in page.text
    assert 'hx-sse:connect="/plant/' in page.text


@pytest.mark.parametrize("lang", ["de", "zh"])
def test_the_pages_speak_other_languages(
    database: Database, plant: Plant, planner: Visitor, lang: str
) -> None:
    sourced(database, plant)
    for path in ("/plant/board", "/plant/firings", "/floor", "/floor/ROLL", "/plant/standstills"):
        assert planner.get(f"{path}?lang={lang}").status_code == 200
    words = {"de": "Gefährdet", "zh": "有风险"}
    assert words[lang] in planner.get(f"/plant/board?lang={lang}").text


def test_a_standstill_is_foreseen_before_it_is_published(
    database: Database, plant: Plant, planner: Visitor
) -> None:
    order = sourced(database, plant)
    row = jobs(database, order.id)[2]
    form = {"plant": plant.slug, "resource": "BISQUE", "hours": "96", "reason": "burner 3"}
    seen = planner.post("/plant/standstills", data=form)
    assert seen.status_code == 200
    assert "Bisque shuttle lost for 96 h" in seen.text
    assert "Publish repair" in seen.text
    assert "Lost until" in seen.text
    assert jobs(database, order.id)[2].start == row.start
    done = planner.post("/plant/standstills", data={**form, "publish": "1"})
    assert done.status_code == 303
    assert jobs(database, order.id)[2].start > row.start
    page = planner.get(done.headers["location"]).text
    assert "Bisque shuttle lost for 96 h" in page
    with database.read() as session:
        still = session.exec(select(Downtime)).one()
    assert planner.post(f"/plant/standstills/{still.id}/end").status_code == 303
    assert "lost for" not in planner.get("/plant/board").text


def test_a_lot_reads_in_the_readers_language() -> None:
    roll = WorkCentre(plant_id="p", code="ROLL", name={"en": "Roller-former 2", "zh": "2 号滚压机"})
    row = JobOrder(name={"en": "Form"}, resource="ROLL", lot=2)
    (part,) = _parts(row, roll, several=True)
    assert part.shown == {
        "en": "Roller-former 2, lot 2", "de": "Roller-former 2, Los 2", "zh": "2 号滚压机，批次 2"
    }  # fmt: skip


def test_the_plant_says_which_promise_its_orders_miss(
    database: Database, plant: Plant, planner: Visitor
) -> None:
    order = sourced(database, plant)
    with database.write() as session:
        row = session.merge(order)
        row.first_promise = NOW.business.date() - timedelta(days=1)
    page = planner.get("/plant").text
    assert "all in time" not in page
    assert "against the first promise" in page


def test_what_a_standstill_makes_late_within_its_day_is_told_in_hours(
    database: Database, plant: Plant, planner: Visitor
) -> None:
    order = sourced(database, plant)
    row = jobs(database, order.id)[2]
    with database.read() as session:
        end = max(j.end for j in jobs(database, order.id))
        plan = session.get_one(Plan, plant.id)
        allowed = plan.origin + timedelta(minutes=end + 60) - timedelta(hours=plant.buffer_hours)
    with database.write() as session:  # an hour to spare, and a promised day far behind it
        found = session.merge(order)
        found.ready_at = allowed
        found.promised_date = found.first_promise = allowed.date() + timedelta(days=60)
    form = {"plant": plant.slug, "resource": row.resource, "hours": "96", "reason": "burner 3"}
    page = planner.post("/plant/standstills", data=form).text
    assert "1 late" in page
    assert "0 days late" not in page
    assert re.search(r"\d+ h late", page)


@pytest.mark.parametrize(("field", "value"), [("hours", "soon"), ("hours", "-1"), ("resource", "LOOM")])
def test_a_wrong_standstill_keeps_what_was_typed(
    plant: Plant, planner: Visitor, field: str, value: str
) -> None:
    form = {"plant": plant.slug, "resource": "BISQUE", "hours": "5", "reason": "burner 3", field: value}
    page = planner.post("/plant/standstills", data=form)
    assert page.status_code == 422
    assert 'value="burner 3"' in page.text


def test_another_plants_board_is_not_there(
    database: Database, plant: Plant, planner: Visitor, people: People
) -> None:
    stranger = people(Role.PLANNER, mug_plant(database))
    assert stranger.get(f"/plant/board?plant={plant.slug}").status_code == 404
    with database.write() as session:
        still = Downtime(
            plant_id=plant.id, resource="ROLL", start=NOW.business, end=at(hours=5).business,
            reported_at=NOW.business,
        )  # fmt: skip
        session.add(still)
    assert stranger.post(f"/plant/standstills/{still.id}/end").status_code == 404
    assert stranger.get("/floor/ROLL").status_code == 200
    assert stranger.post("/plant/board/improvement", data={"plant": plant.slug}).status_code == 404


def test_looking_for_a_better_plan_says_what_came_of_it(
    database: Database, plant: Plant, planner: Visitor
) -> None:
    """The first pulls the spare time between operations forward; then nothing is left to gain."""
    sourced(database, plant)
    done = planner.post("/plant/board/improvement", data={"plant": plant.slug})
    assert done.headers["location"].endswith("said=better")
    done = planner.post("/plant/board/improvement", data={"plant": plant.slug})
    assert done.headers["location"].endswith("said=same")
    assert "nothing better was found" in planner.get(done.headers["location"]).text


def test_an_operator_starts_counts_and_finishes(database: Database, plant: Plant, operator: Visitor) -> None:
    order, floor = sourced(database, plant), Floor(database, plant)
    row = jobs(database, order.id)[0]
    page = operator.get("/floor/ROLL").text
    assert f"Start {row.pieces}" in page
    assert act(operator, "ROLL", "k1", action="start", job=row.id) == 303
    assert f"{row.pieces} done" in operator.get("/floor/ROLL").text
    assert act(operator, "ROLL", "k2", action="scrap", job=row.id, scrap=3, scrap_reason="crack") == 303
    assert f"{row.pieces - 3} done" in operator.get("/floor/ROLL").text
    clock_at(database, floor, row.end)
    assert act(operator, "ROLL", "k3", action="finish", job=row.id) == 303
    done = jobs(database, order.id)[0]
    assert (done.good, done.scrap, done.scrap_reason) == (row.pieces - 3, 3, "crack")
    assert f"{row.pieces - 3} done" in operator.get("/floor/ROLL").text
    assert operator.post("/floor/ROLL/undo", data={"key": "u1"}).status_code == 303
    assert operator.post("/floor/ROLL/undo", data={"key": "u1"}).status_code == 303
    assert jobs(database, order.id)[0].state == "running"


def test_what_still_rests_has_no_start_button(database: Database, plant: Plant, operator: Visitor) -> None:
    order, floor = sourced(database, plant), Floor(database, plant)
    floor.walk(order.id, until="glost")
    glaze, glost = jobs(database, order.id)[3:5]
    clock_at(database, floor, glaze.end + 10)
    page = operator.get(f"/floor/{glost.resource}").text
    assert "Rests until" in page
    assert 'value="start"' not in page
    clock_at(database, floor, glaze.end + glaze.min_lag)
    assert 'value="start"' in operator.get(f"/floor/{glost.resource}").text


def test_the_buttons_work_as_the_page_has_them(database: Database, plant: Plant, operator: Visitor) -> None:
    order, floor = sourced(database, plant), Floor(database, plant)
    row = jobs(database, order.id)[0]
    assert press(operator, "/floor/ROLL", "start") == 303
    assert jobs(database, order.id)[0].state == "running"
    assert press(operator, "/floor/ROLL", "/floor/ROLL/undo") == 303
    assert jobs(database, order.id)[0].state == "firm"
    assert press(operator, "/floor/ROLL", "start") == 303
    assert press(operator, "/floor/ROLL?step=scrap", "scrap", scrap_reason="crack") == 303
    clock_at(database, floor, row.end)
    assert press(operator, "/floor/ROLL?step=count", "finish") == 303
    assert jobs(database, order.id)[0].scrap == 1


def press(visitor: Visitor, page: str, what: str, **typed: str) -> int:
    """Send the page's form for this act, or to this address, with what its fields hold."""
    forms = re.findall(r"<form[^>]*data-queue.*?</form>", visitor.get(page).text, re.DOTALL)
    form = next(f for f in forms if f'value="{what}"' in f or f'action="{what}"' in f)
    fields = {}
    for field in re.findall(r"<input[^>]*>", form):
        told = dict(re.findall(r'(\w+)="([^"]*)"', field))
        if told["type"] != "radio":
            fields[told["name"]] = told.get("value", "")
    action = re.search(r'action="([^"]+)"', form)
    assert action is not None
    return int(visitor.post(action[1], data={**fields, **typed}).status_code)


def test_an_act_sent_twice_happens_once(database: Database, plant: Plant, operator: Visitor) -> None:
    order = sourced(database, plant)
    row = jobs(database, order.id)[0]
    queued = {"X-Queued-At": NOW.wall.isoformat()}
    fields = {"key": "tablet-1", "action": "start", "job": row.id}
    for _ in range(2):
        assert operator.post("/floor/ROLL/acts", data=fields, headers=queued).status_code == 303
    with database.read() as session:
        assert len(session.exec(select(Scan)).all()) == 1


def test_a_refused_act_says_why_where_it_happened(
    database: Database, plant: Plant, operator: Visitor
) -> None:
    order = sourced(database, plant)
    dry = jobs(database, order.id)[1]
    refused = operator.post("/floor/DRY1/acts", data={"key": "x", "action": "start", "job": dry.id})
    assert refused.status_code == 409
    assert "Forming of this lot is not finished." in refused.text
    nonsense = operator.post("/floor/ROLL/acts", data={"key": "y", "action": "dance", "job": dry.id})
    assert nonsense.status_code == 422


@pytest.mark.parametrize("good", ["99999", "a few", "", "1.5", "9" * 5000])
def test_a_count_that_cannot_be_comes_back_in_its_form(
    database: Database, plant: Plant, operator: Visitor, good: str
) -> None:
    order = sourced(database, plant)
    row = jobs(database, order.id)[0]
    assert act(operator, "ROLL", "k1", action="start", job=row.id) == 303
    fields = {"key": "k2", "action": "finish", "job": row.id, "good": good}
    back = operator.post("/floor/ROLL/acts?lang=de", data=fields)
    assert back.status_code == (409 if good == "99999" else 422)
    assert f'name="good" value="{good}"' in back.text
    assert f"Eine ganze Zahl von 0 bis {row.pieces}." in back.text
    assert 'id="step"' in back.text
    assert jobs(database, order.id)[0].state == "running"
    fields = {"key": "k3", "action": "scrap", "job": row.id, "scrap": good, "scrap_reason": "crack"}
    back = operator.post("/floor/ROLL/acts?lang=zh", data=fields)
    assert f'name="scrap" value="{good}"' in back.text
    assert f"请填写 1 到 {row.pieces} 之间的整数。" in back.text
    assert re.search(r'value="crack"[^>]* checked', back.text)


def test_a_firings_counts_stay_when_one_of_them_cannot_be(
    database: Database, plant: Plant, operator: Visitor
) -> None:
    order, floor = sourced(database, plant, 1200), Floor(database, plant)
    floor.walk(order.id, until="bisque")
    fired = [row for row in jobs(database, order.id) if row.code == "bisque"]
    first = fired[0]
    lots = [row for row in fired if (row.resource, row.start) == (first.resource, first.start)]
    floor.scan("start", firing=f"{first.resource}.{first.start}", minute=first.start)
    clock_at(database, floor, first.end + 2)
    page = operator.get(f"/floor/{first.resource}?step=count").text
    firing = re.search(r'name="firing" value="([^"]+)"', page)
    assert firing is not None
    counts = {f"scrap_{row.id}": str(7 + n) for n, row in enumerate(lots)}
    counts[f"scrap_{lots[-1].id}"] = "many"
    fields = {"key": "f1", "action": "finish", "firing": firing[1], **counts}
    back = operator.post(f"/floor/{first.resource}/acts", data=fields)
    assert back.status_code == 422
    assert all(f'name="{name}" value="{value}"' in back.text for name, value in counts.items())
    assert back.text.count('class="error"') == 1
    assert f"A whole number from 0 to {lots[-1].pieces}." in back.text


def test_what_is_refused_for_another_reason_keeps_the_count(
    database: Database, plant: Plant, operator: Visitor
) -> None:
    order, floor = sourced(database, plant), Floor(database, plant)
    row = jobs(database, order.id)[0]
    floor.scan("start", job=row.id, minute=row.start)
    clock_at(database, floor, row.start - 60)
    fields = {"key": "k2", "action": "finish", "job": row.id, "good": "5"}
    back = operator.post("/floor/ROLL/acts", data=fields)
    assert back.status_code == 409
    assert "it cannot end before that" in back.text
    assert 'name="good" value="5"' in back.text


def test_the_kiln_page_lights_and_opens_a_firing(database: Database, plant: Plant, operator: Visitor) -> None:
    order, floor = sourced(database, plant), Floor(database, plant)
    floor.walk(order.id, until="bisque")
    row = jobs(database, order.id)[2]
    clock_at(database, floor, row.start + 2)
    page = operator.get("/floor/BISQUE").text
    assert f"Light {row.pieces}" in page
    firing = re.search(r'name="firing" value="([^"]+)"', page)
    assert firing is not None
    assert act(operator, "BISQUE", "f1", action="start", firing=firing[1]) == 303
    assert "Until" in operator.get("/floor/BISQUE").text
    clock_at(database, floor, row.end + 2)
    count = operator.get("/floor/BISQUE?step=count").text
    assert f"scrap_{row.id}" in count
    firing = re.search(r'name="firing" value="([^"]+)"', count)
    assert firing is not None
    assert act(operator, "BISQUE", "f2", action="finish", firing=firing[1], **{f"scrap_{row.id}": 4}) == 303
    assert jobs(database, order.id)[2].scrap == 4


def test_the_floor_names_every_station(database: Database, plant: Plant, operator: Visitor) -> None:
    page = operator.get("/floor").text
    assert all(f'href="/floor/{code}"' in page for code in ("ROLL", "DRY1", "BISQUE", "KILN1", "PACK"))
    assert operator.get("/floor/LOOM").status_code == 404


def test_firings_open_to_show_who_is_in_them(database: Database, plant: Plant, planner: Visitor) -> None:
    order = sourced(database, plant)
    row = jobs(database, order.id)[4]
    page = planner.get("/plant/firings", params={"open": f"{row.resource}.{row.start}"}).text
    assert f"/plant/orders/{order.id}" in page
    assert "1,250 °C firing" in page


def test_the_tracking_page_shows_the_fire(database: Database, plant: Plant, client: Visitor) -> None:
    order, floor = sourced(database, plant), Floor(database, plant)
    floor.walk(order.id, until="glost")
    row = jobs(database, order.id)[4]
    floor.scan("start", firing=f"{row.resource}.{row.start}", minute=row.start)
    clock_at(database, floor, row.start + 300)
    from modules.manufacturing.firing_curve import card, curve_of
    from modules.manufacturing.slots import firing_of_order

    with database.read() as session:
        firing = firing_of_order(session, order.id, plant.id)
        assert firing is not None
        now = type(NOW)(floor.at(row.start + 300), NOW.wall)
        told = card(firing, "en", plant.timezone, now)
    curve = curve_of(firing)
    assert told is not None
    assert curve is not None
    assert told["lines"][0] == "In the 1,250 °C firing."
    assert told["lines"][1].startswith(f"Kiln {row.resource[-1]} opens ")
    assert told["now_label"] == "600 °C now"
    assert curve.peak == 1250


def test_the_journey_and_the_as_built_page_know_every_operation(
    database: Database, plant: Plant, people: People
) -> None:
    order, floor = sourced(database, plant), Floor(database, plant)
    with database.read() as session:
        planned = OnTheFloor().nodes(session, order.id, NOW)
    assert [node.state for node in planned] == ["next"] * 6
    floor.run(jobs(database, order.id)[0], scrap=8)
    dry = jobs(database, order.id)[1]
    floor.scan("start", job=dry.id, minute=dry.start)
    with database.read() as session:
        nodes = OnTheFloor().nodes(session, order.id, NOW)
    assert [node.state for node in nodes] == ["done", "now", "next", "next", "next", "next"]
    assert nodes[0].name == {"en": "Formed"}
    assert nodes[0].note["en"] == f"{jobs(database, order.id)[0].good} made, so 240 perfect reach you"
    assert nodes[1].until == floor.at(jobs(database, order.id)[1].end)
    floor.scan("finish", job=dry.id, minute=jobs(database, order.id)[1].end)
    floor.walk(order.id)
    assert order_of(database, order.id).stage == "produced"
    with database.read() as session:
        parts = MadeOf().parts(session, order.id)
    assert [p.section for p in parts].count("firing") == 2
    assert next(p.value for p in parts if p.section == "operation") == "Roller-former"
    glost = [p for p in parts if p.section == "firing"][1]
    assert glost.what["en"] == "1,250 °C firing"
    assert glost.at is not None
    assert glost.at - NOW.business > timedelta(days=1)


def test_the_station_opens_while_the_plan_moves_the_firing_it_feeds(
    database: Database, plant: Plant, operator: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read when the firing stood at one minute, then its lots when they stand at another."""
    sourced(database, plant)
    assert "lots" in operator.get("/floor/ROLL").text, "how much of the next firing is ready"
    whole = station.lists.rows_of

    def moved(*args: Any, **named: Any) -> list[Any]:
        return [] if "until" in named else whole(*args, **named)

    monkeypatch.setattr(station.lists, "rows_of", moved)
    answer = operator.get("/floor/ROLL")
    assert answer.status_code == 200
    assert "loads at" not in answer.text
