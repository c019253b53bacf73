"""What a supplier does with a purchase order: confirm, name another date, announce a delivery.

Each answer may be sent again: one that changes nothing does nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.errors import Conflict, Invalid
from cosmo.formats import day_of
from cosmo.i18n import N_, Sentence
from modules.procurement.live import stock_changed
from modules.procurement.materials import timezone_of
from modules.procurement.models import LineState, PurchaseLine, PurchaseOrder
from modules.procurement.slipping import Told, lock_behind, redate

TO_CONFIRM = (LineState.ASKED, LineState.COUNTERED)


WITHDRAWN = N_("{number} was withdrawn; nothing is expected on it.")


class Over(Conflict):
    type, title = "purchase-over", "This purchase order is over"


def lines_of(session: Session, purchase: PurchaseOrder) -> list[PurchaseLine]:
    """The order's lines in the order they were opened."""
    query = select(PurchaseLine).where(PurchaseLine.purchase_id == purchase.id)
    return list(session.exec(query.order_by(col(PurchaseLine.id))))


def open_lines(session: Session, purchase: PurchaseOrder, only: Sequence[str] = ()) -> list[PurchaseLine]:
    """Lines still expected. Raises `Invalid` for a foreign line."""
    lines = lines_of(session, purchase)
    unknown = set(only) - {line.id for line in lines}
    if unknown:
        raise Invalid(f"{purchase.number} has no line {sorted(unknown)[0]!r}.")
    chosen = [line for line in lines if line.open and (not only or line.id in only)]
    return sorted(chosen, key=lambda line: (line.material_id, line.id))


def confirm(session: Session, purchase: PurchaseOrder, now: Now) -> None:
    """The supplier delivers as asked: every line that is not on its way yet keeps the day asked for.

    Raises `Over` if that day has passed.
    """
    _must_be_expected(session, purchase)
    lines = [line for line in open_lines(session, purchase) if line.state in TO_CONFIRM]
    materials = lock_behind(session, lines)
    if any(line.asked_for < _today(session, purchase, now) for line in lines):
        passed = N_("The day asked for on {number} has passed; name another day.")
        raise Over(Sentence(passed, number=purchase.number))
    for line in lines:
        if line.state in TO_CONFIRM:
            line.state, line.confirmed, line.answered_at = LineState.CONFIRMED, line.asked_for, now.business
            session.add(line)
            stock_changed(session, materials[line.material_id], now)
            redate(session, line, materials[line.material_id], line.asked_for, now)
    session.flush()


def counter(
    session: Session, purchase: PurchaseOrder, due: date, now: Now, only: Sequence[str] = ()
) -> list[Told]:
    """The supplier names another date. It counts at once: the plan follows what is known."""
    _must_be_expected(session, purchase)
    _not_past(session, purchase, due, now)
    told: list[Told] = []
    lines = open_lines(session, purchase, only)
    materials = lock_behind(session, lines)
    for line in lines:
        if line.confirmed == due and line.due == due:
            continue
        line.state = LineState.CONFIRMED if due == line.asked_for else LineState.COUNTERED
        line.confirmed, line.answered_at = due, now.business
        session.add(line)
        stock_changed(session, materials[line.material_id], now)
        told.append(redate(session, line, materials[line.material_id], due, now))
    session.flush()
    return told


def announce(
    session: Session,
    purchase: PurchaseOrder,
    due: date,
    now: Now,
    *,
    quantities: Mapping[str, Decimal] | None = None,
    asn: str | None = None,
) -> None:
    """The delivery is on its way and comes on `due`; line id -> quantity, default everything outstanding."""
    _must_be_expected(session, purchase)
    _not_past(session, purchase, due, now)
    quantities = quantities or {}
    lines = open_lines(session, purchase, tuple(quantities))
    materials = lock_behind(session, lines)
    for line in lines:
        line.state, line.announced, line.asn = (
            LineState.ANNOUNCED,
            due,
            asn or line.asn or f"ASN-{purchase.number}",
        )
        line.announced_quantity = quantities.get(line.id, line.outstanding)
        line.confirmed, line.answered_at = line.confirmed or due, line.answered_at or now.business
        session.add(line)
        stock_changed(session, materials[line.material_id], now)
        redate(session, line, materials[line.material_id], due, now)
    session.flush()


def _must_be_expected(session: Session, purchase: PurchaseOrder) -> None:
    lines = lines_of(session, purchase)
    if lines and all(line.state == LineState.WITHDRAWN for line in lines):
        raise Over(Sentence(WITHDRAWN, number=purchase.number))


def _not_past(session: Session, purchase: PurchaseOrder, due: date, now: Now) -> None:
    today = _today(session, purchase, now)
    if due < today:
        raise Invalid(Sentence(N_("Choose a day from {day} on."), day=today), field="date")
    if (due - today).days > 730:
        raise Invalid("Choose a day within the next two years.", field="date")


def _today(session: Session, purchase: PurchaseOrder, now: Now) -> date:
    return day_of(now.business, timezone_of(session, purchase.plant_id))
