"""Quotes, orders, baskets, events, cancellation and payments through the API, with no module installed."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import select

from cosmo import ledger
from cosmo.clock import read_now, wall_time
from cosmo.db import Database
from cosmo.mail import Mail
from cosmo.orders import Order
from cosmo.parties import LoginSession, Party, Plant, Role
from cosmo.registry import Module, Parts, Registry, switch
from cosmo.stages import Stage
from tests.factories import make_order, make_plant, make_standard_product, walk
from tests.web_fixtures import Visitor
from web.visits import COOKIE

pytestmark = pytest.mark.usefixtures("modules")
HOME = {"name": "Ada", "street": "Ring 1", "city": "Berlin", "postal_code": "10115", "country": "de"}
ADA = {"name": "Ada Lovelace", "email": "Ada@Example.test"}
SPEC = {
    "title": "Vase",
    "bom": [{"material": "CLAY", "quantity": "2.5", "unit": "kg"}],
    "routing": [{"code": "turn", "resources": ["WHEEL"], "minutes_per_piece": "12"}],
}


@pytest.fixture
def cup(database: Database, plant: Plant) -> str:
    with database.write() as session:
        return make_standard_product(session, plant).family


def ask(quantity: int = 10, **more: Any) -> dict[str, Any]:
    return {"family": "cup", "selections": {}, "quantity": quantity, "ship_to": HOME} | more


def quoted(client: Visitor, **more: Any) -> Any:
    answer = client.post("/api/v1/quotes", json=ask(**more))
    assert answer.status_code == 201, answer.text
    return answer.json()


def place(client: Visitor, quote_id: str, key: str = "k1", **more: Any) -> Any:
    body = {"quote_id": quote_id, "customer": ADA} | more
    return client.post("/api/v1/orders", json=body, headers={"Idempotency-Key": key})


def test_a_quote_has_a_price_a_promise_and_an_end(client: Visitor, cup: str) -> None:
    told = quoted(client)
    assert told["price"]["amount"] == "95.00"
    assert told["price"]["currency"] == "EUR"
    assert told["price"]["lines"][0]["amount"] == "95.00"
    assert set(told["promise"]) >= {"delivery_date", "ready_at", "hinges_on", "conditions", "earlier", "held"}
    assert told["expires_at"] > wall_time().isoformat()[:16]


def test_a_guest_places_and_follows(client: Visitor, cup: str, database: Database) -> None:
    told = quoted(client)
    answer = place(client, told["id"])
    assert answer.status_code == 201
    order = answer.json()
    assert set(order) == {"id", "number", "stage", "promised_date", "tracking_url"}
    assert (order["id"], order["stage"]) == (told["id"], "placed")
    assert order["promised_date"] == told["promise"]["delivery_date"]
    assert order["tracking_url"].startswith("http://testserver/track/")
    seen = client.get(f"/api/v1/orders/{order['id']}").json()
    assert seen["first_promise"] == seen["promised_date"] == order["promised_date"]
    events = client.get(f"/api/v1/orders/{order['id']}/events").json()
    assert [e["seq"] for e in events] == list(range(1, len(events) + 1))
    assert [e["type"] for e in events[:2]] == ["quoted", "placed"]
    assert client.get(f"/api/v1/orders/{order['id']}/events?after=1").json() == events[1:]
    with database.read() as session:
        party = session.exec(select(Party).where(Party.email == "ada@example.test")).one()
        assert party.name == "Ada Lovelace"


def test_the_same_key_replays_and_another_body_is_refused(client: Visitor, cup: str) -> None:
    first, second = quoted(client)["id"], quoted(client, family="cup")["id"]
    assert client.get(f"/api/v1/orders/{first}").json()["stage"] == "lapsed", "one held quote per family"
    one, again = place(client, second), place(client, second)
    assert (one.status_code, again.status_code) == (201, 201)
    assert one.json() == again.json()
    other = place(client, second, customer=ADA | {"name": "Grace"})
    assert (other.status_code, other.json()["type"]) == (422, "idempotency-key-reused")
    twice = place(client, second, key="k2")
    assert twice.status_code == 409


def test_a_program_without_cookies_places_its_quote_and_replays(app: Any, cup: str) -> None:
    quote_id = quoted(Visitor(app))["id"]
    one, again = place(Visitor(app), quote_id), place(Visitor(app), quote_id)
    assert one.status_code == 201
    assert one.json() == again.json()


def test_somebody_elses_quote_does_not_exist(app: Any, cup: str, people: Callable[..., Visitor]) -> None:
    mine, other, customer = Visitor(app), Visitor(app), people(Role.CUSTOMER)
    quote_id, _ = quoted(mine)["id"], quoted(other)
    assert place(other, quote_id).status_code == 404
    assert place(customer, quote_id).status_code == 404
    assert other.get(f"/api/v1/orders/{quote_id}").status_code == 404
    theirs = quoted(customer)["id"]
    assert place(mine, theirs).status_code == 404
    assert place(Visitor(app), theirs).status_code == 404, "a customer's quote is claimed"
    assert place(mine, quote_id).status_code == 201


def test_an_expired_quote_is_a_conflict(client: Visitor, cup: str, database: Database) -> None:
    quote_id = quoted(client)["id"]
    with database.write() as session:
        session.get_one(Order, quote_id).quote_expires_at = wall_time() - timedelta(seconds=1)
    answer = place(client, quote_id)
    assert (answer.status_code, answer.json()["type"]) == (409, "quote-expired")


def test_an_order_without_a_quote(client: Visitor, cup: str) -> None:
    answer = client.post("/api/v1/orders", json=ask(customer=ADA))
    assert answer.status_code == 201, answer.text
    assert answer.json()["stage"] == "placed"


def test_an_own_spec_where_nobody_engineers(
    client: Visitor, plant: Plant, database: Database, modules: Callable[..., Registry]
) -> None:
    body = {"plant": plant.slug, "spec": SPEC, "quantity": 4, "ship_to": HOME, "customer": ADA}
    answer = client.post("/api/v1/orders", json=body)
    assert answer.status_code == 201, answer.text
    modules(Module("rnd", {"en": "R&D"}, Parts))
    assert client.post("/api/v1/orders", json=body).status_code == 422
    with database.write() as session:
        switch(session, plant.manufacturer_id, "rnd", False)
    assert client.post("/api/v1/orders", json=body).status_code == 201


def test_a_basket_is_all_or_none(client: Visitor, cup: str, database: Database, plant: Plant) -> None:
    with database.write() as session:
        make_standard_product(session, plant, "bowl")
    ids = [quoted(client)["id"], quoted(client, family="bowl")["id"]]
    none = client.post("/api/v1/baskets", json={"quote_ids": [*ids, "nothing"], "customer": ADA})
    assert none.status_code == 404
    assert client.get(f"/api/v1/orders/{ids[0]}").json()["stage"] == "quoted"
    answer = client.post("/api/v1/baskets", json={"quote_ids": ids, "customer": ADA})
    assert answer.status_code == 201
    assert [order["id"] for order in answer.json()["orders"]] == ids
    assert answer.json()["id"]


def test_a_moved_promise_is_told_and_kept(client: Visitor, cup: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from cosmo import defaults
    from cosmo.ports import PlaceOvertaken

    told = quoted(client)
    calls: list[int] = []

    def overtaken(*_: object) -> None:
        calls.append(1)
        if len(calls) <= 2:  # at the desk, and then alone
            raise PlaceOvertaken

    deliver = defaults.FromTheDoor.deliver

    def later(*args: Any) -> Any:
        from dataclasses import replace

        answer = deliver(*args)
        return replace(answer, date=answer.date + timedelta(days=5))

    monkeypatch.setattr(defaults.WorkContent, "firm", overtaken)
    monkeypatch.setattr(defaults.FromTheDoor, "deliver", later)
    moved = place(client, told["id"])
    assert (moved.status_code, moved.json()["type"]) == (409, "promise-moved")
    assert moved.json()["quote_id"] == told["id"]
    assert moved.json()["new_date"] > told["promise"]["delivery_date"]
    accepted = place(client, told["id"])
    assert accepted.status_code == 201, "the same request again accepts the new date"
    assert accepted.json()["promised_date"] == moved.json()["new_date"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"quote_id": "x", "family": "cup", "customer": ADA},
        ask(customer=ADA, quantity=0),
        ask(customer={"name": "A", "email": "no"}),
        ask(customer=ADA, selections={"a": {"b": 1}}),
        ask(customer=ADA, extra=1),
        {"quantity": 1, "spec": SPEC, "customer": ADA},
        {"quantity": 1, "plant": "p", "spec": {"routing": []}, "customer": ADA},
        ask(family="no such", customer=ADA),
        ask(),
    ],
)
def test_bad_orders_are_refused_with_a_sentence(client: Visitor, cup: str, body: dict[str, Any]) -> None:
    answer = client.post("/api/v1/orders", json=body)
    assert answer.status_code in (404, 422)
    assert len(answer.json()["detail"]) > 10


def test_a_customer_orders_in_their_own_name(people: Callable[..., Visitor], cup: str, app: Any) -> None:
    customer, stranger = people(Role.CUSTOMER), people(Role.CUSTOMER)
    answer = customer.post("/api/v1/orders", json=ask())
    assert answer.status_code == 201, answer.text
    order_id = answer.json()["id"]
    assert [o["id"] for o in customer.get("/api/v1/orders").json()] == [order_id]
    assert stranger.get("/api/v1/orders").json() == []
    assert stranger.get(f"/api/v1/orders/{order_id}").status_code == 404
    assert customer.get("/api/v1/orders?stage=delivered").json() == []


def test_a_plants_people_order_only_at_their_plant(
    people: Callable[..., Visitor], cup: str, plant: Plant, database: Database
) -> None:
    with database.write() as session:
        elsewhere = make_plant(session)
    assert people(Role.SELLER, plant).post("/api/v1/orders", json=ask(customer=ADA)).status_code == 201
    assert people(Role.SELLER, elsewhere).post("/api/v1/orders", json=ask(customer=ADA)).status_code == 404


def test_cancelling_says_its_cost_first(client: Visitor, cup: str) -> None:
    order = place(client, quoted(client)["id"]).json()
    address = f"/api/v1/orders/{order['id']}/cancellation"
    assert client.get(address).json() == {"fee": "0.00", "back": "95.00", "currency": "EUR", "lines": []}
    answer = client.post(address)
    assert (answer.status_code, answer.json()["stage"]) == (200, "cancelled")
    assert client.post(address).status_code == 409


def test_a_tracking_token_alone_cannot_cancel(
    app: Any, client: Visitor, cup: str, database: Database
) -> None:
    order = place(client, quoted(client)["id"]).json()
    token = order["tracking_url"].rpartition("/")[2]
    address, holder = f"/api/v1/orders/{order['id']}/cancellation?token={token}", Visitor(app)
    assert holder.get(address).status_code == 200
    assert holder.post(address).status_code == 422
    assert holder.post(address.replace("?", "/code?")).status_code == 202
    with database.read() as session:
        code = session.exec(select(Mail).where(Mail.template == "code")).one().words["code"]
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert holder.post(address, json={"code": wrong}).json()["type"] == "wrong-code"
    assert holder.post(address.replace(token, "x" * 32), json={"code": code}).status_code == 404
    assert holder.post(address, json={"code": code}).status_code == 200


def test_a_seller_records_a_payment(people: Callable[..., Visitor], plant: Plant, database: Database) -> None:
    with database.write() as session:
        order = walk(session, make_order(session, plant, price_amount=Decimal(95)).id, Stage.PLACED)
        ledger.write_entry(session, order, "charge", Decimal(95), "", read_now(session))
    seller = people(Role.SELLER, plant)
    address = f"/api/v1/orders/{order.id}/payments"
    assert people(Role.PLANNER, plant).post(address, json={"amount": "5"}).status_code == 403
    assert seller.post(address, json={"amount": "-5"}).status_code == 422
    assert seller.post(address, json={"amount": "500"}).status_code == 422
    answer = seller.post(address, json={"amount": "5", "reference": "bank"})
    assert (answer.status_code, answer.json()["balance"]) == (201, "90")


def test_a_guest_gets_a_session_only_when_leaving_something(
    client: Visitor, cup: str, database: Database
) -> None:
    client.get("/sign-in")
    secret = client.cookies.get(COOKIE)
    assert secret, "forms of a stranger need a token too"
    with database.read() as session:
        assert not session.exec(select(LoginSession)).all()
    quoted(client)
    assert client.cookies.get(COOKIE) == secret, "open pages stay valid"
    with database.read() as session:
        assert len(session.exec(select(LoginSession)).all()) == 1


def test_guests_cannot_flood(client: Visitor, cup: str) -> None:
    quoted(client)
    answers = [client.post("/api/v1/quotes", json=ask()) for _ in range(61)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) >= 1


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8cfc0f01f"
    "00050001ff89993d1d0000000049454e44ae426082"
)


def test_files_are_kept_by_what_they_are(client: Visitor, people: Callable[..., Visitor], app: Any) -> None:
    answer = client.post("/api/v1/attachments", files={"file": ("../../Flower<1>.png", PNG, "text/html")})
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["filename"], told["media_type"], told["size"]) == ("Flower1.png", "image/png", len(PNG))
    again = people(Role.CUSTOMER).post("/api/v1/attachments", files={"file": ("b.png", PNG)}).json()
    assert again["id"] != told["id"]
    kept = [p for p in app.state.site.settings.attachments.rglob("*") if p.is_file()]
    assert len(kept) == 1, "once per content"


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"", 422), (b"<html>", 422), (b"MZ" + b"0" * 99, 422), (PNG + b"0" * 11 * 2**20, 413)],
)
def test_other_files_are_refused_with_a_sentence(client: Visitor, content: bytes, status: int) -> None:
    answer = client.post("/api/v1/attachments", files={"file": ("a.png", content)})
    assert answer.status_code == status
    assert len(answer.json()["detail"]) > 10


def test_a_body_beyond_all_measure_is_refused(client: Visitor) -> None:
    answer = client.post("/api/v1/attachments", files={"file": ("a.png", b"0" * 17 * 2**20)})
    assert (answer.status_code, answer.json()["type"]) == (413, "too-large")
    untold = client.post("/api/v1/quotes", content=(b"0" * 2**20 for _ in range(17)))
    assert (untold.status_code, untold.json()["type"]) == (413, "too-large")
    assert client.post("/api/v1/attachments").status_code == 422
