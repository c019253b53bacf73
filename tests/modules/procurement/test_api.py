"""Both sides over HTTP: what each sees, what each may do, and what nobody gives away."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from cosmo.clock import Now, set_clock
from cosmo.db import Database
from cosmo.orders import Address, Order
from cosmo.parties import Party, Plant, Role
from cosmo.spec import BomLine
from modules.procurement import watching
from modules.procurement.models import Lot, Material, PurchaseLine, PurchaseOrder, Supplier
from tests.factories import MONDAY, NOW, make_customer, make_spec
from tests.modules.procurement import shop
from tests.web_fixtures import Visitor

NAME, MAIL, STREET, PRICE = "Canarina Vogelsang", "canary@nest.example", "Finkenweg 4711", Decimal("98765.43")


@dataclass
class Scene:
    """A decal printer and a clay works supply one plant; one order and one quote need both."""

    plant: Plant
    printer: Supplier
    works: Supplier
    order: Order
    decals: PurchaseOrder
    clay: PurchaseOrder
    visitor: Visitor
    other: Visitor
    planner: Visitor


@pytest.fixture
def scene(database: Database, plant: Plant, people: Callable[..., Visitor]) -> Scene:
    with database.write() as session:
        set_clock(session, speed=0, business=MONDAY)
        printer, works = shop.supplier(session, plant, capacity_per_week=700), shop.supplier(session, plant)
        shop.material(
            session, plant, "DECAL", printer, unit="pcs", order_specific=True, price=Decimal("0.21")
        )
        shop.material(session, plant, "CLAY", works, price=PRICE)
        spec = make_spec(
            10,
            bom=(
                BomLine(material="CLAY", name={"en": "Clay"}, quantity=Decimal(10), unit="kg"),
                BomLine(
                    material="DECAL",
                    name={"en": f"Decals for {NAME}"},
                    quantity=Decimal(289),
                    unit="pcs",
                    order_specific=True,
                ),
            ),
        )
        order = shop.hold(session, plant, spec)
        order.customer_id = make_customer(session, NAME, MAIL).id
        session.get_one(Address, order.ship_to_id).street = STREET
        session.add(order)
        shop.go_on(session, order)
        shop.hold(session, plant, shop.spec(DECAL=(50, True), CLAY=5))
        watching.send_day(session, _evening())
        bought = {p.supplier_id: p for p in shop.purchases(session)}
        parties = [session.get_one(Party, s.party_id) for s in (printer, works)]
    return Scene(
        plant,
        printer,
        works,
        order,
        bought[printer.id],
        bought[works.id],
        people(Role.SUPPLIER, party=parties[0], bearer=True),
        people(Role.SUPPLIER, party=parties[1], bearer=True),
        people(Role.PLANNER, plant, bearer=True),
    )


def _evening() -> Now:
    return Now(NOW.business + timedelta(hours=10), NOW.wall)


def test_demand_says_what_is_firm_and_what_is_held(scene: Scene) -> None:
    told = scene.visitor.get("/api/v1/suppliers/me/demand").json()
    assert {d["material"] for d in told["days"]} == {"DECAL"}
    assert sum(Decimal(d["firm"]) for d in told["days"]) == 289
    assert sum(Decimal(d["held"]) for d in told["days"]) == 50
    assert told["capacities"] == [{"plant": scene.plant.slug, "per_week": 700, "unit": "pcs"}]
    assert told["start"] == "2026-06-08"


def test_the_supplier_sees_its_own_orders_only(scene: Scene) -> None:
    (mine,) = scene.visitor.get("/api/v1/suppliers/me/orders").json()
    assert mine["id"] == scene.decals.id
    assert mine["lines"][0]["price"] == "0.21"
    assert scene.visitor.get(f"/api/v1/suppliers/me/orders/{scene.clay.id}").status_code == 404
    answer = scene.visitor.post(f"/api/v1/suppliers/me/orders/{scene.clay.id}/confirmation")
    assert answer.status_code == 404


def test_confirm_counter_announce_deliver(scene: Scene, database: Database) -> None:
    at = f"/api/v1/suppliers/me/orders/{scene.decals.id}"
    assert scene.visitor.post(f"{at}/confirmation").json()["state"] == "confirmed"
    assert (
        scene.visitor.post(f"{at}/counter", json={"date": "2026-06-17"}).json()["lines"][0]["due"]
        == "2026-06-17"
    )
    announced = scene.visitor.post(f"{at}/announcement", json={"date": "2026-06-16", "asn": "DN-1"}).json()
    assert (announced["state"], announced["lines"][0]["asn"]) == ("announced", "DN-1")
    for _ in range(2):
        done = scene.visitor.post(f"{at}/delivery", json={"lot_number": "ND-9"})
        assert done.status_code == 200
        assert done.json()["lines"][0]["received"] == "289"
    with database.read() as session:
        (lot,) = session.exec(select(Lot)).all()
        assert (lot.number, lot.on_hand, lot.pegged) == ("ND-9", 289, 289)


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("counter", {"date": "2020-01-01"}),
        ("counter", {"date": "2026-06-20", "lines": ["nonsense"]}),
        ("counter", {"date": "soon"}),
        ("announcement", {"date": "2026-06-20", "lines": [{"id": "x", "quantity": "1"}]}),
        ("announcement", {"date": "2026-06-20", "lines": [{"id": "x", "quantity": "-1"}]}),
        ("delivery", {"lot_number": "A\u0000B"}),
        ("delivery", {"lines": [{"id": "x"}]}),
        ("delivery", {"surprise": 1}),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(
    scene: Scene, verb: str, body: dict[str, object]
) -> None:
    answer = scene.visitor.post(f"/api/v1/suppliers/me/orders/{scene.decals.id}/{verb}", json=body)
    assert answer.status_code == 422
    assert len(answer.json()["detail"]) > 10


def test_no_answer_to_a_supplier_names_a_customer_or_anothers_price(scene: Scene) -> None:
    """Canaries: the bill of materials names the customer, and the clay has a telling price."""
    order = f"/api/v1/suppliers/me/orders/{scene.decals.id}"
    told = [
        scene.visitor.get(path).text
        for path in (
            "/api/v1/suppliers/me/demand",
            "/api/v1/suppliers/me/orders",
            order,
            "/supplier",
            f"/supplier?open={scene.decals.id}",
            "/supplier/board",
            "/supplier/orders",
            "/supplier/deliveries",
        )
    ]
    told += [scene.visitor.post(f"{order}/confirmation").text]
    told += [scene.visitor.post(f"{order}/counter", json={"date": "2026-06-25"}).text]
    told += [scene.visitor.post(f"{order}/announcement", json={"date": "2026-06-25"}).text]
    told += [scene.visitor.get("/supplier/deliveries").text]
    told += [
        scene.visitor.post(f"{order}/delivery", json={}).text,
        scene.visitor.get("/supplier/orders").text,
    ]
    everything = "\n".join(told)
    assert "DECAL" in everything
    for canary in (
        NAME,
        "Canarina",
        "Vogelsang",
        MAIL,
        STREET,
        "Finkenweg",
        str(PRICE),
        scene.order.id,
        "CLAY",
    ):
        assert canary not in everything, canary


def test_the_canaries_sing_where_they_may(scene: Scene, database: Database) -> None:
    """The control: the clay works sees its own price, and without the guard the name would be told."""
    assert str(PRICE) in scene.other.get("/api/v1/suppliers/me/orders").text
    with database.read() as session:
        assert (
            NAME
            in shop.needs(session, scene.order)[1].name["en"] + shop.needs(session, scene.order)[0].name["en"]
        )


def test_the_plant_sees_stock_cover_and_purchases(scene: Scene) -> None:
    rows = scene.planner.get(f"/api/v1/plants/{scene.plant.slug}/materials").json()
    clay = next(row for row in rows if row["code"] == "CLAY")
    assert (clay["on_hand"], clay["on_order"], clay["wanted"], clay["next_due"]) == (
        "0",
        "10",
        "10",
        "2026-06-11",
    )
    orders = scene.planner.get(f"/api/v1/plants/{scene.plant.slug}/purchase-orders?open=true").json()
    assert {o["number"] for o in orders} == {scene.decals.number, scene.clay.number}
    assert all(o["supplier"] for o in orders)


def test_goods_in_at_the_plant(scene: Scene, database: Database) -> None:
    at = f"/api/v1/plants/{scene.plant.slug}/receipts"
    with database.read() as session:
        line = session.exec(select(PurchaseLine).where(PurchaseLine.purchase_id == scene.clay.id)).one()
    body = {"line": line.id, "quantity": "4", "lot_number": "WW-1"}
    first, again = scene.planner.post(at, json=body), scene.planner.post(at, json=body)
    assert (first.status_code, first.json()) == (201, again.json())
    free = {"material": "CLAY", "quantity": "25", "lot_number": "WW-2"}
    assert scene.planner.post(at, json=free).json() == scene.planner.post(at, json=free).json()
    assert scene.planner.post(at, json=free | {"quantity": "26"}).status_code == 409
    assert scene.planner.post(at, json={"material": "CLAY"}).status_code == 422
    assert (
        scene.planner.post(at, json={"material": "NONE", "quantity": "1", "lot_number": "x"}).status_code
        == 404
    )
    with database.read() as session:
        clay = session.exec(select(Material).where(Material.code == "CLAY")).one()
        on_hand = [lot.on_hand for lot in session.exec(select(Lot).where(Lot.material_id == clay.id))]
        assert sorted(on_hand) == [4, 25]


def test_another_plants_line_is_not_there(
    scene: Scene, database: Database, people: Callable[..., Visitor]
) -> None:
    stranger = people(Role.PLANNER, bearer=True)
    assert stranger.get(f"/api/v1/plants/{scene.plant.slug}/materials").status_code == 404
