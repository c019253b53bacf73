"""A placed quote's needs turn firm. Whether all of it still comes in time is told from a few columns of many
orders at once; only where something is no longer as it was are the needs themselves looked at.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache

from sqlalchemy import Row, func, update
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from cosmo.among import among
from cosmo.clock import Now
from cosmo.ports import PlaceOvertaken
from modules.procurement.dates import arrival, at_the_door
from modules.procurement.live import look_again, suppliers_of_the_rest
from modules.procurement.materials import timezone_of
from modules.procurement.models import ZERO, Lot, Material, Need, NeedState, Peg, PurchaseLine, Supplier
from modules.procurement.pegging import expect

_HELD = func.coalesce(col(Need.state), "") == NeedState.HELD
"""So SQLite looks by the order, not for everything that is held."""
_THEIRS = (among(Need.order_id, "orders"), _HELD)
_MATERIALS = (
    select_columns(col(Material.plant_id), col(Material.supplier_id), col(Supplier.party_id))
    .outerjoin(Supplier, col(Supplier.id) == col(Material.supplier_id))
    .where(col(Material.id).in_(select(Need.material_id).where(*_THEIRS)))
    .order_by(col(Material.id))
    .with_for_update(of=Material)
)
_NEED = (Need.id, Need.quantity, Need.issued, Need.short, Need.needed_by, Need.expected_at, Need.plant_id)
_PARTS = (
    select_columns(
        *map(col, _NEED),
        col(Material.lead_days),
        col(Peg.quantity),
        col(Lot.received_at),
        col(PurchaseLine.due),
    )
    .join(Material, col(Material.id) == col(Need.material_id))
    .outerjoin(Peg, col(Peg.need_id) == col(Need.id))
    .outerjoin(Lot, col(Lot.id) == col(Peg.lot_id))
    .outerjoin(PurchaseLine, col(PurchaseLine.id) == col(Peg.line_id))
    .where(*_THEIRS)
)
_NEEDS = (
    select(Need, Material)
    .join(Material, col(Material.id) == col(Need.material_id))
    .where(among(Need.id, "needs"))
    .order_by(col(Need.id))
)
_FIRM = update(Need).where(*_THEIRS).values(state=NeedState.FIRM)


class MaterialTaken(PlaceOvertaken):
    """Somebody else took the supply in between, or time passed: the material comes after it is needed."""


def too_late(need: Need) -> MaterialTaken:
    """The refusal for this need."""
    return MaterialTaken(
        f"{need.name.get('en', '')} is no longer there when {need.operation} begins.", need.order_id
    )


def firm(session: Session, order_ids: Sequence[str], now: Now) -> None:
    """The quotes were placed: their needs are firm. Raises `MaterialTaken` if goods now come too late."""
    orders = {"orders": list(order_ids)}
    materials = session.execute(_MATERIALS, orders).all()
    bought = cache(lambda plant_id, days: arrival(now.business, days, timezone_of(session, plant_id)))
    doubtful = [held.need_id for held in _held(session, orders) if not held.is_as_it_was(bought)]
    if doubtful:
        _must_come_in_time(session, doubtful, now)
    session.execute(_FIRM, orders, execution_options={"synchronize_session": "fetch"})
    _suppliers_look_again(session, materials, now)


def _suppliers_look_again(
    session: Session, materials: Iterable[Row[str, str | None, str | None]], now: Now
) -> None:
    parties = {party_id for _, _, party_id in materials if party_id is not None}
    unnamed = {plant_id for plant_id, supplier_id, _ in materials if supplier_id is None}
    look_again(session, parties | suppliers_of_the_rest(session, unnamed), now)


@dataclass(slots=True)
class _Held:
    """What a need is known to be, and what is pegged to it: so much in all, each part there by then."""

    need_id: str
    open: Decimal
    short: bool
    needed_by: datetime
    expected_at: datetime
    plant_id: str
    lead_days: int
    pegged: Decimal = ZERO
    there: list[datetime] = field(default_factory=list)

    def is_as_it_was(self, bought: Callable[[str, int], datetime]) -> bool:
        """As much of it is pegged as was, the last is there when it was said to be, and in time. `bought`:
        when what this plant buys now is there, so many days after."""
        short = self.open > self.pegged
        there = [*self.there, bought(self.plant_id, self.lead_days)] if short else self.there
        return (
            short == self.short and max(there, default=self.expected_at) == self.expected_at <= self.needed_by
        )


def _held(session: Session, orders: dict[str, list[str]]) -> Collection[_Held]:
    found: dict[str, _Held] = {}
    parts = session.execute(_PARTS, orders)
    for need_id, quantity, issued, *known, pegged, received_at, due in parts:
        held = found.get(need_id)
        if held is None:
            held = found[need_id] = _Held(need_id, quantity - issued, *known)
        if pegged is not None:
            held.pegged += pegged
            held.there.append(received_at or at_the_door(due, timezone_of(session, held.plant_id)))
    return found.values()


def _must_come_in_time(session: Session, need_ids: list[str], now: Now) -> None:
    afresh = {"populate_existing": True}
    read = session.exec(_NEEDS, params={"needs": need_ids}, execution_options=afresh).all()
    needs = [need for need, _ in read]
    expect(session, needs, now)
    for need in needs:
        if need.expected_at > need.needed_by:
            raise too_late(need)
