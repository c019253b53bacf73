"""Packing, handing over, delivering: counts, order of events, once each; who sees which; labels."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlmodel import Session, select

from cosmo.db import Database
from cosmo.errors import Conflict, Invalid
from cosmo.events import Event
from cosmo.lifecycle import fire
from cosmo.orders import Address, Order
from cosmo.parties import Party, PartyKind, Plant, Role
from cosmo.payloads import Finished
from cosmo.ports import ShipTo
from cosmo.relay import drain
from cosmo.stages import Stage
from cosmo.touches import Touch
from modules.logistics import service
from modules.logistics.labels import bars, labels_pdf
from modules.logistics.models import HandlingUnit, Shipment
from modules.logistics.ports import MOST_TOLD, ShippingJourney, Travelled
from modules.logistics.sscc import is_valid
from tests.factories import MONDAY, at, make_order, make_party, make_spec, walk
from tests.modules.logistics.conftest import made
from tests.pdfs import read_pdf
from tests.web_fixtures import Visitor
from web import paper

LATER = at(hours=5)


def packed(session: Session, plant: Plant, pieces: int = 50) -> Shipment:
    order = made(session, plant, pieces)
    return service.pack(session, order.id, pieces, MONDAY, LATER)


def events(session: Session, order_id: str) -> list[str]:
    query = select(Event.type).where(Event.order_id == order_id).order_by(Event.seq)  # type: ignore[arg-type]
    return list(session.exec(query))


def test_what_is_made_is_packed_by_itself(database: Database, plant: Plant, carrier: Party) -> None:
    with database.write() as session:
        order = made(session, plant)
    drain(database)
    with database.read() as session:
        shipment = session.exec(select(Shipment)).one()
        assert shipment.carrier_id == carrier.id
        assert shipment.service == "std"
        assert shipment.pieces == 10, "as many as the finish said are good"
        assert session.get_one(Order, order.id).stage == Stage.PRODUCED, "it waits for the carrier"


def test_the_carriers_page_looks_again_at_every_step(session: Session, plant: Plant, carrier: Party) -> None:
    def touched() -> int:
        topic = f"party:{carrier.id}"
        return len(session.exec(select(Touch).where(Touch.topic == topic)).all())

    shipment = packed(session, plant)
    assert touched() == 1
    service.pick_up(session, shipment.id, None, LATER, "carrier")
    assert touched() == 2
    service.deliver(session, shipment.id, "Ada", None, LATER, "carrier")
    assert touched() == 3
    service.deliver(session, shipment.id, "Ada", None, LATER, "carrier")
    assert touched() == 3, "nothing has changed"


def test_cartons_are_full_but_the_last(session: Session, plant: Plant) -> None:
    shipment = packed(session, plant)
    units = service.units_of(session, shipment.id)
    assert [u.pieces for u in units] == [12, 12, 12, 12, 2]
    assert sum((u.mass_kg for u in units), Decimal(0)) == shipment.mass_kg == Decimal(50)
    assert all(is_valid(u.sscc) for u in units)
    assert len({u.sscc for u in units}) == 5
    assert service.pack(session, shipment.order_id, 50, MONDAY, LATER).id == shipment.id, "once an order"
    assert len(session.exec(select(HandlingUnit)).all()) == 5


def charged_tiles(session: Session, plant: Plant) -> Order:
    """240 m2 wished for; with the waste 238 boxes of 1.08 m2, counted up to 258 m2, are charged."""
    spec = make_spec(258, pieces_per_carton=Decimal("1.08"))
    return make_order(session, plant, spec=spec, quantity=240, number="C-tiles")


@pytest.mark.parametrize(("good", "shipped"), [(286, 258), (250, 250)])
def test_what_is_charged_is_shipped_and_overrun_stays(
    database: Database, plant: Plant, carrier: Party, good: int, shipped: int
) -> None:
    with database.write() as session:
        order = walk(session, charged_tiles(session, plant).id, Stage.IN_PRODUCTION)
        fire(session, order.id, "finish", Finished(good=good, scrapped=0), now=LATER, actor="test")
    drain(database)
    with database.read() as session:
        assert session.exec(select(Shipment.pieces)).one() == shipped


def test_tiles_travel_in_the_boxes_they_are_charged_in(session: Session, plant: Plant) -> None:
    order = walk(session, charged_tiles(session, plant).id, Stage.PRODUCED)
    shipment = service.pack(session, order.id, 258, MONDAY, LATER)
    session.expire_all()
    units = service.units_of(session, shipment.id)
    assert [u.pieces for u in units] == [Decimal("1.08")] * 238, "as many as the BOM took"
    assert sum((u.mass_kg for u in units), Decimal(0)) == pytest.approx(shipment.mass_kg, abs=Decimal("0.12"))
    label = read_pdf(labels_pdf(shipment, units[:1], "Lu", ShipTo("Ada")))
    assert "1.08" in label.words


def test_a_very_large_order_has_no_thousands_of_labels(session: Session, plant: Plant) -> None:
    order = made(session, plant, 30_000, 12)
    units = service.units_of(session, service.pack(session, order.id, 30_000, MONDAY, LATER).id)
    assert [u.pieces for u in units] == [24] * 1250, "pallets of whole cartons, at most MOST_UNITS of them"
    told = Travelled().parts(session, order.id)
    assert len(told) == 1 < MOST_TOLD
    assert "(1250)" in told[0].value


def test_pickup_and_delivery_happen_once_and_in_order(session: Session, plant: Plant) -> None:
    shipment = packed(session, plant)
    with pytest.raises(Conflict, match="Pick it up first"):
        service.deliver(session, shipment.id, "Ada", None, LATER, "c")
    service.pick_up(session, shipment.id, MONDAY + timedelta(hours=2), LATER, "c")
    first = shipment.picked_up_at
    under_way = ShippingJourney().nodes(session, shipment.order_id, LATER)[-1]
    assert (under_way.code, under_way.state, under_way.until) == ("under-way", "now", shipment.expected_at)
    service.pick_up(session, shipment.id, None, at(hours=9), "c")
    assert shipment.picked_up_at == first, "the same again changes nothing"
    service.deliver(session, shipment.id, "Ada", None, LATER, "c")
    service.deliver(session, shipment.id, "Eve", None, at(hours=9), "c")
    assert shipment.received_by == "Ada"
    assert events(session, shipment.order_id)[-3:] == ["packed", "shipped", "delivered"]
    nodes = ShippingJourney().nodes(session, shipment.order_id, LATER)
    assert [(n.code, n.state) for n in nodes] == [("packed", "done"), ("shipped", "done")]


def test_times_are_neither_in_the_future_nor_before_the_step_before(session: Session, plant: Plant) -> None:
    shipment = packed(session, plant)
    with pytest.raises(Invalid, match="still to come"):
        service.pick_up(session, shipment.id, MONDAY + timedelta(days=1), LATER, "c")
    service.pick_up(session, shipment.id, MONDAY - timedelta(days=1), LATER, "c")
    assert shipment.picked_up_at == shipment.packed_at


def test_no_event_names_who_took_it_in(session: Session, plant: Plant) -> None:
    shipment = packed(session, plant)
    service.pick_up(session, shipment.id, None, LATER, "c")
    service.deliver(session, shipment.id, "CANARY NEIGHBOUR", None, LATER, "c")
    told = [str(event.payload) for event in session.exec(select(Event))]
    assert any(shipment.id in words for words in told), "the control: the payload is what is read"
    assert not any("CANARY" in words for words in told)


def test_a_carrier_sees_its_own_shipments_only(
    people: Callable[..., Visitor], database: Database, plant: Plant, carrier: Party
) -> None:
    with database.write() as session:
        shipment = packed(session, plant)
        other = make_party(session, PartyKind.CARRIER)
    own, foreign = people(Role.CARRIER, party=carrier), people(Role.CARRIER, party=other)
    (told,) = own.get("/api/v1/carriers/me/shipments").json()
    assert told["to"]["city"] == "Berlin"
    assert "price" not in str(told)
    assert "order" not in str(told)
    assert foreign.get("/api/v1/carriers/me/shipments").json() == []
    for path, body in (("pickup", {}), ("delivery", {"received_by": "Eve"})):
        assert foreign.post(f"/api/v1/shipments/{shipment.id}/{path}", json=body).status_code == 404
    assert foreign.get(f"/api/v1/shipments/{shipment.id}/labels").status_code == 404
    assert own.get(f"/api/v1/shipments/{shipment.id}/labels").content.startswith(b"%PDF")


def test_the_carriers_page_collects_and_delivers_and_says_what_is_missing(
    people: Callable[..., Visitor], database: Database, plant: Plant, carrier: Party
) -> None:
    visitor = people(Role.CARRIER, party=carrier)
    assert "Nothing to collect" in visitor.get("/carrier").text
    with database.write() as session:
        shipment = packed(session, plant)
    page = visitor.get("/carrier").text
    assert "1 to collect" in page
    assert shipment.number in page
    at_ = f"/carrier/shipments/{shipment.id}"
    too_early = visitor.post(f"{at_}/delivery", data={"received_by": "Ada"})
    assert too_early.status_code == 409
    assert "Pick it up first" in too_early.text
    assert visitor.post(f"{at_}/pickup").status_code == 303
    assert "On its way" in visitor.get("/carrier").text
    nobody = visitor.post(f"{at_}/delivery", data={"received_by": "  "})
    assert nobody.status_code == 422
    assert "Write the name of whoever took it in." in nobody.text
    assert visitor.post(f"{at_}/delivery", data={"received_by": "Ada"}).status_code == 303
    with database.read() as session:
        assert session.get_one(Order, shipment.order_id).stage == Stage.DELIVERED


def test_what_is_refused_half_way_changes_nothing(
    people: Callable[..., Visitor], database: Database, plant: Plant, carrier: Party
) -> None:
    """The lifecycle refuses (the order was cancelled meanwhile): the shipment stays as it was."""
    with database.write() as session:
        shipment = packed(session, plant)
        session.get_one(Order, shipment.order_id).stage = Stage.CANCELLED
    visitor = people(Role.CARRIER, party=carrier)
    refused = visitor.post(f"/carrier/shipments/{shipment.id}/pickup")
    assert refused.status_code == 409
    assert shipment.number in refused.text
    with database.read() as session:
        assert session.get_one(Shipment, shipment.id).picked_up_at is None


def test_the_plants_page_lists_its_shipments(
    people: Callable[..., Visitor], database: Database, plant: Plant, carrier: Party
) -> None:
    planner = people(Role.PLANNER, plant)
    assert "packed here by itself" in planner.get("/plant/shipping").text
    with database.write() as session:
        shipment = packed(session, plant)
    page = planner.get("/plant/shipping").text
    assert shipment.number in page
    assert "1 shipment waits" in page


def label(name: str = "Ada Lovelace") -> tuple[bytes, HandlingUnit]:
    shipment = Shipment(
        number="S-C-1", order_id="o", plant_id="p", pieces=2, mass_kg=Decimal(2), packed_at=MONDAY
    )
    unit = HandlingUnit(shipment_id="s", sscc="340999990000000017", pieces=Decimal(2), mass_kg=Decimal(2))
    return labels_pdf(shipment, [unit, unit], "Lu", ShipTo(name, "Ring 1", "Berlin", "10115", "DE")), unit


def test_labels_carry_address_code_and_bars() -> None:
    pdf, unit = label()
    told = read_pdf(pdf)
    assert told.pages == 2
    for words in ("Ada Lovelace", "10115 Berlin", "1 / 2", "2 / 2", f"(00) {unit.sscc}"):
        assert words in told.words
    modules = bars(unit.sscc)
    assert set(modules) == {"0", "1"}
    assert modules.startswith("11010011100"), "start code C"
    assert modules.endswith("1100011101011"), "stop"
    assert len(modules) == (1 + 1 + 10 + 1) * 11 + 13, (
        "start, FNC1, ten pairs, check: eleven each, and the stop"
    )
    assert told.bars == 2 * modules.count("1")


@pytest.mark.parametrize(("name", "fonts"), [("Łukasz Żółć", paper.EUROPEAN), ("王小明", paper.CHINESE)])
def test_labels_write_every_name(name: str, fonts: tuple[Path, ...]) -> None:
    told = read_pdf(label(name)[0])
    assert (set(name) - {" "} <= told.letters) is any(font.exists() for font in fonts)


def test_labels_do_without_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper, "EUROPEAN", ())
    monkeypatch.setattr(paper, "CHINESE", ())
    assert "Lukasz Zólc" in read_pdf(label("Łukasz Żółć")[0]).words


def test_the_label_has_the_address_as_it_is_now(
    people: Callable[..., Visitor], database: Database, plant: Plant, carrier: Party
) -> None:
    with database.write() as session:
        shipment = packed(session, plant)
        order = session.get_one(Order, shipment.order_id)
        session.get_one(Address, order.ship_to_id).city = "Potsdam"
    pdf = people(Role.OPERATOR, plant).get(f"/api/v1/shipments/{shipment.id}/labels").content
    assert "10115 Potsdam" in read_pdf(pdf).words
