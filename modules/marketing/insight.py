"""What customers ask for: choices by option, quoted and ordered, and why quotes were not taken."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from cosmo.asking import answerers_at
from cosmo.clock import Now
from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.stages import Stage

WINDOW = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Choice:
    """How often one value of one option was asked for, in orders and in pieces."""

    option: str
    value: str
    quoted: int
    ordered: int
    pieces: int


@dataclass(frozen=True, slots=True)
class Demand:
    """One family's demand over the window."""

    family: str
    quotes: int
    orders: int
    lapsed: int
    choices: tuple[Choice, ...]

    @property
    def conversion(self) -> float:
        """Share of quotes that became orders, 0 to 1."""
        return self.orders / self.quotes if self.quotes else 0.0


def demand(session: Session, plant_id: str, family: str, now: Now) -> Demand:
    """Counts over the last 90 days of business time, most asked first."""
    since = now.business - WINDOW
    rows = _rows(session, plant_id, family, since)
    countable = _countable(session, plant_id, family)
    quoted, ordered, pieces = (
        Counter[tuple[str, str]](),
        Counter[tuple[str, str]](),
        Counter[tuple[str, str]](),
    )
    for order in rows:
        for option, value in order.selections.items():
            if option not in countable:
                continue
            key = (option, str(value))
            quoted[key] += 1
            if order.placed_at is not None:
                ordered[key] += 1
                pieces[key] += order.quantity
    choices = tuple(Choice(*key, n, ordered[key], pieces[key]) for key, n in quoted.most_common())
    placed = sum(o.placed_at is not None for o in rows)
    lapsed = sum(o.stage == Stage.LAPSED for o in rows)
    return Demand(family, len(rows), placed, lapsed, choices)


def _rows(session: Session, plant_id: str, family: str, since: datetime) -> list[Order]:
    query = select(Order).where(
        Order.plant_id == plant_id, Order.family == family, col(Order.created_at) >= since
    )
    return [o for o in session.exec(query) if o.stage != Stage.DRAFT and o.remake_of is None]


def _countable(session: Session, plant_id: str, family: str) -> frozenset[str]:
    """Options with a list of values; uploads and personal texts are nobody's statistics."""
    answerers = answerers_at(session, session.get_one(Plant, plant_id).manufacturer_id)
    return frozenset(answerers.configurator.answer(session, family, {}, 1, "en").domains)
