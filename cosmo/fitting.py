"""The nearest configuration that meets a day or a budget: one other choice first, then two, then three.

Of every set of changed options the best values are told: fewest changes first, then the price, then the day;
no change is told that is not needed. Three are looked for only where no two do, from twos that were made and
did not fit; two that can each be had alone are taken together only where each may do its part
(`Search._may_mend`). Work is bounded (`WITHIN`): at most 400 configurations are made and priced, and the plan
is asked for at most 200 days; where that does not reach, the most promising are looked at and `Fitting.whole`
is False. Nothing is written.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlmodel import Session

from cosmo.asking import Answerers
from cosmo.clock import Now
from cosmo.fitting_search import Aim, Bound, Search, Tried, wished
from cosmo.makings import Makings
from cosmo.money import Price
from cosmo.once import kept
from cosmo.ports import Answer
from cosmo.promise import Offer, Promise

__all__ = ["MOST", "WITHIN", "Aim", "Bound", "Fit", "Fitting", "Nearest", "aimed_at", "fitting"]
MOST = 3
"""Configurations told."""
WITHIN = Bound(tried=400, dated=200)


@dataclass(frozen=True, slots=True)
class Fit:
    """A configuration: `changes` from what is chosen now (an option, `quantity` or `service` -> its other
    value, an empty text leaves it out), its price and its promise, both as ordered for the day of the aim."""

    changes: Mapping[str, Any]
    price: Price
    promise: Promise


class Nearest(StrEnum):
    """What is best about a configuration that does not fit."""

    EARLIEST_IN_BUDGET = "earliest-in-budget"
    CHEAPEST = "cheapest"
    """Where nothing is within the budget."""
    CHEAPEST_IN_TIME = "cheapest-in-time"
    EARLIEST = "earliest"
    """Where nothing is in time."""


@dataclass(frozen=True, slots=True)
class Fitting:
    """`found`: what fits, nearest first; the one without changes where what is chosen fits already. Where
    nothing fits, `nearest` keeps to the budget and to the day in turn. `whole`: nothing was left unseen."""

    found: tuple[Fit, ...] = ()
    nearest: Mapping[Nearest, Fit] = field(default_factory=dict)
    whole: bool = True


def aimed_at(
    session: Session,
    answerers: Answerers,
    plant_id: str,
    base: Offer,
    aim: Aim,
    now: Now,
    *,
    service: str | None = None,
) -> Offer:
    """`base` at the day and the price of who asks for the day of the aim: what differences are told from."""
    return wished(Makings(session, answerers, plant_id, now), base, aim, service)


def fitting(
    session: Session,
    answerers: Answerers,
    plant_id: str,
    base: Offer,
    answer: Answer,
    aim: Aim,
    now: Now,
    *,
    service: str | None = None,
    bound: Bound = WITHIN,
) -> Fitting:
    """The nearest configurations that meet `aim`, at most `MOST`. `answer` is the configurator's to the
    selections of `base`, which are complete and possible."""
    search = Search(Makings(session, answerers, plant_id, now), base, aim, service, bound)
    if search.base.fits:
        return Fitting((_told(search, search.base),))
    with kept(session):
        found = _found(search, answer)
        nearest = {} if found else _each_once(dict(_nearest(search, aim)))
        told = {kind: _told(search, one) for kind, one in nearest.items()}
        return Fitting(tuple(_told(search, one) for one in found), told, search.whole)


def _found(search: Search, answer: Answer) -> list[Tried]:
    found = search.one_change(answer, MOST)
    if len(found) < MOST:
        found += search.two_changes(MOST - len(found))
    return found or search.three_changes(MOST)


def _told(search: Search, one: Tried) -> Fit:
    promise, price = search.as_ordered(one)
    return Fit(one.changes, price, promise)


def _nearest(search: Search, aim: Aim) -> Iterator[tuple[Nearest, Tried]]:
    """What keeps to the budget and what keeps to the day, or comes nearest to it."""
    if aim.budget is not None:
        affordable = [one for one in search.seen if aim.affords(one.amount) and one.promise]
        if affordable:
            yield Nearest.EARLIEST_IN_BUDGET, min(affordable, key=_soonness)
        else:
            yield Nearest.CHEAPEST, _first(search, sorted(search.seen, key=_cheapness))
    if aim.needed_by is not None:
        in_time = _cheapest_in_time(search, aim)
        if in_time is not None:
            yield Nearest.CHEAPEST_IN_TIME, in_time
        else:
            dated = [one for one in search.seen if one.promise]
            yield Nearest.EARLIEST, min(dated, key=_soonness)


def _each_once(nearest: dict[Nearest, Tried]) -> dict[Nearest, Tried]:
    """What is the best there is needs not be told as the best within the budget, or by the day, as well."""
    wider = {
        Nearest.EARLIEST_IN_BUDGET: Nearest.EARLIEST,
        Nearest.CHEAPEST_IN_TIME: Nearest.CHEAPEST,
    }
    return {k: one for k, one in nearest.items() if k not in wider or nearest.get(wider[k]) is not one}


def _first(search: Search, ranked: Iterable[Tried]) -> Tried:
    """The first that the plant can say a day for; what is chosen now is always one."""
    return next((one for one in ranked if search.date(one)), search.base)


def _cheapest_in_time(search: Search, aim: Aim) -> Tried | None:
    """Nothing of it is within the budget."""
    if aim.budget is None:
        return None
    ranked = sorted(search.seen, key=_cheapness)
    return next((one for one in ranked if search.date(one) and aim.waits_for(one.day)), None)


def _soonness(one: Tried) -> tuple[date, int, int, Decimal]:
    """Of equal days the fewest changes, then the most pieces, before the price."""
    return one.day, len(one.changes), -one.ask.quantity, one.amount


def _cheapness(one: Tried) -> tuple[Decimal, int, date]:
    return one.amount, len(one.changes), one.day
