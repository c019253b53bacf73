"""What people write to each other: how long it may be, and the sentence when it is longer."""

from cosmo.formats import number
from cosmo.i18n import N_, gettext

LONGEST = 2000
LINE = 200
"""What fits on one line of a form: a name, a reference, an e-mail address."""
TOO_LONG = N_("This has {n} characters and {most} fit. Shorten it and send it again.")


def too_long(text: str, locale: str, most: int = LONGEST) -> str:
    """The sentence for a text above `most` characters, as the reader speaks; empty for one that fits.

    Forms take texts of any length (`Form()` without `max_length`) and ask here, so that what is too long
    comes back to be shortened instead of being thrown away.
    """
    length = len(text.strip())
    if length <= most:
        return ""
    return gettext(locale, TOO_LONG, n=number(length, locale), most=number(most, locale))
