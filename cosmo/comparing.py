"""What a quote was before it was asked for anew, and what is different now: nothing changes silently."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cached_property

from pydantic import BaseModel, ConfigDict

from cosmo.i18n import N_, Sentence
from cosmo.money import Price, PriceLine
from cosmo.orders import Order
from cosmo.promise import HingeTold, Promise
from cosmo.spec import Names

NEWER = N_("The product has a newer release.")
PRICES = N_("The plant's prices have changed since.")
OFFER = N_("An offer has begun or ended since.")
FREIGHT = N_("The way to you costs another amount now.")
RUSH = N_("It comes within {days} days now, and so soon it costs a surcharge.")
RUSH_OF_A_DAY = N_("It comes within a day now, and so soon it costs a surcharge.")
CALM = N_("It comes in more than {days} days now, so that surcharge is gone.")
CALM_OF_A_DAY = N_("It comes in more than a day now, so that surcharge is gone.")
HINGED = N_("The date hinged on {before} before; now it hinges on {now}.")


class Former(BaseModel):
    """A quote as it was, kept on the order as `former`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    price: Price
    delivery_date: date
    hinges_on: HingeTold
    release: str | None = None
    needed_in: int | None = None
    """In how many days it was to be there; None where that was not kept."""


class LineChange(BaseModel):
    """One line of the price that is another now; None where there is no such line."""

    model_config = ConfigDict(frozen=True)

    code: str
    text: Names
    before: Decimal | None
    now: Decimal | None


def carried_price(order: Order) -> Price:
    """The price the order carries."""
    lines = tuple(PriceLine.model_validate(line) for line in order.price_lines)
    return Price(amount=order.price_amount, currency=order.price_currency, lines=lines)


def former_of(order: Order) -> Former | None:
    """The quote as it stands, to be kept while it is asked for anew; None before its first promise."""
    if not order.promise or order.promised_date is None:
        return None
    promise = Promise.model_validate(order.promise)
    return Former(
        price=carried_price(order),
        delivery_date=order.promised_date,
        hinges_on=promise.hinges_on,
        release=order.release,
        needed_in=promise.needed_in,
    )


class Changes:
    """A quote beside what it was before."""

    def __init__(self, order: Order, former: Former) -> None:
        assert order.promised_date is not None
        self.before, self._order = former, order
        self.price, self.delivery_date = carried_price(order), order.promised_date
        promise = Promise.model_validate(order.promise)
        self.hinges_on, self.needed_in = promise.hinges_on, promise.needed_in

    @property
    def days(self) -> int:
        """How many days later it comes; negative where it comes sooner."""
        return (self.delivery_date - self.before.delivery_date).days

    @property
    def difference(self) -> Decimal:
        return self.price.amount - self.before.price.amount

    @property
    def nothing(self) -> bool:
        return not self.days and not self.difference and not self.lines

    @cached_property
    def lines(self) -> tuple[LineChange, ...]:
        """The price's lines that differ, in their order, and then those that are gone."""
        now, before = _by_place(self.price), _by_place(self.before.price)
        return tuple(
            LineChange(code=key[0], text=(now.get(key) or before[key]).text, before=was, now=amount)
            for key in (*now, *(key for key in before if key not in now))
            if (was := _amount(before.get(key))) != (amount := _amount(now.get(key)))
        )

    def why(self) -> Iterator[Sentence]:
        """What is known of the reasons, in sentences."""
        rushes = list(self._rushes())
        codes = {line.code for line in self.lines} - {rush.code for rush, _ in rushes} - self._unknown_rushes
        goods = {code for code in codes if code != "freight" and not code.startswith("offer:")}
        newer = self._order.release != self.before.release
        if newer:
            yield Sentence(NEWER)
        elif goods:  # the same release makes the same of the same choices
            yield Sentence(PRICES)
        if any(code.startswith("offer:") and _came_or_went(self.lines, code) for code in codes):
            yield Sentence(OFFER)
        if "freight" in codes:
            yield Sentence(FREIGHT)
        yield from (_rushed(rush, has_come) for rush, has_come in rushes)
        if self.days and _named(self.hinges_on) != _named(self.before.hinges_on):
            yield Sentence(HINGED, before=self.before.hinges_on.name, now=self.hinges_on.name)

    @cached_property
    def _by_day(self) -> list[tuple[PriceLine, bool]]:
        """The lines that count by the day and came (True) or went."""
        now, before = _by_place(self.price), _by_place(self.before.price)
        came = [(line, True) for key, line in now.items() if line.by_day and key not in before]
        return came + [(line, False) for key, line in before.items() if line.by_day and key not in now]

    @property
    def _unknown_rushes(self) -> set[str]:
        """Those that came to a quote of which is not known in how many days it was needed, or went without it
        being known for how many they are: nothing is said of them."""
        known = self.before.needed_in is not None
        return {line.code for line, came in self._by_day if not (known if came else line.within is not None)}

    def _rushes(self) -> Iterator[tuple[PriceLine, bool]]:
        """Those that came, or went, because it is to be there sooner, or later; not with another list."""
        for line, came in self._by_day:
            if _is_beyond(self.before.needed_in if came else self.needed_in, line):
                yield line, came


def changes(order: Order) -> Changes | None:
    """What the last renewal of a quote changed; None for one that was never renewed."""
    return Changes(order, Former.model_validate(order.former)) if order.former else None


def _by_place(price: Price) -> dict[tuple[str, int], PriceLine]:
    """Lines by their code, the first of that code before the second."""
    seen: Counter[str] = Counter()
    found = {}
    for line in price.lines:
        found[line.code, seen[line.code]] = line
        seen[line.code] += 1
    return found


def _amount(line: PriceLine | None) -> Decimal | None:
    return line.amount if line else None


def _came_or_went(lines: tuple[LineChange, ...], code: str) -> bool:
    return any(line.code == code and None in (line.before, line.now) for line in lines)


def _is_beyond(days: int | None, line: PriceLine) -> bool:
    """Whether so many days are more than such a line is for: then there was, or is, none."""
    return line.within is not None and days is not None and days > line.within


def _rushed(rush: PriceLine, has_come: bool) -> Sentence:
    if rush.within == 1:
        return Sentence(RUSH_OF_A_DAY if has_come else CALM_OF_A_DAY)
    return Sentence(RUSH if has_come else CALM, days=rush.within)


def _named(hinge: HingeTold) -> tuple[str, str]:
    return hinge.kind, hinge.code or str(sorted(hinge.name.items()))
