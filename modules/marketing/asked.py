"""What became of each quote: taken, lost, replaced or still open; its price and its day.

A pre-sale's orders and remakes are left out: nobody decided on their price or their day when they were
quoted. A guest's quote that gave way to the same guest's next one is *replaced*, and counts as neither taken
nor lost.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from statistics import median
from typing import Any

from sqlalchemy.orm import load_only
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from cosmo.events import Event
from cosmo.formats import day_of
from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.stages import Stage
from modules.marketing.presale_models import Pledge


class Fate(StrEnum):
    TAKEN = "taken"
    LOST = "lost"
    REPLACED = "replaced"
    OPEN = "open"


BY_GUEST = "guest"
"""Who lets a quote lapse because the same guest asked for the next one."""
DECIDED = (Fate.TAKEN, Fate.LOST)


@dataclass(frozen=True, slots=True)
class Asked:
    """One quote, in business time: `made_at` it was first asked for, `quoted_at` last."""

    id: str
    plant_id: str
    family: str
    fate: Fate
    made_at: datetime
    quoted_at: datetime
    decided_at: datetime | None
    """None: still open."""
    day: date
    """The plant's, on which it was first asked for."""
    each: Decimal
    """The whole price for a piece, freight included."""
    currency: str
    days: int | None
    """From the last time it was quoted to the day promised."""
    beyond: int | None
    """So many days after the day asked for; zero or less: met. None: no day was asked for."""


_READ: tuple[Any, ...] = (
    Order.id, Order.plant_id, Order.family, Order.stage, Order.quantity, Order.price_amount,
    Order.price_currency, Order.created_at, Order.placed_at, Order.first_promise, Order.promised_date,
    Order.requested_date,
)  # fmt: skip
"""What is read of an order: no selections and no texts."""


@dataclass(frozen=True, slots=True)
class _Said:
    quoted: datetime | None = None
    lapsed: datetime | None = None
    by: str = ""


def asked(session: Session, plants: Collection[Plant], since: datetime) -> list[Asked]:
    """Every quote first asked for from `since` on, the oldest first."""
    zones = {plant.id: plant.timezone for plant in plants}
    said = _said(session, zones, since)
    rows = session.exec(_quotes(zones, since))
    return [_asked(row, said.get(row.id, _Said()), zones[row.plant_id]) for row in rows]


def _quotes(plant_ids: Collection[str], since: datetime) -> SelectOfScalar[Order]:
    pledged = select(Pledge.order_id).where(col(Pledge.order_id).is_not(None))
    query = select(Order).where(
        col(Order.plant_id).in_(plant_ids),
        col(Order.created_at) >= since,
        Order.stage != Stage.DRAFT,
        col(Order.remake_of).is_(None),
        col(Order.id).not_in(pledged),
    )
    return query.order_by(col(Order.created_at), col(Order.id)).options(load_only(*_READ))


def _said(session: Session, plant_ids: Collection[str], since: datetime) -> dict[str, _Said]:
    """When each was quoted last, and when and by whom it lapsed last."""
    query = (
        select(Event.order_id, Event.type, Event.actor, Event.event_time)
        .join(Order, col(Order.id) == Event.order_id)
        .where(
            col(Order.plant_id).in_(plant_ids),
            col(Order.created_at) >= since,
            col(Event.type).in_(("quoted", "lapsed")),
        )
        .order_by(col(Event.position))
    )
    found: dict[str, _Said] = {}
    for order_id, kind, actor, at in session.exec(query):
        old = found.get(order_id, _Said())
        found[order_id] = _Said(at) if kind == "quoted" else _Said(old.quoted, at, actor)
    return found


def _asked(row: Order, said: _Said, timezone: str) -> Asked:
    fate = _fate(row, said)
    promised = row.first_promise or row.promised_date
    quoted = day_of(said.quoted or row.created_at, timezone)
    wish = row.requested_date
    return Asked(
        id=row.id,
        plant_id=row.plant_id,
        family=row.family,
        fate=fate,
        made_at=row.created_at,
        quoted_at=said.quoted or row.created_at,
        decided_at=row.placed_at or said.lapsed,
        day=day_of(row.created_at, timezone),
        each=row.price_amount / row.quantity,
        currency=row.price_currency,
        days=(promised - quoted).days if promised else None,
        beyond=(promised - wish).days if promised and wish else None,
    )


def _fate(row: Order, said: _Said) -> Fate:
    if row.placed_at is not None:
        return Fate.TAKEN
    if row.stage == Stage.QUOTED:
        return Fate.OPEN
    return Fate.REPLACED if said.by == BY_GUEST else Fate.LOST


def decided(quotes: Iterable[Asked]) -> list[Asked]:
    """Those that were taken or lost."""
    return [one for one in quotes if one.fate in DECIDED]


def against_median(quotes: Sequence[Asked]) -> list[tuple[Asked, Decimal]]:
    """Each decided quote with its price per piece as a share of the median of its family (1: the median)."""
    prices: defaultdict[tuple[str, str], list[Decimal]] = defaultdict(list)
    priced = [one for one in decided(quotes) if one.each > 0]
    for one in priced:
        prices[one.family, one.currency].append(one.each)
    middle = {key: median(each) for key, each in prices.items()}
    return [(one, one.each / middle[one.family, one.currency]) for one in priced]
