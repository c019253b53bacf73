"""Sentences of the promise, in the customer's language; dates split the way the poster sets them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from markupsafe import Markup

from cosmo import formats
from cosmo.i18n import N_, gettext, pick
from cosmo.promise import HingeTold, Promise
from modules.interaction.selecting import change

_DAY_MONTH = {"en": "d MMMM", "de": "d. MMMM", "zh": "M月d日"}
HINGES = {
    "material": N_("It hinges on {what}, at our door on {day}."),
    "firing": N_("It hinges on {what}, {when}."),
    "resource": N_("It hinges on {what}, free from {when}."),
    "calendar": N_("It hinges on {what}."),
    "work": N_("It hinges on the work alone: nothing has to wait."),
    "transit": N_("It hinges on the way to you: {what}."),
    "wish": N_("It is the day you asked for."),
}
SHORT_HINGES = {
    "material": N_("It hinges on {what}."),
    "firing": N_("It hinges on {what}."),
    "resource": N_("It hinges on {what}."),
}


def weekday(day: date, locale: str) -> str:
    """Friday, Freitag, 星期五."""
    return format_date(day, "EEEE", locale=locale)


def day_month(day: date, locale: str) -> str:
    """26 June, 26. Juni, 6月26日."""
    return format_date(day, _DAY_MONTH[locale], locale=locale)


def short_tick(day: date, locale: str) -> str:
    """Fri 12, Fr. 12, 12日."""
    return format_date(day, {"en": "EEE d", "de": "EEE d", "zh": "M月d日"}[locale], locale=locale)


def hinge(told: HingeTold, locale: str, timezone: str, *, short: bool = False) -> Markup:
    """The sentence, with what it hinges on set in bold."""
    msgid = (SHORT_HINGES if short else HINGES).get(told.kind) or HINGES.get(told.kind, HINGES["work"])
    name = pick(told.name, locale)
    what = Markup("<b>{}</b>").format(formats.lower_first(name, locale) if told.kind != "resource" else name)
    values: dict[str, Any] = {"what": what, "day": "", "when": ""}
    if told.at is not None:
        local = told.at.astimezone(ZoneInfo(timezone))
        values["day"] = day_month(local.date(), locale)
        values["when"] = formats.daytime(told.at, locale, timezone)
    return Markup(Markup.escape(gettext(locale, msgid))).format(**values)


def difference(amount: Decimal, currency: str, locale: str) -> str:
    """+€38 or −€86, with a real minus."""
    sign = "−" if amount < 0 else "+"
    return sign + formats.money(abs(amount), currency, locale)


@dataclass(frozen=True, slots=True)
class Wished:
    """Whether the day that was asked for is met, as state (kept, thin) and sentence."""

    state: str
    words: str


def wished(asked: date | None, day: date, locale: str) -> Wished | None:
    """What is to be said of the day that was asked for beside the one that is promised; None without one."""
    if asked is None:
        return None
    if day <= asked:
        msgid = N_("You need it by {asked}: it is there in time.")
        return Wished("kept", gettext(locale, msgid, asked=formats.day(asked, locale)))
    msgid = N_("{asked} cannot be met. The nearest is {day}.")
    told = gettext(locale, msgid, asked=formats.day(asked, locale), day=formats.day(day, locale))
    return Wished("thin", told)


def earlier_chips(promise: Promise, currency: str, locale: str) -> list[Mapping[str, str]]:
    """The chips under the date: each is a button that makes the change."""
    chips: list[Mapping[str, str]] = []
    for one in promise.earlier:
        chips.append(
            {
                "date": formats.shortday(one.delivery_date, locale),
                "change": pick(one.name, locale),
                "price": difference(Decimal(one.price_difference), currency, locale),
                "name": "set",
                "value": change(one.change),
            }
        )
    return chips


def place(city: str, locale: str) -> str:
    """In Hamburg by; at your door by."""
    return gettext(locale, N_("In {city} by"), city=city) if city else gettext(locale, N_("At your door by"))


def weekends(start: datetime, end: datetime, timezone: str) -> list[tuple[float, float]]:
    """The weekends between two instants, as fractions of the time between them."""
    zone, span = ZoneInfo(timezone), (end - start).total_seconds()
    day = start.astimezone(zone).date()
    bands = []
    while span > 0 and day <= end.astimezone(zone).date():
        if day.weekday() == 5:
            sat = datetime(day.year, day.month, day.day, tzinfo=zone)
            a = max(0.0, (sat - start).total_seconds() / span)
            b = min(1.0, (sat + timedelta(days=2) - start).total_seconds() / span)
            if b > a:
                bands.append((a, b))
        day += timedelta(days=1)
    return bands
