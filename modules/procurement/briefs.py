"""What a supplier is told to make: the model's words and files for an open line, never whom it is for."""

from collections.abc import Iterator
from urllib.parse import quote

from sqlmodel import Session

from cosmo.asking import answerers_for
from cosmo.brief_ports import Brief
from cosmo.errors import NotFound
from cosmo.orders import Order
from modules.procurement.identity import filename_told
from modules.procurement.models import Material, PurchaseLine, PurchaseOrder
from modules.procurement.schemas import BriefOut, FactOut, FileOut
from modules.procurement.stocklist import PurchaseRow


def briefs(session: Session, row: PurchaseRow) -> dict[str, BriefOut]:
    """Line -> its brief, of lines that are still open and have one; what is done is told no more."""
    return {line.id: _told(session, line, order, brief) for line, order, brief in _open(session, row)}


def _open(session: Session, row: PurchaseRow) -> Iterator[tuple[PurchaseLine, Order, Brief]]:
    for line, material in row.lines:
        if not line.open or line.order_id is None:
            continue
        order = session.get_one(Order, line.order_id)
        brief = answerers_for(session, order).briefer.brief(session, order.id, material.code)
        if brief.facts or brief.files:
            yield line, order, brief


def _told(session: Session, line: PurchaseLine, order: Order, brief: Brief) -> BriefOut:
    at = f"/api/v1/suppliers/me/orders/{line.purchase_id}/files/{line.id}"
    return BriefOut(
        facts=[FactOut(label=label, value=value) for label, value in brief.facts],
        files=[
            FileOut(label=f.label, name=filename_told(f), href=f"{at}/{f.option}")
            for f in brief.files
        ],
    )


def file_of(session: Session, purchase: PurchaseOrder, line_id: str, option: str) -> tuple[bytes, str, str]:
    """Content, media type and name of a file of an open line. Raises `NotFound`."""
    line = session.get(PurchaseLine, line_id)
    if line is None or line.purchase_id != purchase.id or not line.open or line.order_id is None:
        raise NotFound("There is no such purchase order line here.")
    order, code = session.get_one(Order, line.order_id), session.get_one(Material, line.material_id).code
    briefer = answerers_for(session, order).briefer
    content, media_type = briefer.file(session, order.id, code, option)
    files = briefer.brief(session, order.id, code).files
    name = next((filename_told(f) for f in files if f.option == option), option)
    return content, media_type, name


def attached(name: str) -> dict[str, str]:
    """Headers of a file that is saved, never shown."""
    return {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-store",
    }
