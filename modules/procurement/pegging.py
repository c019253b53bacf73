"""Pegging: supply (lots, purchase lines) linked to its demand (needs), never more than there is.

Everything here that writes runs under `lock_materials`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlmodel import Session, col, select

from cosmo.clock import Now
from modules.procurement.dates import arrival, at_the_door
from modules.procurement.materials import timezone_of
from modules.procurement.models import ZERO, Lot, Material, Need, NeedState, Peg, PurchaseLine, PurchaseOrder

SPARE = timedelta(days=3)
"""A receipt due so long before a need is counted on for it: so late may it be."""
OPEN_NEEDS = (NeedState.HELD.value, NeedState.FIRM.value)


@dataclass(slots=True)
class Source:
    """Supply of one material: `free` of it can still be pegged, on hand from `at`, usable before `until`."""

    row: Lot | PurchaseLine
    at: datetime
    free: Decimal
    until: datetime | None = None
    collecting: bool = False
    """On a purchase order that is not sent yet: for firm needs only, so that no hold keeps it alive."""

    @property
    def key(self) -> str:
        return self.row.id

    def serves(self, needed_by: datetime, firm: bool) -> bool:
        good = self.until is None or self.until > needed_by
        return good and (firm or not self.collecting)


Draw = list[tuple[Source, Decimal]]


def sources(
    session: Session, material_ids: Iterable[str], timezone: str, now: Now, order_id: str | None = None
) -> dict[str, list[Source]]:
    """Supply by material, soonest first: stock, then dated receipts. Only what was bought for `order_id`, or
    (None) for everybody. Rows are read afresh."""
    ids = set(material_ids)
    found: dict[str, list[Source]] = {material_id: [] for material_id in ids}
    lots = select(Lot).where(
        col(Lot.material_id).in_(ids), col(Lot.empty).is_(False), Lot.order_id == order_id
    )
    for lot in session.exec(lots.execution_options(populate_existing=True)):
        if lot.expires_at is None or lot.expires_at > now.business:
            source = Source(lot, lot.received_at, lot.on_hand - lot.pegged, lot.expires_at)
            found[lot.material_id].append(source)
    lines = select(PurchaseLine, PurchaseOrder).where(
        col(PurchaseOrder.id) == col(PurchaseLine.purchase_id),
        col(PurchaseLine.material_id).in_(ids),
        col(PurchaseLine.open).is_(True),
        PurchaseLine.order_id == order_id,
    )
    for line, purchase in session.exec(lines.execution_options(populate_existing=True)):
        at = max(at_the_door(line.due, timezone), now.business)
        free = line.outstanding - line.pegged
        found[line.material_id].append(Source(line, at, free, collecting=purchase.sent_at is None))
    for supply in found.values():
        supply.sort(key=lambda s: (s.at, s.key))
    return found


def draw(
    supply: Sequence[Source], quantity: Decimal, needed_by: datetime, *, firm: bool
) -> tuple[Draw, Decimal]:
    """Take `quantity` from supply that is still good when needed, in the order given; also what is left
    uncovered. `supply` remembers what was taken; nothing is written.
    """
    taken: Draw = []
    for source in supply:
        if quantity <= 0:
            break
        part = min(source.free, quantity)
        if part > 0 and source.serves(needed_by, firm):
            source.free -= part
            quantity -= part
            taken.append((source, part))
    return taken, max(quantity, ZERO)


def in_turn(supply: Sequence[Source], needed_by: datetime) -> list[Source]:
    """`supply`, soonest first, in the order in which a need should take it: receipts due well before it, the
    latest of them first, so that stock stays free for who needs it now; then stock, then what comes later.
    """
    well_before = [s for s in supply if isinstance(s.row, PurchaseLine) and s.at + SPARE <= needed_by]
    keys = {s.key for s in well_before}
    return [*reversed(well_before), *(s for s in supply if s.key not in keys)]


def pegs_of(session: Session, need_ids: Iterable[str]) -> dict[str, list[Peg]]:
    """Pegs by need."""
    ids = list(need_ids)
    found: dict[str, list[Peg]] = {need_id: [] for need_id in ids}
    for peg in session.exec(select(Peg).where(col(Peg.need_id).in_(ids)).order_by(col(Peg.id))):
        found[peg.need_id].append(peg)
    return found


def attach(session: Session, need: Need, row: Lot | PurchaseLine, quantity: Decimal) -> Peg:
    """Peg `quantity` of a lot or line to a need."""
    known = session.exec(select(Peg).where(Peg.need_id == need.id).filter_by(**_place(row))).first()
    return enlarge(session, known or Peg(need_id=need.id, quantity=ZERO, **_place(row)), row, quantity)


def enlarge(session: Session, peg: Peg, row: Lot | PurchaseLine, quantity: Decimal) -> Peg:
    """Peg so much more of the peg's own lot or line."""
    peg.quantity += quantity
    row.pegged += quantity
    session.add_all((peg, row))
    return peg


def new_peg(session: Session, need: Need, row: Lot | PurchaseLine, quantity: Decimal) -> Peg:
    """As `attach` where the need has no peg to this row yet."""
    return enlarge(session, Peg(need_id=need.id, quantity=ZERO, **_place(row)), row, quantity)


def _place(row: Lot | PurchaseLine) -> dict[str, str]:
    return {"lot_id": row.id} if isinstance(row, Lot) else {"line_id": row.id}


