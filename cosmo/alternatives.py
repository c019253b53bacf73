"""What one other choice would do: for every option the value that comes soonest, then costs least."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from cosmo.asking import Answerers
from cosmo.clock import Now
from cosmo.errors import CosmoError
from cosmo.makings import Makings
from cosmo.once import kept
from cosmo.ports import Answer, DomainValue
from cosmo.promise import Offer


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
) -> tuple[Alternative, ...]:
    """The best other value of every option where it is earlier than `base` or cheaper; the earliest first,
    then the cheapest. `answer` is the configurator's to the selections of `base`; writes nothing."""
    work = _Work(Makings(session, answerers, plant_id, now), base, service)
    with kept(session):
        best = [work.best(option, values) for option, values in answer.domains.items()]
    return tuple(sorted((one for one in best if one is not None), key=lambda one: one.rank))


@dataclass(frozen=True, slots=True)
class _Work:
    makings: Makings
    base: Offer
    service: str | None

    def best(self, option: str, values: Iterable[DomainValue]) -> Alternative | None:
        chosen = self.base.ask.selections.get(option)
        others = (self._tried(option, v) for v in values if v.available and v.value != chosen)
        better = [one for one in others if one is not None and self._is_better(one)]
        return min(better, key=lambda one: one.rank, default=None)

    def _is_better(self, one: Alternative) -> bool:
        return one.delivery_date < self.base.promise.delivery_date or one.difference < 0

    def _tried(self, option: str, value: DomainValue) -> Alternative | None:
        ask = replace(self.base.ask, selections={**self.base.ask.selections, option: value.value})
        try:
            spec = self.makings.answerers.engineer.resolve(self.makings.session, ask)
            promise, price = self.makings.promised(ask, spec, self.service)
        except CosmoError:  # it cannot be made so, or the plant cannot say when
            return None
        difference = price.amount - self.base.price.amount
        return Alternative(
            option, value.value, value.label, promise.delivery_date, difference, price.currency
        )
