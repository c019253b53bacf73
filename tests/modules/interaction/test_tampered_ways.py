"""Whatever is claimed on the other ways to a price (fitting, changes, renewal, baskets, pre-sales,
cancelling), the answer is the house's: the same as without the claim, or a refusal that changes nothing."""

import json
from copy import deepcopy
from random import Random
from typing import Any

import pytest
from sqlmodel import select

from cosmo import ledger
from cosmo.cancelling import cost_of_cancelling
from cosmo.clock import read_now
from cosmo.db import Database
from cosmo.orders import Order
from cosmo.parties import Plant, Role
from cosmo.stages import Stage
from modules.marketing.presale_models import Pledge, Presale
from tests.modules.interaction.conftest import ADDRESS, defaults
from tests.modules.interaction.test_changes import placed
from tests.modules.interaction.test_order import order_of
from tests.modules.interaction.test_tampering import (
    BUYER,
    CLAIMS,
    JSON,
    ODD,
    ODD_JSON,
    mutated_text,
    quote_of_a_program,
    unlimited,
    wrong_quotes,
)
from tests.web_fixtures import Visitor

__all__ = ["unlimited"]
pytestmark = pytest.mark.usefixtures("priced")
SHIP_TO = {"country": "DE", "postal_code": "10115", "city": "Berlin"}


def claimed(body: dict[str, Any], dice: Random) -> dict[str, Any]:
    """The body with one or two claims that are not its own, at any depth."""
    sent = deepcopy(body)
    for _ in range(dice.randint(1, 2)):
        places = [sent, sent, *(part for part in sent.values() if isinstance(part, dict))]
        dice.choice(places).setdefault(dice.choice(CLAIMS), dice.choice(ODD_JSON))
    return sent


def told(answer: Any) -> Any:
    """What an answer says, without the addresses in it that name what was sent."""
    return {name: value for name, value in answer.json().items() if name != "preview_url"}


@pytest.mark.parametrize("way", ["configure", "fit"])
def test_no_claim_changes_what_is_answered_at_a_click(client: Visitor, way: str) -> None:
    more = {"budget": "80"} if way == "fit" else {}
    body: dict[str, Any] = {"selections": defaults(client), "quantity": 24, "ship_to": SHIP_TO, **more}
    path, dice, seen = f"/api/v1/families/mug/{way}", Random(11), set()
    fair = told(client.post(path, json=body))
    assert fair["price"]["amount"] if way == "configure" else fair["nearest"] or fair["found"]
    for _ in range(150):
        sent = claimed(body, dice)
        answer = client.post(path, content=json.dumps(sent), headers=JSON)
        seen.add(answer.status_code)
        assert answer.status_code in (200, 422), (sent, answer.text[:300])
        if answer.status_code == 200:
            assert told(answer) == fair, sent
    assert 422 in seen


def test_a_change_costs_what_the_house_says(client: Visitor, database: Database) -> None:
    order, dice = placed(client, database), Random(12)
    path, body = (
        f"/api/v1/orders/{order.id}/changes",
        {"selections": {"outer_glaze": "cobalt"}, "quantity": 30},
    )
    fair = client.post(path, json=body).json()
    for _ in range(150):
        sent = claimed(body, dice)
        answer = client.post(path, content=json.dumps(sent), headers=JSON)
        assert answer.status_code in (200, 409, 422), (sent, answer.text[:300])
        if answer.status_code == 200:
            assert (answer.json()["price"], answer.json()["confirmed"]) == (fair["price"], False), sent
    for _ in range(150):
        forged = mutated_text(fair["signature"], dice)
        if forged != fair["signature"]:
            sent = {**body, "signature": forged}
            answer = client.post(path, content=json.dumps(sent), headers=JSON)
            assert answer.status_code in (409, 422), (forged, answer.text[:300])
    untouched = order_of(database, order.id)
    assert (untouched.seq, untouched.price_amount, untouched.quantity) == (order.seq, order.price_amount, 24)
    cheaper = {**body, "quantity": 300, "signature": fair["signature"]}
    assert client.post(path, json=cheaper).status_code == 409, "the signature is of another change"
    assert client.post(path, json={**body, "signature": fair["signature"]}).status_code == 200
    assert format(order_of(database, order.id).price_amount, "f") == fair["price"]["after"]


def test_a_change_by_the_page_takes_no_claim(client: Visitor, database: Database) -> None:
    order, dice = placed(client, database), Random(13)
    chosen = {**defaults(client), "quantity": "30", "shape": "soft", "capacity": "325"}
    for _ in range(40):
        claims = {dice.choice(CLAIMS): str(dice.choice(ODD)) for _ in range(2)}
        answer = client.post(f"/track/{order.tracking_token}/change", data=chosen | claims)
        assert answer.status_code < 500, claims
        now = order_of(database, order.id)
        assert (now.seq, now.price_amount) == (order.seq, order.price_amount), claims


