"""How much later a purchase may come without reaching a promise."""

from datetime import timedelta

from sqlmodel import Session, col, select

from modules.procurement.dates import at_the_door
from modules.procurement.materials import timezone_of
from modules.procurement.models import Need, NeedState, Peg, PurchaseLine

MOST = 30


def days_to_spare(session: Session, purchase_id: str) -> int | None:
    """Whole days, at most 30; None if no firm need is pegged to the purchase order."""
    query = (
        select(Need, PurchaseLine)
        .join(Peg, col(Peg.need_id) == col(Need.id))
        .join(PurchaseLine, col(PurchaseLine.id) == col(Peg.line_id))
        .where(PurchaseLine.purchase_id == purchase_id, Need.state == NeedState.FIRM)
    )
    spare = [_spare(session, need, line) for need, line in session.exec(query)]
    return min(spare) if spare else None


def _spare(session: Session, need: Need, line: PurchaseLine) -> int:
    timezone = timezone_of(session, need.plant_id)
    for days in range(1, MOST + 1):
        if at_the_door(line.due + timedelta(days=days), timezone) > need.needed_by:
            return days - 1
    return MOST