def move(session: Session, peg: Peg, need: Need, lot: Lot, quantity: Decimal) -> None:
    """`quantity` of what was pegged to a line is now in this lot, to which the need has no peg yet."""
    if quantity < peg.quantity:
        detach(session, peg, quantity)
        new_peg(session, need, lot, quantity)
        return
    row_of(session, peg).pegged -= quantity
    peg.line_id, peg.lot_id = None, lot.id
    lot.pegged += quantity
    session.add_all((peg, lot))


def detach(session: Session, peg: Peg, quantity: Decimal | None = None) -> None:
    """Free a peg, or `quantity` of it."""
    quantity = peg.quantity if quantity is None else min(quantity, peg.quantity)
    row = row_of(session, peg)
    row.pegged -= quantity
    peg.quantity -= quantity
    session.add(row)
    if peg.quantity > 0:
        session.add(peg)
    else:
        session.delete(peg)


def row_of(session: Session, peg: Peg) -> Lot | PurchaseLine:
    """The lot or purchase line behind a peg."""
    if peg.lot_id is not None:
        return session.get_one(Lot, peg.lot_id)
    return session.get_one(PurchaseLine, peg.line_id)


def stock_for(session: Session, need: Need) -> list[Lot]:
    """Lots this need may be issued from, oldest first; read afresh."""
    query = select(Lot).where(Lot.material_id == need.material_id, col(Lot.empty).is_(False))
    query = query.where(Lot.order_id == (need.order_id if need.order_specific else None))
    query = query.order_by(col(Lot.received_at), col(Lot.id)).execution_options(populate_existing=True)
    return list(session.exec(query))


def free_for(session: Session, need: Need) -> Decimal:
    """How much of that stock is pegged to nobody."""
    return sum((lot.on_hand - lot.pegged for lot in stock_for(session, need)), ZERO)


def cover(session: Session, needs: Iterable[Need], now: Now) -> dict[str, Decimal]:
    """Peg supply to what these needs (of one plant) still lack; need id -> quantity left uncovered."""
    todo = sorted(needs, key=lambda n: (n.needed_by, n.id))
    if not todo:
        return {}
    timezone = timezone_of(session, todo[0].plant_id)
    shared = sources(session, {n.material_id for n in todo}, timezone, now)
    pegs, left = pegs_of(session, [n.id for n in todo]), {}
    for need in todo:
        supply = shared[need.material_id]
        if need.order_specific:
            supply = sources(session, {need.material_id}, timezone, now, need.order_id)[need.material_id]
        lacking = need.open - sum((p.quantity for p in pegs[need.id]), ZERO)
        turn, firm = in_turn(supply, need.needed_by), need.state == NeedState.FIRM
        taken, left[need.id] = draw(turn, lacking, need.needed_by, firm=firm)
        for source, part in taken:
            attach(session, need, source.row, part)
    session.flush()
    expect(session, todo, now)
    return left


def uncover(session: Session, needs: Iterable[Need]) -> None:
    """Free everything pegged to these needs."""
    for pegs in pegs_of(session, [n.id for n in needs]).values():
        for peg in pegs:
            detach(session, peg)
    session.flush()


def expect(session: Session, needs: Iterable[Need], now: Now) -> dict[str, tuple[datetime, datetime]]:
    """Write when each need's last part is there and whether any is lacking; need id -> (before, after) where
    the time changed."""
    todo = list(needs)
    pegs, changed = pegs_of(session, [n.id for n in todo]), {}
    rows = _read_rows(session, [peg for own in pegs.values() for peg in own])
    zones = {plant_id: timezone_of(session, plant_id) for plant_id in {n.plant_id for n in todo}}
    for need in todo:
        short = need.open > sum((p.quantity for p in pegs[need.id]), ZERO)
        if need.short != short:
            need.short = short
        there = [_at(rows[peg.lot_id or peg.line_id or ""], zones[need.plant_id]) for peg in pegs[need.id]]
        expected = _expected(session, need, there, zones[need.plant_id], now)
        if expected != need.expected_at:
            changed[need.id] = (need.expected_at, expected)
            need.expected_at = expected
    session.flush()
    return changed


def _read_rows(session: Session, pegs: Iterable[Peg]) -> dict[str, Lot | PurchaseLine]:
    """The lots and lines behind these pegs by their ids, read at once."""
    lots, lines = set[str](), set[str]()
    for peg in pegs:
        if peg.lot_id is not None:
            lots.add(peg.lot_id)
        elif peg.line_id is not None:
            lines.add(peg.line_id)
    stock = session.exec(select(Lot).where(col(Lot.id).in_(lots))).all() if lots else []
    bought = session.exec(select(PurchaseLine).where(col(PurchaseLine.id).in_(lines))).all() if lines else []
    return {lot.id: lot for lot in stock} | {line.id: line for line in bought}


def _expected(session: Session, need: Need, there: list[datetime], timezone: str, now: Now) -> datetime:
    """When the last part is there: of what is pegged, `there`, and of what is lacking by the lead time."""
    times = list(there)
    if need.short:
        lead = session.get_one(Material, need.material_id).lead_days
        times.append(arrival(now.business, lead, timezone))
    return max(times, default=need.expected_at)


def _at(row: Lot | PurchaseLine, timezone: str) -> datetime:
    return row.received_at if isinstance(row, Lot) else at_the_door(row.due, timezone)
