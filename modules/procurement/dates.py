"""When goods reach the door: lead times, weekends, and the hour a day's deliveries count as there."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cosmo.formats import day_of

DOOR = time(12)
"""A day's deliveries are counted on from noon, plant time."""
SATURDAY = 5


def on_a_workday(day: date) -> date:
    """`day`, or the Monday after it on a weekend."""
    weekday = day.weekday()
    return day + timedelta(days=7 - weekday) if weekday >= SATURDAY else day


def workday_before(day: date) -> date:
    """The last working day before `day`."""
    earlier = day - timedelta(days=1)
    while earlier.weekday() >= SATURDAY:
        earlier -= timedelta(days=1)
    return earlier


def at_the_door(day: date, timezone: str) -> datetime:
    """The instant from which goods due on `day` are counted on."""
    return datetime.combine(day, DOOR, ZoneInfo(timezone)).astimezone(UTC)


def arrival_day(ordered_at: datetime, lead_days: int, timezone: str) -> date:
    """The day goods ordered at `ordered_at` reach the door."""
    return on_a_workday(day_of(ordered_at, timezone) + timedelta(days=lead_days))


def arrival(ordered_at: datetime, lead_days: int, timezone: str) -> datetime:
    """The instant goods ordered at `ordered_at` are counted on."""
    return at_the_door(arrival_day(ordered_at, lead_days, timezone), timezone)


def day_to_ask(ordered_at: datetime, lead_days: int, needed_by: datetime, timezone: str) -> date:
    """The day to ask a supplier for: the working day before it is needed, never within the lead time."""
    wanted = workday_before(day_of(needed_by, timezone))
    return max(wanted, arrival_day(ordered_at, lead_days, timezone))
