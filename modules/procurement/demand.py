"""What suppliers will be asked for: firm, held and likely, by day and by week.

What is bought for one order counts on the day it has to be at the door, until it is here. Bulk counts as
orders consume it, on the day they need it, whether or not the shelf still covers it: a supplier who sees
consumption needs no guess about our stock.

Of what is held, so much is *likely to be ordered* as became orders of earlier quotes like it (`Prospects`,
answered by whoever keeps quotes). It stands inside what is held, never beside it.

*Likely* is what at least eight of the last ten weeks needed, less what is reckoned with for that week: all
that is firm, and of what is held the part that is likely to be ordered; all of it where too little is known.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import ceil

from sqlmodel import Session, col, select

from cosmo.asking import answerers_at
from cosmo.clock import Now
from cosmo.demand_ports import Chance
from cosmo.formats import day_of
from cosmo.parties import Plant
from modules.procurement.dates import at_the_door, day_to_ask
from modules.procurement.materials import timezone_of
from modules.procurement.models import ZERO, Material, Need, NeedState, Peg, PurchaseLine

WEEKS = 12
LEAST_HISTORY = 4
"""Weeks of history below which nothing is called likely."""
CHANCE = Decimal("0.8")
WEEK = timedelta(days=7)
_GRAIN = Decimal("0.001")


@dataclass(slots=True)
class Demand:
    """One material on one day, in its unit."""

    material: Material
    day: date
    firm: Decimal = ZERO
    held: Decimal = ZERO
    likely: Decimal = ZERO
    held_likely: Decimal = ZERO
    """Of what is held, how much is likely to be ordered."""
    held_unknown: Decimal = ZERO
    """Of what is held, how much nothing is known of."""

    @property
    def reckoned(self) -> Decimal:
        return self.firm + self.held_likely + self.held_unknown

    @property
    def total(self) -> Decimal:
        return self.firm + self.held + self.likely


def week_of(day: date) -> date:
    """The Monday of its week."""
    return day - timedelta(days=day.weekday())


def today_of(session: Session, materials: Iterable[Material], now: Now) -> date:
    """Today where the materials are used (UTC if there are none)."""
    first = next(iter(materials), None)
    return day_of(now.business, timezone_of(session, first.plant_id) if first else "UTC")


def by_day(session: Session, materials: list[Material], now: Now, weeks: int = WEEKS) -> list[Demand]:
    """Demand from today on for `weeks` calendar weeks; what is overdue counts today. Likely demand stands on
    its week's first day from today on."""
    found: dict[tuple[str, date], Demand] = {}
    by_id = {m.id: m for m in materials}
    zones = {m.id: timezone_of(session, m.plant_id) for m in materials}
    today = today_of(session, materials, now)
    last = week_of(today) + weeks * WEEK
    open_needs = _open(session, by_id, zones, now)
    chances = _chances(session, [need for need, _day, _quantity in open_needs], now)
    for need, day, quantity in open_needs:
        day = max(day, today)
        if day < last:
            entry = found.setdefault((need.material_id, day), Demand(by_id[need.material_id], day))
            _add(entry, need, quantity, chances.get(need.order_id))
    for material in materials:
        _add_likely(session, material, found, today, weeks)
    return sorted(found.values(), key=lambda d: (d.day, d.material.code, d.material.id))


def _chances(session: Session, needs: Iterable[Need], now: Now) -> dict[str, Chance]:
    """How likely each quote that holds one of these is to be ordered, as far as its plant knows."""
    holders: dict[str, set[str]] = {}
    for need in needs:
        if need.state == NeedState.HELD:
            holders.setdefault(need.plant_id, set()).add(need.order_id)
    found: dict[str, Chance] = {}
    for plant_id, order_ids in holders.items():
        maker = session.get_one(Plant, plant_id).manufacturer_id
        found |= answerers_at(session, maker).prospects.chances(session, order_ids, now)
    return found


def _add(entry: Demand, need: Need, quantity: Decimal, chance: Chance | None) -> None:
    if need.state == NeedState.FIRM:
        entry.firm += quantity
        return
    entry.held += quantity
    if chance is None:
        entry.held_unknown += quantity
    else:
        entry.held_likely += (quantity * chance.share).quantize(_GRAIN)


