"""What people write to each other: how long it may be, and the sentence when it is longer."""

from cosmo.formats import number
from cosmo.i18n import N_, gettext

LONGEST = 2000
TOO_LONG = N_("This has {n} characters and {most} fit. Shorten it and send it again.")


def too_long(text: str, locale: str) -> str:
    """The sentence for a text above `LONGEST` characters, as the reader speaks; empty for one that fits."""
    length = len(text.strip())
    if length <= LONGEST:
        return ""
    return gettext(locale, TOO_LONG, n=number(length, locale), most=number(LONGEST, locale))
