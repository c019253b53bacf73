"""Invoices at shipping, once an order; credit notes where money goes back: cancelled, fewer pieces taken."""

from datetime import datetime, timedelta
from decimal import Decimal

from sqlmodel import Session, col, select

from cosmo import ledger
from cosmo.clock import Now
from cosmo.lifecycle import lock
from cosmo.orders import Order
from cosmo.taxes import tax_of
from modules.marketing.models import Paper, PaperNumber

INVOICE, CREDIT = "invoice", "credit"
REFUND = {"en": "Refund", "de": "Rückzahlung", "zh": "退款"}
FEWER = {"en": "Fewer pieces, as agreed", "de": "Weniger Stücke, wie vereinbart", "zh": "按约定减少数量"}
_PREFIX = {INVOICE: "INV", CREDIT: "CRN"}


def issue_invoice(session: Session, order_id: str, at: datetime, now: Now) -> Paper | None:
    """The invoice over the order's price, less what was taken off for fewer pieces; none for what costs
    nothing. The same again is kept."""
    order = lock(session, order_id)
    known = paper_of(session, order_id, INVOICE)
    if known is not None or not order.price_amount:
        return known
    less = ledger.total(session, order_id, "credit")
    lines = [*order.price_lines, *([_line("fewer", FEWER, -less)] if less else [])]
    return _paper(session, order, INVOICE, order.price_amount - less, lines, at)


def issue_credit(session: Session, order_id: str, at: datetime, now: Now) -> Paper | None:
    """A credit note over what goes back and no note tells of yet; the last one if there is nothing."""
    order = lock(session, order_id)
    known = [paper for paper in papers_of(session, order_id) if paper.kind == CREDIT]
    back = -sum((e.amount for e in ledger.entries(session, order_id) if e.reference == "refund"), Decimal(0))
    back -= sum((paper.amount for paper in known), Decimal(0))
    if not back:
        return known[-1] if known else None
    return _paper(session, order, CREDIT, back, [_line("refund", REFUND, back)], at)


def _line(code: str, text: dict[str, str], amount: Decimal) -> dict[str, object]:
    return {"code": code, "text": text, "amount": str(amount)}


def paper_of(session: Session, order_id: str, kind: str) -> Paper | None:
    return session.exec(select(Paper).where(Paper.order_id == order_id, Paper.kind == kind)).first()


def papers_of(session: Session, order_id: str) -> list[Paper]:
    return list(session.exec(select(Paper).where(Paper.order_id == order_id).order_by(col(Paper.issued_at))))


def papers_at(session: Session, plant_id: str, limit: int = 200) -> list[Paper]:
    """A plant's papers, newest first."""
    query = select(Paper).where(Paper.plant_id == plant_id).order_by(col(Paper.issued_at).desc())
    return list(session.exec(query.limit(limit)))


def _paper(
    session: Session, order: Order, kind: str, amount: Decimal, lines: list[dict[str, object]], at: datetime
) -> Paper:
    tax = tax_of(session, order, amount)
    paper = Paper(
        number=order.id,
        kind=kind,
        order_id=order.id,
        plant_id=order.plant_id,
        amount=amount,
        currency=order.price_currency,
        lines=lines,
        tax_percent=tax.percent if tax else None,
        issued_at=at,
        due_at=_due(order, kind, at),
    )
    number = PaperNumber(paper_id=paper.id)
    session.add(number)
    session.flush()
    assert number.id is not None
    paper.number = f"{_PREFIX[kind]}-{100_000 + number.id}"
    session.add(paper)
    session.flush()
    return paper


def _due(order: Order, kind: str, at: datetime) -> datetime | None:
    terms, _, days = order.terms.partition(":")
    if kind == CREDIT or terms == "prepaid":
        return None
    return at + timedelta(days=int(days) if terms == "account" else 14)