def _open(
    session: Session, by_id: Mapping[str, Material], zones: Mapping[str, str], now: Now
) -> list[tuple[Need, date, Decimal]]:
    """(need, day, quantity) of what still has to come to the plant, or (bulk) to be replaced on the shelf."""
    states = (NeedState.FIRM.value, NeedState.HELD.value)
    query = select(Need).where(col(Need.material_id).in_(by_id), col(Need.state).in_(states))
    needs = [need for need in session.exec(query) if need.open > 0]
    specific = {need.id: need for need in needs if need.order_specific}
    here, bought = _covered(session, specific)
    found: list[tuple[Need, date, Decimal]] = []
    for need in needs:
        zone, rest = zones[need.material_id], need.open - here[need.id]
        if need.order_specific and rest > 0:
            lead = by_id[need.material_id].lead_days
            found.append(
                (need, bought.get(need.id) or day_to_ask(now.business, lead, need.needed_by, zone), rest)
            )
        elif rest > 0:
            found.append((need, day_of(need.needed_by, zone), rest))
    return found


def _covered(
    session: Session, needs: Mapping[str, Need]
) -> tuple[defaultdict[str, Decimal], dict[str, date]]:
    """What of these needs is here already, and the day the rest was bought for, by need."""
    here: defaultdict[str, Decimal] = defaultdict(Decimal)
    bought: dict[str, date] = {}
    for peg in session.exec(select(Peg).where(col(Peg.need_id).in_(needs))):
        if peg.lot_id is not None:
            here[peg.need_id] += peg.quantity
    query = select(Peg, PurchaseLine).join(PurchaseLine, col(PurchaseLine.id) == col(Peg.line_id))
    for peg, line in session.exec(query.where(col(Peg.need_id).in_(needs))):
        bought[peg.need_id] = max(line.due, bought.get(peg.need_id, line.due))
    return here, bought


def _add_likely(
    session: Session, material: Material, found: dict[tuple[str, date], Demand], today: date, weeks: int
) -> None:
    used = used_by_week(session, material, today)
    usual = usually_at_least([quantity for week, quantity in used.items() if week < week_of(today)])
    if usual <= 0:
        return
    for step in range(weeks):
        week = week_of(today) + step * WEEK
        known = sum(
            (d.reckoned for (m, day), d in found.items() if m == material.id and week_of(day) == week),
            ZERO,
        )
        rest = usual - known - (used.get(week, ZERO) if step == 0 else ZERO)
        if rest > 0:
            day = max(week, today)
            found.setdefault((material.id, day), Demand(material, day)).likely += rest


def used_by_week(session: Session, material: Material, today: date) -> dict[date, Decimal]:
    """What was issued for each of the last twelve weeks and this one, empty weeks in between included."""
    timezone = timezone_of(session, material.plant_id)
    since = week_of(today) - WEEKS * WEEK
    query = select(col(Need.needed_by), col(Need.quantity)).where(
        Need.material_id == material.id,
        Need.state == NeedState.ISSUED,
        col(Need.needed_by) >= at_the_door(since, timezone) - timedelta(days=1),
    )
    used: dict[date, Decimal] = {}
    for needed_by, quantity in session.exec(query):
        week = week_of(day_of(needed_by, timezone))
        used[week] = used.get(week, ZERO) + quantity
    if used:
        week = min(used)
        while week < week_of(today):
            used.setdefault(week, ZERO)
            week += WEEK
    return used


def usually_at_least(quantities: list[Decimal]) -> Decimal:
    """What at least eight in ten of these weeks needed; zero for a short history."""
    if len(quantities) < LEAST_HISTORY:
        return ZERO
    ranked = sorted(quantities, reverse=True)
    return ranked[ceil(CHANCE * len(ranked)) - 1]


def by_week(
    days: Iterable[Demand], today: date, weeks: int = WEEKS
) -> list[tuple[date, Decimal, Decimal, Decimal]]:
    """(Monday, firm, held, likely) for each week from this one on."""
    sums: dict[date, list[Decimal]] = {week_of(today) + i * WEEK: [ZERO, ZERO, ZERO] for i in range(weeks)}
    for entry in days:
        for index, quantity in enumerate((entry.firm, entry.held, entry.likely)):
            sums[week_of(entry.day)][index] += quantity
    return [(week, firm, held, likely) for week, (firm, held, likely) in sums.items()]
