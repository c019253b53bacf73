"""Papers: the invoice at shipping, the credit at cancelling, each once; PDFs in every language."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from cosmo import cancelling, ledger
from cosmo.db import Database
from cosmo.orders import Address, Order
from cosmo.owing import accept_fewer
from cosmo.parties import Plant
from cosmo.ports import ShipTo
from cosmo.relay import drain
from cosmo.stages import Stage
from modules.marketing import papers_pdf
from modules.marketing.models import Paper
from modules.marketing.papers import issue_credit, issue_invoice, papers_of
from modules.marketing.papers_pdf import Letter, paper_pdf
from tests.factories import MONDAY, NOW, make_order, walk
from tests.pdfs import read_pdf
from tests.web_fixtures import Visitor
from web import paper

LINE: dict[str, Any] = {"code": "pieces", "text": {"en": "Cups", "zh": "杯子"}, "amount": "95.00"}


def sold(session: Session, plant: Plant, terms: str = "account:30", **values: Any) -> Order:
    """An order placed, charged, and paid where its terms say so."""
    fields = {"price_amount": Decimal(95), "price_lines": [LINE], "terms": terms} | values
    order = walk(session, make_order(session, plant, **fields).id, Stage.PLACED)
    ledger.open_accounts(session, [order], NOW)
    return order


def kinds(database: Database, order: Order) -> list[tuple[str, Decimal]]:
    with database.read() as session:
        return [(p.kind, p.amount) for p in papers_of(session, order.id)]


def test_an_invoice_is_written_once_when_it_ships(database: Database, shop: Plant) -> None:
    with database.write() as session:
        order = sold(session, shop)
        walk(session, order.id, Stage.PRODUCED)
    drain(database)
    with database.read() as session:
        assert session.get_one(Order, order.id).stage == Stage.CLOSED, "carried on: nobody ships here"
    assert kinds(database, order) == [("invoice", Decimal(95))]
    with database.write() as session:
        again = issue_invoice(session, order.id, MONDAY, NOW)
        assert again is not None
        assert again.due_at is not None
        assert (again.due_at - again.issued_at).days == 30
    assert len(kinds(database, order)) == 1


def test_there_is_no_invoice_before_shipping_and_none_for_what_costs_nothing(
    database: Database, shop: Plant
) -> None:
    with database.write() as session:
        waiting = sold(session, shop)
        free = make_order(session, shop, price_amount=Decimal(0))
        assert issue_invoice(session, free.id, MONDAY, NOW) is None
    assert kinds(database, waiting) == []


def test_cancelling_a_paid_order_writes_a_credit_over_what_goes_back(database: Database, shop: Plant) -> None:
    with database.write() as session:
        order = sold(session, shop, "prepaid")
        assert ledger.balance(session, order.id) == 0
        walk(session, order.id, Stage.SOURCED)
        cancelling.cancel(session, order.id, reason="customer", actor="test", now=NOW)
        unpaid = sold(session, shop)
        cancelling.cancel(session, unpaid.id, reason="customer", actor="test", now=NOW)
    drain(database)
    assert kinds(database, order) == [("credit", Decimal("85.50"))], "ten percent is kept once sourced"
    assert kinds(database, unpaid) == [], "nothing was paid, so nothing goes back"


def written(to: ShipTo, locale: str = "en", lines: int = 1) -> bytes:
    row = Paper(
        number="INV-100001", kind="invoice", order_id="o", plant_id="p", amount=Decimal(95), currency="EUR",
        lines=[LINE] * lines, issued_at=MONDAY, due_at=MONDAY,
    )  # fmt: skip
    return paper_pdf(row, Letter(("Lu Ceramics", "Ring 1"), to, "C-24001", Decimal(0), locale))


def test_the_pdf_opens_and_names_number_amount_and_reader() -> None:
    told = read_pdf(written(ShipTo("Ada Lovelace", "Ring 1", "Berlin", "10115", "DE")))
    for words in ("Invoice INV-100001", "Ada Lovelace", "10115 Berlin", "Monday 8 June 2026", "Cups"):
        assert words in told.words
    assert set("€95.0") <= told.letters, "the sum is written with its sign"


@pytest.mark.parametrize("percent", [Decimal(19), None])
def test_the_invoice_states_the_tax_it_was_issued_with(percent: Decimal | None) -> None:
    row = Paper(
        number="INV-1", kind="invoice", order_id="o", plant_id="p", amount=Decimal(95), currency="EUR",
        lines=[LINE], issued_at=MONDAY, tax_percent=percent,
    )  # fmt: skip
    to = ShipTo("Ada", "Ring 1", "Berlin", "10115", "DE")
    words = read_pdf(paper_pdf(row, Letter(("Lu",), to, "C-1", Decimal(50), "en"))).words
    known = percent is not None
    assert ("VAT 19 %" in words) is known
    assert papers_pdf.with_tax(row, Decimal(95)) == (Decimal("113.05") if known else Decimal(95))
    assert ("VAT is added as the law of the country of delivery asks." in words) is not known
    assert "Each line is rounded to the cent" in words


def test_an_issued_invoice_keeps_its_tax_whatever_becomes_of_the_address(
    database: Database, shop: Plant
) -> None:
    with database.write() as session:
        order = sold(session, shop)
        paper = issue_invoice(session, order.id, MONDAY, NOW)
        assert paper is not None
        assert paper.tax_percent == 19
        session.get_one(Address, order.ship_to_id).country = "AT"
        session.flush()
        assert papers_of(session, order.id)[0].tax_percent == 19
        abroad = sold(session, shop)
        session.get_one(Address, abroad.ship_to_id).country = "AT"
        other = issue_invoice(session, abroad.id, MONDAY, NOW)
        assert other is not None
        assert other.tax_percent is None


def test_many_lines_take_more_pages() -> None:
    assert read_pdf(written(ShipTo("Ada"))).pages == 1
    assert read_pdf(written(ShipTo("Ada"), lines=60)).pages == 2


@pytest.mark.parametrize(("name", "fonts"), [("Łukasz Żółć", paper.EUROPEAN), ("王小明", paper.CHINESE)])
def test_names_of_all_letters_are_written_as_they_are(name: str, fonts: tuple[Path, ...]) -> None:
    told = read_pdf(written(ShipTo(name, "", "Kiel")))
    there = any(font.exists() for font in fonts)
    assert (set(name) - {" "} <= told.letters) is there, "each letter, where the machine has a font for it"
    assert ("?" in told.words) is (not there and "王" in name)


def test_without_any_font_of_the_system_nothing_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper, "EUROPEAN", (Path("/nowhere/a.ttf"),))
    monkeypatch.setattr(paper, "CHINESE", ())
    told = read_pdf(written(ShipTo("Łukasz 王 Dvořák", "", "Kiel")))
    assert "Lukasz ? Dvorák" in told.words
    assert "EUR 95.00" in told.words


def test_the_customer_opens_the_invoice_by_the_link(client: Visitor, database: Database, shop: Plant) -> None:
    with database.write() as session:
        order = sold(session, shop)
        address = session.get_one(Address, order.ship_to_id)
        assert address.city == "Berlin"
        token = order.tracking_token
    missing = client.get(f"/track/{token}/papers/invoice")
    assert missing.status_code == 404
    assert "no such paper" in missing.text
    with database.write() as session:
        issue_invoice(session, order.id, MONDAY, NOW)
        number = session.exec(select(Paper.number)).one()
    answer = client.get(f"/track/{token}/papers/invoice")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert f'filename="{number}.pdf"' in answer.headers["Content-Disposition"]
    assert "Ada Lovelace" in read_pdf(answer.content).words
    assert client.get(f"/api/v1/orders/{order.id}/papers/invoice").status_code == 404, "not without the token"


def test_fewer_pieces_make_a_smaller_invoice_and_a_note_over_each_refund(
    database: Database, shop: Plant, client: Visitor
) -> None:
    with database.write() as session:
        order = sold(session, shop, terms="prepaid")
        for pieces in (8, 6):
            accept_fewer(session, order.id, pieces, actor="customer", now=NOW)
            for _ in range(2):
                issue_credit(session, order.id, MONDAY, NOW)
    assert kinds(database, order) == [("credit", Decimal(19)), ("credit", Decimal(19))]
    with database.write() as session:
        walk(session, order.id, Stage.PRODUCED)
    drain(database)
    assert ("invoice", Decimal(57)) in kinds(database, order)
    with database.read() as session:
        papers = papers_of(session, order.id)
        invoice = next(paper for paper in papers if paper.kind == "invoice")
        assert [line["amount"] for line in invoice.lines] == ["95.00", "-38.00"]
        assert ledger.balance(session, order.id) == 0
    token = order.tracking_token
    for paper_ in papers:
        pdf = client.get(f"/track/{token}/papers/{paper_.kind}?number={paper_.number}")
        assert paper_.number in pdf.headers["Content-Disposition"]
        assert read_pdf(pdf.content).pages == 1
    assert client.get(f"/track/{token}/papers/credit?number=CRN-0").status_code == 404


def test_on_account_fewer_pieces_only_make_a_smaller_invoice(database: Database, shop: Plant) -> None:
    with database.write() as session:
        order = sold(session, shop)
        accept_fewer(session, order.id, 8, actor="customer", now=NOW)
        walk(session, order.id, Stage.PRODUCED)
    drain(database)
    assert kinds(database, order) == [("invoice", Decimal(76))]
