"""How likely an open quote is to be ordered, learnt from what became of this plant's own quotes.

Of quotes like it (the same family; where too few are decided, all of the plant) only those count that were
still open at its age: one that has waited a day is no longer like those that were taken within the hour.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from decimal import Decimal

from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.demand_ports import Chance
from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.stages import Stage
from modules.marketing.asked import Asked, Fate, asked, decided

LEARN_FROM = timedelta(days=180)
LEAST = 10
"""Decided quotes below which nothing is said."""


class LearntProspects:
    """`cosmo.demand_ports.Prospects`. A quote's age is business time since it was quoted last."""

    def chances(self, session: Session, order_ids: Collection[str], now: Now) -> Mapping[str, Chance]:
        query = select(Order.plant_id).where(col(Order.id).in_(order_ids), Order.stage == Stage.QUOTED)
        found: dict[str, Chance] = {}
        for plant_id in sorted(set(session.exec(query))):
            quotes = asked(session, [session.get_one(Plant, plant_id)], now.business - LEARN_FROM)
            past = decided(quotes)
            for one in quotes:
                if one.fate is Fate.OPEN and one.id in order_ids and (chance := _chance(one, past, now)):
                    found[one.id] = chance
        return found


def _chance(one: Asked, past: Collection[Asked], now: Now) -> Chance | None:
    age = now.business - one.quoted_at
    as_old = [q for q in past if q.decided_at is not None and q.decided_at - q.quoted_at >= age]
    return _share(q for q in as_old if q.family == one.family) or _share(as_old)


def _share(quotes: Iterable[Asked]) -> Chance | None:
    ones = list(quotes)
    if len(ones) < LEAST:
        return None
    taken = sum(q.fate is Fate.TAKEN for q in ones)
    return Chance(Decimal(taken) / len(ones), len(ones))
