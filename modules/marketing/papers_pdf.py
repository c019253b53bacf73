"""An invoice or credit note as an A4 PDF."""

from dataclasses import dataclass
from decimal import Decimal

from fpdf import FPDF

from cosmo.formats import day, money
from cosmo.i18n import gettext, pick
from cosmo.ports import ShipTo
from modules.marketing.models import Paper

TITLES = {"invoice": "Invoice", "credit": "Credit note"}


@dataclass(frozen=True, slots=True)
class Letter:
    """Who writes to whom about what, in which language."""

    sender: tuple[str, ...]
    to: ShipTo
    order_number: str
    paid: Decimal
    locale: str


def paper_pdf(paper: Paper, letter: Letter) -> bytes:
    """One page, more where the lines need it."""
    pdf = FPDF(unit="mm", format="A4")
    pdf.set_auto_page_break(True, margin=25)
    pdf.set_title(f"{TITLES[paper.kind]} {paper.number}")
    pdf.add_page()
    _head(pdf, paper, letter)
    _lines(pdf, paper, letter.locale)
    _foot(pdf, paper, letter)
    return bytes(pdf.output())


def _head(pdf: FPDF, paper: Paper, letter: Letter) -> None:
    _font(pdf, 9)
    for text in letter.sender:
        pdf.cell(0, 4.5, _plain(text), new_x="LMARGIN", new_y="NEXT")
    pdf.ln(14)
    _font(pdf, 11)
    to = letter.to
    for text in (to.name, to.street, f"{to.postal_code} {to.city}", to.country):
        pdf.cell(0, 5.5, _plain(text), new_x="LMARGIN", new_y="NEXT")
    pdf.ln(16)
    _font(pdf, 20)
    title = f"{_say(letter.locale, TITLES[paper.kind])} {paper.number}"
    pdf.cell(0, 10, _plain(title), new_x="LMARGIN", new_y="NEXT")
    _font(pdf, 10)
    about = (
        f"{_say(letter.locale, 'Order')} {letter.order_number}, {day(paper.issued_at.date(), letter.locale)}"
    )
    pdf.cell(0, 6, _plain(about), new_x="LMARGIN", new_y="NEXT")
    pdf.ln(8)


def _lines(pdf: FPDF, paper: Paper, locale: str) -> None:
    _font(pdf, 10)
    for line in paper.lines:
        _row(pdf, pick(line["text"], locale), money(Decimal(line["amount"]), paper.currency, locale))
    pdf.line(pdf.l_margin, pdf.get_y() + 1, pdf.w - pdf.r_margin, pdf.get_y() + 1)
    pdf.ln(3)
    pdf.set_font("Helvetica", style="B", size=12)
    _row(pdf, _say(locale, "Total before VAT"), money(paper.amount, paper.currency, locale))


def _foot(pdf: FPDF, paper: Paper, letter: Letter) -> None:
    _font(pdf, 10)
    pdf.ln(4)
    if paper.kind == "invoice":
        open_amount = max(paper.amount - letter.paid, Decimal(0))
        _row(pdf, _say(letter.locale, "Paid"), money(letter.paid, paper.currency, letter.locale))
        _row(pdf, _say(letter.locale, "Open"), money(open_amount, paper.currency, letter.locale))
        if paper.due_at is not None and open_amount:
            _row(pdf, _say(letter.locale, "Due by"), day(paper.due_at.date(), letter.locale))


def _row(pdf: FPDF, left: str, right: str) -> None:
    pdf.cell(130, 6.5, _plain(left))
    pdf.cell(0, 6.5, _plain(right), align="R", new_x="LMARGIN", new_y="NEXT")


def _font(pdf: FPDF, size: float) -> None:
    pdf.set_font("Helvetica", size=size)


def _say(locale: str, msgid: str) -> str:
    return gettext(locale, msgid)


def _plain(text: str) -> str:
    """Letters the built-in face has; others become a question mark rather than an error."""
    text = text.replace("€", "EUR ").replace("\u202f", " ").replace("\u00a0", " ")
    return text.encode("latin-1", "replace").decode("latin-1")
