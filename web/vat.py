"""Value-added tax in words: prices are before it; where its rate is known, the sums with it stand below."""

from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session

from cosmo import formats
from cosmo.i18n import N_, gettext
from cosmo.money import has_cents
from cosmo.orders import Order
from cosmo.taxes import Tax, tax_of

ELSEWHERE = N_("VAT is added as the law of the country of delivery asks.")
ROUNDED = N_("Each line is rounded to the cent, half a cent up; the total is the sum of the lines.")
WHOLE = N_("Each line is rounded to the whole {currency}, half up; the total is the sum of the lines.")

Rows = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """The tax on an amount in words: (text, amount) of the tax and of the sum with it; or, where no rate is
    known beforehand, `otherwise`."""

    rows: Rows
    otherwise: str = ""


def told(tax: Tax | None, currency: str, locale: str) -> Told:
    """What stands below a price before tax."""
    if tax is None:
        return Told((), gettext(locale, ELSEWHERE))
    percent = formats.number(tax.percent, locale)
    rows = (
        (gettext(locale, N_("VAT {percent} %"), percent=percent), tax.amount),
        (gettext(locale, N_("Total with VAT, in {currency}"), currency=currency), tax.total),
    )
    return Told(tuple((text, formats.money(amount, currency, locale)) for text, amount in rows))


def brief(tax: Tax | None, currency: str, locale: str) -> str:
    """The sum with tax in a few words, beside a price before it."""
    if tax is None:
        return gettext(locale, ELSEWHERE)
    total, percent = formats.money(tax.total, currency, locale), formats.number(tax.percent, locale)
    return gettext(locale, N_("{total} with {percent} % VAT"), total=total, percent=percent)


def on_order(session: Session, order: Order, locale: str, net: Decimal | None = None) -> Told:
    """The tax on an order's price, or on `net` of it."""
    amount = order.price_amount if net is None else net
    return told(tax_of(session, order, amount), order.price_currency, locale)


def rounding(currency: str, locale: str) -> str:
    """The rounding rule of a currency, in a sentence."""
    return gettext(locale, ROUNDED if has_cents(currency) else WHOLE, currency=currency)
