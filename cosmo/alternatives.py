"""What one other choice would do: for every option the value that comes soonest, then costs least."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from cosmo.asking import Answerers
from cosmo.clock import Now
from cosmo.errors import CosmoError
from cosmo.formats import day_of
from cosmo.makings import Makings
from cosmo.once import kept
from cosmo.parties import Plant
from cosmo.ports import Answer, Ask, DomainValue
from cosmo.promise import Offer, offer
from cosmo.spec import Spec


@dataclass(frozen=True, slots=True)
class Alternative:
    """`option` with another `value`: the day it would come, and what it would cost more (or less)."""

    option: str
    value: Any
    label: str
    delivery_date: date
    difference: Decimal
    currency: str

    @property
    def rank(self) -> tuple[date, Decimal]:
        return self.delivery_date, self.difference


def alternatives(
    session: Session,
    answerers: Answerers,
    plant_id: str,
    base: Offer,
    answer: Answer,
    now: Now,
    *,
    service: str | None = None,
    pause: Callable[[], None] = lambda: None,
) -> tuple[Alternative, ...]:
    """The best other value of every option where it is earlier than `base` or cheaper; the earliest first,
    then the cheapest. `answer` is the configurator's to the selections of `base`; writes nothing.

    `pause` is called before each value that is tried: it may wait there, or raise to have done with it.
    """
    with kept(session):
        work = _Work(Makings(session, answerers, plant_id, now), base, service, pause)
        found = work.tried(answer)
    best: dict[str, Alternative] = {}
    for one in filter(work.is_better, found):
        best[one.option] = min(one, best.get(one.option, one), key=_rank)
    return tuple(sorted(best.values(), key=_rank))


@dataclass(frozen=True, slots=True)
class Later:
    """The first day that costs less to need it by than the one there is, and how much less."""

    needed_by: date
    difference: Decimal
    currency: str


def without_rush(
    session: Session, answerers: Answerers, plant_id: str, base: Offer, now: Now, service: str | None = None
) -> Later | None:
    """The same on the first day on which it is no rush; None where it is none now, or that is not cheaper."""
    days = answerers.pricer.rush_within(session, base.ask, plant_id, base.spec, now)
    zone = session.get_one(Plant, plant_id).timezone
    calm = day_of(now.business, zone) + timedelta(days=(days or 0) + 1)
    if days is None or base.promise.delivery_date >= calm:
        return None
    try:
        ask = replace(base.ask, requested_date=calm)
        made = offer(session, answerers, plant_id, ask, now, service=service)
    except CosmoError:  # the plant cannot say
        return None
    difference = made.price.amount - base.price.amount
    return Later(calm, difference, made.price.currency) if difference < 0 else None


def _rank(one: Alternative) -> tuple[date, Decimal]:
    return one.rank


@dataclass(frozen=True, slots=True)
class _Way:
    """One other value, and what would be made with it."""

    option: str
    value: DomainValue
    ask: Ask
    spec: Spec


@dataclass(frozen=True, slots=True)
class _Work:
    makings: Makings
    base: Offer
    service: str | None
    pause: Callable[[], None]

    def tried(self, answer: Answer) -> list[Alternative]:
        """Every other value that can be made and dated. What they need is looked up together."""
        ways = [way for option, value in self._others(answer) if (way := self._made(option, value))]
        self.makings.look_ahead([way.spec for way in ways])
        return [one for way in ways if (one := self._dated(way))]

    def _others(self, answer: Answer) -> Iterator[tuple[str, DomainValue]]:
        for option, values in answer.domains.items():
            chosen = self.base.ask.selections.get(option)
            yield from ((option, v) for v in values if v.available and v.value != chosen)

    def _made(self, option: str, value: DomainValue) -> _Way | None:
        self.pause()
        ask = replace(self.base.ask, selections={**self.base.ask.selections, option: value.value})
        try:
            return _Way(
                option, value, ask, self.makings.answerers.engineer.resolve(self.makings.session, ask)
            )
        except CosmoError:  # it cannot be made so
            return None

    def _dated(self, way: _Way) -> Alternative | None:
        self.pause()
        try:
            promise, price = self.makings.promised(way.ask, way.spec, self.service)
        except CosmoError:  # the plant cannot say when
            return None
        difference = price.amount - self.base.price.amount
        return Alternative(
            way.option, way.value.value, way.value.label, promise.delivery_date, difference, price.currency
        )

    def is_better(self, one: Alternative) -> bool:
        return one.delivery_date < self.base.promise.delivery_date or one.difference < 0
