"""The customer's page at every stage, messages both ways, another address, cancelling with the code."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from cosmo.clock import set_clock
from cosmo.db import Database
from cosmo.events import Event
from cosmo.lifecycle import emit
from cosmo.mail import Mail
from cosmo.orders import Address, Order
from cosmo.owing import accept_fewer
from cosmo.parties import Party, Plant, Role
from cosmo.payloads import HeldPayload, PromiseMoved
from cosmo.ports import DeliveryAnswer
from cosmo.relay import drain
from cosmo.stages import Stage
from tests.factories import MONDAY, NOW, PROMISED, walk
from tests.modules.interaction.conftest import ADDRESS
from tests.web_fixtures import Visitor

EXPECTED = {
    Stage.PLACED: ("On time.", "has never moved", "can still be cancelled"),
    Stage.SCHEDULED: ("On time.", "until it is packed", "can still be cancelled"),
    Stage.IN_PRODUCTION: ("On time.", "can still be cancelled"),
    Stage.PRODUCED: ("On time.", "fixed since it was packed"),
    Stage.SHIPPED: ("On time.", "fixed since it was packed"),
    Stage.DELIVERED: ("Delivered.", "before the promised day"),
    Stage.CLOSED: ("Delivered.", "before the promised day"),
}


def page_of(client: Visitor, order: Order) -> str:
    answer = client.get(f"/track/{order.tracking_token}")
    assert answer.status_code == 200
    return str(answer.text)


@pytest.fixture
def customer(people: Callable[..., Visitor], database: Database, order: Order) -> Visitor:
    with database.read() as session:
        return people(Role.CUSTOMER, party=session.get_one(Party, order.customer_id))


@pytest.mark.parametrize("stage", EXPECTED)
def test_every_stage_says_where_the_promise_stands(
    client: Visitor, database: Database, order: Order, stage: Stage
) -> None:
    with database.write() as session:
        walk(session, order.id, stage)
    page = page_of(client, order)
    for words in ("C-24001", "26 June", *EXPECTED[stage]):
        assert words in page
    assert ("/cancellation" in page) is (stage in (Stage.PLACED, Stage.SCHEDULED, Stage.IN_PRODUCTION))
    assert "Lu Ceramics" in page.partition("</header>")[0]


def test_once_it_came_the_poster_shows_that_day(client: Visitor, database: Database, order: Order) -> None:
    with database.write() as session:
        walk(session, order.id, Stage.DELIVERED)
    poster = page_of(client, order).partition("<h1")[2].partition("</h1>")[0]
    assert ("8 June" in poster, "26 June" in poster) == (True, False)


@pytest.mark.parametrize("lang", ["en", "de", "zh"])
def test_what_is_shipped_says_so_and_when_its_day_is_over(
    client: Visitor, database: Database, order: Order, lang: str
) -> None:
    def live() -> str:
        page = client.get(f"/track/{order.tracking_token}?lang={lang}").text
        return str(page.partition('<div class="hero">')[2].partition('<section class="jour"')[0])

    with database.write() as session:
        walk(session, order.id, Stage.SHIPPED)
    said, late = {
        "en": ("on its way to you", "overdue"),
        "de": ("auf dem Weg zu Ihnen", "überfällig"),
        "zh": ("正在送往您处", "现已逾期"),
    }[lang]
    assert said in live()
    assert late not in live()
    with database.write() as session:
        set_clock(session, speed=0, business=MONDAY + timedelta(days=30))
    assert late in live()
    assert "On time." not in live()


def test_a_quote_and_an_expired_one_promise_nothing(client: Visitor, database: Database, mugs: Plant) -> None:
    from cosmo.quoting import lapse
    from tests.factories import make_order

    with database.write() as session:
        order = walk(session, make_order(session, mugs, family="mug").id, Stage.QUOTED)
    assert "Not ordered yet." in page_of(client, order)
    with database.write() as session:
        lapse(session, order.id, NOW)
    page = page_of(client, order)
    assert "Expired." in page
    assert "On time." not in page


def test_once_fewer_are_accepted_the_order_is_called_by_what_comes(
    client: Visitor, customer: Visitor, database: Database, order: Order
) -> None:
    def heading(page: str) -> str:
        return page.partition('<section class="say">')[2].partition("</p>")[0]

    assert heading(page_of(client, order)).count("10 pieces") == 2, "wide and narrow"
    assert "10 pieces" in customer.get("/orders").text
    with database.write() as session:
        accept_fewer(session, order.id, 7, actor="customer", now=NOW)
    told = heading(page_of(client, order))
    assert (told.count("7 pieces"), "10 pieces" in told) == (2, False), told
    mine = customer.get("/orders").text
    assert ("7 pieces" in mine, "10 pieces" in mine) == (True, False)


def test_a_claim_is_asked_for_no_more_than_came(client: Visitor, database: Database, order: Order) -> None:
    with database.write() as session:
        accept_fewer(session, order.id, 7, actor="customer", now=NOW)
        walk(session, order.id, Stage.DELIVERED)
    drain(database)
    form = page_of(client, order).partition(f'action="/track/{order.tracking_token}/claims"')[2]
    assert ('max="7"' in form, 'max="10"' in form) == (True, False)


@pytest.mark.parametrize(
    ("days", "word"), [(2, "Your date moved."), (-1, "On time.")], ids=["later", "earlier"]
)
def test_a_moved_promise_is_said_with_its_reason(
    client: Visitor, database: Database, order: Order, days: int, word: str
) -> None:
    with database.write() as session:
        payload = PromiseMoved(
            old=PROMISED, new=PROMISED + timedelta(days=days), ready_at=MONDAY, reason="breakdown", cause=None
        )
        emit(session, order.id, payload, now=NOW, actor="kernel")
    page = page_of(client, order)
    assert word in page
    assert "Friday 26 June" in page, "the first promise is never hidden"
    assert ("A machine broke down." in page) is (days > 0)


@pytest.mark.parametrize(
    ("reason", "word"), [("deposit-open", "Waiting for you."), ("plant", "Waiting.")], ids=["you", "plant"]
)
def test_a_hold_says_whose_turn_it_is(
    client: Visitor, database: Database, order: Order, reason: str, word: str
) -> None:
    with database.write() as session:
        emit(session, order.id, HeldPayload(reason=reason), now=NOW, actor="kernel")
    page = page_of(client, order)
    assert f"<b>{word}</b>" in page
    yours = reason == "deposit-open"
    assert ('href="#todo"' in page) is yours, "the date leads to what waits"
    assert ('id="todo"' in page) is yours
    assert page.count('action="/track/' + str(order.tracking_token) + '/payment"') == yours


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", "This has 2,003 characters and 2,000 fit."),
        ("de", "Das sind 2.003 Zeichen, und 2.000 passen."),
        ("zh", "这里有 2,003 个字符，最多 2,000 个。"),
    ],
)
def test_too_long_a_message_comes_back_in_its_form(
    client: Visitor, people: Callable[..., Visitor], order: Order, mugs: Plant, lang: str, words: str
) -> None:
    page_of(client, order)
    long = "Hi " + "x" * 2000
    planner = people(Role.PLANNER, mugs)
    for visitor, at in (
        (client, f"/track/{order.tracking_token}/messages"),
        (planner, f"/plant/orders/{order.id}/messages"),
    ):
        visitor.get(f"/sign-in?lang={lang}")
        back = visitor.post(at, data={"text": long})
        assert back.status_code == 422
        assert f'value="{long}"' in back.text
        assert f'action="{at}"' in back.text
        assert words in back.text
        assert visitor.post(at, data={"text": long[:2000]}).status_code == 303


def test_messages_go_both_ways_and_only_the_id_is_an_event(
    client: Visitor, people: Callable[..., Visitor], database: Database, order: Order, mugs: Plant
) -> None:
    page_of(client, order)
    at = f"/track/{order.tracking_token}"
    empty = client.post(f"{at}/messages", data={"text": "  "})
    assert empty.status_code == 422
    assert "Write a few words first." in empty.text
    sent = client.post(f"{at}/messages", data={"text": "CANARY <b>please</b> ring"})
    assert sent.headers["Location"] == f"{at}#messages"
    planner = people(Role.PLANNER, mugs)
    assert "CANARY &lt;b&gt;please" in planner.get(f"/plant/orders/{order.id}").text
    planner.post(f"/plant/orders/{order.id}/messages", data={"text": "We ring."})
    panels = client.get(f"{at}/panels").text
    assert "We ring." in panels
    assert "Lu Ceramics" in panels
    with database.read() as session:
        told = [str(e.payload) for e in session.exec(select(Event).where(Event.order_id == order.id))]
    assert any("from_plant" in words for words in told), "the control"
    assert not any("CANARY" in words for words in told)
    assert (
        people(Role.PLANNER).post(f"/plant/orders/{order.id}/messages", data={"text": "x"}).status_code == 404
    )


def address(session: Session, order: Order) -> Address:
    return session.get_one(Address, session.get_one(Order, order.id).ship_to_id)


def test_another_address_promises_anew(
    client: Visitor, database: Database, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cosmo.defaults import FromTheDoor

    def later(self: Any, *args: Any) -> DeliveryAnswer:
        return DeliveryAnswer(PROMISED + timedelta(days=3), "", {"en": "Door"}, 0)  # type: ignore[arg-type]

    monkeypatch.setattr(FromTheDoor, "deliver", later)
    at = f"/track/{order.tracking_token}"
    form = client.get(f"{at}/address").text
    assert 'value="Ada Lovelace"' in form
    wrong = client.post(f"{at}/address", data={**ADDRESS, "city": "", "street": "Hafen 2"})
    assert wrong.status_code == 422
    assert "Write the city." in wrong.text
    assert 'value="Hafen 2"' in wrong.text
    assert (
        client.post(f"{at}/address", data={**ADDRESS, "city": "Lisbon", "country": "PT"}).status_code == 303
    )
    with database.read() as session:
        assert address(session, order).city == "Lisbon"
        changed = session.get_one(Order, order.id)
        assert changed.promised_date == PROMISED + timedelta(days=3)
        assert changed.first_promise == PROMISED, "the first promise never changes"
    assert "Your date moved." in page_of(client, order)


def test_once_packed_the_address_is_fixed(client: Visitor, database: Database, order: Order) -> None:
    with database.write() as session:
        walk(session, order.id, Stage.PRODUCED)
    answer = client.post(f"/track/{order.tracking_token}/address", data={**ADDRESS, "city": "Lisbon"})
    assert answer.status_code == 422
    assert "packed and labelled already" in answer.text
    with database.read() as session:
        assert address(session, order).city == "Berlin"


def stage_of(database: Database, order: Order) -> str:
    with database.read() as session:
        return session.get_one(Order, order.id).stage


def test_with_the_link_alone_cancelling_needs_the_code(
    client: Visitor, database: Database, order: Order
) -> None:
    at = f"/track/{order.tracking_token}/cancellation"
    page = client.get(at).text
    assert "Cancelling now costs nothing." in page
    assert "Send the code" in page
    for code in ("", "000000"):
        refused = client.post(at, data={"code": code})
        assert refused.status_code == 422, code
    assert stage_of(database, order) == Stage.PLACED
    assert client.post(f"{at}/code").headers["Location"] == f"{at}?sent=1"
    assert 'name="code"' in client.get(f"{at}?sent=1").text
    with database.read() as session:
        (mail,) = session.exec(select(Mail).where(Mail.template == "code")).all()
    assert client.post(at, data={"code": mail.words["code"]}).status_code == 303
    assert stage_of(database, order) == Stage.CANCELLED
    assert "Cancelled." in page_of(client, order)


def test_guessing_codes_is_stopped(client: Visitor, database: Database, order: Order) -> None:
    client.get(f"/track/{order.tracking_token}/cancellation")
    at = f"/track/{order.tracking_token}/cancellation"
    tries = [client.post(at, data={"code": f"{n:06}"}).status_code for n in range(7)]
    assert tries[:5] == [422] * 5
    assert tries[-1] == 429
    assert stage_of(database, order) == Stage.PLACED


def test_whoever_ordered_cancels_without_a_code(customer: Visitor, database: Database, order: Order) -> None:
    at = f"/track/{order.tracking_token}/cancellation"
    assert 'name="code"' not in customer.get(at).text
    assert customer.post(at).status_code == 303
    assert stage_of(database, order) == Stage.CANCELLED


def test_too_late_to_cancel_says_so(client: Visitor, database: Database, order: Order) -> None:
    with database.write() as session:
        walk(session, order.id, Stage.SHIPPED)
    at = f"/track/{order.tracking_token}/cancellation"
    assert "can no longer be cancelled" in client.get(at).text
    assert client.post(f"{at}/code").status_code == 409


def test_the_proof_of_artwork_stands_on_the_page(client: Visitor, database: Database, order: Order) -> None:
    from tests.modules.rnd.access_ids import open_proof

    assert "Approve the proof" not in page_of(client, order), "the control"
    with database.write() as session:
        open_proof(session, session.get_one(Order, order.id))
    page = page_of(client, order)
    assert "Approve the proof" in page
    assert f'action="/track/{order.tracking_token}/proof"' in page


def test_money_and_papers_stand_on_the_page(client: Visitor, order: Order) -> None:
    assert "Price and papers" in page_of(client, order)


def test_a_wrong_link_leads_nowhere(client: Visitor) -> None:
    assert client.get("/track/" + "x" * 32).status_code == 404
