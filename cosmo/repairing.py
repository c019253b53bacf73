"""Ways out of an impossible selection with what each costs and when it comes: fewest changes first, then the
price, then the date."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from sqlmodel import Session

from cosmo.asking import Answerers
from cosmo.clock import Now
from cosmo.errors import CosmoError
from cosmo.makings import Makings
from cosmo.money import Price
from cosmo.ports import Ask, Repair
from cosmo.spec import Spec

QUANTITY = "quantity"
MOST = 3
"""Repairs shown; only these get a date."""


@dataclass(frozen=True, slots=True)
class Mended:
    """One repair. `price` and `delivery_date` are None while something else is still to be chosen, or the
    plant cannot say; `difference` is to what the selection would cost if it could be made as chosen.
    """

    changes: Mapping[str, Any]
    label: str
    price: Price | None = None
    difference: Decimal | None = None
    delivery_date: date | None = None


@dataclass(frozen=True, slots=True)
class _Priced:
    repair: Repair
    price: Price | None = None

    def rank(self) -> tuple[bool, Decimal]:
        return self.price is None, self.price.amount if self.price else Decimal(0)


def repairs(
    session: Session,
    answerers: Answerers,
    plant_id: str,
    ask: Ask,
    now: Now,
    *,
    service: str | None = None,
    most: int = MOST,
) -> tuple[Mended, ...]:
    """The best ways out of `ask`, at most `most`; different options before other values of the same."""
    work = _Work(Makings(session, answerers, plant_id, now), service)
    found = answerers.repairer.ways_out(session, ask, most)
    chosen: list[_Priced] = []
    for _, level in groupby(sorted(found.repairs, key=_size), key=_size):
        if len(chosen) == most:
            break
        chosen += _cheapest([work.priced(ask, repair) for repair in level], most - len(chosen))
    base = work.price(ask, found.as_chosen) if found.as_chosen and chosen else None
    if len(chosen) > 1:
        work.makings.look_ahead([one.repair.spec for one in chosen if one.repair.spec is not None])
    return tuple(sorted((work.dated(ask, one, base) for one in chosen), key=_rank))


def _size(repair: Repair) -> int:
    return len(repair.changes)


def _cheapest(priced: Sequence[_Priced], most: int) -> list[_Priced]:
    """The cheapest of every set of options, then the other values."""
    return sorted(list(_varied(sorted(priced, key=_Priced.rank)))[:most], key=_Priced.rank)


def _varied(ranked: Sequence[_Priced]) -> Iterator[_Priced]:
    seen: set[frozenset[str]] = set()
    again: list[_Priced] = []
    for one in ranked:
        options = frozenset(one.repair.changes)
        if options in seen:
            again.append(one)
        else:
            seen.add(options)
            yield one
    yield from again


def _rank(one: Mended) -> tuple[int, bool, Decimal, date]:
    amount = one.price.amount if one.price else Decimal(0)
    return len(one.changes), one.price is None, amount, one.delivery_date or date.max


@dataclass(frozen=True, slots=True)
class _Work:
    makings: Makings
    service: str | None

    def priced(self, ask: Ask, repair: Repair) -> _Priced:
        if repair.spec is None:
            return _Priced(repair)
        return _Priced(repair, self.price(mended(ask, repair.changes), repair.spec))

    def price(self, ask: Ask, spec: Spec) -> Price | None:
        return self.makings.price_today(ask, spec, self.service)

    def dated(self, ask: Ask, one: _Priced, base: Price | None) -> Mended:
        told = Mended(one.repair.changes, one.repair.label)
        if one.repair.spec is None:
            return told
        try:
            promise, price = self.makings.promised(
                mended(ask, one.repair.changes), one.repair.spec, self.service
            )
        except CosmoError:  # the plant cannot give a date now
            return told
        # both as of today, since what hangs on the day is no doing of the choice
        difference = one.price.amount - base.amount if base and one.price else None
        return replace(told, price=price, difference=difference, delivery_date=promise.delivery_date)


def mended(ask: Ask, changes: Mapping[str, Any]) -> Ask:
    """The wish after `changes` of options or of the quantity; an empty text leaves an option out."""
    made = {**ask.selections, **changes}
    selections = {name: value for name, value in made.items() if name != QUANTITY and value != ""}
    return replace(ask, selections=selections, quantity=int(changes.get(QUANTITY, ask.quantity)))
