"""A quote as an A4 PDF on the plant's letterhead: the words of `quote_paper`, set."""

import io
import re
from base64 import b64encode

import segno
from markupsafe import Markup
from PIL import Image, ImageOps
from sqlmodel import Session

from cosmo import attachments
from cosmo.errors import NotFound
from cosmo.i18n import N_, gettext
from cosmo.settings import Settings
from cosmo.sniffing import SVG
from modules.interaction.quote_paper import QuotePaper
from web.drawing.apart import CannotDraw, png_apart
from web.drawing.raster import png_of
from web.sheet import INK, MARGIN, WIDTH, Sheet
from web.uploads import NO_PICTURE, PICTURES

PICTURE = 62.0
"""Width of the drawing in millimetres."""
PIXELS, ARTWORK_PIXELS = 800, 600
UPLOADED = re.compile(r'href="/artwork/([^"]*)"')
SOMEBODY = N_("For whoever was given this paper")
EXPIRED = N_("This quote has expired; its place is free again.")
NO_MORE = N_("Once everything is made, an order can no longer be cancelled.")
HOW_TO_CHECK = N_(
    "The code vouches for this quote as it stands: if price, date or anything else changes, it is another "
    "one. Whoever asked for the quote, and the plant, can check it at the address in the square."
)


def quote_pdf(session: Session, paper: QuotePaper, settings: Settings) -> bytes:
    """One page, more where the configuration is long. The same paper is the same bytes."""
    sheet = Sheet(
        "".join(_all_words(paper)),
        title=f"{_say(paper, 'Quote')} {paper.id}",
        locale=paper.locale,
        made_at=paper.made_at,
        foot=f"{paper.plant} · {_say(paper, 'Quote')} {paper.id}",
    )
    _letterhead(sheet, paper)
    _promise(sheet, paper, with_artwork(session, paper.drawing, settings))
    _pairs(sheet, N_("What is made"), paper.chosen, paper)
    _price(sheet, paper)
    _terms(sheet, paper)
    if not paper.expired:
        _signed(sheet, paper)
    return bytes(sheet.output())


def _all_words(paper: QuotePaper) -> list[str]:
    """Every text that is written, to know which letters are needed."""
    pairs = (*paper.chosen, *paper.totals, *paper.valid, *paper.changes, *paper.cancelling)
    lines = [text for line in paper.lines for text in (line.text, line.each, line.amount)]
    own = [paper.plant, *paper.plant_address, *paper.to, paper.what, paper.count, paper.day, *paper.sure]
    fixed = [_say(paper, msgid) for msgid in (SOMEBODY, NO_MORE, HOW_TO_CHECK, EXPIRED, N_("What is made"))]
    told = [paper.tax, paper.rounding, paper.paid]
    return [*own, *lines, *fixed, *told, *(text for pair in pairs for text in pair)]


def with_artwork(session: Session, drawing: Markup, settings: Settings) -> Markup:
    """The drawing with the customer's own pictures in it instead of their addresses; lost ones stay away."""

    def within(found: re.Match[str]) -> str:
        try:
            content = _picture(session, found[1], settings)
        except NotFound:
            return 'href=""'
        return f'href="data:image/png;base64,{b64encode(content).decode()}"'

    return Markup(UPLOADED.sub(within, str(drawing)))


def _picture(session: Session, attachment_id: str, settings: Settings) -> bytes:
    """An upload as pixels, no more of them than paper shows. Raises `NotFound` for what is no picture."""
    row = attachments.find(session, attachment_id)
    content = attachments.read(settings.attachments, row)
    if row.media_type == SVG:
        try:
            return png_apart(content.decode("utf-8-sig"), ARTWORK_PIXELS)
        except CannotDraw:
            raise NotFound(NO_PICTURE) from None
    if row.media_type not in PICTURES:
        raise NotFound(NO_PICTURE)
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(content))).convert("RGBA")
    image.thumbnail((ARTWORK_PIXELS, ARTWORK_PIXELS))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _letterhead(sheet: Sheet, paper: QuotePaper) -> None:
    top = sheet.get_y()
    sheet.set_fill_color(INK)
    sheet.rect(MARGIN, top, 9, 9, style="F", round_corners=True, corner_radius=2)
    sheet.set_font("sans", "B", 10)
    sheet.set_text_color(255)
    sheet.set_xy(MARGIN, top)
    sheet.cell(9, 9, paper.stamp[:2], align="C")
    sheet.set_xy(MARGIN + 13, top - 0.6)
    sheet.say(paper.plant, 13, bold=True, lead=1.25)
    sheet.say(", ".join(paper.plant_address), 8.5, grey=True)
    sheet.set_xy(MARGIN, top + 19)
    sheet.say("\n".join(paper.to) or _say(paper, SOMEBODY), 9.5, after=9)


