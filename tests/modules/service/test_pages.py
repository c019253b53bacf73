"""The passport, the customer's claim and rating, the service desk: what they say, keep and never show."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from cosmo.clock import set_clock
from cosmo.db import Database
from cosmo.journey_ports import AsBuilt, AsBuiltPart
from cosmo.orders import Order
from cosmo.owing import accept_fewer
from cosmo.parties import Plant, Role
from cosmo.registry import Module, Parts, Registry
from cosmo.stages import Stage
from modules.service import module
from modules.service.models import Claim, Passport
from tests.factories import MONDAY, NOW
from tests.web_fixtures import Visitor

CLAIM = {"kind": "broken", "pieces": "2", "text": "Two came broken."}


class Record:
    """A module that says what it was made of, and who made it."""

    def parts(self, session: Session, order_id: str) -> list[AsBuiltPart]:
        return [
            AsBuiltPart("material", {"en": "Porcelain"}, "WW-1", MONDAY),
            AsBuiltPart("person", {"en": "Glazing"}, "CANARYWORKER", MONDAY),
        ]


@pytest.fixture
def with_record(modules: Callable[..., Registry]) -> None:
    modules(module, Module("record", {"en": "Record"}, lambda: Parts(ports={AsBuilt: Record()})))


@pytest.fixture
def code(database: Database, order: Order) -> str:
    with database.read() as session:
        return session.get_one(Passport, order.id).code


def claims(database: Database) -> list[Claim]:
    with database.read() as session:
        return list(session.exec(select(Claim)))


@pytest.mark.usefixtures("with_record")
def test_the_passport_tells_of_the_thing_and_of_nobody(
    client: Visitor, people: Callable[..., Visitor], code: str, order: Order, plant: Plant
) -> None:
    page = client.get(f"/made/{code}").text
    for words in ("Cup", "10 pieces", "Porcelain", "WW-1", "Thursday 8 June", "<svg"):
        assert words in page
    for private in (
        "CANARY",
        "canary@",
        "7777",
        "7,777",
        order.tracking_token,
        order.id,
        order.number or "-",
    ):
        assert private not in re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL), private
    told = people(Role.PLANNER, plant).get(f"/api/v1/orders/{order.id}/as-built").text
    assert "CANARYWORKER" in told, "the control: the record has it, the plant may read it"
    by_link = client.get(f"/api/v1/orders/{order.id}/as-built?token={order.tracking_token}")
    assert "Porcelain" in by_link.text
    assert "CANARY" not in by_link.text


def test_a_wrong_code_leads_to_no_product(client: Visitor, code: str) -> None:
    answer = client.get(f"/made/{code[:-1]}")
    assert answer.status_code == 404
    assert "leads to no product" in answer.text


def test_a_claim_by_hand_keeps_what_was_typed(client: Visitor, database: Database, order: Order) -> None:
    at = f"/track/{order.tracking_token}/claims"
    client.get(f"/made/{'x' * 22}")  # a cookie for the forms
    missing = client.post(at, data={**CLAIM, "pieces": ""})
    assert missing.status_code == 422
    assert "Two came broken." in missing.text
    assert claims(database) == []
    many = client.post(at, data={**CLAIM, "pieces": "11"})
    assert many.status_code == 422
    assert "possible for 10 more" in many.text
    assert 'value="11"' in many.text
    assert client.post(at, data=CLAIM).status_code == 303
    assert [c.pieces for c in claims(database)] == [2]


def test_a_claim_is_for_no_more_than_the_pieces_that_came(
    people: Callable[..., Visitor], client: Visitor, database: Database, order: Order, plant: Plant
) -> None:
    with database.write() as session:
        accept_fewer(session, order.id, 7, actor="customer", now=NOW)
    client.get(f"/made/{'x' * 22}")
    again = client.post(f"/track/{order.tracking_token}/claims", data={**CLAIM, "pieces": "8"})
    assert (again.status_code, 'max="7"' in again.text, 'max="10"' in again.text) == (422, True, False)
    client.post(f"/track/{order.tracking_token}/claims", data=CLAIM)
    desk = people(Role.SERVICE, plant).get("/service").text
    assert ("2 / 7" in desk, "2 / 10" in desk) == (True, False)


def test_the_desk_answers_claims(
    people: Callable[..., Visitor], client: Visitor, database: Database, order: Order, plant: Plant
) -> None:
    agent = people(Role.SERVICE, plant)
    assert "No customer has complained yet." in agent.get("/service").text
    client.get(f"/made/{'x' * 22}")
    client.post(f"/track/{order.tracking_token}/claims", data=CLAIM)
    (claim,) = claims(database)
    at = f"/service/claims/{claim.id}"
    assert "1 claim to answer" in agent.get("/service").text
    for pieces in ("", "0", "²", "two"):
        wrong = agent.post(f"{at}/remake", data={"pieces": pieces, "answer": "So sorry"})
        assert wrong.status_code == 422, pieces
        assert "So sorry" in wrong.text
    many = agent.post(f"{at}/remake", data={"pieces": "3"})
    assert many.status_code == 422
    assert "make again that many or fewer" in many.text
    assert agent.post(f"{at}/rejection", data={"answer": " "}).status_code == 422
    assert agent.post(f"{at}/remake", data={"pieces": "2", "answer": "So sorry"}).status_code == 303
    with database.read() as session:
        remake = session.exec(select(Order).where(Order.remake_of == order.id)).one()
    page = agent.get("/service").text
    assert "All claims are answered" in page
    assert (remake.number or "-") in page
    again = agent.post(f"{at}/rejection", data={"answer": "No."})
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "2,000 fit"), ("de", "2.000 passen"), ("zh", "最多 2,000 个")]
)
def test_too_long_a_claim_or_an_answer_comes_back_in_its_form(
    people: Callable[..., Visitor], client: Visitor, database: Database, order: Order, plant: Plant,
    lang: str, words: str,
) -> None:  # fmt: skip
    long = "Hm " + "x" * 2000
    client.get(f"/made/{'x' * 22}?lang={lang}")
    at = f"/track/{order.tracking_token}/claims"
    back = client.post(at, data={**CLAIM, "text": long})
    assert (back.status_code, long in back.text, words in back.text) == (422, True, True)
    back = client.post(at, data={**CLAIM, "pieces": "12345678901", "kind": "k" * 21})
    assert (back.status_code, 'value="12345678901"' in back.text) == (422, True)
    assert claims(database) == []
    client.post(at, data=CLAIM)
    agent = people(Role.SERVICE, plant)
    agent.get(f"/service?lang={lang}")
    (claim,) = claims(database)
    for verb, more in (("remake", {"pieces": "2"}), ("rejection", {})):
        back = agent.post(f"/service/claims/{claim.id}/{verb}", data={"answer": long, **more})
        assert (back.status_code, long in back.text, words in back.text) == (422, True, True), verb
    back = agent.post(f"/service/claims/{claim.id}/remake", data={"answer": "Sorry", "pieces": "9" * 5000})
    assert (back.status_code, "9" * 5000 in back.text) == (422, True)


@pytest.mark.parametrize("stars", ["6", "0", "many", "", "5.5"])
def test_a_rating_that_is_none_asks_again_and_keeps_the_words(
    client: Visitor, order: Order, stars: str
) -> None:
    client.get(f"/made/{'x' * 22}?lang=de")
    at = f"/track/{order.tracking_token}/rating"
    back = client.post(at, data={"stars": stars, "text": "Schön"})
    assert back.status_code == 422
    assert "Wählen Sie eine Zahl von 1 bis 5." in back.text
    assert "Schön</textarea>" in back.text
    assert back.text.count('name="stars"') == 5


def test_somebody_elses_claim_is_nothing(
    people: Callable[..., Visitor], client: Visitor, database: Database, order: Order
) -> None:
    client.get(f"/made/{'x' * 22}")
    client.post(f"/track/{order.tracking_token}/claims", data=CLAIM)
    (claim,) = claims(database)
    stranger = people(Role.SERVICE)
    for act, body in (("remake", {"pieces": 1}), ("rejection", {"answer": "No"})):
        assert stranger.post(f"/service/claims/{claim.id}/{act}", data=body).status_code == 404
        assert stranger.post(f"/api/v1/claims/{claim.id}/{act}", json=body).status_code == 404
    assert stranger.get("/api/v1/claims").json() == []


def test_rating_by_hand_closes(client: Visitor, database: Database, order: Order) -> None:
    client.get(f"/made/{'x' * 22}")
    at = f"/track/{order.tracking_token}/rating"
    assert client.post(at, data={"stars": "6"}).status_code == 422
    assert client.post(at, data={"stars": "5"}).status_code == 303
    assert client.post(at, data={"stars": "4"}).status_code == 409
    with database.read() as session:
        assert session.get_one(Order, order.id).stage == Stage.CLOSED


def test_a_claim_after_the_warranty_says_when_it_ended(
    client: Visitor, database: Database, order: Order
) -> None:
    client.get(f"/made/{'x' * 22}")
    with database.write() as session:
        set_clock(session, speed=0, business=MONDAY + timedelta(days=800))
    late = client.post(f"/track/{order.tracking_token}/claims", data=CLAIM)
    assert late.status_code == 409
    assert "8 June 2028" in late.text


def test_the_way_to_the_desk_is_shown_to_whoever_may_go_there(
    client: Visitor, people: Callable[..., Visitor], order: Order, plant: Plant
) -> None:
    client.post(f"/track/{order.tracking_token}/claims", data=CLAIM)
    for role in (Role.SERVICE, Role.PLANNER):
        person = people(role, plant)
        home = person.get("/plant").text
        assert "1 claim to answer" in home
        assert ('href="/service"' in home.partition("<main")[2]) == (role is Role.SERVICE)
        assert (person.get("/service").status_code == 200) == (role is Role.SERVICE)
