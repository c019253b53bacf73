"""Where something goes, as a carrier sees it, and when it is there."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EUROPEAN_UNION = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    ]
)
NEIGHBOURS = frozenset(("CH", "GB", "NO", "LI", "IS"))
SATURDAY = 5


def zone_of(origin: str, country: str) -> str:
    """domestic, eu, europe or world, from two ISO 3166 country codes."""
    if country == origin:
        return "domestic"
    if country in EUROPEAN_UNION and origin in EUROPEAN_UNION:
        return "eu"
    if country in EUROPEAN_UNION | NEIGHBOURS:
        return "europe"
    return "world"


def next_pickup(ready_at: datetime, hour: int, timezone: str) -> datetime:
    """The carrier's first call at or after `ready_at`: at `hour` local time, Monday to Friday."""
    local = ready_at.astimezone(ZoneInfo(timezone))
    call = datetime.combine(local.date(), time(hour), local.tzinfo)
    while call < local or call.weekday() >= SATURDAY:
        call = datetime.combine(call.date() + timedelta(days=1), time(hour), local.tzinfo)
    return call


def working_days_after(day: date, count: int) -> date:
    """`count` working days (Monday to Friday) after `day`."""
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < SATURDAY
    return day
