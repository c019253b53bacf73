"""Campaigns: a named time in which families cost less, for everybody or with a code; and what came of it.

A code that is unknown, another plant's, another family's, not begun or over takes nothing off, and says why.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam
from sqlalchemy.orm import load_only
from sqlmodel import Session, col, select

from cosmo.clock import Now
from cosmo.errors import Conflict, Invalid, NotFound
from cosmo.formats import LOCALES, day_of, shortday
from cosmo.i18n import N_, Sentence, gettext, pick
from cosmo.offer_ports import UNKNOWN
from cosmo.once import once
from cosmo.orders import Order
from cosmo.parties import Plant
from cosmo.ports import Ask, Running
from cosmo.stages import Stage
from modules.marketing.models import Campaign
from modules.marketing.schemas import CampaignIn

UNTIL = N_("{name}, until {day}")
LONGEST = timedelta(days=366)


def open_campaign(
    session: Session, plant: Plant, families: Iterable[str], wish: CampaignIn, actor: str, now: Now
) -> Campaign:
    """A campaign over some of the plant's own `families`. Raises `Invalid`, and `Conflict` for a code that
    another campaign has in that time."""
    _check(plant, frozenset(families), wish, now)
    row = Campaign(
        plant_id=plant.id,
        name={str(lang): name for lang, name in wish.name.items()},
        families=list(dict.fromkeys(wish.families)),
        percent=wish.percent,
        from_quantity=wish.from_quantity,
        code=wish.code.upper(),
        first_day=wish.first_day,
        last_day=wish.last_day,
        valid_from=_midnight(wish.first_day, plant.timezone),
        valid_to=_midnight(wish.last_day + timedelta(days=1), plant.timezone),
        opened_by=actor,
    )
    _code_is_free(session, row)
    session.add(row)
    session.flush()
    return row


def _check(plant: Plant, families: frozenset[str], wish: CampaignIn, now: Now) -> None:
    if not wish.name.get("en", "").strip():
        raise Invalid(N_("Name the campaign in English at least."), field="name_en")
    if set(wish.families) - families:
        raise Invalid(N_("Choose product families of this plant."), field="families")
    if wish.last_day < wish.first_day:
        raise Invalid(N_("The last day comes before the first."), field="last_day")
    if wish.last_day < day_of(now.business, plant.timezone):
        raise Invalid(N_("The last day has passed."), field="last_day")
    if wish.first_day > day_of(now.business, plant.timezone) + 2 * LONGEST:
        raise Invalid(N_("Choose a first day within the next two years."), field="first_day")
    if wish.last_day - wish.first_day > LONGEST:
        raise Invalid(N_("A campaign lasts a year at most."), field="last_day")


def _midnight(day: date, timezone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(timezone))


def _code_is_free(session: Session, row: Campaign) -> None:
    query = select(Campaign).where(
        Campaign.plant_id == row.plant_id,
        Campaign.code == row.code,
        col(Campaign.valid_to) > row.valid_from,
        col(Campaign.valid_from) < row.valid_to,
    )
    if row.code and session.exec(query).first() is not None:
        said = N_("Another campaign has the code {code} in that time.")
        raise Conflict(Sentence(said, code=row.code), field="code")


def end_campaign(session: Session, plant: Plant, campaign_id: str, now: Now) -> Campaign:
    """It no longer counts from now on; quotes already given keep their price."""
    row = session.get(Campaign, campaign_id)
    if row is None or row.plant_id != plant.id:
        raise NotFound("There is no such campaign here.")
    if row.valid_to <= now.business:
        raise Conflict("This campaign has ended already.")
    row.valid_to = now.business
    session.add(row)
    session.flush()
    return row


def campaigns_at(session: Session, plant_id: str) -> list[Campaign]:
    """The newest first."""
    query = select(Campaign).where(Campaign.plant_id == plant_id)
    return list(session.exec(query.order_by(col(Campaign.valid_from).desc(), col(Campaign.id).desc())))


# put together once: asked with every click
_RUNNING = select(Campaign).where(
    col(Campaign.valid_from) <= bindparam("at"), col(Campaign.valid_to) > bindparam("at")
)
_RUNNING_HERE = _RUNNING.where(col(Campaign.plant_id) == bindparam("plant_id"))


def best_campaign(session: Session, ask: Ask, plant_id: str, at: datetime) -> Campaign | None:
    """Of the plant's campaigns that count for this ask, the one that takes most off."""

    def read() -> Sequence[Campaign]:
        return session.exec(_RUNNING_HERE, params={"at": at, "plant_id": plant_id}).all()

    found = [
        row
        for row in once(session, ("campaigns", plant_id, at), read)
        if ask.family in row.families
        and row.from_quantity <= ask.quantity
        and row.code in ("", _written(ask.code))
    ]
    return max(found, key=lambda row: (row.percent, row.id), default=None)


