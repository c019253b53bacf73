"""What whoever makes an item for one order must know of it: the choices, words and files its model tells."""

import io
from decimal import Decimal

from PIL import Image, ImageOps
from sqlmodel import Session

from cosmo import attachments
from cosmo.brief_ports import Brief, BriefFile
from cosmo.errors import NotFound
from cosmo.formats import number
from cosmo.orders import Order
from cosmo.sniffing import JPEG, PNG, STL, SVG
from cosmo.spec import Names
from modules.rnd.configuring import Prepared, prepare
from modules.rnd.family import LANGUAGES, Option
from modules.rnd.mesh import without_header
from modules.rnd.models import Release
from modules.rnd.resolve import told_of
from modules.rnd.svg import inks, nameless
from modules.rnd.uploads import upload_of

PRINT_SIZE: Names = {"en": "Print size", "de": "Druckgröße", "zh": "印刷尺寸"}
COLOURS: Names = {"en": "Colours", "de": "Farben", "zh": "颜色"}
TEXT = "text/plain; charset=utf-8"


class ModelledBriefer:
    """The `Briefer`: the model names, for each item made for one order, the options its maker must know."""

    def brief(self, session: Session, order_id: str, material: str) -> Brief:
        order = session.get_one(Order, order_id)
        got = _prepared(session, order)
        if got is None:
            return Brief()
        facts: list[tuple[Names, Names]] = []
        files: list[BriefFile] = []
        for option in _told(got, material):
            if option.type == "file":
                facts += _print(got, option)
                files.append(BriefFile(option.id, option.name, _filename(session, got, option)))
            elif option.type == "text" and len(order.pieces) > 1:
                files.append(BriefFile(option.id, option.name, f"{option.id}.txt"))
            else:
                facts.append((option.name, _words(got, option)))
        return Brief(tuple(facts), tuple(files))

    def file(self, session: Session, order_id: str, material: str, option: str) -> tuple[bytes, str]:
        order = session.get_one(Order, order_id)
        got = _prepared(session, order)
        told = [] if got is None else _told(got, material)
        found = next((o for o in told if o.id == option), None)
        listed = found is not None and found.type == "text" and len(order.pieces) > 1
        if got is None or found is None or not (listed or found.type == "file"):
            raise NotFound("There is no such file.")
        if listed:
            return "".join(f"{piece.get(option, '')}\n" for piece in order.pieces).encode(), TEXT
        return plain(session, str(got.state.given[option]))


def _prepared(session: Session, order: Order) -> Prepared | None:
    """The order's configuration; None for one that follows no release."""
    if order.release is None or session.get(Release, order.release) is None:
        return None
    return prepare(session, order.family, order.selections, order.quantity, order.release)


def _told(got: Prepared, material: str) -> list[Option]:
    chosen = (got.product.options[name] for name in told_of(got.product, got.state, material))
    return [option for option in chosen if option.id in got.state]


def _words(got: Prepared, option: Option) -> Names:
    given = got.state.given[option.id]
    value = option.value(given) if isinstance(given, str) else None
    if value is not None:
        return value.name
    if isinstance(given, Decimal):
        return {language: f"{number(given, language)} {option.unit}".strip() for language in LANGUAGES}
    return dict.fromkeys(LANGUAGES, given)


def _print(got: Prepared, option: Option) -> list[tuple[Names, Names]]:
    """How large artwork is printed, and in which colours where it is a drawing."""
    plan, report = got.product.family.artwork, got.artwork
    if plan is None or report is None or plan.option != option.id:
        return []
    size = {x: f"{number(report.width_mm, x)} × {number(report.height_mm, x)} mm" for x in LANGUAGES}
    used = inks(report.preview.decode()) if report.preview_type == SVG else ()
    colours = [(COLOURS, dict.fromkeys(LANGUAGES, f"{len(used)} ({', '.join(used)})"))] if used else []
    return [(PRINT_SIZE, size), *colours]


def _filename(session: Session, got: Prepared, option: Option) -> str:
    try:
        return attachments.find(session, str(got.state.given[option.id])).filename
    except NotFound:
        return option.id


def plain(session: Session, attachment_id: str) -> tuple[bytes, str]:
    """An upload as its maker needs it, without author, place or camera: shapes, pixels or triangles alone."""
    row, content = attachments.find(session, attachment_id), upload_of(session, attachment_id).read()
    if row.media_type == SVG:
        return nameless(content).encode(), SVG
    if row.media_type == STL:
        return without_header(content), STL
    if row.media_type not in (PNG, JPEG):
        raise NotFound("This file is of no kind that can be handed on.")
    return _pixels(content), PNG


def _pixels(content: bytes) -> bytes:
    """The picture with its resolution and colour profile, and nothing else that was written into the file."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
    same = image.mode in ("RGB", "RGBA", "P")  # a profile belongs to its kind of colours
    kept = {name: image.info[name] for name in ("dpi", *["icc_profile"] * same) if name in image.info}
    if image.mode.startswith("I;16"):
        image = image.point(lambda value: value / 256).convert("L")
    plain = image.convert("RGBA" if image.has_transparency_data else "RGB")
    plain.info.clear()
    out = io.BytesIO()
    plain.save(out, "PNG", **kept)
    return out.getvalue()
