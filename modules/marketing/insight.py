"""What customers ask for: choices by option, quoted and ordered; what became of their quotes, by week,
by band of price, by promised days and by the day asked for."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlmodel import Session, col, select

from cosmo.asking import answerers_at
from cosmo.clock import Now
from cosmo.i18n import N_
from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.stages import Stage
from modules.marketing.asked import Asked, Fate, against_median, decided

WINDOWS = (28, 90, 180, 365)
"""Days one may look back."""
WINDOW = 90
LEAST = 5
"""Decided quotes below which a share says nothing."""


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


def demand(session: Session, plant_id: str, family: str, now: Now, days: int = WINDOW) -> Demand:
    """Counts over the last `days` of business time, most asked first."""
    rows = _rows(session, plant_id, family, since(now, days))
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


def since(now: Now, days: int) -> datetime:
    return now.business - timedelta(days=days)


def _rows(session: Session, plant_id: str, family: str, since: datetime) -> list[Order]:
    query = select(Order).where(
        Order.plant_id == plant_id, Order.family == family, col(Order.created_at) >= since
    )
    return [o for o in session.exec(query) if o.stage != Stage.DRAFT and o.remake_of is None]


def _countable(session: Session, plant_id: str, family: str) -> frozenset[str]:
    """Options with a list of values; uploads and personal texts are nobody's statistics."""
    answerers = answerers_at(session, session.get_one(Plant, plant_id).manufacturer_id)
    return frozenset(answerers.configurator.answer(session, family, {}, 1, "en").domains)


@dataclass(frozen=True, slots=True)
class Group:
    """What became of some quotes. `key` is the words (a msgid), a family, or the Monday of a week."""

    key: str
    quotes: int
    taken: int
    lost: int
    replaced: int
    open: int

    @property
    def decided(self) -> int:
        return self.taken + self.lost

    @property
    def share(self) -> Decimal | None:
        """Taken of those decided, 0 to 1; None where too few are."""
        return Decimal(self.taken) / self.decided if self.decided >= LEAST else None


def group(key: str, quotes: Collection[Asked]) -> Group:
    count = Counter(one.fate for one in quotes)
    return Group(
        key, len(quotes), count[Fate.TAKEN], count[Fate.LOST], count[Fate.REPLACED], count[Fate.OPEN]
    )


def by_family(quotes: Sequence[Asked]) -> list[Group]:
    """The most quoted first."""
    families = Counter(one.family for one in quotes)
    return [group(f, [one for one in quotes if one.family == f]) for f, _n in families.most_common()]


def by_week(quotes: Iterable[Asked], first: date, last: date) -> list[Group]:
    """By the week they were first asked for, empty weeks too; `key` is the Monday."""
    found: dict[date, list[Asked]] = {}
    monday = first - timedelta(days=first.weekday())
    while monday <= last:
        found[monday] = []
        monday += timedelta(days=7)
    for one in quotes:
        found.setdefault(one.day - timedelta(days=one.day.weekday()), []).append(one)
    return [group(week.isoformat(), found[week]) for week in sorted(found)]


Band = tuple[str, Decimal | None]
"""Words, and the first value that is beyond it."""
PRICE_BANDS: tuple[Band, ...] = (
    (N_("more than 20 % below"), Decimal("0.8")),
    (N_("5 to 20 % below"), Decimal("0.95")),
    (N_("within 5 %"), Decimal("1.05")),
    (N_("5 to 20 % above"), Decimal("1.2")),
    (N_("more than 20 % above"), None),
)
DAY_BANDS: tuple[Band, ...] = (
    (N_("up to 7 days"), Decimal(8)),
    (N_("8 to 14 days"), Decimal(15)),
    (N_("15 to 21 days"), Decimal(22)),
    (N_("22 to 35 days"), Decimal(36)),
    (N_("more than 35 days"), None),
)
WISH_BANDS: tuple[Band, ...] = (
    (N_("by the day asked for"), Decimal(1)),
    (N_("1 to 3 days later"), Decimal(4)),
    (N_("4 to 7 days later"), Decimal(8)),
    (N_("more than 7 days later"), None),
)


def by_price(quotes: Sequence[Asked]) -> list[Group]:
    """Decided quotes by their price per piece against the family's median per piece."""
    return _banded(against_median(quotes), PRICE_BANDS)


def by_days(quotes: Sequence[Asked]) -> list[Group]:
    """Decided quotes by the days from the quote to the promised day."""
    return _banded([(q, Decimal(q.days)) for q in decided(quotes) if q.days is not None], DAY_BANDS)


def by_wish(quotes: Sequence[Asked]) -> list[Group]:
    """Decided quotes that named a day, by how far beyond it the promise was."""
    return _banded([(q, Decimal(q.beyond)) for q in decided(quotes) if q.beyond is not None], WISH_BANDS)


def _banded(measured: Collection[tuple[Asked, Decimal]], bands: Sequence[Band]) -> list[Group]:
    """Every band with its quotes; nothing at all where none is measured."""
    if not measured:
        return []
    found: dict[str, list[Asked]] = {words: [] for words, _end in bands}
    for one, value in measured:
        words = next(words for words, end in bands if end is None or value < end)
        found[words].append(one)
    return [group(words, ones) for words, ones in found.items()]
