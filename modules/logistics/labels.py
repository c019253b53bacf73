"""Carton labels as a PDF of A6 pages: address, SSCC as a GS1-128 bar code, pieces, mass."""

from collections.abc import Sequence
from decimal import Decimal

from barcode.codex import Gs1_128
from fpdf import FPDF

from cosmo.ports import ShipTo
from modules.logistics.models import HandlingUnit, Shipment
from web import paper

FNC1 = "\xf1"


def bars(code: str) -> str:
    """The modules of the GS1-128 bar code for one SSCC: '1' is a bar, '0' a space."""
    return str(Gs1_128(f"00{code}").build()[0])


def labels_pdf(shipment: Shipment, units: Sequence[HandlingUnit], sender: str, to: ShipTo) -> bytes:
    """One A6 page (105 x 148 mm) a unit."""
    pdf = FPDF(unit="mm", format=(105, 148))
    pdf.set_auto_page_break(False)
    pdf.set_title(f"Labels {shipment.number}")
    for index, unit in enumerate(units, 1):
        pdf.add_page()
        _head(pdf, sender, to)
        _figures(pdf, shipment, unit, f"{index} / {len(units)}")
        _bar_code(pdf, unit.sscc)
    return bytes(pdf.output())


def _head(pdf: FPDF, sender: str, to: ShipTo) -> None:
    _line(pdf, 8, 9, sender)
    lines = (to.name, to.street, f"{to.postal_code} {to.city}", to.country)
    for row, text in enumerate(lines):
        _line(pdf, 18 + row * 8, 16 if row == 0 else 13, text)
    pdf.line(8, 54, 97, 54)


def _figures(pdf: FPDF, shipment: Shipment, unit: HandlingUnit, count: str) -> None:
    rows = (
        ("Shipment", shipment.number),
        ("Carton", count),
        ("Pieces", format(unit.pieces, "f")),
        ("Mass", f"{unit.mass_kg.quantize(Decimal('0.01'))} kg"),
        ("Service", shipment.service),
    )
    for row, (label, value) in enumerate(rows):
        _line(pdf, 60 + row * 7, 9, label)
        _line(pdf, 60 + row * 7, 11, value, x=32)


def _bar_code(pdf: FPDF, code: str) -> None:
    modules = bars(code)
    width = 89 / len(modules)
    for i, module in enumerate(modules):
        if module == "1":
            pdf.rect(8 + i * width, 104, width * 1.02, 28, style="F")
    _line(pdf, 135, 11, f"(00) {code}", x=26)


def _line(pdf: FPDF, y: float, size: float, text: str, x: float = 8) -> None:
    pdf.set_xy(x, y)
    paper.say(pdf, text, size, width=105 - x - 8)
