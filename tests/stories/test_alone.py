"""Each module alone does its own work: an order comes in over HTTP, and what is made of it is read there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import select

from cosmo.asking import answerers_at, family_card
from cosmo.clock import read_now
from cosmo.db import Database
from cosmo.orders import OrderSpec
from cosmo.parties import Party, Plant, Role
from cosmo.relay import drain
from cosmo.spec import Spec
from modules.logistics.models import CarrierService, Shipment
from modules.logistics.service import units_of
from modules.logistics.sscc import is_valid
from modules.manufacturing.models import JobOrder
from modules.marketing.lists import load_price_list
from modules.procurement.models import Need, Peg, PurchaseLine, Supplier
from modules.rnd.releases import load_families
from seeds.files import HERE
from tests.factories import MONDAY, make_standard_product
from tests.modules.manufacturing.shop import plan_report
from tests.pdfs import read_pdf
from tests.stories.workshop import cup, make_workshop, stop_clock
from tests.web_fixtures import Visitor

TO = {"name": "Ada Lovelace", "street": "Ring 1", "city": "Hamburg", "postal_code": "20357", "country": "DE"}
ADA = {"name": "Ada Lovelace", "email": "ada@example.test"}
CUP = {
    "title": "Cup",
    "mass_kg": "10",
    "pieces_per_carton": 6,
    "bom": [
        {"material": "CLAY", "quantity": "20", "unit": "kg", "operation": "turn"},
        {"material": "DECAL", "quantity": "20", "unit": "kg", "operation": "fire", "order_specific": True},
    ],
    "routing": [
        {"code": "turn", "resources": ["WHEEL"], "minutes_per_piece": "2"},
        {"code": "fire", "resources": ["KILN"], "fixed_minutes": "600", "family": "hot"},
    ],
}
"""A cup as whoever orders it describes it: turned, then fired, with a decal that is bought for the order."""


@dataclass(slots=True)
class Alone:
    """A manufacturer with one plant that uses exactly one module (or none), seen from outside."""

    database: Database
    plant: Plant
    guest: Visitor
    people: Callable[..., Visitor]

    def someone(self, role: Role, party: Party | None = None) -> Visitor:
        """A program of somebody who works there, or for that party."""
        return self.people(role, self.plant, party=party, bearer=True)

    def order(self, **wish: Any) -> dict[str, Any]:
        """What the guest is answered who orders twenty cups with their own BOM and routing, or something
        else; then everything that follows by itself."""
        wanted = wish or {"plant": self.plant.slug, "spec": CUP, "quantity": 20, "ship_to": TO}
        answer = self.guest.post("/api/v1/orders", json={**wanted, "customer": ADA})
        assert answer.status_code == 201, answer.text
        drain(self.database)
        placed: dict[str, Any] = answer.json()
        return placed

    def read(self, placed: dict[str, Any], what: str = "") -> Any:
        """The order, or one of its lists, for whoever has the link."""
        answer = self.guest.get(f"/api/v1/orders/{placed['id']}{what}", params=token_of(placed))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def skipped(self, placed: dict[str, Any]) -> dict[str, bool]:
        """Stage event -> whether its owner is off."""
        events = self.read(placed, "/events")
        return {e["type"]: e["payload"]["skipped"] for e in events if "skipped" in e["payload"]}


def token_of(placed: dict[str, Any]) -> dict[str, str]:
    return {"token": placed["tracking_url"].rpartition("/")[2]}


Only = Callable[..., Alone]


@pytest.fixture
def alone(database: Database, client: Visitor, people: Callable[..., Visitor]) -> Only:
    """`alone("rnd")`: a plant that uses rnd and nothing else."""

    def make(*on: str) -> Alone:
        now = stop_clock(database, MONDAY)
        with database.write() as session:
            plant = make_workshop(session, on, now)
        return Alone(database, plant, client, people)

    return make


def test_manufacturing_schedules_an_order_with_its_own_routing(alone: Only) -> None:
    house = alone("manufacturing")
    placed = house.order()
    told = house.someone(Role.PLANNER).get(f"/api/v1/plants/{house.plant.slug}/schedule").json()
    turn, fire = told["operations"]
    assert [(job["resource"], job["state"]) for job in (turn, fire)] == [("WHEEL", "firm"), ("KILN", "firm")]
    assert {job["order_id"] for job in (turn, fire)} == {placed["id"]}
    assert (turn["pieces"], fire["size"], fire["firing"] is not None) == (20, 20, True)
    assert turn["end"] <= fire["start"]
    with house.database.read() as session:
        assert plan_report(session, house.plant, read_now(session)).feasible, "says the verifier"
    assert house.read(placed)["ready_at"] >= fire["end"], "the date is the plan's"


def test_procurement_raises_a_pegged_purchase_order(alone: Only) -> None:
    house = alone("procurement")
    placed = house.order()
    told = house.someone(Role.PLANNER).get(f"/api/v1/plants/{house.plant.slug}/purchase-orders").json()
    (line,) = [line for purchase in told for line in purchase["lines"]]
    assert (line["material"], Decimal(line["quantity"]), line["state"]) == ("DECAL", Decimal(20), "asked")
    with house.database.read() as session:
        pegs = session.exec(select(Peg, Need).where(Peg.need_id == Need.id, Peg.line_id == line["id"])).all()
        assert [(need.order_id, peg.quantity) for peg, need in pegs] == [(placed["id"], Decimal(20))]
        supplier = session.get_one(Party, session.exec(select(Supplier.party_id)).one())
    mine = house.someone(Role.SUPPLIER, supplier).get("/api/v1/suppliers/me/orders").json()
    assert [one["id"] for purchase in mine for one in purchase["lines"]] == [line["id"]]


def test_logistics_prints_an_sscc_label_and_records_a_delivery(alone: Only) -> None:
    house = alone("logistics")
    placed = house.order()
    with house.database.read() as session:
        carrier = session.get_one(Party, session.exec(select(CarrierService.carrier_id)).one())
        (units,) = [units_of(session, s.id) for s in session.exec(select(Shipment))]
    driver = house.someone(Role.CARRIER, carrier)
    (shipment,) = driver.get("/api/v1/carriers/me/shipments").json()
    assert (shipment["state"], shipment["pieces"], shipment["units"]) == ("packed", 20, 4)
    assert [unit.pieces for unit in units] == [6, 6, 6, 2]
    labels = read_pdf(driver.get(f"/api/v1/shipments/{shipment['id']}/labels").content)
    assert labels.pages == 4
    assert all(is_valid(unit.sscc) and unit.sscc in _digits(labels.words) for unit in units)
    at = f"/api/v1/shipments/{shipment['id']}"
    assert driver.post(f"{at}/pickup", json={}).json()["state"] == "picked_up"
    stop_clock(house.database, MONDAY + timedelta(days=1))
    assert driver.post(f"{at}/delivery", json={"received_by": "A. Lovelace"}).json()["state"] == "delivered"
    assert house.skipped(placed)["delivered"] is False
    assert "Lovelace" not in str(house.read(placed, "/events"))


def _digits(words: str) -> str:
    return "".join(letter for letter in words if letter.isdigit() or letter == "\n")


def test_service_opens_a_claim_that_becomes_a_remake(alone: Only) -> None:
    house = alone("service")
    placed = house.order()
    assert house.read(placed)["stage"] == "delivered"
    wish = {"kind": "broken", "pieces": 3, "text": "Three arrived in pieces."}
    at = f"/api/v1/orders/{placed['id']}/claims"
    claim = house.guest.post(at, params=token_of(placed), json=wish).json()
    agent = house.someone(Role.SERVICE)
    answered = agent.post(f"/api/v1/claims/{claim['id']}/remake", json={"pieces": 3, "answer": "Sorry."})
    assert answered.json()["state"] == "remade"
    remake = agent.get(f"/api/v1/orders/{answered.json()['remake_id']}").json()
    assert (remake["remake_of"], remake["quantity"]) == (placed["id"], 3)
    assert Decimal(remake["price"]["amount"]) == 0


def test_rnd_resolves_a_bom(alone: Only) -> None:
    """Every line of what 240 mugs need, losses included."""
    house = alone("rnd")
    with house.database.write() as session:
        plant = session.get_one(Plant, house.plant.id)
        plant.slug = "lu-ceramics"
        session.add(plant)
        load_families(session, HERE / "families" / "mug", plant, MONDAY)
        defaults = dict(family_card(session, "mug").defaults)
    placed = house.order(family="mug", selections=defaults, quantity=240, ship_to=TO)
    assert house.skipped(placed)["engineered"] is False
    with house.database.read() as session:
        spec = Spec.model_validate(session.get_one(OrderSpec, placed["id"]).spec)
        frozen = session.get_one(OrderSpec, placed["id"]).frozen_at
    assert frozen is not None
    assert spec.start_quantity == 283
    assert [(line.material, line.quantity, line.unit) for line in spec.bom] == [
        ("LU-BODY-PORC", Decimal("133.01"), "kg"),  # 283 are formed of 0.47 kg each
        ("LU-GLAZE-CELADON", Decimal("5.3"), "kg"),  # 265 come to be glazed with 0.03 kg each,
        ("LU-GLAZE-MILK", Decimal("2.65"), "kg"),  # a third of it inside
        ("LU-BOX", Decimal(240), "pcs"),
        ("LU-CARTON36", Decimal(7), "pcs"),
    ]


def test_marketing_prices_a_quote(alone: Only, database: Database) -> None:
    house, now = alone("marketing"), stop_clock(database, MONDAY)
    with house.database.write() as session:
        make_standard_product(session, house.plant, "cup", spec=cup(1).model_dump(mode="json"))
        line = {"code": "pieces", "name": {"en": "Cups"}, "unit": "pcs", "rate": "4.25"}
        load_price_list(session, house.plant, "cup", [line], now)
    wish = {"family": "cup", "quantity": 20, "ship_to": TO}
    quote = house.guest.post("/api/v1/quotes", json=wish).json()
    assert (quote["price"]["amount"], quote["price"]["currency"]) == ("85.00", "EUR")
    assert [line["code"] for line in quote["price"]["lines"]] == ["pieces"]
    placed = house.order(quote_id=quote["id"])
    assert house.skipped(placed)["quoted"] is False
    assert house.read(placed)["price"]["amount"] == "85.00"


def test_interaction_places_and_tracks(alone: Only) -> None:
    house = alone("interaction")
    placed = house.order()
    assert house.skipped(placed)["placed"] is False
    page = house.guest.get(placed["tracking_url"]).text
    assert placed["number"] in page
    assert 'data-stage="' in page
    at = f"/api/v1/orders/{placed['id']}/messages"
    assert house.guest.post(at, params=token_of(placed), json={"text": "Hello."}).status_code == 201
    assert [m["text"] for m in house.read(placed, "/messages")] == ["Hello."]
    assert "Hello." in house.guest.get(placed["tracking_url"]).text


def test_all_modules_off_is_the_negative_control(alone: Only) -> None:
    """The same order over HTTP: nobody does anything, all owners are skipped, and it is closed."""
    house = alone()
    placed = house.order()
    assert set(house.skipped(placed).values()) == {True}
    assert house.read(placed)["stage"] == "closed"
    assert house.guest.get(placed["tracking_url"]).status_code == 404
    assert house.guest.post(f"/api/v1/orders/{placed['id']}/messages", json={"text": "x"}).status_code == 404
    with house.database.read() as session:
        for table in (JobOrder, PurchaseLine, Peg, Shipment):
            assert session.exec(select(table)).all() == []
        assert answerers_at(session, house.plant.manufacturer_id).on == frozenset()
