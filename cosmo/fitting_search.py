"""Configurations tried one after the other: made and priced, and a day asked for where they can still win."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from heapq import nsmallest
from itertools import combinations, groupby
from typing import Any

from cosmo.errors import CosmoError
from cosmo.fitting_choices import QUANTITY, SERVICE, Choice, changed, fewer, freed_by, other_choices
from cosmo.makings import Makings
from cosmo.money import Price
from cosmo.ports import Answer, Ask
from cosmo.promise import Offer, Promise, offer
from cosmo.spec import Spec


@dataclass(frozen=True, slots=True)
class Bound:
    """How much work one question may be: configurations made and priced, and days asked of the plan."""

    tried: int
    dated: int


@dataclass(frozen=True, slots=True)
class Aim:
    """The day it is needed by, what it may cost at most (before tax, in the price's currency), or both."""

    needed_by: date | None = None
    budget: Decimal | None = None

    def affords(self, amount: Decimal) -> bool:
        return self.budget is None or amount <= self.budget

    def waits_for(self, day: date) -> bool:
        return self.needed_by is None or day <= self.needed_by


@dataclass(slots=True)
class Tried:
    """One configuration; until the plan was asked, `price` is with the freight of today."""

    changes: dict[str, Any]
    ask: Ask
    spec: Spec
    service: str | None
    price: Price
    promise: Promise | None = None
    fits: bool = False

    @property
    def amount(self) -> Decimal:
        return self.price.amount

    @property
    def day(self) -> date:
        return self.promise.delivery_date if self.promise else date.max

    @property
    def rank(self) -> tuple[int, Decimal, date]:
        return len(self.changes), self.amount, self.day


def priced_for(makings: Makings, base: Offer, aim: Aim) -> Offer:
    """What is chosen now as who needs it by that day pays for it."""
    if base.ask.needed_by == aim.needed_by:
        return base
    ask = replace(base.ask, needed_by=aim.needed_by)
    pricer, session = makings.answerers.pricer, makings.session
    price = pricer.price(session, ask, makings.plant_id, base.spec, base.delivery, makings.now)
    return replace(base, ask=ask, price=price)


def wished(makings: Makings, base: Offer, aim: Aim, service: str | None) -> Offer:
    """What is chosen now as it is promised to who asks for the day of the aim; where the plant cannot say for
    that day, as it is."""
    if aim.needed_by is None:
        return base
    ask, asked = replace(base.ask, requested_date=aim.needed_by), (makings.session, makings.answerers)
    try:
        return offer(*asked, makings.plant_id, ask, makings.now, service=service, spec=base.spec)
    except CosmoError:
        return base


class Search:
    """`alone` is every single change that can be made, `helped_by` what the others would need besides,
    `counts` fewer pieces with nothing else changed. `whole`: nothing was left unseen."""

    def __init__(self, makings: Makings, base: Offer, aim: Aim, service: str | None, bound: Bound) -> None:
        base = priced_for(makings, base, aim)
        self.makings, self.offer, self.aim, self.service, self.bound = makings, base, aim, service, bound
        self.base = Tried({}, base.ask, base.spec, service, base.price, base.promise)
        self.base.fits = self._meets(self.base)
        self.seen = [self.base]
        self.alone: dict[Choice, Tried] = {}
        self.helped_by: dict[Choice, frozenset[str] | None] = {}
        self.counts: list[Tried] = []
        self.tries, self.whole = 0, True

    def one_change(self, answer: Answer, most: int) -> list[Tried]:
        """Every other value of every option; of smaller quantities the greatest that fits."""
        for choice in self._within(other_choices(self.offer, answer, self.service)):
            self._try_alone(choice)
        if self._is_late:  # what costs too much alone as well: with another it may not
            for one in self.alone.values():
                self.date(one)
        return self.winners([*self.alone.values(), *self._fewer_alone()], most)

    def two_changes(self, most: int) -> list[Tried]:
        """Every two that fit together and not alone."""
        counted = [one for choice in self._worth_with_fewer() if (one := self._fewer_with(choice))]
        pairs = sorted(self._pairs(), key=self._outlook)
        tried = [one for pair in self._within(pairs) if (one := self._made(dict(pair)))]
        return self.winners([*tried, *counted], most)

    def three_changes(self, most: int) -> list[Tried]:
        """Where two do not do: every two that were made, with a third that is better alone."""
        better = [c for c, one in self.alone.items() if not one.fits and self._is_better(one)]
        threes: dict[frozenset[Choice], tuple[Choice, ...]] = {}
        for pair in [one for one in self.seen if len(one.changes) == 2]:
            for choice in better:
                if choice[0] not in pair.changes:
                    three = (*pair.changes.items(), choice)
                    threes.setdefault(frozenset(three), three)
        ranked = sorted(threes.values(), key=self._outlook)
        tried = [one for three in self._within(ranked) if (one := self._made(dict(three)))]
        return self.winners(tried, most)

    # Making

    def _within(self, some: Sequence[Any]) -> Sequence[Any]:
        """As many as may still be tried."""
        left = max(0, self.bound.tried - self.tries)
        self.whole = self.whole and len(some) <= left
        return some[:left]

    def _try_alone(self, choice: Choice) -> None:
        try:
            one = self._priced(dict([choice]))
        except CosmoError as refusal:
            self.helped_by[choice] = freed_by(refusal)
        else:
            if one is not None:
                self.alone[choice] = one

    def _made(self, changes: dict[str, Any]) -> Tried | None:
        """None where it cannot be made so, or the plant cannot say what it costs."""
        try:
            return self._priced(changes)
        except CosmoError:
            return None

    def _priced(self, changes: dict[str, Any]) -> Tried | None:
        self.tries += 1
        ask = changed(self.offer.ask, changes)
        service = changes.get(SERVICE, self.service) or None
        spec = self.makings.answerers.engineer.resolve(self.makings.session, ask)
        price = self.makings.price_today(ask, spec, service)
        if price is None:
            return None
        self.seen.append(Tried(changes, ask, spec, service, price))
        return self.seen[-1]

    # Asking the plan

    def date(self, one: Tried) -> bool:
        """Ask when it comes; False where the plant cannot say, or was asked often enough."""
        if one.promise is None:
            if self.makings.asked >= self.bound.dated:
                self.whole = False
                return False
            try:
                one.promise, one.price = self.makings.promised(one.ask, one.spec, one.service)
            except CosmoError:
                return False
            one.fits = self._meets(one)
        return True

    def as_ordered(self, one: Tried) -> tuple[Promise, Price]:
        """Its day and its price for who asks for the day of the aim: what could come sooner comes then."""
        assert one.promise is not None
        if self.aim.needed_by is None or one.day >= self.aim.needed_by:
            return one.promise, one.price
        soonest = replace(self.offer, ask=one.ask, spec=one.spec, promise=one.promise, price=one.price)
        made = wished(self.makings, soonest, self.aim, one.service)
        return made.promise, made.price

    def _meets(self, one: Tried) -> bool:
        return self.aim.affords(one.amount) and self.aim.waits_for(one.day)

    def _is_met_by(self, one: Tried | None) -> bool:
        """The plan is asked only where it is not too dear."""
        return one is not None and self.aim.affords(one.amount) and self.date(one) and one.fits

    def winners(self, tried: Iterable[Tried], most: int) -> list[Tried]:
        """Of every set of changed options the best that fits, at most `most`. The cheapest are asked for
        their day first: once there are enough, no dearer one can win."""
        affordable = self._datable([one for one in tried if self.aim.affords(one.amount)])
        found: dict[frozenset[str], Tried] = {}
        for _, same in groupby(sorted(affordable, key=_amount), key=_amount):
            for one in sorted(filter(self._is_met_by, same), key=_rank):
                found.setdefault(frozenset(one.changes), one)
            if len(found) >= most:
                break
        return sorted(found.values(), key=_rank)[:most]

    def _datable(self, some: list[Tried]) -> list[Tried]:
        """The most promising, where a day is asked for and the plan may not be asked for all."""
        left = self.bound.dated - self.makings.asked
        undated = [one for one in some if one.promise is None]
        if self.aim.needed_by is None or len(undated) <= left:
            return some
        self.whole = False
        dated = [one for one in some if one.promise is not None]
        return dated + nsmallest(max(0, left), undated, key=lambda one: self._outlook(one.changes.items()))

    # Two together

    def _pairs(self) -> Iterator[tuple[Choice, Choice]]:
        every = [*(c for c, one in self.alone.items() if not one.fits), *self.helped_by]
        for one, other in combinations(every, 2):
            if one[0] == other[0] or not (self._helps(one, other) and self._helps(other, one)):
                continue
            if self._may_mend([self.alone[c] for c in (one, other) if c in self.alone]):
                yield one, other

    def _may_mend(self, ones: Sequence[Tried]) -> bool:
        """Whether two that can each be had alone may do together what neither does: too dear is mended by two
        that are each cheaper, late by one that is earlier, perhaps with one that is not."""
        if len(ones) < 2:
            return True
        cheaper = [one.amount < self.base.amount for one in ones]
        if not self._is_late:
            return all(cheaper)
        return any(map(self._is_earlier, ones)) and (any(cheaper) or not self._is_dear)

    def _is_earlier(self, one: Tried) -> bool:
        mine, base = one.promise, self.base.promise
        assert base is not None
        return mine is not None and (one.day < self.base.day or mine.ready_at < base.ready_at)

    @property
    def _is_late(self) -> bool:
        return not self.aim.waits_for(self.base.day)

    @property
    def _is_dear(self) -> bool:
        return not self.aim.affords(self.base.amount)

    def _helps(self, one: Choice, other: Choice) -> bool:
        """Whether `one` may be possible together with `other`."""
        needed = self.helped_by.get(one)
        return needed is None or other[0] in needed

    def _outlook(self, choices: Iterable[Choice]) -> tuple[int, int, Decimal, Decimal]:
        """How far from the aim they will be together if what each does alone adds up; the nearest first."""
        ones = [self.alone[choice] for choice in choices if choice in self.alone]
        amount = self.base.amount + sum((one.amount - self.base.amount for one in ones), Decimal(0))
        saved = sum((self.base.day - one.day).days for one in ones if one.promise)
        over = max(amount - self.aim.budget, Decimal(0)) if self.aim.budget is not None else Decimal(0)
        late = 0
        if self.aim.needed_by is not None:
            late = max((self.base.day - self.aim.needed_by).days - saved, 0)
        return (late > 0) + (over > 0), late, over, amount

    # Fewer pieces

    def _fewer_alone(self) -> list[Tried]:
        """The greatest smaller quantity that fits."""
        for count in self._within(fewer(self.base.ask.quantity)):
            one = self._made({QUANTITY: count})
            if one is not None:
                self.counts.append(one)
                if self._is_met_by(one):
                    return [one]
        return []

    def _worth_with_fewer(self) -> list[Choice]:
        """What alone is earlier or cheaper, or goes only with another quantity: the rest mends nothing."""
        better = [c for c, one in self.alone.items() if not one.fits and self._is_better(one)]
        needy = [c for c, needed in self.helped_by.items() if needed is not None and QUANTITY in needed]
        return sorted([*better, *needy], key=lambda choice: self._outlook([choice]))

    def _is_better(self, one: Tried) -> bool:
        return one.amount < self.base.amount or self._is_earlier(one)

    def _fewer_with(self, choice: Choice) -> Tried | None:
        """The greatest quantity that fits together with `choice` and is more than fits alone; found by
        halving: fewer pieces are taken to come no later and to cost no more."""
        counts = [one.ask.quantity for one in self.counts if not one.fits]
        low, high = 0, len(counts) - 1
        best = self._with_count(choice, counts[high]) if counts else None
        while best is not None and low < high:
            middle = (low + high) // 2
            one = self._with_count(choice, counts[middle])
            low, high, best = (low, middle, one) if one else (middle + 1, high, best)
        return best

    def _with_count(self, choice: Choice, count: int) -> Tried | None:
        if not self._within([count]):
            return None
        one = self._made({choice[0]: choice[1], QUANTITY: count})
        return one if self._is_met_by(one) else None


def _amount(one: Tried) -> Decimal:
    return one.amount


def _rank(one: Tried) -> tuple[int, Decimal, date]:
    return one.rank
