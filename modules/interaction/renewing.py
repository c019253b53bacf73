"""A quote that is asked for anew: what has changed, in customers' words, and what can no longer be made."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from markupsafe import Markup
from sqlmodel import Session

from cosmo import formats
from cosmo.comparing import HINGED, LineChange, changes
from cosmo.i18n import N_, gettext, ngettext, pick
from cosmo.orders import Order
from cosmo.promise import ship_to_of
from modules.interaction.options_view import WRONG
from modules.interaction.selecting import address
from modules.interaction.words import difference, hinge

LOST = N_("Your quote can no longer be made as chosen. Here is what stands in its way; the rest is kept.")
GONE = N_("“{option}” is not offered any more; your quote had “{value}”.")


@dataclass(frozen=True, slots=True)
class Changed:
    """What to say of a quote beside what it was: pairs are (before, now)."""

    price: tuple[str, str]
    difference: str
    day: tuple[str, str]
    days: str
    hinged: Markup
    """What the date hinged on before, beside what it hinges on now; empty where the date is the same."""
    lines: tuple[tuple[str, str, str], ...]
    why: tuple[str, ...]

    @property
    def nothing(self) -> bool:
        return not (self.difference or self.days or self.lines)


def changed_words(order: Order, timezone: str, locale: str) -> Changed | None:
    """What its last renewal changed; None for a quote that was never renewed."""
    found = changes(order)
    if found is None:
        return None
    before, currency = found.before, found.price.currency
    prices = (before.price, found.price)
    old, new = (formats.money(price.amount, price.currency, locale) for price in prices)
    moved = found.delivery_date != before.delivery_date
    return Changed(
        price=(old, new),
        difference=difference(found.difference, currency, locale) if found.difference else "",
        day=(formats.shortday(before.delivery_date, locale), formats.shortday(found.delivery_date, locale)),
        days=days_told(found.days, locale),
        hinged=hinge(before.hinges_on, locale, timezone) if moved else Markup(""),
        lines=tuple(line_told(line, currency, locale) for line in found.lines),
        why=tuple(gettext(locale, sentence) for sentence in found.why() if sentence.msgid != HINGED),
    )


def days_told(days: int, locale: str) -> str:
    """How much later or sooner; empty where the day is the same."""
    if days > 0:
        return ngettext(locale, "{n} day later", "{n} days later", days)
    return ngettext(locale, "{n} day sooner", "{n} days sooner", -days) if days else ""


def line_told(line: LineChange, currency: str, locale: str) -> tuple[str, str, str]:
    """Its text, and the amounts before and now; a dash where there is no such line."""

    def written(amount: Decimal | None) -> str:
        return "–" if amount is None else formats.money(amount, currency, locale)

    return pick(line.text, locale), written(line.before), written(line.now)


def to_mend(session: Session, order: Order) -> str:
    """The configurator with the quote's choices, where it says what stands in their way."""
    service = str(order.promise.get("service") or "")
    there = address(
        order.family, order.selections, order.quantity, ship_to_of(session, order), service,
        requested=order.requested_date, code=order.offer_code,
    )  # fmt: skip
    return f"{there}&quote={order.id}"


def lost_words(described: Mapping[str, Any], order: Order, locale: str) -> Markup:
    """That a quote cannot be made as it was, and which of its options are gone; what is in conflict stands in
    the conflicts."""
    known = {str(option["id"]) for option in described["options"]}
    gone = [
        gettext(locale, GONE, option=name, value=value)
        for name, value in order.selections.items()
        if name not in known and value not in (None, "")
    ]
    items = Markup("").join(Markup("<li>{}</li>").format(words) for words in gone)
    box = Markup('<div class="note note-late" role="alert" id="lost">{}<div><p>{}</p>{}</div></div>')
    return box.format(WRONG, gettext(locale, LOST), Markup("<ul>{}</ul>").format(items) if gone else "")
