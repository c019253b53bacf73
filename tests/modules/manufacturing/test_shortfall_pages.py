"""The question about missing pieces over HTTP: the API, the customer's page, where plants see it."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlmodel import select

from cosmo.clock import set_clock
from cosmo.db import Database
from cosmo.mail import Mail
from cosmo.orders import Order
from cosmo.parties import Plant, Role
from cosmo.registry import Registry
from cosmo.relay import drain
from modules.interaction import module as interaction
from modules.manufacturing import module
from tests.modules.manufacturing.shades import PACK, one_shade
from tests.modules.manufacturing.shop import Floor, jobs, lots, order_of, sourced
from tests.web_fixtures import Visitor

People = Callable[..., Visitor]


@pytest.fixture(autouse=True)
def with_the_page(only_manufacturing: Registry, modules: Callable[..., Registry]) -> None:
    modules(module, interaction)


@pytest.fixture
def order(database: Database, plant: Plant) -> Order:
    """40 of 247 are lost at its only operation; the clock stands there."""
    made = one_shade(database, plant, steps=PACK)
    floor, (row,) = Floor(database, plant), jobs(database, made.id)
    floor.run(row, scrap=40)
    with database.write() as session:
        set_clock(session, speed=0.0, business=floor.at(row.end + 5))
    return order_of(database, made.id)


def api(order: Order, token: str | None = None) -> str:
    path = f"/api/v1/orders/{order.id}/shortfall"
    return f"{path}?token={token}" if token else path


def test_the_question_and_the_answer_go_by_the_tracking_token(order: Order, client: Visitor) -> None:
    path = api(order, order.tracking_token)
    asked = client.get(path).json()
    assert (asked["state"], asked["owed"], asked["missing"], asked["pieces"]) == ("open", 240, 32, 208)
    assert date.fromisoformat(asked["remake_day"]) >= date.fromisoformat(asked["second_day"])
    told = client.post(path, json={"answer": "fewer", "version": asked["version"]})
    assert (told.status_code, told.json()["state"], told.json()["stage"]) == (200, "fewer", "produced")
    again = client.post(path, json={"answer": "fewer"})
    assert (again.status_code, again.json()["answered_at"]) == (200, told.json()["answered_at"])
    other = client.post(path, json={"answer": "remake"})
    assert other.status_code == 409
    assert "answered already" in other.json()["detail"]


def test_without_token_or_key_there_is_no_such_order(order: Order, client: Visitor) -> None:
    for path in (api(order), api(order, "x" * 32)):
        assert client.post(path, json={"answer": "fewer"}).status_code == 404
        assert client.get(path).status_code == 404
    assert client.get(api(order, order.tracking_token)).json()["state"] == "open"


@pytest.mark.parametrize("body", [{}, {"answer": "wait"}, {"answer": "fewer", "version": 0}, {"more": 1}])
def test_what_is_no_answer_is_refused(order: Order, client: Visitor, body: dict[str, object]) -> None:
    assert client.post(api(order, order.tracking_token), json=body).status_code == 422


def test_figures_that_are_not_the_latest_are_refused(order: Order, client: Visitor) -> None:
    answer = client.post(api(order, order.tracking_token), json={"answer": "fewer", "version": 7})
    assert answer.status_code == 409
    assert "new figures" in answer.json()["detail"]


def test_an_order_of_which_nothing_is_missing_has_no_question(
    database: Database, plant: Plant, client: Visitor
) -> None:
    order = sourced(database, plant)
    assert client.get(api(order, order.tracking_token)).status_code == 404
    assert client.post(api(order, order.tracking_token), json={"answer": "fewer"}).status_code == 409


def test_a_planner_writes_down_what_the_customer_said(
    database: Database, order: Order, plant: Plant, people: People
) -> None:
    planner = people(Role.PLANNER, plant, bearer=True)
    (open_one,) = planner.get(f"/api/v1/plants/{plant.slug}/shortfalls").json()
    assert (open_one["order_id"], open_one["missing"]) == (order.id, 32)
    assert planner.post(api(order), json={"answer": "second_shade"}).json()["state"] == "second_shade"
    assert planner.get(f"/api/v1/plants/{plant.slug}/shortfalls").json() == []
    assert [lot.shade_lot for lot in lots(database, order.id)] == ["A", "B"]
    operator = people(Role.OPERATOR, plant, bearer=True)
    assert operator.post(api(order), json={"answer": "remake"}).status_code == 403


@pytest.mark.parametrize(
    ("answer", "says"),
    [("second_shade", "A second shade lot"), ("fewer", "Fewer pieces"), ("remake", "Everything again")],
)
def test_the_customer_answers_on_the_page(
    database: Database, order: Order, client: Visitor, answer: str, says: str
) -> None:
    track = f"/track/{order.tracking_token}"
    page = client.get(track).text
    assert "How shall we go on?" in page
    assert "32 of 240 are missing" in page
    assert f'value="{answer}"' in page
    assert "Waiting for you." in page
    form = {"answer": answer, "version": "1"}
    for _ in range(2):
        done = client.post(f"{track}/shortfall", data=form)
        assert (done.status_code, done.headers["location"]) == (303, f"{track}#shortfall")
    after = client.get(track).text
    assert "How shall we go on?" not in after
    assert "32 of 240 were missing" in after
    assert says in after
    assert len(lots(database, order.id)) == (1 if answer == "fewer" else 2)


def test_a_form_without_an_answer_is_refused(order: Order, client: Visitor) -> None:
    answer = client.post(f"/track/{order.tracking_token}/shortfall", data={"answer": "all"})
    assert answer.status_code == 422
    assert "one of the three ways" in answer.text


@pytest.mark.parametrize(
    ("lang", "says"), [("de", "Wie sollen wir weitermachen?"), ("zh", "我们该如何继续？")]
)
def test_the_page_asks_in_other_languages(order: Order, client: Visitor, lang: str, says: str) -> None:
    page = client.get(f"/track/{order.tracking_token}?lang={lang}").text
    assert says in page
    assert "are missing" not in page


def test_plants_see_what_is_asked(order: Order, plant: Plant, people: People) -> None:
    planner = people(Role.PLANNER, plant)
    assert "32 of 240 are missing in one shade lot" in planner.get(f"/plant/orders/{order.id}").text
    assert "32 missing in one shade lot" in planner.get("/plant").text
    assert "Asked about missing pieces" in planner.get("/plant/board").text


def test_who_is_asked_nothing_is_shown_nothing(
    database: Database, plant: Plant, client: Visitor, people: People
) -> None:
    order = sourced(database, plant)
    planner = people(Role.PLANNER, plant)
    assert "missing" not in client.get(f"/track/{order.tracking_token}").text
    assert "missing in one shade lot" not in planner.get(f"/plant/orders/{order.id}").text
    assert "Asked about missing pieces" not in planner.get("/plant/board").text


def test_the_customer_gets_a_mail_with_the_choices(database: Database, order: Order) -> None:
    drain(database)
    with database.read() as session:
        sent = session.exec(select(Mail.template).where(Mail.order_id == order.id)).all()
    assert list(sent).count("shortfall") == 1
