"""Sharing supply anew when it changes: the most urgent firm need chooses first."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session, col, select

from cosmo.clock import Now
from modules.procurement.materials import timezone_of
from modules.procurement.models import ZERO, Lot, Material, Need, NeedState, Peg, PurchaseLine
from modules.procurement.pegging import (
    OPEN_NEEDS,
    Source,
    detach,
    draw,
    enlarge,
    expect,
    in_turn,
    new_peg,
    pegs_of,
    sources,
)

Shares = dict[tuple[str, str], Decimal]
"""(need id, lot or line id) -> quantity."""


def repeg(session: Session, material: Material, now: Now) -> dict[str, tuple[datetime, datetime]]:
    """Share a material's common supply anew, firm before held, then by urgency (which keeps the greatest
    lateness least). Only pegs that differ are rewritten. Need id -> (expected before, after) where changed.
    """
    needs = open_needs(session, material.id)
    pegs = [peg for found in pegs_of(session, [n.id for n in needs]).values() for peg in found]
    supply = sources(session, {material.id}, timezone_of(session, material.plant_id), now)[material.id]
    _refill(supply, pegs)
    rows = {source.key: source.row for source in supply}
    wanted = _share(needs, supply)
    _apply(session, {n.id: n for n in needs}, pegs, wanted, rows)
    return expect(session, needs, now)


def open_needs(session: Session, material_id: str, *, firm: bool = False) -> list[Need]:
    """The material's shareable needs that still lack their goods; only `firm` ones if asked."""
    states = (NeedState.FIRM.value,) if firm else OPEN_NEEDS
    query = select(Need).where(
        Need.material_id == material_id, col(Need.state).in_(states), col(Need.order_specific).is_(False)
    )
    return [need for need in session.exec(query.order_by(col(Need.id))) if need.open > 0]


def _refill(supply: list[Source], pegs: Iterable[Peg]) -> None:
    """Think of all pegs as gone."""
    by_key = {source.key: source for source in supply}
    for peg in pegs:
        source = by_key.get(peg.lot_id or peg.line_id or "")
        if source is not None:
            source.free += peg.quantity


def _share(needs: list[Need], supply: list[Source]) -> Shares:
    shares: Shares = {}
    for need in sorted(needs, key=lambda n: (n.state != NeedState.FIRM, n.needed_by, n.id)):
        turn, firm = in_turn(supply, need.needed_by), need.state == NeedState.FIRM
        taken, _ = draw(turn, need.open, need.needed_by, firm=firm)
        for source, part in taken:
            shares[need.id, source.key] = part
    return shares


def _apply(
    session: Session,
    needs: dict[str, Need],
    pegs: list[Peg],
    wanted: Shares,
    rows: dict[str, Lot | PurchaseLine],
) -> None:
    """Free first, then peg, so that no row is ever pegged beyond its quantity."""
    have: dict[tuple[str, str], Peg] = {}
    for peg in pegs:
        key = (peg.need_id, peg.lot_id or peg.line_id or "")
        keep = wanted.get(key, ZERO)
        if keep < peg.quantity:
            detach(session, peg, peg.quantity - keep)
        if keep > 0:
            have[key] = peg
    for (need_id, row_id), quantity in wanted.items():
        known = have.get((need_id, row_id))
        if known is None:
            new_peg(session, needs[need_id], rows[row_id], quantity)
        elif quantity > known.quantity:
            enlarge(session, known, rows[row_id], quantity - known.quantity)
    session.flush()


def late(need: Need) -> bool:
    """Whether its goods come after it is needed."""
    return need.expected_at > need.needed_by
