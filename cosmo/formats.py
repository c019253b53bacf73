"""How numbers, money, days and times read in each language: every day has its weekday."""

from datetime import date, datetime, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal

from cosmo.money import round_money

LOCALES = ("en", "de", "zh")

BABEL = {"en": "en_GB", "de": "de_DE", "zh": "zh_Hans_CN"}
_DAY = {"en": "EEEE d MMMM", "de": "EEEE, d. MMMM", "zh": "M月d日EEEE"}
_DAY_OF_YEAR = {"en": "EEEE d MMMM y", "de": "EEEE, d. MMMM y", "zh": "y年M月d日EEEE"}
_SHORT_DAY = {"en": "EEE d MMMM", "de": "EEE d. MMMM", "zh": "M月d日EEE"}

WEEKDAY_NAMES_IT = 6
"""Days before and after today that their weekday alone tells apart from today."""


def _known(locale: str) -> str:
    return locale if locale in BABEL else "en"


def zone(tz: tzinfo | str) -> tzinfo:
    """A time zone from its IANA name."""
    return ZoneInfo(tz) if isinstance(tz, str) else tz


def money(amount: Decimal, currency: str, locale: str) -> str:
    """`EUR 12.50` as the reader writes it: "€12.50", "12,50 €"."""
    return format_currency(round_money(amount, currency), currency, locale=BABEL[_known(locale)])


def number(value: int | float | Decimal, locale: str) -> str:
    """With the reader's separators, at most three decimals."""
    return format_decimal(value, locale=BABEL[_known(locale)])


def percent(value: int | float | Decimal, locale: str) -> str:
    """ "20 %", and "20%" in Chinese, which sets no space there."""
    return f"{number(value, locale)}{'' if locale == 'zh' else ' '}%"


def lower_first(name: str, locale: str) -> str:
    """English names join a sentence in lower case; German nouns keep their capital."""
    return name[:1].lower() + name[1:] if locale == "en" and name[1:2].islower() else name


def day(value: date, locale: str) -> str:
    """ "Friday 26 June", "Freitag, 26. Juni", "6月26日星期五"; a datetime is taken in its own zone."""
    locale = _known(locale)
    return format_date(value, _DAY[locale], locale=BABEL[locale])


def fullday(value: date, locale: str) -> str:
    """With its year, for what lies far ahead: "Friday 26 June 2026", "2026年6月26日星期五"."""
    locale = _known(locale)
    return format_date(value, _DAY_OF_YEAR[locale], locale=BABEL[locale])


def shortday(value: date, locale: str) -> str:
    """ "Fri 26 June", "Fr. 26. Juni", "6月26日周五"."""
    locale = _known(locale)
    return format_date(value, _SHORT_DAY[locale], locale=BABEL[locale])


def clock(value: datetime, locale: str, tz: tzinfo | str) -> str:
    """ "06:40" in zone `tz`."""
    return format_time(value, "HH:mm", tzinfo=zone(tz), locale=BABEL[_known(locale)])


def daytime(value: datetime, locale: str, tz: tzinfo | str, now: datetime | None = None) -> str:
    """ "Thursday 06:40", "Donnerstag 06:40", "星期四 06:40" in zone `tz`.

    The weekday alone names a day only within six days of `now`; further away, or without a `now`, the date
    stands with it: "Thursday 25 June 06:40", "Donnerstag, 25. Juni 06:40", "6月25日星期四 06:40".
    """
    local = day_of(value, tz)
    if now is None or abs((local - day_of(now, tz)).days) > WEEKDAY_NAMES_IT:
        return f"{day(local, locale)} {clock(value, locale, tz)}"
    weekday = format_date(local, "EEEE", locale=BABEL[_known(locale)])
    return f"{weekday} {clock(value, locale, tz)}"


def day_of(value: datetime, tz: tzinfo | str) -> date:
    """The calendar day of an instant in zone `tz`."""
    return value.astimezone(zone(tz)).date()