def test_asked_for_anew_a_quote_is_priced_by_the_house(client: Visitor, database: Database) -> None:
    quote, dice = quote_of_a_program(client), Random(14)
    for _ in range(60):
        claims = {dice.choice(CLAIMS): dice.choice(ODD_JSON) for _ in range(3)}
        path = f"/api/v1/quotes/{quote['id']}/renewal"
        answer = client.post(path, content=json.dumps(claims), headers=JSON)
        assert answer.status_code in (200, 201, 422), answer.text[:300]
        assert not wrong_quotes(database), claims
    assert client.post(f"/order/{quote['id']}/renewal", data={"price": "1"}).status_code in (303, 404)
    assert not wrong_quotes(database)


def test_a_basket_is_placed_at_the_prices_of_its_quotes(client: Visitor, database: Database) -> None:
    dice, done = Random(15), set()
    for _ in range(40):
        quote = quote_of_a_program(client)
        body = {"quote_ids": [quote["id"]], "customer": dict(BUYER), "signatures": [quote["signature"]]}
        sent = claimed(body, dice)
        answer = client.post("/api/v1/baskets", content=json.dumps(sent), headers=JSON)
        done.add(answer.status_code)
        assert answer.status_code in (201, 409, 422), (sent, answer.text[:300])
        order = order_of(database, quote["id"])
        kept = (format(order.price_amount, "f"), str(order.promised_date))
        assert kept == (quote["price"]["amount"], quote["promise"]["delivery_date"]), sent
        assert (order.stage == Stage.QUOTED) is (answer.status_code != 201), "all or nothing"
    assert done == {422} or 201 in done
    right = {"quote_ids": [quote["id"]], "customer": BUYER}
    assert client.post("/api/v1/baskets", json=right).status_code == 201


def test_a_pledge_costs_what_was_shown(
    client: Visitor, people: Any, database: Database, priced: Plant
) -> None:
    with database.read() as session:
        closes = read_now(session).business.date().replace(day=30)
    opening = {"family": "mug", "title": "Once", "threshold": 500, "closes_on": str(closes), "percent": "10"}
    presale = people(Role.SELLER, priced).post("/api/v1/presales", json=opening).json()
    body = {"quantity": 12, "email": "ada@example.test", "ship_to": ADDRESS}
    dice, path = Random(16), f"/api/v1/presales/{presale['id']}/pledges"
    fair = client.post(path, json=body)
    assert fair.status_code == 201, fair.text
    for number in range(80):
        sent = claimed({**body, "email": f"ada{number}@example.test"}, dice)
        answer = client.post(path, content=json.dumps(sent), headers=JSON)
        assert answer.status_code in (201, 409, 422), (sent, answer.text[:300])
        if answer.status_code == 201:
            assert answer.json()["price"] == fair.json()["price"], sent
    with database.read() as session:
        assert format(session.get_one(Presale, presale["id"]).each, "f") == presale["each"]
        assert {pledge.freight for pledge in session.exec(select(Pledge))} == {
            session.exec(select(Pledge.freight)).first()
        }


def test_cancelling_costs_what_was_shown(client: Visitor, database: Database) -> None:
    order, dice = placed(client, database), Random(17)
    with database.read() as session:
        cost = cost_of_cancelling(session, session.get_one(Order, order.id))
    for _ in range(60):
        claims = {
            dice.choice((*CLAIMS, "fee", "back", "percent", "code")): str(dice.choice(ODD)) for _ in range(3)
        }
        stranger = Visitor(client.app)
        answer = stranger.post(f"/track/{order.tracking_token}/cancellation", data=claims)
        assert answer.status_code in (409, 422, 429), answer.text[:300]
    assert order_of(database, order.id).stage == Stage.PLACED
    body = {"fee": "0", "back": str(order.price_amount), "percent": 0}
    path = f"/api/v1/orders/{order.id}/cancellation"
    assert client.post(path, json=body).status_code == 422
    assert order_of(database, order.id).stage == Stage.PLACED
    assert client.post(path).status_code == 200
    with database.read() as session:
        assert order_of(database, order.id).stage == Stage.CANCELLED
        assert ledger.total(session, order.id, "payment") == order.price_amount - cost.back


def test_a_click_with_another_price_is_seen(client: Visitor, priced: Plant) -> None:
    """Negative control of the comparison: one more mug is another answer."""
    body: dict[str, Any] = {"selections": defaults(client), "quantity": 24, "ship_to": SHIP_TO}
    path = "/api/v1/families/mug/configure"
    assert told(client.post(path, json=body)) != told(client.post(path, json={**body, "quantity": 25}))
