"""The seller's pages: insight that names nobody, offers with what was typed, papers with their state."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlmodel import select

from cosmo import ledger
from cosmo.clock import set_clock, wall_time
from cosmo.db import Database
from cosmo.orders import Order
from cosmo.parties import Plant, Role
from cosmo.quoting import lapse
from cosmo.registry import Registry
from cosmo.stages import Stage
from modules import marketing, rnd
from modules.marketing.insight import demand
from modules.marketing.models import Offer
from modules.marketing.papers import issue_invoice
from modules.rnd.releases import load_families
from tests.factories import MONDAY, NOW, at, make_order, make_plant, walk
from tests.web_fixtures import Visitor

MUGS = Path(__file__).parents[3] / "seeds" / "families" / "mug"
NEW = {"family": "mug", "name": "Summer", "percent": "7,5", "from_quantity": "500"}
PRIVATE = {"personal_name": "CANARYNAME", "artwork": "CANARYFILE"}


@pytest.fixture
def mugs(modules: Callable[..., Registry], database: Database) -> Plant:
    """A plant of mugs that was asked six times: ordered, quoted, lapsed; a draft, a remake, an old one."""
    modules(marketing.module, rnd.module)
    with database.write() as session:
        set_clock(session, speed=0, business=MONDAY)
        plant = make_plant(session, slug="lu-ceramics")
        load_families(session, MUGS, plant, wall_time())

        def ask(to: Stage, glaze: str, **values: object) -> Order:
            chosen = {"outer_glaze": glaze, **PRIVATE}
            order = make_order(session, plant, family="mug", selections=chosen, **values)  # type: ignore[arg-type]
            order.created_at = MONDAY - timedelta(days=1)
            return walk(session, order.id, to) if to != Stage.DRAFT else order

        placed = ask(Stage.PLACED, "celadon", quantity=240)
        placed.placed_at = MONDAY
        ask(Stage.QUOTED, "celadon")
        lapse(session, ask(Stage.QUOTED, "milk").id, NOW)
        ask(Stage.DRAFT, "milk")
        ask(Stage.PLACED, "milk", remake_of=placed.id)
        ask(Stage.QUOTED, "milk").created_at = MONDAY - timedelta(days=91)
        return plant


def test_demand_counts_quotes_orders_and_pieces_and_nothing_personal(database: Database, mugs: Plant) -> None:
    with database.read() as session:
        found = demand(session, mugs.id, "mug", NOW)
        assert (found.quotes, found.orders, found.lapsed) == (3, 1, 1), "no draft, no remake, nothing old"
        assert found.conversion == pytest.approx(1 / 3)
        told = {(c.option, c.value): (c.quoted, c.ordered, c.pieces) for c in found.choices}
        assert told == {("outer_glaze", "celadon"): (2, 1, 240), ("outer_glaze", "milk"): (1, 0, 0)}
        assert demand(session, mugs.id, "mug", at(days=120)).quotes == 0


def test_the_insight_page_shows_words_and_no_names(people: Callable[..., Visitor], mugs: Plant) -> None:
    seller = people(Role.SELLER, mugs)
    page = seller.get("/plant/insight").text
    for words in ("Celadon", "3 quotes", "1 ordered", "1 lapsed", "1 / 2"):
        assert words in page
    told = seller.get("/api/v1/plants/lu-ceramics/insight/mug").json()
    assert told["quotes"] == 3
    for answer in (page, str(told)):
        assert "CANARY" not in answer
    assert seller.get("/api/v1/plants/elsewhere/insight/mug").status_code == 404


def test_an_offer_by_hand(people: Callable[..., Visitor], database: Database, mugs: Plant) -> None:
    seller = people(Role.SELLER, mugs)
    for wrong in (
        {"percent": "a lot"},
        {"percent": "91"},
        {"from_quantity": "½"},
        {"name": ""},
        {"family": "x"},
    ):
        answer = seller.post("/plant/prices/offers", data=NEW | wrong)
        assert answer.status_code == 422, wrong
        if "name" not in wrong:
            assert 'value="Summer"' in answer.text, "what was typed stays"
    assert seller.post("/plant/prices/offers", data=NEW).status_code == 303
    with database.read() as session:
        offer = session.exec(select(Offer)).one()
        assert (offer.percent, offer.from_quantity) == (Decimal("7.5"), 500)
    assert "Summer" in seller.get("/plant/prices").text
    stranger = people(Role.SELLER)
    assert stranger.post(f"/plant/prices/offers/{offer.id}/end").status_code == 404
    assert seller.post(f"/plant/prices/offers/{offer.id}/end").status_code == 303
    assert seller.post(f"/plant/prices/offers/{offer.id}/end").status_code == 409
    assert "Ended" in seller.get("/plant/prices").text


def test_papers_say_open_overdue_and_paid(
    people: Callable[..., Visitor], database: Database, mugs: Plant
) -> None:
    seller = people(Role.SELLER, mugs)
    assert "No invoice is written yet." in seller.get("/plant/papers").text
    with database.write() as session:
        order = make_order(session, mugs, family="mug", price_amount=Decimal(95), terms="account:30")
        walk(session, order.id, Stage.PLACED)
        ledger.open_accounts(session, [order], NOW)
        issue_invoice(session, order.id, MONDAY, NOW)
    assert "Open" in seller.get("/plant/papers").text
    with database.write() as session:
        set_clock(session, speed=0, business=MONDAY + timedelta(days=31))
    assert "Overdue" in seller.get("/plant/papers").text
    with database.write() as session:
        ledger.record_payment(session, order.id, Decimal(95), "bank", at(days=31), actor="test")
    assert "Overdue" not in seller.get("/plant/papers").text
    assert "INV-" not in people(Role.SELLER).get("/plant/papers").text, "another plant's seller sees none"


def test_an_open_deposit_is_paid_by_the_link(client: Visitor, database: Database, mugs: Plant) -> None:
    with database.write() as session:
        order = make_order(session, mugs, family="mug", price_amount=Decimal(6000), terms="deposit:30")
        walk(session, order.id, Stage.PLACED)
        ledger.open_accounts(session, [order], NOW)
        assert order.held
    client.get("/sign-in")
    for _ in range(2):  # the second press finds nothing open
        assert client.post(f"/track/{order.tracking_token}/payment").status_code == 303
    with database.read() as session:
        assert not session.get_one(Order, order.id).held
        assert ledger.total(session, order.id, "payment") == Decimal(1800)
