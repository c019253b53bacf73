"""How many of a product, and what one of it costs, in the words of its unit."""

from decimal import Decimal, InvalidOperation

from cosmo.formats import money
from cosmo.i18n import N_, gettext, ngettext

COUNTS = {"pcs": (N_("{n} piece"), N_("{n} pieces")), "m2": (N_("{n} m²"), N_("{n} m²"))}
EACH = {"pcs": N_("{price} each"), "m2": N_("{price} per m²")}
"""A family's unit -> the words for so many of it, and for the price of one."""

SIGNS = {"m2": N_("m²"), "pcs": N_("pcs"), "min": N_("min"), "places": N_("places"), "times": N_("times"),
         "sets": N_("sets"), "litres": N_("litres"), "pairs": N_("pairs")}  # fmt: skip
"""A unit as files and bills of materials call it -> the word people read (a msgid)."""


def sign(unit: str) -> str:
    """The msgid of a unit; in templates `_(line.unit|unit)`. Kilograms read the same in every language."""
    return SIGNS.get(unit, unit)


def counted(quantity: int, unit: str, locale: str) -> str:
    """240 pieces, 60 m²."""
    singular, plural = COUNTS.get(unit, COUNTS["pcs"])
    return ngettext(locale, singular, plural, quantity)


def each(price: Decimal, currency: str, unit: str, locale: str) -> str:
    """€3.40 each, €29.00 per m²."""
    return gettext(locale, EACH.get(unit, EACH["pcs"]), price=money(price, currency, locale))


def typed_number(text: str) -> Decimal | None:
    """A number as people type it, with a comma or a point; None for what is none."""
    try:
        value = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return None
    return value if value.is_finite() else None
