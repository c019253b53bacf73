"""A manufacturer with two sites whose work centres have the same codes: nothing is taken for the other's."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlmodel import Session

from cosmo.clock import set_clock
from cosmo.db import Database
from cosmo.parties import Party, Plant, Role
from tests.factories import NOW, make_plant, make_standard_product
from tests.modules.manufacturing.mugs import STEPS, build, firm, mug_spec
from tests.modules.manufacturing.shop import Floor, jobs, order_of, sourced
from tests.web_fixtures import Visitor

FORM, GLOST = 0, 4
KILN_FULL = 2_000


@dataclass(slots=True)
class Sites:
    """Two plants of one manufacturer, alike in every work centre; `cup` is made here and `bowl` there."""

    database: Database
    here: Plant
    there: Plant
    operator: Visitor
    planner: Visitor

    def run(self, at: Plant, quantity: int = 240) -> str:
        """An order with its whole route planned at a site; its id."""
        return sourced(self.database, at, quantity).id

    def firing(self, order_id: str) -> str:
        row = jobs(self.database, order_id)[GLOST]
        return f"{row.resource}.{row.start}"

    def queue(self, code: str, **asked: str) -> list[str]:
        """Ids of the orders that wait there."""
        told = self.operator.get(f"/api/v1/work-centers/{code}/queue", params=asked).json()
        return [job["order_id"] for job in told["next"]]


@pytest.fixture
def sites(database: Database, people: Callable[..., Visitor]) -> Sites:
    with database.write() as session:
        set_clock(session, speed=0.0, business=NOW.business)
        here = make_plant(session, slug="elbe-works", name="Elbe works")
        owner = session.get_one(Party, here.manufacturer_id)
        there = make_plant(session, owner, slug="oder-works", name="Oder works")
        for plant, family in ((here, "cup"), (there, "bowl")):
            build(session, plant)
            spec = mug_spec(1, STEPS[GLOST : GLOST + 1]).model_dump(mode="json")
            make_standard_product(session, plant, family, spec=spec)
    operator = people(Role.OPERATOR, here)
    return Sites(database, here, there, operator, people(Role.PLANNER, here))


def test_a_work_centre_of_both_asks_which_and_the_address_then_says_it(sites: Sites) -> None:
    order = sites.run(sites.there)
    asked = sites.operator.get("/floor/ROLL")
    assert asked.status_code == 200
    assert re.findall(r'href="(/floor/ROLL\?plant=[^"]+)"', asked.text) == [
        "/floor/ROLL?plant=elbe-works", "/floor/ROLL?plant=oder-works",
    ]  # fmt: skip
    idle, busy = (sites.operator.get(f"/floor/ROLL?plant={p.slug}").text for p in (sites.here, sites.there))
    assert "Roller-former · Elbe works" in idle
    assert 'value="start"' not in idle
    assert jobs(sites.database, order)[FORM].id in busy
    for address in ("/floor/ROLL?plant=oder-works", "/floor/ROLL/acts?plant=oder-works"):
        assert f'"{address}"' in busy, "what the page sends or asks again stays at its plant"
    assert 'href="/floor/ROLL?plant=oder-works&amp;lang=de"' in busy, "in another language too"


def test_the_choice_names_the_plants_and_links_to_their_work_centres(sites: Sites) -> None:
    page = sites.operator.get("/floor").text
    assert page.index("Elbe works") < page.index("/floor/ROLL?plant=elbe-works") < page.index("Oder works")
    assert "/floor/ROLL?plant=oder-works" in page


def test_a_work_centre_of_one_plant_needs_no_choice(sites: Sites) -> None:
    from modules.manufacturing.plant import add_work_centre

    with sites.database.write() as session:
        add_work_centre(session, sites.there.id, "LATHE", {"en": "Lathe"}, NOW)
    assert "Lathe · Oder works" in sites.operator.get("/floor/LATHE").text
    assert sites.operator.get("/floor/LATHE?plant=elbe-works").status_code == 404


def test_acts_happen_where_they_were_pressed(sites: Sites) -> None:
    here, there = sites.run(sites.here), sites.run(sites.there)
    job = jobs(sites.database, there)[FORM].id
    press = {"key": "a", "action": "start", "job": job}
    assert sites.operator.post("/floor/ROLL/acts", data=press).status_code == 409, "which of the two?"
    wrong = sites.operator.post("/floor/ROLL/acts?plant=elbe-works", data=press)
    assert wrong.status_code == 409
    assert "There is no such job here." in wrong.text
    done = sites.operator.post("/floor/ROLL/acts?plant=oder-works", data=press)
    assert (done.status_code, done.headers["location"]) == (303, "/floor/ROLL?plant=oder-works")
    assert [jobs(sites.database, o)[FORM].state for o in (here, there)] == ["firm", "running"]
    undo = {"key": "u"}
    assert sites.operator.post("/floor/ROLL/undo?plant=elbe-works", data=undo).status_code == 409
    back = sites.operator.post("/floor/ROLL/undo?plant=oder-works", data=undo)
    assert (back.status_code, back.headers["location"]) == (303, "/floor/ROLL?plant=oder-works")
    assert jobs(sites.database, there)[FORM].state == "firm"


def test_the_api_says_which_and_is_told(sites: Sites) -> None:
    here, there = sites.run(sites.here), sites.run(sites.there)
    refused = sites.operator.get("/api/v1/work-centers/ROLL/queue")
    assert (refused.status_code, refused.json()["type"]) == (409, "several-plants")
    assert refused.json()["plants"] == ["elbe-works", "oder-works"]
    assert sites.queue("ROLL", plant="elbe-works") == [here]
    assert sites.queue("ROLL", plant="oder-works") == [there]
    assert sites.operator.post("/api/v1/work-centers/ROLL/undo").status_code == 409
    nothing = sites.operator.post("/api/v1/work-centers/ROLL/undo?plant=oder-works").json()
    assert nothing["type"] == "cannot-undo"


def test_a_firing_of_the_same_name_is_lit_where_it_is_said(sites: Sites) -> None:
    here, there = sites.run(sites.here), sites.run(sites.there)
    assert sites.firing(here) == sites.firing(there), "or this proves nothing"
    for order, plant in ((here, sites.here), (there, sites.there)):
        Floor(sites.database, plant).walk(order, until="glost")
    with sites.database.write() as session:
        lit = Floor(sites.database, sites.there).at(jobs(sites.database, there)[GLOST].start)
        set_clock(session, speed=0.0, business=lit)
    scan = {"client_id": "lit", "action": "start", "firing": sites.firing(there)}
    blind = _scan(sites, scans=[scan])
    assert blind["error"]["type"] == "several-plants"
    assert _scan(sites, plant="oder-works", scans=[scan])["ok"]
    assert [jobs(sites.database, o)[GLOST].state for o in (here, there)] == ["firm", "running"]


def _scan(sites: Sites, **body: object) -> dict[str, Any]:
    (result,) = sites.operator.post("/api/v1/scans", json=body).json()["results"]
    return dict(result)


def test_board_firings_and_schedule_show_one_plant_and_lead_to_the_other(sites: Sites) -> None:
    orders = {plant.slug: sites.run(plant) for plant in (sites.here, sites.there)}
    for slug, other in (("elbe-works", "oder-works"), ("oder-works", "elbe-works")):
        told = sites.planner.get(f"/api/v1/plants/{slug}/schedule").json()["operations"]
        assert {job["order_id"] for job in told} == {orders[slug]}
        board = sites.planner.get(f"/plant/board?plant={slug}").text
        assert f"/plant/orders/{orders[slug]}" in board
        assert f"/plant/orders/{orders[other]}" not in board
        opened = f"/plant/firings?plant={slug}&open={sites.firing(orders[slug])}"
        firings = sites.planner.get(opened).text
        assert f"/plant/orders/{orders[slug]}" in firings
        assert f"/plant/orders/{orders[other]}" not in firings
        for page in (board, firings, sites.planner.get(f"/plant/standstills?plant={slug}").text):
            assert re.search(rf'href="/plant/\w+\?[^"]*plant={other}"', page), "the way to the other plant"
            assert re.search(rf'href="/plant/\w+\?plant={slug}&amp;lang=de"', page), "in German the same"


def test_a_standstill_of_one_plant_leaves_the_others_machine_alone(sites: Sites) -> None:
    here, there = sites.run(sites.here), sites.run(sites.there)
    before = [jobs(sites.database, o)[2].start for o in (here, there)]
    form = {"plant": "oder-works", "resource": "BISQUE", "hours": "96", "publish": "1"}
    assert sites.planner.post("/plant/standstills", data=form).status_code == 303
    after = [jobs(sites.database, o)[2].start for o in (here, there)]
    assert after[0] == before[0]
    assert after[1] > before[1]


def test_the_promise_is_of_the_plant_that_makes_it(sites: Sites, client: Visitor) -> None:
    """One site's kilns are full: its date moves out, the other's does not; orders go where they belong."""
    free = {family: _ready(client, family) for family in ("cup", "bowl")}
    with sites.database.write() as session:
        _fill(session, sites.here)
    full = {family: _ready(client, family) for family in ("cup", "bowl")}
    assert full["cup"] > free["cup"]
    assert full["bowl"] == free["bowl"]
    wish = {"family": "bowl", "selections": {}, "quantity": KILN_FULL}
    who = {"customer": {"name": "Ada", "email": "ada@example.test"}}
    placed = client.post("/api/v1/orders", json=wish | who).json()
    assert order_of(sites.database, placed["id"]).plant_id == sites.there.id
    assert {job.plant_id for job in jobs(sites.database, placed["id"])} == {sites.there.id}


def _ready(client: Visitor, family: str) -> str:
    answer = client.post("/api/v1/quotes", json={"family": family, "quantity": KILN_FULL})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["promise"]["ready_at"])


def _fill(session: Session, plant: Plant) -> None:
    for _ in range(6):
        firm(session, plant, KILN_FULL, spec=mug_spec(KILN_FULL, STEPS[GLOST : GLOST + 1]))