def _written(code: str) -> str:
    return code.strip().upper()


def line_text(row: Campaign) -> dict[str, str]:
    """The words of its line of the price, with its last day."""
    return {
        locale: gettext(locale, UNTIL, name=pick(row.name, locale), day=shortday(row.last_day, locale))
        for locale in LOCALES
    }


class RunningOffers:
    """`cosmo.offer_ports.Offers`."""

    def why_not(self, session: Session, ask: Ask, plant_id: str, now: Now) -> Sentence | None:
        code = _written(ask.code)
        if not code:
            return None
        query = select(Campaign).where(Campaign.plant_id == plant_id, Campaign.code == code)
        reasons = [_why_not(row, ask, now) for row in session.exec(query.order_by(col(Campaign.valid_to)))]
        if not reasons:
            return Sentence(UNKNOWN, code=code)
        return None if None in reasons else reasons[-1]

    def running(self, session: Session, families: Sequence[str], now: Now) -> dict[str, Running]:
        found: dict[str, Running] = {}
        for row in sorted(session.exec(_RUNNING, params={"at": now.business}), key=lambda one: one.percent):
            if not row.code:
                shown = Running(row.name, row.percent, row.last_day, row.from_quantity)
                found |= {family: shown for family in row.families if family in families}
        return found


def _why_not(row: Campaign, ask: Ask, now: Now) -> Sentence | None:
    told: dict[str, Any] = {"code": row.code}
    if row.valid_to <= now.business:
        return Sentence(N_("The code {code} is over. The price is without it."), **told)
    if row.valid_from > now.business:
        return Sentence(N_("The code {code} counts from {day} on."), day=row.first_day, **told)
    if ask.family not in row.families:
        return Sentence(N_("The code {code} is for other products. The price is without it."), **told)
    if ask.quantity < row.from_quantity:
        return Sentence(N_("The code {code} counts from {n} pieces on."), n=row.from_quantity, **told)
    return None


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a campaign: quotes that had its reduction, those ordered, what they bring without freight
    and VAT, and what it took off."""

    quotes: int
    orders: int
    revenue: Decimal
    discount: Decimal
    currency: str


def result_of(session: Session, campaign: Campaign) -> Result:
    """Counted from the price lines; an order that was cancelled brings nothing."""
    plant = session.get_one(Plant, campaign.plant_id)
    query = select(Order).where(
        Order.plant_id == plant.id,
        col(Order.family).in_(campaign.families),
        Order.stage != Stage.DRAFT,
        col(Order.remake_of).is_(None),
        col(Order.created_at) >= campaign.valid_from - LOOK_BACK,
    )
    code = f"offer:{campaign.id}"
    rows = [o for o in session.exec(query.options(load_only(*_READ))) if code in _lines(o)]
    placed = [o for o in rows if o.placed_at is not None and o.stage != Stage.CANCELLED]
    return Result(
        quotes=len(rows),
        orders=len(placed),
        revenue=sum((_goods(o) for o in placed), Decimal(0)),
        discount=-sum((_lines(o)[code] for o in placed), Decimal(0)),
        currency=plant.currency,
    )


LOOK_BACK = timedelta(days=30)
"""A quote of before may have been asked for anew while the campaign ran."""
_READ: tuple[Any, ...] = (
    Order.id, Order.plant_id, Order.family, Order.stage, Order.created_at, Order.placed_at,
    Order.price_amount, Order.price_lines,
)  # fmt: skip


def _goods(order: Order) -> Decimal:
    return order.price_amount - _lines(order).get("freight", Decimal(0))


def _lines(order: Order) -> dict[str, Decimal]:
    return {line["code"]: Decimal(line["amount"]) for line in order.price_lines}
