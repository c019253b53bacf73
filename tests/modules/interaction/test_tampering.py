"""Whatever a browser or a program sends, price and date are the house's own, and nothing breaks."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from cosmo.clock import read_now
from cosmo.db import Database
from cosmo.orders import Order
from cosmo.promise import ask_of
from cosmo.quoting import tentative
from cosmo.stages import Stage
from tests.modules.interaction.conftest import CHECKOUT, defaults, quoted
from tests.web_fixtures import Visitor

pytestmark = pytest.mark.usefixtures("priced")

CLAIMS = (
    "price", "price_amount", "price_currency", "price_lines", "total", "unit_price", "amount", "currency",
    "discount", "offer", "tax", "margin", "segment", "promised_date", "first_promise", "delivery_date",
    "ready_at", "promise", "held", "quote_expires_at", "expires_at", "signature", "terms", "paid", "stage",
    "customer_id", "session_id", "plant_id", "release", "owners", "order_id", "number", "tracking_token",
)  # fmt: skip
"""What nobody outside decides."""
ODD: tuple[Any, ...] = (
    "", "0", "-1", "0.01", "1e9", "NaN", "Infinity", "9" * 400, "2020-01-01", "null", "true", "١٢", "１２",
    "<script>alert(1)</script>", "'; DROP TABLE cosmo_order; --", "../../etc/passwd", "\x00", "\ud7ff",
    "%00", "{}", "[]", " 24 ", "+24", "24.0", "2_4", "0x18",
)  # fmt: skip
ODD_JSON: tuple[Any, ...] = (
    *ODD, None, True, 0, -1, 24.5, 1e308, 10**30, [], {}, [[]], {"a": {"b": 1}}, ["x"] * 60,
)  # fmt: skip


@pytest.fixture(autouse=True)
def unlimited(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    """No attempt is turned away for being one of many, or only the first would be tried."""
    monkeypatch.setattr(app.state.site.limiter, "hit", lambda rule, who: None)


def quotes(database: Database) -> Iterator[tuple[Session, Order]]:
    with database.read() as session:
        for order in session.exec(select(Order).where(Order.stage == Stage.QUOTED)):
            yield session, order


def wrong_quotes(database: Database) -> list[str]:
    """Quotes whose price or date is not what the house says for what they ask for."""
    wrong = []
    for session, order in quotes(database):
        fair = tentative(session, ask_of(session, order), read_now(session), service=service_of(order))
        told = (order.price_amount, order.price_currency, order.promised_date)
        asked = (fair.price.amount, fair.price.currency, fair.promise.delivery_date)
        if told != asked:
            wrong.append(f"{order.selections} x {order.quantity}: {told} instead of {asked}")
    return wrong


def service_of(order: Order) -> str | None:
    return order.promise.get("service") or None


def test_the_oracle_sees_a_price_that_was_changed(client: Visitor, database: Database) -> None:
    quote_id = quoted(client)
    assert not wrong_quotes(database)
    with database.write() as session:
        order = session.get_one(Order, quote_id)
        assert order.price_amount > 0
        order.price_amount -= Decimal("0.01")
    assert len(wrong_quotes(database)) == 1


def test_no_claim_in_the_configurator_changes_price_or_date(client: Visitor, database: Database) -> None:
    dice, tried = Random(1), 0
    form = {**defaults(client), "quantity": "24", "do": "order"}
    for claim in CLAIMS:
        for _ in range(4):
            sent = form | {claim: str(dice.choice(ODD)), dice.choice(CLAIMS): str(dice.choice(ODD))}
            answer = client.post("/configure/mug", data=sent)
            assert answer.status_code < 500, sent
            assert not wrong_quotes(database), sent
            tried += 1
    assert tried == 4 * len(CLAIMS)
    assert sum(1 for _ in quotes(database)) == 1, "each quote of a guest takes the place of the one before"


def test_no_odd_choice_in_the_configurator_breaks_it(client: Visitor, database: Database) -> None:
    dice, asked, answers = Random(2), defaults(client), []
    names = [*asked, "quantity", "do", "personal_name", "artwork", "zone", "service", "requested_date"]
    for _ in range(100):
        changed = {dice.choice(names): str(dice.choice(ODD)) for _ in range(dice.randint(1, 4))}
        sent = {**asked, "quantity": "24", "do": "order"} | changed
        answers.append(client.post("/configure/mug", data=sent).status_code)
        assert answers[-1] < 500, sent
        assert answers[-1] != 303 or not wrong_quotes(database), sent
        client.get("/configure/mug", params=sent)
    assert {303, 422} <= set(answers), "some of it is harmless, some is refused"


def test_no_claim_at_the_checkout_changes_what_is_placed(client: Visitor, database: Database) -> None:
    dice = Random(3)
    for _ in range(12):
        quote_id = quoted(client)
        ((_, quote),) = quotes(database)
        held = (quote.price_amount, quote.promised_date, quote.quantity, quote.selections)
        claims = {claim: str(dice.choice(ODD)) for claim in CLAIMS if claim != "signature"}
        answer = client.post(f"/order/{quote_id}", data={**claims, "quantity": "1", **CHECKOUT})
        assert answer.status_code == 303
        with database.read() as session:
            placed = session.get_one(Order, quote_id)
            assert (placed.price_amount, placed.promised_date, placed.quantity, placed.selections) == held
            assert placed.stage == Stage.PLACED
            assert placed.first_promise == placed.promised_date


def test_no_body_of_a_program_changes_price_or_date(client: Visitor, database: Database) -> None:
    dice, answers = Random(4), []
    for _ in range(1500):
        body = mutated(
            {"family": "mug", "selections": defaults_once(client), "quantity": 24,
             "ship_to": {"country": "DE", "postal_code": "10115"}}, dice,
        )  # fmt: skip
        answer = client.post("/api/v1/quotes", content=json.dumps(body), headers=JSON)
        answers.append(answer.status_code)
        assert answers[-1] < 500, body
        assert answers[-1] != 201 or not wrong_quotes(database), body
    assert {201, 422} <= set(answers), "some of it is harmless, some is refused"


JSON = {"Content-Type": "application/json"}
_known: dict[str, str] = {}


def defaults_once(client: Visitor) -> dict[str, str]:
    if not _known:
        _known.update(defaults(client))
    return dict(_known)


def mutated(body: dict[str, Any], dice: Random) -> dict[str, Any]:
    """The body with one or two things wrong, added or left out, at any depth."""
    for _ in range(dice.randint(1, 2)):
        place = dice.choice([body, body, body.get("selections"), body.get("ship_to")])
        if not isinstance(place, dict):
            continue
        match dice.randrange(4):
            case 0:
                place[dice.choice(CLAIMS)] = dice.choice(ODD_JSON)
            case 1 if place:
                place.pop(dice.choice(sorted(place)))
            case _ if place:
                place[dice.choice(sorted(place))] = dice.choice(ODD_JSON)
    return body


def test_no_mutated_signature_places_anything(client: Visitor, database: Database) -> None:
    dice, told = Random(6), quote_of_a_program(client)
    mine = told["signature"]
    with database.read() as session:
        before = session.get_one(Order, told["id"]).seq
    for tried in range(600):
        given = mutated_text(mine, dice) if tried % 5 else dice.choice(ODD_JSON)
        if given is None or given == mine:
            continue
        body = {"quote_id": told["id"], "customer": BUYER, "signature": given}
        answer = client.post("/api/v1/orders", content=json.dumps(body), headers=JSON)
        assert answer.status_code in (409, 422), (given, answer.text)
    with database.read() as session:
        untouched = session.get_one(Order, told["id"])
        assert (untouched.stage, untouched.seq) == (Stage.QUOTED, before)
    assert not wrong_quotes(database)
    right = {"quote_id": told["id"], "customer": BUYER, "signature": mine}
    assert client.post("/api/v1/orders", json=right).status_code == 201, "the one that was handed out"


def test_no_mutated_signature_of_the_page_places_anything(client: Visitor, database: Database) -> None:
    dice, quote_id = Random(7), quoted(client)
    (mine,) = re.findall(r'name="signature" value="([^"]+)"', client.get(f"/order/{quote_id}").text)
    for _ in range(150):
        given = dice.choice([mutated_text(mine, dice), str(dice.choice(ODD))])
        if given.split() == [mine]:
            continue
        answer = client.post(f"/order/{quote_id}", data={**CHECKOUT, "signature": given})
        assert answer.status_code == 409, (given, answer.text[:300])
        assert 'value="Ring 1"' in answer.text, "what was typed stays"
    ((_, quote),) = quotes(database)
    held = (quote.id, quote.price_amount, quote.promised_date)
    assert client.post(f"/order/{quote_id}", data={**CHECKOUT, "signature": mine}).status_code == 303
    with database.read() as session:
        placed = session.get_one(Order, quote_id)
        assert (placed.id, placed.price_amount, placed.promised_date) == held


def quote_of_a_program(client: Visitor) -> Any:
    body = {"family": "mug", "selections": defaults_once(client), "quantity": 24,
            "ship_to": {"country": "DE", "postal_code": "10115"}}  # fmt: skip
    answer = client.post("/api/v1/quotes", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def mutated_text(text: str, dice: Random) -> str:
    """One sign more, one less, another one, or two that changed places."""
    place, sign = dice.randrange(len(text)), dice.choice("Aa0-_= .Ä\x00\ud7ff")
    other = dice.randrange(len(text))
    match dice.randrange(4):
        case 0:
            return text[:place] + sign + text[place:]
        case 1:
            return text[:place] + text[place + 1 :]
        case 2:
            return text[:place] + sign + text[place + 1 :]
    swapped = list(text)
    swapped[place], swapped[other] = swapped[other], swapped[place]
    return "".join(swapped)


def test_no_guessed_quote_is_somebody_elses(client: Visitor, app: FastAPI, database: Database) -> None:
    stranger, quote_id, dice = Visitor(app), quoted(client), Random(5)
    quoted(stranger)  # a browser of its own, with a session
    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
    with database.read() as session:
        before = session.get_one(Order, quote_id).seq
    for k in range(300):
        guess = list(quote_id)
        for _ in range(k % 3):
            guess[dice.randrange(len(guess))] = dice.choice(alphabet)
        asked = "".join(guess)
        answer = stranger.post("/api/v1/orders", json={"quote_id": asked, "customer": BUYER})
        assert answer.status_code == 404, (asked, answer.text)
    with database.read() as session:
        untouched = session.get_one(Order, quote_id)
        assert (untouched.stage, untouched.seq) == (Stage.QUOTED, before)
    mine = client.post("/api/v1/orders", json={"quote_id": quote_id, "customer": BUYER})
    assert mine.status_code == 201, "the same from whom it belongs to"


BUYER = {"name": "Ada", "email": "ada@example.test"}
