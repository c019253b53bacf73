"""Money: Decimal amounts with a currency, and the one rounding rule (half up, to the currency's cents)."""

from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel.numbers import get_currency_precision
from pydantic import BaseModel, ConfigDict


def round_money(amount: Decimal, currency: str) -> Decimal:
    """`amount` rounded half up to the smallest unit of `currency` (ISO 4217)."""
    return amount.quantize(_smallest(currency), ROUND_HALF_UP)


@lru_cache(maxsize=256)
def _smallest(currency: str) -> Decimal:
    return Decimal(1).scaleb(-get_currency_precision(currency))


def has_cents(currency: str) -> bool:
    """Whether its smallest unit is less than one: euros have cents, yen have none."""
    return get_currency_precision(currency) > 0


class PriceLine(BaseModel):
    """One line of a price: `quantity` x `unit_price` = `amount`; fixed lines have no unit price."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    text: dict[str, str]
    amount: Decimal
    unit_price: Decimal | None = None
    quantity: Decimal | None = None
    by_day: bool = False
    """It hangs on how soon it is needed, so it comes and goes with the day."""
    within: Decimal | None = None
    """So many days, where it counts for what is needed within them."""


class Price(BaseModel):
    """What the customer pays before tax; `amount` is the sum of the lines."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    amount: Decimal
    currency: str
    lines: tuple[PriceLine, ...] = ()


class MarginLine(BaseModel):
    """One line of the goods: what is charged for it, and what it costs the plant; None: not known."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    text: dict[str, str]
    price: Decimal
    cost: Decimal | None


class Margin(BaseModel):
    """What the plant keeps of the goods, in `currency`, before tax and without freight, which is passed on.
    `price` is what is charged for them, reductions taken off; `cost` is of the lines whose cost is known."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    currency: str
    price: Decimal
    cost: Decimal
    lines: tuple[MarginLine, ...] = ()

    @property
    def kept(self) -> Decimal:
        return self.price - self.cost

    @property
    def percent(self) -> Decimal:
        """Of the price; nothing of what costs nothing."""
        return (self.kept / self.price * 100).quantize(Decimal("0.1")) if self.price else Decimal(0)

    @property
    def unknown(self) -> tuple[MarginLine, ...]:
        """Lines whose cost nobody has stated: what is kept is less than it seems."""
        return tuple(line for line in self.lines if line.cost is None)
