"""Material into the product: the oldest lots first, each written down for the as-built record."""

from decimal import Decimal

from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.errors import Conflict
from cosmo.i18n import N_, Sentence
from modules.procurement.holding import needs_of
from modules.procurement.live import stock_changed
from modules.procurement.materials import lock_materials
from modules.procurement.models import ZERO, Lot, Material, Movement, Need, NeedState, Peg
from modules.procurement.pegging import OPEN_NEEDS, attach, detach, pegs_of, stock_for
from modules.procurement.units import GRAIN, tidy

REST = 10 * GRAIN


class MaterialMissing(Conflict):
    type, title = "material-missing", "Material is missing"


def issue(session: Session, order_id: str, operation: str, share: Decimal, now: Now) -> None:
    """Take `share` (0..1) of the operation's materials out of stock, oldest lots first.

    Issuing more than was planned (a shortfall made again) takes free stock. Raises `MaterialMissing`.
    """
    needs = [
        n for n in needs_of(session, order_id) if n.operation == operation and n.state != NeedState.RELEASED
    ]
    if not needs:
        return
    materials = lock_materials(session, {n.material_id for n in needs})
    for need in needs_of(session, order_id):
        if need.operation == operation and need.state in (*OPEN_NEEDS, NeedState.ISSUED):
            _issue(session, need, materials[need.material_id], _portion(need, share), now)


def _portion(need: Need, share: Decimal) -> Decimal:
    """The share in the material's unit; a rounding rest goes with the last one."""
    quantity = tidy(need.planned * share)
    return need.open if abs(need.open - quantity) <= REST else quantity


def _issue(session: Session, need: Need, material: Material, quantity: Decimal, now: Now) -> None:
    planned = min(quantity, need.open)
    extra = quantity - planned
    if extra > 0:
        need.quantity += extra
        _peg_free(session, need, material, extra)
    _take_from_the_shelf(session, need, quantity - _pegged_in_stock(session, need))
    taken = _take_oldest(session, need, material, quantity, now)
    _unpeg(session, need, quantity)
    for lot in taken:
        _make_room(session, lot, need)
    need.issued += quantity
    if need.open <= 0:
        need.state = NeedState.ISSUED
    session.add(need)
    stock_changed(session, material, now)
    session.flush()


def _peg_free(session: Session, need: Need, material: Material, quantity: Decimal) -> None:
    for lot in stock_for(session, need):
        part = min(lot.on_hand - lot.pegged, quantity)
        if part > 0:
            attach(session, need, lot, part)
            quantity -= part
    if quantity > 0:
        said = N_("{quantity} {unit} of {name} are not in stock; book the goods in first.")
        values = {"quantity": quantity, "unit": material.unit, "name": material.name}
        raise MaterialMissing(Sentence(said, **values), material=material.code)


def _take_from_the_shelf(session: Session, need: Need, lacking: Decimal) -> None:
    """Who begins before the delivery it counts on takes what is free, and leaves the delivery to others."""
    for lot in stock_for(session, need) if lacking > 0 else []:
        part = min(lot.on_hand - lot.pegged, lacking, _pegged_on_lines(session, need))
        if part > 0:
            _give_lines_back(session, need, part)
            attach(session, need, lot, part)
            lacking -= part


def _pegged_on_lines(session: Session, need: Need) -> Decimal:
    return sum((peg.quantity for peg in pegs_of(session, [need.id])[need.id] if peg.line_id), ZERO)


def _give_lines_back(session: Session, need: Need, quantity: Decimal) -> None:
    for peg in pegs_of(session, [need.id])[need.id]:
        if peg.line_id and quantity > 0:
            part = min(peg.quantity, quantity)
            detach(session, peg, part)
            quantity -= part
    session.flush()


def _take_oldest(session: Session, need: Need, material: Material, quantity: Decimal, now: Now) -> list[Lot]:
    if _pegged_in_stock(session, need) < quantity:
        said = N_("{name} is not all in stock for this step; book the goods in first.")
        raise MaterialMissing(Sentence(said, name=material.name), material=material.code)
    touched: list[Lot] = []
    for lot in stock_for(session, need):
        part = min(lot.on_hand, quantity)
        if part <= 0:
            break
        lot.on_hand -= part
        lot.empty = lot.on_hand <= 0
        quantity -= part
        session.add(lot)
        session.add(
            Movement(
                material_id=material.id,
                lot_id=lot.id,
                order_id=need.order_id,
                operation=need.operation,
                kind="issue",
                quantity=-part,
                at=now.business,
            )
        )
        touched.append(lot)
    session.flush()
    return touched


def _pegged_in_stock(session: Session, need: Need) -> Decimal:
    return sum((peg.quantity for peg in _pegs_on_lots(session, need)), ZERO)


def _pegs_on_lots(session: Session, need: Need) -> list[Peg]:
    """The need's pegs to lots, oldest lot first."""
    query = select(Peg).join(Lot, col(Peg.lot_id) == col(Lot.id)).where(Peg.need_id == need.id)
    return list(session.exec(query.order_by(col(Lot.received_at), col(Lot.id))))


def _unpeg(session: Session, need: Need, quantity: Decimal) -> None:
    for peg in _pegs_on_lots(session, need):
        part = min(peg.quantity, quantity)
        detach(session, peg, part)
        quantity -= part
        if quantity <= 0:
            break
    session.flush()


def _make_room(session: Session, lot: Lot, issued_to: Need) -> None:
    """Whoever else was pegged to what was just taken gets the newer lots in exchange.

    There is always enough: as much was freed there as was taken here.
    """
    excess = lot.pegged - lot.on_hand
    query = select(Peg).where(Peg.lot_id == lot.id).order_by(col(Peg.id).desc())
    for peg in list(session.exec(query)) if excess > 0 else []:
        part = min(peg.quantity, excess)
        other = session.get_one(Need, peg.need_id)
        detach(session, peg, part)
        _move_to_free(session, other, part)
        excess -= part
        if excess <= 0:
            return


def _move_to_free(session: Session, need: Need, quantity: Decimal) -> None:
    for lot in stock_for(session, need):
        part = min(lot.on_hand - lot.pegged, quantity)
        if part > 0:
            attach(session, need, lot, part)
            quantity -= part
        if quantity <= 0:
            return
    raise AssertionError("as much stock was freed as was taken")
