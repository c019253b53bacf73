"""An invoice or credit note as an A4 PDF."""

from dataclasses import dataclass
from decimal import Decimal

from fpdf import FPDF

from cosmo.formats import day, money
from cosmo.i18n import N_, gettext, pick
from cosmo.ports import ShipTo
from cosmo.taxes import Tax, tax_at
from modules.marketing.models import Paper
from web import paper, vat

TITLES = {"invoice": N_("Invoice"), "credit": N_("Credit note")}


@dataclass(frozen=True, slots=True)
class Letter:
    """Who writes to whom about what, in which language."""

    sender: tuple[str, ...]
    to: ShipTo
    order_number: str
    paid: Decimal
    """Before tax, as the ledger counts."""
    locale: str


def paper_pdf(of: Paper, letter: Letter) -> bytes:
    """One page, more where the lines need it."""
    pdf = FPDF(unit="mm", format="A4")
    pdf.set_auto_page_break(True, margin=25)
    pdf.set_title(f"{TITLES[of.kind]} {of.number}")
    pdf.add_page()
    _head(pdf, of, letter)
    _lines(pdf, of, letter)
    _foot(pdf, of, letter)
    return bytes(pdf.output())


def _head(pdf: FPDF, of: Paper, letter: Letter) -> None:
    for text in letter.sender:
        paper.say(pdf, text, 9, height=4.5, newline=True)
    pdf.ln(14)
    to = letter.to
    for text in (to.name, to.street, f"{to.postal_code} {to.city}", to.country):
        paper.say(pdf, text, 11, height=5.5, newline=True)
    pdf.ln(16)
    paper.say(pdf, f"{_say(letter.locale, TITLES[of.kind])} {of.number}", 20, height=10, newline=True)
    written = day(of.issued_at.date(), letter.locale)
    about = f"{_say(letter.locale, N_('Order'))} {letter.order_number}, {written} {of.issued_at.year}"
    paper.say(pdf, about, 10, height=6, newline=True)
    pdf.ln(8)


def _lines(pdf: FPDF, of: Paper, letter: Letter) -> None:
    locale = letter.locale
    for line in of.lines:
        _row(pdf, pick(line["text"], locale), money(Decimal(line["amount"]), of.currency, locale))
    pdf.line(pdf.l_margin, pdf.get_y() + 1, pdf.w - pdf.r_margin, pdf.get_y() + 1)
    pdf.ln(3)
    _row(pdf, _say(locale, N_("Total before VAT")), money(of.amount, of.currency, locale), bold=True)
    told = vat.told(_tax(of, of.amount), of.currency, locale)
    for text, amount in told.rows:
        _row(pdf, text, amount, bold=True)
    for text in (told.otherwise, vat.rounding(of.currency, locale)):
        paper.say(pdf, text, 9, height=5, newline=True)


def _foot(pdf: FPDF, of: Paper, letter: Letter) -> None:
    pdf.ln(4)
    if of.kind == "invoice":
        paid = with_tax(of, letter.paid)
        open_amount = max(with_tax(of, of.amount) - paid, Decimal(0))
        _row(pdf, _say(letter.locale, N_("Paid")), money(paid, of.currency, letter.locale))
        _row(pdf, _say(letter.locale, N_("Open")), money(open_amount, of.currency, letter.locale))
        if of.due_at is not None and open_amount:
            _row(pdf, _say(letter.locale, N_("Due by")), day(of.due_at.date(), letter.locale))


def _tax(of: Paper, net: Decimal) -> Tax | None:
    """At the rate the paper was issued with."""
    return None if of.tax_percent is None else tax_at(of.tax_percent, net, of.currency)


def with_tax(of: Paper, net: Decimal) -> Decimal:
    """What is paid for `net` of the paper's amount."""
    tax = _tax(of, net)
    return net if tax is None else tax.total


def _row(pdf: FPDF, left: str, right: str, *, bold: bool = False) -> None:
    """What on the left, how much on the right; a very long name is cut rather than printed over the sum."""
    size = 12 if bold else 10
    paper.say(pdf, left if len(left) <= 80 else f"{left[:79]}-", size, width=130, height=6.5, bold=bold)
    paper.say(pdf, right, size, height=6.5, right=True, newline=True, bold=bold)


def _say(locale: str, msgid: str) -> str:
    return gettext(locale, msgid)