def _promise(sheet: Sheet, paper: QuotePaper, drawing: Markup) -> None:
    """What it is and when it comes, beside its picture."""
    top = sheet.get_y()
    picture = png_of(drawing, PIXELS)
    sheet.image(io.BytesIO(picture), x=MARGIN + WIDTH - PICTURE, y=top - 14, w=PICTURE)
    foot = top - 14 + PICTURE * 560 / 600
    wide = WIDTH - PICTURE - 8
    sheet.set_xy(MARGIN, top)
    sheet.say(f"{_say(paper, 'Quote')} {paper.id}", 9, grey=True, width=wide, after=0.5)
    sheet.say(f"{paper.count}, {paper.what}", 15, bold=True, width=wide, lead=1.2, after=4)
    sheet.say(_say(paper, N_("Promised for")), 9, grey=True, width=wide)
    sheet.say(paper.day, 20, bold=True, width=wide, lead=1.15, after=2.5)
    for sentence in paper.sure:
        sheet.say(sentence, 9.5, width=wide, after=0.8)
    if paper.expired:
        sheet.say(_say(paper, EXPIRED), 9.5, bold=True, width=wide)
    sheet.set_xy(MARGIN, max(sheet.get_y(), foot))


def _pairs(
    sheet: Sheet, title: str, pairs: tuple[tuple[str, str], ...], paper: QuotePaper, left: float = 60
) -> None:
    if pairs:
        sheet.head(_say(paper, title))
        for name, value in pairs:
            sheet.row([(name, left - 4, "L"), ("", 4, "L"), (value, WIDTH - left, "L")])


def _price(sheet: Sheet, paper: QuotePaper) -> None:
    sheet.head(_say(paper, N_("Price")))
    widths = (WIDTH - 80, 48, 32)
    for line in paper.lines:
        texts = (line.text, line.each, line.amount)
        sheet.row([*zip(texts, widths, "LRR", strict=True)])
    sheet.ln_keep(0.8)
    sheet.rule()
    for text, amount in paper.totals:
        sheet.row([(text, WIDTH - 40, "L"), (amount, 40, "R")], bold=True, size=9.5)
    if paper.tax:
        sheet.say(paper.tax, 8.5, grey=True)
    sheet.say(paper.rounding, 8.5, grey=True)


def _terms(sheet: Sheet, paper: QuotePaper) -> None:
    if not paper.expired:
        _pairs(sheet, N_("Price and place stand until"), paper.valid, paper)
    _pairs(sheet, N_("Payment"), ((_say(paper, N_("How it is paid")), paper.paid),), paper)
    _pairs(sheet, N_("What may still change once it is ordered"), paper.changes, paper, 78)
    _pairs(sheet, N_("What cancelling costs"), paper.cancelling, paper, 78)
    sheet.say(_say(paper, NO_MORE), 8.5, grey=True)


def _signed(sheet: Sheet, paper: QuotePaper) -> None:
    """The code, and the square that leads to where it is checked; both on one page."""
    side = 25.0
    if sheet.will_page_break(side + 16):
        sheet.add_page()
    sheet.head(_say(paper, N_("Signed")))
    top = sheet.get_y()
    _square(sheet, paper.check, MARGIN, top, side)
    sheet.set_xy(MARGIN + side + 6, top)
    sheet.say(paper.signature, 10, bold=True, width=WIDTH - side - 6, after=1.5)
    sheet.say(_say(paper, HOW_TO_CHECK), 8.5, grey=True, width=WIDTH - side - 6)


def _square(sheet: Sheet, address: str, x: float, y: float, side: float) -> None:
    rows = [list(row) for row in segno.make(address, error="m", micro=False).matrix]
    dot = side / len(rows)
    sheet.set_fill_color(INK)
    for down, row in enumerate(rows):
        for right, dark in enumerate(row):
            if dark:
                sheet.rect(x + right * dot, y + down * dot, dot * 1.02, dot * 1.02, style="F")


def _say(paper: QuotePaper, msgid: str) -> str:
    return gettext(paper.locale, msgid)
