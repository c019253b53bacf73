"""PDF pages: text in any language with the fonts this machine has, and never an error for a letter.

The built-in face has the letters of western Europe and costs nothing. Others need a font of the system, of
which only the used letters go into the file. Where there is none, letters lose their accents, and what cannot
be written at all is a question mark.
"""

import unicodedata
from collections.abc import Iterable
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos

_FONTS = Path("/usr/share/fonts")
EUROPEAN = (
    _FONTS / "truetype/liberation/LiberationSans-Regular.ttf",
    _FONTS / "truetype/dejavu/DejaVuSans.ttf",
    _FONTS / "dejavu/DejaVuSans.ttf",
)
CHINESE = (
    _FONTS / "opentype/noto/NotoSansCJK-Regular.ttc",
    _FONTS / "noto-cjk/NotoSansCJK-Regular.ttc",
    _FONTS / "opentype/noto/NotoSansSC-Regular.otf",
)
_FIRST_IDEOGRAPH = "\u2e80"
_PLAIN = str.maketrans(
    {
        "ł": "l",
        "Ł": "L",
        "đ": "d",
        "Đ": "D",
        "ı": "i",
        "œ": "oe",
        "Œ": "OE",
        "−": "-",
        "–": "-",
        "—": "-",
        "’": "'",
        "“": '"',
        "”": '"',
        "…": "...",
        "\u202f": " ",
    }
)


def say(
    pdf: FPDF, text: str, size: float, *, width: float = 0, height: float = 0, bold: bool = False,
    right: bool = False, newline: bool = False,
) -> None:  # fmt: skip
    """One line of `text` where the pen is; `size` in points, `width` and `height` in the page's unit."""
    written = _face(pdf, text, size, bold)
    where = (XPos.LMARGIN, YPos.NEXT) if newline else (XPos.RIGHT, YPos.TOP)
    pdf.cell(
        width, height or size * 0.45, written, align="R" if right else "L", new_x=where[0], new_y=where[1]
    )


def _face(pdf: FPDF, text: str, size: float, bold: bool) -> str:
    """Set a face that has all letters of `text`; returns what to write."""
    if _is_western(text):
        pdf.set_font("Helvetica", style="B" if bold else "", size=size)
        return text
    font = _font_for(text)
    if font is None:
        pdf.set_font("Helvetica", style="B" if bold else "", size=size)
        return plain(text)
    family = font.stem.lower()
    if family not in pdf.fonts:
        pdf.add_font(family, fname=str(font))
    pdf.set_font(family, size=size)
    return text


def _is_western(text: str) -> bool:
    return all(ord(letter) < 256 for letter in text)


def _font_for(text: str) -> Path | None:
    asian = any(letter >= _FIRST_IDEOGRAPH for letter in text)
    return _first_there(CHINESE if asian else (*EUROPEAN, *CHINESE))


def _first_there(fonts: Iterable[Path]) -> Path | None:
    return next((path for path in fonts if path.exists()), None)


def plain(text: str) -> str:
    """`text` in the letters of the built-in face."""
    words = text.replace("€", "EUR ").translate(_PLAIN)
    return "".join(_without_accent(letter) for letter in words)


def _without_accent(letter: str) -> str:
    if _is_western(letter):
        return letter
    base = "".join(c for c in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(c))
    return base if base and _is_western(base) else "?"
