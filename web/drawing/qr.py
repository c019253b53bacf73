"""The QR code that leads to a page."""

import io

import segno


def qr_svg(address: str) -> str:
    """An SVG of the address, drawn in the current text colour by class `qr`."""
    out = io.BytesIO()
    code = segno.make(address, error="m")
    code.save(out, kind="svg", xmldecl=False, svgclass="qr", lineclass="qr-line", omitsize=True, border=2)
    return out.getvalue().decode().strip()
