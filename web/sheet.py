"""A sheet of A4 in the house's own faces: the same words are the same bytes on every machine.

The faces, also the Chinese one, stand beside the product (`static/vendor`), and only the letters used go into
the file. A letter that they do not have is looked for in the system's fonts (see `web.paper`).
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.enums import WrapMode, XPos, YPos

from web import paper

VENDOR = Path(__file__).parent / "static" / "vendor"
LATIN = "fonts/instrument-sans-latin-{}-normal.woff"
LATIN_EXT = "fonts/instrument-sans-latin-ext-{}-normal.woff"
CHINESE = VENDOR / "noto-sans-sc" / "noto-sans-sc-chinese-simplified-400-normal.woff"
INK, GREY, LINE = 17, 85, 200
MARGIN = 20.0
WIDTH = 210 - 2 * MARGIN
"""Millimetres."""


class Sheet(FPDF):
    """Lines, paragraphs and rows from top to bottom; what does not fit goes on to another page.

    `letters`: all that will be written, so that fonts are looked for once; `made_at` is the file's date, that
    of its content and not of printing; `foot` stands under every page beside its number.
    """

    def __init__(self, letters: str, *, title: str, locale: str, made_at: datetime, foot: str) -> None:
        super().__init__(unit="mm", format="A4")
        self._foot, self._wrap = foot, WrapMode.CHAR if locale == "zh" else WrapMode.WORD
        self.set_title(title)
        self.set_lang("zh-Hans" if locale == "zh" else locale)
        self.set_creation_date(made_at)
        self.set_margin(MARGIN)
        self.c_margin = 0  # words begin where lines do
        self.set_auto_page_break(True, margin=22)
        self._add_faces(letters)
        self.alias_nb_pages()
        self.add_page()

    def _add_faces(self, letters: str) -> None:
        for family, name in (("sans", LATIN), ("more", LATIN_EXT)):
            self.add_font(family, fname=VENDOR / name.format(400))
            self.add_font(family, "B", fname=VENDOR / name.format(600))
        others = ["more"]
        for number, font in enumerate(_needed(letters)):
            others.append(f"other{number}")
            self.add_font(others[-1], fname=font)
        self.set_fallback_fonts(others, exact_match=False)

    def footer(self) -> None:
        """Whose sheet it is, and which of how many."""
        self.set_y(-14)
        self._use(7.5, grey=True)
        self.cell(WIDTH / 2, 4, self._foot)
        self._use(7.5, grey=True)
        self.cell(WIDTH / 2, 4, f"{self.page_no()} / {{nb}}", align="R")

    def say(
        self, text: str, size: float = 9.5, *, bold: bool = False, grey: bool = False, width: float = WIDTH,
        lead: float = 1.42, after: float = 0,
    ) -> None:  # fmt: skip
        """A paragraph at the pen, broken at `width`."""
        self._use(size, bold=bold, grey=grey)
        height = size * 0.3528 * lead
        self.multi_cell(width, height, text, align="L", wrapmode=self._wrap, new_x=XPos.LEFT, new_y=YPos.NEXT)
        self.ln_keep(after)

    def ln_keep(self, height: float) -> None:
        """Down, without going back to the left."""
        self.set_xy(self.get_x(), self.get_y() + height)

    def head(self, text: str) -> None:
        """What the next part is about; never the last line of a page."""
        if self.will_page_break(22):
            self.add_page()
        self.set_x(MARGIN)
        self.ln_keep(5)
        self.rule()
        self.say(text, 10.5, bold=True, after=1.2)

    def rule(self) -> None:
        """A hairline over the whole width."""
        self.set_draw_color(LINE)
        self.set_line_width(0.2)
        self.line(MARGIN, self.get_y(), MARGIN + WIDTH, self.get_y())
        self.ln_keep(2)

    def row(self, cells: Sequence[tuple[str, float, str]], *, bold: bool = False, size: float = 9) -> None:
        """One row of (text, width, "L" or "R"); as high as its longest text, and never cut across pages."""
        self._use(size, bold=bold)
        height = size * 0.3528 * 1.4
        texts = [self._broken(text, width, height) for text, width, _ in cells]
        tall = height * max(len(lines) for lines in texts) + 1.1
        if self.will_page_break(tall):
            self.add_page()
        x, y = MARGIN, self.get_y()
        for lines, (_, width, align) in zip(texts, cells, strict=True):
            for number, line in enumerate(lines):
                self._use(size, bold=bold)
                self.set_xy(x, y + number * height)
                self.cell(width, height, line, align=align)
            x += width
        self.set_xy(MARGIN, y + tall)

    def _broken(self, text: str, width: float, height: float) -> list[str]:
        lines = self.multi_cell(
            width, height, text, dry_run=True, output="LINES", wrapmode=self._wrap, align="L"
        )
        assert isinstance(lines, list)
        return lines or [""]

    def _use(self, size: float, *, bold: bool = False, grey: bool = False) -> None:
        self.set_text_color(GREY if grey else INK)
        self.set_font("sans", "B" if bold else "", size)
        self.current_font_is_set_on_page = False  # fpdf takes a fallback's letters for this face's own


def _needed(letters: str) -> list[Path]:
    """Fonts beyond the house's Latin ones that these letters ask for."""
    missing = {ord(letter) for letter in letters if letter.isprintable()}
    for name in (LATIN, LATIN_EXT):
        missing -= _has(VENDOR / name.format(400))
    found = []
    for font in (CHINESE, *(path for path in (*paper.EUROPEAN, *paper.CHINESE) if path.exists())):
        if missing and missing & _has(font):
            found.append(font)
            missing -= _has(font)
    return found


@lru_cache(maxsize=16)
def _has(font: Path) -> frozenset[int]:
    """The letters a font has."""
    with TTFont(font, fontNumber=0, lazy=True) as opened:
        return frozenset(opened.getBestCmap())
