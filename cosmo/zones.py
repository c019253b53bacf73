"""Which time zone people in a country live in, and how an instant reads there."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.core import get_global
from babel.dates import get_timezone_location

from cosmo.formats import BABEL, clock, day_of, fullday

ONE_CLOCK = {"CN": "Asia/Shanghai"}
"""Countries of several zones in which official time is that of one."""


def zone_of(country: str, at: datetime) -> str | None:
    """The zone (IANA) of a country (ISO 3166) where all clocks go alike at that instant; else None."""
    if country in ONE_CLOCK:
        return ONE_CLOCK[country]
    zones: list[str] = get_global("territory_zones").get(country, [])
    clocks = {at.astimezone(ZoneInfo(zone)).utcoffset() for zone in zones}
    return zones[0] if len(clocks) == 1 else None


def same_clock(one: str, other: str, at: datetime) -> bool:
    """Whether an instant reads the same in both zones."""
    return at.astimezone(ZoneInfo(one)).utcoffset() == at.astimezone(ZoneInfo(other)).utcoffset()


def instant(at: datetime, zone: str, locale: str) -> str:
    """ "Sunday 14 June 2026 09:30 (Berlin, UTC+2)"."""
    where = get_timezone_location(zone, locale=BABEL[locale], return_city=True)
    told = f"{fullday(day_of(at, zone), locale)} {clock(at, locale, zone)}"
    ends = ("（", "）") if locale == "zh" else (" (", ")")
    return f"{told}{ends[0]}{where}, {offset(at, zone)}{ends[1]}"


def offset(at: datetime, zone: str) -> str:
    """ "UTC+2", "UTC−3:30", "UTC"."""
    shift = at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
    minutes = round(abs(shift).total_seconds() / 60)
    if not minutes:
        return "UTC"
    hours = f"{minutes // 60}" + (f":{minutes % 60:02}" if minutes % 60 else "")
    return f"UTC{'−' if shift < timedelta() else '+'}{hours}"
