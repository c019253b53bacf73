"""The shell's pages: what each role finds, and that nothing typed is thrown away."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from cosmo import lifecycle
from cosmo.clock import ClockRow, Now, read_now, set_clock, wall_time
from cosmo.db import Database
from cosmo.events import Event
from cosmo.ledger import write_entry
from cosmo.orders import Order
from cosmo.outbox import Delivery, DeliveryState
from cosmo.owing import accept_fewer
from cosmo.parties import ModuleSwitch, Plant, Role
from cosmo.payloads import PromiseMoved
from cosmo.registry import Module, Parts, Registry, Slot
from cosmo.stages import Stage
from cosmo.tasks import open_task, open_tasks
from tests.factories import NOW, PROMISED, make_customer, make_order, make_plant, walk
from tests.web_fixtures import Visitor

pytestmark = pytest.mark.usefixtures("modules")
People = Callable[..., Visitor]


def placed(session: Session, plant: Plant, **values: object) -> Order:
    order = make_order(session, plant, **values)  # type: ignore[arg-type]
    order.number = f"CO-{order.id[-6:]}"
    return walk(session, order.id, Stage.PLACED, now=Now(NOW.business, wall_time()))


@pytest.fixture
def order(database: Database, plant: Plant) -> Order:
    with database.write() as session:
        return placed(session, plant, customer=make_customer(session), price_amount=Decimal(95))


def test_home_is_where_the_role_begins(client: Visitor, people: People, plant: Plant) -> None:
    assert client.get("/home").headers["Location"] == "/sign-in", "no module has a shop here"
    assert people(Role.PLANNER, plant).get("/home").headers["Location"] == "/plant"
    assert people(Role.PLATFORM).get("/home").headers["Location"] == "/admin/deliveries"
    assert people(Role.CUSTOMER).get("/home").headers["Location"] == "/account"


def test_a_page_asks_a_stranger_to_sign_in_and_brings_them_back(client: Visitor) -> None:
    answer = client.get("/plant/orders?show=late", headers={"Accept": "text/html"})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/sign-in?next=%2Fplant%2Forders%3Fshow%3Dlate"
    fragment = client.get("/plant/orders", headers={"HX-Request": "true"})
    assert (fragment.status_code, "/sign-in" in fragment.headers["HX-Redirect"]) == (401, True)


def test_today_names_what_needs_a_person(
    people: People, plant: Plant, database: Database, order: Order, modules: Callable[..., Registry]
) -> None:
    planner = people(Role.PLANNER, plant)
    with database.write() as session:
        set_clock(session, speed=0, business=NOW.business)
    assert "Every open order is within its first promise." in planner.get("/plant").text
    with database.write() as session:
        moved = PromiseMoved(old=PROMISED, new=PROMISED + timedelta(days=3), reason="breakdown")
        lifecycle.emit(session, order.id, moved, now=read_now(session), actor="kernel")
        open_task(session, plant.manufacturer_id, "x", "y", "Call the {who}.", now=NOW, who="fitter")
    page = planner.get("/plant").text
    assert "Date moved" in page
    assert str(order.number) in page
    assert "Call the fitter." in page


def test_modules_fill_the_home_and_the_order(
    modules: Callable[..., Registry], people: People, plant: Plant, order: Order
) -> None:
    slots = (
        Slot("plant.home", lambda c: f"<p>{len(c.plants)} plant for {c.role}</p>"),
        Slot("order.panel", lambda c: f"<p>panel of {c.order.id}, {c.plant.slug}, {c.token}</p>"),
        Slot("order.panel", lambda c: None),
    )
    modules(Module("filling", {"en": "Filling"}, lambda: Parts(slots=slots)))
    planner = people(Role.PLANNER, plant)
    assert "<p>1 plant for planner</p>" in planner.get("/plant").text
    assert f"panel of {order.id}, {plant.slug}, None" in planner.get(f"/plant/orders/{order.id}").text


def test_orders_are_found_by_words_and_filters(
    people: People, plant: Plant, database: Database, order: Order
) -> None:
    with database.write() as session:
        placed(session, make_plant(session), customer=make_customer(session, "Grace Hopper"))
        other = placed(session, plant, customer=make_customer(session, "Katherine 100%_"))
        walk(session, other.id, Stage.DELIVERED)
    planner = people(Role.PLANNER, plant)

    def numbers(query: str) -> set[str]:
        page = planner.get(f"/plant/orders?{query}").text
        return {n for n in (order.number, other.number) if n and f">{n}<" in page}

    assert numbers("") == {order.number}
    assert numbers("show=all") == {order.number, other.number}
    assert numbers("show=done") == {other.number}
    assert numbers("show=late") == {order.number}, "its day is long over on the wall's clock"
    assert numbers("show=all&q=lovelace") == {order.number}
    assert numbers("show=all&q=100%25_") == {other.number}
    assert numbers("show=all&q=%25") == {other.number}, "a sign in a search is just a sign"
    assert numbers("show=all&q=hopper") == set()
    assert "Nothing matches hopper." in planner.get("/plant/orders?q=hopper").text
    assert planner.get("/plant/orders?page=0").status_code == 422
    assert planner.get("/plant/orders?show=nonsense").status_code == 200


def test_many_orders_come_in_pages(people: People, plant: Plant, database: Database) -> None:
    with database.write() as session:
        for _ in range(51):
            placed(session, plant)
    planner = people(Role.PLANNER, plant)
    first, second = planner.get("/plant/orders").text, planner.get("/plant/orders?page=2").text
    assert first.count('class="go"') == 50
    assert second.count('class="go"') == 1
    assert "page=2" in first
    assert "page=1" in second


def test_the_order_page_tells_its_story(people: People, plant: Plant, order: Order) -> None:
    page = people(Role.PLANNER, plant).get(f"/plant/orders/{order.id}").text
    for words in (
        order.number,
        "Friday 26 June",
        "10 pieces, Cup",
        "Ada Lovelace",
        "Ordered. We promise",
        "€95.00",
    ):
        assert str(words) in page
    german = people(Role.PLANNER, plant).get(f"/plant/orders/{order.id}?lang=de")
    assert "Freitag, 26. Juni" in german.text
    assert 'lang="de"' in german.text


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", "10 were ordered"), ("de", "10 waren bestellt"), ("zh", "原订 10")],
)
def test_the_plant_reads_what_is_owed_once_fewer_are_accepted(
    people: People, plant: Plant, order: Order, database: Database, lang: str, words: str
) -> None:
    planner, address = people(Role.PLANNER, plant), f"/plant/orders/{order.id}?lang={lang}"

    def pieces() -> tuple[str, ...]:
        """Of the heading and of each row of the list."""
        found = re.search(r"<h1>.*?(\d+)", planner.get(address).text)
        listed = re.findall(
            r'<td class="num" data-label="[^"]*">(\d+)</td>', planner.get("/plant/orders").text
        )
        return (found.group(1) if found else "", *listed)

    assert pieces() == ("10", "10")
    assert words not in planner.get(address).text
    with database.write() as session:
        other = placed(session, plant)
        accept_fewer(session, order.id, 7, actor="customer", now=NOW)
    assert other.quantity == 10
    assert sorted(pieces()) == ["10", "7", "7"], "and the other order's stay"
    assert pieces()[0] == "7"
    assert words in planner.get(address).text


def test_the_language_is_remembered(client: Visitor, app: FastAPI) -> None:
    client.get("/sign-in?lang=zh")
    assert 'lang="zh-Hans"' in client.get("/sign-in").text
    assert 'lang="de"' in Visitor(app).get("/sign-in", headers={"Accept-Language": "fr, de-AT;q=0.8"}).text
    assert 'lang="en"' in Visitor(app).get("/sign-in?lang=xx").text


def test_the_plant_cancels_with_the_cost_shown(people: People, plant: Plant, order: Order) -> None:
    planner = people(Role.PLANNER, plant)
    address = f"/plant/orders/{order.id}"
    assert "Yes, cancel the order" in planner.get(address).text
    assert "Yes, cancel the order" not in people(Role.OPERATOR, plant).get(address).text
    assert planner.post(f"{address}/cancellation").status_code == 303
    assert "Cancelled" in planner.get(address).text
    assert planner.post(f"{address}/cancellation").status_code == 409
    assert people(Role.PLANNER).post(f"{address}/cancellation").status_code == 404


def test_a_payment_keeps_what_was_typed(
    people: People, plant: Plant, order: Order, database: Database
) -> None:
    with database.write() as session:
        write_entry(session, session.get_one(Order, order.id), "charge", Decimal(95), "", NOW)
    seller, address = people(Role.SELLER, plant), f"/plant/orders/{order.id}/payments"
    wrong = seller.post(address, data={"amount": "ninety", "reference": "bank 7"})
    assert wrong.status_code == 422
    assert 'value="ninety"' in wrong.text
    assert 'value="bank 7"' in wrong.text
    assert "Write the amount as a number" in wrong.text
    assert seller.post(address, data={"amount": "NaN"}).status_code == 422
    assert seller.post(address, data={"amount": "1e999999"}).status_code == 422
    assert seller.post(address, data={"amount": "95,00"}).status_code == 303
    assert "€0.00" in seller.get(f"/plant/orders/{order.id}").text


def dead_delivery(database: Database, order: Order) -> str:
    with database.write() as session:
        event = session.exec(select(Event).where(Event.order_id == order.id)).first()
        assert event is not None
        row = Delivery(
            position=event.position or 0, order_id=order.id, handler="making.plan", lane="making",
            state=DeliveryState.DEAD, attempts=8, next_at=wall_time(), error="KilnError: <b>cold</b>",
        )  # fmt: skip
        session.add(row)
        return row.id


def test_a_stuck_delivery_is_seen_tried_and_left_out(
    people: People, plant: Plant, order: Order, database: Database
) -> None:
    operator = people(Role.PLATFORM)
    assert "Nothing is stuck." in operator.get("/admin/deliveries").text
    delivery_id = dead_delivery(database, order)
    page = operator.get("/admin/deliveries").text
    assert "KilnError: &lt;b&gt;cold" in page
    assert str(order.number) in people(Role.PLANNER, plant).get("/admin/deliveries").text
    assert "Nothing is stuck." in people(Role.PLANNER).get("/admin/deliveries").text
    assert people(Role.PLANNER).post(f"/admin/deliveries/{delivery_id}/retry").status_code == 404
    assert operator.post(f"/admin/deliveries/{delivery_id}/retry").status_code == 303
    with database.read() as session:
        assert session.get_one(Delivery, delivery_id).state == DeliveryState.PENDING
    assert operator.post(f"/admin/deliveries/{delivery_id}/drop").status_code == 303
    with database.read() as session:
        assert session.get_one(Delivery, delivery_id).state == DeliveryState.DROPPED
    assert operator.post(f"/admin/deliveries/{delivery_id}/drop").status_code == 409


def test_tasks_are_done_by_their_own_people(people: People, plant: Plant, database: Database) -> None:
    with database.write() as session:
        task = open_task(session, plant.manufacturer_id, "x", "y", "Mend the lamp.", now=NOW)
    planner, stranger = people(Role.PLANNER, plant), people(Role.PLANNER)
    assert "Mend the lamp." in planner.get("/admin/tasks").text
    assert "Mend the lamp." in people(Role.PLATFORM).get("/admin/tasks").text
    assert "Mend the lamp." not in stranger.get("/admin/tasks").text
    assert stranger.post(f"/admin/tasks/{task.id}/done").status_code == 404
    assert planner.post(f"/admin/tasks/{task.id}/done").status_code == 303
    assert planner.post(f"/admin/tasks/{task.id}/done").status_code == 409
    with database.read() as session:
        assert open_tasks(session, plant.manufacturer_id) == []


def test_modules_are_switched(
    modules: Callable[..., Registry], people: People, plant: Plant, database: Database
) -> None:
    modules(Module("making", {"en": "Making"}, Parts))
    operator = people(Role.PLATFORM)
    assert "Switch off" in operator.get("/admin/modules").text
    form = {"manufacturer_id": plant.manufacturer_id, "module": "making", "on": "false"}
    assert operator.post("/admin/modules", data=form).status_code == 303
    assert "Switch on" in operator.get("/admin/modules").text
    with database.read() as session:
        assert session.get_one(ModuleSwitch, (plant.manufacturer_id, "making")).on is False
    assert operator.post("/admin/modules", data=form | {"module": "flying"}).status_code == 422
    assert operator.post("/admin/modules", data=form | {"manufacturer_id": "x"}).status_code == 404


def test_the_clock_is_moved_where_it_is_simulated(people: People, plant: Plant, database: Database) -> None:
    planner = people(Role.PLANNER, plant)
    assert "Time is real here." in planner.get("/admin/clock").text
    assert planner.post("/admin/clock", data={"speed": "0"}).status_code == 422
    with database.write() as session:
        set_clock(session, speed=60, business=datetime(2026, 6, 8, 15, 0, tzinfo=UTC))
    page = planner.get("/plant").text
    assert "Simulated time" in page
    assert "Monday 8 June" in page
    assert planner.post("/admin/clock", data={"speed": "0", "next": "/plant"}).headers["Location"] == "/plant"
    with database.read() as session:
        assert session.get_one(ClockRow, 1).speed == 0
    assert planner.post("/admin/clock", data={"skip": "day"}).status_code == 303
    with database.read() as session:
        assert read_now(session).business == datetime(2026, 6, 9, 6, 0, tzinfo=UTC)
    assert planner.post("/admin/clock", data={"speed": "warp"}).status_code == 422
    away = planner.post("/admin/clock", data={"speed": "1", "next": "//evil.example"})
    assert away.headers["Location"] == "/admin/clock"


def test_only_the_platform_moves_the_clock_outside_a_demo(
    people: People, plant: Plant, database: Database, app: object, settings: object
) -> None:
    from dataclasses import replace

    app.state.site.settings = replace(settings, demo=False)  # type: ignore[attr-defined, type-var]
    with database.write() as session:
        set_clock(session, speed=1)
    assert people(Role.PLANNER, plant).post("/admin/clock", data={"speed": "0"}).status_code == 403
    assert people(Role.PLATFORM).post("/admin/clock", data={"speed": "0"}).status_code == 303


def test_today_is_the_plants_day(people: People, database: Database) -> None:
    with database.write() as session:
        plant = make_plant(session, timezone="Asia/Shanghai")
        set_clock(session, speed=0, business=datetime(2026, 6, 8, 20, 0, tzinfo=UTC))
    assert "Tuesday 9 June" in people(Role.PLANNER, plant).get("/plant").text


def test_an_orders_log_names_people_and_parts_as_the_reader_does(
    modules: Callable[..., Registry], people: People, plant: Plant, database: Database, order: Order
) -> None:
    modules(Module("making", {"en": "Making", "de": "Fertigung"}, Parts))
    planner = people(Role.PLANNER, plant)
    assert planner.account is not None
    moved = PromiseMoved(old=PROMISED, new=PROMISED + timedelta(days=3), reason="breakdown")
    with database.write() as session:
        for actor in ("kernel", "guest", "module:making", planner.account.id, "module:gone"):
            lifecycle.emit(session, order.id, moved, now=read_now(session), actor=actor)
    page = planner.get(f"/plant/orders/{order.id}?lang=de").text
    for name in ("Das Haus", "Ein Gast", "Fertigung", planner.account.name, "module:gone"):
        assert f'<span class="muted">{name}</span>' in page
    assert '<span class="muted">kernel</span>' not in page


def test_a_missing_fields_name_is_not_half_translated(people: People, plant: Plant) -> None:
    form = {"manufacturer_id": plant.manufacturer_id}
    english = people(Role.PLATFORM).post("/admin/modules?lang=en", data=form).text
    assert "<b>Module</b>" in english
    german = people(Role.PLATFORM).post("/admin/modules?lang=de", data=form).text
    assert "Das fehlt." in german
    assert "<b>Module</b>" not in german
