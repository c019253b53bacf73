"""Each module alone does its own work, asserted on its artefact."""

from datetime import timedelta
from decimal import Decimal
from random import Random

from sqlmodel import Session, select

from cosmo.asking import answerers_at, family_card
from cosmo.clock import Now
from cosmo.db import Database
from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.placing import place_directly
from cosmo.ports import Ask
from cosmo.quoting import Requester, quote
from modules.interaction import service as talking
from modules.interaction.track_view import live_page
from modules.logistics.labels import labels_pdf
from modules.logistics.models import Shipment
from modules.logistics.service import deliver, pick_up, units_of
from modules.logistics.sscc import is_valid
from modules.manufacturing.models import JobOrder, State
from modules.marketing.service import load_price_list
from modules.procurement.models import Material, Peg, PurchaseLine
from modules.rnd.releases import load_families
from modules.service.schemas import ClaimIn
from modules.service.service import accept, open_claim
from seeds.files import HERE
from seeds.history import work
from tests.factories import MONDAY
from tests.stories.workshop import (
    ADA,
    HAMBURG,
    cup,
    history_of,
    live_on,
    make_workshop,
    order_cups,
    stop_clock,
)


def _begin(database: Database, *on: str) -> tuple[Plant, Order, Now]:
    now = stop_clock(database, MONDAY)
    with database.write() as session:
        plant = make_workshop(session, on, now)
        order = order_cups(session, plant, now)
    return plant, order, now


def test_manufacturing_schedules_an_order_with_its_own_routing(database: Database) -> None:
    plant, order, _ = _begin(database, "manufacturing")
    work(database, plant, Random(1))
    with database.read() as session:
        jobs = session.exec(select(JobOrder).where(JobOrder.order_id == order.id)).all()
        assert [(j.resource, j.state) for j in sorted(jobs, key=lambda j: j.start)] == [
            ("WHEEL", State.FIRM), ("KILN", State.FIRM),
        ]  # fmt: skip
        assert session.get_one(Order, order.id).ready_at is not None


def test_procurement_raises_a_pegged_purchase_order(database: Database) -> None:
    plant, order, _ = _begin(database, "procurement")
    work(database, plant, Random(1))
    with database.read() as session:
        line = session.exec(select(PurchaseLine).where(PurchaseLine.order_id == order.id)).one()
        material = session.get_one(Material, line.material_id)
        assert (material.code, line.quantity) == ("DECAL", Decimal(20))
        pegs = session.exec(select(Peg).where(Peg.line_id == line.id)).all()
        assert sum(p.quantity for p in pegs) == Decimal(20)


def test_logistics_prints_an_sscc_label_and_records_a_delivery(database: Database) -> None:
    plant, order, _ = _begin(database, "logistics")
    work(database, plant, Random(1))
    now = stop_clock(database, MONDAY + timedelta(days=3))
    with database.write() as session:
        shipment = session.exec(select(Shipment).where(Shipment.order_id == order.id)).one()
        units = units_of(session, shipment.id)
        assert [u.pieces for u in units] == [6, 6, 6, 2]
        assert all(is_valid(u.sscc) for u in units)
        assert labels_pdf(shipment, units, "Workshop", HAMBURG).startswith(b"%PDF")
        pick_up(session, shipment.id, None, now, "carrier")
        deliver(session, shipment.id, "A. Lovelace", None, now, "carrier")
        assert session.get_one(Order, order.id).stage == "delivered"
        assert "Lovelace" not in str([e.payload for e in history_of(session, order.id)])


def test_service_opens_a_claim_that_becomes_a_remake(database: Database) -> None:
    plant, order, _ = _begin(database, "service")
    work(database, plant, Random(1))
    now = stop_clock(database, MONDAY + timedelta(days=3))
    with database.write() as session:
        wish = ClaimIn(kind="broken", pieces=3, text="Three arrived in pieces.")
        claim = open_claim(session, order.id, wish, actor="guest", now=now)
        remake = accept(session, claim.id, 3, "We are sorry.", actor="agent", now=now)
        assert (remake.remake_of, remake.quantity, remake.price_amount) == (order.id, 3, Decimal(0))
        assert (claim.state, claim.remake_id) == ("remade", remake.id)


def test_rnd_resolves_a_bom(database: Database) -> None:
    now = stop_clock(database, MONDAY)
    with database.write() as session:
        plant = make_workshop(session, ("rnd",), now)
        plant.slug = "lu-ceramics"
        session.add(plant)
        load_families(session, HERE / "families" / "mug", plant, now.business)
        order = _mugs(session, now)
    work(database, plant, Random(1))
    with database.read() as session:
        engineered = next(e for e in history_of(session, order.id) if e.type == "engineered")
        assert engineered.payload["skipped"] is False
        assert engineered.payload["start_quantity"] > 240
        assert session.get_one(Order, order.id).release is not None


def _mugs(session: Session, now: Now) -> Order:
    ask = Ask("mug", dict(family_card(session, "mug").defaults), 240, HAMBURG)
    return place_directly(session, ask, ADA, requester=Requester(session_id="alone"), now=now)


def test_marketing_prices_a_quote(database: Database) -> None:
    now = stop_clock(database, MONDAY)
    with database.write() as session:
        plant = make_workshop(session, ("marketing",), now)
        line = {"code": "pieces", "name": {"en": "Cups"}, "unit": "pcs", "rate": "4.25"}
        load_price_list(session, plant, "cup", [line], now)
        ask = Ask("cup", {}, 20, HAMBURG, spec=cup(), plant_id=plant.id)
        made = quote(session, ask, requester=Requester(session_id="alone"), now=now)
        assert (made.price_amount, made.price_currency) == (Decimal("85.00"), "EUR")
        assert [x["code"] for x in made.price_lines] == ["pieces"]
        assert history_of(session, made.id)[0].payload["skipped"] is False


def test_interaction_places_and_tracks(database: Database) -> None:
    _, order, now = _begin(database, "interaction")
    with database.write() as session:
        placed = next(e for e in history_of(session, order.id) if e.type == "placed")
        assert placed.payload["skipped"] is False
        page = live_page(session, session.get_one(Order, order.id), "en", now)
        assert page["promise"]["state"] == "kept"
        assert order.number is not None
        assert order.number in page["order_long"]
        talking.send_message(session, order.id, "Hello.", from_plant=False, account_id=None, now=now)
        assert [m.text for m in talking.thread(session, order.id)] == ["Hello."]


def test_all_modules_off_is_the_negative_control(database: Database) -> None:
    plant, order, _ = _begin(database)
    closed = live_on(database, plant, order.id, MONDAY, days=2)
    with database.read() as session:
        assert all(e.payload.get("skipped", True) for e in history_of(session, order.id) if e.type != "paid")
        assert session.exec(select(JobOrder)).all() == []
        assert session.exec(select(PurchaseLine)).all() == []
        assert answerers_at(session, plant.manufacturer_id).on == frozenset()
        assert closed.promised_date is not None
